"""Deadlines: arithmetic over the calendar in every time zone, and who is told by which rule."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.authority import shipped_rules
from countenance.cases import (
    Addressee,
    AnswerClock,
    IncidentKind,
    Right,
    Time,
    Unit,
    answer_by,
    extended_by,
    months_after,
    shipped_clocks,
)
from countenance.cases.clocks import HOUSE
from countenance.policy import RuleSet, parse_pack

RULES, _ = shipped_rules()
CLOCKS = shipped_clocks()
TODAY = date(2026, 11, 23)
MOMENTS = st.integers(0, 100 * 365 * 24 * 60).map(
    lambda minutes: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def last_moment(start: datetime, months: int, zone: timezone) -> datetime:
    """The law's own reading in one time zone: the end of the same day, or of the month's last."""
    local = start.astimezone(zone)
    years, month = divmod(local.month - 1 + months, 12)
    year, month = local.year + years, month + 1
    day = min(local.day, calendar.monthrange(year, month)[1])
    return datetime(year, month, day, tzinfo=zone) + timedelta(days=1)


@given(start=MOMENTS, months=st.integers(0, 30), zone=ZONES)
def test_a_time_of_months_never_ends_too_late_anywhere(start: datetime, months: int, zone: timezone) -> None:
    ends = months_after(start, months)
    latest = last_moment(start, months, zone)
    assert ends <= latest
    assert latest - ends < timedelta(days=6)


@given(start=MOMENTS, months=st.integers(0, 30))
def test_more_months_never_end_earlier(start: datetime, months: int) -> None:
    assert months_after(start, months) < months_after(start, months + 1)


@given(start=MOMENTS, later=st.timedeltas(timedelta(0), timedelta(days=400)), months=st.integers(0, 30))
def test_what_starts_later_never_ends_earlier_by_a_day(
    start: datetime, later: timedelta, months: int
) -> None:
    assert months_after(start, months) <= months_after(start + later, months) + timedelta(days=4)


@given(start=MOMENTS, zone=ZONES, months=st.integers(0, 12))
def test_the_zone_of_the_start_does_not_matter(start: datetime, zone: timezone, months: int) -> None:
    assert months_after(start.astimezone(zone), months) == months_after(start, months)


@pytest.mark.parametrize(
    ("start", "months", "ends"),
    [
        ("2026-03-05T12:00", 1, "2026-04-05T12:00"),
        ("2026-01-31T12:00", 1, "2026-02-28T12:00"),
        ("2026-01-30T12:00", 1, "2026-02-27T12:00"),
        ("2028-01-31T12:00", 1, "2028-02-29T12:00"),
        ("2026-12-05T00:00", 3, "2027-03-05T00:00"),
        ("2026-11-30T12:00", 3, "2027-02-28T12:00"),
        ("2026-03-01T02:00", 1, "2026-03-29T02:00"),
        ("2026-11-23T05:00", 0, "2026-11-23T05:00"),
    ],
)
def test_months_by_hand(start: str, months: int, ends: str) -> None:
    assert months_after(at(start), months) == at(ends)


@pytest.mark.parametrize(("start", "months"), [("2026-01-01T00:00", -1), ("9998-12-01T00:00", 1)])
def test_months_that_cannot_be_counted(start: str, months: int) -> None:
    with pytest.raises(ValueError, match="9999"):
        months_after(at(start), months)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        months_after(at("2026-01-01T00:00").replace(tzinfo=None), 1)


@pytest.mark.parametrize(
    ("time", "ends", "words"),
    [
        (Time(72, Unit.HOURS), "2026-11-26T12:00", "72 hours"),
        (Time(15, Unit.DAYS), "2026-12-08T12:00", "15 days"),
        (Time(1, Unit.MONTHS), "2026-12-23T12:00", "1 month"),
    ],
)
def test_a_time_ends(time: Time, ends: str, words: str) -> None:
    assert time.after(at("2026-11-23T12:00")) == at(ends)
    assert time.words == words


# Clocks.


def test_every_clock_is_of_a_rule_in_the_packs() -> None:
    named = {one.rule for one in CLOCKS.notices} | {one.rule for one in CLOCKS.answers}
    assert named - {HOUSE} <= RULES.rule_ids


def test_every_rule_on_a_notice_has_a_clock_for_both() -> None:
    asking = {rule.rule_id for rule in RULES.rules if "breach_notice" in rule.keys}
    assert asking
    for to in Addressee:
        assert asking <= {clock.rule for clock in CLOCKS.notices if clock.to is to}


def test_every_rule_on_a_requests_channel_has_a_clock() -> None:
    asking = {rule.rule_id for rule in RULES.rules if "dsar_channel" in rule.keys}
    assert asking - {clock.rule for clock in CLOCKS.answers} <= {"CN-PIPL-50", "HX-STORE"}
    assert {"EU-GDPR-15", "CN-PIPL-45"} <= asking


def test_a_number_that_is_not_the_laws_is_called_so() -> None:
    for clock in CLOCKS.notices:
        assert clock.house is (
            clock.rule == HOUSE
            or " at once" in clock.source
            or ("without" in clock.source and "delay" in clock.source)
        )


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ({"EU"}, [("authority", "EU-GDPR-33", 72, False), ("people", "EU-GDPR-33", 72, True)]),
        ({"CN"}, [("authority", "CN-PIPL-57", 24, True), ("people", "CN-PIPL-57", 24, True)]),
        ({"US", "US/IL"}, [("authority", "house", 72, True), ("people", "house", 72, True)]),
        # The Indian rule applies from a later day on.
        ({"IN"}, [("authority", "house", 72, True), ("people", "house", 72, True)]),
    ],
)
def test_who_is_told_of_a_leak(codes: set[str], expected: list[tuple[str, str, int, bool]]) -> None:
    found = CLOCKS.for_incident(IncidentKind.LEAK, jurisdictions=codes, rules=RULES, on=TODAY)
    assert [(one.to, one.rule, one.time.amount, one.house) for one in found] == expected


def test_a_rule_counts_from_its_day_on() -> None:
    later = CLOCKS.for_incident(IncidentKind.LEAK, jurisdictions={"IN"}, rules=RULES, on=date(2027, 5, 14))
    assert {one.rule for one in later} == {"IN-DPDP-5"}
    for day, rule in ((date(2027, 12, 1), HOUSE), (date(2027, 12, 2), "EU-AIA-73")):
        (one,) = CLOCKS.for_incident(IncidentKind.SERIOUS, jurisdictions={"EU"}, rules=RULES, on=day)
        assert (one.rule, one.time) == (rule, Time(15, Unit.DAYS))


OWN = """
schema = 1
code = "XX"
title = "Elsewhere"
version = 2026-01-01
[[rule]]
id = "XX-1"
citation = "Elsewhere s 1"
force = "statute"
effect = "require"
text = "Tell of a leak"
operations = ["store"]
places = ["any"]
evidence = ["breach_notice (duty)"]
trust = "V"
trigger = "event.leak"
"""


def test_a_rule_without_a_number_has_the_houses() -> None:
    rules = RuleSet.of([*RULES.packs, parse_pack(OWN)])
    found = CLOCKS.for_incident(IncidentKind.LEAK, jurisdictions={"XX"}, rules=rules, on=TODAY)
    assert [(one.to, one.rule, one.house) for one in found] == [
        ("authority", "XX-1", True),
        ("people", "XX-1", True),
    ]


@pytest.mark.parametrize("right", list(Right))
@pytest.mark.parametrize(
    ("codes", "ends", "extended"),
    [
        ({"EU"}, "2026-12-23T12:00", "2027-02-23T12:00"),
        ({"CN"}, "2026-12-08T12:00", None),
        ({"EU", "CN"}, "2026-12-08T12:00", None),
        ({"US", "US/IL"}, "2026-12-23T12:00", None),
        (set(), "2026-12-23T12:00", None),
    ],
)
def test_until_when_a_person_is_answered(
    right: Right, codes: set[str], ends: str, extended: str | None
) -> None:
    clocks = CLOCKS.for_request(right, jurisdictions=codes, rules=RULES, on=TODAY)
    received = at("2026-11-23T12:00")
    assert answer_by(received, clocks) == at(ends)
    assert extended_by(received, clocks) == (None if extended is None else at(extended))


@given(
    start=MOMENTS,
    clocks=st.lists(
        st.builds(
            AnswerClock,
            rule=st.just("R"),
            rights=st.just(frozenset(Right)),
            time=st.builds(Time, st.integers(1, 40), st.sampled_from(Unit)),
            extended=st.none() | st.builds(Time, st.integers(1, 90), st.sampled_from(Unit)),
            source=st.just("somewhere"),
            house=st.booleans(),
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_the_strictest_clock_counts(start: datetime, clocks: list[AnswerClock]) -> None:
    ends = answer_by(start, clocks)
    assert all(ends <= clock.time.after(start) for clock in clocks)
    later = extended_by(start, clocks)
    assert later is None or ends < later
    assert later is None or all(
        clock.extended is not None or later <= clock.time.after(start) for clock in clocks
    )


def test_no_clock_is_no_deadline() -> None:
    with pytest.raises(ValueError, match="empty"):
        answer_by(at("2026-11-23T12:00"), ())
