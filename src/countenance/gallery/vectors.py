"""What may be held or searched for: vectors that are finite, of the right shape and of length 1.

Rules kept here:

* A vector that isn't what it should be is refused, never repaired; one that is nearly of length 1 is made so.
* What is worked out of vectors on the way is overwritten.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from countenance.gallery.errors import VectorUnusable
from countenance.gallery.memory import overwrite

__all__ = ["UNIT_TOLERANCE", "require_finite", "require_unit", "unit_rows"]

UNIT_TOLERANCE = 1e-3
"""How far a vector's length may be from 1; it is then made 1."""

_AT_ONCE = 8192


def require_finite(vectors: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return float32 vectors of a shape, contiguous; the same array if it is.

    Raises:
        VectorUnusable: if they are of another type or shape, or hold what is no number.
    """
    if vectors.dtype != np.float32 or vectors.shape != shape or not np.isfinite(vectors).all():
        raise VectorUnusable("The vector isn't finite float32 of the index's dimensions.")
    return np.ascontiguousarray(vectors)


def require_unit(vectors: NDArray[np.float32]) -> None:
    """Refuse vectors, float32, shape (n, d), of another length than 1.

    Raises:
        VectorUnusable: if there is one.
    """
    for start in range(0, len(vectors), _AT_ONCE):
        wide = vectors[start : start + _AT_ONCE].astype(np.float64)
        lengths = np.sqrt(np.einsum("ij,ij->i", wide, wide))
        overwrite(wide)
        if (np.abs(lengths - 1) > UNIT_TOLERANCE).any():
            raise VectorUnusable("A reference's vector has length 1.")


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return vectors, float32, shape (n, d), at length 1: divided in float64, then rounded once."""
    wide = vectors.astype(np.float64)
    wide /= np.sqrt(np.einsum("ij,ij->i", wide, wide))[:, None]
    unit: NDArray[np.float32] = wide.astype(np.float32)
    overwrite(wide)
    return unit
