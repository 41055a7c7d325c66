"""Outlines of four sides around a face: the edge of a sheet, a screen, or a door behind somebody.

Which of them it is, one picture doesn't say.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.kernel import Box, Frame

__all__ = ["enclosing_rectangle", "outline_around"]

_CORNERS: Final = 4


def enclosing_rectangle(
    grey: NDArray[np.uint8], face: Box, *, least_share: float = 1.2, largest_share: float = 0.95
) -> NDArray[np.float32] | None:
    """Return the corners of the smallest four-sided outline around a face, or ``None``.

    Outlines are those of Canny's edges, closed and approximated by polygons; convex ones with four corners
    count.

    Args:
        grey: shape (H, W), the frame in grey levels.
        face: where the face is.
        least_share: area of the outline over that of the face, at least.
        largest_share: area of the outline over that of the frame, at most: the frame itself is no sheet.

    Returns:
        Shape (4, 2) in pixels: top left, top right, bottom right, bottom left.
    """
    edges = cv2.Canny(cv2.GaussianBlur(grey, (5, 5), 0), 40, 120)
    closed = cv2.morphologyEx(edges, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    outlines, _ = cv2.findContours(closed, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    middle = (face.centre.x, face.centre.y)
    found: list[tuple[float, NDArray[np.float32]]] = []
    for outline in outlines:
        corners = cv2.approxPolyDP(outline, 0.03 * cv2.arcLength(outline, closed=True), closed=True)
        area = abs(float(cv2.contourArea(corners)))
        if len(corners) != _CORNERS or not cv2.isContourConvex(corners):
            continue
        if not least_share * face.area <= area <= largest_share * grey.size:
            continue
        if cv2.pointPolygonTest(corners, middle, measureDist=False) > 0:
            found.append((area, _in_order(corners.reshape(_CORNERS, 2).astype(np.float32))))
    return min(found, key=lambda pair: pair[0])[1] if found else None


def outline_around(frame: Frame, face: Box) -> NDArray[np.float32] | None:
    """Return the corners of the smallest four-sided outline around a face in a frame, or ``None``.

    It is looked for at half the frame's size, which costs a third and joins edges that noise broke.

    Args:
        frame: the picture.
        face: where the face is.

    Returns:
        Shape (4, 2) in pixels of the frame, as by :func:`enclosing_rectangle`.
    """
    size = (max(1, frame.width // 2), max(1, frame.height // 2))
    half = np.asarray(cv2.resize(frame.pixels[..., 1], size, interpolation=cv2.INTER_AREA), np.uint8)
    box = Box(face.left / 2, face.top / 2, face.right / 2, face.bottom / 2)
    found = enclosing_rectangle(half, box)
    return None if found is None else np.asarray(2 * found, np.float32)


def _in_order(corners: NDArray[np.float32]) -> NDArray[np.float32]:
    """Order corners clockwise in the picture, the top left first."""
    centred = corners - corners.mean(axis=0)
    around = corners[np.argsort(np.arctan2(centred[:, 1], centred[:, 0]))]
    return np.asarray(np.roll(around, -int(np.argmin(around.sum(axis=1))), axis=0), dtype=np.float32)
