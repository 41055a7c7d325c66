"""Paces: what they allow in a span, and that no order of comparisons gets more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparison_limits import CALLER, REFERENCE, limits_of
from countenance.decisions import Pace, TooManyComparisons
from countenance.kernel import DeviceId
from front_desk import FrontDesk, front_desk

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DESK, OTHER = DeviceId("dev_desk"), DeviceId("dev_other")
PACES = st.builds(
    Pace,
    at_once=st.integers(1, 20),
    every=st.integers(1, 3600).map(lambda seconds: timedelta(seconds=seconds)),
)


@pytest.fixture
def hotel(tmp_path: Path) -> Iterator[FrontDesk]:
    with front_desk(tmp_path) as opened:
        yield opened


def run(pace: Pace, moments: list[datetime]) -> list[bool]:
    """Ask at each moment; return which were let in."""
    due: datetime | None = None
    passed = []
    for now in moments:
        allowed = not pace.wait(due, now)
        if allowed:
            due = pace.after(due, now)
        passed.append(allowed)
    return passed


@pytest.mark.parametrize(
    ("at_once", "every"), [(0, timedelta(1)), (-1, timedelta(1)), (1, timedelta()), (1, -timedelta(1))]
)
def test_a_pace_that_allows_nothing_is_no_pace(at_once: int, every: timedelta) -> None:
    with pytest.raises(ValueError, match="at once"):
        Pace(at_once, every)


def test_as_many_at_once_and_then_one_with_each_interval() -> None:
    pace = Pace(3, timedelta(seconds=60))
    seconds = [0, 0, 0, 0, 59, 60, 61, 120, 180, 180]
    moments = [NOON + timedelta(seconds=at) for at in seconds]
    assert run(pace, moments) == [True, True, True, False, False, True, False, True, True, False]


def test_who_waited_long_gets_no_more_at_once() -> None:
    pace = Pace(2, timedelta(seconds=1))
    moments = [NOON] + [NOON + timedelta(days=1)] * 4
    assert run(pace, moments) == [True, True, True, False, False]


@given(PACES, st.lists(st.integers(0, 900), max_size=80))
def test_no_span_has_more_than_the_pace_says(pace: Pace, steps: list[int]) -> None:
    moments, now = [], NOON
    for step in steps:
        now += timedelta(seconds=step)
        moments.append(now)
    passed = [at for at, allowed in zip(moments, run(pace, moments), strict=True) if allowed]
    for i, first in enumerate(passed):
        for j in range(i, len(passed)):
            assert j - i + 1 <= pace.most_within(passed[j] - first)


@given(PACES, st.integers(0, 50))
def test_whoever_waits_as_long_as_is_said_is_let_in(pace: Pace, asked: int) -> None:
    due = None
    for _ in range(asked):
        if not pace.wait(due, NOON):
            due = pace.after(due, NOON)
    wait = pace.wait(due, NOON)
    assert not pace.wait(due, NOON + wait)
    assert not wait or pace.wait(due, NOON + wait - timedelta(microseconds=1))


def test_a_clock_that_goes_back_allows_no_more() -> None:
    pace = Pace(1, timedelta(seconds=60))
    due = pace.after(None, NOON)
    assert pace.wait(due, NOON - timedelta(hours=1)) == timedelta(hours=1, seconds=60)


def test_a_reference_is_counted_over_all_who_ask(hotel: FrontDesk) -> None:
    limits = limits_of(hotel)
    for i in range(REFERENCE.at_once):
        limits.take(device=DeviceId(f"dev_{i}"), caller=f"caller {i}", reference="pass:1")
    with pytest.raises(TooManyComparisons) as caught:
        limits.take(device=OTHER, caller="yet another", reference="pass:1")
    assert caught.value.retry_after == REFERENCE.every.total_seconds()
    limits.take(device=OTHER, caller="yet another", reference="pass:2")


def test_a_device_is_counted_over_all_references_and_callers(hotel: FrontDesk) -> None:
    limits = limits_of(hotel)
    for i in range(CALLER.at_once):
        limits.take(device=DESK, caller=None, reference=f"pass:{i}")
    with pytest.raises(TooManyComparisons):
        limits.take(device=DESK, caller="a new one", reference="pass:new")
    with pytest.raises(TooManyComparisons):
        limits.take(device=DESK, caller=None)
    limits.take(device=OTHER, caller=None)


def test_a_caller_is_counted_over_all_devices(hotel: FrontDesk) -> None:
    limits = limits_of(hotel)
    for i in range(CALLER.at_once):
        limits.take(device=DeviceId(f"dev_{i}"), caller="clerk (key 7)")
    with pytest.raises(TooManyComparisons) as caught:
        limits.take(device=OTHER, caller="clerk (key 7)")
    assert caught.value.retry_after == 6
    hotel.wait(timedelta(seconds=6))
    limits.take(device=OTHER, caller="clerk (key 7)")


def test_what_is_refused_counts_for_nobody(hotel: FrontDesk) -> None:
    limits = limits_of(hotel)
    for _ in range(REFERENCE.at_once):
        limits.take(device=DESK, caller=None, reference="pass:1")
    for _ in range(100):
        with pytest.raises(TooManyComparisons):
            limits.take(device=OTHER, caller="loud", reference="pass:1")
    limits.take(device=OTHER, caller="loud")
    hotel.wait(REFERENCE.every)
    limits.take(device=DESK, caller=None, reference="pass:1")


def test_a_match_starts_a_reference_anew_and_no_device(hotel: FrontDesk) -> None:
    limits = limits_of(hotel, caller=REFERENCE)
    for _ in range(REFERENCE.at_once):
        limits.take(device=DESK, caller=None, reference="pass:1")
    limits.matched("pass:1")
    with pytest.raises(TooManyComparisons):
        limits.take(device=DESK, caller=None, reference="pass:1")
    for _ in range(REFERENCE.at_once):
        limits.take(device=OTHER, caller=None, reference="pass:1")


def test_the_error_says_what_to_do_and_whose_it_is() -> None:
    error = TooManyComparisons(retry_after=7)
    assert (error.code, error.retry_after) == ("too-many-comparisons", 7)
    assert "Nobody was looked at" in str(error.remedy)
