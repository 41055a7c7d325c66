"""Demographic differentials against brute force, and what isn't bounded."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.evaluation import false_match_differential, resample_identities

GROUPS = {"F": np.array([0, 1, 2]), "M": np.array([3, 4, 5, 6])}
PICTURES = np.array([1, 2, 1, 1, 1, 3, 1])


def test_the_ratio_is_of_pairs_within_a_group() -> None:
    # F: 2 of 1*2+1*1+2*1 = 5; M: 1 of 1+3+1+3+1+3 = 12; the pair across counts for neither.
    found = false_match_differential(
        GROUPS, pictures=PICTURES, false_matches=np.array([[0, 1], [1, 2], [3, 5], [0, 6]]),
        drawn=resample_identities(7, replicates=200, seed=1),
    )  # fmt: skip
    assert found.rates == pytest.approx({"F": 2 / 5, "M": 1 / 12}, abs=1e-12)
    assert found.ratio == pytest.approx(24 / 5, abs=1e-12)
    assert 1.0 <= found.low <= found.high


@given(st.integers(0, 2**31))
def test_each_replicate_is_that_of_counting(seed: int) -> None:
    generator = np.random.default_rng(seed)
    pairs = np.array([pair for pair in itertools.combinations(range(7), 2) if generator.random() < 0.6])
    drawn = resample_identities(7, replicates=1, seed=seed)
    found = false_match_differential(GROUPS, pictures=PICTURES, false_matches=pairs, drawn=drawn)
    rates = []
    for members in GROUPS.values():
        inside = list(itertools.combinations(members.tolist(), 2))
        compared = sum(drawn[0, a] * drawn[0, b] * PICTURES[a] * PICTURES[b] for a, b in inside)
        hit = sum(int(drawn[0, a]) * int(drawn[0, b]) for a, b in pairs.reshape(-1, 2) if (a, b) in inside)
        rates.append(hit / compared if compared else float("nan"))
    bounded = all(rate > 0 for rate in rates)
    expected = max(rates) / min(rates) if bounded else float("inf")
    assert found.high == pytest.approx(expected, rel=1e-9)
    assert found.low == found.high


@pytest.mark.parametrize(
    ("groups", "false_matches"),
    [
        pytest.param({**GROUPS, "X": np.array([], dtype=int)}, [[0, 1], [3, 4]], id="nobody in a group"),
        pytest.param(GROUPS, [[0, 1]], id="no false match in a group"),
        pytest.param(GROUPS, [], id="no false match at all"),
    ],
)
def test_what_was_not_measured_is_not_bounded(
    groups: dict[str, np.ndarray], false_matches: list[list[int]]
) -> None:
    found = false_match_differential(
        groups, pictures=PICTURES, false_matches=np.array(false_matches, dtype=int).reshape(-1, 2),
        drawn=resample_identities(7, replicates=50, seed=3),
    )  # fmt: skip
    assert found.ratio == found.high == float("inf")


def test_the_upper_end_holds_what_the_figure_hides() -> None:
    # Equal rates, each of three false matches among 40 people: the figure is 1, its upper end isn't.
    groups = {"A": np.arange(40), "B": np.arange(40, 80)}
    pairs = np.array([[0, 1], [2, 3], [4, 5], [40, 41], [42, 43], [44, 45]])
    found = false_match_differential(
        groups, pictures=np.ones(80, dtype=int), false_matches=pairs,
        drawn=resample_identities(80, replicates=400, seed=5),
    )  # fmt: skip
    assert found.ratio == 1.0
    assert found.high > 3.0


def test_people_are_in_one_group_once() -> None:
    drawn = resample_identities(7, replicates=2, seed=1)
    none = np.empty((0, 2), dtype=int)
    for groups in (
        {"F": np.array([0, 1]), "M": np.array([1, 2])},
        {"F": np.array([0, 0]), "M": np.array([2])},
    ):
        with pytest.raises(ValueError, match="in one group"):
            false_match_differential(groups, pictures=PICTURES, false_matches=none, drawn=drawn)
    with pytest.raises(ValueError, match="nothing to differ from"):
        false_match_differential({"F": np.array([0])}, pictures=PICTURES, false_matches=none, drawn=drawn)
