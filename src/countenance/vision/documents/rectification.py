"""Lays a document flat and level: out of perspective where its outline is seen, else by its lines of text.

The outline is the largest four-cornered contour whose sides have the ratio of ID-1 (85.60 x 53.98 mm) or ID-3
(125 x 88 mm), ISO/IEC 7810. Where none is found (a document that fills the picture, a hand over a corner) the
picture is turned until the writing is level.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.vision.text import TextRegion

__all__ = ["flatten", "outline_of", "turn", "turn_regions", "writing_angle"]

_RATIOS = (85.60 / 53.98, 125.0 / 88.0)
_RATIO_SLACK = 0.18
_WORKING_SIDE = 640
_LEAST_SHARE = 0.08
_WHOLE_PICTURE = 0.93
_CORNERS = 4
_ELONGATED = 3.0
_QUARTER = 90.0


def outline_of(pixels: NDArray[np.uint8]) -> NDArray[np.float32] | None:
    """Return the corners of the document in a picture, or ``None`` if no outline of one is seen.

    Args:
        pixels: uint8, shape (height, width, 3), RGB.

    Returns:
        float32, shape (4, 2), pixels, clockwise from a corner such that the first side is a long one.
    """
    height, width = pixels.shape[:2]
    scale = min(1.0, _WORKING_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    grey = np.asarray(cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), (5, 5), 0), np.uint8)
    least, most = _LEAST_SHARE * size[0] * size[1], _WHOLE_PICTURE * size[0] * size[1]
    found = [
        quad
        for mask in _masks(grey)
        for contour in cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
        if (quad := _quad(np.asarray(contour, np.int32), least, most)) is not None
    ]
    if not found:
        return None
    largest = max(found, key=cv2.contourArea)
    return np.asarray(largest * np.array([width / size[0], height / size[1]]), np.float32)


def _masks(grey: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], ...]:
    """Return pictures in which the document may be one blob: by its edges, by its brightness."""
    level, bright = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    edges = cv2.dilate(cv2.Canny(grey, level / 3, level), np.ones((3, 3), np.uint8))
    opened = cv2.morphologyEx(bright, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    return np.asarray(edges, np.uint8), np.asarray(opened, np.uint8), np.asarray(255 - bright, np.uint8)


def _quad(contour: NDArray[np.int32], least: float, most: float) -> NDArray[np.float32] | None:
    hull = cv2.convexHull(contour)
    corners = cv2.approxPolyDP(hull, 0.03 * cv2.arcLength(hull, closed=True), closed=True)
    if len(corners) != _CORNERS or not least <= cv2.contourArea(corners) <= most:
        return None
    quad = np.asarray(corners, np.float32).reshape(4, 2)
    if cv2.contourArea(corners, oriented=True) < 0:  # y points down: clockwise as seen is positive
        quad = quad[::-1]
    long, short = _sides(quad)
    if long < short:
        quad = np.roll(quad, -1, axis=0)
        long, short = short, long
    if short <= 0 or not any(abs(long / short / ratio - 1.0) <= _RATIO_SLACK for ratio in _RATIOS):
        return None
    return np.asarray(quad, np.float32)


def _sides(quad: NDArray[np.floating]) -> tuple[float, float]:
    """Return the mean length of the first and third side, and of the other two."""
    lengths = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    return float(lengths[0] + lengths[2]) / 2, float(lengths[1] + lengths[3]) / 2


def flatten(pixels: NDArray[np.uint8], corners: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Return the inside of four corners, out of perspective.

    Args:
        pixels: uint8, shape (height, width, 3).
        corners: shape (4, 2), clockwise, the first side a long one.

    Returns:
        uint8, fresh, as wide as the longest of the long sides is in the picture, with the ratio of the
        nearer of the two sizes of documents.
    """
    long, short = _sides(np.asarray(corners, np.float64))
    ratio = min(_RATIOS, key=lambda known: abs(long / short / known - 1.0))
    lengths = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    width = max(1, round(float(lengths.max())))
    height = max(1, round(width / ratio))
    goal = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(np.asarray(corners, np.float32), goal)
    return np.asarray(cv2.warpPerspective(pixels, matrix, (width, height), flags=cv2.INTER_CUBIC), np.uint8)


def writing_angle(regions: Sequence[TextRegion]) -> float:
    """Return by how many degrees the writing leans, clockwise, above -90 and up to 90; 0 where there is none.

    Long lines count more. Whether it stands on its head can't be seen from the regions.
    """
    total = 0j
    for region in regions:
        long, short = region.corners[1] - region.corners[0], region.corners[3] - region.corners[0]
        if region.width < region.height:
            long, short = short, long
        length = float(np.hypot(*long))
        if length >= _ELONGATED * float(np.hypot(*short)):
            # A line has no direction, so angles are doubled before they are averaged.
            total += length * length * np.exp(2j * np.arctan2(float(long[1]), float(long[0])))
    return float(np.degrees(np.angle(total)) / 2) if total else 0.0


def turn(pixels: NDArray[np.uint8], degrees: float) -> NDArray[np.uint8]:
    """Return the whole picture turned counter-clockwise; what wasn't in it is grey.

    Args:
        pixels: uint8, shape (height, width, 3).
        degrees: by how much; a whole number of quarters is turned without sampling.
    """
    quarters = round(degrees / _QUARTER)
    if abs(degrees - quarters * _QUARTER) < 1e-6:  # noqa: PLR2004 - rounding only
        return np.ascontiguousarray(np.rot90(pixels, quarters))
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    cosine, sine = abs(matrix[0, 0]), abs(matrix[0, 1])
    size = (int(np.ceil(width * cosine + height * sine)), int(np.ceil(width * sine + height * cosine)))
    matrix[:, 2] += [(size[0] - width) / 2, (size[1] - height) / 2]
    turned = cv2.warpAffine(pixels, matrix, size, flags=cv2.INTER_CUBIC, borderValue=(127, 127, 127))
    return np.asarray(turned, np.uint8)


def turn_regions(
    regions: Sequence[TextRegion], degrees: float, *, before: tuple[int, int], after: tuple[int, int]
) -> tuple[TextRegion, ...]:
    """Return where lines of text lie after :func:`turn`; cheaper than looking for them again.

    Args:
        regions: the lines before.
        degrees: as given to :func:`turn`.
        before: height and width of the picture before.
        after: height and width of the turned picture.

    Returns:
        The lines from top to bottom, each with its corners in the order that a level line has them.
    """
    radians = np.radians(degrees)
    matrix = np.array([[np.cos(radians), -np.sin(radians)], [np.sin(radians), np.cos(radians)]])
    old, new = np.array([before[1] - 1, before[0] - 1]) / 2, np.array([after[1] - 1, after[0] - 1]) / 2
    turned = [
        TextRegion(corners=_from_top_left((region.corners - old) @ matrix + new), score=region.score)
        for region in regions
    ]
    return tuple(sorted(turned, key=lambda region: region.centre[1]))


def _from_top_left(corners: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the corners of a rectangle, clockwise, beginning at the upper left one."""
    by_x = corners[np.argsort(corners[:, 0], kind="stable")]
    left = by_x[:2][np.argsort(by_x[:2, 1], kind="stable")]
    right = by_x[2:][np.argsort(by_x[2:, 1], kind="stable")]
    return np.array([left[0], right[0], right[1], left[1]], np.float32)
