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

    Args:
        dimensions: of a vector.
        rows: how many fit.
    """

    __slots__ = ("_arena", "_codes", "_exact", "_residuals", "_scales", "count", "from_", "groups", "ids",
                 "limited", "room", "until")  # fmt: skip

    def __init__(self, *, dimensions: int, rows: int) -> None:
        width = padded(dimensions)
        self.room = rows
        self.count = 0
        self.ids: list[str] = []
        self.limited = 0
        self._arena = Arena(rows * (4 * dimensions + width + 4 + 4 + 8 + 8 + 4) + 8 * 64)
        self._exact = self._arena.cut((rows, dimensions), np.float32)
        self._codes = self._arena.cut((rows, width), np.uint8)
        self._scales = self._arena.cut((rows,), np.float32)
        self._residuals = self._arena.cut((rows,), np.float32)
        self.from_ = self._arena.cut((rows,), np.float64)
        self.until = self._arena.cut((rows,), np.float64)
        self.groups = self._arena.cut((rows,), np.int32)

    def append(
        self,
        ids: list[str],
        vectors: NDArray[np.float32],
        coded: CodedRows,
        *,
        valid: tuple[float, float],
        group: int,
    ) -> None:
        """Take rows; they fit."""
        here = slice(self.count, self.count + len(ids))
        self._exact[here] = vectors
        self._codes[here] = coded.codes
        self._scales[here] = coded.scales
        self._residuals[here] = coded.residuals
        self.from_[here], self.until[here] = valid
        self.groups[here] = group
        self.limited += len(ids) if valid != (ALWAYS, EVER) else 0
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
        self.limited -= bool((self.from_[row], self.until[row]) != (ALWAYS, EVER))
        for array in (self._exact, self._codes, self._scales, self._residuals, self.from_, self.until,
                      self.groups):  # fmt: skip
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
        if (at is not None and self.limited) or groups is not None:
            fits = np.ones(self.count, dtype=bool)
            if at is not None and self.limited:
                fits &= (self.from_[: self.count] <= at) & (at < self.until[: self.count])
            if groups is not None:
                fits &= np.isin(self.groups[: self.count], list(groups))
            allowed = fits.astype(np.uint8)
        return Block(self._exact, self._codes, self._scales, self._residuals, allowed, self.count)

    def wipe(self) -> None:
        """Overwrite everything."""
        self._arena.wipe()
        self.ids = []
        self.count = 0
        self.limited = 0


def seconds_of(moment: datetime | None, otherwise: float) -> float:
    """Return an aware moment as seconds; ``otherwise`` for none."""
    return otherwise if moment is None else moment.astimezone(UTC).timestamp()
