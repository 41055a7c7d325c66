"""Error rates of comparisons and how well they are known.

Rules kept here:

* A score that reaches the threshold is a match: false match rate = share of impostor scores at or above
  it, false non-match rate = share of genuine scores below it (ISO/IEC 19795-1).
* Intervals are 95 % percentile intervals of a bootstrap over identities: people are drawn with
  replacement, and all comparisons of a person come and go together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Estimate",
    "false_match_rate",
    "false_non_match_rate",
    "genuine_false_non_match_rate",
    "lowest_threshold",
    "percentile_interval",
    "resample_identities",
    "rule_of_30",
    "rule_of_three",
    "share_by_people",
]

_INTERVAL_PERCENTILES = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measured figure and its 95 % interval.

    Attributes:
        value: the figure.
        low: lower end of the interval.
        high: upper end.
        seen: how many errors the figure counts.
        of: among how many comparisons.
    """

    value: float
    low: float
    high: float
    seen: int
    of: int


def false_match_rate(impostor_scores: NDArray[np.floating], threshold: float) -> float:
    """Return the share of impostor scores at or above the threshold.

    Args:
        impostor_scores: shape (n,), n at least 1.
        threshold: the score from which two faces match.

    Raises:
        ValueError: if there are no scores; a rate of nothing isn't 0.
    """
    _require_some(impostor_scores)
    return float(np.mean(impostor_scores >= threshold))


def false_non_match_rate(genuine_scores: NDArray[np.floating], threshold: float) -> float:
    """Return the share of genuine scores below the threshold.

    Args:
        genuine_scores: shape (n,), n at least 1.
        threshold: the score from which two faces match.

    Raises:
        ValueError: if there are no scores.
    """
    _require_some(genuine_scores)
    return float(np.mean(genuine_scores < threshold))


def lowest_threshold(
    impostor_scores: NDArray[np.float32], fmr: float, *, weights: NDArray[np.floating] | None = None,
    total: float | None = None,
) -> float:  # fmt: skip
    """Return the lowest threshold at which the false match rate isn't above ``fmr``.

    Args:
        impostor_scores: float32, shape (k,); all of them, or the k highest of ``total``.
        fmr: the false match rate, in (0, 1).
        weights: shape (k,), how often each comparison counts; once each if left out.
        total: the weight of all comparisons, also of those left out as too low; the sum of ``weights``
            if left out.

    Returns:
        The float32 number just above the highest score that may no longer match; comparisons with
        equal scores match together or not at all. Minus infinity if every comparison may match.

    Raises:
        ValueError: if there are no scores, or if the given k highest don't reach down far enough.
    """
    _require_some(impostor_scores)
    order = np.argsort(-impostor_scores, kind="stable")
    scores = impostor_scores[order]
    counted = np.ones(scores.size) if weights is None else weights[order].astype(np.float64)
    everything = float(counted.sum()) if total is None else float(total)
    # Half a part in 10^12: 0.1 * 30 allows three comparisons, though floats say 3.0000000000000004.
    allowed = fmr * everything * (1.0 + 5e-13)
    too_many = np.flatnonzero(np.cumsum(counted) > allowed)
    if too_many.size:
        return float(np.nextafter(scores[too_many[0]], np.float32(np.inf)))
    if total is not None and everything > float(counted.sum()):
        msg = "the highest scores that were kept don't reach down to this rate"
        raise ValueError(msg)
    return float("-inf")


def resample_identities(people: int, *, replicates: int, seed: int) -> NDArray[np.int16]:
    """Return how often each person is drawn in each bootstrap replicate.

    Args:
        people: how many people there are.
        replicates: how many times as many people are drawn with replacement.
        seed: of the generator; the same seed gives the same draw.

    Returns:
        int16, shape (replicates, people); each row sums to ``people``.
    """
    generator = np.random.default_rng(seed)
    drawn = np.empty((replicates, people), dtype=np.int16)
    for row in range(replicates):
        drawn[row] = np.bincount(generator.integers(0, people, people), minlength=people)
    return drawn


def percentile_interval(values: NDArray[np.floating]) -> tuple[float, float]:
    """Return the 2.5th and the 97.5th percentile of bootstrap replicates.

    Args:
        values: shape (replicates,), finite.

    Raises:
        ValueError: if a replicate isn't finite.
    """
    if not np.all(np.isfinite(values)):
        msg = "a bootstrap replicate isn't finite"
        raise ValueError(msg)
    low, high = np.percentile(values, _INTERVAL_PERCENTILES)
    return float(low), float(high)


def genuine_false_non_match_rate(
    scores: NDArray[np.float32],
    identities: NDArray[np.integer],
    threshold: float,
    drawn: NDArray[np.int16],
) -> Estimate:
    """Return the false non-match rate of genuine comparisons with its interval.

    Args:
        scores: float32, shape (g,).
        identities: integers, shape (g,): whose comparison it is, as a column of ``drawn``.
        threshold: the score from which two faces match.
        drawn: from :func:`resample_identities`, shape (replicates, people).

    Raises:
        ValueError: if there are no scores.
    """
    _require_some(scores)
    return share_by_people(scores < threshold, identities, drawn)


def share_by_people(
    happened: NDArray[np.bool_], identities: NDArray[np.integer], drawn: NDArray[np.int16]
) -> Estimate:
    """Return the share of cases in which something happened, with its interval over people.

    Args:
        happened: bool, shape (n,).
        identities: integers, shape (n,): whose case it is, as a column of ``drawn``.
        drawn: from :func:`resample_identities`, shape (replicates, people).

    Raises:
        ValueError: if there are no cases.
    """
    _require_some(happened)
    people = drawn.shape[1]
    happened_by_person = np.bincount(identities, weights=happened, minlength=people)
    all_by_person = np.bincount(identities, minlength=people)
    # A replicate that draws nobody with a case has no share; it says nothing and is left out.
    counted = drawn @ all_by_person
    replicates = (drawn @ happened_by_person)[counted > 0] / counted[counted > 0]
    low, high = percentile_interval(replicates)
    seen = int(happened.sum())
    return Estimate(value=seen / happened.size, low=low, high=high, seen=seen, of=int(happened.size))


def rule_of_three(comparisons: int) -> float:
    """Return the rate below which the true one lies with 95 % confidence when no error was seen.

    3 / n (ISO/IEC 19795-1), for n independent comparisons; dependent ones say less.

    Raises:
        ValueError: if there are no comparisons.
    """
    if comparisons < 1:
        msg = "no comparisons say nothing about a rate"
        raise ValueError(msg)
    return min(1.0, 3.0 / comparisons)


def rule_of_30(comparisons: int) -> float:
    """Return the lowest rate that this many comparisons can measure.

    30 errors put the true rate within 30 % of the measured one with 90 % confidence (ISO/IEC 19795-1),
    for independent comparisons; dependent ones say less.

    Raises:
        ValueError: if there are no comparisons.
    """
    if comparisons < 1:
        msg = "no comparisons say nothing about a rate"
        raise ValueError(msg)
    return min(1.0, 30.0 / comparisons)


def _require_some(scores: NDArray[np.generic]) -> None:
    if scores.size == 0:
        msg = "no comparisons, no rate"
        raise ValueError(msg)
