"""Our figures beside those of scikit-learn and SciPy, on the same numbers, to one part in 10^9.

Where an estimator has no counterpart there, it is compared with the definition written out comparison by
comparison, which shares no line with it.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from scipy.stats import binomtest
from sklearn.metrics import brier_score_loss, det_curve, roc_auc_score, roc_curve

from countenance.evaluation import (
    error_versus_discard,
    false_match_differential,
    false_match_rate,
    false_non_match_rate,
    lowest_threshold,
    resample_identities,
)
from countenance.evaluation.identification import MatedSearches
from countenance.evaluation.open_set import OpenSetThreshold, SearchScores, measure_open_set
from countenance.evaluation.proportions import share_interval, upper_share
from countenance.evaluation.rates import share_by_people
from countenance.evaluation.verification import det_curve as our_det_curve
from countenance.evaluation.verification import equal_error_rate

CLOSE = 1e-9
# Few different values, so that scores are tied as those of an int8 network are.
SCORES = arrays.arrays(np.float32, st.integers(2, 120), elements=st.integers(-40, 99).map(lambda n: n / 100))


def labelled(seed: int, size: int = 4000) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return scores of both kinds, tied at times, and which are of one person."""
    generator = np.random.default_rng(seed)
    same = generator.random(size) < 0.3
    scores = generator.normal(np.where(same, 0.6, 0.1), 0.15)
    return np.round(scores, 2).astype(np.float32), same


@pytest.mark.parametrize("seed", range(4))
def test_error_rates_at_every_threshold_are_those_of_a_roc_curve(seed: int) -> None:
    scores, same = labelled(seed)
    matched, found, thresholds = roc_curve(same, scores, drop_intermediate=False)
    for fpr, tpr, threshold in zip(matched[1:], found[1:], thresholds[1:], strict=True):
        assert false_match_rate(scores[~same], threshold) == pytest.approx(fpr, abs=CLOSE)
        assert false_non_match_rate(scores[same], threshold) == pytest.approx(1.0 - tpr, abs=CLOSE)


@pytest.mark.parametrize("seed", range(4))
def test_the_det_curve_holds_every_point_of_theirs(seed: int) -> None:
    scores, same = labelled(seed)
    fpr, fnr, _ = det_curve(same, scores)
    ours = our_det_curve(scores, same)
    for point in np.stack([fpr, fnr], axis=1):
        assert np.abs(ours.T - point).max(axis=1).min() < CLOSE


@pytest.mark.parametrize("seed", range(4))
def test_the_area_over_the_det_curve_is_theirs(seed: int) -> None:
    scores, same = labelled(seed)
    fmr, fnmr = our_det_curve(scores, same)
    area = float(np.trapezoid(1.0 - fnmr[::-1], fmr[::-1]))
    assert area == pytest.approx(roc_auc_score(same, scores), abs=CLOSE)


@pytest.mark.parametrize("seed", range(4))
def test_the_equal_error_rate_lies_where_their_curve_crosses(seed: int) -> None:
    scores, same = labelled(seed)
    fpr, fnr, _ = det_curve(same, scores)
    nearest = int(np.argmin(np.abs(fpr - fnr)))
    found = equal_error_rate(our_det_curve(scores, same))
    assert found == pytest.approx((fpr[nearest] + fnr[nearest]) / 2.0, abs=CLOSE)


@given(SCORES, st.sampled_from([0.5, 0.1, 0.01, 0.001]))
@settings(deadline=None)
def test_the_lowest_threshold_is_the_lowest_one_of_theirs_that_keeps_the_rate(
    scores: NDArray[np.float32], rate: float
) -> None:
    threshold = lowest_threshold(scores, rate)
    labels = np.append(np.zeros(scores.size), 1)  # a curve needs one of the other kind
    fpr, _, thresholds = roc_curve(labels, np.append(scores, 2.0), drop_intermediate=False)
    kept = thresholds[fpr <= rate + CLOSE]
    # Between two scores every threshold does the same; the lowest lies just above the next lower score.
    assert false_match_rate(scores, threshold) == pytest.approx(fpr[thresholds == kept.min()][0], abs=CLOSE)


@pytest.mark.parametrize(
    ("seen", "of"), [(0, 1), (0, 357), (1, 60), (3, 60), (18, 13_233), (60, 60), (28, 535)]
)
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_exact_intervals_are_those_of_scipy(seen: int, of: int, confidence: float) -> None:
    theirs = binomtest(seen, of).proportion_ci(confidence, method="exact")
    assert share_interval(seen, of, confidence=confidence) == pytest.approx(
        (theirs.low, theirs.high), abs=CLOSE
    )
    one_sided = binomtest(seen, of, alternative="less").proportion_ci(confidence, method="exact")
    assert upper_share(seen, of, confidence=confidence) == pytest.approx(one_sided.high, abs=CLOSE)


def test_the_bootstrap_over_people_is_the_one_written_out() -> None:
    generator = np.random.default_rng(5)
    whose, happened = generator.integers(0, 30, 400), generator.random(400) < 0.2
    drawn = resample_identities(30, replicates=200, seed=9)
    shares = []
    for row in drawn:
        again = np.concatenate([np.repeat(happened[whose == person], row[person]) for person in range(30)])
        shares.append(again.mean())
    found = share_by_people(happened, whose, drawn)
    assert found.value == pytest.approx(1.0 - np.mean(~happened), abs=CLOSE)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(shares, [0.025, 0.975])), abs=CLOSE)


def test_error_versus_discard_is_the_error_of_what_is_left() -> None:
    generator = np.random.default_rng(6)
    quality = generator.integers(0, 20, (500, 2)).astype(np.float64)
    scores = generator.normal(quality.min(axis=1) / 40, 0.2)
    points = error_versus_discard(scores, quality, 0.2)
    assert len(points) > 10
    for point, least in zip(points, np.unique(quality.min(axis=1)), strict=True):
        left = scores[quality.min(axis=1) >= least]
        # Brier's loss of a yes-or-no answer is the share of wrong ones.
        wrong = brier_score_loss(np.ones(left.size), (left >= 0.2).astype(float), pos_label=1)
        assert point.fnmr == pytest.approx(wrong, abs=CLOSE)
        assert point.kept == left.size


def test_the_differential_is_the_ratio_of_rates_counted_pair_by_pair() -> None:
    generator = np.random.default_rng(7)
    pictures = generator.integers(1, 4, 24)
    groups = {"one": np.arange(12), "other": np.arange(12, 24)}
    pairs = [pair for pair in itertools.combinations(range(24), 2) if generator.random() < 0.2]
    found = false_match_differential(
        groups,
        pictures=pictures,
        false_matches=np.array(pairs),
        drawn=resample_identities(24, replicates=10, seed=1),
    )
    rates = {}
    for name, members in groups.items():
        inside = list(itertools.combinations(members.tolist(), 2))
        outcomes = np.concatenate(
            [
                np.repeat([pair in pairs, False], [1, pictures[pair[0]] * pictures[pair[1]] - 1])
                for pair in inside
            ]
        )
        rates[name] = false_match_rate(outcomes.astype(np.float32), 0.5)
    assert found.rates == pytest.approx(rates, abs=CLOSE)
    assert found.ratio == pytest.approx(max(rates.values()) / min(rates.values()), abs=CLOSE)


def test_open_set_rates_are_counted_search_by_search() -> None:
    generator = np.random.default_rng(8)
    highest = generator.random(300)
    scores, ranks = generator.random(200, dtype=np.float32), generator.integers(1, 4, 200)
    owners = generator.integers(0, 40, 200)
    searches = SearchScores(highest=highest, mated=MatedSearches(scores=scores, ranks=ranks), owners=owners)
    drawn = resample_identities(40, replicates=50, seed=2)
    given_one, own = measure_open_set(
        searches, pictures=1, thresholds=[OpenSetThreshold(0.1, 0.7)], drawn=drawn
    )
    named = sum(score >= 0.7 for score in highest.tolist())
    missed = sum(score < 0.7 or rank > 1 for score, rank in zip(scores.tolist(), ranks.tolist(), strict=True))
    assert given_one.fpir == pytest.approx(named / 300, abs=CLOSE)
    assert given_one.fnir.value == pytest.approx(missed / 200, abs=CLOSE)
    fpr, _, thresholds = roc_curve(
        np.append(np.zeros(300), 1), np.append(highest, 2.0), drop_intermediate=False
    )
    assert own.fpir == pytest.approx(fpr[thresholds >= own.threshold.value].max(), abs=CLOSE)
    assert own.fpir <= 0.1 + CLOSE
