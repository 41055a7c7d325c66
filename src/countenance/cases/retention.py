"""When a thing has to go, and by which rule: arithmetic on dates. Pure.

Rules kept here:

* The earliest of all bounds that apply counts. Each bound carries the name of what sets it: a rule, the
  officer's term, a setting, the record's own validity, a withdrawn consent.
* A bound whose beginning isn't known yet (the purpose hasn't ended) doesn't apply yet.
* A month is a calendar month; where the day doesn't exist, the month's last day. So a bound is never later
  than the rule's own words.
* A clock that was set back extends nothing: the latest time that was ever counted stands. One that jumps
  ahead further than a machine is usually off asks a person.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from countenance.authority.records import RetentionTerm
from countenance.kernel import EvidenceId, require_utc
from countenance.policy import EVERYWHERE, RuleSet

__all__ = [
    "CONSENT_WITHDRAWN",
    "OWN_VALIDITY",
    "Anchors",
    "Bound",
    "CountedFrom",
    "Limit",
    "Span",
    "Timer",
    "counted_now",
    "rule_limits",
    "term_limit",
    "timer_of",
]

OWN_VALIDITY: Final = "own-validity"
"""Name of the bound that a record sets itself by running out or being withdrawn."""
CONSENT_WITHDRAWN: Final = "consent-withdrawn"
"""Name of the bound that the withdrawal of the consent sets for everything that rests on it."""

_KEY: Final = re.compile(r"^retention_until<=(act|last_contact|purpose_end)\+([1-9][0-9]{0,3})([hdmy])$")
_MONTHS_A_YEAR: Final = 12


class CountedFrom(StrEnum):
    """What a span of time is counted from."""

    ACT = "act"
    LAST_CONTACT = "last_contact"
    PURPOSE_END = "purpose_end"


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time: calendar months, and time on top."""

    months: int = 0
    time: timedelta = timedelta(0)

    def after(self, moment: datetime) -> datetime:
        """Return the moment at which the span is over."""
        at = require_utc(moment)
        count = at.month - 1 + self.months
        year, month = at.year + count // _MONTHS_A_YEAR, count % _MONTHS_A_YEAR + 1
        day = min(at.day, calendar.monthrange(year, month)[1])
        return at.replace(year=year, month=month, day=day) + self.time

    @property
    def shortest(self) -> timedelta:
        """The least time that it can take; a month has at least 28 days."""
        return timedelta(days=28 * self.months) + self.time


@dataclass(frozen=True, slots=True)
class Limit:
    """How long something is kept at most.

    Attributes:
        name: what sets it: a rule's id, the id of an officer's term, or ``setting decision_keep_days``.
        words: what it says, for a reader.
        counted_from: from what.
        span: for how long.
        last_day: a moment from which nothing is kept, whatever the span says; ``None`` for none.
    """

    name: str
    words: str
    counted_from: CountedFrom
    span: Span
    last_day: datetime | None = None


@dataclass(frozen=True, slots=True)
class Anchors:
    """From which moments spans are counted, for one thing.

    Attributes:
        act: when it was recorded or decided.
        last_contact: when the person last had to do with this purpose here.
        purpose_end: when the last record for it stopped counting; ``None`` while one counts without end.
        withdrawn: when the consent was withdrawn and none followed; ``None`` if it wasn't.
    """

    act: datetime
    last_contact: datetime
    purpose_end: datetime | None = None
    withdrawn: datetime | None = None

    def of(self, counted_from: CountedFrom) -> datetime | None:
        """Return the moment that is meant."""
        return {
            CountedFrom.ACT: self.act,
            CountedFrom.LAST_CONTACT: self.last_contact,
            CountedFrom.PURPOSE_END: self.purpose_end,
        }[counted_from]


@dataclass(frozen=True, slots=True, order=True)
class Bound:
    """A moment at which something has to be gone, and what says so."""

    at: datetime
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Timer:
    """All bounds of one thing, the earliest in front; none if nothing says when it has to go."""

    bounds: tuple[Bound, ...]

    @property
    def due(self) -> datetime | None:
        """When it has to be gone; ``None`` if nothing says."""
        return self.bounds[0].at if self.bounds else None

    @property
    def names(self) -> tuple[str, ...]:
        """What sets that moment; several where they agree."""
        return tuple(bound.name for bound in self.bounds if bound.at == self.due)

    def over_at(self, moment: datetime) -> bool:
        """Say whether it has to be gone at a moment."""
        return self.due is not None and self.due <= moment


def timer_of(anchors: Anchors, limits: Iterable[Limit], *, own_end: datetime | None = None) -> Timer:
    """Return when a thing has to go.

    Args:
        anchors: from which moments spans are counted.
        limits: what applies to it.
        own_end: when it stops counting by its own validity or withdrawal; ``None`` for no end.
    """
    bounds = []
    if own_end is not None:
        bounds.append(Bound(own_end, OWN_VALIDITY, "it no longer counts for anything"))
    if anchors.withdrawn is not None:
        bounds.append(Bound(anchors.withdrawn, CONSENT_WITHDRAWN, "the consent was withdrawn"))
    for limit in limits:
        start = anchors.of(limit.counted_from)
        if start is not None:
            bounds.append(Bound(limit.span.after(start), limit.name, limit.words))
        if limit.last_day is not None:
            bounds.append(Bound(limit.last_day, limit.name, limit.words))
    return Timer(tuple(sorted(bounds)))


def rule_limits(rules: RuleSet, *, jurisdictions: Iterable[str], day: date) -> tuple[Limit, ...]:
    """Return the spans that rules set in numbers, such as ``retention_until<=last_contact+3y``.

    Args:
        rules: the rules in use.
        jurisdictions: those of every registered place; the strictest of them counts.
        day: rules that begin to apply later are left out.
    """
    codes = tuple(jurisdictions)
    found = []
    for rule in rules.rules:
        here = rule.jurisdiction == EVERYWHERE or any(
            code == rule.jurisdiction or code.startswith(f"{rule.jurisdiction}/") for code in codes
        )
        if not here or (rule.applies_from is not None and day < rule.applies_from):
            continue
        for key in sorted(rule.keys):
            read = _KEY.match(key)
            if read is not None:
                start, count, unit = read.groups()
                words = f"{rule.citation}: {rule.text}"
                found.append(Limit(rule.rule_id, words, CountedFrom(start), _span(int(count), unit)))
    return tuple(found)


def term_limit(term: RetentionTerm, evidence_id: EvidenceId) -> Limit:
    """Return an officer's retention term as a limit.

    Its words for the beginning are read: the last contact, the end of the purpose, else the act.
    """
    told = term.counted_from.lower()
    start = CountedFrom.ACT
    if "contact" in told or "interaction" in told:
        start = CountedFrom.LAST_CONTACT
    elif "end" in told.split():
        start = CountedFrom.PURPOSE_END
    words = f"retention term on file: {term.days} days from {term.counted_from}"
    span = Span(time=timedelta(days=term.days))
    return Limit(f"retention_until {evidence_id}", words, start, span, term.ends())


def counted_now(now: datetime, *, floor: datetime | None, largest_jump: timedelta) -> tuple[datetime, bool]:
    """Return the time that counts for retention, and whether the clock jumped ahead.

    Args:
        now: what the clock says.
        floor: the latest time that was counted before; ``None`` at the first sweep.
        largest_jump: how far ahead of that the clock may be without a question.
    """
    at = require_utc(now)
    if floor is None:
        return at, False
    return max(at, floor), at - floor > largest_jump


def _span(count: int, unit: str) -> Span:
    match unit:
        case "y":
            return Span(months=count * _MONTHS_A_YEAR)
        case "m":
            return Span(months=count)
        case "d":
            return Span(time=timedelta(days=count))
        case _:
            return Span(time=timedelta(hours=count))
