"""What was asked is judged on measurements: order, side, time, and nothing else done."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from countenance.liveness import (
    Action,
    Advice,
    Assurance,
    Cue,
    Finding,
    Measurement,
    Outcome,
    Species,
    Step,
    Task,
    Track,
    judge,
)
from countenance.liveness.actions import draw_tasks
from countenance.liveness.challenge import lay_out
from liveness_performances import chance, performance

SEEDS = st.integers(0, 2**20)
LEFT = Task(Action.TURN_LEFT, 33.0, 0.5)
RIGHT = Task(Action.TURN_RIGHT, 24.0, 1.5)
NOD = Task(Action.NOD, 2.0)
CLOSER = Task(Action.COME_CLOSER, 1.25, 0.5)
BLINK = Task(Action.BLINK, 0.0)
PLAN = (LEFT, NOD, RIGHT, CLOSER)


def laid(*tasks: Task, seed: int = 3) -> tuple[Step, ...]:
    return lay_out(tasks, chance(seed))


def asked(seed: int) -> tuple[Step, ...]:
    draws = chance(seed)
    return lay_out(draw_tasks(draws), draws)


def found(steps: tuple[Step, ...], shown: tuple[Step, ...], seed: int = 5) -> Finding:
    return judge(steps, Track.of(performance(shown, np.random.default_rng(seed))))


@settings(max_examples=30)
@given(seed=SEEDS)
def test_who_follows_is_bona_fide(seed: int) -> None:
    finding = found(asked(seed), asked(seed), seed)
    assert finding.outcome is Outcome.BONA_FIDE
    assert finding.confirmed == {Cue.CHALLENGE, Cue.CONTINUITY}


def test_following_alone_reaches_no_level() -> None:
    finding = found(laid(*PLAN), laid(*PLAN))
    assert finding.assurance is Assurance.NONE
    assert any("recording" in line for line in finding.assurance.does_not_withstand)


@settings(max_examples=30)
@given(seed=SEEDS, other=SEEDS)
def test_an_answer_to_another_challenge_is_never_bona_fide(seed: int, other: int) -> None:
    steps, shown = asked(seed), asked(other)
    assume([s.task for s in steps] != [s.task for s in shown])
    assert found(steps, shown).outcome is not Outcome.BONA_FIDE


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("other side", (dataclasses.replace(LEFT, action=Action.TURN_RIGHT), NOD, RIGHT, CLOSER)),
        ("too far", (dataclasses.replace(LEFT, level=42.0), NOD, RIGHT, CLOSER)),
        ("not far enough", (dataclasses.replace(LEFT, level=24.0), NOD, RIGHT, CLOSER)),
        ("one nod too few", (LEFT, dataclasses.replace(NOD, level=1.0), RIGHT, CLOSER)),
        ("too close", (LEFT, NOD, RIGHT, dataclasses.replace(CLOSER, level=1.55))),
        ("swapped", (RIGHT, NOD, LEFT, CLOSER)),
        ("a blink for a nod", (LEFT, BLINK, RIGHT, CLOSER)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_anything_else_than_asked_is_not_bona_fide(name: str, shown: tuple[Task, ...]) -> None:
    steps = laid(*PLAN)
    # The wrong answer comes at the right times: only what is done differs.
    timed = tuple(dataclasses.replace(s, task=t) for s, t in zip(steps, shown, strict=True))
    assert found(steps, timed).outcome is not Outcome.BONA_FIDE, name


def test_a_longer_hold_than_asked_is_not_bona_fide() -> None:
    steps = laid(*PLAN)
    late = dataclasses.replace(steps[0], task=dataclasses.replace(LEFT, hold=1.5))
    assert found(steps, (late, *steps[1:])).outcome is not Outcome.BONA_FIDE


def test_a_shorter_hold_than_asked_is_not_bona_fide() -> None:
    steps = laid(*PLAN)
    early = dataclasses.replace(steps[2], task=dataclasses.replace(RIGHT, hold=0.5))
    assert found(steps, (*steps[:2], early, steps[3])).outcome is not Outcome.BONA_FIDE


def test_doing_nothing_is_inconclusive_with_advice() -> None:
    steps = laid(*PLAN)
    still = tuple(dataclasses.replace(s, task=BLINK) for s in steps)
    shown = performance(still, np.random.default_rng(1), seconds=steps[-1].ended)
    assert judge(steps, Track.of(shown)) == Finding(Outcome.INCONCLUSIVE, advice=(Advice.REACH_THE_MARK,))


def test_moving_while_a_blink_is_asked_for_is_not_bona_fide() -> None:
    steps = laid(LEFT, BLINK, RIGHT, CLOSER)
    nods = dataclasses.replace(steps[1], task=dataclasses.replace(NOD, level=1.0))
    assert found(steps, (steps[0], nods, *steps[2:])).outcome is not Outcome.BONA_FIDE
    assert found(steps, steps).outcome is Outcome.BONA_FIDE


def test_an_answer_before_the_prompt_is_not_bona_fide() -> None:
    steps = laid(*PLAN)
    hasty = tuple(dataclasses.replace(s, revealed=s.revealed - 0.45) for s in steps)
    end = dataclasses.replace(hasty[-1], revealed=steps[-1].revealed)
    assert found(steps, (*hasty[:-1], end)).outcome is not Outcome.BONA_FIDE


def test_two_contradictions_are_suspected_as_a_replay() -> None:
    steps = laid(*PLAN)
    shown = (RIGHT, NOD, LEFT, CLOSER)
    timed = tuple(dataclasses.replace(s, task=t) for s, t in zip(steps, shown, strict=True))
    assert found(steps, timed) == Finding(Outcome.ATTACK_SUSPECTED, species=(Species.REPLAY,))


def test_a_head_turned_at_the_start_is_told_to_look_straight() -> None:
    steps = laid(*PLAN)
    turned = [dataclasses.replace(m, yaw=m.yaw + 20) for m in performance(steps, np.random.default_rng(1))]
    assert judge(steps, Track.of(turned)).advice == (Advice.KEEP_STILL_AT_START,)


def test_scale_place_and_frame_size_make_no_difference() -> None:
    steps = laid(*PLAN)
    shown = performance(steps, np.random.default_rng(2))
    larger = [dataclasses.replace(m, size=3 * m.size, x=3 * m.x + 50, y=3 * m.y + 90) for m in shown]
    assert judge(steps, Track.of(larger)) == judge(steps, Track.of(shown))


def test_a_finding_does_not_contradict_itself() -> None:
    for parts in (
        {"outcome": Outcome.BONA_FIDE},
        {"outcome": Outcome.INCONCLUSIVE},
        {"outcome": Outcome.ATTACK_SUSPECTED},
        {"outcome": Outcome.INCONCLUSIVE, "species": (Species.PRINT,)},
        {"outcome": Outcome.BONA_FIDE, "advice": (Advice.ONE_FACE,)},
    ):
        with pytest.raises(ValueError, match="names its species"):
            Finding(**parts)


def test_an_empty_track_is_inconclusive() -> None:
    assert judge(laid(*PLAN), Track.of([])).outcome is Outcome.INCONCLUSIVE


def test_what_was_measured_is_not_in_the_repr() -> None:
    shown = performance(laid(*PLAN), np.random.default_rng(1))
    assert "yaw" not in repr(shown[0])
    assert "yaw" not in repr(Track.of(shown))
    assert "size" not in repr(Measurement(number=0, taken=0.0, arrived=0.0, size=123.0))
