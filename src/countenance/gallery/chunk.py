"""One stretch of an index: rows, their codes and who they are, at fixed places in memory."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from countenance.gallery.kernels import Block
from countenance.gallery.memory import Arena
from countenance.gallery.quantisation import CodedRows, padded

__all__ = ["ALWAYS", "EVER", "Chunk", "seconds_of"]

ALWAYS = -np.inf
EVER = np.inf


class Chunk:
    """Room for a fixed number of rows. Not safe by itself: the index's lock guards it.

    Memory that nothing was written to isn't taken from the machine: validity and groups, which most galleries
    don't use, cost nothing until somebody does.

    Args:
        dimensions: of a vector.
        rows: how many fit.
    """

    __slots__ = ("_all_from", "_all_until", "_arena", "_codes", "_dated", "_exact", "_groups", "_residuals",
                 "_scales", "_since", "_until", "count", "ids", "limited", "room")  # fmt: skip

    def __init__(self, *, dimensions: int, rows: int) -> None:
        width = padded(dimensions)
        self.room = rows
        self.count = 0
        self.ids: list[str] = []
        self.limited = 0
        self._dated = False
        # From when until when all rows are valid, as far as is known: removals may widen it, unnoticed.
        self._all_from, self._all_until = ALWAYS, EVER
        self._arena = Arena(rows * (4 * dimensions + width + 4 + 4 + 8 + 8 + 4) + 8 * 64)
        self._exact = self._arena.cut((rows, dimensions), np.float32)
        self._codes = self._arena.cut((rows, width), np.uint8)
        self._scales = self._arena.cut((rows,), np.float32)
        self._residuals = self._arena.cut((rows,), np.float32)
        self._since = self._arena.cut((rows,), np.float64)
        self._until = self._arena.cut((rows,), np.float64)
        self._groups = self._arena.cut((rows,), np.int32)

    def append(
        self,
        ids: list[str],
        vectors: NDArray[np.float32],
        coded: CodedRows,
        *,
        since: NDArray[np.float64],
        until: NDArray[np.float64],
        groups: NDArray[np.int32],
    ) -> None:
        """Take rows; they fit.

        Args:
            ids: n identifiers.
            vectors: float32, shape (n, d), each of length 1.
            coded: their codes.
            since: float64, shape (n,): from which second on each is valid; :data:`ALWAYS`.
            until: float64, shape (n,): until which, exclusive; :data:`EVER`.
            groups: int32, shape (n,).
        """
        here = slice(self.count, self.count + len(ids))
        self._exact[here] = vectors
        self._codes[here] = coded.codes
        self._scales[here] = coded.scales
        self._residuals[here] = coded.residuals
        limited = int(np.count_nonzero((since != ALWAYS) | (until != EVER)))
        if limited:
            self._begin_dates()
            self.limited += limited
            self._all_from = max(self._all_from, float(since.max()))
            self._all_until = min(self._all_until, float(until.min()))
        if self._dated:
            self._since[here], self._until[here] = since, until
        if groups.any():  # what isn't filled is zero
            self._groups[here] = groups
        self.ids += ids
        self.count += len(ids)

    def vector(self, row: int) -> NDArray[np.float32]:
        """Return a copy of one row's vector."""
        return np.array(self._exact[row], dtype=np.float32)

    def remove(self, row: int) -> str | None:
        """Overwrite a row with the last one, and the last one with zeros.

        Returns:
            The identifier of the row that lies there now; ``None`` if it was the last.
        """
        last = self.count - 1
        if self._dated:
            self.limited -= bool((self._since[row], self._until[row]) != (ALWAYS, EVER))
        for array in (self._exact, self._codes, self._scales, self._residuals, self._since, self._until,
                      self._groups):  # fmt: skip
            array[row] = array[last]
            array[last] = 0
        moved = self.ids.pop()
        self.count = last
        if row == last:
            return None
        self.ids[row] = moved
        return moved

    def block(self, *, at: float | None, groups: frozenset[int] | None) -> Block:
        """Return the rows for a scan; those that aren't valid at a moment or of another group are out."""
        allowed: NDArray[np.uint8] | None = None
        # Who asks about a moment at which all are valid, as nearly everybody does, has nothing to filter.
        if at is not None and (not self.limited or self._all_from <= at < self._all_until):
            at = None
        if at is not None or groups is not None:
            fits = np.ones(self.count, dtype=bool)
            if at is not None:
                fits &= (self._since[: self.count] <= at) & (at < self._until[: self.count])
            if groups is not None:
                fits &= np.isin(self._groups[: self.count], list(groups))
            allowed = fits.astype(np.uint8)
        return Block(self._exact, self._codes, self._scales, self._residuals, allowed, self.count)

    def wipe(self) -> None:
        """Overwrite everything."""
        self._arena.wipe()
        self.ids = []
        self.count = 0
        self.limited = 0
        self._dated = False
        self._all_from, self._all_until = ALWAYS, EVER

    def read_codes(self) -> int:
        """Read what a scan reads, and do nothing with it; the bytes."""
        parts = (self._codes[: self.count], self._scales[: self.count], self._residuals[: self.count])
        for part in parts:
            flat = part.reshape(-1).view(np.uint8)
            whole = flat.size // 8 * 8
            np.bitwise_or.reduce(flat[:whole].view(np.uint64))
        return sum(part.nbytes for part in parts)

    def _begin_dates(self) -> None:
        if not self._dated:
            self._since[: self.count], self._until[: self.count] = ALWAYS, EVER
            self._dated = True


def seconds_of(moment: datetime | None, otherwise: float) -> float:
    """Return an aware moment as seconds; ``otherwise`` for none."""
    return otherwise if moment is None else moment.astimezone(UTC).timestamp()
