"""Sessions end by themselves, and a dump of the book opens none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from countenance.kernel import FixedClock
from countenance.web.sessions import SessionBook

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def book(clock: FixedClock) -> SessionBook:
    return SessionBook(clock=clock, lifetime=timedelta(hours=1), idle=timedelta(minutes=10), most=3)


def test_a_token_finds_its_session(book: SessionBook) -> None:
    token = book.open(key_name="Front desk", key_prefix="abc")
    session = book.find(token)
    assert session is not None
    assert (session.key_name, session.key_prefix, session.opened_at) == ("Front desk", "abc", NOON)


def test_tokens_are_long_and_differ(book: SessionBook) -> None:
    first, second = (book.open(key_name="d", key_prefix="p") for _ in range(2))
    assert first != second
    assert min(len(first), len(second)) >= 43


def test_the_book_holds_no_token(book: SessionBook) -> None:
    token = book.open(key_name="d", key_prefix="p")
    assert token not in repr(vars(book))


@pytest.mark.parametrize("token", ["", "x", "0" * 43])
def test_another_token_finds_nothing(book: SessionBook, token: str) -> None:
    book.open(key_name="d", key_prefix="p")
    assert book.find(token) is None


def test_a_session_that_isn_t_used_ends(book: SessionBook, clock: FixedClock) -> None:
    token = book.open(key_name="d", key_prefix="p")
    clock.move_to(NOON + timedelta(minutes=9, seconds=59))
    assert book.find(token) is not None
    clock.move_to(NOON + timedelta(minutes=19, seconds=58))
    assert book.find(token) is not None
    clock.move_to(NOON + timedelta(minutes=29, seconds=58))
    assert book.find(token) is None


def test_a_session_that_is_used_all_the_time_ends_too(book: SessionBook, clock: FixedClock) -> None:
    token = book.open(key_name="d", key_prefix="p")
    for minute in range(5, 60, 5):
        clock.move_to(NOON + timedelta(minutes=minute))
        assert book.find(token) is not None
    clock.move_to(NOON + timedelta(minutes=60))
    assert book.find(token) is None
    assert len(book) == 0


def test_signing_out_ends_one_session(book: SessionBook) -> None:
    gone, kept = (book.open(key_name="d", key_prefix="p") for _ in range(2))
    book.close(gone)
    book.close("never opened")
    assert book.find(gone) is None
    assert book.find(kept) is not None


def test_the_one_unused_for_longest_makes_room(book: SessionBook, clock: FixedClock) -> None:
    tokens = []
    for second in range(3):
        clock.move_to(NOON + timedelta(seconds=second))
        tokens.append(book.open(key_name="d", key_prefix="p"))
    clock.move_to(NOON + timedelta(seconds=5))
    book.find(tokens[0])
    tokens.append(book.open(key_name="d", key_prefix="p"))
    assert [book.find(token) is not None for token in tokens] == [True, False, True, True]
