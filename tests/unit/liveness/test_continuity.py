"""Frames shuffled, dropped, repeated, sped up and spliced are never bona fide."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from countenance.liveness import Advice, Finding, Measurement, Outcome, Species, Step, Track, judge
from countenance.liveness.actions import draw_tasks
from countenance.liveness.challenge import lay_out
from countenance.liveness.continuity import Continuity, breaches
from countenance.liveness.measuring import MOST_MEASUREMENTS
from liveness_performances import chance, performance

SEEDS = st.integers(0, 2**20)
FEW = settings(max_examples=30)


def asked(seed: int) -> tuple[Step, ...]:
    draws = chance(seed)
    return lay_out(draw_tasks(draws), draws)


def shown(seed: int) -> list[Measurement]:
    return performance(asked(seed), np.random.default_rng(seed))


def judged(seed: int, measurements: list[Measurement]) -> Finding:
    return judge(asked(seed), Track.of(measurements))


def retimed(contents: list[Measurement], times: list[Measurement]) -> list[Measurement]:
    """Contents in a new order under fresh numbers and times: whoever forges frames forges these too."""
    return [
        dataclasses.replace(c, number=t.number, taken=t.taken, arrived=t.arrived)
        for c, t in zip(contents, times, strict=True)
    ]


def test_one_take_is_one_take() -> None:
    track = Track.of(shown(1))
    assert breaches(track, seconds=asked(1)[-1].ended, limits=Continuity()) == ()


@FEW
@given(seed=SEEDS, first=st.integers(0, 150), second=st.integers(0, 150))
def test_two_swapped_frames_are_suspected(seed: int, first: int, second: int) -> None:
    frames = shown(seed)
    assume(first != second)
    frames[first], frames[second] = frames[second], frames[first]
    assert judged(seed, frames).species == (Species.ALTERED_STREAM,)


@FEW
@given(seed=SEEDS)
def test_shuffled_frames_under_fresh_times_are_not_bona_fide(seed: int) -> None:
    frames = shown(seed)
    order = np.random.default_rng(seed).permutation(len(frames))
    assert judged(seed, retimed([frames[i] for i in order], frames)).outcome is not Outcome.BONA_FIDE


@FEW
@given(seed=SEEDS, dropped=st.sets(st.integers(1, 150), min_size=1, max_size=40))
def test_dropped_frames_are_not_bona_fide(seed: int, dropped: set[int]) -> None:
    frames = [m for i, m in enumerate(shown(seed)) if i not in dropped]
    finding = judged(seed, frames)
    assert finding.outcome is not Outcome.BONA_FIDE
    assert finding.advice == (Advice.STEADY_CAMERA,)


@FEW
@given(seed=SEEDS, dropped=st.integers(2, 150))
def test_a_dropped_frame_is_seen_when_the_rest_is_counted_anew(seed: int, dropped: int) -> None:
    frames = shown(seed)
    del frames[dropped]
    counted = [dataclasses.replace(m, number=i) for i, m in enumerate(frames)]
    assert judged(seed, counted).outcome is not Outcome.BONA_FIDE


@FEW
@given(seed=SEEDS, at=st.integers(0, 149), times=st.integers(1, 20))
def test_repeated_frames_are_suspected(seed: int, at: int, times: int) -> None:
    frames = shown(seed)
    end = min(at + 1 + times, len(frames))
    frozen = frames[: at + 1] + [frames[at]] * (end - at - 1) + frames[end:]
    assert Species.ALTERED_STREAM in judged(seed, retimed(frozen, frames)).species


@FEW
@given(seed=SEEDS, factor=st.floats(1.1, 4))
def test_a_stream_played_faster_than_it_was_taken_is_suspected(seed: int, factor: float) -> None:
    frames = [dataclasses.replace(m, arrived=m.arrived / factor) for m in shown(seed)]
    assert judged(seed, frames).species == (Species.ALTERED_STREAM,)


@FEW
@given(seed=SEEDS, factor=st.floats(1.15, 4))
def test_a_stream_sped_up_on_both_clocks_is_not_bona_fide(seed: int, factor: float) -> None:
    frames = [dataclasses.replace(m, taken=m.taken / factor, arrived=m.arrived / factor) for m in shown(seed)]
    assert judged(seed, frames).outcome is not Outcome.BONA_FIDE


@FEW
@given(seed=SEEDS, other=SEEDS, share=st.floats(0.1, 0.9))
def test_two_takes_joined_are_not_bona_fide(seed: int, other: int, share: float) -> None:
    mine, theirs = asked(seed), asked(other)
    first, second = shown(seed), shown(other)
    cut = int(share * len(first))
    assume(len(second) >= len(first))
    joined = retimed(first[:cut] + second[cut : len(first)], first)
    # The second take counts where it shows something else than was asked for after the cut.
    after = first[cut].taken
    rest = [s.task for s in mine if s.revealed > after]
    assume(rest and rest != [s.task for s in theirs if s.revealed > after])
    assume(any(task.level for task in rest))
    assert judged(seed, joined).outcome is not Outcome.BONA_FIDE


def test_a_take_kept_for_later_is_suspected() -> None:
    frames = [dataclasses.replace(m, taken=m.taken + 30) for m in shown(1)]
    assert judged(1, frames).species == (Species.ALTERED_STREAM,)


def test_frames_held_back_and_sent_at_once_are_suspected() -> None:
    frames = shown(1)
    held = [dataclasses.replace(m, arrived=max(m.arrived, 8.0)) for m in frames]
    assert judged(1, held).species == (Species.ALTERED_STREAM,)


@pytest.mark.parametrize("faces", [0, 2])
def test_a_frame_without_one_face_asks_for_one(faces: int) -> None:
    frames = shown(1)
    frames[40] = dataclasses.replace(frames[40], faces=faces)
    assert judged(1, frames) == Finding(Outcome.INCONCLUSIVE, advice=(Advice.ONE_FACE,))


@pytest.mark.parametrize(
    "change",
    [{"x": 5000.0}, {"yaw": 80.0}, {"size": 900.0}],
    ids=lambda change: next(iter(change)),
)
def test_a_jump_is_not_bona_fide(change: dict[str, float]) -> None:
    frames = shown(1)
    frames[5] = dataclasses.replace(frames[5], **change)  # type: ignore[arg-type]
    assert judged(1, frames) == Finding(Outcome.INCONCLUSIVE, advice=(Advice.STAY_IN_VIEW,))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["taken", "arrived", "yaw", "pitch", "size", "x", "y"])
def test_numbers_that_are_none_are_suspected(name: str, value: float) -> None:
    frames = shown(1)
    frames[5] = dataclasses.replace(frames[5], **{name: value})  # type: ignore[arg-type]
    assert judged(1, frames).species == (Species.ALTERED_STREAM,)


def test_a_face_without_size_is_suspected() -> None:
    frames = shown(1)
    frames[5] = dataclasses.replace(frames[5], size=0.0)
    assert judged(1, frames).species == (Species.ALTERED_STREAM,)


def test_an_end_that_is_missing_is_not_bona_fide() -> None:
    assert judged(1, shown(1)[:-20]).advice == (Advice.STEADY_CAMERA,)


def test_a_beginning_that_is_missing_is_not_bona_fide() -> None:
    assert judged(1, shown(1)[10:]).outcome is not Outcome.BONA_FIDE


def test_two_frames_a_second_are_too_few() -> None:
    slow = performance(asked(1), np.random.default_rng(1), rate=2)
    assert judged(1, slow).advice == (Advice.STEADY_CAMERA,)


def test_more_frames_than_a_session_holds_are_refused_before_they_are_judged() -> None:
    frames = shown(1) * 9
    assert len(frames) > MOST_MEASUREMENTS
    assert judged(1, frames).outcome is Outcome.INCONCLUSIVE


def test_the_made_up_camera_never_measures_alike_twice() -> None:
    for before, after in pairwise(shown(3)):
        assert (before.yaw, before.size) != (after.yaw, after.size)
