"""What a gallery does, whoever keeps it: one process, or several machines.

Rules kept here:

* Templates come in and probes are compared as the network made them; turning them under the purpose's key
  is the gallery's own. Nothing that it gives back holds a template.
* What was enrolled is acknowledged once it is on disk and every later search takes it into account. What was
  erased is in no answer once that is acknowledged, and not in memory either.
* A search states its moment: what isn't valid then takes no part.
* Every implementation runs the contract suite ``tests/contract/gallery.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from countenance.gallery.answers import SearchAnswer
from countenance.kernel import EvidenceId, PermitId, PlaceId, PurposeId, SubjectId, new_id
from countenance.store import ReferenceRecord
from countenance.templates import ComparisonScore, ReferenceTemplate

__all__ = ["Gallery", "NewReference"]


def _new_reference_id() -> str:
    return new_id("ref")


@dataclass(frozen=True, slots=True)
class NewReference:
    """A person to enrol for one purpose.

    Attributes:
        subject: whom, by pseudonym.
        purpose: for what.
        template: as the network made it, not turned; its vector is the caller's to wipe.
        valid_from: from when it takes part, UTC.
        valid_until: until when, exclusive, UTC; ``None``: until it is erased.
        place: where it takes part; ``None``: anywhere.
        permit_id: the permit under which it is enrolled.
        consent_id: the consent, or other basis on file, that it rests on.
        reference_id: its identifier; a fresh one if left out.
    """

    subject: SubjectId
    purpose: PurposeId
    template: ReferenceTemplate
    valid_from: datetime
    valid_until: datetime | None = None
    place: PlaceId | None = None
    permit_id: PermitId | None = None
    consent_id: EvidenceId | None = None
    reference_id: str = field(default_factory=_new_reference_id)


class Gallery(Protocol):
    """Enrolled references, searched exactly. Safe to use from several threads."""

    @property
    def model_id(self) -> str:
        """The network whose templates it takes."""

    @property
    def dimensions(self) -> int:
        """The length of a template."""

    def enrol(self, references: Sequence[NewReference]) -> tuple[ReferenceRecord, ...]:
        """Take references; all of them or none.

        Inside a change of the store that is open (``Store.together``) they are kept, and searched, when that
        one ends.

        Raises:
            VectorUnusable: if a template is of another model or length.
            IndexFull: if they don't fit.
            RecordExists: if an identifier is taken.
            RootKeyError: if the purpose's custodian doesn't answer.
        """

    def erase(self, reference_ids: Sequence[str]) -> None:
        """Take references away; all of them or none.

        Raises:
            ReferenceUnknown: if one isn't there.
        """

    def erase_subject(self, subject: SubjectId, purpose: PurposeId) -> int:
        """Take a person's references for a purpose away; return how many there were."""

    def count(self, purpose: PurposeId) -> int:
        """Return how many references of the gallery's model a purpose has, valid or not."""

    def verify(
        self, purpose: PurposeId, reference_id: str, probe: NDArray[np.float32], *, at: datetime
    ) -> ComparisonScore:
        """Compare a probe with one reference.

        Args:
            purpose: the reference's purpose; under another one it isn't found.
            reference_id: which.
            probe: float32, shape (d,), of length 1, as the network made it.
            at: the moment of the act.

        Raises:
            ReferenceUnknown: if the purpose has no such reference, or it isn't valid at the moment.
            VectorUnusable: if the probe isn't finite, of length 1 and of the right shape.
        """

    def search(
        self,
        purpose: PurposeId,
        probe: NDArray[np.float32],
        *,
        at: datetime,
        most: int | None = 1,
        at_least: float | None = None,
        places: Collection[PlaceId] | None = None,
    ) -> SearchAnswer:
        """Return the best references of a purpose, or all that reach a score; exactly.

        Args:
            purpose: whose references.
            probe: float32, shape (d,), of length 1, as the network made it.
            at: the moment of the act.
            most: how many best ones; ``None``: as many as reach ``at_least``.
            at_least: the least score; ``None``: none.
            places: only references of these places, or of no one place; ``None``: all.

        Raises:
            VectorUnusable: if the probe isn't finite or of another shape.
            ValueError: if neither a number nor a score is stated, or the number isn't positive.
            RecordTampered: if a reference that came since isn't as it was written.
        """

    def close(self) -> None:
        """Overwrite what is in memory."""
