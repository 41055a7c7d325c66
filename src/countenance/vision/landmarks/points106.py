"""The 106 points, *derived* from the mesh and the iris network.

They are no network's own output and aren't annotated by hand: each is a point of the 468-point mesh, of
the lids or of the iris, or lies on the line between two mesh points. The order is fixed here; it is this
product's own and groups the points by part. ``docs/explanation/landmarks.md`` has the table and a picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.vision.landmarks.base import Mesh
from countenance.vision.landmarks.iris import LIDS_AT_LEFT, LIDS_AT_RIGHT, Eye, Eyes

__all__ = ["MIRRORED_106", "POINT_COUNT", "SOURCES_106", "FacePart", "PointSource", "Points106", "points_106"]

POINT_COUNT: Final = 106


class FacePart(StrEnum):
    """The groups, in the order of the points."""

    CONTOUR = "contour"
    BROWS = "brows"
    NOSE = "nose"
    EYES = "eyes and pupils"
    MOUTH = "mouth"

    @property
    def indices(self) -> range:
        """The numbers of the group's points."""
        first, last = _RANGES[self]
        return range(first, last + 1)


_RANGES: Final = {
    FacePart.CONTOUR: (0, 32),
    FacePart.BROWS: (33, 50),
    FacePart.NOSE: (51, 65),
    FacePart.EYES: (66, 85),
    FacePart.MOUTH: (86, 105),
}


class _From(StrEnum):
    MESH = "mesh"
    LIDS = "lids"
    LID_CENTRE = "middle of the lids"
    IRIS = "iris"


@dataclass(frozen=True, slots=True)
class PointSource:
    """Where one of the 106 points comes from.

    Attributes:
        origin: ``mesh``, ``lids`` (refined by the iris network), ``middle of the lids`` or ``iris``.
        first: number of a mesh point, or for lids the mesh number that the lid point stands for; for the
            middle and the iris, that of the eye's outer corner.
        second: the mesh point towards which the point lies; equal to ``first`` where it is that point.
        share: how far towards ``second``, in [0, 1).
    """

    origin: str
    first: int
    second: int
    share: float = 0.0

    @property
    def words(self) -> str:
        """The source as the table of the documentation says it."""
        if self.origin == _From.MESH:
            between = f"{self.share:.4f} of the way from mesh {self.first} to {self.second}"
            return between if self.share else f"mesh {self.first}"
        if self.origin == _From.LIDS:
            return f"lid point {self.first}, by the iris network"
        side = "left" if self.first == LIDS_AT_LEFT[0] else "right"
        what = "centre of the iris" if self.origin == _From.IRIS else "mean of the 16 lid points"
        return f"{what}, eye at the image's {side}"


# From the image's left temple down to the chin, in the order of the mesh's oval.
_JAW_AT_LEFT = (127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152)
_JAW_AT_RIGHT = (356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152)
_STEPS = 16  # from the temple to the chin
_BROW_AT_LEFT = (70, 63, 105, 66, 107, 55, 65, 52, 53)
_BROW_AT_RIGHT = (300, 293, 334, 296, 336, 285, 295, 282, 283)
_NOSE = (168, 6, 195, 4, 193, 198, 48, 417, 420, 278, 98, 97, 2, 326, 327)
_LIDS_CHOSEN = (0, 11, 12, 13, 8, 6, 4, 2)  # outer corner, three above, inner corner, three below
_LIPS_OUTER = (61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91)
_LIPS_INNER = (78, 81, 13, 311, 308, 402, 14, 178)


def _jaw(line: tuple[int, ...]) -> list[PointSource]:
    """Return 16 points from the temple to just before the chin, at even steps along the mesh's edges."""
    found = []
    for step in range(_STEPS):
        edge, rest = divmod(step * (len(line) - 1), _STEPS)
        share = rest / _STEPS
        found.append(PointSource(_From.MESH, line[edge], line[edge + 1] if share else line[edge], share))
    return found


def _eye(lids: tuple[int, ...]) -> Iterator[PointSource]:
    for chosen in _LIDS_CHOSEN:
        yield PointSource(_From.LIDS, lids[chosen], lids[chosen])
    yield PointSource(_From.LID_CENTRE, lids[0], lids[0])
    yield PointSource(_From.IRIS, lids[0], lids[0])


def _sources() -> tuple[PointSource, ...]:
    chin = PointSource(_From.MESH, _JAW_AT_LEFT[-1], _JAW_AT_LEFT[-1])
    plain = (*_LIPS_OUTER, *_LIPS_INNER)
    return (
        *_jaw(_JAW_AT_LEFT),
        chin,
        *reversed(_jaw(_JAW_AT_RIGHT)),
        *(PointSource(_From.MESH, index, index) for index in (*_BROW_AT_LEFT, *_BROW_AT_RIGHT, *_NOSE)),
        *_eye(LIDS_AT_LEFT),
        *_eye(LIDS_AT_RIGHT),
        *(PointSource(_From.MESH, index, index) for index in plain),
    )


def _mirrored() -> tuple[int, ...]:
    nose = (0, 1, 2, 3, 7, 8, 9, 4, 5, 6, 14, 13, 12, 11, 10)
    outer = (6, 5, 4, 3, 2, 1, 0, 11, 10, 9, 8, 7)
    inner = (4, 3, 2, 1, 0, 7, 6, 5)
    return (
        *range(32, -1, -1),
        *range(42, 51),
        *range(33, 42),
        *(51 + index for index in nose),
        *range(76, 86),
        *range(66, 76),
        *(86 + index for index in outer),
        *(98 + index for index in inner),
    )


SOURCES_106: Final[tuple[PointSource, ...]] = _sources()
"""Where each of the 106 points comes from, in order."""

MIRRORED_106: Final[tuple[int, ...]] = _mirrored()
"""For each point, the number of the point that takes its place when the picture is mirrored."""

_FIRST = np.array([source.first for source in SOURCES_106])
_SECOND = np.array([source.second for source in SOURCES_106])
_SHARE = np.array([source.share for source in SOURCES_106])[:, None]


@dataclass(frozen=True, slots=True, eq=False)
class Points106:
    """The 106 points of one face.

    Attributes:
        points: float32, shape (106, 2), x and y in pixels of the frame. Left out of ``repr``.
    """

    points: NDArray[np.float32] = field(repr=False)

    def part(self, part: FacePart) -> NDArray[np.float32]:
        """Return the points of one group, float32, shape (n, 2); a copy."""
        return self.points[part.indices.start : part.indices.stop].copy()

    def wipe(self) -> None:
        """Overwrite the points with zeros."""
        if self.points.flags.writeable:
            self.points[...] = 0


def points_106(mesh: Mesh, eyes: Eyes) -> Points106:
    """Derive the 106 points of a face.

    Args:
        mesh: its mesh, in pixels of the frame.
        eyes: its lids and irises, in pixels of the frame.
    """
    flat = mesh.points[:, :2].astype(np.float64)
    placed = flat[_FIRST] * (1.0 - _SHARE) + flat[_SECOND] * _SHARE
    first = FacePart.EYES.indices.start
    half = len(_LIDS_CHOSEN) + 2
    placed[first : first + half] = _eye_points(eyes.at_left)
    placed[first + half : first + 2 * half] = _eye_points(eyes.at_right)
    return Points106(points=placed.astype(np.float32))


def _eye_points(eye: Eye) -> NDArray[np.float64]:
    lids = eye.lids.astype(np.float64)
    return np.concatenate([lids[list(_LIDS_CHOSEN)], lids.mean(axis=0)[None], eye.iris[:1]])
