"""Whether frames were repeated: a camera's noise makes no two alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from countenance.liveness.assurance import Advice, Species
from countenance.liveness.evidence.base import Bearing, Reading, Take

__all__ = ["FrozenFrames"]


@dataclass(frozen=True, slots=True)
class FrozenFrames:
    """Denies a take that shows one frame twice, anywhere in it.

    Attributes:
        least_light: grey levels of spread that a thumbnail has to have: two black frames are alike.
        least_frames: frames without which nothing is said.
    """

    least_light: float = 4.0
    least_frames: int = 3

    @property
    def name(self) -> str:
        """The name of this cue."""
        return "frozen-frames"

    def read(self, take: Take) -> Reading:
        """Return whether a frame came twice; ``figure`` is the number of frames that did.

        It never confirms: frames that differ are what everybody has.
        """
        if len(take.thumbnails) < self.least_frames:
            return Reading(Bearing.SILENT, advice=Advice.STEADY_CAMERA)
        rows = take.thumbnails.reshape(len(take.thumbnails), -1)
        if float(np.median(rows.std(axis=1))) < self.least_light:
            return Reading(Bearing.SILENT, advice=Advice.MORE_LIGHT)
        repeated = len(rows) - len({row.tobytes() for row in rows})
        if repeated:
            return Reading(Bearing.DENIES, species=Species.ALTERED_STREAM, figure=float(repeated))
        return Reading(Bearing.SILENT, figure=0.0)
