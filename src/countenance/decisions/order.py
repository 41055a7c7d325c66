"""What a desk is asked, and what it hands back.

Rules kept here:

* Pictures come and go as values in memory; nothing here shows them in ``repr``.
* Two inputs are two pictures: a picture compared with itself says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from countenance.decisions.decision import Decision, Role
from countenance.kernel import CallerError, DeviceId, Material, PlaceId, PurposeId, SubjectId, sha256_hex

if TYPE_CHECKING:
    from countenance.decisions.document_check import DocumentDemand
    from countenance.policy import Verdict
    from countenance.store import LogReceipt

__all__ = ["FacePreview", "SamePicture", "VerificationOrder", "Verified"]


class SamePicture(CallerError):
    """Both inputs are the same file, or one picture in two encodings."""

    code = "same-picture"
    default_remedy = "Give two different pictures: one of the document, one of the person at the desk."


@dataclass(frozen=True, slots=True)
class VerificationOrder:
    """One verification that somebody asks for.

    Attributes:
        purpose: the stored purpose that it serves.
        place: the stored place at which it happens.
        device: the stored device that took the live picture.
        subject: the pseudonym of the person for this check-in; the sealed record lies under its key.
        scene: the scene profile that is carried out, where there is one.
        error_target: the false match rate asked for; one that the error table offers.
        reference: encoded bytes of the picture that is compared with.
        probe: encoded bytes of the picture of the person who is here.
        reference_role: what the reference is.
        probe_role: what the probe is.
        document: what is wanted of the document in the reference; ``None`` where it isn't one.
        liveness: the level of liveness that was reached, 1 to 4; ``None`` where none is demanded.
        caller: who asks, such as the title of a clerk's key, for the count of comparisons alone.
    """

    purpose: PurposeId
    place: PlaceId
    device: DeviceId
    subject: SubjectId
    error_target: float
    reference: bytes = field(repr=False)
    probe: bytes = field(repr=False)
    scene: str | None = None
    reference_role: Role = Role.DOCUMENT
    probe_role: Role = Role.LIVE
    document: DocumentDemand | None = None
    liveness: int | None = None
    caller: str | None = None

    def materials(self) -> tuple[Material, Material]:
        """Return the SHA-256 of the reference and of the probe.

        Raises:
            SamePicture: if they are equal.
        """
        reference = Material(sha256_hex(self.reference))
        probe = Material(sha256_hex(self.probe))
        if reference == probe:
            msg = "Both inputs are the same picture."
            raise SamePicture(msg)
        return reference, probe


@dataclass(frozen=True, slots=True, eq=False)
class FacePreview:
    """The aligned face of one picture, for the clerk's own eyes.

    A copy in memory: the desk's own arrays are overwritten. It is shown once and not written anywhere;
    whoever shows it wipes it.

    Attributes:
        role: which picture it comes from.
        aligned: uint8, shape (112, 112, 3), RGB. Left out of ``repr``.
    """

    role: Role
    aligned: NDArray[np.uint8] = field(repr=False)

    def wipe(self) -> None:
        """Overwrite the pixels with zeros."""
        self.aligned[...] = 0


@dataclass(frozen=True, slots=True)
class Verified:
    """What a desk hands back.

    Attributes:
        decision: the answer.
        verdict: why it was allowed.
        receipt: the signed receipt (compact JWS), short enough for a QR code.
        log: where the decision stands in the transparency log.
        previews: the aligned faces that were found, for the clerk's eyes; may be empty.
    """

    decision: Decision
    verdict: Verdict
    receipt: str = field(repr=False)
    log: LogReceipt
    previews: tuple[FacePreview, ...]
