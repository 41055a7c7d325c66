"""Whether two opened pictures are one picture, encoded twice.

A file given twice is told by its hash. Somebody may also save one picture in two formats or sizes: both are
brought to a grid of 64 x 64 means, and no cell may differ by more than encoding makes it. Two photographs of
one scene differ by far more; a picture without contrast says nothing and isn't called the same.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.kernel import Frame

__all__ = ["same_picture"]

_GRID = 64
_MOST_DIFFERENCE = 8.0
"""Of 255, in the cell that differs most. JPEG at quality 50 stayed below it in the test's photograph."""

_LEAST_CONTRAST = 4.0
_LIKE_SHAPE = 0.02


def same_picture(first: Frame, second: Frame) -> bool:
    """Return whether both frames show one picture, whatever its format and size.

    Args:
        first: an opened picture.
        second: another one.
    """
    ratio = (first.width / first.height) / (second.width / second.height)
    if abs(ratio - 1.0) > _LIKE_SHAPE:
        return False
    one, other = _grid(first.pixels), _grid(second.pixels)
    if min(one.std(), other.std()) < _LEAST_CONTRAST:
        return False
    return bool(np.abs(one - other).max() <= _MOST_DIFFERENCE)


def _grid(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(pixels, (_GRID, _GRID), interpolation=cv2.INTER_AREA), np.float32)
