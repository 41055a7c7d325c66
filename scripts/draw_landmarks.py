"""Draws ``docs/images/points-106.png``: the 106 derived points, numbered, on a face that nobody has.

The face is drawn with ellipses; the mesh and iris networks then find their points on the drawing as they
would on a photograph. Run it as ``python scripts/draw_landmarks.py``; it needs the networks
(``countenance models pull face-landmark-468 iris-landmark``).
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.kernel import Box, Frame, Material, sha256_hex
from countenance.vision import Face
from countenance.vision.drawing import PART_COLOURS, draw_points
from countenance.vision.landmarks import FaceMesh468, FacePart, IrisLandmark, Points106, points_106
from countenance.vision.registry import ModelStore

_SIDE = 400
_ZOOM = 3
_TARGET = Path(__file__).resolve().parent.parent / "docs" / "images" / "points-106.png"


def drawn_face() -> NDArray[np.uint8]:
    """Return a face made of ellipses, uint8, shape (400, 400, 3), RGB."""
    picture = np.full((_SIDE, _SIDE, 3), (225, 228, 232), np.uint8)
    skin, shade, dark, lips = (224, 188, 160), (198, 158, 130), (70, 50, 40), (190, 100, 100)

    def oval(x: int, y: int, wide: int, high: int, colour: tuple[int, int, int]) -> None:
        cv2.ellipse(picture, (x, y), (wide, high), 0, 0, 360, colour, -1, cv2.LINE_AA)

    oval(200, 190, 112, 142, dark)
    oval(200, 330, 50, 60, shade)
    oval(200, 210, 96, 128, skin)
    for x in (155, 245):
        cv2.ellipse(picture, (x, 166), (27, 10), 0, 190, 350, dark, 6, cv2.LINE_AA)
        oval(x, 186, 22, 10, (250, 250, 250))
        oval(x, 186, 9, 9, (90, 70, 50))
        oval(x, 186, 4, 4, (15, 15, 15))
        cv2.ellipse(picture, (x, 186), (22, 10), 0, 180, 360, dark, 2, cv2.LINE_AA)
    cv2.line(picture, (192, 195), (184, 234), shade, 3, cv2.LINE_AA)
    oval(200, 238, 20, 9, shade)
    oval(200, 233, 12, 10, skin)
    for x in (190, 210):
        oval(x, 242, 4, 3, dark)
    oval(200, 278, 34, 12, lips)
    cv2.line(picture, (168, 277), (232, 277), dark, 2, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.2), np.uint8)


def located(pixels: NDArray[np.uint8]) -> Points106:
    """Return the 106 points that are found on the drawing."""
    models = ModelStore()
    frame = Frame(pixels=pixels, material=Material(sha256_hex(pixels.tobytes())))
    mesh = FaceMesh468(content=models.read("face-landmark-468")).locate(
        frame, Face(box=Box(100, 110, 300, 330), score=1.0)
    )
    return points_106(mesh, IrisLandmark(content=models.read("iris-landmark")).locate(frame, mesh))


def main() -> None:
    """Draw the picture."""
    face = drawn_face()
    points = located(face)
    faint = cv2.addWeighted(face, 0.55, np.full_like(face, 255), 0.45, 0)
    picture = np.asarray(cv2.resize(faint, None, fx=_ZOOM, fy=_ZOOM, interpolation=cv2.INTER_CUBIC), np.uint8)
    placed = Points106(points=points.points * np.float32(_ZOOM))
    draw_points(picture, placed, radius=4.0)
    for part in FacePart:
        for index in part.indices:
            x, y = (round(float(value)) for value in placed.points[index])
            cv2.putText(
                picture,
                str(index),
                (x + 5, y - 5),
                cv2.FONT_HERSHEY_SIMPLEX,
                0.4,
                tuple(int(value * 0.7) for value in PART_COLOURS[part]),
                1,
                cv2.LINE_AA,
            )
    _TARGET.parent.mkdir(parents=True, exist_ok=True)
    cut = picture[360:1080, 240:960]
    cv2.imwrite(str(_TARGET), cv2.cvtColor(cut, cv2.COLOR_RGB2BGR))


if __name__ == "__main__":
    main()
