"""Documents that nobody holds, drawn for tests: specimens of ICAO Doc 9303 (state UTO) and a made-up card.

The letters are set one by one at a fixed pitch, as OCR-B is. The font is Pillow's own, so that the pictures
are the same on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

__all__ = [
    "CITIZEN_NUMBER",
    "TD1",
    "TD2",
    "TD3",
    "blurred",
    "draw_card",
    "draw_document",
    "in_perspective",
    "on_a_desk",
]

# ICAO Doc 9303-4, -5 and -6, appendices: the specimens of Utopia.
TD3 = (
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
)
TD1 = (
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F1204159UTO<<<<<<<<<<<6",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
)
TD2 = (
    "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
    "D231458907UTO7408122F1204159<<<<<<<6",
)

# The example of GB 11643-1999; it belongs to nobody.
CITIZEN_NUMBER = "11010519491231002X"

_PAPER = (232, 236, 226)
_INK = (24, 26, 30)
_MM_TO_PX = 8.0
_PITCH = 2.54  # OCR-B: ten characters an inch
_LETTER = 3.4
_SIZES = {30: (85.6, 53.98), 36: (105.0, 74.0), 44: (125.0, 88.0)}


def draw_document(
    lines: Sequence[str], *, scale: float = _MM_TO_PX, portrait: object = None
) -> NDArray[np.uint8]:
    """A document of the size that goes with the lines; `scale` in pixels a millimetre.

    `portrait`, uint8, shape (height, width, 3), is put where the portrait goes.
    """
    length = len(lines[0])
    size = _SIZES[length]
    image = Image.new("RGB", (round(size[0] * scale), round(size[1] * scale)), _PAPER)
    pen = ImageDraw.Draw(image)
    pen.text((40 * scale, 3 * scale), "UTOPIA", font=ImageFont.load_default(5 * scale), fill=(40, 60, 120))
    font = ImageFont.load_default(_LETTER * 1.25 * scale)
    left = (size[0] - length * _PITCH) / 2 * scale
    # Doc 9303-3: the zone's lines are 6.35 mm apart, at the lower edge.
    top = size[1] * scale - (len(lines) * 6.35 + 2.0) * scale
    if portrait is not None:
        _paste(image, portrait, (4 * scale, 8 * scale, 32 * scale, min(44 * scale, top)))
    for row, line in enumerate(lines):
        for place, character in enumerate(line):
            middle = (left + (place + 0.5) * _PITCH * scale, top + (row + 0.5) * 6.35 * scale)
            pen.text(middle, character, font=font, fill=_INK, anchor="mm")
    return np.asarray(image)


def draw_card(number: str, *, scale: float = _MM_TO_PX, portrait: object = None) -> NDArray[np.uint8]:
    """A card of the ID-1 size with a number along its lower edge and a portrait at the right."""
    width, height = _SIZES[30]
    image = Image.new("RGB", (round(width * scale), round(height * scale)), (222, 232, 240))
    pen = ImageDraw.Draw(image)
    if portrait is not None:
        _paste(image, portrait, (57 * scale, 8 * scale, 81 * scale, 40 * scale))
    font = ImageFont.load_default(4.2 * scale)
    for place, character in enumerate(number):
        pen.text(((30 + place * 2.7) * scale, 47 * scale), character, font=font, fill=_INK, anchor="mm")
    return np.asarray(image)


def _paste(image: Image.Image, portrait: object, box: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = (round(value) for value in box)
    photograph = Image.fromarray(np.asarray(portrait, np.uint8))
    image.paste(photograph.resize((right - left, bottom - top), Image.Resampling.LANCZOS), (left, top))


def on_a_desk(
    document: NDArray[np.uint8], *, degrees: float = 0.0, margin: float = 0.25
) -> NDArray[np.uint8]:
    """The document on a dark desk, turned clockwise."""
    height, width = document.shape[:2]
    around = round(margin * max(height, width))
    desk = Image.new("RGB", (width + 2 * around, height + 2 * around), (70, 58, 48))
    desk.paste(Image.fromarray(document), (around, around))
    turned = desk.rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=(70, 58, 48))
    return np.asarray(turned)


def in_perspective(document: NDArray[np.uint8], *, lean: float = 0.08) -> NDArray[np.uint8]:
    """The document on a dark desk, seen slantwise: its far side is shorter by twice `lean`."""
    height, width = document.shape[:2]
    around = 0.2 * width
    there = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    seen = np.array(
        [
            [lean * width, lean * height],
            [(1 - lean) * width, 0],
            [width, height],
            [0, height * (1 - lean / 2)],
        ],
        np.float32,
    )
    matrix = cv2.getPerspectiveTransform(there, np.asarray(seen + around, np.float32))
    size = (round(width + 2 * around), round(height + 2 * around))
    return np.asarray(cv2.warpPerspective(document, matrix, size, borderValue=(70, 58, 48)), np.uint8)


def blurred(picture: NDArray[np.uint8], *, sigma: float) -> NDArray[np.uint8]:
    """The picture out of focus."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)
