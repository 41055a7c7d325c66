"""Memory for templates in the clear: never on disk, left out of core dumps, wiped when it is given back.

Rules kept here:

* Memory is anonymous. No file is behind it, so nothing is written by mapping it.
* Where the kernel takes the advice, it is left out of core dumps, isn't handed to a child process and comes
  in large pages.
* Memory is overwritten before it is given back.
"""

from __future__ import annotations

import contextlib
import mmap
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Arena", "overwrite"]

Number = TypeVar("Number", bound=np.generic)

_ALIGNMENT = 64
_ADVICE = ("MADV_HUGEPAGE", "MADV_DONTDUMP", "MADV_DONTFORK")


class Arena:
    """One stretch of anonymous memory, from which arrays are cut.

    Args:
        size: bytes, positive.

    Raises:
        MemoryError: if the machine doesn't have it.
    """

    __slots__ = ("_map", "_used", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        try:
            self._map = mmap.mmap(-1, size + _ALIGNMENT, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        except OSError as error:
            msg = "this machine has no memory left for the gallery's index"
            raise MemoryError(msg) from error
        for advice in _ADVICE:
            # Advice: an older kernel that doesn't know it changes nothing about the rest.
            with contextlib.suppress(AttributeError, OSError):
                self._map.madvise(getattr(mmap, advice))
        self._used = 0

    def cut(self, shape: tuple[int, ...], dtype: type[Number]) -> NDArray[Number]:
        """Return an array of zeros, aligned to 64 bytes.

        Raises:
            MemoryError: if what is left is too small.
        """
        kind = np.dtype(dtype)
        count = int(np.prod(shape))
        start = self._used + -self._used % _ALIGNMENT
        if start + count * kind.itemsize > self.size + _ALIGNMENT:
            msg = "the arena is cut up"
            raise MemoryError(msg)
        self._used = start + count * kind.itemsize
        return np.frombuffer(self._map, dtype=kind, count=count, offset=start).reshape(shape)

    def wipe(self) -> None:
        """Overwrite all of it with zeros."""
        np.frombuffer(self._map, dtype=np.uint8)[...] = 0


def overwrite(*arrays: NDArray[Any]) -> None:
    """Fill arrays with zeros: what was worked out of a template isn't left for whoever comes next."""
    for array in arrays:
        array.fill(0)
