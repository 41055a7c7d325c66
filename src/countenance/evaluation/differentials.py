"""Demographic differentials of false matches (ISO/IEC 19795-10): how much worse is the worst group?

Rules kept here:

* The figure is the largest over the smallest FMR of the groups, each over pairs within that group.
* What a gate asks is the upper end of its interval, not the figure. A group without a comparison, or
  without one false match, leaves it unbounded: nothing seen isn't equal treatment.
* The interval is a bootstrap over identities. A replicate without a rate for some group counts as
  unbounded, never as missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Differential", "false_match_differential"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Differential:
    """The ratio of the largest to the smallest false match rate of groups.

    Attributes:
        rates: group to its FMR; NaN for a group without comparisons.
        ratio: largest over smallest, at least 1; infinity when a group has no rate, or rate 0.
        low: lower end of the 95 % interval.
        high: upper end, infinity when the data doesn't bound it.
    """

    rates: Mapping[str, float]
    ratio: float
    low: float
    high: float


def false_match_differential(
    groups: Mapping[str, NDArray[np.integer]],
    *,
    pictures: NDArray[np.integer],
    false_matches: NDArray[np.integer],
    drawn: NDArray[np.int16],
) -> Differential:
    """Return the differential with its interval.

    Args:
        groups: at least two; group to the people in it, as columns of ``drawn``. Nobody is in two.
        pictures: shape (people,): how many pictures each person has; every two pictures of two people of a
            group are an impostor comparison.
        false_matches: shape (k, 2): the two people of each comparison that reached the threshold. Those
            across groups count for none.
        drawn: from :func:`countenance.evaluation.resample_identities`, shape (replicates, people).

    Raises:
        ValueError: if there are fewer than two groups, or someone is in two.
    """
    people = pictures.size
    membership = _membership(list(groups.values()), people)
    all_draws = np.vstack([np.ones((1, people)), drawn.astype(np.float64)])
    rates = np.stack(
        [_rates(all_draws, membership == one, pictures, false_matches) for one in range(len(groups))], axis=1
    )
    ratios = _ratios(rates)
    replicates = np.sort(ratios[1:])
    low, high = (_order_statistic(replicates, share) for share in (0.025, 0.975))
    return Differential(
        rates={name: float(rate) for name, rate in zip(groups, rates[0], strict=True)},
        ratio=float(ratios[0]),
        low=low,
        high=high,
    )


def _membership(groups: Sequence[NDArray[np.integer]], people: int) -> NDArray[np.int64]:
    if len(groups) < 2:  # noqa: PLR2004
        msg = "one group has nothing to differ from"
        raise ValueError(msg)
    membership = np.full(people, -1, dtype=np.int64)
    for index, members in enumerate(groups):
        if np.any(membership[members] >= 0) or np.unique(members).size != members.size:
            msg = "a person is in one group, once"
            raise ValueError(msg)
        membership[members] = index
    return membership


def _rates(
    draws: NDArray[np.float64],
    inside: NDArray[np.bool_],
    pictures: NDArray[np.integer],
    false_matches: NDArray[np.integer],
) -> NDArray[np.float64]:
    """Return the rate of one group in each draw; NaN where it has no comparisons."""
    weights = draws[:, inside] * pictures[inside]
    # Pairs of two different people: half of what is left of the square without the pairs of one with oneself.
    compared = (weights.sum(axis=1) ** 2 - (weights**2).sum(axis=1)) / 2.0
    pairs = false_matches.reshape(-1, 2)
    first, second = pairs[inside[pairs[:, 0]] & inside[pairs[:, 1]]].T
    falsely = (draws[:, first] * draws[:, second]).sum(axis=1)
    rates: NDArray[np.float64] = np.divide(
        falsely, compared, out=np.full(compared.shape, np.nan), where=compared > 0
    )
    return rates


def _ratios(rates: NDArray[np.float64]) -> NDArray[np.float64]:
    smallest, largest = rates.min(axis=1), rates.max(axis=1)
    known = np.isfinite(smallest) & (smallest > 0)
    ratios: NDArray[np.float64] = np.divide(
        largest, smallest, out=np.full(smallest.shape, np.inf), where=known
    )
    return ratios


def _order_statistic(ordered: NDArray[np.float64], share: float) -> float:
    """Return a percentile without interpolation, since infinity can't be interpolated to."""
    place = np.floor if share < 0.5 else np.ceil  # noqa: PLR2004
    return float(ordered[int(place(share * (ordered.size - 1)))])
