"""Whether a passive network takes the face for live, over several frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from countenance.liveness.assurance import Advice, Cue, Species
from countenance.liveness.evidence.base import Bearing, Reading, Take

__all__ = ["PassiveVerdict"]


@dataclass(frozen=True, slots=True)
class PassiveVerdict:
    """Denies what a network takes for a picture, confirms what it takes for live; the median decides.

    The thresholds are the house's own, set where ``scripts/measure_passive.py`` leaves room on both sides, on
    real prints and people: of single frames the greatest print and the least person. In between it says
    nothing. What a network wasn't trained on, it doesn't see.

    Attributes:
        model_id: the network's.
        may_confirm: whether it was measured on living people as well; without that it only denies.
        denied_below: median below which it is a picture.
        confirmed_from: median from which on it is live.
        least_frames: frames without which nothing is said.

    Raises:
        ValueError: if the thresholds aren't in order.
    """

    model_id: str
    may_confirm: bool
    denied_below: float = 0.05
    confirmed_from: float = 0.9
    least_frames: int = 3

    def __post_init__(self) -> None:
        if not 0.0 <= self.denied_below <= self.confirmed_from <= 1.0:
            msg = "what is denied lies below what is confirmed, between 0 and 1"
            raise ValueError(msg)

    @property
    def name(self) -> str:
        """The name of this cue."""
        return f"passive-{self.model_id}"

    def read(self, take: Take) -> Reading:
        """Return what the network says; ``figure`` is its median over the frames that it was shown.

        It can't tell a print from a screen: what it denies is suspected as a print, the species of still and
        flat pictures.
        """
        values = take.passive.get(self.model_id)
        if values is None:
            return Reading(Bearing.SILENT)
        seen = values[np.isfinite(values)]
        if len(seen) < self.least_frames:
            return Reading(Bearing.SILENT, advice=Advice.ROOM_AROUND)
        figure = float(np.median(seen))
        if figure < self.denied_below:
            return Reading(Bearing.DENIES, species=Species.PRINT, figure=figure)
        if figure < self.confirmed_from:
            return Reading(Bearing.SILENT, advice=Advice.MORE_LIGHT, figure=figure)
        if not self.may_confirm:
            return Reading(Bearing.SILENT, figure=figure)
        return Reading(Bearing.CONFIRMS, cue=Cue.PASSIVE, figure=figure)
