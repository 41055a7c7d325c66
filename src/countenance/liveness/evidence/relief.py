"""Whether the nose stands off the face: parallax left after a homography has taken out what is flat.

A flat picture obeys a homography from frame to frame, and a gently bent one nearly does. A head doesn't: when
it turns, the nose moves against the inner corners of the eyes. The points of the face that don't move when
it speaks are taken onto the first frames by the best homography, and what is left is regressed on the
depth of the face, from which everything quadratic was taken out, because bent paper is nearly quadratic.

What it doesn't see: a recording of a turning head, a mask, a head of wax. A landmark network also imagines
a little depth on prints, so that its thresholds are higher than geometry alone asks for.

The depth is that of the mesh itself over the first frames; no face model is shipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.liveness.assurance import Advice, Cue, Species
from countenance.liveness.evidence.base import LONGEST_GAP, Bearing, Reading, Take, times_rise
from countenance.liveness.evidence.homography import apply, homographies

__all__ = ["RIGID", "NoseRelief", "Parallax", "parallax", "relief_of"]

_RANGES: Final = (
    "1-6 8-9 19-20 22-31 34-36 44-45 47-51 56 59-60 64 68-69 71 75 79 92 94 97-102 104 108 110-126 "
    "128-131 134 137 139 141-143 147 151 156 164-168 174 177 187-190 193 195-198 203 205-207 209 213 "
    "216-233 235-245 247-248 250 252-261 264-266 274-275 277-281 286 289-290 294 298-299 301 305 309 "
    "322 326-331 333 337 339-355 357-360 363 366 368 370-372 376 383 391-393 399 401 411-414 417 "
    "419-420 423 425-427 429 433 436-453 455-465 467"
)
"""Mesh points without lips, eyes, brows, the outline and the jaw: what stays put when a face speaks."""

_EYES: Final = (33, 263)
"""The outer corners of the eyes; their distance is the unit of length."""

_RELIEF: Final = 0.69 / 8.8917
"""Root mean square of the relief of MediaPipe's canonical face without its quadratic part, over the distance
between the outer corners of its eyes; both in centimetres."""

_LEAST_FRAMES: Final = 12


def _indices(ranges: str) -> NDArray[np.intp]:
    ends = [part.split("-") for part in ranges.split()]
    return np.concatenate([np.arange(int(e[0]), int(e[-1]) + 1) for e in ends])


RIGID = _indices(_RANGES)
"""Indices of the 248 rigid points of the mesh."""


@dataclass(frozen=True, slots=True)
class Parallax:
    """What was left of a face after everything flat was taken out.

    Attributes:
        across: degrees; 95th less 5th percentile over the frames of the sideways shift for each unit of
            depth. A ratio in radians turned into degrees, without an arctangent, so that it passes 90.
        down: degrees; the same downwards.
        residual: 90th percentile over the frames of the root mean square of what is left, as a share of
            the distance between the eyes.
    """

    across: float
    down: float
    residual: float


def parallax(points: NDArray[np.float32]) -> Parallax:
    """Measure parallax over a take whose first frames look straight into the camera.

    Args:
        points: shape (F, 468, 3), F of 3 or more, in order of time: x and y in pixels, z in the same unit,
            smaller towards the camera.

    Raises:
        numpy.linalg.LinAlgError: if the points of a frame lie on one line.
    """
    mesh = points.astype(np.float64)
    first = max(3, len(mesh) // 15)
    flat = mesh[:, RIGID, :2]
    reference = flat[:first].mean(axis=0)
    eyes = float(np.median(np.linalg.norm(mesh[:, _EYES[0], :2] - mesh[:, _EYES[1], :2], axis=1)))
    depth = relief_of(reference, -mesh[:first, RIGID, 2].mean(axis=0), eyes)
    left = apply(homographies(flat, reference), flat) - reference
    shift = np.einsum("fnc,n->fc", left, depth) / float(depth @ depth)
    spread = np.degrees(np.percentile(shift, 95, axis=0) - np.percentile(shift, 5, axis=0))
    root = np.sqrt((left**2).sum(axis=2).mean(axis=1)) / eyes
    return Parallax(across=float(spread[0]), down=float(spread[1]), residual=float(np.percentile(root, 90)))


def relief_of(reference: NDArray[np.float64], depth: NDArray[np.float64], eyes: float) -> NDArray[np.float64]:
    """Return a face's relief: its depth without the best quadratic surface, at the mean head's size.

    Args:
        reference: float64, shape (N, 2): where the points are, in pixels.
        depth: float64, shape (N,): towards the camera, in pixels.
        eyes: pixels between the outer corners of the eyes.
    """
    u, v = ((reference - reference.mean(axis=0)) / eyes).T
    surface = np.stack([np.ones_like(u), u, v, u * u, u * v, v * v], axis=1)
    fitted, *_ = np.linalg.lstsq(surface, depth, rcond=None)
    over = depth - surface @ fitted
    # The mesh gives the shape of the relief; its size is the mean head's, so that a network that makes every
    # face a little deeper or flatter doesn't move the thresholds.
    return np.asarray(over * (_RELIEF * eyes / max(float(np.sqrt(np.mean(over**2))), 1e-9)))


@dataclass(frozen=True, slots=True)
class NoseRelief:
    """Denies a face without relief, confirms one with it, and says nothing between.

    Attributes:
        confirmed_from: degrees of parallax from which on there is relief. The default lies between the
            greatest of rendered bent prints (34.0) and the 5th percentile of rendered heads (44.8) at
            turns of 20 degrees. It was calibrated on nobody.
        denied_below: degrees below which there is none: no window of 582 of real prints and no still real
            person reached 20.
        least_turn: degrees of yaw to either side without which nothing is said.
        fastest_move: distances between the eyes a second by which the face may move.
    """

    confirmed_from: float = 40.0
    denied_below: float = 20.0
    least_turn: float = 20.0
    fastest_move: float = 8.0

    @property
    def name(self) -> str:
        """The name of this cue."""
        return "nose-relief"

    def read(self, take: Take) -> Reading:
        """Return whether the face of a take has relief.

        Frames out of order are an altered stream. A gap, or a face that jumps, has to be followed by a look
        at the whole frame; a region that is carried over one gives a print false depth.
        """
        if not times_rise(take.taken):
            return Reading(Bearing.DENIES, species=Species.ALTERED_STREAM)
        wanting = self._wanting(take)
        if wanting is not None:
            return Reading(Bearing.SILENT, advice=wanting)
        try:
            figure = parallax(take.points).across
        except np.linalg.LinAlgError:
            return Reading(Bearing.SILENT, advice=Advice.STAY_IN_VIEW)
        if figure < self.denied_below:
            return Reading(Bearing.DENIES, species=Species.PRINT, figure=figure)
        if not figure >= self.confirmed_from:
            return Reading(Bearing.SILENT, advice=Advice.MORE_LIGHT, figure=figure)
        return Reading(Bearing.CONFIRMS, cue=Cue.RELIEF, figure=figure)

    def _wanting(self, take: Take) -> Advice | None:
        """Return what keeps the relief from being measured, or ``None``."""
        if len(take) < _LEAST_FRAMES or not np.isfinite(take.points).all():
            return Advice.STEADY_CAMERA
        if _carried_over(take, self.fastest_move):
            return Advice.STAY_IN_VIEW
        turned = take.yaw.max() >= self.least_turn and take.yaw.min() <= -self.least_turn
        return None if turned else Advice.REACH_THE_MARK


def _carried_over(take: Take, fastest: float) -> bool:
    """Whether a frame after a gap or a jump was read where the face had been before."""
    step = np.diff(take.taken)
    eyes = np.linalg.norm(take.points[:, _EYES[0], :2] - take.points[:, _EYES[1], :2], axis=1)
    middle = take.points[:, RIGID, :2].mean(axis=1)
    moved = np.linalg.norm(np.diff(middle, axis=0), axis=1) / np.maximum(np.median(eyes), 1e-6)
    broken = (step > LONGEST_GAP * np.median(step)) | (moved / step > fastest)
    return bool((broken & ~take.detected[1:]).any())
