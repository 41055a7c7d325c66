"""Time as a value that is passed in, so that every rule about time can be tested."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

__all__ = ["Clock", "FixedClock", "SystemClock", "require_utc"]


class Clock(Protocol):
    """Says what time it is."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the current time in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is moved; answers questions about another day.

    Args:
        at: the time that it shows; aware.
    """

    __slots__ = ("_at",)

    def __init__(self, at: datetime) -> None:
        self._at = require_utc(at)

    def now(self) -> datetime:
        """Return the time at which the clock stands."""
        return self._at

    def move_to(self, at: datetime) -> None:
        """Set the clock to another time."""
        self._at = require_utc(at)


def require_utc(moment: datetime) -> datetime:
    """Return the same moment in UTC.

    Raises:
        ValueError: if the moment has no time zone; a naive time is a guess, and guesses are refused.
    """
    if moment.tzinfo is None:
        msg = "a time without a zone can't be compared; give an aware datetime"
        raise ValueError(msg)
    return moment.astimezone(UTC)
