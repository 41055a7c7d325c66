"""Cuts lines of text out of a picture, level and from left to right."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["cut_line"]


def cut_line(pixels: NDArray[np.uint8], corners: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Return the part of a picture inside four corners, made level.

    Args:
        pixels: uint8, shape (height, width, 3).
        corners: shape (4, 2), pixels: the line's top left, top right, bottom right, bottom left.

    Returns:
        uint8, shape (h, w, 3), fresh; h and w are the longer of the sides across from each other, at least 1.
        What lies outside the picture repeats its edge.
    """
    corners = np.asarray(corners, np.float32)
    width = max(np.linalg.norm(corners[1] - corners[0]), np.linalg.norm(corners[2] - corners[3]))
    height = max(np.linalg.norm(corners[3] - corners[0]), np.linalg.norm(corners[2] - corners[1]))
    size = (max(1, round(float(width))), max(1, round(float(height))))
    goal = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, goal)
    cut = cv2.warpPerspective(pixels, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, np.uint8)
