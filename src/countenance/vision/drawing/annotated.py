"""An analysis drawn over its picture."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.kernel import Box
from countenance.vision.attributes import FaceAnalysis
from countenance.vision.landmarks import FacePart, Points106

__all__ = ["PART_COLOURS", "draw_analysis", "draw_points"]

_Colour = tuple[int, int, int]

PART_COLOURS: Final[Mapping[FacePart, _Colour]] = {
    FacePart.CONTOUR: (0, 114, 178),
    FacePart.BROWS: (230, 159, 0),
    FacePart.NOSE: (0, 158, 115),
    FacePart.EYES: (213, 94, 0),
    FacePart.MOUTH: (204, 121, 167),
}
"""One colour (RGB) for each part; of Okabe and Ito's palette, told apart with every kind of sight."""

_WHITE: Final[_Colour] = (255, 255, 255)
_BLACK: Final[_Colour] = (0, 0, 0)
_SUB = 4  # binary places that OpenCV is given for a fraction of a pixel


def draw_points(picture: NDArray[np.uint8], points: Points106, *, radius: float) -> None:
    """Draw the 106 points into a picture, each part in its colour.

    Args:
        picture: uint8, shape (height, width, 3), RGB; changed.
        points: in its pixels.
        radius: of a point, in pixels.
    """
    for part in FacePart:
        for point in points.part(part):
            _dot(picture, point, radius + max(1.0, radius / 3), _WHITE)
            _dot(picture, point, radius, PART_COLOURS[part])


def draw_analysis(pixels: NDArray[np.uint8], analysis: FaceAnalysis) -> NDArray[np.uint8]:
    """Return the picture with the box, the points, the gaze and what was said in words.

    Args:
        pixels: uint8, shape (height, width, 3), RGB; left as it is.
        analysis: of a face in it.

    Returns:
        uint8, of the same shape, fresh. An estimate is drawn with its error beside it.
    """
    picture = np.ascontiguousarray(pixels).copy()
    size = analysis.box.width
    thickness = max(1, round(size / 160))
    corners = [
        (round(x), round(y))
        for x, y in ((analysis.box.left, analysis.box.top), (analysis.box.right, analysis.box.bottom))
    ]
    cv2.rectangle(picture, corners[0], corners[1], _WHITE, thickness)
    if analysis.points is not None:
        draw_points(picture, analysis.points, radius=max(1.0, size / 130))
    if analysis.gaze is not None:
        _arrow(picture, analysis, thickness)
    _words(picture, analysis.box, _lines(analysis))
    return picture


def _dot(picture: NDArray[np.uint8], point: NDArray[np.float32], radius: float, colour: _Colour) -> None:
    fraction = 1 << _SUB
    centre = (round(float(point[0]) * fraction), round(float(point[1]) * fraction))
    cv2.circle(picture, centre, round(radius * fraction), colour, -1, cv2.LINE_AA, _SUB)


def _arrow(picture: NDArray[np.uint8], analysis: FaceAnalysis, thickness: int) -> None:
    """Draw where the eyes point, from the middle of the box's upper part."""
    if analysis.gaze is None:
        return
    box = analysis.box
    start = ((box.left + box.right) / 2, box.top + 0.35 * box.height)
    length = 0.6 * box.width
    end = (
        start[0] + length * math.sin(math.radians(analysis.gaze.yaw)),
        start[1] + length * math.sin(math.radians(analysis.gaze.pitch)),
    )
    ends = [(round(x), round(y)) for x, y in (start, end)]
    cv2.arrowedLine(picture, ends[0], ends[1], _BLACK, thickness + 2, cv2.LINE_AA)
    cv2.arrowedLine(picture, ends[0], ends[1], _WHITE, thickness, cv2.LINE_AA)


def _lines(analysis: FaceAnalysis) -> list[str]:
    lines = []
    if analysis.pose is not None:
        lines.append(
            f"pose {analysis.pose.yaw:+.0f} {analysis.pose.pitch:+.0f} {analysis.pose.roll:+.0f} deg"
        )
    if analysis.quality is not None:
        lines.append(f"quality {analysis.quality.unified} of 100")
    if analysis.age is not None:
        lines.append(f"looks {analysis.age.years:.0f} years: estimate, see its error")
    if analysis.gender is not None:
        lines.append(f"looks {analysis.gender.label.value}: estimate, see its error")
    return lines


def _words(picture: NDArray[np.uint8], box: Box, lines: list[str]) -> None:
    """Write the lines on a dark ground under the box, or at the picture's lower edge if there is no room."""
    if not lines:
        return
    scale = max(0.35, box.width / 420)
    step = round(28 * scale)
    last = picture.shape[0] - 6
    first = min(round(box.bottom) + step, last - step * (len(lines) - 1))
    left = max(2, round(box.left))
    widest = max(cv2.getTextSize(line, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)[0][0] for line in lines)
    ground = picture[
        max(0, first - step) : first + step * (len(lines) - 1) + step // 2, left - 2 : left + widest + 2
    ]
    ground //= 4
    for index, line in enumerate(lines):
        place = (left, first + index * step)
        cv2.putText(picture, line, place, cv2.FONT_HERSHEY_SIMPLEX, scale, _WHITE, 1, cv2.LINE_AA)
