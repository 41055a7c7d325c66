"""The 1:1 protocol: every picture of a data set once, then every pair once, through the doors.

Rules kept here:

* No permit, no picture, no vector, no score: the same doors as at a desk, for operation ``evaluate``.
* Pictures come in batches and are wiped after their vector is made; one batch is in memory at a time.
* Templates and scores stay in here; :class:`VerificationResult` holds aggregates alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.capture import CaptureDoor
from countenance.evaluation.datasets import DatasetInvalid, PairDataset
from countenance.evaluation.permission import EvaluationAuthority
from countenance.evaluation.protection import (
    ProtectionMeasured,
    measure_protection,
    measuring_rotation,
    two_pictures_each,
)
from countenance.evaluation.reading import DoorFaceReader, EvaluationProgress, PictureReader, in_parts
from countenance.evaluation.resumption import Resumption
from countenance.evaluation.verification import NOT_COMPARED, VerificationAccuracy, measure_verification
from countenance.kernel import Material
from countenance.templates import ComparisonDoor, Template
from countenance.vision import ExtractionDoor, FaceAnalyser

__all__ = ["EvaluationProgress", "VerificationEvaluation", "VerificationResult"]

_LEAST_FOR_LINKABILITY: Final = 20


@dataclass(frozen=True, slots=True, eq=False)
class VerificationResult:
    """What an evaluation found out.

    Attributes:
        accuracy: the error rates.
        pictures: how many pictures were looked at.
        pictures_without_template: in how many no face was found, or that couldn't be decoded.
        people: how many people there are.
        people_without_template: of how many no picture gave a template.
        resumed: pictures whose sealed embedding an earlier, interrupted run had kept.
        permits: how many permits were used.
        picture_seconds: time spent on the pictures that weren't resumed.
        model_id: the embedder.
        protection: what protected templates give, if that was asked for.
    """

    accuracy: VerificationAccuracy
    pictures: int
    pictures_without_template: int
    people: int
    people_without_template: int
    resumed: int
    permits: int
    picture_seconds: float
    model_id: str
    protection: ProtectionMeasured | None = None


class VerificationEvaluation:
    """Carries out the protocol.

    Args:
        authority: asks for the permits of the data set.
        capture_door: turns bytes into a frame, for ``evaluate``.
        analyser: looks at the frame.
        extraction_door: makes the embedding, for ``evaluate``.
        comparison_door: compares, for ``evaluate``.
        resumption: keeps what was done, sealed.
        batch: pictures in a batch; twice as many pictures as pairs.

    Raises:
        ValueError: if a batch is smaller than two pictures.
    """

    __slots__ = ("_analyser", "_authority", "_batch", "_capture", "_compare", "_extract", "_permits",
                 "_resumption")  # fmt: skip

    def __init__(
        self,
        *,
        authority: EvaluationAuthority,
        capture_door: CaptureDoor,
        analyser: FaceAnalyser,
        extraction_door: ExtractionDoor,
        comparison_door: ComparisonDoor,
        resumption: Resumption,
        batch: int = 64,
    ) -> None:
        if batch < 2:  # noqa: PLR2004 - one pair
            msg = "a batch holds two pictures at least"
            raise ValueError(msg)
        self._authority = authority
        self._capture = capture_door
        self._analyser = analyser
        self._extract = extraction_door
        self._compare = comparison_door
        self._resumption = resumption
        self._batch = batch
        self._permits = 0

    def run(
        self,
        dataset: PairDataset,
        *,
        progress: EvaluationProgress,
        replicates: int = 1000,
        seed: int = 1,
        protected: bool = False,
    ) -> VerificationResult:
        """Measure a data set. Interrupted, it goes on from the last whole batch when it is run again.

        Args:
            dataset: the pairs.
            progress: is told how far it is.
            replicates: of the bootstrap over identities.
            seed: of the bootstrap.
            protected: whether the pairs are compared once more under a key, and what that gives away.

        Raises:
            RefusedByRule: if the rules don't permit it; nothing was read then.
            PermitRefused: if what a permit rests on is withdrawn meanwhile.
            DatasetInvalid: if a picture can no longer be read from disk, or there are too few people
                to measure protection on.
        """
        if protected:
            _require_enough(dataset.owners, np.ones(len(dataset.pictures), np.bool_))
        reader = PictureReader(
            authority=self._authority,
            capture_door=self._capture,
            faces=DoorFaceReader(analyser=self._analyser, extraction_door=self._extract),
            resumption=self._resumption,
            batch=self._batch,
        )
        read = reader.read(dataset.pictures, progress=progress)
        self._permits = read.permits
        vectors, materials, found = read.vectors, read.materials, read.found
        scores = self._compare_all(dataset, vectors, materials, found, progress)
        progress.begins("figures", 4)
        accuracy = measure_verification(
            dataset, scores, replicates=replicates, seed=seed, moved=lambda: progress.moved(1)
        )
        protection = None
        if protected:
            protection = self._protect(
                dataset,
                vectors=vectors,
                materials=materials,
                found=found,
                scores=scores,
                progress=progress,
                replicates=replicates,
                seed=seed,
            )
        read.wipe()
        scores[...] = 0.0
        reader.forget()
        with_template = np.unique(dataset.owners[found]).size
        return VerificationResult(
            accuracy=accuracy,
            pictures=len(dataset.pictures),
            pictures_without_template=int((~found).sum()),
            people=dataset.people,
            people_without_template=dataset.people - int(with_template),
            resumed=read.resumed,
            permits=self._permits,
            picture_seconds=read.seconds,
            model_id=self._extract.model_id,
            protection=protection,
        )

    def _protect(
        self,
        dataset: PairDataset,
        *,
        vectors: NDArray[np.float32],
        materials: tuple[Material, ...],
        found: NDArray[np.bool_],
        scores: NDArray[np.float32],
        progress: EvaluationProgress,
        replicates: int,
        seed: int,
    ) -> ProtectionMeasured:
        """Compare every pair once more, turned under a key, and measure both beside one another."""
        _require_enough(dataset.owners, found)
        turned = measuring_rotation(vectors.shape[1], seed=seed, number=0).protect(vectors)
        again = self._compare_all(dataset, turned, materials, found, progress)
        progress.begins("figures", 4)
        accuracy = measure_verification(
            dataset, again, replicates=replicates, seed=seed, moved=lambda: progress.moved(1)
        )
        measured = measure_protection(
            dataset,
            vectors,
            found,
            plain_scores=scores,
            protected_scores=again,
            accuracy=accuracy,
            seed=seed,
        )
        turned[...] = 0.0
        again[...] = 0.0
        return measured

    def _compare_all(
        self,
        dataset: PairDataset,
        vectors: NDArray[np.float32],
        materials: tuple[Material, ...],
        found: NDArray[np.bool_],
        progress: EvaluationProgress,
    ) -> NDArray[np.float32]:
        progress.begins("pairs", len(dataset))
        scores = np.full(len(dataset), NOT_COMPARED, dtype=np.float32)
        comparable = np.flatnonzero(found[dataset.left] & found[dataset.right])
        progress.moved(len(dataset) - comparable.size)
        for part in in_parts(tuple(comparable), self._batch // 2):
            named = [materials[i] for pair in part for i in (dataset.left[pair], dataset.right[pair])]
            request, granted = self._authority.for_pairs(named, pairs=len(part))
            self._permits += 1
            digest = request.digest()
            for pair in part:
                one, other = (
                    Template(
                        vector=vectors[i].copy(),
                        model_id=self._extract.model_id,
                        purpose=request.purpose,
                        request_digest=digest,
                        material=materials[i],
                    )
                    for i in (dataset.left[pair], dataset.right[pair])
                )
                score = self._compare.compare(one, other, permit=granted.token, request=request)
                scores[pair] = score.value
                one.wipe()
                other.wipe()
            progress.moved(len(part))
        return scores


def _require_enough(owners: NDArray[np.int64], found: NDArray[np.bool_]) -> None:
    if len(two_pictures_each(owners, found)[0]) < _LEAST_FOR_LINKABILITY:
        msg = "Protection is measured on twenty people or more with two pictures each."
        raise DatasetInvalid(msg, remedy="Leave --protected out, or name a larger data set.")
