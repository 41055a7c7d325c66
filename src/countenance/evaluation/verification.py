"""How often 1:1 comparison is wrong on a data set of pairs.

Rules kept here:

* The threshold of a set is taken from the other sets; no pair helps to choose the threshold that judges it.
* A pair whose picture gave no template is a "no match": failing to see a face doesn't make a system better.
* A rate lower than the impostor comparisons can show is marked as not supported (rule of three,
  ISO/IEC 19795-1): below 3 / n, even no error at all would say nothing.
* Intervals are 95 % percentile intervals of a bootstrap over identities. Thresholds of true match rates
  and of the equal error rate are found anew in each replicate; the thresholds of the sets stay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.evaluation.datasets import PairDataset
from countenance.evaluation.rates import (
    Estimate,
    lowest_threshold,
    percentile_interval,
    resample_identities,
    rule_of_three,
)

__all__ = [
    "NOT_COMPARED",
    "FoldAccuracy",
    "TrueMatchRate",
    "VerificationAccuracy",
    "best_threshold",
    "det_curve",
    "equal_error_rate",
    "fold_accuracy",
    "measure_verification",
    "true_match_rate",
]

NOT_COMPARED: Final = -2.0
"""Stands for the score of a pair that couldn't be compared; below every cosine, so it never matches."""

_WEIGHTS = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FoldAccuracy:
    """The share of right answers, each set judged at the threshold of the others.

    Attributes:
        mean: over the sets, in [0, 1].
        standard_error: of that mean, over the sets.
        low: lower end of the interval over identities.
        high: upper end.
        folds: how many sets.
        lowest_threshold: of the sets' thresholds.
        highest_threshold: of the sets' thresholds.
    """

    mean: float
    standard_error: float
    low: float
    high: float
    folds: int
    lowest_threshold: float
    highest_threshold: float


@dataclass(frozen=True, slots=True)
class TrueMatchRate:
    """The share of genuine pairs that match when hardly any impostor pair does.

    Attributes:
        fmr: the false match rate allowed.
        allowed: how many of the impostor pairs it allows.
        threshold: the score from which two faces match.
        estimate: the share and its interval; counts genuine pairs.
        supported: whether the impostor pairs could show a rate this low at all (rule of three).
        lowest_shown: the lowest false match rate that they can show.
    """

    fmr: float
    allowed: int
    threshold: float
    estimate: Estimate
    supported: bool
    lowest_shown: float


@dataclass(frozen=True, slots=True, eq=False)
class VerificationAccuracy:
    """What is put out: aggregates, and the scores' distribution.

    Attributes:
        accuracy: k-fold accuracy.
        true_match_rates: one for each false match rate asked for.
        equal_error_rate: where both error rates are the same; counts all pairs.
        genuine: pairs of one person.
        impostor: pairs of two people.
        not_compared: pairs of which a picture gave no template.
        det: float64, shape (2, points): false match and false non-match rates of the DET curve.
        bins: float64, shape (b + 1,): edges of the histograms.
        genuine_counts: int64, shape (b,): genuine scores in each bin.
        impostor_counts: int64, shape (b,): impostor scores.
    """

    accuracy: FoldAccuracy
    true_match_rates: tuple[TrueMatchRate, ...]
    equal_error_rate: Estimate
    genuine: int
    impostor: int
    not_compared: int
    det: NDArray[np.float64] = field(repr=False)
    bins: NDArray[np.float64] = field(repr=False)
    genuine_counts: NDArray[np.int64] = field(repr=False)
    impostor_counts: NDArray[np.int64] = field(repr=False)


def best_threshold(scores: NDArray[np.float32], same: NDArray[np.bool_]) -> float:
    """Return the threshold with the fewest errors; of several, the middle of the lowest stretch of them.

    Args:
        scores: float32, shape (n,).
        same: bool, shape (n,); some true, some false.

    Returns:
        The threshold; a score that reaches it is a match.
    """
    edges = np.unique(scores).astype(np.float64)
    candidates = np.concatenate([edges[:1], (edges[:-1] + edges[1:]) / 2, [np.inf]])
    genuine = np.sort(scores[same]).astype(np.float64)
    impostor = np.sort(scores[~same]).astype(np.float64)
    missed = np.searchsorted(genuine, candidates, side="left")
    matched = impostor.size - np.searchsorted(impostor, candidates, side="left")
    return float(candidates[int(np.argmin(missed + matched))])


def fold_accuracy(
    scores: NDArray[np.float32], same: NDArray[np.bool_], folds: NDArray[np.int64], weights: _WEIGHTS
) -> FoldAccuracy:
    """Return the accuracy over the sets.

    Args:
        scores: float32, shape (n,).
        same: bool, shape (n,).
        folds: int64, shape (n,); at least two different.
        weights: float64, shape (replicates, n): how often each pair counts in each bootstrap replicate.
    """
    right = np.zeros(scores.size, dtype=np.bool_)
    accuracies, thresholds = [], []
    for fold in np.unique(folds):
        inside = folds == fold
        threshold = best_threshold(scores[~inside], same[~inside])
        right[inside] = (scores[inside] >= threshold) == same[inside]
        accuracies.append(float(right[inside].mean()))
        thresholds.append(threshold)
    low, high = percentile_interval(weights @ right / weights.sum(axis=1))
    return FoldAccuracy(
        mean=float(np.mean(accuracies)),
        standard_error=float(np.std(accuracies, ddof=1) / np.sqrt(len(accuracies))),
        low=low,
        high=high,
        folds=len(accuracies),
        lowest_threshold=min(thresholds),
        highest_threshold=max(thresholds),
    )


def true_match_rate(
    scores: NDArray[np.float32], same: NDArray[np.bool_], fmr: float, weights: _WEIGHTS
) -> TrueMatchRate:
    """Return the true match rate at a false match rate, and whether the data support it.

    Args:
        scores: float32, shape (n,).
        same: bool, shape (n,); some true, some false.
        fmr: the false match rate allowed, in (0, 1).
        weights: float64, shape (replicates, n).
    """
    genuine, impostor = scores[same], scores[~same]
    threshold = lowest_threshold(impostor, fmr)
    matched = genuine >= threshold
    replicates = []
    for row in weights:
        of_impostors, of_genuine = row[~same], row[same]
        if of_impostors.sum() > 0 and of_genuine.sum() > 0:
            anew = lowest_threshold(impostor, fmr, weights=of_impostors)
            replicates.append(float(of_genuine @ (genuine >= anew) / of_genuine.sum()))
    low, high = percentile_interval(np.array(replicates))
    shown = rule_of_three(int(impostor.size))
    return TrueMatchRate(
        fmr=fmr,
        allowed=int(fmr * impostor.size * (1 + 5e-13)),
        threshold=threshold,
        estimate=Estimate(float(matched.mean()), low, high, int(matched.sum()), int(genuine.size)),
        supported=shown <= fmr,
        lowest_shown=shown,
    )


def det_curve(scores: NDArray[np.float32], same: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return false match and false non-match rates at every threshold that changes one of them.

    Args:
        scores: float32, shape (n,).
        same: bool, shape (n,); some true, some false.

    Returns:
        float64, shape (2, thresholds): the false match rate falls, the false non-match rate rises.
    """
    thresholds = np.append(np.unique(scores), np.float32(np.inf))
    genuine, impostor = np.sort(scores[same]), np.sort(scores[~same])
    missed = np.searchsorted(genuine, thresholds, side="left") / genuine.size
    matched = 1.0 - np.searchsorted(impostor, thresholds, side="left") / impostor.size
    return np.stack([matched, missed])


def equal_error_rate(curve: NDArray[np.float64]) -> float:
    """Return the mean of both error rates where they are nearest to one another.

    Args:
        curve: from :func:`det_curve`.
    """
    nearest = int(np.argmin(np.abs(curve[0] - curve[1])))
    return float(curve[:, nearest].mean())


def measure_verification(
    dataset: PairDataset,
    scores: NDArray[np.float32],
    *,
    rates: tuple[float, ...] = (1e-3, 1e-4),
    replicates: int = 1000,
    seed: int = 1,
    bins: int = 80,
    moved: Callable[[], None] = lambda: None,
) -> VerificationAccuracy:
    """Measure a data set's scores.

    Args:
        dataset: the pairs.
        scores: float32, shape (pairs,); :data:`NOT_COMPARED` where there was no template.
        rates: false match rates at which the true match rate is stated.
        replicates: of the bootstrap.
        seed: of the bootstrap.
        bins: of the histograms over [-1, 1].
        moved: called after each part, for progress.

    Raises:
        ValueError: if there isn't one score for each pair.
    """
    if scores.shape != dataset.same.shape:
        msg = "there is one score for each pair"
        raise ValueError(msg)
    same = dataset.same
    weights = _pair_weights(dataset, replicates=replicates, seed=seed)
    accuracy = fold_accuracy(scores, same, dataset.folds, weights)
    moved()
    rated = []
    for rate in rates:
        rated.append(true_match_rate(scores, same, rate, weights))
        moved()
    curve = det_curve(scores, same)
    equal = equal_error_rate(curve)
    low, high = percentile_interval(np.array([_weighted_equal(scores, same, row) for row in weights]))
    moved()
    edges = np.linspace(-1.0, 1.0, bins + 1)
    return VerificationAccuracy(
        accuracy=accuracy,
        true_match_rates=tuple(rated),
        equal_error_rate=Estimate(equal, low, high, round(equal * scores.size), int(scores.size)),
        genuine=int(same.sum()),
        impostor=int((~same).sum()),
        not_compared=int((scores == NOT_COMPARED).sum()),
        det=curve,
        bins=edges,
        genuine_counts=np.histogram(scores[same], edges)[0].astype(np.int64),
        impostor_counts=np.histogram(scores[~same], edges)[0].astype(np.int64),
    )


def _pair_weights(dataset: PairDataset, *, replicates: int, seed: int) -> _WEIGHTS:
    """Return how often each pair counts: a genuine pair with its person, an impostor pair with both."""
    drawn = resample_identities(dataset.people, replicates=replicates, seed=seed).astype(np.float64)
    first, second = drawn[:, dataset.owners[dataset.left]], drawn[:, dataset.owners[dataset.right]]
    weights: _WEIGHTS = np.where(dataset.same, first, first * second)
    both = (weights[:, dataset.same].sum(axis=1) > 0) & (weights[:, ~dataset.same].sum(axis=1) > 0)
    if not both.any():
        # Too few people to draw from: every pair once, and the interval has no width.
        return np.ones((1, len(dataset)))
    # A replicate without a pair of either kind has no rate; it says nothing and is left out.
    kept: _WEIGHTS = weights[both]
    return kept


def _weighted_equal(scores: NDArray[np.float32], same: NDArray[np.bool_], weights: _WEIGHTS) -> float:
    order = np.argsort(scores, kind="stable")
    of_genuine = np.where(same, weights, 0.0)[order]
    of_impostor = np.where(same, 0.0, weights)[order]
    missed = np.concatenate([[0.0], np.cumsum(of_genuine)]) / of_genuine.sum()
    matched = 1.0 - np.concatenate([[0.0], np.cumsum(of_impostor)]) / of_impostor.sum()
    # Only thresholds between two different scores are real.
    real = np.concatenate([[True], np.diff(scores[order]) > 0, [True]])
    return equal_error_rate(np.stack([matched[real], missed[real]]))
