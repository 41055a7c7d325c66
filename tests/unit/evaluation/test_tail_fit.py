"""The fit of the error model: against scores whose tail is known, and people who aren't alike."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from numpy.typing import NDArray

from countenance.evaluation import (
    ImpostorComparisons,
    TooFewComparisons,
    fit_impostor_tail,
    resample_identities,
)
from countenance.evaluation.tail_fit import LEAST_SPREAD

PEOPLE = 500
DEVIATION = 0.12


def comparisons(
    *, people: int = PEOPLE, shift: NDArray[np.float64] | None = None, keep: float = 0.05, seed: int = 3
) -> ImpostorComparisons:
    """One picture a person; normally distributed scores, higher within the groups that ``shift`` names."""
    generator = np.random.default_rng(seed)
    left, right = np.triu_indices(people, 1)
    scores = generator.normal(0.0, DEVIATION, left.size)
    if shift is not None:
        scores += np.where(shift[left] == shift[right], shift[left], 0.0)
    order = np.argsort(-scores, kind="stable")[: round(keep * left.size)]
    return ImpostorComparisons(
        scores[order].astype(np.float32),
        left[order].astype(np.int32),
        right[order].astype(np.int32),
        np.ones(people, dtype=np.int64),
        np.empty((0, 2), dtype=np.int32),
        left.size,
    )


def drawn(people: int = PEOPLE, replicates: int = 80) -> NDArray[np.int16]:
    return resample_identities(people, replicates=replicates, seed=1)


def test_the_tail_of_a_normal_distribution_is_found_also_beyond_what_was_seen() -> None:
    tail = fit_impostor_tail(comparisons(), drawn=drawn(), groups={})
    known = NormalDist(0.0, DEVIATION)
    assert tail.floor == pytest.approx(known.inv_cdf(0.99), abs=0.003)
    for rate in (5e-3, 1e-3, 1e-4, 1e-5):
        interval = tail.fmr_at(known.inv_cdf(1.0 - rate))
        assert interval.low < rate < interval.high
        assert math.sqrt(interval.low * interval.high) == pytest.approx(rate, rel=0.6)


def test_the_evidence_ends_where_thirty_different_pairs_lie_above() -> None:
    one = comparisons()
    tail = fit_impostor_tail(one, drawn=drawn(), groups={})
    assert np.count_nonzero(one.scores >= tail.ceiling) == 30


def test_many_comparisons_of_one_pair_of_people_are_one_piece_of_evidence() -> None:
    one = comparisons()
    again = np.repeat(np.arange(one.scores.size), 4)
    four = ImpostorComparisons(
        one.scores[again], one.left[again], one.right[again], one.images * 2, one.excluded, one.total * 4
    )
    once, often = (fit_impostor_tail(each, drawn=drawn(), groups={}) for each in (one, four))
    assert often.ceiling == once.ceiling
    assert often.coefficients == pytest.approx(once.coefficients, rel=1e-6)
    assert often.supported == pytest.approx(once.supported, rel=1e-6)


def test_a_group_whose_faces_are_more_alike_is_the_worst_and_widens_the_spread() -> None:
    shift = np.where(np.arange(PEOPLE) % 2 == 0, 0.05, 0.0)
    one = comparisons(shift=shift)
    tail = fit_impostor_tail(one, drawn=drawn(), groups={"even": shift > 0, "odd": shift == 0})
    ratio = {group.words: group.log_ratio for group in tail.groups}
    assert tail.worst_group(tail.ceiling) == "even"
    assert ratio["even"] > 0.5 + ratio["odd"]
    assert tail.spread == pytest.approx(ratio["even"] - ratio["odd"])


def test_groups_that_dont_differ_leave_the_least_spread() -> None:
    even = np.arange(PEOPLE) % 2 == 0
    tail = fit_impostor_tail(comparisons(), drawn=drawn(), groups={"even": even, "odd": ~even})
    assert tail.spread == LEAST_SPREAD == math.log(2.0)


def test_a_group_without_a_false_match_isnt_measured() -> None:
    nobody = np.zeros(PEOPLE, dtype=np.bool_)
    nobody[0] = True
    tail = fit_impostor_tail(comparisons(), drawn=drawn(), groups={"alone": nobody})
    assert tail.groups == ()


def test_fewer_people_leave_more_open() -> None:
    many = fit_impostor_tail(comparisons(), drawn=drawn(), groups={})
    few = fit_impostor_tail(comparisons(people=200), drawn=drawn(200), groups={})
    assert few.ceiling < many.ceiling
    assert few.log_rate("everybody", 0.45)[1] > many.log_rate("everybody", 0.45)[1]
    assert few.largest_gallery(fpir=0.1) < many.largest_gallery(fpir=0.1)


def test_too_few_people_have_no_tail() -> None:
    with pytest.raises(TooFewComparisons, match="Fewer than 120"):
        fit_impostor_tail(comparisons(people=80), drawn=drawn(80), groups={})


def test_scores_that_dont_reach_down_to_the_tail_are_refused() -> None:
    with pytest.raises(ValueError, match="don't reach down"):
        fit_impostor_tail(comparisons(keep=0.005), drawn=drawn(), groups={})


def test_a_share_that_falls_ever_more_slowly_is_no_tail() -> None:
    one = comparisons()
    share = np.arange(1, one.scores.size + 1) / one.total
    heavy = (0.9 * (share / share[0]) ** -0.5).astype(np.float32)  # Pareto: falls ever more slowly
    odd = ImpostorComparisons(heavy, one.left, one.right, one.images, one.excluded, one.total)
    with pytest.raises(TooFewComparisons, match="more frequent than the tail") as refused:
        fit_impostor_tail(odd, drawn=drawn(), groups={})
    assert "two names" in refused.value.remedy


def test_a_bend_the_wrong_way_by_chance_is_taken_for_a_straight_line() -> None:
    one = comparisons()
    share = np.arange(1, one.scores.size + 1) / one.total
    straight = (0.2 - 0.05 * np.log(share / 0.05)).astype(np.float32)  # exponential: no bend at all
    bent = straight + np.float32(0.02) * straight**2  # and then a little, upwards
    line = ImpostorComparisons(bent, one.left, one.right, one.images, one.excluded, one.total)
    tail = fit_impostor_tail(line, drawn=drawn(), groups={})
    assert tail.coefficients[2] == 0.0
    assert tail.covariance[2] == (0.0, 0.0, 0.0)
    assert tail.coefficients[1] == pytest.approx(-20.0, rel=0.02)
