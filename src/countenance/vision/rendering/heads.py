"""A head made from one portrait: its own face mesh, a skull around it, its own picture on top.

Rules of this module:

* The depth of the face is the mesh network's; the skull behind it is a proxy that nobody measured.
* One portrait shows no side of a head: what comes into view in a turn is the outline's picture, stretched.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.kernel import CallerError, HeadPose
from countenance.vision.landmarks import head_pose
from countenance.vision.rendering.surfaces import Stance, Surface, rotation

__all__ = [
    "EYES_APART",
    "PER_CM",
    "PIVOT",
    "PortraitUnusable",
    "RenderedHead",
    "head_from_portrait",
    "require_frontal",
]

EYES_APART: Final = 8.8917
"""Centimetres between the outer corners of the eyes in MediaPipe's canonical face."""

PER_CM: Final = 12.0
"""Pixels of texture in a centimetre."""

PIVOT: Final = 8.0
"""Centimetres behind the face around which a head turns."""

_HALF_WIDTH: Final = 11.0
_ABOVE: Final = 15.0
_BELOW: Final = 12.0
_EYE_LEFT, _EYE_RIGHT = 33, 263
_OVAL: Final = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
_LIDS: Final = (
    ((33, 246, 161, 160, 159, 158, 157, 173, 133), (33, 7, 163, 144, 145, 153, 154, 155, 133)),
    ((362, 398, 384, 385, 386, 387, 388, 466, 263), (362, 382, 381, 380, 374, 373, 390, 249, 263)),
)
_MOST_TURNED: Final = 8.0
_INNER: Final = 0.97
_SHRUNK: Final = 4
_LEAST_EYES: Final = 30.0
_BROW: Final = 1.6
"""Centimetres above an upper lid from which skin is drawn down when it closes."""


class PortraitUnusable(CallerError):
    """No head can be made from this portrait."""

    code = "portrait-unusable"
    default_remedy = "Give one face that looks straight into the camera, 30 pixels between the eyes or more."


@dataclass(frozen=True, slots=True, eq=False)
class RenderedHead:
    """A head that can be turned before a camera.

    Attributes:
        surface: the head with open eyes.
        eyes: for each eye float32, shape (W, 3): column of the texture, row of the upper and the lower
            lid. Left out of ``repr``.
        portrait: uint8, shape (H, W, 3): the picture that it was made from, upright. Left out of ``repr``.
        to_texture: float64, shape (2, 3): from pixels of the portrait to those of the texture.
    """

    surface: Surface
    eyes: tuple[NDArray[np.float32], ...] = field(repr=False)
    portrait: NDArray[np.uint8] = field(repr=False)
    to_texture: NDArray[np.float64] = field(repr=False)

    def with_lids(self, closed: float) -> Surface:
        """Return the head with its lids closed so far, 0 to 1: the skin above an eye is drawn over it."""
        if closed <= 0.0:
            return self.surface
        texture = self.surface.texture.copy()
        rows = np.arange(texture.shape[0], dtype=np.float32)
        for eye in self.eyes:
            for column, upper, lower in eye:
                brow, lid = upper - _BROW * PER_CM, upper + min(closed, 1.0) * max(lower - upper, 0.0)
                moved = (rows >= brow) & (rows <= lid)
                came = brow + (rows[moved] - brow) * (upper - brow) / max(lid - brow, 1.0)
                texture[moved, int(column)] = self.surface.texture[came.astype(int), int(column)]
        return replace(self.surface, texture=texture)


def head_from_portrait(portrait: NDArray[np.uint8], mesh: NDArray[np.float32]) -> RenderedHead:
    """Make a head.

    Args:
        portrait: uint8, shape (H, W, 3), RGB, upright.
        mesh: float32, shape (468, 3): the face's mesh in it, as :class:`~countenance.vision.Mesh` has it.

    Raises:
        PortraitUnusable: if the face is too small, or doesn't look into the camera.
    """
    pose = require_frontal(mesh)
    across = float(np.linalg.norm(mesh[_EYE_LEFT] - mesh[_EYE_RIGHT]))
    scale = EYES_APART / across
    to_texture = _placed(mesh, pose.roll, scale)
    flat = np.concatenate([mesh[:, :2], np.ones((len(mesh), 1))], axis=1) @ to_texture.T
    points = np.concatenate(
        [flat / PER_CM - (_HALF_WIDTH, _ABOVE), -scale * (mesh[:, 2:] - mesh[:, 2].mean())], axis=1
    )
    size = (int(2 * _HALF_WIDTH * PER_CM), int((_ABOVE + _BELOW) * PER_CM))
    texture = np.asarray(
        cv2.warpAffine(portrait, to_texture, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE),
        np.uint8,
    )
    outline = _outline(points)
    grid = _grid(points, outline, size)
    # The portrait's own turn is taken out, so that a head at rest looks straight into the camera.
    straight = rotation(Stance(yaw=-pose.yaw, pitch=-pose.pitch))
    eyes = tuple(_lids(flat, lids) for lids in _LIDS)
    covered = _covered(texture, points[list(_OVAL), :2])
    solid = np.dstack([_smoothed(covered, grid), _there(outline, size)])
    return RenderedHead(Surface(solid, grid @ straight.T, PIVOT), eyes, portrait, to_texture)


def require_frontal(mesh: NDArray[np.float32]) -> HeadPose:
    """Return where a portrait's face looks, if a head can be made from it.

    Args:
        mesh: float32, shape (468, 3), in pixels of the portrait.

    Raises:
        PortraitUnusable: if the face is too small, or doesn't look into the camera.
    """
    pose = head_pose(mesh)
    apart = float(np.linalg.norm(mesh[_EYE_LEFT, :2] - mesh[_EYE_RIGHT, :2]))
    if max(abs(pose.yaw), abs(pose.pitch)) > _MOST_TURNED or apart < _LEAST_EYES:
        raise PortraitUnusable("The portrait's face is turned or too small.")
    return pose


def _placed(mesh: NDArray[np.float32], roll: float, scale: float) -> NDArray[np.float64]:
    """Return the similarity that takes the portrait's pixels to those of the texture, upright."""
    c, s = np.cos(np.radians(roll)), np.sin(np.radians(roll))
    turn = np.array([[c, s], [-s, c]]) * scale * PER_CM
    middle = mesh[list(_OVAL), :2].astype(np.float64).mean(axis=0)
    return np.column_stack([turn, np.array([_HALF_WIDTH, _ABOVE]) * PER_CM - turn @ middle])


def _outline(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the outline of the whole head, shape (36, 2): the face's, with hair, ears and the jaw."""
    oval = points[list(_OVAL), :2]
    middle = oval.mean(axis=0)
    out = oval - middle
    up = np.clip(-out[:, 1] / np.abs(out[:, 1]).max(), -1, 1)
    wider = 1.10 + 0.40 * np.clip(up, 0, 1) ** 2 - 0.07 * np.clip(-up, 0, 1)
    return np.asarray(middle + out * wider[:, None])


def _grid(
    points: NDArray[np.float64], outline: NDArray[np.float64], size: tuple[int, int]
) -> NDArray[np.float32]:
    """Return where every pixel of the texture lies: a thin plate through the mesh and the skull's edge."""
    oval = points[list(_OVAL)]
    middle = outline.mean(axis=0)
    jaw = np.clip((outline[:, 1] - middle[1]) / np.abs(outline[:, 1] - middle[1]).max(), 0, 1)
    edge = np.column_stack([outline, oval[:, 2] - 3.0 + 2.0 * jaw])
    known = np.concatenate([points, edge])
    coarse = (size[0] // 4, size[1] // 4)
    x = (np.arange(coarse[0]) + 0.5) * 4 / PER_CM - _HALF_WIDTH
    y = (np.arange(coarse[1]) + 0.5) * 4 / PER_CM - _ABOVE
    at = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    depth = _thin_plate(known[:, :2], known[:, 2], at).reshape(coarse[1], coarse[0])
    depth = np.maximum(depth, float(edge[:, 2].min()) - 1.0)
    full = cv2.resize(depth.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    columns = (np.arange(size[0], dtype=np.float32) + 0.5) / PER_CM - _HALF_WIDTH
    rows = (np.arange(size[1], dtype=np.float32) + 0.5) / PER_CM - _ABOVE
    across, down = np.meshgrid(columns, rows)
    return np.dstack([across, down, full]).astype(np.float32)


def _covered(texture: NDArray[np.uint8], oval: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return a texture whose cheeks go on where the portrait shows the room behind them, below the eyes."""
    high, wide = texture.shape[:2]
    small = (wide // _SHRUNK, high // _SHRUNK)
    middle = oval.mean(axis=0)
    within = middle + _INNER * (oval - middle) + np.array([_HALF_WIDTH, _ABOVE])
    face = np.zeros((small[1], small[0]), np.uint8)
    cv2.fillPoly(face, [np.rint(within * PER_CM / _SHRUNK).astype(np.int32).reshape(-1, 1, 2)], (255,))
    shrunk = cv2.resize(texture, small, interpolation=cv2.INTER_AREA)
    filled = cv2.inpaint(shrunk, 255 - face, 3, cv2.INPAINT_TELEA)
    smooth = cv2.GaussianBlur(cv2.resize(filled, (wide, high)), (0, 0), 0.2 * PER_CM)
    rows = (np.arange(high, dtype=np.float32) + 0.5) / PER_CM - _ABOVE
    below = np.clip((rows - (middle[1] - 4.0)) / 2.0, 0, 1)[:, None, None]
    outside = cv2.GaussianBlur(255 - cv2.resize(face, (wide, high)), (0, 0), 0.2 * PER_CM)
    share = below * (outside.astype(np.float32)[..., None] / 255)
    return np.asarray(share * smooth + (1 - share) * texture, np.uint8)


def _smoothed(texture: NDArray[np.uint8], grid: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return a texture without the grain of what the portrait saw from the side: a turn would stretch it."""
    slope = np.abs(np.gradient(grid[..., 2], 1 / PER_CM, axis=1)).astype(np.float32)
    steep = np.clip(cv2.GaussianBlur(slope, (0, 0), 0.3 * PER_CM) - 0.8, 0, 1)[..., None]
    smooth = cv2.GaussianBlur(texture, (0, 0), sigmaX=0.3 * PER_CM, sigmaY=0.9 * PER_CM)
    return np.asarray(steep * smooth + (1 - steep) * texture, np.uint8)


def _thin_plate(
    known: NDArray[np.float64], values: NDArray[np.float64], at: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the thin-plate spline through values at points (Bookstein, 1989), a little smoothed."""

    def kernel(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        square = ((a[:, None] - b[None]) ** 2).sum(axis=2)
        return np.asarray(square * np.log(np.maximum(square, 1e-12)))

    def linear(p: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack([np.ones(len(p)), p])

    bent = kernel(known, known) + 0.02 * np.eye(len(known))
    sides = linear(known)
    whole = np.block([[bent, sides], [sides.T, np.zeros((3, 3))]])
    solved = np.linalg.solve(whole, np.concatenate([values, np.zeros(3)]))
    return np.asarray(kernel(at, known) @ solved[:-3] + linear(at) @ solved[-3:])


def _there(outline: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return how much of each pixel belongs to the head, with a soft edge."""
    drawn = np.zeros((size[1], size[0]), dtype=np.uint8)
    corners = np.rint((outline + np.array([_HALF_WIDTH, _ABOVE])) * PER_CM).astype(np.int32)
    cv2.fillPoly(drawn, [corners.reshape(-1, 1, 2)], (255,))
    return np.asarray(cv2.GaussianBlur(drawn, (0, 0), 0.25 * PER_CM), dtype=np.uint8)


def _lids(flat: NDArray[np.float64], lids: tuple[tuple[int, ...], tuple[int, ...]]) -> NDArray[np.float32]:
    upper, lower = (flat[list(part)] for part in lids)
    columns = np.arange(np.ceil(upper[:, 0].min()), np.floor(upper[:, 0].max()))
    rows = [
        np.interp(columns, part[np.argsort(part[:, 0]), 0], part[np.argsort(part[:, 0]), 1])
        for part in (upper, lower)
    ]
    return np.stack([columns, *rows], axis=1).astype(np.float32)
