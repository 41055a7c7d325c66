"""Is a driver falling asleep, yawning or looking away? Pure: measures of frames in, warnings out.

Rules kept here:

* **Not validated for safety.** No figure here was tried on tired drivers. A warning may be late, wrong or
  missing; it warns, and does nothing else.
* Everything is measured against the person's own baseline, taken in the first half minute: eyes differ more
  between people than between awake and drowsy. Until there is one, nothing is said about eyes.
* Only the last minute is held, and none of it leaves this object; a frame without a face is no closed eye.

PERCLOS is the share of time in a minute in which the eyes are nearly shut (Wierwille et al., DOT HS 808 247,
1994; Dinges and Grace, FHWA-MCRT-98-006, 1998). Two seconds is the longest glance away from the road of
NHTSA's visual-manual guidelines (78 FR 24817, 2013). The other limits are house values.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np

__all__ = ["NOT_VALIDATED", "DriverMeasure", "DriverWarning", "DriverWatch"]

NOT_VALIDATED: Final = (
    "Not validated for safety: a warning may be late, wrong or missing. Whoever is tired stops driving."
)
_BASELINE_SECONDS: Final = 30.0
_LEAST_FRAMES: Final = 60
"""Of the baseline: fewer measures of an eye are no baseline."""
_OPEN_QUANTILE: Final = 0.8
"""Of the openness in the baseline: blinks lie below it."""
_SHUT: Final = 0.75
"""An eye is nearly shut below this share of its own openness. The mesh's lids fall by 15 to 24 % when an eye
closes in rendered heads; in real ones: not measured."""
_WINDOW: Final = 60.0
_PERCLOS: Final = 0.15
_LEAST_SEEN: Final = 20.0
"""Seconds of the last minute in which eyes were seen, before a share of them is said."""
_LONG_CLOSURE: Final = 1.0
_YAWN_OPEN: Final = 0.6
_YAWN_SECONDS: Final = 2.0
_YAWNS: Final = 3
_YAWNS_WITHIN: Final = 600.0
_AWAY_YAW: Final = 30.0
_AWAY_PITCH: Final = 20.0
_AWAY_SECONDS: Final = 2.0
_UNSEEN_SECONDS: Final = 5.0
_GAP: Final = 0.5
"""A frame stands for the time since the one before, and for no longer than this."""
_AGAIN: Final = 10.0
"""Seconds before the same is said again."""


class DriverWarning(StrEnum):
    """What is said to the driver, and to nobody else."""

    EYES_SHUT = "eyes-shut"
    DROWSY = "drowsy"
    YAWNING = "yawning"
    LOOKING_AWAY = "looking-away"
    NOT_SEEN = "not-seen"

    @property
    def words(self) -> str:
        """The warning as a sentence."""
        return _WORDS[self]


_WORDS: Final = {
    DriverWarning.EYES_SHUT: "Your eyes are shut. Wake up, and stop where it is safe.",
    DriverWarning.DROWSY: "Your eyes have been shut often in the last minute. Stop, and rest.",
    DriverWarning.YAWNING: "You have yawned several times. Stop, and rest.",
    DriverWarning.LOOKING_AWAY: "Look at the road.",
    DriverWarning.NOT_SEEN: "Your face can't be seen, so nothing is watched.",
}


@dataclass(frozen=True, slots=True)
class DriverMeasure:
    """One frame of a driver.

    Attributes:
        seconds: since the beginning, rising.
        eyes: openness of the two eyes, height over width, the larger one; ``None`` without a face.
        mouth: distance of the inner lips over their width; ``None`` without a face.
        yaw: degrees of head and eyes together, sideways; ``None`` without a face.
        pitch: degrees, above 0 down; ``None`` without a face.

    Everything measured is left out of ``repr``.
    """

    seconds: float
    eyes: float | None = field(default=None, repr=False)
    mouth: float | None = field(default=None, repr=False)
    yaw: float | None = field(default=None, repr=False)
    pitch: float | None = field(default=None, repr=False)


@dataclass(slots=True)
class _Spell:
    """How long something has gone on without a break."""

    seconds: float = 0.0

    def go(self, *, on: bool, by: float) -> float:
        self.seconds = self.seconds + by if on else 0.0
        return self.seconds


@dataclass(frozen=True, slots=True)
class _Baseline:
    eyes: float
    yaw: float
    pitch: float


class DriverWatch:
    """Watches one driver from the first frame on. Not safe to use from several threads."""

    __slots__ = ("_away", "_baseline", "_first", "_last", "_minute", "_said", "_shut", "_taking", "_unseen",
                 "_yawn", "_yawns")  # fmt: skip

    def __init__(self) -> None:
        self._first: float | None = None
        self._last: float | None = None
        self._taking: list[DriverMeasure] = []
        self._baseline: _Baseline | None = None
        self._minute: deque[tuple[float, float, bool]] = deque()
        self._shut, self._away, self._unseen, self._yawn = _Spell(), _Spell(), _Spell(), _Spell()
        self._yawns: deque[float] = deque()
        self._said: dict[DriverWarning, float] = {}

    @property
    def ready(self) -> bool:
        """Whether there is a baseline, so that eyes are watched."""
        return self._baseline is not None

    @property
    def perclos(self) -> float | None:
        """The share of the last minute's seen time with eyes nearly shut; ``None``: too little was seen."""
        seen = sum(by for _, by, _ in self._minute)
        if self._baseline is None or seen < _LEAST_SEEN:
            return None
        return sum(by for _, by, shut in self._minute if shut) / seen

    def note(self, measure: DriverMeasure) -> tuple[DriverWarning, ...]:
        """Take one frame and return what is to be said now.

        Raises:
            ValueError: if time doesn't rise.
        """
        if self._last is not None and measure.seconds <= self._last:
            msg = "frames of a driver rise in time"
            raise ValueError(msg)
        by = 0.0 if self._last is None else min(_GAP, measure.seconds - self._last)
        self._first = measure.seconds if self._first is None else self._first
        self._last = measure.seconds
        due = [warning for warning, holds in self._holding(measure, by) if holds]
        return tuple(warning for warning in due if self._may_say(warning, measure.seconds))

    def _holding(self, measure: DriverMeasure, by: float) -> list[tuple[DriverWarning, bool]]:
        seen = measure.eyes is not None
        unseen = self._unseen.go(on=not seen, by=by)
        if seen and self._baseline is None:
            self._take_baseline(measure)
        shut = self._note_eyes(measure, by)
        away = self._away.go(on=self._looks_away(measure), by=by)
        perclos = self.perclos
        return [
            (DriverWarning.EYES_SHUT, shut >= _LONG_CLOSURE),
            (DriverWarning.DROWSY, perclos is not None and perclos >= _PERCLOS),
            (DriverWarning.YAWNING, self._note_mouth(measure, by) >= _YAWNS),
            (DriverWarning.LOOKING_AWAY, away >= _AWAY_SECONDS),
            (DriverWarning.NOT_SEEN, unseen >= _UNSEEN_SECONDS),
        ]

    def _take_baseline(self, measure: DriverMeasure) -> None:
        self._taking.append(measure)
        begun = self._taking[0].seconds
        if measure.seconds - begun < _BASELINE_SECONDS or len(self._taking) < _LEAST_FRAMES:
            return
        eyes, yaw, pitch = (
            np.array([getattr(one, name) for one in self._taking], dtype=np.float64)
            for name in ("eyes", "yaw", "pitch")
        )
        self._baseline = _Baseline(
            float(np.quantile(eyes, _OPEN_QUANTILE)), float(np.median(yaw)), float(np.median(pitch))
        )
        self._taking = []

    def _note_eyes(self, measure: DriverMeasure, by: float) -> float:
        while self._minute and self._minute[0][0] <= measure.seconds - _WINDOW:
            self._minute.popleft()
        if measure.eyes is None or self._baseline is None:
            return self._shut.go(on=False, by=by)
        shut = measure.eyes < _SHUT * self._baseline.eyes
        self._minute.append((measure.seconds, by, shut))
        return self._shut.go(on=shut, by=by)

    def _note_mouth(self, measure: DriverMeasure, by: float) -> int:
        before = self._yawn.seconds
        after = self._yawn.go(on=measure.mouth is not None and measure.mouth >= _YAWN_OPEN, by=by)
        if before < _YAWN_SECONDS <= after:
            self._yawns.append(measure.seconds)
        while self._yawns and self._yawns[0] <= measure.seconds - _YAWNS_WITHIN:
            self._yawns.popleft()
        return len(self._yawns)

    def _looks_away(self, measure: DriverMeasure) -> bool:
        if measure.yaw is None or measure.pitch is None or self._baseline is None:
            return False
        down = measure.pitch - self._baseline.pitch
        return abs(measure.yaw - self._baseline.yaw) > _AWAY_YAW or abs(down) > _AWAY_PITCH

    def _may_say(self, warning: DriverWarning, now: float) -> bool:
        last = self._said.get(warning)
        if last is not None and now - last < _AGAIN:
            return False
        self._said[warning] = now
        return True
