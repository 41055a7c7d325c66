"""The Congress exercise: people who are in nobody's list are searched in a gallery, and how many are named?

In 2018 a search for 535 members of Congress among 25,000 arrest photographs, at a product's default
threshold, named 28 of them. This is that search on any two sets of people: the probes of one aren't in the
gallery of the other, so whoever is named is named falsely. Beside it stands what a threshold costs:
portraits of the same person from two collections, years apart.

Rules kept here:

* The threshold follows from the rate asked for and the number of people searched; figures at other
  thresholds stand beside it and say where they were borrowed.
* A threshold beyond the evidence is called extrapolated. No search of this product would be permitted at it.
* What the model predicts stands beside what was counted, with the exact upper bound of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.decisions import ImpostorTail, Interval
from countenance.evaluation.identification import MatedSearches, false_negative_identification_rate
from countenance.evaluation.proportions import share_interval, upper_share

__all__ = [
    "BORROWED_COSINES",
    "CongressLevel",
    "CongressMeasured",
    "CongressRow",
    "borrowed_levels",
    "evidence_levels",
    "measure_congress",
]

BORROWED_COSINES: Final = (0.363, 0.40, 0.50)
"""Cosines that other tools set for networks of their own."""


@dataclass(frozen=True, slots=True)
class CongressLevel:
    """A threshold and where it comes from.

    Attributes:
        words: where it comes from.
        value: the cosine from which somebody is named.
        asked: the FPIR that it was worked out for; ``None`` if it was borrowed.
        predicted: 95 % prediction interval of the FPIR for the worst measured group; ``None`` if borrowed.
        extrapolated: whether it lies beyond the evidence.
    """

    words: str
    value: float
    asked: float | None = None
    predicted: Interval | None = None
    extrapolated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CongressRow:
    """What happens at a threshold.

    Attributes:
        level: the threshold.
        false_matches: searches that named somebody.
        people_named: people of whom at least one search did.
        fpir: share of searches.
        people_interval: exact 95 % interval of the share of people.
        people_upper: its one-sided upper bound.
        true_matches: pairs of portraits of one person that match.
        true_match_rate: share of those pairs.
        true_match_interval: exact 95 % interval, over people.
        fnir: share of searches for people who were added to the gallery that don't name them first.
    """

    level: CongressLevel
    false_matches: int
    people_named: int
    fpir: float
    people_interval: Interval
    people_upper: float
    true_matches: int
    true_match_rate: float
    true_match_interval: Interval
    fnir: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CongressMeasured:
    """What the exercise found out.

    Attributes:
        rows: threshold by threshold, in the order given.
        probes: searches of people who aren't in the gallery.
        people: how many people those are.
        gallery_people: how many are searched, one reference each.
        gallery_pictures: how many pictures the references are made of.
        pairs: pairs of portraits of one person.
        highest: float64, shape (k,): the highest score of each search of a stranger, falling, for a chart.
        genuine: float64, shape (pairs,): falling, likewise.
    """

    rows: tuple[CongressRow, ...]
    probes: int
    people: int
    gallery_people: int
    gallery_pictures: int
    pairs: int
    highest: NDArray[np.float64]
    genuine: NDArray[np.float64]


def evidence_levels(tail: ImpostorTail, *, rates: Sequence[float], people: int) -> tuple[CongressLevel, ...]:
    """Return the thresholds that keep false positive identification rates among so many people.

    Beyond the evidence the threshold is still worked out, and says that it is extrapolated.

    Args:
        tail: of the networks in use.
        rates: FPIRs, in (0, 1).
        people: references, one a person; at least 1.

    Raises:
        RateBeyondTail: if no threshold keeps a rate.
        ValueError: if an argument is out of range.
    """
    levels = []
    for rate in rates:
        given = tail.threshold_for(_per_comparison(rate, people))
        levels.append(
            CongressLevel(
                words=f"one stranger in {1 / rate:,.0f}, worked out for {people:,} people",
                value=given.value,
                asked=rate,
                predicted=tail.fpir(people=people, threshold=given.value),
                extrapolated=given.extrapolated,
            )
        )
    return tuple(levels)


def borrowed_levels() -> tuple[CongressLevel, ...]:
    """Return cosines that were set for other networks: what comes of carrying one over."""
    return tuple(
        CongressLevel(words=f"cosine of {value:.3g}, set for another network", value=value)
        for value in BORROWED_COSINES
    )


def measure_congress(
    levels: Sequence[CongressLevel],
    *,
    highest: NDArray[np.floating],
    owners: NDArray[np.integer],
    genuine: NDArray[np.floating],
    mated: MatedSearches,
    gallery_people: int,
    gallery_pictures: int,
) -> CongressMeasured:
    """Count what happens at each threshold.

    Args:
        levels: the thresholds.
        highest: shape (n,): the highest score of each search of a stranger; minus infinity where the picture
            gave no template.
        owners: shape (n,): who was searched for.
        genuine: shape (g,): scores of the pairs, one a person; minus infinity likewise.
        mated: the same probes in the gallery to which the other portrait of each was added.
        gallery_people: how many references were searched.
        gallery_pictures: of how many pictures they are made.

    Raises:
        ValueError: if there are no searches or no pairs, or a search has no owner.
    """
    if highest.size == 0 or highest.shape != owners.shape:
        msg = "no searches of strangers, no rate; and each has an owner"
        raise ValueError(msg)
    if genuine.size == 0:
        msg = "no pairs of one person: what a threshold costs can't be said"
        raise ValueError(msg)
    people = int(np.unique(owners).size)
    rows = []
    for level in levels:
        named = highest >= level.value
        people_named = int(np.unique(owners[named]).size)
        matched = int((genuine >= level.value).sum())
        rows.append(
            CongressRow(
                level=level,
                false_matches=int(named.sum()),
                people_named=people_named,
                fpir=float(named.mean()),
                people_interval=Interval(*share_interval(people_named, people)),
                people_upper=upper_share(people_named, people),
                true_matches=matched,
                true_match_rate=matched / genuine.size,
                true_match_interval=Interval(*share_interval(matched, genuine.size)),
                fnir=false_negative_identification_rate(mated, level.value, rank=1),
            )
        )
    return CongressMeasured(
        rows=tuple(rows),
        probes=int(highest.size),
        people=people,
        gallery_people=gallery_people,
        gallery_pictures=gallery_pictures,
        pairs=int(genuine.size),
        highest=-np.sort(-highest.astype(np.float64)),
        genuine=-np.sort(-genuine.astype(np.float64)),
    )


def _per_comparison(rate: float, people: int) -> float:
    """Return the FMR at which one stranger among so many comparisons is named as often as asked."""
    if people < 1 or not 0.0 < rate < 1.0:
        msg = "a gallery has people, and a rate lies between 0 and 1"
        raise ValueError(msg)
    return float(-np.expm1(np.log1p(-rate) / people))
