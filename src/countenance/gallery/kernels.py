"""What scans rows: one protocol, and who implements it here.

Rules kept here:

* Whatever the instruction set, the answer is the same: a kernel says which rows can't be excluded, and
  what they score exactly. It never decides.
* What doesn't fit is said, never cut off.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from countenance.gallery.memory import overwrite
from countenance.gallery.quantisation import SLACK, ProbePlanes

__all__ = ["Block", "NumpyKernel", "ScanKernel", "Survivors", "exact_scores", "kept"]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Rows that lie together.

    Attributes:
        exact: float32, shape (n, d): the vectors, of length 1.
        codes: uint8, shape (n, d padded), aligned to 64 bytes.
        scales: float32, shape (n,).
        residuals: float32, shape (n,).
        allowed: uint8, shape (n,), zero for rows that don't take part; ``None``: all do.
        count: how many rows are filled, from the first.
    """

    exact: NDArray[np.float32] = field(repr=False)
    codes: NDArray[np.uint8] = field(repr=False)
    scales: NDArray[np.float32] = field(repr=False)
    residuals: NDArray[np.float32] = field(repr=False)
    allowed: NDArray[np.uint8] | None = field(repr=False)
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Survivors:
    """Rows of a block that can't be excluded.

    Attributes:
        rows: int64, shape (m,), ascending.
        scores: float32, shape (m,): approximate.
        uppers: float32, shape (m,): what each may score at most.
    """

    rows: NDArray[np.int64] = field(repr=False)
    scores: NDArray[np.float32] = field(repr=False)
    uppers: NDArray[np.float32] = field(repr=False)


class ScanKernel(Protocol):
    """Finds the rows that can't be excluded. Safe to use from several threads; lets others run meanwhile."""

    @property
    def name(self) -> str:
        """What runs: an instruction set or a library."""

    def survivors(
        self, block: Block, probe: NDArray[np.float32], planes: ProbePlanes, *, most: int, floor: float,
        capacity: int,
    ) -> Survivors | None:  # fmt: skip
        """Return the rows that may be among the best ``most``, or may reach ``floor``.

        Args:
            block: the rows.
            probe: float32, shape (d,), contiguous, not longer than 1.
            planes: the same, coded in two planes.
            most: how many best rows are wanted; 0: all that may reach the floor.
            floor: a score below which no row is wanted; ``-inf`` for none.
            capacity: how many rows may be returned.

        Returns:
            Every row whose exact score may count, and perhaps more; ``None`` if they are more than
            ``capacity``.
        """

    def batch_survivors(
        self, block: Block, probes: NDArray[np.float32], planes: ProbePlanes, *, most: int,
        floors: NDArray[np.float32], capacity: int,
    ) -> tuple[Survivors | None, ...]:  # fmt: skip
        """Return the same for several probes, coded in one plane, in one pass over the rows."""

    def exact(
        self, block: Block, probe: NDArray[np.float32], rows: NDArray[np.int64] | None
    ) -> NDArray[np.float64]:
        """Return what rows score exactly, as :func:`exact_scores` does; all of them for ``None``."""


def exact_scores(rows: NDArray[np.float32], probe: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the inner products, added up in float64 in one fixed order: the same bits everywhere.

    Products of two float32 are exact in float64. Eight sums, each of every eighth product in order, are then
    joined as ``((0+4)+(2+6)) + ((1+5)+(3+7))``.

    Args:
        rows: float32, shape (n, d).
        probe: float32, shape (d,).
    """
    n, dimensions = rows.shape
    sums, part = np.zeros((n, 8)), np.empty((n, 8))
    wide = probe.astype(np.float64)
    for start in range(0, dimensions, 8):
        width = min(8, dimensions - start)
        part[:, :width] = rows[:, start : start + width]
        part[:, :width] *= wide[start : start + width]
        sums[:, :width] += part[:, :width]
    overwrite(part)
    even = (sums[:, 0] + sums[:, 4]) + (sums[:, 2] + sums[:, 6])
    odd = (sums[:, 1] + sums[:, 5]) + (sums[:, 3] + sums[:, 7])
    joined: NDArray[np.float64] = even + odd
    return joined


class NumpyKernel:
    """The fallback: one float32 product over all rows, with a bound for its rounding.

    Error of a float32 inner product of d terms: at most ``d u |x||y| / (1 - d u)`` with ``u = 2^-24``
    (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1), whatever the order.
    """

    @property
    def name(self) -> str:
        """What runs."""
        return "numpy"

    def survivors(
        self, block: Block, probe: NDArray[np.float32], planes: ProbePlanes, *, most: int, floor: float,
        capacity: int,
    ) -> Survivors | None:  # fmt: skip
        """See :class:`ScanKernel`."""
        scores = block.exact[: block.count] @ probe
        width = _width(probe.size, float(planes.norms[0]))
        return kept(block, scores, width, most=most, floor=floor, capacity=capacity)

    def batch_survivors(
        self, block: Block, probes: NDArray[np.float32], planes: ProbePlanes, *, most: int,
        floors: NDArray[np.float32], capacity: int,
    ) -> tuple[Survivors | None, ...]:  # fmt: skip
        """See :class:`ScanKernel`."""
        scores = block.exact[: block.count] @ probes.T
        return tuple(
            kept(
                block,
                np.ascontiguousarray(scores[:, one]),
                _width(probes.shape[1], float(planes.norms[one])),
                most=most,
                floor=float(floors[one]),
                capacity=capacity,
            )
            for one in range(probes.shape[0])
        )

    def exact(
        self, block: Block, probe: NDArray[np.float32], rows: NDArray[np.int64] | None
    ) -> NDArray[np.float64]:
        """See :class:`ScanKernel`."""
        filled = block.exact[: block.count]
        if rows is None:
            return exact_scores(filled, probe)
        some = filled[rows]
        scores = exact_scores(some, probe)
        overwrite(some)
        return scores


def _width(dimensions: int, norm: float) -> np.float32:
    unit = dimensions * 2.0**-24
    return np.float32(unit / (1 - unit) * norm * 1.01 + SLACK)


def kept(
    block: Block,
    scores: NDArray[np.float32],
    width: NDArray[np.float32] | np.float32,
    *,
    most: int,
    floor: float,
    capacity: int,
) -> Survivors | None:
    """Return the rows that approximate scores don't exclude.

    Args:
        block: the rows.
        scores: float32, shape (block.count,): approximate.
        width: how far each may be off, shape (block.count,) or one for all.
        most: as in :meth:`ScanKernel.survivors`.
        floor: as in :meth:`ScanKernel.survivors`.
        capacity: as in :meth:`ScanKernel.survivors`.
    """
    uppers = scores + width
    taking_part = (
        np.ones(block.count, dtype=bool) if block.allowed is None else block.allowed[: block.count] != 0
    )
    if 0 < most < int(taking_part.sum()):
        lowers = (scores - width)[taking_part]
        floor = max(floor, float(np.partition(lowers, lowers.size - most)[lowers.size - most]))
    rows = np.flatnonzero(taking_part & (uppers >= floor))
    if rows.size > capacity:
        return None
    return Survivors(rows.astype(np.int64), scores[rows], uppers[rows])
