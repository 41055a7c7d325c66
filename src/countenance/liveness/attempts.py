"""Counts attempts at liveness for a person and a device, and says when the next one may be.

Rules of this module:

* An attempt is counted before its challenge is opened, in the same transaction as the look at the counts.
* What a device counts is counted for one day in UTC; what a person counts ends with success alone.
"""

from __future__ import annotations

import math

from countenance.kernel import Clock, DeviceId, SubjectId
from countenance.liveness.allowance import DEVICE, SUBJECT, Limit, Standing, Tally, standing
from countenance.liveness.errors import AttemptsUsedUp
from countenance.store import AttemptCount, LivenessAttempts, name_of_subject

__all__ = ["AttemptLimits"]


class AttemptLimits:
    """Keeps the limits of one deployment, over all its processes.

    Args:
        counts: of the store.
        clock: the time.
        subject: the limit of a person over all devices.
        device: the limit of a device over all persons, in a day.
    """

    def __init__(
        self, *, counts: LivenessAttempts, clock: Clock, subject: Limit = SUBJECT, device: Limit = DEVICE
    ) -> None:
        self._counts = counts
        self._clock = clock
        self._subject = subject
        self._device = device

    def attempt(self, subject: SubjectId, device: DeviceId) -> Standing:
        """Count an attempt that is about to be opened.

        Returns:
            How it stood before this attempt: allowed, with the attempts that were left.

        Raises:
            AttemptsUsedUp: if it may not be opened now; ``retry_after`` says when, if waiting helps. It isn't
                counted.
            RecordTampered: if a count isn't as this deployment wrote it.
        """
        now = self._clock.now()

        def decide(counts: tuple[AttemptCount, ...]) -> tuple[bool, Standing]:
            person, desk = (Tally(count.attempts, count.last) for count in counts)
            stands = standing([(person, self._subject), (desk, self._device)], now=now)
            return stands.allowed, stands

        names = (name_of_subject(subject), f"device:{device}:{now:%Y-%m-%d}")
        stands = self._counts.attempt(names, at=now, decide=decide)
        if not stands.allowed:
            raise AttemptsUsedUp(retry_after=None if stands.wait is None else max(1, math.ceil(stands.wait)))
        return stands

    def succeeded(self, subject: SubjectId) -> None:
        """Start a person's count anew, after a presentation that was bona fide and a match."""
        self._counts.clear(name_of_subject(subject))
