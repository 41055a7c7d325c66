"""Pictures of a data set become embeddings: in batches, through the doors, sealed between.

Rules kept here:

* No permit, no picture and no vector: the same doors as at a desk, for operation ``evaluate``.
* One batch of pictures is in memory at a time; pictures and aligned faces are wiped once there is a vector.
* Of a picture with several faces the most prominent is meant: the list says whom a picture shows.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from countenance.capture import CaptureDoor, PictureRefused
from countenance.evaluation.datasets import DatasetInvalid
from countenance.evaluation.permission import EvaluationAuthority
from countenance.evaluation.resumption import EmbeddedBatch, Resumption
from countenance.kernel import Frame, Material, PermitToken, ProcessingRequest, sha256_hex
from countenance.vision import ExtractionDoor, FaceAnalyser, FaceChoice, NoFaceFound, choose_face

__all__ = [
    "DoorFaceReader",
    "EvaluationProgress",
    "FaceReader",
    "PictureReader",
    "ReadFace",
    "ReadPictures",
    "in_parts",
]

_T = TypeVar("_T")


class EvaluationProgress(Protocol):
    """Is told how far an evaluation is."""

    def begins(self, part: str, steps: int) -> None:
        """A part begins, of so many steps: ``pictures``, ``pairs`` or ``figures``."""
        ...

    def moved(self, steps: int) -> None:
        """So many steps more are done."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class ReadFace:
    """The face that is meant in a picture.

    Attributes:
        vector: float32, shape (d,). Left out of ``repr``.
        quality: unified quality, 0 to 100; NaN where none was measured.
    """

    vector: NDArray[np.float32] = field(repr=False)
    quality: float


class FaceReader(Protocol):
    """Turns a frame into the vector of the face that is meant."""

    @property
    def model_id(self) -> str:
        """The network that makes the vectors."""
        ...

    def read(self, frame: Frame, *, permit: PermitToken, request: ProcessingRequest) -> ReadFace | None:
        """Return the face, ``None`` if none is found. One passage through ``Door.EXTRACT`` if one is.

        Raises:
            PermitRefused: if the permit doesn't open the door.
        """
        ...


class DoorFaceReader:
    """Reads faces with the product's own networks.

    Args:
        analyser: looks at the frame.
        extraction_door: makes the embedding, for ``evaluate``.
    """

    __slots__ = ("_analyser", "_extract")

    def __init__(self, *, analyser: FaceAnalyser, extraction_door: ExtractionDoor) -> None:
        self._analyser = analyser
        self._extract = extraction_door

    @property
    def model_id(self) -> str:
        """The embedder."""
        return self._extract.model_id

    def read(self, frame: Frame, *, permit: PermitToken, request: ProcessingRequest) -> ReadFace | None:
        """Return the most prominent face; see :class:`FaceReader`."""
        observations = self._analyser.observe(frame)
        try:
            # A data set's picture is of the person whom the list names, whoever else stands in it.
            face = choose_face(
                observations, frame_size=(frame.width, frame.height), rule=FaceChoice(like_size=None)
            )
            made = self._extract.extract(face, material=frame.material, permit=permit, request=request)
            return ReadFace(made.vector, float(face.quality.unified))
        except NoFaceFound:
            return None
        finally:
            for observation in observations:
                observation.wipe()


@dataclass(frozen=True, slots=True, eq=False)
class ReadPictures:
    """What reading gave.

    Attributes:
        vectors: float32, shape (pictures, d); zeros where no face was found. Left out of ``repr``.
        materials: SHA-256 of each picture's bytes.
        found: bool, shape (pictures,): whether there is a vector.
        quality: float32, shape (pictures,): unified quality; NaN where there is none.
        resumed: pictures whose sealed embedding an earlier, interrupted run had kept.
        permits: how many permits were used.
        seconds: time spent on the pictures that weren't resumed.
    """

    vectors: NDArray[np.float32] = field(repr=False)
    materials: tuple[Material, ...]
    found: NDArray[np.bool_]
    quality: NDArray[np.float32]
    resumed: int
    permits: int
    seconds: float

    def wipe(self) -> None:
        """Overwrite the vectors with zeros."""
        self.vectors[...] = 0.0


class PictureReader:
    """Reads the pictures of one data set.

    Args:
        authority: asks for the permits of the data set.
        capture_door: turns bytes into a frame, for ``evaluate``.
        faces: turns a frame into a vector.
        resumption: keeps what was done, sealed.
        batch: pictures in a batch.
    """

    __slots__ = ("_authority", "_batch", "_capture", "_faces", "_resumption")

    def __init__(
        self,
        *,
        authority: EvaluationAuthority,
        capture_door: CaptureDoor,
        faces: FaceReader,
        resumption: Resumption,
        batch: int = 64,
    ) -> None:
        self._authority = authority
        self._capture = capture_door
        self._faces = faces
        self._resumption = resumption
        self._batch = batch

    def read(self, pictures: Sequence[Path], *, progress: EvaluationProgress) -> ReadPictures:
        """Read pictures. Interrupted, it goes on from the last whole batch when it is run again.

        Raises:
            RefusedByRule: if the rules don't permit it; nothing was read then.
            PermitRefused: if what a permit rests on is withdrawn meanwhile.
            DatasetInvalid: if a picture can no longer be read from disk.
        """
        progress.begins("pictures", len(pictures))
        batches: list[EmbeddedBatch] = []
        resumed, permits, seconds = 0, 0, 0.0
        for number, paths in enumerate(in_parts(tuple(pictures), self._batch)):
            data = [_bytes(path) for path in paths]
            materials = tuple(Material(sha256_hex(each)) for each in data)
            batch = self._resumption.load(number, materials)
            if batch is None:
                began = time.perf_counter()
                batch = self._embed(data, materials)
                permits += 1
                seconds += time.perf_counter() - began
                self._resumption.keep(number, batch)
            else:
                resumed += len(paths)
            batches.append(batch)
            progress.moved(len(paths))
        return _joined(batches, resumed=resumed, permits=permits, seconds=seconds)

    def forget(self) -> None:
        """Destroy what was kept for an interrupted run."""
        self._resumption.forget()

    def _embed(self, data: list[bytes], materials: tuple[Material, ...]) -> EmbeddedBatch:
        """Carry one batch of pictures through both doors."""
        request, granted = self._authority.for_pictures(materials, pictures=len(data))
        made = [self._face(each, permit=granted.token, request=request) for each in data]
        width = max((face.vector.size for face in made if face is not None), default=1)
        vectors = np.zeros((len(data), width), dtype=np.float32)
        quality = np.full(len(data), np.nan, dtype=np.float32)
        for row, face in enumerate(made):
            if face is not None:
                vectors[row] = face.vector
                quality[row] = face.quality
        found = np.array([face is not None for face in made], dtype=np.bool_)
        return EmbeddedBatch(materials, vectors, found, quality)

    def _face(self, data: bytes, *, permit: PermitToken, request: ProcessingRequest) -> ReadFace | None:
        """Return the face that is meant; ``None`` if there is none or no picture."""
        try:
            picture = self._capture.check(data)
        except PictureRefused:
            return None
        with picture:
            frame = self._capture.open(picture, permit=permit, request=request)
            return self._faces.read(frame, permit=permit, request=request)


def in_parts(items: tuple[_T, ...], size: int) -> Iterator[tuple[_T, ...]]:
    """Return consecutive parts of at most ``size`` items."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _joined(batches: list[EmbeddedBatch], *, resumed: int, permits: int, seconds: float) -> ReadPictures:
    found = np.concatenate([batch.found for batch in batches])
    vectors = np.zeros((found.size, max(batch.vectors.shape[1] for batch in batches)), dtype=np.float32)
    rows = [batch.vectors[batch.found] for batch in batches if batch.found.any()]
    if rows:
        vectors[found] = np.concatenate(rows)
    return ReadPictures(
        vectors=vectors,
        materials=tuple(material for batch in batches for material in batch.materials),
        found=found,
        quality=np.concatenate([batch.quality for batch in batches]),
        resumed=resumed,
        permits=permits,
        seconds=seconds,
    )


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        msg = "A picture of the data set can't be read."
        raise DatasetInvalid(msg) from error
