"""Do the stated prediction intervals hold what is then measured on other people?

Rules kept here:

* A cell is a level, a group and a set of people who weren't fitted to. All cells count, none is dropped;
  those that fall outside are named.
* What is predicted for a set is the rate that would be *measured* there: the stated interval of the rate, and
  chance on top: few people were drawn, and a pair of people matches with all its pictures or with none.
* Beside it stands the same without the spread between sets of people: what holds only for people drawn alike.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from countenance.decisions import EVERYBODY, ImpostorTail, Interval
from countenance.evaluation.impostors import ImpostorComparisons

__all__ = ["Coverage", "CoverageCell", "OtherPeople", "measure_coverage"]

_PERCENTILES = (2.5, 97.5)
_DRAWS = 4000


@dataclass(frozen=True, slots=True, eq=False)
class OtherPeople:
    """A set of people on whom the tail wasn't fitted.

    Attributes:
        words: who they are, in words.
        comparisons: their impostor comparisons.
        groups: words as in the tail to who is in it, bool, shape (people,).
    """

    words: str
    comparisons: ImpostorComparisons
    groups: Mapping[str, NDArray[np.bool_]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageCell:
    """One prediction and what came of it.

    Attributes:
        asked: the level, a false match rate.
        threshold: what the tail gave for it.
        extrapolated: whether the tail calls that threshold extrapolated.
        group: whose comparisons are counted.
        people_words: the set of people.
        people: how many of them are in the group.
        stated: the interval that the tail states for the group's rate.
        predicted: the interval of the rate that would be measured on so many people.
        predicted_alike: the same for people drawn like those fitted to, without the spread.
        measured: the rate measured.
        pairs: how many different pairs of people it rests on.
    """

    asked: float
    threshold: float
    extrapolated: bool
    group: str
    people_words: str
    people: int
    stated: Interval
    predicted: Interval
    predicted_alike: Interval
    measured: float
    pairs: int

    @property
    def held(self) -> bool:
        """Whether what was measured lies in the prediction."""
        return self.predicted.low <= self.measured <= self.predicted.high

    @property
    def held_alike(self) -> bool:
        """Whether it lies in the prediction for people drawn alike."""
        return self.predicted_alike.low <= self.measured <= self.predicted_alike.high


@dataclass(frozen=True, slots=True)
class Coverage:
    """All cells.

    Attributes:
        cells: level by level, set by set, group by group.
    """

    cells: tuple[CoverageCell, ...]

    @property
    def share(self) -> float:
        """The share of cells whose prediction held, to be held against 0.95."""
        return sum(cell.held for cell in self.cells) / len(self.cells)

    @property
    def exceptions(self) -> tuple[CoverageCell, ...]:
        """The cells whose prediction didn't hold."""
        return tuple(cell for cell in self.cells if not cell.held)


def measure_coverage(
    tail: ImpostorTail,
    *,
    fitted: Mapping[str, int],
    rates: Sequence[float],
    others: Sequence[OtherPeople],
    seed: int,
) -> Coverage:
    """Predict each cell and measure it.

    Args:
        tail: fitted to others than ``others``.
        fitted: how many people of each group it was fitted to, ``everybody`` included.
        rates: the levels, false match rates.
        others: at least one set of people.
        seed: of the draws that a prediction is made of.

    Raises:
        RateBeyondTail: if no threshold keeps a level.
        ValueError: if there is no cell, a threshold lies below the scores that were kept, or a group has no
            two people.
    """
    generator = np.random.default_rng(seed)
    cells = []
    for asked in rates:
        given = tail.threshold_for(asked)
        for other in others:
            everybody = np.ones(other.comparisons.images.size, dtype=np.bool_)
            for group in fitted:
                who = everybody if group == EVERYBODY else other.groups[group]
                rate, pairs = _measured(other.comparisons, who, given.value)
                fit = _Fitted(*tail.log_rate(group, given.value), tail.spread, fitted[group])
                wide, narrow = _predicted(fit, other.comparisons.images[who], generator)
                cells.append(
                    CoverageCell(
                        asked=asked,
                        threshold=given.value,
                        extrapolated=given.extrapolated,
                        group=group,
                        people_words=other.words,
                        people=int(who.sum()),
                        stated=tail.fmr_of(group, given.value),
                        predicted=wide,
                        predicted_alike=narrow,
                        measured=rate,
                        pairs=pairs,
                    )
                )
    if not cells:
        msg = "no level, no group or no people: nothing to cover"
        raise ValueError(msg)
    return Coverage(tuple(cells))


def _measured(
    comparisons: ImpostorComparisons, who: NDArray[np.bool_], threshold: float
) -> tuple[float, int]:
    """Return the rate within a group, and how many pairs of people reached the threshold."""
    if threshold < comparisons.floor:
        msg = "the threshold lies below the scores that were kept"
        raise ValueError(msg)
    total = comparisons.total_weight(who.astype(np.int16))
    if total <= 0.0:
        msg = "no two people of this group were compared"
        raise ValueError(msg)
    above = (comparisons.scores >= threshold) & comparisons.among(who, who)
    keys = comparisons.left[above].astype(np.int64) * who.size + comparisons.right[above]
    return int(above.sum()) / total, int(np.unique(keys).size)


@dataclass(frozen=True, slots=True)
class _Fitted:
    """What a tail says of a group at a threshold: logarithm of the rate, its deviation, how many people."""

    middle: float
    deviation: float
    spread: float
    people: int


def _predicted(
    fit: _Fitted, images: NDArray[np.int64], generator: np.random.Generator
) -> tuple[Interval, Interval]:
    """Return the interval of the rate measured on so many people, with the spread and without it."""
    open_yet = math.sqrt(max(fit.deviation**2 - fit.spread**2, 0.0))
    # What so many people left open when fitted, as many again leave open when measured.
    drawn_anew = open_yet * math.sqrt(fit.people / images.size)
    intervals = []
    for spread in (fit.spread, 0.0):
        logarithm = generator.normal(fit.middle, math.sqrt(open_yet**2 + drawn_anew**2 + spread**2), _DRAWS)
        rates = _by_pairs(np.exp(np.minimum(logarithm, 0.0)), images, generator)
        low, high = np.percentile(rates, _PERCENTILES)
        intervals.append(Interval(float(low), float(high)))
    return intervals[0], intervals[1]


def _by_pairs(
    rates: NDArray[np.float64], images: NDArray[np.int64], generator: np.random.Generator
) -> NDArray[np.float64]:
    """Return what is measured at true rates: a pair of people matches with all its pictures, or none."""
    pairs = images.size * (images.size - 1) / 2.0
    comparisons = (float(images.sum()) ** 2 - float((images.astype(np.float64) ** 2).sum())) / 2.0
    hits = generator.poisson(np.minimum(rates, 1.0) * pairs)
    one = generator.integers(0, images.size, int(hits.sum()))
    other = (one + generator.integers(1, images.size, one.size)) % images.size
    weight = (images[one] * images[other]).astype(np.float64)
    counted = np.bincount(np.repeat(np.arange(hits.size), hits), weights=weight, minlength=hits.size)
    return np.asarray(np.minimum(counted / comparisons, 1.0))
