"""The error model: what it states, what a search may rest on, what is extrapolation."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.decisions import (
    GalleryBeyondEvidence,
    ImpostorTail,
    RateBeyondTail,
    TailGroup,
)

WOMEN = TailGroup("two women", 0.9, (0.0, 0.0, 0.0, 0.008))
MEN = TailGroup("two men", 0.3, (0.0, 0.0, 0.0, 0.001))


def tail(**changed: Any) -> ImpostorTail:
    values: dict[str, Any] = {
        "floor": 0.35,
        "ceiling": 0.6,
        "coefficients": (-4.6, -18.5, -36.0),
        "covariance": ((0.0014, 0.0048, -0.0077), (0.0048, 0.366, -2.358), (-0.0077, -2.358, 34.5)),
        "groups": (WOMEN, MEN),
        "spread": math.log(2.0),
    }
    return ImpostorTail(**{**values, **changed})


SURE = tail(covariance=((0.0,) * 3,) * 3, groups=(replace(WOMEN, covariance=(0.0,) * 4),), spread=0.0)
"""A tail about which nothing is left open: its figures can be worked out by hand."""


def exact(threshold: float) -> float:
    step = threshold - 0.35
    return math.exp(-4.6 - 18.5 * step - 36.0 * step**2 + 0.9)


def test_where_nothing_is_left_open_the_interval_is_the_worst_groups_rate() -> None:
    interval = SURE.fmr_at(0.5)
    assert interval.low == pytest.approx(exact(0.5), rel=1e-12)
    assert interval.high == pytest.approx(exact(0.5), rel=1e-12)


def test_the_interval_is_of_the_logarithm_with_what_the_data_and_people_leave_open() -> None:
    model = tail(covariance=((0.01, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 0.0)), spread=0.5)
    step = 0.5 - 0.35
    deviation = math.sqrt(0.01 + step**2 * 1.0 + 0.008 + 0.5**2)
    interval = model.fmr_at(0.5)
    assert interval.high == pytest.approx(exact(0.5) * math.exp(1.959964 * deviation), rel=1e-9)
    assert interval.low == pytest.approx(exact(0.5) * math.exp(-1.959964 * deviation), rel=1e-9)


def test_what_a_group_shares_with_the_tail_counts() -> None:
    shared = replace(WOMEN, covariance=(0.001, 0.002, 0.003, 0.008))
    step = 0.5 - 0.35
    added = 2.0 * (0.001 + 0.002 * step + 0.003 * step**2)
    plain, more = (tail(groups=(one,)).log_rate("two women", 0.5)[1] for one in (WOMEN, shared))
    assert more**2 - plain**2 == pytest.approx(added, rel=1e-9)


def test_the_worst_group_speaks_and_the_others_can_be_asked() -> None:
    model = tail()
    assert model.worst_group(0.5) == "two women"
    assert model.fmr_at(0.5) == model.fmr_of("two women", 0.5)
    assert model.fmr_of("two men", 0.5).high < model.fmr_at(0.5).high
    assert model.fmr_of("everybody", 0.5).high < model.fmr_of("two men", 0.5).high


def test_without_groups_everybody_is_the_worst_group() -> None:
    assert tail(groups=()).worst_group(0.5) == "everybody"


def test_a_group_that_fares_better_than_everybody_isnt_the_worst() -> None:
    assert tail(groups=(replace(MEN, log_ratio=-1.0),)).worst_group(0.5) == "everybody"


def test_a_group_that_wasnt_measured_has_no_interval() -> None:
    with pytest.raises(ValueError, match="wasn't measured"):
        tail().fmr_of("two children", 0.5)


@pytest.mark.parametrize("threshold", [0.3, 1.1, -1.0])
def test_the_tail_says_nothing_outside_itself(threshold: float) -> None:
    with pytest.raises(ValueError, match="says nothing"):
        tail().fmr_at(threshold)


def test_a_threshold_is_the_lowest_of_four_decimals_that_keeps_the_rate() -> None:
    found = SURE.threshold_for(1e-4)
    assert exact(found.value) <= 1e-4 < exact(found.value - 1e-4)
    assert found.value == round(found.value, 4)
    assert not found.extrapolated


def test_a_threshold_keeps_the_rate_at_the_upper_end_of_what_the_data_say() -> None:
    assert tail(spread=0.0).fmr_at(tail().threshold_for(1e-4).value).high <= 1e-4
    assert tail().threshold_for(1e-4).interval.high > 1e-4
    assert tail().threshold_for(1e-4).value > SURE.threshold_for(1e-4).value


def test_beyond_the_evidence_it_is_called_extrapolation() -> None:
    model = tail()
    assert not model.threshold_for(model.supported * 1.01).extrapolated
    beyond = model.threshold_for(model.supported * 0.9)
    assert beyond.extrapolated
    assert beyond.value > model.ceiling


def test_a_rate_that_is_kept_anywhere_gets_the_floor() -> None:
    assert tail().threshold_for(0.9).value == 0.35


def test_a_rate_that_no_threshold_keeps_is_refused() -> None:
    with pytest.raises(RateBeyondTail, match="1e-30") as refused:
        tail().threshold_for(1e-30)
    assert refused.value.code == "rate-beyond-tail"


def test_where_doubt_outgrows_the_fall_the_first_crossing_counts() -> None:
    wild = tail(coefficients=(-4.6, -18.5, 0.0), covariance=((0.0,) * 3, (0.0,) * 3, (0.0, 0.0, 900.0)))
    found = wild.threshold_for(7e-3)
    assert replace(wild, spread=0.0).fmr_at(found.value).high <= 7e-3
    assert replace(wild, spread=0.0).fmr_at(1.0).high > 7e-3


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1, math.nan])
def test_a_rate_lies_between_nought_and_one(rate: float) -> None:
    for ask in (
        lambda: tail().threshold_for(rate),
        lambda: tail().largest_gallery(fpir=rate),
        lambda: tail().threshold_for_search(fpir=rate, people=10),
    ):
        with pytest.raises(ValueError, match="between 0 and 1"):
            ask()


def test_a_search_among_many_is_wrong_as_often_as_anyone_of_them() -> None:
    rate = exact(0.5)
    assert SURE.fpir(people=80, threshold=0.5).high == pytest.approx(1.0 - (1.0 - rate) ** 80, rel=1e-9)
    assert SURE.fpir(people=1, threshold=0.5).high == pytest.approx(rate, rel=1e-9)


def test_the_threshold_of_a_search_keeps_its_rate_among_so_many() -> None:
    found = SURE.threshold_for_search(fpir=0.01, people=80)
    assert SURE.fpir(people=80, threshold=found.value).high <= 0.01
    assert SURE.fpir(people=80, threshold=found.value - 2e-4).high > 0.01
    assert not found.extrapolated


def test_a_gallery_above_the_evidence_is_refused_with_the_largest_that_isnt() -> None:
    model = tail()
    largest = model.largest_gallery(fpir=0.01)
    assert largest > 10
    assert not model.threshold_for_search(fpir=0.01, people=largest).extrapolated
    with pytest.raises(GalleryBeyondEvidence, match=f"at most {largest:,} people") as refused:
        model.threshold_for_search(fpir=0.01, people=largest + 1)
    assert refused.value.code == "gallery-beyond-evidence"
    assert "calibrate" in refused.value.remedy


def test_evidence_for_no_search_at_all_supports_nobody() -> None:
    assert tail(ceiling=0.351).largest_gallery(fpir=1e-4) == 0
    with pytest.raises(GalleryBeyondEvidence, match="at most 0 people"):
        tail(ceiling=0.351).threshold_for_search(fpir=1e-4, people=1)
    assert tail(floor=0.35001, ceiling=0.35005).largest_gallery(fpir=0.5) == 0


@pytest.mark.parametrize("people", [0, -1])
def test_a_gallery_has_somebody_in_it(people: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        tail().fpir(people=people, threshold=0.5)
    with pytest.raises(ValueError, match="at least one"):
        tail().threshold_for_search(fpir=0.1, people=people)


@given(st.floats(1e-6, 0.5), st.integers(1, 2000))
def test_a_search_is_permitted_exactly_up_to_the_largest_gallery(fpir: float, people: int) -> None:
    model = tail()
    if people <= model.largest_gallery(fpir=fpir):
        assert not model.threshold_for_search(fpir=fpir, people=people).extrapolated
    else:
        with pytest.raises(GalleryBeyondEvidence):
            model.threshold_for_search(fpir=fpir, people=people)


@given(st.floats(1e-6, 0.5), st.floats(1e-6, 0.5))
def test_a_rarer_false_match_never_has_a_lower_threshold(one: float, other: float) -> None:
    rarer, commoner = sorted((one, other))
    assert tail().threshold_for(rarer).value >= tail().threshold_for(commoner).value


@given(st.floats(0.35, 1.0), st.integers(1, 10**6))
def test_a_larger_gallery_is_never_wrong_less_often(threshold: float, people: int) -> None:
    model = tail()
    assert model.fpir(people=people + 1, threshold=threshold).high >= (
        model.fpir(people=people, threshold=threshold).high
    )
    assert 0.0 <= model.fpir(people=people, threshold=threshold).low <= 1.0


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"floor": 0.7}, "falls"),
        ({"ceiling": 1.2}, "falls"),
        ({"coefficients": (-4.6, 1.0, -36.0)}, "falls"),
        ({"coefficients": (-4.6, -18.5, 1.0)}, "falls"),
        ({"spread": -0.1}, "variance"),
        ({"covariance": ((0.0,) * 3, (0.0, -1.0, 0.0), (0.0,) * 3)}, "variance"),
        ({"groups": (replace(WOMEN, covariance=(0.0, 0.0, 0.0, -1.0)),)}, "variance"),
    ],
)
def test_what_isnt_a_tail_is_refused(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        tail(**changed)
