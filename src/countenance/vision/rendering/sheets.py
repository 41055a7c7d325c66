"""Prints of a portrait: flat, bent, with holes for the eyes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.vision.rendering.heads import PER_CM, PIVOT, RenderedHead
from countenance.vision.rendering.surfaces import Surface

__all__ = ["Sheet", "cut_out_sheet", "printed_sheet"]

_MARGIN: Final = 1.5
_HALF: Final = (9.5, 13.0)
_EVERY: Final = 2
_WORN: Final = 3.5
"""Centimetres by which a sheet that is worn stands off the eyes: as far as the nose."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A print on paper.

    Attributes:
        texture: uint8, shape (H, W, 4): the print with its white margin.
        pivot: centimetres behind the face's place around which it is turned: 0 in a hand, more on a face.
        before: centimetres by which it stands before that place.
    """

    texture: NDArray[np.uint8] = field(repr=False)
    pivot: float = 0.0
    before: float = 0.0

    def surface(self, radius: float | None) -> Surface:
        """Return the sheet flat (``None``), or around an upright cylinder of this radius in centimetres."""
        height, width = self.texture.shape[:2]
        across = (np.arange(0, width, _EVERY, dtype=np.float32) + 0.5 - width / 2) / PER_CM
        down = (np.arange(0, height, _EVERY, dtype=np.float32) + 0.5 - height / 2) / PER_CM
        x, z = across, np.zeros_like(across)
        if radius is not None:
            x, z = radius * np.sin(across / radius), radius * (np.cos(across / radius) - 1)
        points = np.empty((down.size, across.size, 3), np.float32)
        points[..., 0], points[..., 1], points[..., 2] = x, down[:, None], z + self.before
        return Surface(self.texture, points, self.pivot, every=_EVERY)


def printed_sheet(head: RenderedHead, *, contrast: float = 0.85) -> Sheet:
    """Print the portrait of a head at its own size on a sheet of 19 by 26 cm.

    Args:
        head: whose portrait.
        contrast: of paper against a screen or skin; 0 to 1. Dots of a printer are laid over it.
    """
    inner = np.array([2 * (_HALF[0] - _MARGIN), 2 * (_HALF[1] - _MARGIN)]) * PER_CM
    size = (int(inner[0]), int(inner[1]))
    height, width = head.surface.texture.shape[:2]
    shift = head.to_texture.copy()
    # The face's middle comes to the middle of the sheet, a little below, as in a passport photograph.
    middle = np.array([width / 2, height * 15.0 / 27.0])
    shift[:, 2] += inner / 2 + (0, PER_CM) - middle
    picture = cv2.warpAffine(
        head.portrait, shift, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    dots = np.random.default_rng(7).normal(0, 3.0, picture.shape[:2])[..., None]
    inked = 20 + contrast * picture + dots
    margin = int(_MARGIN * PER_CM)
    whole = cv2.copyMakeBorder(
        np.clip(inked, 0, 255).astype(np.uint8),
        margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=(238, 238, 234),
    )  # fmt: skip
    solid = np.full((*whole.shape[:2], 1), 255, dtype=np.uint8)
    return Sheet(np.concatenate([whole, solid], axis=2))


def cut_out_sheet(head: RenderedHead) -> Sheet:
    """Print a portrait and cut out its eyes; it is worn on a face, and turned with it."""
    sheet = printed_sheet(head)
    texture = sheet.texture.copy()
    moved = np.array(texture.shape[1::-1]) / 2 + (0, PER_CM)
    height, width = head.surface.texture.shape[:2]
    offset = moved - (width / 2, height * 15.0 / 27.0)
    holes = np.zeros(texture.shape[:2], dtype=np.uint8)
    for eye in head.eyes:
        upper, lower = eye[:, :2], eye[::-1][:, [0, 2]]
        drawn = np.rint(np.concatenate([upper, lower]) + offset).astype(np.int32)
        cv2.fillPoly(holes, [drawn.reshape(-1, 1, 2)], (255,))
    around = cv2.dilate(holes, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7)))
    texture[..., 3] = 255 - around
    return replace(sheet, texture=texture, pivot=PIVOT, before=_WORN)
