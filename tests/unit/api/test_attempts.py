"""Failures are counted by address and overall, in a sliding window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from countenance.api import AttemptBook
from countenance.api.attempts import TooManyAttempts
from countenance.kernel import FixedClock

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def book(clock: FixedClock) -> AttemptBook:
    return AttemptBook(clock=clock, most=3, most_overall=5, window=timedelta(minutes=5))


def test_an_address_has_room_until_its_last_failure(book: AttemptBook) -> None:
    for _ in range(3):
        book.require_room("a")
        book.failed("a")
    with pytest.raises(TooManyAttempts):
        book.require_room("a")
    book.require_room("b")


def test_everybody_together_has_a_limit_too(book: AttemptBook) -> None:
    for address in "abcde":
        book.require_room(address)
        book.failed(address)
    with pytest.raises(TooManyAttempts):
        book.require_room("f")


def test_a_failure_counts_until_its_window_is_over(book: AttemptBook, clock: FixedClock) -> None:
    for _ in range(3):
        book.failed("a")
    clock.move_to(NOON + timedelta(minutes=5) - timedelta(seconds=1))
    with pytest.raises(TooManyAttempts):
        book.require_room("a")
    clock.move_to(NOON + timedelta(minutes=5))
    book.require_room("a")


def test_the_right_key_clears_its_own_address_alone(book: AttemptBook) -> None:
    for address in ("a", "a", "a", "b", "b"):
        book.failed(address)
    book.succeeded("a")
    book.require_room("a")
    book.failed("b")
    with pytest.raises(TooManyAttempts):
        book.require_room("b")


def test_a_refusal_says_when_there_is_room_again(book: AttemptBook, clock: FixedClock) -> None:
    for second in range(3):
        clock.move_to(NOON + timedelta(seconds=second))
        book.failed("a")
    with pytest.raises(TooManyAttempts) as refused:
        book.require_room("a")
    assert refused.value.retry_after == 298  # the first of three runs out five minutes after noon
    clock.move_to(clock.now() + timedelta(seconds=refused.value.retry_after))
    book.require_room("a")


def test_everybody_s_refusal_says_so_too(book: AttemptBook, clock: FixedClock) -> None:
    for address in "abcdefg":
        book.failed(address)
    clock.move_to(NOON + timedelta(minutes=4))
    with pytest.raises(TooManyAttempts) as refused:
        book.require_room("h")
    assert refused.value.retry_after == 60
    clock.move_to(NOON + timedelta(minutes=5))
    book.require_room("h")
