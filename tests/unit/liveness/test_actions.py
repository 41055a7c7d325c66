"""What is drawn, and what a guess is worth: counted, and tried a million times."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.liveness.actions import (
    CLOSER_BAND,
    CLOSER_LEVELS,
    TURN_BAND,
    TURN_HOLDS,
    TURN_LEVELS,
    Action,
    Task,
    Tasks,
    draw_tasks,
    every_choice,
    guess_probability,
    passes_within,
)
from countenance.liveness.judging import Tolerance, hold_kept, return_kept
from liveness_performances import chance

RESPONDERS = 1_000_000


def scored(tasks: Tasks) -> tuple[Task, ...]:
    return tuple(task for task in tasks if task.action is not Action.BLINK)


@given(seed=st.integers(0, 2**32))
def test_both_turns_and_two_others_are_drawn_in_any_order(seed: int) -> None:
    actions = [task.action for task in draw_tasks(chance(seed))]
    assert len(set(actions)) == 4
    assert {Action.TURN_LEFT, Action.TURN_RIGHT} < set(actions)


def test_the_probabilities_of_all_draws_add_up_to_one() -> None:
    choices = list(every_choice())
    assert sum(probability for _, probability in choices) == 1
    assert len({tasks for tasks, _ in choices}) == len(choices)


def test_every_draw_is_one_of_those_that_are_counted() -> None:
    known = {tasks for tasks, _ in every_choice()}
    drawn = {draw_tasks(chance(seed)) for seed in range(300)}
    assert drawn <= known
    assert len(drawn) > 250


def test_draws_come_up_as_often_as_counted() -> None:
    draws = chance(7)
    seen = Counter(frozenset(task.action for task in draw_tasks(draws)) for _ in range(6000))
    assert len(seen) == 3
    for count in seen.values():
        assert abs(count - 2000) < 5 * math.sqrt(6000 * (1 / 3) * (2 / 3))


def test_the_best_guess_is_right_less_than_once_in_a_thousand() -> None:
    assert guess_probability() == Fraction(1, 1296)
    assert guess_probability(blink_scored=True) == Fraction(1, 5184)
    assert guess_probability() <= Fraction(1, 1000)


@pytest.mark.parametrize(
    ("attempts", "percent"), [(0, 0.0), (1, 0.077), (5, 0.385), (10, 0.769), (50, 3.785), (100, 7.429)]
)
def test_what_so_many_attempts_are_worth(attempts: int, percent: float) -> None:
    assert 100 * passes_within(attempts) == pytest.approx(percent, abs=0.001)


def test_a_negative_number_of_attempts_is_refused() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        passes_within(-1)


@given(level=st.floats(0, 90))
def test_no_angle_counts_as_two_levels(level: float) -> None:
    assert sum(hold_kept(level, asked, closer=False) for asked in TURN_LEVELS) <= 1


@given(level=st.floats(0.5, 3))
def test_no_size_counts_as_two_levels(level: float) -> None:
    assert sum(hold_kept(level, asked, closer=True) for asked in CLOSER_LEVELS) <= 1


@given(left=st.floats(-1, 4))
def test_no_return_is_in_time_for_two_holds(left: float) -> None:
    within = Tolerance().leave_within
    assert sum(return_kept(left - hold, within=within) for hold in TURN_HOLDS) <= 1


def test_levels_stand_apart() -> None:
    turns = sorted(TURN_LEVELS)
    assert min(b - a for a, b in pairwise(turns)) > 2 * TURN_BAND
    assert min(turns) - TURN_BAND >= 20
    near, far = sorted(CLOSER_LEVELS)
    assert far / near > CLOSER_BAND**2


def codes(probabilities: dict[tuple[Task, ...], float], rng: np.random.Generator) -> np.ndarray:
    weights = np.array(list(probabilities.values()))
    drawn = rng.choice(len(weights), size=RESPONDERS, p=weights / weights.sum())
    return np.asarray(drawn)


def grouped() -> dict[tuple[Task, ...], float]:
    groups: Counter[tuple[Task, ...]] = Counter()
    for tasks, probability in every_choice():
        groups[scored(tasks)] += float(probability)  # type: ignore[assignment]
    return dict(groups)


def test_a_million_responders_pass_as_seldom_as_computed() -> None:
    groups = grouped()
    rng = np.random.default_rng(20261123)
    asked = codes(groups, rng)
    spread = codes(groups, rng)
    # Whoever answers at random, as the server draws, is right with the sum of squares; whoever always gives
    # the likeliest answer with the greatest probability. Perfect timing is granted to both.
    at_random = int((asked == spread).sum())
    likeliest = int((asked == int(np.argmax(list(groups.values())))).sum())
    expected = RESPONDERS * sum(p * p for p in groups.values())
    best = RESPONDERS * float(guess_probability())
    assert abs(at_random - expected) < 5 * math.sqrt(expected)
    assert abs(likeliest - best) < 5 * math.sqrt(best)
    # The upper end of a 99.9 % interval is still below one in a thousand.
    assert likeliest + 3.3 * math.sqrt(likeliest) <= RESPONDERS / 1000
