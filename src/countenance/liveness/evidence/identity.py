"""Whether it is one face from the first frame to the last.

Without this a person could do the turns and a photograph be shown in between.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from countenance.liveness.assurance import Advice, Species
from countenance.liveness.evidence.base import Bearing, Reading, Take, times_rise

__all__ = ["IdentityContinuity"]


@dataclass(frozen=True, slots=True)
class IdentityContinuity:
    """Denies a take in which the face becomes another.

    Attributes:
        denied_below: similarity to the first frame below which it is another face. It belongs to one
            embedding network and has to be taken from its error table.
        longest_unseen: seconds between two measurements; longer, and nothing is said.
        widest_turn: degrees of yaw up to which a measurement counts: a face from the side is like nobody's.
    """

    denied_below: float
    longest_unseen: float = 5.5
    widest_turn: float = 15.0

    @property
    def name(self) -> str:
        """The name of this cue."""
        return "identity-continuity"

    def read(self, take: Take) -> Reading:
        """Return whether the face stayed the same; ``figure`` is the least similarity.

        It never confirms: a recording shows one face as well.
        """
        counted = np.isfinite(take.likeness) & (np.abs(take.yaw) <= self.widest_turn)
        if not counted.any() or not times_rise(take.taken):
            return Reading(Bearing.SILENT, advice=Advice.STAY_IN_VIEW)
        least = float(take.likeness[counted].min())
        if least < self.denied_below:
            return Reading(Bearing.DENIES, species=Species.SWITCHED_FACE, figure=least)
        ends = np.concatenate([take.taken[:1], take.taken[counted], take.taken[-1:]])
        if float(np.diff(ends).max()) > self.longest_unseen:
            return Reading(Bearing.SILENT, advice=Advice.STAY_IN_VIEW, figure=least)
        return Reading(Bearing.SILENT, figure=least)
