from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countenance.evaluation.following import Follower, Moved, Told, acted, recorded, told_by
from countenance.liveness import Action, Prompt, Step, Task, challenge_steps
from countenance.vision.rendering import Stance

SEEDS = st.integers(0, 2**20)


def steps_of(seed: int) -> tuple[Step, ...]:
    return challenge_steps(random.Random(seed))  # noqa: S311 - the same again


@settings(max_examples=15)
@given(SEEDS)
def test_a_willing_person_does_what_is_asked_when_it_is_asked(seed: int) -> None:
    steps = steps_of(seed)
    moves = acted(steps, seed=seed, habit=1.0)
    at = np.array([moved.at for moved in moves])
    yaw = np.array([moved.stance.yaw for moved in moves])
    pitch = np.array([moved.stance.pitch for moved in moves])
    closer = np.array([moved.stance.closer for moved in moves])
    assert np.abs(yaw[at < steps[0].revealed]).max() < 4
    for step in steps:
        during = (at >= step.revealed) & (at < step.ended)
        if step.task.action is Action.TURN_LEFT:
            assert yaw[during].max() > 0.85 * step.task.level
        elif step.task.action is Action.TURN_RIGHT:
            assert yaw[during].min() < -0.85 * step.task.level
        elif step.task.action is Action.NOD:
            assert pitch[during].max() > 18
        elif step.task.action is Action.COME_CLOSER:
            assert closer[during].max() == pytest.approx(step.task.level, abs=0.06)
        if not step.task.action.is_turn:
            assert np.abs(yaw[during]).max() < 6


@settings(max_examples=15)
@given(SEEDS)
def test_nobody_reacts_before_they_can(seed: int) -> None:
    steps = steps_of(seed)
    moves = acted(steps, seed=seed)
    first = steps[0]
    early = [m.stance for m in moves if m.at < first.revealed + 0.2]
    assert max(abs(stance.yaw) for stance in early) < 4
    assert max(abs(stance.closer - 1) for stance in early) < 0.01


def test_the_same_seed_moves_the_same_and_another_otherwise() -> None:
    steps = steps_of(1)
    assert acted(steps, seed=4) == acted(steps, seed=4)
    assert acted(steps, seed=4) != acted(steps, seed=5)


def test_who_sees_the_bar_ends_at_the_mark_whatever_their_habit() -> None:
    prompt = Prompt(1, Task(Action.TURN_LEFT, 33.0, 1.5), coming_back=False)
    for habit in (0.7, 1.4):
        follower = Follower(3, habit=habit)
        shown = 0.0
        for i in range(20):
            stance = follower.at(1 + i * 0.16, Told(prompt, shown))
            shown = 0.8 * stance.yaw / 33.0  # a network that measures a fifth too little
        assert 0.8 * stance.yaw == pytest.approx(33.0, abs=3.0)


def test_a_sheet_turns_no_farther_than_a_hand_can_and_has_no_lids() -> None:
    prompt = Prompt(1, Task(Action.TURN_RIGHT, 42.0, 1.5), coming_back=False)
    follower = Follower(3, most=40.0, blinks=False)
    stances = [follower.at(1 + i * 0.16, Told(prompt, 0.3)) for i in range(25)]
    assert min(stance.yaw for stance in stances) > -42
    assert all(stance.closed == 0.0 for stance in stances)


def test_told_by_is_what_the_server_would_tell() -> None:
    steps = steps_of(9)
    assert told_by(steps, 0.1).prompt == Prompt(0, None, coming_back=False)
    for number, step in enumerate(steps, 1):
        assert told_by(steps, step.revealed + 0.01).prompt == Prompt(number, step.task, coming_back=False)
        assert told_by(steps, step.ended).prompt.task in (None, *[s.task for s in steps[number:]])
    assert told_by((), 3.0).prompt.task is None


def test_a_recording_runs_evenly_between_its_moments_and_stands_still_at_its_ends() -> None:
    moves = (Moved(0.0, Stance(yaw=0)), Moved(1.0, Stance(yaw=10, closed=1.0)))
    assert recorded(moves, 0.25).yaw == pytest.approx(2.5)
    assert recorded(moves, -1).yaw == 0
    assert recorded(moves, 9).yaw == 10
    with pytest.raises(ValueError, match="a recording has a frame"):
        recorded((), 0.0)
