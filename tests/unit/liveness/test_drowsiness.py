"""A made-up driver's eyes, mouth and head: what is said when, and what is never said."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countenance.liveness.drowsiness import NOT_VALIDATED, DriverMeasure, DriverWarning, DriverWatch

RATE = 10.0


def frames(start: float, seconds: float, **measured: float | None) -> Iterator[DriverMeasure]:
    """A driver who looks ahead, unless something is said."""
    ahead: dict[str, float | None] = {"eyes": 0.32, "mouth": 0.05, "yaw": 3.0, "pitch": -4.0}
    for number in range(round(seconds * RATE)):
        yield DriverMeasure(seconds=start + number / RATE, **{**ahead, **measured})


UNSEEN: dict[str, float | None] = dict.fromkeys(("eyes", "mouth", "yaw", "pitch"))


def said(watch: DriverWatch, *parts: Iterator[DriverMeasure]) -> list[tuple[float, DriverWarning]]:
    return [(one.seconds, warning) for part in parts for one in part for warning in watch.note(one)]


@pytest.fixture
def watch() -> DriverWatch:
    """A driver who has been awake for forty seconds."""
    begun = DriverWatch()
    assert said(begun, frames(0, 40)) == []
    assert begun.ready
    return begun


def test_who_is_awake_hears_nothing(watch: DriverWatch) -> None:
    blinking = [
        frame
        for start in range(40, 340, 4)
        for part in (frames(start, 3.8), frames(start + 3.8, 0.2, eyes=0.1))
        for frame in part
    ]
    assert said(watch, iter(blinking)) == []
    assert watch.perclos is not None
    assert watch.perclos < 0.1


def test_eyes_that_stay_shut_are_told_within_two_seconds(watch: DriverWatch) -> None:
    found = said(watch, frames(40, 3, eyes=0.1))
    assert [warning for _, warning in found] == [DriverWarning.EYES_SHUT]
    assert 40.8 <= found[0][0] <= 42


def test_eyes_that_are_shut_often_are_told(watch: DriverWatch) -> None:
    slow = [
        frame
        for start in range(40, 110, 4)
        for part in (frames(start, 3.2), frames(start + 3.2, 0.8, eyes=0.1))
        for frame in part
    ]
    assert DriverWarning.DROWSY in {warning for _, warning in said(watch, iter(slow))}
    assert watch.perclos == pytest.approx(0.2, abs=0.03)


def test_eyes_are_measured_against_their_own(watch: DriverWatch) -> None:
    narrow = DriverWatch()
    assert said(narrow, frames(0, 100, eyes=0.2)) == []
    assert DriverWarning.EYES_SHUT in {warning for _, warning in said(watch, frames(40, 5, eyes=0.2))}


def test_three_yawns_are_told_and_speech_is_none(watch: DriverWatch) -> None:
    talking = (
        part for start in range(40, 60) for part in (frames(start, 0.5, mouth=0.7), frames(start + 0.5, 0.5))
    )
    assert said(watch, *talking) == []
    yawns = (part for start in (60, 80, 100) for part in (frames(start, 3, mouth=0.9), frames(start + 3, 17)))
    found = [(moment, warning) for moment, warning in said(watch, *yawns) if warning is DriverWarning.YAWNING]
    assert found
    assert 101.8 <= found[0][0] <= 103


@pytest.mark.parametrize(
    "away", [{"yaw": 45.0}, {"yaw": -45.0}, {"pitch": 25.0}], ids=["right", "left", "lap"]
)
def test_a_long_look_away_is_told_and_a_glance_is_not(watch: DriverWatch, away: dict[str, float]) -> None:
    assert said(watch, frames(40, 1.5, **away), frames(41.5, 3)) == []
    found = said(watch, frames(45, 3, **away))
    assert [warning for _, warning in found] == [DriverWarning.LOOKING_AWAY]
    assert 46.4 <= found[0][0] <= 47.5


def test_a_face_that_is_not_seen_is_no_shut_eye(watch: DriverWatch) -> None:
    found = said(watch, frames(40, 12, **UNSEEN))
    assert {warning for _, warning in found} == {DriverWarning.NOT_SEEN}
    assert 44.8 <= found[0][0] <= 45.5


def test_without_a_baseline_nothing_is_said_about_eyes() -> None:
    watch = DriverWatch()
    assert said(watch, frames(0, 20, eyes=0.05, yaw=60.0)) == []
    assert not watch.ready
    assert watch.perclos is None


def test_few_frames_are_no_baseline() -> None:
    watch = DriverWatch()
    for second in range(40):
        watch.note(DriverMeasure(float(second), 0.3, 0.0, 0.0, 0.0))
    assert not watch.ready


def test_the_same_is_said_every_ten_seconds(watch: DriverWatch) -> None:
    found = [one for one in said(watch, frames(40, 35, eyes=0.1)) if one[1] is DriverWarning.EYES_SHUT]
    assert len(found) == 4
    assert min(np.diff([moment for moment, _ in found])) >= 10 - 1e-6


def test_a_gap_counts_for_half_a_second(watch: DriverWatch) -> None:
    watch.note(DriverMeasure(40.0, 0.1, 0.0, 3.0, -4.0))
    assert watch.note(DriverMeasure(100.0, 0.1, 0.0, 3.0, -4.0)) == ()


@pytest.mark.parametrize("moment", [39.9, 39.0, -math.inf])
def test_time_rises(watch: DriverWatch, moment: float) -> None:
    with pytest.raises(ValueError, match="rise"):
        watch.note(DriverMeasure(moment, 0.3, 0.0, 0.0, 0.0))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.2, 0.5), st.floats(-20, 20))
def test_any_driver_who_is_awake_hears_nothing_about_eyes(seed: int, own: float, mounted: float) -> None:
    source, watch = np.random.default_rng(seed), DriverWatch()
    for number in range(900):
        measure = DriverMeasure(
            number / RATE, own * source.uniform(0.9, 1.1), 0.05, mounted + source.normal(0, 4), 5.0
        )
        assert watch.note(measure) == ()


def test_warnings_are_sentences_and_say_nothing_of_a_measure() -> None:
    assert all(warning.words.endswith(".") for warning in DriverWarning)
    assert "0.3" not in repr(DriverMeasure(1.0, 0.3, 0.3, 0.3, 0.3))
    assert NOT_VALIDATED.startswith("Not validated for safety")
