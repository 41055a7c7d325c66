"""How many attempts a person or a device has, and how long the next one waits.

Rules of this module:

* Pure arithmetic over a count and a time. Who keeps the counts keeps them where every process sees them.
* An attempt counts from the moment at which its challenge is opened. Whoever opens challenges until one
  suits a recording, and leaves the others unanswered, has used them up.
* The strictest of several counts holds, and a clock that went back doesn't shorten a wait.
* Whoever has to wait is told of the way without a face.

The numbers are those of NIST SP 800-63B-4 for biometrics (at most 5 failures in a row, 10 with presentation
attack detection; then at least 30 seconds before each attempt; at most 50, or 100, in all). That the delay
doubles is the house's own, as is everything about devices.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from countenance.kernel import require_utc
from countenance.liveness.actions import passes_within

__all__ = ["DEVICE", "SUBJECT", "SUBJECT_WITH_PASSIVE", "Limit", "Standing", "Tally", "standing"]


@dataclass(frozen=True, slots=True)
class Limit:
    """How many attempts are allowed without success.

    Attributes:
        free: attempts without a delay; 1 or more.
        cap: attempts in all, after which somebody has to look; at least ``free``.
        first_delay: seconds before the attempt after the free ones; it doubles with each after that.
        longest_delay: seconds that a delay never passes.

    Raises:
        ValueError: if the numbers contradict one another.
    """

    free: int
    cap: int
    first_delay: float = 30.0
    longest_delay: float = 3600.0

    def __post_init__(self) -> None:
        if not (1 <= self.free <= self.cap and 0 < self.first_delay <= self.longest_delay):
            msg = "a limit has 1 or more free attempts, a cap not below them, and delays that grow"
            raise ValueError(msg)

    def delay_after(self, attempts: int) -> float:
        """Return the seconds between the last of so many attempts and the next one.

        Args:
            attempts: made without success; 0 or more.
        """
        over = attempts - self.free
        if over < 0:
            return 0.0
        # 2 ** 60 seconds pass every longest delay; the exponent is bounded so that no count overflows.
        return min(self.longest_delay, self.first_delay * 2.0 ** min(over, 60))

    @property
    def guess_passes(self) -> float:
        """The probability that one of all attempts passes by guessing; see ``passes_within``."""
        return passes_within(self.cap)


SUBJECT: Final = Limit(free=5, cap=50)
"""For one person over all devices, where only the challenge is judged."""

SUBJECT_WITH_PASSIVE: Final = Limit(free=10, cap=100)
"""For one person over all devices, where a passive network is asked as well."""

DEVICE: Final = Limit(free=20, cap=200, longest_delay=900.0)
"""For one device over all persons, in a day: a desk has honest failures as well."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted for one person or device.

    Attributes:
        attempts: opened since the last success; for a device, in the last day.
        last: when the last of them was opened, in UTC; ``None`` if there is none.

    Raises:
        ValueError: if there are attempts without a time, a time without attempts, or fewer than none.
    """

    attempts: int = 0
    last: datetime | None = None

    def __post_init__(self) -> None:
        if self.attempts < 0 or (self.attempts > 0) != (self.last is not None):
            msg = "a tally has a time if it has attempts, and not otherwise"
            raise ValueError(msg)

    def opened(self, now: datetime) -> Tally:
        """Return the tally with one attempt more. The time never goes back."""
        at = require_utc(now)
        return Tally(self.attempts + 1, at if self.last is None else max(at, self.last))

    def succeeded(self) -> Tally:
        """Return the tally of a person after a bona fide presentation that was accepted.

        A device's tally isn't cleared so: whoever is enrolled himself could clear it between two tries.
        """
        return Tally()


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether an attempt may be opened now.

    Attributes:
        allowed: whether it may.
        wait: seconds until it may; 0 if it may now, ``None`` if somebody has to look first.
        left: attempts left until then; 0 or more.
    """

    allowed: bool
    wait: float | None
    left: int


def standing(tallies: Iterable[tuple[Tally, Limit]], *, now: datetime) -> Standing:
    """Return whether an attempt may be opened, by the strictest of several counts.

    Args:
        tallies: what was counted, each with its limit; at least one.
        now: the time.

    Raises:
        ValueError: if nothing was counted. Empty means deny.
    """
    each = [_standing(tally, limit, require_utc(now)) for tally, limit in tallies]
    if not each:
        msg = "at least one count decides on an attempt"
        raise ValueError(msg)
    left = min(one.left for one in each)
    if left == 0:
        return Standing(allowed=False, wait=None, left=0)
    wait = max(one.wait or 0.0 for one in each)
    return Standing(allowed=wait == 0, wait=wait, left=left)


def _standing(tally: Tally, limit: Limit, now: datetime) -> Standing:
    left = max(0, limit.cap - tally.attempts)
    if tally.last is None:
        return Standing(allowed=left > 0, wait=0.0, left=left)
    due = tally.last + timedelta(seconds=limit.delay_after(tally.attempts))
    wait = max(0.0, (due - now).total_seconds()) if limit.delay_after(tally.attempts) else 0.0
    return Standing(allowed=left > 0 and wait == 0, wait=wait, left=left)
