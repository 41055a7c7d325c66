"""A scene with its faces framed and named for what they are; the faces are hidden unless asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.kernel import Box

__all__ = ["LabelledFace", "draw_faces", "png_of"]

_MOSAIC: Final = 8
"""Tiles across a hidden face: fewer than show who it is, enough to see that there is one."""
_HEIGHT: Final = 0.5


@dataclass(frozen=True, slots=True)
class LabelledFace:
    """A face and what is written at it.

    Attributes:
        box: where it is, in pixels; it may reach beyond the picture.
        label: one line.
        colour: of the frame, RGB.
    """

    box: Box
    label: str
    colour: tuple[int, int, int]


def draw_faces(
    pixels: NDArray[np.uint8], faces: Sequence[LabelledFace], *, hidden: bool = True
) -> NDArray[np.uint8]:
    """Return a scene with its faces framed and named.

    Args:
        pixels: uint8, shape (H, W, 3), RGB; it isn't changed.
        faces: what is drawn.
        hidden: whether the faces are covered with a mosaic.

    Returns:
        uint8, of the same shape.
    """
    drawn = np.ascontiguousarray(pixels).copy()
    if hidden:
        for face in faces:
            _hide(drawn, face.box)
    for face in faces:
        box = face.box
        corner, opposite = (round(box.left), round(box.top)), (round(box.right), round(box.bottom))
        cv2.rectangle(drawn, corner, opposite, face.colour, 3)
        (width, height), _ = cv2.getTextSize(face.label, cv2.FONT_HERSHEY_SIMPLEX, _HEIGHT, 1)
        x, y = max(0, corner[0]), max(height + 6, corner[1])
        cv2.rectangle(drawn, (x, y - height - 6), (x + width + 6, y), face.colour, -1)
        place = (x + 3, y - 4)
        cv2.putText(
            drawn, face.label, place, cv2.FONT_HERSHEY_SIMPLEX, _HEIGHT, (255, 255, 255), 1, cv2.LINE_AA
        )
    return drawn


def png_of(pixels: NDArray[np.uint8]) -> bytes:
    """Return a picture as a PNG.

    Args:
        pixels: uint8, shape (H, W, 3), RGB.

    Raises:
        ValueError: if there is no picture of that shape.
    """
    if pixels.ndim != 3 or not pixels.size:  # noqa: PLR2004 - height, width, colours
        msg = "a picture has height, width and three colours"
        raise ValueError(msg)
    return cv2.imencode(".png", np.ascontiguousarray(pixels[..., ::-1]))[1].tobytes()


def _hide(drawn: NDArray[np.uint8], box: Box) -> None:
    height, width = drawn.shape[:2]
    left, top = max(0, int(box.left)), max(0, int(box.top))
    right, bottom = min(width, int(np.ceil(box.right))), min(height, int(np.ceil(box.bottom)))
    if right <= left or bottom <= top:
        return
    there = drawn[top:bottom, left:right]
    tiles = cv2.resize(there, (_MOSAIC, _MOSAIC), interpolation=cv2.INTER_AREA)
    there[...] = cv2.resize(tiles, (right - left, bottom - top), interpolation=cv2.INTER_NEAREST)
