"""Parallax of the skin itself: a second opinion on the relief, for audits.

What the mesh says of a face's depth may be imagined: a landmark network sees a head on every print. Here
features of the skin are matched with those of the first frame, what is flat is taken out by the best
homography, and what is left is regressed on the relief, as in :mod:`countenance.liveness.evidence.relief`,
with Huber's weights (Huber 1964). It takes long, and never confirms.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.liveness.assurance import Advice, Species
from countenance.liveness.evidence.base import Bearing, Reading
from countenance.liveness.evidence.relief import RIGID, relief_of
from countenance.vision.motion import Matches

__all__ = ["DENIED_BELOW", "LEAST_TURN", "appearance_parallax", "read_appearance"]

_EYES: Final = (33, 263)
_NEAREST: Final = 3
_ROUNDS: Final = 8
_HUBER: Final = 1.345
"""Huber's constant: 95 % as good as least squares where errors are normal."""
_LEAST_FRAMES: Final = 8
DENIED_BELOW: Final = 12.0
"""Degrees: no window of 157 of real prints reached it (greatest 11.3); rendered heads that turned 20 degrees
had 32.5 at their 5th percentile."""
LEAST_TURN: Final = 20.0
"""Degrees of yaw to both sides, by the mesh, without which nothing is denied."""


def appearance_parallax(mesh: NDArray[np.float32], matches: Sequence[Matches]) -> float:
    """Return the parallax of the skin over a clip, in degrees.

    Args:
        mesh: float32, shape (468, 3): of the frame that features were matched with, looking straight.
        matches: of the other frames.

    Returns:
        NaN where too few frames had features in common with the first.
    """
    if len(matches) < _LEAST_FRAMES:
        return float("nan")
    points = mesh.astype(np.float64)
    eyes = float(np.linalg.norm(points[_EYES[0], :2] - points[_EYES[1], :2]))
    rigid = points[RIGID, :2]
    depth = relief_of(rigid, -points[RIGID, 2], eyes)
    shifts = [_shift(one, rigid, depth, eyes) for one in matches]
    low, high = np.percentile(shifts, [5, 95])
    return float(np.degrees(high - low))


def read_appearance(figure: float, *, yaw: NDArray[np.float64]) -> Reading:
    """Return what the parallax of the skin says: it denies or is silent.

    Args:
        figure: of :func:`appearance_parallax`.
        yaw: float64, shape (F,), degrees, over the clip.
    """
    turned = len(yaw) > 0 and yaw.max() >= LEAST_TURN and yaw.min() <= -LEAST_TURN
    if not turned:
        return Reading(Bearing.SILENT, advice=Advice.REACH_THE_MARK, figure=figure)
    if np.isnan(figure):
        return Reading(Bearing.SILENT, advice=Advice.MORE_LIGHT)
    if figure < DENIED_BELOW:
        return Reading(Bearing.DENIES, species=Species.PRINT, figure=figure)
    return Reading(Bearing.SILENT, figure=figure)


def _shift(one: Matches, rigid: NDArray[np.float64], depth: NDArray[np.float64], eyes: float) -> float:
    """Return the sideways shift for each unit of depth, by Huber's regression."""
    apart = np.linalg.norm(one.first[:, None] - rigid[None], axis=2)
    nearest = np.argsort(apart, axis=1)[:, :_NEAREST]
    weight = 1 / np.maximum(np.take_along_axis(apart, nearest, axis=1), 1e-3)
    relief = (depth[nearest] * weight).sum(axis=1) / weight.sum(axis=1)
    u, v = ((one.first - rigid.mean(axis=0)) / eyes).T
    columns = np.stack([np.ones_like(u), u, v, u * u, u * v, v * v, relief / eyes], axis=1)
    wanted = one.left[:, 0] / eyes
    trust = np.ones(len(u))
    fitted = np.zeros(columns.shape[1])
    for _ in range(_ROUNDS):
        root = np.sqrt(trust)
        fitted, *_ = np.linalg.lstsq(columns * root[:, None], wanted * root, rcond=None)
        off = np.abs(wanted - columns @ fitted)
        scale = max(1.4826 * float(np.median(off)), 1e-6)
        trust = np.minimum(1.0, _HUBER * scale / np.maximum(off, 1e-9))
    return float(fitted[-1])
