"""What a search of passers-by would bring in a day, before anybody is searched. Pure: values in, values out.

Rules kept here:

* Rates come from the measured error table alone, with its 95 % prediction interval for other people than the
  measured; there is no threshold to choose.
* A plan is held against the upper end of its false alarms. Alarms that nobody has time for would be believed
  unseen, so a plan with more than its reviewers can look at is refused.
* Until reviewers have spoken a guard does nothing: the plan says how far the person will have walked by then.
* Misses are stated beside false alarms; what wasn't measured is called so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from countenance.decisions.identification import (
    LARGEST_FPIR,
    SearchLevel,
    StatedSearchError,
    search_level,
    search_level_at,
)
from countenance.decisions.impostor_tail import GalleryBeyondEvidence
from countenance.decisions.interval import Interval
from countenance.kernel import CallerError, EvidenceError

if TYPE_CHECKING:
    from countenance.decisions.error_table import ErrorTable

__all__ = [
    "GUARD_MEANWHILE",
    "Plan",
    "PlanBeyondReviewers",
    "PlanNotPossible",
    "PlanOrder",
    "make_plan",
    "rate_that_fits",
]

GUARD_MEANWHILE: Final = (
    "Until the reviewers have spoken a guard does nothing: follows nobody, stops nobody, addresses nobody."
)
_WALKING: Final = 1.42
"""Metres a second that adults walk at by choice (Browning et al., J Appl Physiol 100:390, 2006)."""
_HOUR: Final = 3600.0
_MOST: Final = 100_000_000
"""More people a day pass no place."""
_HOURS_OF_A_DAY: Final = 24.0
_STEPS: Final = 4
"""Rates that are tried for each power of ten."""
_SMALLEST_FPIR: Final = 1e-7


class PlanNotPossible(CallerError):
    """The figures of a plan contradict each other or what days and people are like."""

    code = "plan-not-possible"
    default_remedy = "Look over the figures: people are counted a day, times are in seconds or hours."


class PlanBeyondReviewers(EvidenceError):
    """There would be more alarms than the reviewers have time for."""

    code = "plan-beyond-reviewers"
    default_remedy = "Permit a lower rate, search fewer people, or have more people who look at the alarms."


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOrder:
    """What is planned.

    Attributes:
        passers_by: people whose faces would be searched a day, 1 to 100 million.
        listed: of them, how many are on the list, a day; 0 to ``passers_by``.
        people: on the list, one reference each; at least 1.
        fpir: the false positive identification rate to keep, in (0, 0.1]; or
        fmr: a measured level of the false match rate of a single comparison. One of the two.
        searches_each: how often each is searched, such as once for each camera; 1 to 1,000.
        reviewers: people who look at alarms at the same time, 0 or more.
        hours: how many hours a day they do, in (0, 24].
        review_seconds: how long one takes over one alarm, more than 0.
        words: how many of them have to look at each alarm, 1 or 2.
        busiest_hour: share of the day's people who pass in its busiest hour, in [1/24, 1].
        walk_metres: from the camera to where the person can't be found any more; ``None``: not stated.

    Raises:
        PlanNotPossible: if a figure is out of its range.
    """

    passers_by: int
    listed: float
    people: int
    fpir: float | None = None
    fmr: float | None = None
    searches_each: int = 1
    reviewers: int
    hours: float
    review_seconds: float
    words: int = 1
    busiest_hour: float
    walk_metres: float | None = None

    def __post_init__(self) -> None:
        checks = (
            (1 <= self.passers_by <= _MOST, "between one and 100 million people pass a day"),
            (0 <= self.listed <= self.passers_by, "no more listed people pass than pass at all"),
            ((self.fpir is None) != (self.fmr is None), "a plan states either an FPIR or an FMR"),
            (1 <= self.searches_each <= 1000, "each person is searched 1 to 1,000 times"),  # noqa: PLR2004
            (self.reviewers >= 0 and self.review_seconds > 0, "reviewers are counted, and take their time"),
            (0 < self.hours <= _HOURS_OF_A_DAY, "reviewers work up to 24 hours of a day"),
            (self.words in (1, 2), "one or two people look at an alarm"),
            (
                1 / _HOURS_OF_A_DAY <= self.busiest_hour <= 1,
                "the busiest hour has 1/24 to all of a day's people",
            ),
            (self.walk_metres is None or self.walk_metres >= 0, "a way is 0 metres or more"),
        )
        for fits, words in checks:
            if not fits or not math.isfinite(self.listed + self.hours + self.review_seconds):
                msg = f"This is no plan: {words}."
                raise PlanNotPossible(msg)

    def at_rate(self, fpir: float) -> PlanOrder:
        """Return the same plan at a false positive identification rate."""
        return replace(self, fpir=fpir, fmr=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What it would bring.

    Attributes:
        order: what was planned.
        stated: the error of one search, as a decision would state it.
        false_alarms: strangers falsely named in a day, expected.
        false_alarms_interval: 95 % prediction interval of that expectation.
        right: listed people who are found in a day, expected; at least, since misses are the upper end.
            ``None``: not measured.
        missed: listed people who are missed in a day, the upper end; ``None``: not measured.
        hours_needed: of reviewing in a day, at the upper end.
        hours_there: that the reviewers have.
        busiest_needed: of reviewing in the busiest hour, at the upper end.
        busiest_there: that the reviewers have in it.
        walked_metres: how far a person walks while an alarm is looked at.
    """

    order: PlanOrder
    stated: StatedSearchError
    false_alarms: float
    false_alarms_interval: Interval
    right: float | None
    missed: float | None
    hours_needed: float
    hours_there: float
    busiest_needed: float
    busiest_there: float
    walked_metres: float

    @property
    def fits(self) -> bool:
        """Whether the reviewers have time for every alarm, on the day and in its busiest hour."""
        return self.hours_needed <= self.hours_there and self.busiest_needed <= self.busiest_there

    @property
    def false_of_hundred(self) -> float:
        """Of a hundred alarms, how many name a stranger: expected; the more the fewer listed people pass."""
        named = self.false_alarms + (self.order.listed if self.right is None else self.right)
        return 100.0 * self.false_alarms / named

    @property
    def gone(self) -> bool | None:
        """Whether the person is out of reach before the reviewers have spoken; ``None``: not stated."""
        way = self.order.walk_metres
        return None if way is None else self.walked_metres >= way

    def require(self) -> None:
        """Make sure that the reviewers have time for every alarm.

        Raises:
            PlanBeyondReviewers: if they don't.
        """
        if not self.fits:
            when, needed, there = ("a day", self.hours_needed, self.hours_there)
            if needed <= there:
                when, needed, there = ("the busiest hour", self.busiest_needed, self.busiest_there)
            msg = (
                f"Up to {needed:,.2f} hours of looking at alarms in {when}; the reviewers have {there:,.2f}. "
                "Alarms that nobody has time for would be believed unseen."
            )
            raise PlanBeyondReviewers(msg)


def make_plan(table: ErrorTable, order: PlanOrder) -> Plan:
    """Return what a plan would bring, whether its reviewers have time for it or not.

    Searches of one person are taken as independent, which states more false alarms than there will be, never
    fewer.

    Args:
        table: of the networks that would search.
        order: the plan.

    Raises:
        GalleryEmpty, FpirNotOffered, SearchNotMeasured, GalleryBeyondEvidence, ErrorTargetNotOffered: as a
            search would.
    """
    stated = _level(table, order).stated
    strangers = order.passers_by - order.listed
    per_day = [
        strangers * _ever(rate, order.searches_each) for rate in (stated.fpir, stated.low, stated.high)
    ]
    missed = None if stated.fnir is None else order.listed * stated.fnir
    # Whoever is found is looked at as well; if it isn't known how many are missed, none is taken to be.
    most = per_day[2] + order.listed
    needed = most * order.words * order.review_seconds / _HOUR
    return Plan(
        order=order,
        stated=stated,
        false_alarms=per_day[0],
        false_alarms_interval=Interval(per_day[1], per_day[2]),
        right=None if missed is None else order.listed - missed,
        missed=missed,
        hours_needed=needed,
        hours_there=order.reviewers * order.hours,
        busiest_needed=needed * order.busiest_hour,
        busiest_there=float(order.reviewers),
        walked_metres=_WALKING * order.review_seconds,
    )


def rate_that_fits(table: ErrorTable, order: PlanOrder) -> Plan | None:
    """Return the same plan at the highest rate for whose alarms the reviewers have time; ``None``: at none.

    Args:
        table: of the networks that would search.
        order: the plan; its own rate doesn't matter.
    """
    for step in range(_STEPS * round(math.log10(LARGEST_FPIR / _SMALLEST_FPIR)) + 1):
        rate = float(f"{LARGEST_FPIR * 10 ** (-step / _STEPS):.1e}")
        try:
            plan = make_plan(table, order.at_rate(rate))
        except GalleryBeyondEvidence:
            # Every lower rate asks for still more evidence.
            return None
        if plan.fits:
            return plan
    return None


def _level(table: ErrorTable, order: PlanOrder) -> SearchLevel:
    if order.fpir is not None:
        return search_level(table, fpir=order.fpir, people=order.people)
    assert order.fmr is not None  # noqa: S101 - the order has one of the two
    return search_level_at(table, fmr=order.fmr, people=order.people)


def _ever(rate: float, times: int) -> float:
    """Return the chance that it happens at least once in so many tries."""
    return -math.expm1(times * math.log1p(-min(rate, 1.0 - 1e-12)))
