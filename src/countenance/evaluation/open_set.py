"""Open-set search measured on one set of people: some enrolled with so many pictures, the others strangers.

Rules kept here:

* The same people are enrolled, whatever the number of pictures of a reference, and the same pictures are
  searched for: what differs is the number of pictures alone.
* Two ways to a threshold: from the tail, before anything is searched; and on these very strangers, which
  nobody can do at a desk and which serves to compare systems. Each says which it is.
* One stranger is one search; intervals are over people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.decisions import Interval
from countenance.evaluation.identification import MatedSearches
from countenance.evaluation.people import PeopleSet
from countenance.evaluation.proportions import share_interval
from countenance.evaluation.rates import Estimate, lowest_threshold, share_by_people

__all__ = [
    "OpenSetDivision",
    "OpenSetRow",
    "OpenSetThreshold",
    "SearchScores",
    "divide_open_set",
    "measure_open_set",
    "measured_threshold",
]

_LEAST_PEOPLE: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class OpenSetDivision:
    """Who is enrolled, with which pictures, and who is searched for.

    Attributes:
        references: int64, shape (people, most): pictures of each enrolled person, as numbers.
        probes: int64, shape (m,): other pictures of those people.
        strangers: int64, shape (n,): one picture of each person who isn't enrolled.
    """

    references: NDArray[np.int64]
    probes: NDArray[np.int64]
    strangers: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class SearchScores:
    """The searches with references of so many pictures.

    Attributes:
        mated: searches of enrolled people.
        owners: shape (m,): whose they are.
        highest: shape (n,): the highest score of each stranger's search; minus infinity without a template.
    """

    mated: MatedSearches
    owners: NDArray[np.int64]
    highest: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OpenSetThreshold:
    """A threshold and where it comes from.

    Attributes:
        asked: the FPIR that it is for.
        value: the cosine from which somebody is named.
        predicted: 95 % prediction interval of the FPIR, from the tail; ``None`` if it was set on the
            strangers that are searched for.
        extrapolated: whether it lies beyond the evidence.
    """

    asked: float
    value: float
    predicted: Interval | None = None
    extrapolated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSetRow:
    """What happens at a threshold.

    Attributes:
        pictures: of which a reference is made.
        threshold: where.
        fpir: measured.
        fpir_interval: exact 95 % interval of it.
        fnir: share of mated searches whose right reference isn't above the threshold and first.
    """

    pictures: int
    threshold: OpenSetThreshold
    fpir: float
    fpir_interval: Interval
    fnir: Estimate


def divide_open_set(people: PeopleSet, *, most: int) -> OpenSetDivision | None:
    """Enrol everybody with more pictures than ``most``; the rest are strangers.

    Whoever is one person with somebody else under another name is left out on both sides.

    Returns:
        ``None`` if fewer than two people can be enrolled, or there is no stranger.
    """
    doubtful = {number for pair in people.one_person for number in pair}
    references, probes, strangers = [], [], []
    for person in range(people.people):
        own = np.flatnonzero(people.owners == person)
        if person in doubtful:
            continue
        if own.size > most:
            references.append(own[:most])
            probes.append(own[most:])
        else:
            strangers.append(own[0])
    if len(references) < _LEAST_PEOPLE or not strangers:
        return None
    return OpenSetDivision(np.stack(references), np.concatenate(probes), np.array(strangers, dtype=np.int64))


def measured_threshold(highest: NDArray[np.float64], rate: float) -> float:
    """Return the lowest threshold at which not more of these strangers are named than the rate allows."""
    return lowest_threshold(highest.astype(np.float32), rate)


def measure_open_set(
    scores: SearchScores,
    *,
    pictures: int,
    thresholds: Sequence[OpenSetThreshold],
    drawn: NDArray[np.int16],
) -> tuple[OpenSetRow, ...]:
    """Count what happens at each threshold, and at those that these strangers themselves give.

    Args:
        scores: the searches.
        pictures: of which each reference is made.
        thresholds: from the tail.
        drawn: from :func:`countenance.evaluation.resample_identities`, columns as in ``scores.owners``.

    Raises:
        ValueError: if there are no searches.
    """
    if scores.highest.size == 0 or scores.owners.size == 0:
        msg = "no searches, no rate"
        raise ValueError(msg)
    rows = []
    for given in thresholds:
        own = OpenSetThreshold(given.asked, measured_threshold(scores.highest, given.asked))
        rows += [_row(scores, pictures, threshold, drawn) for threshold in (given, own)]
    return tuple(rows)


def _row(
    scores: SearchScores, pictures: int, threshold: OpenSetThreshold, drawn: NDArray[np.int16]
) -> OpenSetRow:
    named = int((scores.highest >= threshold.value).sum())
    mated = scores.mated
    missed = (mated.scores < threshold.value) | (mated.ranks > 1) | np.isneginf(mated.scores)
    return OpenSetRow(
        pictures=pictures,
        threshold=threshold,
        fpir=named / scores.highest.size,
        fpir_interval=Interval(*share_interval(named, scores.highest.size)),
        fnir=share_by_people(missed, scores.owners, drawn),
    )
