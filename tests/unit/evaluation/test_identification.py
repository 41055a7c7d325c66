"""Open-set rates against hand counts and brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.evaluation import (
    MatedSearches,
    failure_rate,
    false_match_rate,
    false_negative_identification_rate,
    false_positive_identification_rate,
)

NOBODY = float("-inf")


def searches() -> MatedSearches:
    scores = np.array([0.9, 0.6, 0.7, 0.4, NOBODY], dtype=np.float32)
    return MatedSearches(scores=scores, ranks=np.array([1, 3, 2, 1, 8]))


@pytest.mark.parametrize(
    ("threshold", "rank", "fnir"),
    [
        pytest.param(0.5, None, 2 / 5, id="below the threshold, or no template"),
        pytest.param(0.5, 1, 4 / 5, id="the threshold and the first place"),
        pytest.param(0.5, 2, 3 / 5, id="among the first two"),
        pytest.param(NOBODY, 3, 1 / 5, id="a closed list: who gave no template is still missed"),
        pytest.param(float(np.float32(0.6)), None, 2 / 5, id="a score that reaches the threshold"),
    ],
)
def test_a_mated_search_misses_by_score_or_by_place(threshold: float, rank: int | None, fnir: float) -> None:
    assert false_negative_identification_rate(searches(), threshold, rank=rank) == fnir


def test_a_stranger_who_is_named_thrice_is_one_false_positive() -> None:
    against = np.array([[0.9, 0.8, 0.7], [0.1, 0.2, 0.3], [0.1, 0.5, 0.2], [0.0, 0.0, 0.0]])
    assert false_positive_identification_rate(against.max(axis=1), 0.5) == 0.5
    assert false_match_rate(against.ravel(), 0.5) == 4 / 12


def test_the_congress_page_of_2018_in_our_words() -> None:
    # 28 of 535 members were falsely matched (American Civil Liberties Union, 26 July 2018).
    highest = np.concatenate([np.full(28, 0.81), np.full(507, 0.79)])
    assert false_positive_identification_rate(highest, 0.80) == pytest.approx(28 / 535, abs=1e-12)


@given(st.integers(1, 6), st.integers(1, 7), st.integers(0, 2**31), st.floats(-1, 1), st.integers(1, 7))
def test_rates_of_a_matrix_are_those_of_counting(
    probes: int, people: int, seed: int, threshold: float, rank: int
) -> None:
    generator = np.random.default_rng(seed)
    # One decimal, so that there are ties.
    scores = np.round(generator.uniform(-1, 1, (probes, people)), 1).astype(np.float32)
    right = generator.integers(0, people, probes)
    missed = 0
    for row, own in zip(scores, right, strict=True):
        better_or_equal = sum(1 for other in range(people) if other != own and row[other] >= row[own])
        missed += bool(row[own] < threshold or better_or_equal + 1 > rank)
    found = MatedSearches.of_matrix(scores, right)
    assert false_negative_identification_rate(found, threshold, rank=rank) == missed / probes


def test_equal_scores_take_the_worst_place() -> None:
    found = MatedSearches.of_matrix(np.full((1, 4), 0.5, dtype=np.float32), np.array([0]))
    assert found.ranks.tolist() == [4]


def test_no_searches_have_no_rate() -> None:
    empty = np.empty(0, dtype=np.float32)
    with pytest.raises(ValueError, match="no searches"):
        false_positive_identification_rate(empty, 0.5)
    with pytest.raises(ValueError, match="no searches"):
        false_negative_identification_rate(MatedSearches(scores=empty, ranks=np.empty(0, dtype=int)), 0.5)


def test_what_makes_no_sense_is_refused() -> None:
    one = np.array([0.5], dtype=np.float32)
    with pytest.raises(ValueError, match="is a number"):
        false_positive_identification_rate(np.array([np.nan]), 0.5)
    with pytest.raises(ValueError, match="first rank is 1"):
        MatedSearches(scores=one, ranks=np.array([0]))
    with pytest.raises(ValueError, match="one score and one rank"):
        MatedSearches(scores=one, ranks=np.array([1, 2]))
    with pytest.raises(ValueError, match="first rank is 1"):
        false_negative_identification_rate(searches(), 0.5, rank=0)
    with pytest.raises(ValueError, match="one of the columns"):
        MatedSearches.of_matrix(np.zeros((1, 2), dtype=np.float32), np.array([2]))


def test_failures_are_counted_among_attempts() -> None:
    assert failure_rate(18, 13_233) == pytest.approx(0.0013602357, abs=1e-9)
    for failed, attempts in ((0, 0), (2, 1), (-1, 3)):
        with pytest.raises(ValueError, match="needs attempts"):
            failure_rate(failed, attempts)
