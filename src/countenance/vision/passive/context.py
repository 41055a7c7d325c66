"""A face cut with what is around it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.kernel import Box

__all__ = ["context_crop"]


def context_crop(
    pixels: NDArray[np.uint8], box: Box, *, scale: float, least_scale: float, side: int
) -> NDArray[np.uint8] | None:
    """Cut a face with its surroundings, as the Silent-Face networks were trained.

    Source: ``generate_patches.py`` of Silent-Face-Anti-Spoofing (Apache-2.0): the box enlarged about its
    middle, shrunk where the frame is too small for it, moved back into the frame where it leaves it, the last
    row and column included. The original shrinks it without end, and the verdict is worth less then; here
    there is none below ``least_scale``.

    Args:
        pixels: the frame's, uint8, shape (height, width, 3).
        box: the face's, in pixels of the frame.
        scale: how many times the box's width and height are cut.
        least_scale: how many times at least, where the frame is too small; 1 or more, at most ``scale``.
        side: of the result, in pixels.

    Returns:
        uint8, shape (side, side, 3), fresh, in the order of colours of the frame; ``None`` if the frame is
        smaller than the least that has to be cut, or the face's middle lies outside it.
    """
    height, width = pixels.shape[:2]
    given = min((width - 1) / box.width, (height - 1) / box.height, scale)
    middle = box.centre
    inside = 0 <= middle.x <= width - 1 and 0 <= middle.y <= height - 1
    if not inside or given < least_scale:
        return None
    across, down = box.width * given, box.height * given
    left = min(max(0.0, middle.x - across / 2), width - 1 - across)
    top = min(max(0.0, middle.y - down / 2), height - 1 - down)
    rows = slice(int(top), int(top + down) + 1)
    columns = slice(int(left), int(left + across) + 1)
    return np.asarray(cv2.resize(pixels[rows, columns], (side, side)), dtype=np.uint8)
