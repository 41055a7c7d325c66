"""The server's protocol: one challenge, for one person, one purpose, one device and one permit, once.

Rules of this module:

* A nonce has 256 random bits and is answered once, within twenty seconds, for what it was opened for.
  Anything else is refused.
* What comes next is told when its time comes and not before, by the server's clock.
* Nothing here keeps a frame or a measurement.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from countenance.kernel import DeviceId, PermitId, PurposeId, SubjectId, require_utc
from countenance.liveness.actions import RETURN_SECONDS, Action, Chance, Task, draw_tasks
from countenance.liveness.errors import ChallengeNotForThis, ChallengeOver, ChallengeSpent

__all__ = [
    "BASELINE_SECONDS",
    "GAP_SECONDS",
    "LONGEST_SECONDS",
    "NONCE_BYTES",
    "Binding",
    "Challenge",
    "Prompt",
    "Step",
    "challenge_steps",
    "lay_out",
    "open_challenge",
]

LONGEST_SECONDS: Final = 20.0
"""No challenge is longer, and none is answered later, than this after it was opened."""

BASELINE_SECONDS: Final = 1.0
"""How long the person looks straight before the first prompt."""

GAP_SECONDS: Final = (0.2, 0.5)
"""The pause before a prompt is drawn from this range, in seconds."""

NONCE_BYTES: Final = 32
"""Random bytes in a nonce."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What a challenge was opened for. An answer for anything else is refused."""

    subject: SubjectId
    purpose: PurposeId
    device: DeviceId
    permit: PermitId


@dataclass(frozen=True, slots=True)
class Step:
    """A task with its place in time, in seconds after the challenge was opened.

    Attributes:
        task: what to do.
        revealed: when the person is told.
    """

    task: Task
    revealed: float

    @property
    def released(self) -> float:
        """When the person is told to come back; the end, for a nod or a blink."""
        if self.task.action in (Action.NOD, Action.BLINK):
            return self.ended
        return self.ended - RETURN_SECONDS

    @property
    def ended(self) -> float:
        """When it is over."""
        return self.revealed + self.task.seconds


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the person may be told at a moment.

    Attributes:
        number: 0 while the person looks straight at the start, then 1 to 4.
        task: what to do now; ``None`` means: look straight.
        coming_back: whether the person has been told to come back.
    """

    number: int
    task: Task | None
    coming_back: bool


@dataclass(frozen=True, slots=True)
class Challenge:
    """An open challenge. It stays on the server; the person sees prompts alone.

    Attributes:
        nonce: 32 random bytes that name it. Left out of ``repr``.
        binding: what it was opened for.
        opened: when, in UTC.
        steps: the tasks in order. Left out of ``repr``: they are secret until they are revealed.
        spent: whether it has been answered.
    """

    nonce: bytes = field(repr=False)
    binding: Binding
    opened: datetime
    steps: tuple[Step, ...] = field(repr=False)
    spent: bool = False

    @property
    def seconds(self) -> float:
        """When the last step is over, in seconds after the opening; at most 20."""
        return self.steps[-1].ended

    @property
    def expires(self) -> datetime:
        """From when on no answer is taken."""
        return self.opened + timedelta(seconds=LONGEST_SECONDS)

    def prompt_at(self, now: datetime) -> Prompt:
        """Return what the person may be told now; nothing that comes later.

        Raises:
            ChallengeOver: if it is too late, or the clock stands before the opening.
        """
        elapsed = self._elapsed(now)
        told = [step for step in self.steps if step.revealed <= elapsed]
        if not told:
            return Prompt(number=0, task=None, coming_back=False)
        step = told[-1]
        if elapsed >= step.ended:
            return Prompt(number=len(told), task=None, coming_back=True)
        return Prompt(number=len(told), task=step.task, coming_back=elapsed >= step.released)

    def spend(self, *, nonce: bytes, binding: Binding, now: datetime) -> Challenge:
        """Return the same challenge as answered; an answer is judged after this alone.

        Whoever stores challenges replaces the open one by the returned one in one transaction, so that of
        two answers at once one is refused.

        Args:
            nonce: what the answer names.
            binding: for what the answer is given, from the records, not from the caller.
            now: the time.

        Raises:
            ChallengeSpent: if it was answered before.
            ChallengeNotForThis: if the nonce or anything of the binding differs.
            ChallengeOver: if it is too late.
        """
        if not hmac.compare_digest(nonce, self.nonce) or binding != self.binding:
            raise ChallengeNotForThis
        if self.spent:
            raise ChallengeSpent
        self._elapsed(now)
        return replace(self, spent=True)

    def _elapsed(self, now: datetime) -> float:
        elapsed = (require_utc(now) - self.opened).total_seconds()
        if not 0 <= elapsed < LONGEST_SECONDS:
            raise ChallengeOver
        return elapsed


def lay_out(tasks: tuple[Task, ...], chance: Chance) -> tuple[Step, ...]:
    """Return tasks placed in time: a second of looking straight, then a random pause before each."""
    steps: list[Step] = []
    at = BASELINE_SECONDS
    shortest, longest = GAP_SECONDS
    for task in tasks:
        at += shortest + (longest - shortest) * chance.random()
        steps.append(Step(task=task, revealed=at))
        at = steps[-1].ended
    return tuple(steps)


def open_challenge(*, binding: Binding, now: datetime, nonce: bytes, chance: Chance) -> Challenge:
    """Open a challenge.

    Args:
        binding: for whom, for what, on which device and under which permit.
        now: the time.
        nonce: 32 fresh random bytes, as of :func:`secrets.token_bytes`.
        chance: where the tasks and pauses come from; :class:`random.SystemRandom` where it counts.

    Raises:
        ValueError: if the nonce hasn't 32 bytes.
    """
    if len(nonce) != NONCE_BYTES:
        msg = f"a nonce has {NONCE_BYTES} bytes"
        raise ValueError(msg)
    steps = challenge_steps(chance)
    return Challenge(nonce=nonce, binding=binding, opened=require_utc(now), steps=steps)


def challenge_steps(chance: Chance) -> tuple[Step, ...]:
    """Draw what a challenge asks, and when: the same draws give the same steps.

    Args:
        chance: where the tasks and pauses come from.
    """
    return lay_out(draw_tasks(chance), chance)
