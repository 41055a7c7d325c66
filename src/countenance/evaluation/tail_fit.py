"""Fits the error model of decisions to impostor comparisons.

Rules kept here:

* The fit reaches from the highest hundredth of all comparisons to the highest score that thirty different
  pairs of people reach; a single odd pair beyond doesn't move it.
* What the data leave open is a bootstrap over identities, as for every other figure.
* Groups that weren't measured are taken to differ from those that were as much as the measured ones differ
  from one another, and never by less than a factor of two (one standard deviation).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.decisions import ImpostorTail, TailGroup
from countenance.evaluation.impostors import ImpostorComparisons, TooFewComparisons

__all__ = ["TAIL_SHARE", "fit_impostor_tail"]

TAIL_SHARE: Final = 0.01
"""Share of all comparisons that the fit begins at: the highest hundredth."""
LEAST_SPREAD: Final = math.log(2.0)
"""Women were falsely matched twice as often as men, in every set (docs/explanation/error-table.md)."""
_RULE_OF_30: Final = 30
_KNOTS: Final = 12
_LEAST_PAIRS: Final = 4 * _RULE_OF_30
"""Different pairs of people in the tail; three coefficients from fewer would be guesses."""


def fit_impostor_tail(
    comparisons: ImpostorComparisons,
    *,
    drawn: NDArray[np.int16],
    groups: Mapping[str, NDArray[np.bool_]],
) -> ImpostorTail:
    """Return the tail of the impostor scores, with what the data leave open about it.

    Args:
        comparisons: the highest hundredth of them at least.
        drawn: from :func:`countenance.evaluation.resample_identities`, shape (replicates, people).
        groups: words such as ``two women`` to who is in it, bool, shape (people,); may be empty. A group
            without a false match in the tail isn't measured and is left out.

    Raises:
        TooFewComparisons: if too few different pairs of people lie in the tail.
        ValueError: if too few scores were kept.
    """
    fit = _Fit(comparisons, groups)
    base, covariance = _estimated(fit, drawn)
    if base[2] > 0.0:
        # A little the other way is chance: a straight line then. Much is no tail, such as one person under
        # two names.
        if base[2] > 2.0 * math.sqrt(covariance[2, 2]):
            msg = "The rarest false matches are more frequent than the tail of these scores explains."
            raise TooFewComparisons(msg, remedy="Look for people who are there under two names.")
        fit = _Fit(comparisons, groups, powers=2)
        base, covariance = _estimated(fit, drawn)
    measured = tuple(
        TailGroup(
            words,
            float(base[3 + place]),
            _four([*covariance[3 + place, :3], covariance[3 + place, 3 + place]]),
        )
        for place, words in enumerate(fit.groups)
    )
    ratios = [group.log_ratio for group in measured]
    return ImpostorTail(
        floor=fit.floor,
        ceiling=fit.ceiling,
        coefficients=_three(base[:3]),
        covariance=(_three(covariance[0, :3]), _three(covariance[1, :3]), _three(covariance[2, :3])),
        groups=measured,
        spread=max([LEAST_SPREAD, *([max(ratios) - min(ratios)] if ratios else [])]),
    )


def _estimated(fit: _Fit, drawn: NDArray[np.int16]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the parameters and their covariance over people; a draw without a rate says nothing."""
    replicates = np.stack([fit.parameters(row) for row in drawn])
    replicates = replicates[np.all(np.isfinite(replicates), axis=1)]
    base = fit.parameters(np.ones(drawn.shape[1], dtype=np.int16))
    return base, np.asarray(np.cov(replicates, rowvar=False))


class _Fit:
    """The places at which the share of scores is read, and the weighted least squares through them."""

    def __init__(
        self, comparisons: ImpostorComparisons, groups: Mapping[str, NDArray[np.bool_]], *, powers: int = 3
    ) -> None:
        self._all = comparisons
        first = _first_of_each_pair(comparisons)
        last = int(TAIL_SHARE * comparisons.total)
        if last >= comparisons.scores.size:
            msg = "the highest scores that were kept don't reach down to the tail"
            raise ValueError(msg)
        if np.count_nonzero(first < last) < _LEAST_PAIRS:
            msg = (
                f"Fewer than {_LEAST_PAIRS} different pairs of people lie in the tail of the impostor scores."
            )
            raise TooFewComparisons(msg)
        # Four decimals, so that what is written to a file is what was fitted.
        self.floor = math.ceil(float(comparisons.scores[last]) * 1e4) / 1e4
        self.ceiling = math.floor(float(comparisons.scores[first[_RULE_OF_30 - 1]]) * 1e4) / 1e4
        knots = np.linspace(self.floor, self.ceiling, _KNOTS)
        self._reached = np.searchsorted(-comparisons.scores, -knots, side="right")
        # Different pairs of people at or above each knot: what a share there rests on.
        self._pairs = np.searchsorted(first, self._reached).astype(np.float64)
        root = np.sqrt(self._pairs)[:, None]
        design = (knots - self.floor)[:, None] ** np.arange(powers)
        self._solve = np.zeros((3, _KNOTS))
        self._solve[:powers] = np.linalg.pinv(design * root) * root.T
        self._inside = {words: (who, comparisons.among(who, who)) for words, who in groups.items()}
        self._inside = {
            words: pair for words, pair in self._inside.items() if np.any(pair[1][: self._reached[0]])
        }
        self.groups = tuple(self._inside)

    def parameters(self, drawn: NDArray[np.int16]) -> NDArray[np.float64]:
        """Return a, b, c and each group's log ratio, when people count as drawn; NaN without a rate."""
        weights = self._all.weights(drawn)
        share = self._shares(weights, self._all.total_weight(drawn))
        with np.errstate(divide="ignore", invalid="ignore"):
            # A share of nothing is half a comparison: its logarithm would be no number to average.
            logarithms = np.log(np.maximum(share, 0.5 / self._all.total))
            ratios = []
            for who, inside in self._inside.values():
                among = self._shares(weights * inside, self._all.total_weight((drawn * who).astype(np.int16)))
                seen = (among > 0.0) & (share > 0.0)
                ratios.append(_mean(np.log(among[seen]) - np.log(share[seen]), self._pairs[seen]))
        return np.concatenate([self._solve @ logarithms, ratios])

    def _shares(self, weights: NDArray[np.float64], total: float) -> NDArray[np.float64]:
        counted = np.concatenate([[0.0], np.cumsum(weights)])
        return np.asarray(counted[self._reached] / total if total > 0.0 else counted[self._reached] * np.nan)


def _first_of_each_pair(comparisons: ImpostorComparisons) -> NDArray[np.intp]:
    """Return where each pair of people first stands among the falling scores, rising."""
    keys = comparisons.left.astype(np.int64) * comparisons.images.size + comparisons.right
    first: NDArray[np.intp] = np.sort(np.unique(keys, return_index=True)[1])
    return first


def _mean(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    return float(np.average(values, weights=weights)) if values.size else math.nan


def _three(values: NDArray[np.float64]) -> tuple[float, float, float]:
    one, two, three = (float(value) for value in values)
    return one, two, three


def _four(values: list[float]) -> tuple[float, float, float, float]:
    one, two, three, four = (float(value) for value in values)
    return one, two, three, four
