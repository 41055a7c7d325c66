"""Dates on documents, and what is kept of them: an age band, and whether a day has passed.

Rules kept here:

* A zone writes years with two digits. A birth is taken for the latest year that doesn't lie after the day of
  reading, an expiry for the year nearest to it (50 years back to 49 ahead). Who is over a hundred is
  therefore read as a child: that asks for more, never for less.
* A zone may leave day or month of a birth open. The band is said only if every day that is possible gives
  the same one; else it is unknown, and unknown refuses and asks.
* A birthday counts as reached on its day; who was born on 29 February reaches it on 1 March.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from countenance.vision.documents.check_digits import FILLER

__all__ = ["AgeBand", "DateSpan", "age_band", "birth_span", "expiry_day"]

_OPEN = FILLER * 2
_BACK = 50


class AgeBand(StrEnum):
    """All that is kept of a date of birth."""

    UNDER_14 = "under14"
    FROM_14_TO_17 = "14-17"
    ADULT = "adult"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DateSpan:
    """The days on which a birth may lie, both included. They stay out of ``repr``."""

    first: date
    last: date

    def __repr__(self) -> str:
        return "DateSpan(...)"


def birth_span(text: str, *, today: date) -> DateSpan | None:
    """Return the days that a zone's date of birth allows.

    Args:
        text: six characters, YYMMDD; fillers where month or day aren't known.
        today: the day of reading.

    Returns:
        The span, or ``None`` if the text is no date or the year isn't known.
    """
    century = today.year - today.year % 100
    for year in _years(text, (century, century - 100)):
        span = _span(year, text[2:4], text[4:6])
        if span is not None and span.first <= today:
            return DateSpan(span.first, min(span.last, today))
    return None


def expiry_day(text: str, *, today: date) -> date | None:
    """Return the day of expiry that a zone states, or ``None`` if the text is no full date.

    Args:
        text: six digits, YYMMDD.
        today: the day of reading.
    """
    century = today.year - today.year % 100
    for year in _years(text, (century - 100, century, century + 100)):
        if today.year - _BACK <= year < today.year + _BACK:
            span = _span(year, text[2:4], text[4:6])
            return span.first if span is not None and span.first == span.last else None
    return None


def age_band(span: DateSpan | None, *, today: date) -> AgeBand:
    """Return the band that every day of the span gives on the day of reading, else ``UNKNOWN``."""
    if span is None or span.first > today:
        return AgeBand.UNKNOWN
    bands = {_band(span.first, today), _band(span.last, today)}
    return bands.pop() if len(bands) == 1 else AgeBand.UNKNOWN


def _years(text: str, centuries: tuple[int, ...]) -> tuple[int, ...]:
    digits = text[:2]
    if len(text) != len("YYMMDD") or not (digits.isascii() and digits.isdigit()):
        return ()
    return tuple(century + int(digits) for century in centuries)


def _span(year: int, month: str, day: str) -> DateSpan | None:
    try:
        if month == _OPEN and day == _OPEN:
            return DateSpan(date(year, 1, 1), date(year, 12, 31))
        if day == _OPEN:
            first = date(year, int(month), 1)
            later = date(year + first.month // 12, first.month % 12 + 1, 1)
            return DateSpan(first, date.fromordinal(later.toordinal() - 1))
        exact = date(year, int(month), int(day))
    except ValueError:
        return None
    return DateSpan(exact, exact)


def _band(born: date, today: date) -> AgeBand:
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if years < 14:  # noqa: PLR2004 - the bands are named after these numbers
        return AgeBand.UNDER_14
    return AgeBand.FROM_14_TO_17 if years < 18 else AgeBand.ADULT  # noqa: PLR2004
