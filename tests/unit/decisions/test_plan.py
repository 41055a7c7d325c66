"""What a plan promises: its arithmetic, that it errs on the safe side, and when it is refused."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.decisions import (
    ErrorTable,
    ErrorTargetNotOffered,
    FpirNotOffered,
    GalleryBeyondEvidence,
    GalleryEmpty,
    PlanBeyondReviewers,
    PlanNotPossible,
    PlanOrder,
    SearchNotMeasured,
    make_plan,
    rate_that_fits,
    search_level,
    shipped_error_table,
)

TABLE: ErrorTable = shipped_error_table("mobilefacenet-192+int8")
STATION: dict[str, Any] = {
    "passers_by": 20_000,
    "listed": 2,
    "people": 20,
    "fpir": 0.001,
    "reviewers": 2,
    "hours": 10.0,
    "review_seconds": 60.0,
    "busiest_hour": 0.15,
}


def order(**other: object) -> PlanOrder:
    return PlanOrder(**(STATION | other))


def test_false_alarms_are_the_strangers_times_the_stated_rate() -> None:
    plan = make_plan(TABLE, order())
    stated = search_level(TABLE, fpir=0.001, people=20).stated
    assert plan.stated == stated
    assert plan.false_alarms == pytest.approx(19_998 * stated.fpir, rel=1e-9)
    assert plan.false_alarms_interval.low == pytest.approx(19_998 * stated.low, rel=1e-9)
    assert plan.false_alarms_interval.high == pytest.approx(19_998 * stated.high, rel=1e-9)
    assert plan.false_alarms < 20


def test_misses_are_stated_beside_them() -> None:
    plan = make_plan(TABLE, order())
    assert plan.stated.fnir is not None
    assert plan.missed == pytest.approx(2 * plan.stated.fnir)
    assert plan.right == pytest.approx(2 - 2 * plan.stated.fnir)
    assert plan.false_of_hundred == pytest.approx(
        100 * plan.false_alarms / (plan.false_alarms + 2 - 2 * plan.stated.fnir)
    )


def test_what_was_not_measured_is_called_so_and_taken_at_its_worst() -> None:
    only_lax = replace(TABLE, levels=tuple(replace(each, threshold=0.4) for each in TABLE.levels))
    plan = make_plan(only_lax, order())
    assert plan.missed is None
    assert plan.right is None
    # All of them are found, and have to be looked at.
    most = plan.false_alarms_interval.high + 2
    assert plan.hours_needed == pytest.approx(most * 60 / 3600)


def test_the_reviewers_time_is_held_against_the_upper_end() -> None:
    plan = make_plan(TABLE, order(words=2))
    most = plan.false_alarms_interval.high + 2
    assert plan.hours_needed == pytest.approx(2 * most * 60 / 3600)
    assert plan.hours_there == 20
    assert plan.busiest_needed == pytest.approx(0.15 * plan.hours_needed)
    assert plan.busiest_there == 2
    assert plan.fits
    plan.require()


@pytest.mark.parametrize(
    ("other", "when"),
    [
        pytest.param({"reviewers": 0}, "a day", id="nobody-looks"),
        pytest.param({"passers_by": 3_000_000}, "a day", id="too-many-people"),
        pytest.param({"review_seconds": 4 * 3600.0}, "a day", id="too-slow"),
        pytest.param(
            {"reviewers": 1, "hours": 24.0, "busiest_hour": 1.0, "review_seconds": 300.0},
            "the busiest hour",
            id="all-at-once",
        ),
    ],
)
def test_more_alarms_than_anybody_has_time_for_are_refused(other: dict[str, object], when: str) -> None:
    plan = make_plan(TABLE, order(**other))
    assert not plan.fits
    with pytest.raises(PlanBeyondReviewers, match=when):
        plan.require()


def test_a_borrowed_threshold_names_far_more() -> None:
    """28 members of Congress: a rate for one comparison isn't a rate for a search."""
    kept = make_plan(TABLE, order())
    borrowed = make_plan(TABLE, order(fpir=None, fmr=0.001))
    assert borrowed.false_alarms > 50 * kept.false_alarms
    assert borrowed.stated.asked == pytest.approx(1 - (1 - 0.001) ** 20)
    assert borrowed.missed is not None
    assert kept.missed is not None
    assert borrowed.missed < kept.missed
    assert not borrowed.fits


def test_a_gallery_beyond_the_evidence_is_refused_for_a_rate_and_only_stated_for_a_borrowed_one() -> None:
    with pytest.raises(GalleryBeyondEvidence):
        make_plan(TABLE, order(people=100_000))
    assert make_plan(TABLE, order(people=100_000, fpir=None, fmr=1e-5)).stated.fpir > 0.1


@given(times=st.integers(1, 1000), more=st.integers(1, 50))
def test_who_is_searched_more_often_is_falsely_named_more_often(times: int, more: int) -> None:
    once = make_plan(TABLE, order())
    few, many = (make_plan(TABLE, order(searches_each=count)) for count in (times, min(1000, times + more)))
    assert once.false_alarms <= few.false_alarms <= many.false_alarms < 20_000
    # Never more than as many times as often.
    assert few.false_alarms <= times * once.false_alarms * (1 + 1e-9)


def test_the_rate_that_fits_is_the_highest_tried_one() -> None:
    crowded = order(passers_by=3_000_000)
    assert not make_plan(TABLE, crowded).fits
    fitting = rate_that_fits(TABLE, replace(crowded, people=3))
    assert fitting is not None
    assert fitting.fits
    assert fitting.order.fpir is not None
    assert fitting.order.fpir < 0.1
    higher = replace(fitting.order, fpir=fitting.order.fpir * 10 ** (1 / 4))
    assert not make_plan(TABLE, higher).fits


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"reviewers": 0}, id="nobody-looks"),
        pytest.param({"passers_by": 100_000_000}, id="beyond-the-evidence-first"),
    ],
)
def test_at_times_no_rate_fits(other: dict[str, object]) -> None:
    assert rate_that_fits(TABLE, order(**other)) is None


def test_how_far_somebody_walks_meanwhile() -> None:
    assert make_plan(TABLE, order()).walked_metres == pytest.approx(85.2)
    assert make_plan(TABLE, order()).gone is None
    assert make_plan(TABLE, order(walk_metres=50.0)).gone is True
    assert make_plan(TABLE, order(walk_metres=200.0)).gone is False


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"passers_by": 0}, id="nobody-passes"),
        pytest.param({"listed": 20_001}, id="more-listed-than-people"),
        pytest.param({"listed": -1}, id="less-than-nobody"),
        pytest.param({"listed": math.nan}, id="no-number"),
        pytest.param({"fmr": 0.001}, id="both-rates"),
        pytest.param({"fpir": None}, id="no-rate"),
        pytest.param({"searches_each": 0}, id="not-searched"),
        pytest.param({"reviewers": -1}, id="less-than-no-reviewers"),
        pytest.param({"hours": 25.0}, id="a-long-day"),
        pytest.param({"hours": math.inf}, id="endless"),
        pytest.param({"review_seconds": 0.0}, id="in-no-time"),
        pytest.param({"words": 3}, id="three"),
        pytest.param({"busiest_hour": 0.01}, id="less-than-an-even-hour"),
        pytest.param({"walk_metres": -1.0}, id="behind-the-camera"),
    ],
)
def test_figures_that_are_none_are_refused(other: dict[str, object]) -> None:
    with pytest.raises(PlanNotPossible):
        order(**other)


def test_what_a_search_refuses_a_plan_refuses() -> None:
    with pytest.raises(GalleryEmpty):
        make_plan(TABLE, order(people=0))
    with pytest.raises(GalleryEmpty):
        make_plan(TABLE, order(people=0, fpir=None, fmr=0.001))
    with pytest.raises(FpirNotOffered):
        make_plan(TABLE, order(fpir=0.2))
    with pytest.raises(ErrorTargetNotOffered):
        make_plan(TABLE, order(fpir=None, fmr=0.3))
    for rates in ({}, {"fpir": None, "fmr": 0.001}):
        with pytest.raises(SearchNotMeasured):
            make_plan(replace(TABLE, tail=None), order(**rates))
