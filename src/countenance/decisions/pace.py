"""How many comparisons one caller, one device and one reference get, and how long the next one waits.

Rules of this module:

* A comparison is counted before anybody is asked for it, whatever comes of it. Who may ask ten thousand times
  climbs to a match with nothing but yes and no, a small change of the picture at a time.
* A device and whoever asks are counted apart, over all their comparisons; the strictest count holds.
* A reference is counted over all who ask. A match starts its count anew: its holder came.
* The count is a moment, the one until which those that were let in reach, each so many seconds. It lies in
  the store, where every process sees it, and is gone when it has passed.

That moment is the theoretical arrival time of the generic cell rate algorithm (ITU-T I.371, annex A): as many
at once as the pace allows, and one more with each interval that passes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from countenance.kernel import CallerError, Clock, DeviceId
from countenance.store import ComparisonDues

__all__ = ["ComparisonLimits", "Pace", "TooManyComparisons"]


class TooManyComparisons(CallerError):
    """One caller, one device or one reference had as many comparisons as it gets in this time."""

    code = "too-many-comparisons"
    default_remedy = "Wait as long as is named, or go the way without a face. Nobody was looked at."

    def __init__(self, *, retry_after: int) -> None:
        super().__init__("No further comparison is made now.", retry_after=retry_after)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often something may be, on the whole and at once.

    Attributes:
        at_once: how many may follow one another without a pause; 1 or more.
        every: after which time there is one more; above 0.

    Raises:
        ValueError: if the numbers allow nothing.
    """

    at_once: int
    every: timedelta

    def __post_init__(self) -> None:
        if self.at_once < 1 or self.every <= timedelta():
            msg = "a pace allows one at once or more, and one more after a time"
            raise ValueError(msg)

    def after(self, due: datetime | None, now: datetime) -> datetime:
        """Return until when those that were let in reach, with one more.

        Args:
            due: until when they reach without it; ``None`` if there were none.
            now: the time; a clock that went back shortens nothing.
        """
        return (now if due is None else max(due, now)) + self.every

    def wait(self, due: datetime | None, now: datetime) -> timedelta:
        """Return how long one more has to wait; 0 if it may be now."""
        return max(timedelta(), self.after(due, now) - now - self.every * self.at_once)

    def most_within(self, span: timedelta) -> int:
        """Return how many there can be in a span of time at most, whoever asks and however."""
        return self.at_once + math.floor(span / self.every)


class ComparisonLimits:
    """Keeps the paces of one deployment, over all its processes.

    Args:
        dues: of the store.
        clock: the time.
        caller: of one device, and of whoever asks, over all references.
        reference: of one reference, over all who ask.
    """

    def __init__(self, *, dues: ComparisonDues, clock: Clock, caller: Pace, reference: Pace) -> None:
        self._dues = dues
        self._clock = clock
        self._caller = caller
        self._reference = reference

    def take(self, *, device: DeviceId, caller: str | None, reference: str | None = None) -> None:
        """Count one comparison that is about to be asked for.

        Args:
            device: that took the probe.
            caller: who asks, such as the title of a key; ``None`` where nobody is known beside the device.
            reference: what is compared with, such as ``pass:`` and a serial; ``None`` for a search.

        Raises:
            TooManyComparisons: if it may not be now, and isn't counted; ``retry_after`` says in how many
                seconds it may.
            RecordTampered: if a count isn't as this deployment wrote it.
            StoreBusy: if other changes took too long.
        """
        now = self._clock.now()
        counted = [(f"device:{device}", self._caller)]
        if caller is not None:
            counted.append((f"caller:{caller}", self._caller))
        if reference is not None:
            counted.append((f"reference:{reference}", self._reference))
        paces = [pace for _, pace in counted]

        def decide(dues: tuple[datetime | None, ...]) -> tuple[Sequence[datetime] | None, timedelta]:
            pairs = list(zip(dues, paces, strict=True))
            wait = max(pace.wait(due, now) for due, pace in pairs)
            return (None if wait else [pace.after(due, now) for due, pace in pairs]), wait

        wait = self._dues.take([name for name, _ in counted], at=now, decide=decide)
        if wait:
            raise TooManyComparisons(retry_after=max(1, math.ceil(wait.total_seconds())))

    def matched(self, reference: str) -> None:
        """Start a reference's count anew: whoever it is of has come."""
        self._dues.clear(f"reference:{reference}")
