"""One purpose's references in memory, searched exactly.

Rules kept here:

* An answer is the one that a full scan of the float32 vectors gives, proved by a bound on what the codes
  may be off by; where the proof would need too many rows, they are all scored. Nothing is approximate.
* Nothing is written to disk. A reference that is removed is overwritten at once.
* Ties are broken by identifier, so that the same gallery gives the same answer however it came about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from countenance.gallery.chunk import ALWAYS, EVER, Chunk, seconds_of
from countenance.gallery.errors import IndexFull, ReferenceExists, ReferenceUnknown, VectorUnusable
from countenance.gallery.kernels import Block, ScanKernel, Survivors
from countenance.gallery.quantisation import ProbePlanes, code_probe, code_probes, code_rows
from countenance.gallery.sharing import SharedLock

__all__ = ["Candidate", "CertifiedIndex", "SearchAnswer", "SearchFilter"]

LARGEST_DIMENSIONS = 1024
"""Products of longer vectors could overflow 32 bits."""
UNIT_TOLERANCE = 1e-3
"""How far a vector's length may be from 1; it is then made 1."""

_ROWS = 262_144
_CAPACITY = 4096
_CODED_AT_ONCE = 8192


@dataclass(frozen=True, slots=True)
class Candidate:
    """One reference of an answer.

    Attributes:
        reference_id: which.
        score: the cosine, float64. Left out of ``repr``: an exact score that is shown is a hill to climb.
    """

    reference_id: str
    score: float = field(repr=False)


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """What a search found, and how it is known to be complete.

    Attributes:
        candidates: best first; ties in the order of their identifiers.
        compared: how many references took part.
        rescored: how many were scored in full precision, since the bound didn't exclude them.
        certified: always true; an answer that isn't proved equal to the full search isn't given.
        kernel: what ran.
    """

    candidates: tuple[Candidate, ...]
    compared: int
    rescored: int
    certified: bool
    kernel: str


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """Which references take part.

    Attributes:
        at: only those valid at this moment; ``None``: whatever their validity.
        groups: only those of these groups; ``None``: all.
    """

    at: datetime | None = None
    groups: frozenset[int] | None = None


class CertifiedIndex:
    """The references of one purpose. Safe to use from several threads.

    Args:
        dimensions: of a vector, 1 to 1024.
        kernel: what scans.
        threads: how many chunks are scanned side by side, at least 1.
        largest: how many references it may hold.
        chunk_rows: how many references lie together; memory is used as they come.
        capacity: how many rows of a chunk may be left over by the bound before all are scored.

    Raises:
        ValueError: if a number is out of its range.
    """

    def __init__(
        self,
        *,
        dimensions: int,
        kernel: ScanKernel,
        threads: int = 1,
        largest: int = 2**31,
        chunk_rows: int = _ROWS,
        capacity: int = _CAPACITY,
    ) -> None:
        if not 1 <= dimensions <= LARGEST_DIMENSIONS or min(threads, chunk_rows, capacity) < 1:
            msg = "an index has 1 to 1024 dimensions, a thread and room for a row"
            raise ValueError(msg)
        self.dimensions = dimensions
        self.kernel = kernel
        self._largest = largest
        self._chunk_rows = chunk_rows
        self._capacity = capacity
        self._chunks: list[Chunk] = []
        self._places: dict[str, tuple[int, int]] = {}
        self._lock = SharedLock()
        self._threads = ThreadPoolExecutor(threads, "scan") if threads > 1 else None

    def __len__(self) -> int:
        """Return how many references it holds."""
        return len(self._places)

    def __contains__(self, reference_id: str) -> bool:
        """Return whether it holds a reference."""
        return reference_id in self._places

    def add(
        self,
        reference_ids: Sequence[str],
        vectors: NDArray[np.float32],
        *,
        valid_from: datetime | None = None,
        valid_until: datetime | None = None,
        group: int = 0,
    ) -> None:
        """Take references; all of them or none.

        Args:
            reference_ids: what they are called, each once.
            vectors: float32, shape (n, d), each of length 1.
            valid_from: from when they take part in searches at a moment.
            valid_until: until when, exclusive.
            group: a number that a search can ask for, such as a place's.

        Raises:
            VectorUnusable: if the vectors aren't finite, of length 1 and of the right shape.
            ReferenceExists: if an identifier is taken, or named twice.
            IndexFull: if they don't fit.
        """
        unit = self._require_unit(vectors)
        ids = list(reference_ids)
        if unit.shape[0] != len(ids):
            raise VectorUnusable("There is one vector for each reference.")
        valid = (seconds_of(valid_from, ALWAYS), seconds_of(valid_until, EVER))
        with self._lock.alone():
            if len(set(ids)) != len(ids) or any(one in self._places for one in ids):
                raise ReferenceExists("A reference with this identifier is in the index.")
            if len(self._places) + len(ids) > self._largest:
                raise IndexFull("The gallery may not hold more references.")
            start = 0
            while start < len(ids):
                start += self._append(ids[start:], unit[start:], valid=valid, group=group)

    def remove(self, reference_id: str) -> None:
        """Take a reference out and overwrite it.

        Raises:
            ReferenceUnknown: if there is none.
        """
        with self._lock.alone():
            if reference_id not in self._places:
                raise ReferenceUnknown("The index holds no reference with this identifier.")
            chunk, row = self._places.pop(reference_id)
            moved = self._chunks[chunk].remove(row)
            if moved is not None:
                self._places[moved] = (chunk, row)

    def vector(self, reference_id: str) -> NDArray[np.float32]:
        """Return a copy of a reference's vector, float32, shape (d,).

        Raises:
            ReferenceUnknown: if there is none.
        """
        with self._lock.shared():
            if reference_id not in self._places:
                raise ReferenceUnknown("The index holds no reference with this identifier.")
            chunk, row = self._places[reference_id]
            return self._chunks[chunk].vector(row)

    def search(
        self,
        probe: NDArray[np.float32],
        *,
        most: int | None = 1,
        at_least: float | None = None,
        only: SearchFilter | None = None,
    ) -> SearchAnswer:
        """Return the best references, or all that reach a score.

        Args:
            probe: float32, shape (d,), finite; its length needn't be 1.
            most: how many best ones; ``None``: as many as reach ``at_least``.
            at_least: the least score; ``None``: none.
            only: which references take part; all if left out.

        Raises:
            VectorUnusable: if the probe isn't finite or of another shape.
            ValueError: if neither a number nor a score is stated, or the number isn't positive.
        """
        wanted = _Wanted.of(most, at_least)
        vector = self._require_finite(probe, (self.dimensions,))
        planes = code_probe(vector)
        with self._lock.shared():
            blocks = self._blocks(only)
            found = self._scan(blocks, vector, planes, wanted)
            return self._answer(blocks, found, vector, wanted)

    def search_many(
        self,
        probes: NDArray[np.float32],
        *,
        most: int | None = 1,
        at_least: float | None = None,
        only: SearchFilter | None = None,
    ) -> tuple[SearchAnswer, ...]:
        """Return an answer for each of several probes, in one pass over the references.

        Args:
            probes: float32, shape (m, d), finite.
            most: as in :meth:`search`.
            at_least: as in :meth:`search`.
            only: as in :meth:`search`.
        """
        wanted = _Wanted.of(most, at_least)
        vectors = self._require_finite(probes, (len(probes), self.dimensions))
        if not len(vectors):
            return ()
        planes = code_probes(vectors)
        with self._lock.shared():
            blocks = self._blocks(only)
            floors = np.full(len(vectors), wanted.floor, dtype=np.float64)
            best: list[NDArray[np.float64]] = [np.empty(0)] * len(vectors)
            found: list[list[Survivors | None]] = [[] for _ in vectors]
            for block in blocks:
                left = self.kernel.batch_survivors(
                    block,
                    vectors,
                    planes,
                    most=wanted.most,
                    floors=_rounded_down(floors),
                    capacity=self._capacity,
                )
                for one, survivors in enumerate(left):
                    found[one].append(survivors)
                    best[one], floors[one] = _raised(best[one], survivors, wanted.most, floors[one])
            return tuple(
                self._answer(blocks, (each, float(floor)), vector, wanted)
                for each, floor, vector in zip(found, floors, vectors, strict=True)
            )

    def clear(self) -> None:
        """Take everything out and overwrite it."""
        with self._lock.alone():
            for chunk in self._chunks:
                chunk.wipe()
            self._chunks = []
            self._places = {}

    def close(self) -> None:
        """Clear it and stop its threads."""
        self.clear()
        if self._threads is not None:
            self._threads.shutdown()

    def _append(
        self, ids: list[str], vectors: NDArray[np.float32], *, valid: tuple[float, float], group: int
    ) -> int:
        # Holes move to the end of their own chunk, so any chunk may have room.
        number = next(
            (i for i, chunk in enumerate(self._chunks) if chunk.count < chunk.room), len(self._chunks)
        )
        if number == len(self._chunks):
            self._chunks.append(Chunk(dimensions=self.dimensions, rows=self._chunk_rows))
        chunk = self._chunks[number]
        taken = min(chunk.room - chunk.count, len(ids), _CODED_AT_ONCE)
        first = chunk.count
        chunk.append(ids[:taken], vectors[:taken], code_rows(vectors[:taken]), valid=valid, group=group)
        self._places.update((one, (number, first + i)) for i, one in enumerate(ids[:taken]))
        return taken

    def _blocks(self, only: SearchFilter | None) -> list[Block]:
        asked = only or SearchFilter()
        at = None if asked.at is None else seconds_of(asked.at, ALWAYS)
        return [chunk.block(at=at, groups=asked.groups) for chunk in self._chunks]

    def _scan(
        self, blocks: Sequence[Block], probe: NDArray[np.float32], planes: ProbePlanes, wanted: _Wanted
    ) -> tuple[list[Survivors | None], float]:
        """Return what each block leaves over, and the score that no row outside can reach."""
        best: NDArray[np.float64] = np.empty(0)
        floor = wanted.floor
        found: list[Survivors | None] = []

        def scan(block: Block) -> Survivors | None:
            return self.kernel.survivors(
                block, probe, planes, most=wanted.most, floor=float(_rounded_down(np.float64(floor))),
                capacity=self._capacity,
            )  # fmt: skip

        # Side by side, a block starts with whatever floor is known by then: fewer are excluded, none wrongly.
        scanned: Iterable[Survivors | None] = (
            self._threads.map(scan, blocks)
            if self._threads is not None and len(blocks) > 1
            else map(scan, blocks)
        )
        for survivors in scanned:
            found.append(survivors)
            best, floor = _raised(best, survivors, wanted.most, floor)
        return found, floor

    def _answer(
        self,
        blocks: Sequence[Block],
        found: tuple[Sequence[Survivors | None], float],
        probe: NDArray[np.float32],
        wanted: _Wanted,
    ) -> SearchAnswer:
        """Score in full what wasn't excluded, and take the best."""
        survivors, floor = found
        ids: list[str] = []
        scores: list[float] = []
        for chunk, block, left in zip(self._chunks, blocks, survivors, strict=True):
            rows = _all_rows(block) if left is None else left.rows[left.uppers >= floor]
            ids += [chunk.ids[row] for row in rows]
            scores += self.kernel.exact(block, probe, rows).tolist()
        best = sorted(zip(scores, ids, strict=True), key=lambda one: (-one[0], one[1]))
        if wanted.at_least is not None:
            best = [one for one in best if one[0] >= wanted.at_least]
        if wanted.most:
            best = best[: wanted.most]
        return SearchAnswer(
            candidates=tuple(Candidate(one, score) for score, one in best),
            compared=sum(_taking_part(block) for block in blocks),
            rescored=len(ids),
            certified=True,
            kernel=self.kernel.name,
        )

    def _require_unit(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        finite = self._require_finite(vectors, (len(vectors), self.dimensions))
        lengths = np.linalg.norm(finite.astype(np.float64), axis=1)
        if (np.abs(lengths - 1) > UNIT_TOLERANCE).any():
            raise VectorUnusable("A reference's vector has length 1.")
        unit: NDArray[np.float32] = (finite / lengths[:, None]).astype(np.float32)
        return unit

    @staticmethod
    def _require_finite(vectors: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
        if vectors.dtype != np.float32 or vectors.shape != shape or not np.isfinite(vectors).all():
            raise VectorUnusable("The vector isn't finite float32 of the index's dimensions.")
        return np.ascontiguousarray(vectors)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a search asks for: so many best ones (0: no limit) that reach a score (``None``: any)."""

    most: int
    at_least: float | None

    @classmethod
    def of(cls, most: int | None, at_least: float | None) -> _Wanted:
        if (most is None and at_least is None) or (most is not None and most < 1):
            msg = "a search states how many it wants, at least one, or a least score"
            raise ValueError(msg)
        return cls(most or 0, at_least)

    @property
    def floor(self) -> float:
        return -np.inf if self.at_least is None else self.at_least


def _raised(
    best: NDArray[np.float64], survivors: Survivors | None, most: int, floor: float
) -> tuple[NDArray[np.float64], float]:
    """Return the largest lower bounds so far, and the floor that follows from them."""
    if not most or survivors is None:
        return best, floor
    lowers = 2.0 * survivors.scores.astype(np.float64) - survivors.uppers
    best = np.sort(np.concatenate([best, lowers]))[-most:]
    return best, max(floor, float(best[0])) if best.size == most else floor


def _rounded_down(floors: NDArray[np.float64] | np.float64) -> NDArray[np.float32]:
    """Return floors that don't grow by becoming float32."""
    return np.nextafter(np.asarray(floors, dtype=np.float32), np.float32(-np.inf))


def _all_rows(block: Block) -> NDArray[np.int64]:
    if block.allowed is None:
        return np.arange(block.count, dtype=np.int64)
    return np.flatnonzero(block.allowed[: block.count]).astype(np.int64)


def _taking_part(block: Block) -> int:
    return block.count if block.allowed is None else int(np.count_nonzero(block.allowed[: block.count]))
