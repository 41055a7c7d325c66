"""How long something takes: medians with their spread, and the time of a verdict.

Rules kept here:

* What is compared is timed in turn, in one process, so that a busy machine is busy for all of it.
* A median is stated with its spread (5th and 95th percentile) and the number of measurements.
* Verdicts are timed on contexts that are all different: nothing that was worked out before helps.
"""

from __future__ import annotations

import itertools
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import numpy as np

from countenance.policy import EVERYWHERE, Facts, RuleSet, Vocabulary, evaluate

__all__ = ["Spread", "Stopwatch", "distinct_contexts", "spread_of", "time_verdicts"]

_T = TypeVar("_T")
_MICRO = 1e6
_MILLI = 1e3


@dataclass(frozen=True, slots=True)
class Spread:
    """A median and how far the measurements lie around it.

    Attributes:
        median: of the measurements, in their unit.
        low: 5th percentile.
        high: 95th percentile.
        count: how many there are.
    """

    median: float
    low: float
    high: float
    count: int


def spread_of(values: Sequence[float]) -> Spread:
    """Return the median and the spread of measurements.

    Raises:
        ValueError: if there are none.
    """
    if not values:
        msg = "no measurements, no median"
        raise ValueError(msg)
    low, median, high = (float(value) for value in np.percentile(values, (5, 50, 95)))
    return Spread(median, low, high, len(values))


class Stopwatch:
    """Collects the milliseconds of named steps."""

    __slots__ = ("_times",)

    def __init__(self) -> None:
        self._times: dict[str, list[float]] = defaultdict(list)

    def time(self, step: str, work: Callable[[], _T], *, share: int = 1) -> _T:
        """Do the work once and note how long it took.

        Args:
            step: what it is called.
            work: what is timed.
            share: how many things it does; the time is divided by it.
        """
        start = time.perf_counter()
        result = work()
        self._times[step].append(_MILLI * (time.perf_counter() - start) / share)
        return result

    def last(self, step: str) -> float:
        """Return the milliseconds of a step's last time.

        Raises:
            KeyError: if it wasn't timed.
        """
        if step not in self._times:
            raise KeyError(step)
        return self._times[step][-1]

    def spreads(self) -> dict[str, Spread]:
        """Return the spread of each step, in milliseconds, in the order of their first time."""
        return {step: spread_of(times) for step, times in self._times.items()}


def distinct_contexts(rules: RuleSet, vocabulary: Vocabulary, *, count: int, seed: int) -> Iterator[Facts]:
    """Yield contexts of which no two are alike: operation, place, jurisdictions, day, triggers, evidence.

    Args:
        rules: whose jurisdictions are drawn from.
        vocabulary: whose operations, places, triggers and evidence keys are drawn from.
        count: how many.
        seed: of the generator.
    """
    generator = random.Random(seed)  # noqa: S311 - contexts for timing, no secret
    operations, places = sorted(vocabulary.operations), sorted(vocabulary.places)
    triggers, keys = sorted(vocabulary.triggers), sorted(vocabulary.evidence)
    codes = sorted(rules.codes - {EVERYWHERE})
    for number in itertools.islice(itertools.count(), count):
        yield Facts(
            operation=generator.choice(operations),
            place_kind=generator.choice(places),
            jurisdictions=tuple(sorted(generator.sample(codes, generator.randint(1, 3)))),
            at=date(2026, 1, 1 + number % 28),
            triggers={name: generator.random() < 0.5 for name in triggers if generator.random() < 0.8},  # noqa: PLR2004
            evidence={
                # The record's number makes the context one of its kind, whatever else was drawn.
                key: (f"evd_{number}",)
                for key in keys
                if generator.random() < 0.7  # noqa: PLR2004
            },
        )


def time_verdicts(rules: RuleSet, vocabulary: Vocabulary, *, count: int, seed: int) -> tuple[Spread, int]:
    """Return how long verdicts over all rules take, in microseconds, and how many of them allowed.

    A hundred are reached first and not counted.

    Args:
        rules: all of them are asked.
        vocabulary: their words.
        count: how many verdicts.
        seed: of the contexts.

    Raises:
        ValueError: if ``count`` isn't positive.
    """
    for facts in distinct_contexts(rules, vocabulary, count=100, seed=seed + 1):
        evaluate(rules, facts, vocabulary=vocabulary)
    times, allowed = [], 0
    for facts in distinct_contexts(rules, vocabulary, count=count, seed=seed):
        start = time.perf_counter()
        verdict = evaluate(rules, facts, vocabulary=vocabulary)
        times.append(_MICRO * (time.perf_counter() - start))
        allowed += verdict.allowed
    return spread_of(times), allowed
