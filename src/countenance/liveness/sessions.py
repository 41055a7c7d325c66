"""Challenges that are open now, with what was measured so far: bounded, in memory, gone when they end.

Rules of this module:

* A session holds numbers, never a picture, and only so many of them; there are only so many sessions.
  Whoever comes when all are taken is told when to come back.
* One answer is judged. Two at once get one finding and one refusal.
* The server's clock says when something arrived; the device's says only when it was taken.
* A person has one open challenge on a device: a new one ends the one before.

Sessions belong to one process: a challenge is answered where it was opened. Attempts aren't counted here.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from countenance.kernel import Clock
from countenance.liveness.actions import Chance
from countenance.liveness.assurance import Finding
from countenance.liveness.challenge import Binding, Challenge, Prompt, open_challenge
from countenance.liveness.continuity import Continuity
from countenance.liveness.errors import ChallengeNotForThis, ChallengeOver, SessionsFull
from countenance.liveness.judging import Tolerance, judge
from countenance.liveness.measuring import MOST_MEASUREMENTS, Measurement, Track

__all__ = ["CAPACITY", "ChallengeSessions"]

CAPACITY: Final = 20
"""Sessions that are open at once, unless told otherwise."""


@dataclass(slots=True)
class _Session:
    challenge: Challenge
    measured: list[Measurement] = field(default_factory=list, repr=False)


class ChallengeSessions:
    """Opens challenges, collects what is measured, and has the answer judged. Safe from several threads.

    Args:
        clock: the server's.
        chance: where tasks and pauses come from; :class:`random.SystemRandom` where it counts.
        nonce: gives 32 fresh random bytes, as ``lambda: secrets.token_bytes(32)`` does.
        capacity: sessions that are open at once; 1 or more.
        tolerance: how exact the answers have to be.
        limits: what counts as one take.

    Raises:
        ValueError: if the capacity is below 1.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        chance: Chance,
        nonce: Callable[[], bytes],
        capacity: int = CAPACITY,
        tolerance: Tolerance | None = None,
        limits: Continuity | None = None,
    ) -> None:
        if capacity < 1:
            msg = "there is room for at least one session"
            raise ValueError(msg)
        self._clock = clock
        self._chance = chance
        self._nonce = nonce
        self._capacity = capacity
        self._tolerance = tolerance
        self._limits = limits
        self._open: dict[bytes, _Session] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        with self._lock:
            self._drop_ended()
            return len(self._open)

    def require_room(self) -> None:
        """Return if a session could be opened now; whoever asks first spends no attempt on a full house.

        Raises:
            SessionsFull: if all sessions are taken; ``retry_after`` says when one will have ended.
        """
        with self._lock:
            self._drop_ended()
            self._require_room(self._clock.now())

    def open(self, binding: Binding) -> bytes:
        """Open a challenge; return the nonce that names it.

        Raises:
            SessionsFull: if all sessions are taken; ``retry_after`` says when one will have ended.
        """
        with self._lock:
            self._drop_ended()
            same = [
                nonce
                for nonce, session in self._open.items()
                if (session.challenge.binding.subject, session.challenge.binding.device)
                == (binding.subject, binding.device)
            ]
            for nonce in same:
                del self._open[nonce]
            now = self._clock.now()
            self._require_room(now)
            challenge = open_challenge(binding=binding, now=now, nonce=self._nonce(), chance=self._chance)
            self._open[challenge.nonce] = _Session(challenge)
            return challenge.nonce

    def prompt(self, nonce: bytes, binding: Binding) -> Prompt:
        """Return what the person may be told now.

        Raises:
            ChallengeNotForThis: if no such challenge is open for this.
            ChallengeOver: if its time is over.
        """
        with self._lock:
            return self._session(nonce, binding).challenge.prompt_at(self._clock.now())

    def observe(self, nonce: bytes, binding: Binding, measured: Measurement) -> Prompt:
        """Take what was measured in a frame; return what the person may be told next.

        Args:
            nonce: of the challenge.
            binding: for what it is answered, from the records.
            measured: of one frame; its ``arrived`` is set here, whatever it says.

        Raises:
            ChallengeNotForThis: if no such challenge is open for this.
            ChallengeOver: if its time is over, or a session's measurements are used up.
        """
        with self._lock:
            session = self._session(nonce, binding)
            now = self._clock.now()
            told = session.challenge.prompt_at(now)
            if len(session.measured) >= MOST_MEASUREMENTS:
                raise ChallengeOver
            arrived = (now - session.challenge.opened).total_seconds()
            session.measured.append(replace(measured, arrived=arrived))
            return told

    def finish(self, nonce: bytes, binding: Binding) -> Finding:
        """Have the answer judged and forget everything about it.

        Raises:
            ChallengeNotForThis: if no such challenge is open for this, or it was finished before.
            ChallengeOver: if its time is over.
        """
        with self._lock:
            session = self._session(nonce, binding)
            session.challenge.spend(nonce=nonce, binding=binding, now=self._clock.now())
            del self._open[nonce]
        track = Track.of(session.measured)
        session.measured.clear()
        return judge(session.challenge.steps, track, tolerance=self._tolerance, limits=self._limits)

    def _require_room(self, now: datetime) -> None:
        if len(self._open) >= self._capacity:
            first = min(session.challenge.expires for session in self._open.values())
            raise SessionsFull(retry_after=max(1, math.ceil((first - now).total_seconds())))

    def _session(self, nonce: bytes, binding: Binding) -> _Session:
        session = self._open.get(nonce)
        if session is None or session.challenge.binding != binding:
            raise ChallengeNotForThis
        return session

    def _drop_ended(self) -> None:
        now = self._clock.now()
        ended = [nonce for nonce, session in self._open.items() if session.challenge.expires <= now]
        for nonce in ended:
            self._open.pop(nonce).measured.clear()
