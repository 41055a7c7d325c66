"""A textured surface in space as a pinhole camera sees it.

Rules of this module:

* A surface is a grid of points with a picture: whatever is nearer hides what is behind it.
* Space is in centimetres: x to the right of the picture, y down, z towards the camera.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["AWAY", "FOCAL", "FRAME_SIZE", "Stance", "Surface", "corners_seen", "paint", "rotation"]

FRAME_SIZE: Final = (640, 480)
"""Width and height of what is rendered, in pixels."""

FOCAL: Final = 554.0
"""Focal length in pixels: 60 degrees across 640 pixels."""

AWAY: Final = 60.0
"""Centimetres from the camera to a face that nobody asked to come closer."""

_COARSE: Final = 2
"""Where a pixel comes from is worked out for every second one and interpolated between."""

_LEAST_NEIGHBOURS: Final = 0.2
_FINE: Final = 100.0


@dataclass(frozen=True, slots=True)
class Stance:
    """How a thing is held before the camera.

    Attributes:
        yaw: degrees; positive towards the right edge of the picture.
        pitch: degrees; positive when the face tilts down.
        roll: degrees; positive clockwise in the picture.
        closer: the distance at the start over the distance now; above 0.
        x: centimetres to the right.
        y: centimetres down.
        closed: how far the eyelids are closed, 0 to 1.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    closer: float = 1.0
    x: float = 0.0
    y: float = 0.0
    closed: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A grid of points with a picture on it.

    Attributes:
        texture: uint8, shape (H, W, 4): RGB, and how much of it is there. Left out of ``repr``.
        points: float32, shape (H / every, W / every, 3), rounded up: where every so-manieth pixel of every
            so-manieth row lies, in centimetres. Left out of ``repr``.
        pivot: centimetres behind its origin around which it is turned.
        every: so many; more than 1 where the surface is smooth.
    """

    texture: NDArray[np.uint8] = field(repr=False)
    points: NDArray[np.float32] = field(repr=False)
    pivot: float
    every: int = 1


def rotation(stance: Stance) -> NDArray[np.float32]:
    """Return the turn of a stance, shape (3, 3): roll first, then pitch, then yaw."""
    a, b, c = np.radians([stance.yaw, stance.pitch, stance.roll])
    yaw = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    pitch = np.array([[1, 0, 0], [0, np.cos(b), np.sin(b)], [0, -np.sin(b), np.cos(b)]])
    roll = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return np.asarray(yaw @ pitch @ roll, dtype=np.float32)


def paint(frame: NDArray[np.uint8], surface: Surface, stance: Stance) -> None:
    """Paint a surface over a frame, in place.

    Args:
        frame: uint8, shape (480, 640, 3), RGB.
        surface: what is painted.
        stance: how it is held.
    """
    every = surface.every
    # What isn't there hides nothing.
    which = np.flatnonzero(surface.texture[::every, ::every, 3].reshape(-1))
    seen, depth = _projected(surface.points.reshape(-1, 3)[which], surface.pivot, stance)
    left, top = np.maximum(np.floor(seen.min(axis=0)).astype(int) - 2, 0)
    right, bottom = np.minimum(np.ceil(seen.max(axis=0)).astype(int) + 3, FRAME_SIZE)
    if right - left <= _COARSE or bottom - top <= _COARSE:
        return
    coarse = ((bottom - top) // _COARSE + 1, (right - left) // _COARSE + 1)
    cells = ((seen - (left, top)) / _COARSE).astype(np.int32)
    inside = np.flatnonzero(((cells >= 0) & (cells < (coarse[1], coarse[0]))).all(axis=1))
    # The farthest first, so that the nearest stays; tenths of a millimetre sort fast as whole numbers.
    order = np.argsort(-np.rint(depth[inside] * _FINE).astype(np.int16), kind="stable")
    inside = inside[order]
    lookup = np.full(coarse[0] * coarse[1], -1, dtype=np.int32)
    lookup[cells[inside, 1] * coarse[1] + cells[inside, 0]] = which[inside]
    source, there = _sources(lookup.reshape(coarse), surface.points.shape[1])
    source *= every
    size = (coarse[1] * _COARSE, coarse[0] * _COARSE)
    spread = cv2.resize(np.dstack([source, there]), size, interpolation=cv2.INTER_LINEAR)
    spread = spread[: bottom - top, : right - left]
    picked = cv2.remap(
        surface.texture,
        np.ascontiguousarray(spread[..., 0]),
        np.ascontiguousarray(spread[..., 1]),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    share = (picked[..., 3:].astype(np.float32) / 255) * np.clip(2 * spread[..., 2:] - 1, 0, 1)
    under = frame[top:bottom, left:right]
    under[...] = (under + share * (picked[..., :3].astype(np.float32) - under) + 0.5).astype(np.uint8)


def _projected(
    points: NDArray[np.float32], pivot: float, stance: Stance
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return pixels, shape (N, 2), and distances from the camera in centimetres, shape (N,)."""
    turn, (x, y, z) = rotation(stance), points.T
    z = z + np.float32(pivot)
    # By hand: a product of so thin a matrix would wake every thread of the library for nothing.
    across, down, towards = (row[0] * x + row[1] * y + row[2] * z for row in turn)
    depth = np.maximum(np.float32(AWAY / stance.closer + pivot) - towards, np.float32(1.0))
    pixels = np.empty((len(points), 2), np.float32)
    pixels[:, 0] = FOCAL * (across + np.float32(stance.x)) / depth + FRAME_SIZE[0] / 2
    pixels[:, 1] = FOCAL * (down + np.float32(stance.y)) / depth + FRAME_SIZE[1] / 2
    return pixels, np.asarray(depth, np.float32)


def _sources(lookup: NDArray[np.int32], width: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return from which pixel of the texture each coarse pixel comes, and whether from any.

    Small holes, where a surface is seen stretched, are filled from their neighbours.
    """
    there = (lookup >= 0).astype(np.float32)
    row, column = np.divmod(np.maximum(lookup, 0), width)
    source = np.dstack([column, row]).astype(np.float32) * there[..., None]
    for _ in range(2):
        share = cv2.blur(there, (3, 3))
        filled = cv2.blur(source, (3, 3)) / np.maximum(share, 1e-6)[..., None]
        hole = (there == 0) & (share > _LEAST_NEIGHBOURS)
        source[hole] = filled[hole]
        there[hole] = 1.0
    # Around the outline the map goes on smoothly, so that interpolation doesn't mix in pixel 0, 0.
    share = cv2.blur(there, (5, 5))
    outside = (there == 0) & (share > 0)
    source[outside] = (cv2.blur(source, (5, 5)) / np.maximum(share, 1e-6)[..., None])[outside]
    return source, there


def corners_seen(half: tuple[float, float], stance: Stance) -> NDArray[np.float32]:
    """Return where the corners of a flat thing are seen, shape (4, 2), from the upper left clockwise.

    Args:
        half: half of its width and of its height, in centimetres.
        stance: how it is held.
    """
    x, y = half
    corners = np.array([[-x, -y, 0], [x, -y, 0], [x, y, 0], [-x, y, 0]], np.float32)
    return _projected(corners, 0.0, stance)[0]
