"""From a person's pictures to one fused template, under a permit, and what it rests on.

Rules kept here:

* One picture is open at a time, and overwritten before the next is opened.
* Whoever asks overwrites the fused template; everything else is overwritten here.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from countenance.enrolment.errors import NoUsableSample
from countenance.enrolment.fusion import FusedSamples, fuse_samples
from countenance.enrolment.order import SampleLeftOut
from countenance.enrolment.samples import Sample, not_fitting, sample_of
from countenance.kernel import EvidenceId, ProcessingRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from countenance.authority import Granted
    from countenance.capture import CaptureDoor, PendingPicture
    from countenance.store import Store
    from countenance.vision import ExtractionDoor, FaceAnalyser, QualityGate

__all__ = ["MadeTemplate", "TemplateTaking", "basis_of"]

_CONSENTS: Final = ("consent.record", "consent.separate", "written_release", "statutory_basis", "legal_basis")


@dataclass(frozen=True, slots=True, eq=False)
class MadeTemplate:
    """What came out of the pictures; its vector is all that is left of them.

    Attributes:
        fused: the fused vector, and from which samples.
        quality: the least unified quality among them, 0 to 100.
        left_out: the pictures that aren't in it, and why.
    """

    fused: FusedSamples = field(repr=False)
    quality: int
    left_out: tuple[SampleLeftOut, ...]


class TemplateTaking:
    """Looks at a person's pictures and fuses what they say.

    Args:
        capture_door: opens them under the permit.
        analyser: finds and judges the faces.
        extraction_door: makes the embeddings; serves ``enrol``.
        least_alike: the score that two pictures of one person reach.
        quality_gate: what a face must reach.
    """

    __slots__ = ("_analyser", "_capture_door", "_extraction_door", "_least_alike", "_quality_gate")

    def __init__(
        self,
        *,
        capture_door: CaptureDoor,
        analyser: FaceAnalyser,
        extraction_door: ExtractionDoor,
        least_alike: float,
        quality_gate: QualityGate,
    ) -> None:
        self._capture_door = capture_door
        self._analyser = analyser
        self._extraction_door = extraction_door
        self._least_alike = least_alike
        self._quality_gate = quality_gate

    def take(
        self,
        granted: Granted,
        request: ProcessingRequest,
        pictures: Mapping[int, PendingPicture],
        refused: tuple[SampleLeftOut, ...],
        to_wipe: ExitStack,
    ) -> MadeTemplate:
        """Look at the pictures one after the other, each overwritten before the next, and fuse.

        Args:
            granted: the permit.
            request: what it is for.
            pictures: shut, by number.
            refused: the files that were left out before.
            to_wipe: gets what overwrites the fused vector.

        Raises:
            NoUsableSample: if none of them can be used.
            SamplesDisagree: if they don't show one person.
            PermitRefused: if the permit stops counting on the way.
        """
        samples: list[Sample] = []
        left_out = list(refused)
        with ExitStack() as of_samples:
            for number, picture in pictures.items():
                found = self._look(granted, request, number, picture)
                if isinstance(found, SampleLeftOut):
                    left_out.append(found)
                else:
                    of_samples.callback(found.wipe)
                    samples.append(found)
            if not samples:
                raise NoUsableSample(sorted(left_out, key=lambda one: one.number))
            fused = self._fuse(samples, to_wipe)
        left_out += [not_fitting(samples[row].number) for row in fused.left_out]
        return MadeTemplate(
            fused,
            quality=min(samples[row].quality for row in fused.kept),
            left_out=tuple(sorted(left_out, key=lambda one: one.number)),
        )

    def _look(
        self, granted: Granted, request: ProcessingRequest, number: int, picture: PendingPicture
    ) -> Sample | SampleLeftOut:
        with ExitStack() as to_wipe:
            frame = self._capture_door.open(picture, permit=granted.token, request=request)
            to_wipe.callback(frame.wipe)
            observations = self._analyser.observe(frame)
            for observation in observations:
                to_wipe.callback(observation.wipe)
            chosen = sample_of(
                number, observations, frame_size=(frame.width, frame.height), gate=self._quality_gate
            )
            if isinstance(chosen, SampleLeftOut):
                return chosen
            embedding = self._extraction_door.extract(
                chosen, material=frame.material, permit=granted.token, request=request
            )
            return Sample(number, embedding.vector, chosen.quality.unified)

    def _fuse(self, samples: list[Sample], to_wipe: ExitStack) -> FusedSamples:
        vectors = np.stack([one.vector for one in samples])
        try:
            fused = fuse_samples(vectors, least=self._least_alike)
        finally:
            vectors[...] = 0.0
        to_wipe.callback(fused.vector.fill, 0.0)
        return fused


def basis_of(granted: Granted, store: Store) -> tuple[EvidenceId | None, datetime | None]:
    """Return the consent, or other basis, of a permit, and the moment from which one no longer counts.

    Args:
        granted: the permit.
        store: has its evidence.
    """
    known = {claim.key: claim.evidence_id for claim in granted.claims.evidence}
    bases = [known[key] for key in _CONSENTS if key in known]
    records = [store.evidence.get(one) for one in dict.fromkeys(bases)]
    ends = [record.valid_until for record in records if record.valid_until is not None]
    return (bases[0] if bases else None), (min(ends) if ends else None)
