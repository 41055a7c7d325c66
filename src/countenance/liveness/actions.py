"""What a person is asked to do, drawn at random, and how likely a guess is to be right.

Rules of this module:

* There is always one turn to the left and one to the right. Two of nod, blink and come closer join them,
  in any order.
* The levels of one action don't overlap: no single answer is right for two of them, so the odds of a guess
  can be counted instead of estimated.
* What isn't scored doesn't count: a blink is asked for, and adds nothing to the odds, until it has been
  measured on real closed eyes.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Protocol

__all__ = [
    "BLINK_SECONDS",
    "CLOSER_BAND",
    "CLOSER_HOLD",
    "CLOSER_LEVELS",
    "NOD_COUNTS",
    "NOD_SECONDS",
    "REACH_SECONDS",
    "RETURN_SECONDS",
    "TURN_BAND",
    "TURN_HOLDS",
    "TURN_LEVELS",
    "Action",
    "Chance",
    "Task",
    "Tasks",
    "draw_tasks",
    "every_choice",
    "guess_probability",
    "passes_within",
]

TURN_LEVELS = (24.0, 31.0, 38.0)
"""Degrees of yaw away from looking straight. At least 20 are needed for parallax to be measurable; beyond 40
the landmark network loses rendered heads."""

TURN_BAND = 3.4
"""Degrees either side of a level. Levels are 7 apart, so that bands never meet."""

TURN_HOLDS = (0.5, 1.5)
"""Seconds between the moment by which the level is due and the word to come back. They are a whole second
apart and the answer to that word is due within one, so that one return is never in time for both."""

CLOSER_LEVELS = (1.25, 1.55)
"""Size of the face as a multiple of its size at the start."""

CLOSER_BAND = 1.10
"""A level of size is met from level / band to level * band; 1.25 * 1.10 is below 1.55 / 1.10."""

CLOSER_HOLD = 0.5
"""Seconds for which a person stays close."""

NOD_COUNTS = (1, 2)
"""How many times a person nods."""

REACH_SECONDS = 1.8
"""Seconds from the prompt until its level is due."""

RETURN_SECONDS = 1.5
"""Seconds from the word to come back until the person looks straight again."""

NOD_SECONDS = 3.0
"""Seconds for all nods of one prompt."""

BLINK_SECONDS = 2.0
"""Seconds for a blink."""


class Action(StrEnum):
    """What a person can be asked to do. Left and right are the person's own."""

    TURN_LEFT = "turn-left"
    TURN_RIGHT = "turn-right"
    NOD = "nod"
    BLINK = "blink"
    COME_CLOSER = "come-closer"

    @property
    def is_turn(self) -> bool:
        """Whether the head turns to a side."""
        return self in (Action.TURN_LEFT, Action.TURN_RIGHT)


class Chance(Protocol):
    """Where randomness comes from; :class:`random.SystemRandom` in a running installation."""

    def randrange(self, stop: int, /) -> int:
        """Return a whole number from 0 up to and without ``stop``, each as likely as the others."""
        ...

    def random(self) -> float:
        """Return a number in [0, 1)."""
        ...


@dataclass(frozen=True, slots=True)
class Task:
    """One action with what is random about it.

    Attributes:
        action: what to do.
        level: degrees of yaw for a turn, a multiple of the size for coming closer, a count for a nod, 0 for
            a blink.
        hold: seconds to stay there, for a turn and for coming closer; 0 otherwise.
    """

    action: Action
    level: float
    hold: float = 0.0

    @property
    def seconds(self) -> float:
        """How long the person has for it, all in all."""
        if self.action is Action.NOD:
            return NOD_SECONDS
        if self.action is Action.BLINK:
            return BLINK_SECONDS
        return REACH_SECONDS + self.hold + RETURN_SECONDS


Tasks = tuple[Task, Task, Task, Task]


_OTHERS = (Action.NOD, Action.BLINK, Action.COME_CLOSER)


def _variants(action: Action) -> tuple[Task, ...]:
    """Return every form in which an action can be asked for, each as likely as the others."""
    if action.is_turn:
        return tuple(Task(action, level, hold) for level in TURN_LEVELS for hold in TURN_HOLDS)
    if action is Action.COME_CLOSER:
        return tuple(Task(action, level, CLOSER_HOLD) for level in CLOSER_LEVELS)
    if action is Action.NOD:
        return tuple(Task(action, float(count)) for count in NOD_COUNTS)
    return (Task(action, 0.0),)


def draw_tasks(chance: Chance) -> Tasks:
    """Draw four tasks: both turns and two others, shuffled, each with a random level and hold.

    Args:
        chance: where randomness comes from.
    """
    left_out = chance.randrange(len(_OTHERS))
    waiting = [Action.TURN_LEFT, Action.TURN_RIGHT]
    waiting += [action for i, action in enumerate(_OTHERS) if i != left_out]
    ordered = [waiting.pop(chance.randrange(len(waiting))) for _ in range(4)]
    first, second, third, fourth = (
        variants[chance.randrange(len(variants))] for variants in map(_variants, ordered)
    )
    return first, second, third, fourth


def every_choice() -> Iterator[tuple[Tasks, Fraction]]:
    """Yield every possible draw with its probability; the probabilities add up to 1."""
    for pair in itertools.combinations(_OTHERS, 2):
        for order in itertools.permutations((Action.TURN_LEFT, Action.TURN_RIGHT, *pair)):
            variants = [_variants(action) for action in order]
            each = Fraction(1, 3 * 24 * math.prod(len(v) for v in variants))
            for first, second, third, fourth in itertools.product(*variants):
                yield (first, second, third, fourth), each


def guess_probability(*, blink_scored: bool = False) -> Fraction:
    """Return the probability that the best answer made without seeing the prompts is right.

    The answer is granted perfect timing: it is taken to know when each prompt comes and to leave a pause
    wherever an unscored action is asked for. Draws that differ in nothing scored then accept the same
    answers, and no answer is right for two draws that do differ; so the best answer is right as often as
    the likeliest group of draws comes up: max over s of sum of P(draw) for draws with the scored sequence
    s. Guessing against a known distribution is bounded by its most probable value (min-entropy, NIST SP
    800-90B section 2.1).

    Args:
        blink_scored: whether blinks are judged. They aren't in this version.

    Returns:
        1/1296 without blinks, 1/5184 with them.
    """
    groups: Counter[tuple[Task, ...]] = Counter()
    for tasks, probability in every_choice():
        scored = tuple(task for task in tasks if blink_scored or task.action is not Action.BLINK)
        groups[scored] += probability  # type: ignore[assignment]
    return Fraction(max(groups.values()))


def passes_within(attempts: int, *, blink_scored: bool = False) -> float:
    """Return the probability that at least one of so many independent guesses is right.

    1 - (1 - p)^n with p of :func:`guess_probability`; every attempt draws anew.

    Args:
        attempts: how many attempts are allowed; 0 or more.
        blink_scored: as for :func:`guess_probability`.

    Raises:
        ValueError: if ``attempts`` is below 0.
    """
    if attempts < 0:
        msg = "a number of attempts is 0 or more"
        raise ValueError(msg)
    return float(1 - (1 - guess_probability(blink_scored=blink_scored)) ** attempts)
