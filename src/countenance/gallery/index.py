"""One purpose's references in memory, searched exactly.

Rules kept here:

* An answer is the one that a full scan of the float32 vectors gives, proved by a bound on what the codes
  may be off by; where the proof would need too many rows, they are all scored. Nothing is approximate.
* Nothing is written to disk. A reference that is removed is overwritten at once, and so is what was worked
  out of it on its way in.
* Ties are broken by identifier, so that the same gallery gives the same answer however it came about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from countenance.gallery.answers import (
    Candidate,
    SearchAnswer,
    SearchFilter,
    Wanted,
    brought_near_one,
    raised,
    rounded_down,
)
from countenance.gallery.chunk import ALWAYS, EVER, Chunk, seconds_of
from countenance.gallery.errors import IndexFull, ReferenceExists, ReferenceUnknown, VectorUnusable
from countenance.gallery.kernels import Block, ScanKernel, Survivors
from countenance.gallery.memory import overwrite
from countenance.gallery.quantisation import ProbePlanes, code_probe, code_probes, code_rows
from countenance.gallery.sharing import SharedLock
from countenance.gallery.vectors import require_finite, require_unit, unit_rows

__all__ = ["CertifiedIndex"]

_S = TypeVar("_S")
_T = TypeVar("_T")

LARGEST_DIMENSIONS = 1024
"""Products of longer vectors could overflow 32 bits."""

_ROWS = 262_144
_CAPACITY = 4096
_CODED_AT_ONCE = 8192


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
        self._places: dict[str, int] = {}
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
        valid_from: datetime | Sequence[datetime | None] | None = None,
        valid_until: datetime | Sequence[datetime | None] | None = None,
        group: int | Sequence[int] = 0,
    ) -> None:
        """Take references; all of them or none.

        Args:
            reference_ids: what they are called, each once.
            vectors: float32, shape (n, d), each of length 1.
            valid_from: from when they take part in searches at a moment; one for all, or one for each.
            valid_until: until when, exclusive.
            group: a number that a search can ask for, such as a place's.

        Raises:
            VectorUnusable: if the vectors aren't finite, of length 1 and of the right shape.
            ReferenceExists: if an identifier is taken, or named twice.
            IndexFull: if they don't fit.
        """
        given = require_finite(vectors, (len(vectors), self.dimensions))
        ids = list(reference_ids)
        if given.shape[0] != len(ids):
            raise VectorUnusable("There is one vector for each reference.")
        require_unit(given)
        since, until = _seconds(valid_from, len(ids), ALWAYS), _seconds(valid_until, len(ids), EVER)
        groups = np.full(len(ids), group, dtype=np.int32)
        with self._lock.alone():
            if len(set(ids)) != len(ids) or any(one in self._places for one in ids):
                raise ReferenceExists("A reference with this identifier is in the index.")
            if len(self._places) + len(ids) > self._largest:
                raise IndexFull("The gallery may not hold more references.")
            start = 0
            while start < len(ids):
                rest = slice(start, None)
                start += self._append(ids[rest], given[rest], since[rest], until[rest], groups[rest])

    def remove(self, reference_id: str) -> None:
        """Take a reference out and overwrite it.

        Raises:
            ReferenceUnknown: if there is none.
        """
        with self._lock.alone():
            if reference_id not in self._places:
                raise ReferenceUnknown("The index holds no reference with this identifier.")
            place = self._places.pop(reference_id)
            chunk, row = divmod(place, self._chunk_rows)
            moved = self._chunks[chunk].remove(row)
            if moved is not None:
                self._places[moved] = place

    def identifiers(self) -> frozenset[str]:
        """Return the identifiers of all references that it holds."""
        with self._lock.shared():
            return frozenset(self._places)

    def vector(self, reference_id: str) -> NDArray[np.float32]:
        """Return a copy of a reference's vector, float32, shape (d,).

        Raises:
            ReferenceUnknown: if there is none.
        """
        with self._lock.shared():
            if reference_id not in self._places:
                raise ReferenceUnknown("The index holds no reference with this identifier.")
            chunk, row = divmod(self._places[reference_id], self._chunk_rows)
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
            ValueError: if neither a number nor a score is stated, the number isn't positive or the score is
                none.
        """
        wanted = Wanted.of(most, at_least)
        vector = require_finite(probe, (self.dimensions,))
        near, exponent = brought_near_one(vector)
        planes = code_probe(near)
        with self._lock.shared():
            blocks = self._blocks(only)
            found = self._scan(blocks, near, planes, most=wanted.most, floor=wanted.floor(exponent))
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
        wanted = Wanted.of(most, at_least)
        vectors = require_finite(probes, (len(probes), self.dimensions))
        if not len(vectors):
            return ()
        brought = [brought_near_one(one) for one in vectors]
        near = np.stack([one for one, _ in brought])
        floors = np.array([wanted.floor(exponent) for _, exponent in brought])
        planes = code_probes(near)
        with self._lock.shared():
            blocks = self._blocks(only)
            found, floors = self._scan_many(blocks, near, planes, most=wanted.most, floors=floors)
            return tuple(
                self._answer(blocks, (each, float(floor)), vector, wanted)
                for each, floor, vector in zip(found, floors, vectors, strict=True)
            )

    def read_codes(self) -> int:
        """Read what a search reads, once, and do nothing with it: no search is faster than this.

        Returns:
            How many bytes that was.
        """
        with self._lock.shared():
            return sum(self._over([chunk.read_codes for chunk in self._chunks], lambda read: read()))

    def use_threads(self, threads: int) -> None:
        """Scan so many chunks side by side from now on.

        Args:
            threads: at least 1.

        Raises:
            ValueError: if it is less.
        """
        if threads < 1:
            msg = "a scan needs a thread"
            raise ValueError(msg)
        with self._lock.alone():
            if self._threads is not None:
                self._threads.shutdown()
            self._threads = ThreadPoolExecutor(threads, "scan") if threads > 1 else None

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
        self,
        ids: list[str],
        vectors: NDArray[np.float32],
        since: NDArray[np.float64],
        until: NDArray[np.float64],
        groups: NDArray[np.int32],
    ) -> int:
        # Holes move to the end of their own chunk, so any chunk may have room.
        number = next(
            (i for i, chunk in enumerate(self._chunks) if chunk.count < chunk.room), len(self._chunks)
        )
        if number == len(self._chunks):
            self._chunks.append(Chunk(dimensions=self.dimensions, rows=self._chunk_rows))
        chunk = self._chunks[number]
        taken = min(chunk.room - chunk.count, len(ids), _CODED_AT_ONCE)
        first = number * self._chunk_rows + chunk.count
        unit = unit_rows(vectors[:taken])
        coded = code_rows(unit)
        chunk.append(
            ids[:taken], unit, coded, since=since[:taken], until=until[:taken], groups=groups[:taken]
        )
        overwrite(unit, coded.codes, coded.scales, coded.residuals)
        self._places.update((one, first + i) for i, one in enumerate(ids[:taken]))
        return taken

    def _blocks(self, only: SearchFilter | None) -> list[Block]:
        asked = only or SearchFilter()
        at = None if asked.at is None else seconds_of(asked.at, ALWAYS)
        return [chunk.block(at=at, groups=asked.groups) for chunk in self._chunks]

    def _over(self, blocks: Sequence[_S], work: Callable[[_S], _T]) -> Iterator[_T]:
        """Do something with each block: side by side where there are threads, one by one where not."""
        if self._threads is not None and len(blocks) > 1:
            return self._threads.map(work, blocks)
        return map(work, blocks)

    def _scan(
        self,
        blocks: Sequence[Block],
        probe: NDArray[np.float32],
        planes: ProbePlanes,
        *,
        most: int,
        floor: float,
    ) -> tuple[list[Survivors | None], float]:
        """Return what each block leaves over, and the score that no row outside can reach."""
        best: NDArray[np.float64] = np.empty(0)
        found: list[Survivors | None] = []

        def scan(block: Block) -> Survivors | None:
            return self.kernel.survivors(
                block, probe, planes, most=most, floor=float(rounded_down(np.float64(floor))),
                capacity=self._capacity,
            )  # fmt: skip

        # Side by side, a block starts with whatever floor is known by then: fewer are excluded, none wrongly.
        for survivors in self._over(blocks, scan):
            found.append(survivors)
            best, floor = raised(best, survivors, most, floor)
        return found, floor

    def _scan_many(
        self,
        blocks: Sequence[Block],
        probes: NDArray[np.float32],
        planes: ProbePlanes,
        *,
        most: int,
        floors: NDArray[np.float64],
    ) -> tuple[list[list[Survivors | None]], NDArray[np.float64]]:
        """Return the same for each of several probes."""
        best: list[NDArray[np.float64]] = [np.empty(0)] * len(probes)
        found: list[list[Survivors | None]] = [[] for _ in probes]
        known = floors.copy()

        def scan(block: Block) -> tuple[Survivors | None, ...]:
            return self.kernel.batch_survivors(
                block, probes, planes, most=most, floors=rounded_down(known), capacity=self._capacity
            )

        for left in self._over(blocks, scan):
            for one, survivors in enumerate(left):
                found[one].append(survivors)
                best[one], known[one] = raised(best[one], survivors, most, float(known[one]))
        return found, known

    def _answer(
        self,
        blocks: Sequence[Block],
        found: tuple[Sequence[Survivors | None], float],
        probe: NDArray[np.float32],
        wanted: Wanted,
    ) -> SearchAnswer:
        """Score in full what wasn't excluded, and take the best."""
        survivors, floor = found
        rows = [
            _all_rows(block) if left is None else left.rows[left.uppers >= floor]
            for block, left in zip(blocks, survivors, strict=True)
        ]
        scores = [self.kernel.exact(block, probe, some) for block, some in zip(blocks, rows, strict=True)]
        least = _least(np.concatenate([np.empty(0), *scores]), wanted)
        best = [
            (float(own[one]), chunk.ids[some[one]])
            for chunk, some, own in zip(self._chunks, rows, scores, strict=True)
            for one in np.flatnonzero(own >= least)
        ]
        best.sort(key=lambda one: (-one[0], one[1]))
        if wanted.most:
            best = best[: wanted.most]
        return SearchAnswer(
            candidates=tuple(Candidate(one, score) for score, one in best),
            compared=sum(_taking_part(block) for block in blocks),
            rescored=sum(some.size for some in rows),
            certified=True,
            kernel=self.kernel.name,
        )


def _seconds(
    moments: datetime | Sequence[datetime | None] | None, count: int, otherwise: float
) -> NDArray[np.float64]:
    """Return one moment for all, or one for each, as seconds, shape (count,)."""
    if moments is None or isinstance(moments, datetime):
        return np.full(count, seconds_of(moments, otherwise))
    if len(moments) != count:
        raise VectorUnusable("There is one moment for all references, or one for each.")
    return np.array([seconds_of(one, otherwise) for one in moments], dtype=np.float64)


def _least(scores: NDArray[np.float64], wanted: Wanted) -> float:
    """Return the score that an answer's last one has at least; ties with it are sorted out later."""
    least = -np.inf if wanted.at_least is None else wanted.at_least
    if 0 < wanted.most < scores.size:
        least = max(least, float(np.partition(scores, -wanted.most)[-wanted.most]))
    return least


def _all_rows(block: Block) -> NDArray[np.int64]:
    if block.allowed is None:
        return np.arange(block.count, dtype=np.int64)
    return np.flatnonzero(block.allowed[: block.count]).astype(np.int64)


def _taking_part(block: Block) -> int:
    return block.count if block.allowed is None else int(np.count_nonzero(block.allowed[: block.count]))
