"""How far eyes and mouth are open: ratios of distances, without a unit.

A ratio says how the picture is, not why: closed eyes are a blink, sleep, sun or a smile. Nothing here
concludes anything about a person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from countenance.vision.landmarks.base import Mesh
from countenance.vision.landmarks.iris import Eye, Eyes

__all__ = ["Openness", "eye_openness", "mouth_openness", "openness"]

_OUTER, _INNER = 0, 8  # corners among the lid points
_LIP_ABOVE, _LIP_BELOW, _LIPS_AT_LEFT, _LIPS_AT_RIGHT = 13, 14, 78, 308
_LEAST_WIDTH = 1e-3  # pixels


@dataclass(frozen=True, slots=True)
class Openness:
    """How far eyes and mouth of one face are open.

    Attributes:
        eye_at_left: height over width of the lids of the eye at the image's left; 0 is closed, about 0.3
            to 0.45 an open eye seen from the front. A turned head narrows the eye and raises it.
        eye_at_right: likewise at the image's right.
        mouth: distance of the inner lips over their width; 0 is closed.
    """

    eye_at_left: float
    eye_at_right: float
    mouth: float


def eye_openness(eye: Eye) -> float:
    """Return height over width of an eye's lids, both along the line through its corners; 0 upwards.

    Args:
        eye: its points in any turned or scaled picture: the ratio stays.
    """
    lids = eye.lids.astype(np.float64)
    across = lids[_INNER] - lids[_OUTER]
    length = max(float(np.hypot(*across)), _LEAST_WIDTH)
    along = across / length
    x = lids @ along
    y = lids @ np.array([-along[1], along[0]])
    return float(np.ptp(y)) / max(float(np.ptp(x)), _LEAST_WIDTH)


def mouth_openness(points: NDArray[np.float32]) -> float:
    """Return the distance of the inner lips' middles over that of the inner corners; 0 upwards.

    Args:
        points: float32, shape (468, 3), in pixels of the frame.
    """
    flat = points[:, :2].astype(np.float64)
    height = float(np.hypot(*(flat[_LIP_BELOW] - flat[_LIP_ABOVE])))
    width = float(np.hypot(*(flat[_LIPS_AT_RIGHT] - flat[_LIPS_AT_LEFT])))
    return height / max(width, _LEAST_WIDTH)


def openness(mesh: Mesh, eyes: Eyes) -> Openness:
    """Return how far eyes and mouth are open."""
    return Openness(
        eye_at_left=eye_openness(eyes.at_left),
        eye_at_right=eye_openness(eyes.at_right),
        mouth=mouth_openness(mesh.points),
    )
