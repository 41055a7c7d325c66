"""Error rates, thresholds and intervals against hand counts and brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from countenance.evaluation import (
    false_match_rate,
    false_non_match_rate,
    genuine_false_non_match_rate,
    lowest_threshold,
    percentile_interval,
    resample_identities,
    rule_of_30,
    rule_of_three,
)

SCORES = arrays(np.float32, st.integers(1, 60), elements=st.floats(-1, 1, width=32))
RATES = st.floats(0.001, 0.999)


def test_a_score_that_reaches_the_threshold_is_a_match() -> None:
    scores = np.array([0.1, 0.5, 0.5, 0.9], dtype=np.float32)
    assert false_match_rate(scores, 0.5) == 0.75
    assert false_non_match_rate(scores, 0.5) == 0.25
    assert false_match_rate(scores, 0.91) == 0.0
    assert false_non_match_rate(scores, 0.91) == 1.0


@given(SCORES, st.floats(-1, 1))
def test_of_one_set_of_scores_matches_and_non_matches_make_the_whole(
    scores: np.ndarray, threshold: float
) -> None:
    assert false_match_rate(scores, threshold) + false_non_match_rate(scores, threshold) == pytest.approx(1.0)


@given(SCORES, st.floats(-1, 1), st.floats(-1, 1))
def test_a_higher_threshold_never_matches_more(scores: np.ndarray, one: float, other: float) -> None:
    assert false_match_rate(scores, max(one, other)) <= false_match_rate(scores, min(one, other))


@pytest.mark.parametrize("rate", [false_match_rate, false_non_match_rate, lowest_threshold])
def test_nothing_has_no_rate(rate: object) -> None:
    with pytest.raises(ValueError, match="no comparisons"):
        rate(np.empty(0, dtype=np.float32), 0.5)  # type: ignore[operator]


@given(SCORES, RATES)
def test_the_threshold_keeps_the_rate_and_is_the_lowest_that_does(scores: np.ndarray, fmr: float) -> None:
    threshold = lowest_threshold(scores, fmr)
    if threshold == float("-inf"):
        assert fmr >= 1.0 - 1e-9
        return
    assert false_match_rate(scores, threshold) <= fmr * (1 + 1e-12)
    below = float(np.nextafter(np.float32(threshold), np.float32(-np.inf)))
    assert false_match_rate(scores, below) > fmr


@given(SCORES, RATES, st.randoms(use_true_random=False))
def test_the_order_of_scores_does_not_change_the_threshold(
    scores: np.ndarray, fmr: float, random: object
) -> None:
    shuffled = list(scores)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert lowest_threshold(np.array(shuffled, dtype=np.float32), fmr) == lowest_threshold(scores, fmr)


@given(SCORES, RATES, st.integers(1, 5))
def test_weighting_is_repeating(scores: np.ndarray, fmr: float, often: int) -> None:
    weights = np.ones(scores.size)
    weights[0] = often
    repeated = np.concatenate([scores, np.repeat(scores[:1], often - 1)])
    assert lowest_threshold(scores, fmr, weights=weights) == lowest_threshold(repeated, fmr)


@given(SCORES, RATES)
def test_the_highest_scores_are_enough_or_the_answer_is_refused(scores: np.ndarray, fmr: float) -> None:
    whole = lowest_threshold(scores, fmr)
    highest = np.sort(scores)[::-1][: max(1, scores.size // 2)].astype(np.float32)
    try:
        part = lowest_threshold(highest, fmr, total=scores.size)
    except ValueError:
        allowed = fmr * scores.size * (1 + 1e-9)
        assert highest.size <= allowed
    else:
        assert part == whole


def test_equal_scores_match_together_or_not_at_all() -> None:
    scores = np.array([0.5, 0.5, 0.5, 0.1], dtype=np.float32)
    assert lowest_threshold(scores, 0.5) > 0.5
    assert lowest_threshold(scores, 0.75) == pytest.approx(0.1)


def test_a_tenth_of_thirty_is_three() -> None:
    scores = np.arange(30, dtype=np.float32) / np.float32(30)
    assert false_match_rate(scores, lowest_threshold(scores, 0.1)) == pytest.approx(0.1)


def test_people_are_drawn_with_replacement_and_the_seed_fixes_the_draw() -> None:
    drawn = resample_identities(40, replicates=300, seed=7)
    assert drawn.shape == (300, 40)
    assert (drawn.sum(axis=1) == 40).all()
    assert np.array_equal(drawn, resample_identities(40, replicates=300, seed=7))
    assert not np.array_equal(drawn, resample_identities(40, replicates=300, seed=8))
    # A person is left out of a replicate with probability (1 - 1/40)^40, about 0.363.
    assert float((drawn == 0).mean()) == pytest.approx(0.363, abs=0.02)


def test_the_interval_is_between_the_percentiles() -> None:
    assert percentile_interval(np.arange(1001, dtype=np.float64)) == (25.0, 975.0)
    with pytest.raises(ValueError, match="finite"):
        percentile_interval(np.array([0.0, np.inf]))


def test_the_interval_widens_when_one_person_brings_all_errors() -> None:
    generator = np.random.default_rng(1)
    people, each = 50, 20
    identities = np.repeat(np.arange(people), each)
    drawn = resample_identities(people, replicates=500, seed=2)
    errors = people * each // 50
    spread = np.ones(identities.size, dtype=np.float32)
    spread[generator.choice(identities.size, errors, replace=False)] = 0.0
    lumped = np.ones(identities.size, dtype=np.float32)
    lumped[:errors] = 0.0
    wide = genuine_false_non_match_rate(lumped, identities, 0.5, drawn)
    narrow = genuine_false_non_match_rate(spread, identities, 0.5, drawn)
    assert wide.value == narrow.value == pytest.approx(0.02)
    assert (wide.seen, wide.of) == (narrow.seen, narrow.of) == (20, 1000)
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)
    for estimate in (wide, narrow):
        assert estimate.low <= estimate.value <= estimate.high


def test_replicates_without_a_genuine_comparison_say_nothing() -> None:
    drawn = np.array([[0, 3], [1, 2], [3, 0]], dtype=np.int16)
    estimate = genuine_false_non_match_rate(
        np.array([0.2, 0.9], dtype=np.float32), np.array([0, 0]), 0.5, drawn
    )
    assert (estimate.value, estimate.low, estimate.high) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(
    ("rule", "comparisons", "rate"),
    [
        pytest.param(rule_of_three, 3000, 1e-3, id="three-of-3000"),
        pytest.param(rule_of_three, 30_000, 1e-4, id="three-of-30000"),
        pytest.param(rule_of_three, 1, 1.0, id="three-of-one"),
        pytest.param(rule_of_30, 300_000, 1e-4, id="thirty-of-300000"),
        pytest.param(rule_of_30, 10, 1.0, id="thirty-of-ten"),
    ],
)
def test_rules_of_thumb(rule: object, comparisons: int, rate: float) -> None:
    assert rule(comparisons) == pytest.approx(rate)  # type: ignore[operator]


@pytest.mark.parametrize("rule", [rule_of_three, rule_of_30])
def test_rules_of_thumb_need_comparisons(rule: object) -> None:
    with pytest.raises(ValueError, match="no comparisons"):
        rule(0)  # type: ignore[operator]


def test_the_rule_of_three_holds_where_it_claims_to() -> None:
    """With a true rate of 3/n, no error in n independent comparisons is a 5 % event."""
    n = 500
    generator = np.random.default_rng(3)
    nothing_seen = generator.binomial(n, rule_of_three(n), size=20_000) == 0
    assert float(nothing_seen.mean()) == pytest.approx(0.05, abs=0.01)
