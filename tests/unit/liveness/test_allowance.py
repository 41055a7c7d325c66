"""Attempts run out, waits grow, and nothing but success or a person starts them anew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.liveness.allowance import (
    DEVICE,
    SUBJECT,
    SUBJECT_WITH_PASSIVE,
    Limit,
    Standing,
    Tally,
    standing,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LIMITS = [SUBJECT, SUBJECT_WITH_PASSIVE, DEVICE]


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def at(attempts: int, limit: Limit, seconds: float = 0.0) -> Standing:
    tally = Tally(attempts, NOW) if attempts else Tally()
    return standing([(tally, limit)], now=later(seconds))


@pytest.mark.parametrize(
    ("limit", "attempts", "wait"),
    [
        (SUBJECT, 0, 0),
        (SUBJECT, 4, 0),
        (SUBJECT, 5, 30),
        (SUBJECT, 6, 60),
        (SUBJECT, 7, 120),
        (SUBJECT, 11, 1920),
        (SUBJECT, 12, 3600),
        (SUBJECT, 49, 3600),
        (SUBJECT_WITH_PASSIVE, 9, 0),
        (SUBJECT_WITH_PASSIVE, 10, 30),
        (SUBJECT_WITH_PASSIVE, 99, 3600),
        (DEVICE, 19, 0),
        (DEVICE, 20, 30),
        (DEVICE, 26, 900),
    ],
)
def test_the_wait_after_so_many(limit: Limit, attempts: int, wait: float) -> None:
    assert at(attempts, limit) == Standing(allowed=wait == 0, wait=wait, left=limit.cap - attempts)
    assert at(attempts, limit, wait).allowed
    if wait:
        assert not at(attempts, limit, wait - 0.001).allowed


@pytest.mark.parametrize("limit", LIMITS)
def test_after_the_cap_no_time_helps(limit: Limit) -> None:
    for attempts in (limit.cap, limit.cap + 1, 10**9):
        assert at(attempts, limit, 1e8) == Standing(allowed=False, wait=None, left=0)


@pytest.mark.parametrize("limit", LIMITS)
def test_waits_never_shrink(limit: Limit) -> None:
    waits = [limit.delay_after(n) for n in range(limit.cap + 5)]
    assert all(a <= b for a, b in pairwise(waits))
    assert waits[-1] == limit.longest_delay
    assert limit.delay_after(10**12) == limit.longest_delay


@pytest.mark.parametrize("limit", LIMITS)
def test_guessing_all_day_opens_no_more_than_the_cap(limit: Limit) -> None:
    tally, now, opened = Tally(), NOW, 0
    while True:
        stands = standing([(tally, limit)], now=now)
        if stands.wait is None:
            break
        if stands.allowed:
            tally, opened = tally.opened(now), opened + 1
        else:
            now += timedelta(seconds=stands.wait)
    assert opened == limit.cap
    assert now - NOW >= timedelta(seconds=30 * (limit.cap - limit.free))


@pytest.mark.parametrize(("limit", "percent"), [(SUBJECT, 3.785), (SUBJECT_WITH_PASSIVE, 7.429)])
def test_what_all_attempts_are_worth_to_a_guesser(limit: Limit, percent: float) -> None:
    assert 100 * limit.guess_passes == pytest.approx(percent, abs=0.001)


@given(
    tallies=st.lists(st.tuples(st.integers(0, 250), st.sampled_from(LIMITS)), min_size=1, max_size=4),
    seconds=st.floats(0, 1e5),
)
def test_the_strictest_count_holds(tallies: list[tuple[int, Limit]], seconds: float) -> None:
    counted = [(Tally(n, NOW) if n else Tally(), limit) for n, limit in tallies]
    together = standing(counted, now=later(seconds))
    alone = [standing([pair], now=later(seconds)) for pair in counted]
    assert together.allowed == all(one.allowed for one in alone)
    assert together.left == min(one.left for one in alone)


@given(seconds=st.floats(0.001, 1e6))
def test_a_clock_that_goes_back_shortens_no_wait(seconds: float) -> None:
    stands = at(7, SUBJECT, -seconds)
    assert not stands.allowed
    assert stands.wait is not None
    assert stands.wait >= 120
    tally = Tally(7, NOW).opened(later(-seconds))
    assert tally == Tally(8, NOW)


def test_an_attempt_counts_when_it_is_opened() -> None:
    tally = Tally()
    for _ in range(5):
        tally = tally.opened(NOW)
    assert not standing([(tally, SUBJECT)], now=NOW).allowed


def test_success_starts_a_person_anew() -> None:
    assert standing([(Tally(12, NOW).succeeded(), SUBJECT)], now=NOW).left == 50


def test_one_count_too_many_is_enough_to_wait() -> None:
    person, device = (Tally(1, NOW), SUBJECT), (Tally(21, NOW), DEVICE)
    assert standing([person, device], now=NOW) == Standing(allowed=False, wait=60, left=49)


def test_nothing_counted_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        standing([], now=NOW)


@pytest.mark.parametrize(
    "numbers",
    [
        {"free": 0, "cap": 5},
        {"free": 6, "cap": 5},
        {"free": 1, "cap": 5, "first_delay": 0.0},
        {"free": 1, "cap": 5, "first_delay": 60.0, "longest_delay": 30.0},
    ],
)
def test_a_limit_that_limits_nothing_is_refused(numbers: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="free attempts"):
        Limit(**numbers)  # type: ignore[arg-type]


@pytest.mark.parametrize(("attempts", "last"), [(-1, NOW), (0, NOW), (3, None)])
def test_a_tally_that_contradicts_itself_is_refused(attempts: int, last: datetime | None) -> None:
    with pytest.raises(ValueError, match="tally"):
        Tally(attempts, last)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        Tally().opened(NOW.replace(tzinfo=None))
