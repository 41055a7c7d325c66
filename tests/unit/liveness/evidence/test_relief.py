"""Relief tells a head from a flat or bent picture, never from a recording; altered takes don't pass."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.evidence import EvidenceContract
from countenance.liveness import Advice, Cue, Species
from countenance.liveness.evidence import Bearing, Evidence, NoseRelief, parallax
from countenance.liveness.evidence.relief import RIGID
from liveness_heads import live_take, picked, print_take, replay_take

SEEDS = st.integers(0, 2**20)
RELIEF = NoseRelief()
FEW = settings(max_examples=15)


class TestNoseRelief(EvidenceContract):
    @pytest.fixture
    def evidence(self) -> Evidence:
        return NoseRelief()


def test_the_rigid_points_are_248() -> None:
    assert len(RIGID) == len(set(RIGID.tolist())) == 248
    assert not {33, 263, 13, 14, 152} & set(RIGID.tolist())
    assert {1, 4, 5, 243, 463} <= set(RIGID.tolist())


@FEW
@given(seed=SEEDS, degrees=st.floats(24, 45))
def test_a_head_that_turns_has_relief(seed: int, degrees: float) -> None:
    reading = RELIEF.read(live_take(seed, degrees))
    assert (reading.bearing, reading.cue) == (Bearing.CONFIRMS, Cue.RELIEF)


@FEW
@given(seed=SEEDS, degrees=st.floats(24, 45), radius=st.none() | st.floats(7, 20))
def test_a_flat_or_bent_picture_has_none(seed: int, degrees: float, radius: float | None) -> None:
    reading = RELIEF.read(print_take(seed, degrees, radius))
    assert (reading.bearing, reading.species) == (Bearing.DENIES, Species.PRINT)


@pytest.mark.parametrize("seed", range(3))
def test_a_recording_of_a_turning_head_is_not_withstood(seed: int) -> None:
    """Expected, and said wherever the level is: relief is blind to recordings."""
    assert RELIEF.read(replay_take(seed)).bearing is Bearing.CONFIRMS


def test_a_head_that_does_not_turn_says_nothing() -> None:
    assert RELIEF.read(live_take(1, 10.0)).advice is Advice.REACH_THE_MARK


def test_a_turn_to_one_side_says_nothing() -> None:
    take = live_take(1)
    one = picked(take, np.flatnonzero(take.yaw > -15))
    steady = dataclasses.replace(one, taken=np.arange(len(one)) / 15)
    assert RELIEF.read(steady).advice is Advice.REACH_THE_MARK


@FEW
@given(seed=SEEDS, picture=st.booleans())
def test_shuffled_frames_never_confirm(seed: int, picture: bool) -> None:
    take = print_take(seed) if picture else live_take(seed)
    order = np.random.default_rng(seed).permutation(len(take))
    shuffled = picked(take, order)
    assert RELIEF.read(shuffled).species is Species.ALTERED_STREAM
    forged = dataclasses.replace(shuffled, taken=take.taken)
    if picture:
        assert RELIEF.read(forged).bearing is not Bearing.CONFIRMS


@FEW
@given(seed=SEEDS, at=st.integers(5, 40), count=st.integers(1, 10))
def test_a_gap_without_a_new_look_says_nothing(seed: int, at: int, count: int) -> None:
    take = live_take(seed)
    kept = np.concatenate([np.arange(at), np.arange(at + count, len(take))])
    gap = picked(take, kept)
    assert RELIEF.read(gap).advice is Advice.STAY_IN_VIEW


def test_a_gap_with_a_new_look_is_measured() -> None:
    take = live_take(2)
    kept = np.concatenate([np.arange(20), np.arange(24, len(take))])
    gap = picked(take, kept)
    looked = gap.detected.copy()
    looked[20] = True
    assert RELIEF.read(dataclasses.replace(gap, detected=looked)).bearing is Bearing.CONFIRMS


def test_a_jump_without_a_new_look_says_nothing() -> None:
    take = live_take(2)
    points = take.points.copy()
    points[30:, :, 0] += 200
    jumped = dataclasses.replace(take, points=points)
    assert RELIEF.read(jumped).advice is Advice.STAY_IN_VIEW


def test_repeated_times_are_an_altered_stream() -> None:
    take = live_take(2)
    order = np.arange(len(take))
    order[10] = 9
    assert RELIEF.read(picked(take, order)).species is Species.ALTERED_STREAM


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("scale", lambda p: p * np.float32(1.7)),
        ("place", lambda p: p + np.array([80, -40, 0], np.float32)),
        ("mirrored", lambda p: p * np.array([-1, 1, 1], np.float32)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_parallax_does_not_depend_on(name: str, change: object) -> None:
    take = live_take(6)
    assert callable(change), name
    assert parallax(change(take.points)).across == pytest.approx(parallax(take.points).across, rel=1e-3)


def test_roll_moves_parallax_from_across_to_down() -> None:
    points = live_take(6).points
    quarter = points.copy()
    quarter[..., 0], quarter[..., 1] = points[..., 1], -points[..., 0]
    rolled, straight = parallax(quarter), parallax(points)
    assert rolled.down == pytest.approx(straight.across, rel=1e-3)
    assert rolled.residual == pytest.approx(straight.residual, rel=1e-3)


def test_more_turn_is_more_parallax() -> None:
    figures = [parallax(live_take(6, degrees).points).across for degrees in (5.0, 10.0, 20.0, 30.0)]
    assert figures == sorted(figures)
    assert figures[-1] > 3 * figures[0]


def test_points_on_one_line_say_nothing() -> None:
    take = live_take(6)
    points = take.points.copy()
    points[..., 1] = 100.0
    line = dataclasses.replace(take, points=points)
    assert RELIEF.read(line).bearing is not Bearing.CONFIRMS
