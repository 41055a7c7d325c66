"""When a thing has to go: arithmetic on dates, against worked examples and an oracle of days."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.authority import shipped_rules
from countenance.authority.records import RetentionTerm
from countenance.cases import (
    Anchors,
    CountedFrom,
    Limit,
    Span,
    counted_now,
    rule_limits,
    term_limit,
    timer_of,
)
from countenance.cases.retention import CONSENT_WITHDRAWN, OWN_VALIDITY
from countenance.kernel import EvidenceId

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2026-01-31T10:00", Span(months=1), "2026-02-28T10:00"),
        ("2024-01-31T10:00", Span(months=1), "2024-02-29T10:00"),
        ("2024-02-29T00:00", Span(months=12), "2025-02-28T00:00"),
        ("2024-02-29T00:00", Span(months=48), "2028-02-29T00:00"),
        ("2026-11-22T12:00", Span(months=24), "2028-11-22T12:00"),
        ("2026-12-31T23:59", Span(months=2), "2027-02-28T23:59"),
        ("2026-11-22T12:00", Span(time=timedelta(hours=72)), "2026-11-25T12:00"),
        ("2026-11-22T12:00", Span(), "2026-11-22T12:00"),
    ],
)
def test_spans_end_on_these_days(start: str, span: Span, end: str) -> None:
    assert span.after(datetime.fromisoformat(start).replace(tzinfo=UTC)).isoformat()[:16] == end


@given(start=MOMENTS, months=st.integers(0, 120), hours=st.integers(0, 10_000))
def test_a_span_never_lasts_longer_than_its_words(start: datetime, months: int, hours: int) -> None:
    span = Span(months=months, time=timedelta(hours=hours))
    end = span.after(start) - span.time
    assert (end.year - start.year) * 12 + end.month - start.month == months
    assert end.day <= start.day
    assert end.timetz() == start.timetz()
    assert span.after(start) - start >= span.shortest


def limit(name: str, days: int, counted_from: CountedFrom = CountedFrom.ACT) -> Limit:
    return Limit(name, "words", counted_from, Span(time=timedelta(days=days)))


@given(
    days=st.lists(st.integers(0, 3000), max_size=6),
    own=st.none() | st.integers(-10, 3000),
    withdrawn=st.none() | st.integers(-10, 3000),
)
def test_the_earliest_of_all_bounds_counts_and_is_named(
    days: list[int], own: int | None, withdrawn: int | None
) -> None:
    limits = [limit(f"rule {number}", count) for number, count in enumerate(days)]
    ends = dict(zip((f"rule {number}" for number in range(len(days))), days, strict=True))
    if own is not None:
        ends[OWN_VALIDITY] = own
    if withdrawn is not None:
        ends[CONSENT_WITHDRAWN] = withdrawn
    timer = timer_of(
        Anchors(NOON, NOON, withdrawn=None if withdrawn is None else NOON + timedelta(days=withdrawn)),
        limits,
        own_end=None if own is None else NOON + timedelta(days=own),
    )
    assert len(timer.bounds) == len(ends)
    if not ends:
        assert timer.due is None
        assert not timer.over_at(datetime.max.replace(tzinfo=UTC))
        return
    least = min(ends.values())
    assert timer.due == NOON + timedelta(days=least)
    assert set(timer.names) == {name for name, count in ends.items() if count == least}
    assert timer.over_at(NOON + timedelta(days=least))
    assert not timer.over_at(NOON + timedelta(days=least) - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("counted_from", "due"),
    [
        (CountedFrom.ACT, NOON + timedelta(days=10)),
        (CountedFrom.LAST_CONTACT, NOON + timedelta(days=15)),
        (CountedFrom.PURPOSE_END, NOON + timedelta(days=17)),
    ],
)
def test_each_span_has_its_own_beginning(counted_from: CountedFrom, due: datetime) -> None:
    anchors = Anchors(NOON, NOON + timedelta(days=5), NOON + timedelta(days=7))
    assert timer_of(anchors, [limit("rule", 10, counted_from)]).due == due


def test_a_purpose_that_has_not_ended_sets_no_bound() -> None:
    assert timer_of(Anchors(NOON, NOON), [limit("rule", 1, CountedFrom.PURPOSE_END)]).due is None


def test_a_terms_last_day_is_a_bound_of_its_own() -> None:
    last = replace(limit("term", 100), last_day=NOON + timedelta(days=3))
    assert timer_of(Anchors(NOON, NOON), [last]).due == NOON + timedelta(days=3)


@pytest.mark.parametrize(
    ("words", "counted_from"),
    [
        ("the act", CountedFrom.ACT),
        ("the decision", CountedFrom.ACT),
        ("the last contact", CountedFrom.LAST_CONTACT),
        ("the last interaction with the guest", CountedFrom.LAST_CONTACT),
        ("the end of the purpose", CountedFrom.PURPOSE_END),
        ("the weekend stay", CountedFrom.ACT),
    ],
)
def test_an_officers_term_is_read(words: str, counted_from: CountedFrom) -> None:
    term = RetentionTerm(keeps="sealed decisions", days=30, counted_from=words, last_day=date(2027, 1, 1))
    read = term_limit(term, EvidenceId("evd_term"))
    assert (read.counted_from, read.span.time, read.name) == (
        counted_from, timedelta(days=30), "retention_until evd_term",
    )  # fmt: skip
    assert read.last_day == datetime(2027, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("jurisdictions", "expected"),
    [
        ({"CN"}, {}),
        ({"US", "US/IL"}, {"US-BIPA-15a": (CountedFrom.LAST_CONTACT, 36)}),
        ({"US", "US/CO"}, {"US-CO": (CountedFrom.LAST_CONTACT, 24)}),
        ({"US", "US/TX"}, {"US-TX": (CountedFrom.PURPOSE_END, 12)}),
        ({"US/ILX"}, {}),
    ],
)
def test_rules_that_set_a_span_in_numbers_are_limits(
    jurisdictions: set[str], expected: dict[str, tuple[CountedFrom, int]]
) -> None:
    rules, _ = shipped_rules()
    found = rule_limits(rules, jurisdictions=jurisdictions, day=date(2026, 11, 22))
    assert len(found) == len(expected)
    for one, (name, (counted_from, months)) in zip(found, expected.items(), strict=True):
        assert one.name.startswith(name)
        assert (one.counted_from, one.span.months) == (counted_from, months)
        assert one.words


def test_a_rule_that_begins_later_is_no_limit_yet() -> None:
    rules, _ = shipped_rules()
    later = {rule.applies_from for rule in rules.rules if rule.applies_from is not None}
    for day in later:
        before = rule_limits(rules, jurisdictions={"US/IL"}, day=day - timedelta(days=1))
        assert {one.name for one in before} <= {
            one.name for one in rule_limits(rules, jurisdictions={"US/IL"}, day=day)
        }


def test_every_key_with_a_number_is_understood() -> None:
    """A span that a rule states and nobody reads would never be kept."""
    rules, _ = shipped_rules()
    stated = {r.rule_id for r in rules.rules if any(k.startswith("retention_until<=") for k in r.keys)}
    everywhere = {rule.jurisdiction for rule in rules.rules}
    assert stated == {one.name for one in rule_limits(rules, jurisdictions=everywhere, day=date(2030, 1, 1))}
    assert stated


@given(now=MOMENTS, floor=st.none() | MOMENTS, days=st.integers(1, 400))
def test_time_never_goes_back_and_a_jump_asks(now: datetime, floor: datetime | None, days: int) -> None:
    at, jumped = counted_now(now, floor=floor, largest_jump=timedelta(days=days))
    assert at >= now
    assert floor is None or at >= floor
    assert at in (now, floor)
    assert jumped is (floor is not None and now - floor > timedelta(days=days))
