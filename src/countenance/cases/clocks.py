"""Deadlines: until when who is told of an incident, and a person's request answered. Pure.

Rules kept here:

* A time is counted from the moment at which something became known or arrived, as the law does, and never
  ends later than the law lets it end, in whatever time zone the place lies. Weekends and holidays, by which
  some laws lengthen a time, aren't used.
* Of several clocks that apply the strictest counts. Where no rule of a jurisdiction gives a number, the
  house's own time holds and is called so; nothing is ever without a deadline.
* A rule of an operator's own pack that asks for a notice has a clock too.
"""

from __future__ import annotations

import calendar
import tomllib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from countenance.kernel import require_utc
from countenance.policy import EVERYWHERE, Rule, RuleSet

__all__ = [
    "HOUSE",
    "NOTICE_KEY",
    "Addressee",
    "AnswerClock",
    "Clocks",
    "IncidentKind",
    "NoticeClock",
    "Right",
    "Time",
    "Unit",
    "answer_by",
    "extended_by",
    "months_after",
    "shipped_clocks",
]

HOUSE: Final = "house"
"""The rule id of the house's own clocks."""
NOTICE_KEY: Final = "breach_notice"
_DAY: Final = timedelta(days=1)
_LATEST: Final = 9999


class IncidentKind(StrEnum):
    """What happened."""

    LEAK = "leak"
    SERIOUS = "serious-incident"

    @property
    def words(self) -> str:
        """What it is, for a reader."""
        return {"leak": "leak", "serious-incident": "serious incident"}[self.value]

    @property
    def trigger(self) -> str:
        """The fact in the rules' vocabulary."""
        return {"leak": "event.leak", "serious-incident": "event.serious_incident"}[self.value]


class Addressee(StrEnum):
    """Who has to be told."""

    AUTHORITY = "authority"
    PEOPLE = "people"

    @property
    def words(self) -> str:
        """Who that is, for a reader."""
        return {"authority": "the authority", "people": "the people concerned"}[self.value]


class Right(StrEnum):
    """What a person asks for."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    OBJECTION = "objection"
    HUMAN_REVIEW = "human-review"


class Unit(StrEnum):
    """In what a time is counted."""

    HOURS = "hours"
    DAYS = "days"
    MONTHS = "months"


def months_after(start: datetime, months: int) -> datetime:
    """Return when a time of calendar months ends.

    The law counts to the end of the same day of the month, or of the month's last day where it has none
    (Regulation 1182/71 Art 3). Which day it is depends on the time zone; what is returned is never after
    the end of that day in any zone from UTC-12 to UTC+14, and at most four days before it.

    Args:
        start: the moment from which it is counted, aware.
        months: how many, not negative.

    Raises:
        ValueError: if it is negative, or ends after the year 9998.
    """
    start = require_utc(start)
    if months < 0 or start.year + months // 12 + 2 > _LATEST:
        msg = "a time of months isn't negative and ends before the year 9999"
        raise ValueError(msg)
    days = (timedelta(days=-1), timedelta(0), timedelta(days=1))
    return min(_same_day(start + day, months) - day for day in days)


def _same_day(start: datetime, months: int) -> datetime:
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    return start.replace(year=year, month=month, day=min(start.day, calendar.monthrange(year, month)[1]))


@dataclass(frozen=True, slots=True)
class Time:
    """A time that the law or the house gives.

    Attributes:
        amount: how many; positive.
        unit: of what.
    """

    amount: int
    unit: Unit

    @property
    def words(self) -> str:
        """The time, for a reader: ``72 hours``."""
        return f"{self.amount} {self.unit.value if self.amount != 1 else self.unit.value.removesuffix('s')}"

    def after(self, start: datetime) -> datetime:
        """Return when it ends, UTC, counted from a moment."""
        if self.unit is Unit.MONTHS:
            return months_after(start, self.amount)
        span = timedelta(hours=self.amount) if self.unit is Unit.HOURS else self.amount * _DAY
        return require_utc(start) + span


@dataclass(frozen=True, slots=True)
class NoticeClock:
    """Until when who is told of an incident.

    Attributes:
        rule: the rule that asks for it, or :data:`HOUSE`.
        incident: of what.
        to: whom.
        time: within what time of the moment at which it became known.
        source: where the time stands, in words.
        house: whether the number is the house's own.
    """

    rule: str
    incident: IncidentKind
    to: Addressee
    time: Time
    source: str
    house: bool


@dataclass(frozen=True, slots=True)
class AnswerClock:
    """Until when a person is answered.

    Attributes:
        rule: the rule that asks for it, or :data:`HOUSE`.
        rights: which requests.
        time: within what time of its arrival.
        extended: within what time of its arrival once it was extended; ``None`` if it can't be.
        source: where the time stands, in words.
        house: whether the number is the house's own.
    """

    rule: str
    rights: frozenset[Right]
    time: Time
    extended: Time | None
    source: str
    house: bool


@dataclass(frozen=True, slots=True)
class Clocks:
    """Every clock.

    Attributes:
        notices: until when who is told.
        answers: until when who is answered.
    """

    notices: tuple[NoticeClock, ...]
    answers: tuple[AnswerClock, ...]

    def for_incident(
        self, incident: IncidentKind, *, jurisdictions: Collection[str], rules: RuleSet, on: date
    ) -> tuple[NoticeClock, ...]:
        """Return who has to be told of an incident, and until when; the strictest first for each rule.

        Args:
            incident: what happened.
            jurisdictions: of the place, with those above them.
            rules: the rules in use.
            on: the day at which they are asked.
        """
        here = {rule.rule_id: rule for rule in _in_force(rules, jurisdictions, on)}
        ours = [clock for clock in self.notices if clock.incident is incident and clock.rule in here]
        house = [clock for clock in self.notices if clock.incident is incident and clock.rule == HOUSE]
        timed = {clock.rule for clock in self.notices}
        for rule_id, rule in here.items():
            if rule.trigger == incident.trigger and NOTICE_KEY in rule.keys and rule_id not in timed:
                words = "the rule asks for a notice and gives no time"
                ours += [NoticeClock(rule_id, incident, one.to, one.time, words, house=True) for one in house]
        told = {clock.to for clock in ours}
        found = (*ours, *(clock for clock in house if clock.to not in told))
        return tuple(sorted(found, key=lambda clock: (clock.to, clock.rule)))

    def for_request(
        self, right: Right, *, jurisdictions: Collection[str], rules: RuleSet, on: date
    ) -> tuple[AnswerClock, ...]:
        """Return until when a request is answered, by every rule that speaks; the house's own if none does.

        Args:
            right: what is asked for.
            jurisdictions: those that apply, with those above them.
            rules: the rules in use.
            on: the day at which they are asked.
        """
        here = {rule.rule_id for rule in _in_force(rules, jurisdictions, on)}
        found = tuple(clock for clock in self.answers if right in clock.rights and clock.rule in here)
        return found or tuple(
            clock for clock in self.answers if right in clock.rights and clock.rule == HOUSE
        )


def answer_by(received: datetime, clocks: Sequence[AnswerClock]) -> datetime:
    """Return until when a request is answered: the strictest of the clocks.

    Raises:
        ValueError: if there is no clock.
    """
    return min(clock.time.after(received) for clock in clocks)


def extended_by(received: datetime, clocks: Sequence[AnswerClock]) -> datetime | None:
    """Return until when a request is answered once its time was extended; ``None`` if that gains nothing.

    Raises:
        ValueError: if there is no clock.
    """
    later = min((clock.extended or clock.time).after(received) for clock in clocks)
    return later if later > answer_by(received, clocks) else None


def _in_force(rules: RuleSet, jurisdictions: Collection[str], on: date) -> Iterable[Rule]:
    return (
        rule
        for rule in rules.rules
        if (rule.jurisdiction == EVERYWHERE or rule.jurisdiction in jurisdictions)
        and (rule.applies_from is None or rule.applies_from <= on)
    )


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str = Field(min_length=2)
    hours: int | None = Field(default=None, gt=0)
    days: int | None = Field(default=None, gt=0)
    months: int | None = Field(default=None, gt=0)
    source: str = Field(min_length=8)
    house: bool = False

    @model_validator(mode="after")
    def _one_time(self) -> Self:
        """Refuse a row without a time, or with two."""
        if sum(one is not None for one in (self.hours, self.days, self.months)) != 1:
            msg = "a clock has one time: hours, days or months"
            raise ValueError(msg)
        return self

    def time(self) -> Time:
        """Return the row's time."""
        for amount, unit in ((self.hours, Unit.HOURS), (self.days, Unit.DAYS)):
            if amount is not None:
                return Time(amount, unit)
        return Time(self.months or 0, Unit.MONTHS)


class _NoticeRow(_Row):
    incident: IncidentKind
    to: Addressee


class _AnswerRow(_Row):
    rights: frozenset[Right] = Field(min_length=1)
    extended_months: int | None = Field(default=None, gt=0)


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    notice: tuple[_NoticeRow, ...]
    answer: tuple[_AnswerRow, ...]


@cache
def shipped_clocks() -> Clocks:
    """Return the clocks that come with the package."""
    text = files("countenance.cases").joinpath("clocks.toml").read_text(encoding="utf-8")
    table = _Table.model_validate(tomllib.loads(text))
    return Clocks(
        notices=tuple(
            NoticeClock(row.rule, row.incident, row.to, row.time(), row.source, row.house)
            for row in table.notice
        ),
        answers=tuple(
            AnswerClock(
                rule=row.rule,
                rights=row.rights,
                time=row.time(),
                extended=None if row.extended_months is None else Time(row.extended_months, Unit.MONTHS),
                source=row.source,
                house=row.house,
            )
            for row in table.answer
        ),
    )
