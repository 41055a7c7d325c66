"""The 1:1 protocol: every picture of a data set once, then every pair once, through the doors.

Rules kept here:

* No permit, no picture, no vector, no score: the same doors as at a desk, for operation ``evaluate``.
* Pictures come in batches and are wiped after their vector is made; one batch is in memory at a time.
* Templates and scores stay in here; :class:`VerificationResult` holds aggregates alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from countenance.capture import CaptureDoor, PendingPicture, PictureRefused
from countenance.evaluation.datasets import DatasetInvalid, PairDataset
from countenance.evaluation.permission import EvaluationAuthority
from countenance.evaluation.protection import (
    ProtectionMeasured,
    measure_protection,
    measuring_rotation,
    two_pictures_each,
)
from countenance.evaluation.resumption import EmbeddedBatch, Resumption
from countenance.evaluation.verification import NOT_COMPARED, VerificationAccuracy, measure_verification
from countenance.kernel import Material, PermitToken, ProcessingRequest, sha256_hex
from countenance.templates import ComparisonDoor, Template
from countenance.vision import ExtractionDoor, FaceAnalyser, FaceChoice, NoFaceFound, choose_face

__all__ = ["EvaluationProgress", "VerificationEvaluation", "VerificationResult"]

_T = TypeVar("_T")
_LEAST_FOR_LINKABILITY: Final = 20


class EvaluationProgress(Protocol):
    """Is told how far an evaluation is."""

    def begins(self, part: str, steps: int) -> None:
        """A part begins, of so many steps: ``pictures``, ``pairs`` or ``figures``."""
        ...

    def moved(self, steps: int) -> None:
        """So many steps more are done."""
        ...


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
        self._permits = 0
        vectors, materials, found, resumed, seconds = self._embed_all(dataset, progress)
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
        vectors[...] = 0.0
        scores[...] = 0.0
        self._resumption.forget()
        with_template = np.unique(dataset.owners[found]).size
        return VerificationResult(
            accuracy=accuracy,
            pictures=len(dataset.pictures),
            pictures_without_template=int((~found).sum()),
            people=dataset.people,
            people_without_template=dataset.people - int(with_template),
            resumed=resumed,
            permits=self._permits,
            picture_seconds=seconds,
            model_id=self._extract.model_id,
            protection=protection,
        )

    def _protect(
        self,
        dataset: PairDataset,
        *,
        vectors: NDArray[np.float32],
        materials: list[Material],
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

    def _embed_all(
        self, dataset: PairDataset, progress: EvaluationProgress
    ) -> tuple[NDArray[np.float32], list[Material], NDArray[np.bool_], int, float]:
        progress.begins("pictures", len(dataset.pictures))
        batches: list[EmbeddedBatch] = []
        resumed, seconds = 0, 0.0
        for number, paths in enumerate(_parts(dataset.pictures, self._batch)):
            data = [_read(path) for path in paths]
            materials = tuple(Material(sha256_hex(each)) for each in data)
            batch = self._resumption.load(number, materials)
            if batch is None:
                began = time.perf_counter()
                batch = self._embed(data, materials)
                seconds += time.perf_counter() - began
                self._resumption.keep(number, batch)
            else:
                resumed += len(paths)
            batches.append(batch)
            progress.moved(len(paths))
        width = max(batch.vectors.shape[1] for batch in batches)
        vectors = np.zeros((len(dataset.pictures), width), dtype=np.float32)
        found = np.concatenate([batch.found for batch in batches])
        rows = [batch.vectors[batch.found] for batch in batches if batch.found.any()]
        if rows:
            vectors[found] = np.concatenate(rows)
        every = [material for batch in batches for material in batch.materials]
        return vectors, every, found, resumed, seconds

    def _embed(self, data: list[bytes], materials: tuple[Material, ...]) -> EmbeddedBatch:
        """Carry one batch of pictures through both doors."""
        request, granted = self._authority.for_pictures(materials, pictures=len(data))
        self._permits += 1
        made = [self._vector(each, permit=granted.token, request=request) for each in data]
        width = max((vector.size for vector in made if vector is not None), default=1)
        vectors = np.zeros((len(data), width), dtype=np.float32)
        for row, vector in zip(vectors, made, strict=True):
            if vector is not None:
                row[...] = vector
        found = np.array([vector is not None for vector in made], dtype=np.bool_)
        return EmbeddedBatch(materials, vectors, found)

    def _vector(
        self, data: bytes, *, permit: PermitToken, request: ProcessingRequest
    ) -> NDArray[np.float32] | None:
        """Return the vector of the face that is meant; ``None`` if there is none or no picture."""
        try:
            picture = self._capture.check(data)
        except PictureRefused:
            return None
        with picture:
            return self._vector_of(picture, permit=permit, request=request)

    def _vector_of(
        self, picture: PendingPicture, *, permit: PermitToken, request: ProcessingRequest
    ) -> NDArray[np.float32] | None:
        frame = self._capture.open(picture, permit=permit, request=request)
        observations = self._analyser.observe(frame)
        try:
            # A data set's picture is of the person whom the list names, whoever else stands in it.
            face = choose_face(
                observations, frame_size=(frame.width, frame.height), rule=FaceChoice(like_size=None)
            )
            return self._extract.extract(face, material=frame.material, permit=permit, request=request).vector
        except NoFaceFound:
            return None
        finally:
            for observation in observations:
                observation.wipe()

    def _compare_all(
        self,
        dataset: PairDataset,
        vectors: NDArray[np.float32],
        materials: list[Material],
        found: NDArray[np.bool_],
        progress: EvaluationProgress,
    ) -> NDArray[np.float32]:
        progress.begins("pairs", len(dataset))
        scores = np.full(len(dataset), NOT_COMPARED, dtype=np.float32)
        comparable = np.flatnonzero(found[dataset.left] & found[dataset.right])
        progress.moved(len(dataset) - comparable.size)
        for part in _parts(tuple(comparable), self._batch // 2):
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


def _parts(items: tuple[_T, ...], size: int) -> Iterator[tuple[_T, ...]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _require_enough(owners: NDArray[np.int64], found: NDArray[np.bool_]) -> None:
    if len(two_pictures_each(owners, found)[0]) < _LEAST_FOR_LINKABILITY:
        msg = "Protection is measured on twenty people or more with two pictures each."
        raise DatasetInvalid(msg, remedy="Leave --protected out, or name a larger data set.")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        msg = "A picture of the data set can't be read."
        raise DatasetInvalid(msg) from error
