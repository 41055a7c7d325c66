"""Whether one face was there throughout."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from countenance.liveness.assurance import Advice, Species
from countenance.liveness.evidence.base import Bearing, Reading, Take

__all__ = ["OneFace"]


@dataclass(frozen=True, slots=True)
class OneFace:
    """Denies a take with two faces for long: one may hold the other's picture.

    Attributes:
        denied_from: share of the frames with a second face from which on it is no passer-by.
    """

    denied_from: float = 0.5

    @property
    def name(self) -> str:
        """The name of this cue."""
        return "one-face"

    def read(self, take: Take) -> Reading:
        """Return whether there was one face; ``figure`` is the share of frames with more.

        A second face for a moment, or a frame without any, asks for another attempt.
        """
        if not len(take):
            return Reading(Bearing.SILENT, advice=Advice.STAY_IN_VIEW)
        second = float(np.mean(take.faces > 1))
        if second >= self.denied_from:
            return Reading(Bearing.DENIES, species=Species.PRINT, figure=second)
        if second > 0:
            return Reading(Bearing.SILENT, advice=Advice.ONE_FACE, figure=second)
        if (take.faces < 1).any():
            return Reading(Bearing.SILENT, advice=Advice.STAY_IN_VIEW, figure=second)
        return Reading(Bearing.SILENT, figure=second)
