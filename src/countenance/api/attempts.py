"""Counts failed keys, so that guessing is slow and the work of checking guesses is bounded."""

from __future__ import annotations

import math
from collections import deque
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from countenance.kernel import CallerError

if TYPE_CHECKING:
    from countenance.kernel import Clock

__all__ = ["AttemptBook", "TooManyAttempts"]


class TooManyAttempts(CallerError):
    """Too many API keys failed in a short time."""

    code = "too-many-attempts"
    default_remedy = "Wait a few minutes, then use the right key."


class AttemptBook:
    """Allows so many failures from one address, and so many from all, in a window of time.

    Args:
        clock: the time.
        most: failures that one address may have in the window.
        most_overall: failures that all addresses together may have in the window.
        window: how long a failure counts.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        most: int = 5,
        most_overall: int = 100,
        window: timedelta = timedelta(minutes=5),
    ) -> None:
        self._clock = clock
        self._most = most
        self._most_overall = most_overall
        self._window = window
        self._failures: deque[tuple[datetime, str]] = deque()
        self._lock = Lock()

    def require_room(self, address: str) -> None:
        """Return if an address may try.

        Raises:
            TooManyAttempts: if it, or everybody together, failed too often.
        """
        with self._lock:
            self._sweep()
            own = [when for when, failed in self._failures if failed == address]
            everybodys = [when for when, _ in self._failures]
            for failures, most in ((own, self._most), (everybodys, self._most_overall)):
                if len(failures) >= most:
                    # There is room again when so many have run out that one less than the limit is left.
                    free = failures[len(failures) - most] + self._window
                    wait = max(1, math.ceil((free - self._clock.now()).total_seconds()))
                    raise TooManyAttempts("Too many keys were wrong.", retry_after=wait)

    def failed(self, address: str) -> None:
        """Note a failure."""
        with self._lock:
            self._sweep()
            self._failures.append((self._clock.now(), address))

    def succeeded(self, address: str) -> None:
        """Forget an address's failures: it had the right key."""
        with self._lock:
            self._failures = deque(entry for entry in self._failures if entry[1] != address)

    def _sweep(self) -> None:
        oldest = self._clock.now() - self._window
        while self._failures and self._failures[0][0] <= oldest:
            self._failures.popleft()
