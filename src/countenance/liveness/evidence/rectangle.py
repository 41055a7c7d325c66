"""Whether a rectangle around the face moves with it: the edge of a sheet, a telephone or a screen.

A door or a window behind a head is a rectangle as well, and stays where it is. So a rectangle by itself
says nothing; it denies when the same homography that takes the face onto its first frames takes the
rectangle along.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from countenance.liveness.assurance import Advice, Species
from countenance.liveness.evidence.base import Bearing, Reading, Take
from countenance.liveness.evidence.homography import apply, homographies
from countenance.liveness.evidence.relief import RIGID

__all__ = ["RidingRectangle"]

_LEAST_FRAMES: Final = 8


@dataclass(frozen=True, slots=True)
class RidingRectangle:
    """Denies a face whose surroundings end in a rectangle that moves with it.

    Attributes:
        least_seen: share of the frames in which a rectangle has to be seen.
        least_move: how far its corners have to move in the picture, as a share of the face's width; a
            picture on a stand isn't told from a picture on a wall behind a person who holds still.
        rides_within: how far the corners may be off once the face is taken onto the first frames, as a share
            of the face's width.
    """

    least_seen: float = 0.4
    least_move: float = 0.25
    rides_within: float = 0.1

    @property
    def name(self) -> str:
        """The name of this cue."""
        return "riding-rectangle"

    def read(self, take: Take) -> Reading:
        """Return whether a rectangle moves with the face; ``figure`` is how far its corners are off."""
        seen = np.isfinite(take.corners).all(axis=(1, 2))
        if not np.isfinite(take.points).all():
            return Reading(Bearing.SILENT, advice=Advice.STAY_IN_VIEW)
        if seen.sum() < max(_LEAST_FRAMES, self.least_seen * len(take)):
            return Reading(Bearing.SILENT)
        flat = take.points[seen][:, RIGID, :2].astype(np.float64)
        corners = take.corners[seen].astype(np.float64)
        width = float(np.median(np.ptp(flat[..., 0], axis=1)))
        move = np.linalg.norm(corners - np.median(corners, axis=0), axis=2).max() / width
        if move < self.least_move:
            return Reading(Bearing.SILENT)
        try:
            taken_along = apply(homographies(flat, flat[0]), corners)
        except np.linalg.LinAlgError:
            return Reading(Bearing.SILENT, advice=Advice.STAY_IN_VIEW)
        off = np.linalg.norm(taken_along - np.median(taken_along, axis=0), axis=2) / width
        figure = float(np.median(off))
        if figure <= self.rides_within:
            return Reading(Bearing.DENIES, species=Species.PRINT, figure=figure)
        return Reading(Bearing.SILENT, figure=figure)
