"""What is around a face: a room with shoulders in it, and screens that are held in a hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.vision.rendering.heads import PER_CM, RenderedHead
from countenance.vision.rendering.surfaces import AWAY, FOCAL, FRAME_SIZE, Stance, corners_seen

__all__ = ["HeldScreen", "Scenery"]

_WIDTH, _HEIGHT = FRAME_SIZE
_MARGIN: Final = 60
_SHRUNK: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Scenery:
    """A still room. It grows with whoever comes closer.

    Attributes:
        pixels: uint8, shape (600, 760, 3): larger than a frame on every side. Left out of ``repr``.
    """

    pixels: NDArray[np.uint8] = field(repr=False)

    @classmethod
    def around(cls, head: RenderedHead, *, seed: int) -> Self:
        """Return a portrait's surroundings and shoulders, without its head.

        Args:
            head: whose.
            seed: of the room behind, where the portrait ends.
        """
        size = (_WIDTH + 2 * _MARGIN, _HEIGHT + 2 * _MARGIN)
        shift = head.to_texture * (FOCAL / AWAY / PER_CM)
        height, width = head.surface.texture.shape[:2]
        middle = np.array([width / 2, height * 15.0 / 27.0]) * (FOCAL / AWAY / PER_CM)
        shift[:, 2] += np.array(size) / 2 - middle
        placed = cv2.warpAffine(head.portrait, shift, size, borderMode=cv2.BORDER_REPLICATE)
        whole = np.full(head.portrait.shape[:2], 255, np.uint8)
        inside = cv2.warpAffine(whole, shift, size, borderValue=(0,))
        share = cv2.GaussianBlur(inside, (0, 0), 18).astype(np.float32)[..., None] / 255
        share = np.clip(2 * share - 1, 0, 1) * _of_the_person(size)
        room = _room(size, tuple(placed[inside > 0].mean(axis=0)), seed)
        mixed = share * placed + (1 - share) * room
        return cls(_without_head(mixed.astype(np.uint8), head))

    @classmethod
    def empty(cls, *, seed: int) -> Self:
        """Return a room with nobody in it."""
        size = (_WIDTH + 2 * _MARGIN, _HEIGHT + 2 * _MARGIN)
        tint = tuple(np.random.default_rng(seed).uniform(90, 190, 3))
        return cls(_room(size, tint, seed).astype(np.uint8))

    def seen(self, stance: Stance, *, follows: float = 1.0) -> NDArray[np.uint8]:
        """Return the room as a frame, uint8, shape (480, 640, 3).

        Args:
            stance: of whoever sits in it.
            follows: how much of the stance's move and growth it takes part in; 0 for a room far behind.
        """
        grown = 1 + follows * (stance.closer - 1)
        shift = follows * np.array([stance.x, stance.y]) * FOCAL / AWAY * grown
        middle = np.array([_WIDTH / 2, _HEIGHT / 2])
        offset = middle + shift - grown * (middle + _MARGIN)
        move = np.array([[grown, 0, offset[0]], [0, grown, offset[1]]])
        return np.asarray(
            cv2.warpAffine(self.pixels, move, FRAME_SIZE, borderMode=cv2.BORDER_REPLICATE), np.uint8
        )


def _of_the_person(size: tuple[int, int]) -> NDArray[np.float32]:
    """Return how much of each pixel is of the person rather than of whoever else stands in the portrait."""
    drawn = np.zeros((size[1], size[0]), np.uint8)
    middle = (size[0] // 2, size[1] // 2)
    cv2.ellipse(drawn, (middle[0], middle[1] - 12), (100, 140), 0, 0, 360, (255,), -1)
    shoulders = np.array([(-70, 60), (70, 60), (190, 150), (210, 400), (-210, 400), (-190, 150)]) + middle
    cv2.fillPoly(drawn, [shoulders.astype(np.int32).reshape(-1, 1, 2)], (255,))
    return np.asarray(cv2.GaussianBlur(drawn, (0, 0), 8).astype(np.float32)[..., None] / 255, np.float32)


def _room(size: tuple[int, int], tint: tuple[float, ...], seed: int) -> NDArray[np.float32]:
    """Return a blurred wall with soft furniture: no edge that could pass for a face or a screen."""
    rng = np.random.default_rng(seed)
    rough = rng.normal(0, 12, (5, 7, 1)) + np.array(tint)
    wall = cv2.resize(rough.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(wall, 8, 247), np.float32)


def _without_head(pixels: NDArray[np.uint8], head: RenderedHead) -> NDArray[np.uint8]:
    there = (head.surface.texture[..., 3] > 8).astype(np.uint8) * 255  # noqa: PLR2004 - a soft edge begins
    scale = FOCAL / AWAY / PER_CM
    height, width = there.shape
    middle = np.array([width / 2, height * 15.0 / 27.0]) * scale
    size = (pixels.shape[1], pixels.shape[0])
    offset = np.array(size) / 2 - middle
    move = np.array([[scale, 0, offset[0]], [0, scale, offset[1]]])
    mask = cv2.dilate(cv2.warpAffine(there, move, size), np.ones((9, 9), np.uint8))
    small = (size[0] // _SHRUNK, size[1] // _SHRUNK)
    filled = cv2.inpaint(
        cv2.resize(pixels, small, interpolation=cv2.INTER_AREA),
        cv2.resize(mask, small, interpolation=cv2.INTER_NEAREST),
        5,
        cv2.INPAINT_TELEA,
    )
    under = cv2.GaussianBlur(cv2.resize(filled, size, interpolation=cv2.INTER_LINEAR), (0, 0), 4)
    share = cv2.GaussianBlur(mask, (0, 0), 3).astype(np.float32)[..., None] / 255
    return np.asarray(share * under + (1 - share) * pixels, np.uint8)


@dataclass(frozen=True, slots=True)
class HeldScreen:
    """A screen that shows frames, in a dark rim.

    Attributes:
        width: centimetres; it is three quarters as high.
        shown: share of a frame's width and height that it shows, around the middle.
        rim: centimetres of the rim.
        contrast: of the screen against the thing itself, 0 to 1.
    """

    width: float = 26.0
    shown: float = 0.75
    rim: float = 0.8
    contrast: float = 0.92

    def paint(self, frame: NDArray[np.uint8], picture: NDArray[np.uint8], stance: Stance) -> None:
        """Paint the screen with a picture on it over a frame, in place.

        Args:
            frame: uint8, shape (480, 640, 3).
            picture: uint8, shape (480, 640, 3): what it shows.
            stance: how the screen is held.
        """
        rim = self.rim * _WIDTH * self.shown / self.width
        left, top = _WIDTH * (1 - self.shown) / 2, _HEIGHT * (1 - self.shown) / 2
        lit = np.clip(6 + self.contrast * picture.astype(np.float32), 0, 255).astype(np.uint8)
        lit[1::3] = (lit[1::3] * 0.985).astype(np.uint8)
        whole = cv2.copyMakeBorder(
            lit[int(top) : _HEIGHT - int(top), int(left) : _WIDTH - int(left)],
            int(rim), int(rim), int(rim), int(rim), cv2.BORDER_CONSTANT, value=(16, 16, 18),
        )  # fmt: skip
        size = (self.width / 2 + self.rim, self.width * 0.375 + self.rim)
        onto = corners_seen(size, stance)
        high, wide = whole.shape[:2]
        source = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
        move = cv2.getPerspectiveTransform(source, onto)
        painted = cv2.warpPerspective(whole, move, FRAME_SIZE, flags=cv2.INTER_LINEAR)
        there = cv2.warpPerspective(np.full((high, wide), 255, np.uint8), move, FRAME_SIZE)
        frame[there > 127] = painted[there > 127]  # noqa: PLR2004 - half of a pixel
