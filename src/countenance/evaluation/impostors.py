"""All comparisons between different people of a set, and what they say about thresholds.

Rules kept here:

* Every picture of one person is compared with every picture of every other, once.
* Pairs of names that are known to be one person are left out by name of both, never by score alone.
* Only the highest scores are kept: false matches live there. How many there were in all is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from countenance.evaluation.rates import Estimate, lowest_threshold, percentile_interval, rule_of_30
from countenance.kernel import CallerError

__all__ = [
    "ImpostorComparisons",
    "TooFewComparisons",
    "collect_impostors",
    "group_false_match_rates",
    "impostor_false_match_rate",
    "impostor_thresholds",
]

_BLOCK = 256


class TooFewComparisons(CallerError):
    """The data hold too few impostor comparisons to say anything about a rate this low."""

    code = "too-few-comparisons"
    default_remedy = "Ask for a higher false match rate, or measure on more people."


@dataclass(frozen=True, slots=True, eq=False)
class ImpostorComparisons:
    """The impostor comparisons of a set.

    Attributes:
        scores: float32, shape (k,): the k highest, falling. Left out of ``repr`` by being an array
            of no single pair's name; identities are numbers.
        left: int32, shape (k,): the one identity, as a number from 0.
        right: int32, shape (k,): the other.
        images: int64, shape (people,): pictures of each identity.
        excluded: int32, shape (e, 2): pairs of identities that were left out.
        total: how many impostor comparisons there were in all.
    """

    scores: NDArray[np.float32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    images: NDArray[np.int64]
    excluded: NDArray[np.int32]
    total: int

    @property
    def floor(self) -> float:
        """The lowest score that was kept; nothing is known about rates below it."""
        return float(self.scores[-1]) if self.scores.size < self.total else float("-inf")

    def weights(self, drawn: NDArray[np.int16]) -> NDArray[np.float64]:
        """Return how often each kept comparison counts when people count as often as drawn.

        Args:
            drawn: shape (people,).

        Returns:
            float64, shape (k,).
        """
        return drawn[self.left].astype(np.float64) * drawn[self.right]

    def total_weight(self, drawn: NDArray[np.int16]) -> float:
        """Return the weight of all impostor comparisons when people count as often as drawn."""
        return _between(self.images.astype(np.float64) * drawn, self.excluded)

    def among(self, one: NDArray[np.bool_], other: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which kept comparisons are between a person of one group and a person of another.

        Args:
            one: bool, shape (people,).
            other: bool, shape (people,).

        Returns:
            bool, shape (k,).
        """
        straight = one[self.left] & other[self.right]
        return straight | (other[self.left] & one[self.right])


def collect_impostors(
    embeddings: NDArray[np.float32],
    identities: NDArray[np.integer],
    *,
    excluded: Sequence[tuple[int, int]],
    keep: int,
    progress: Callable[[int, int], None] | None = None,
) -> ImpostorComparisons:
    """Compare every picture with every picture of somebody else and keep the highest scores.

    Memory: a block of 256 rows of scores at a time and at most about four times what is kept.

    Args:
        embeddings: float32, shape (n, d), each of length 1.
        identities: integers, shape (n,), from 0, without gaps.
        excluded: pairs of identities that are known to be one person, or whose pictures are known to
            be misnamed.
        keep: how many scores are kept.
        progress: called with the rows done and the rows in all.

    Raises:
        ValueError: if the shapes don't fit or an excluded pair is of one identity.
    """
    if embeddings.ndim != 2 or identities.shape != embeddings.shape[:1]:  # noqa: PLR2004
        msg = "embeddings have shape (n, d), identities (n,)"
        raise ValueError(msg)
    if any(a == b for a, b in excluded):
        msg = "an excluded pair is of two identities"
        raise ValueError(msg)
    images = np.bincount(identities).astype(np.int64)
    barred = np.array(sorted({(min(p), max(p)) for p in excluded}), dtype=np.int32).reshape(-1, 2)
    people = int(images.size)
    barred_keys = barred[:, 0].astype(np.int64) * people + barred[:, 1]
    kept = _Highest(keep)
    for start in range(0, len(embeddings), _BLOCK):
        block = slice(start, start + _BLOCK)
        scores = embeddings[block] @ embeddings[start:].T
        rows, columns = np.nonzero(np.triu(np.ones(scores.shape, dtype=np.bool_), 1) & (scores >= kept.floor))
        left, right = identities[rows + start], identities[columns + start]
        low, high = np.minimum(left, right), np.maximum(left, right)
        impostor = (low != high) & ~np.isin(low.astype(np.int64) * people + high, barred_keys)
        kept.add(scores[rows, columns][impostor], low[impostor], high[impostor])
        if progress is not None:
            progress(min(start + _BLOCK, len(embeddings)), len(embeddings))
    scores, left, right = kept.falling()
    total = round(_between(images.astype(np.float64), barred))
    return ImpostorComparisons(scores, left, right, images, barred, total)


def impostor_thresholds(
    comparisons: ImpostorComparisons, fmr: float, drawn: NDArray[np.int16]
) -> tuple[float, float, float]:
    """Return the lowest threshold that keeps a false match rate, with its 95 % interval.

    Args:
        comparisons: from :func:`collect_impostors`.
        fmr: the false match rate, in (0, 1).
        drawn: from :func:`resample_identities`.

    Returns:
        Threshold, lower and upper end of its interval.

    Raises:
        TooFewComparisons: if fewer than 30 comparisons lie above the threshold (rule of 30).
        ValueError: if too few scores were kept to reach down to the rate.
    """
    if fmr < rule_of_30(comparisons.total):
        msg = f"{comparisons.total} comparisons can't measure a false match rate of {fmr:g}."
        raise TooFewComparisons(msg)
    value = lowest_threshold(comparisons.scores, fmr, total=comparisons.total)
    replicates = np.array(
        [
            lowest_threshold(
                comparisons.scores,
                fmr,
                weights=comparisons.weights(row),
                total=comparisons.total_weight(row),
            )
            for row in drawn
        ]
    )
    low, high = percentile_interval(replicates)
    return value, low, high


def impostor_false_match_rate(
    comparisons: ImpostorComparisons, threshold: float, drawn: NDArray[np.int16]
) -> Estimate:
    """Return the false match rate at a threshold with its 95 % interval.

    Raises:
        ValueError: if the threshold is below what was kept.
    """
    everybody = np.ones(comparisons.images.size, dtype=np.bool_)
    return group_false_match_rates(comparisons, threshold, drawn, one=everybody, other=everybody)


def group_false_match_rates(
    comparisons: ImpostorComparisons,
    threshold: float,
    drawn: NDArray[np.int16],
    *,
    one: NDArray[np.bool_],
    other: NDArray[np.bool_],
) -> Estimate:
    """Return the false match rate between people of two groups (or within one) with its interval.

    Args:
        comparisons: from :func:`collect_impostors`.
        threshold: the score from which two faces match.
        drawn: from :func:`resample_identities`.
        one: bool, shape (people,): the one group.
        other: bool, shape (people,): the other; the same array for comparisons within a group.

    Raises:
        ValueError: if the threshold is below what was kept, if the groups overlap without being the
            same, or if no two of their people were compared.
    """
    if threshold < comparisons.floor:
        msg = "the threshold lies below the scores that were kept"
        raise ValueError(msg)
    above = (comparisons.scores >= threshold) & comparisons.among(one, other)
    left, right = comparisons.left[above], comparisons.right[above]
    counts = _comparisons_of_groups(comparisons, one, other)
    of = round(counts(np.ones(comparisons.images.size)))
    if of == 0:
        msg = "no two people of these groups were compared"
        raise ValueError(msg)
    replicates = []
    for row in drawn:
        weight = counts(row.astype(np.float64))
        if weight > 0:
            replicates.append(float((row[left].astype(np.float64) * row[right]).sum()) / weight)
    low, high = percentile_interval(np.array(replicates))
    seen = int(above.sum())
    return Estimate(value=seen / of, low=low, high=high, seen=seen, of=of)


def _comparisons_of_groups(
    comparisons: ImpostorComparisons, one: NDArray[np.bool_], other: NDArray[np.bool_]
) -> Callable[[NDArray[np.float64]], float]:
    """Return a function from multiplicities of people to the comparisons between the groups."""
    images, excluded = comparisons.images.astype(np.float64), comparisons.excluded
    if np.array_equal(one, other):
        both_in = one[excluded[:, 0]] & one[excluded[:, 1]]
        return lambda drawn: _between(images * drawn * one, excluded[both_in])
    if np.any(one & other):
        msg = "two groups share nobody, or are the same"
        raise ValueError(msg)
    straight = one[excluded[:, 0]] & other[excluded[:, 1]]
    across = excluded[straight | (other[excluded[:, 0]] & one[excluded[:, 1]])]

    def count(drawn: NDArray[np.float64]) -> float:
        weighted = images * drawn
        barred = float((weighted[across[:, 0]] * weighted[across[:, 1]]).sum())
        return float(weighted[one].sum() * weighted[other].sum()) - barred

    return count


def _between(images: NDArray[np.float64], excluded: NDArray[np.int32]) -> float:
    """Return the comparisons between different people, given (weighted) pictures of each."""
    barred = float((images[excluded[:, 0]] * images[excluded[:, 1]]).sum())
    return float(images.sum() ** 2 - (images**2).sum()) / 2.0 - barred


class _Highest:
    """Keeps the highest scores of a stream."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._scores = np.empty(0, dtype=np.float32)
        self._left = np.empty(0, dtype=np.int32)
        self._right = np.empty(0, dtype=np.int32)
        self.floor = float("-inf")

    def add(self, scores: NDArray[np.float32], left: NDArray[np.integer], right: NDArray[np.integer]) -> None:
        self._scores = np.concatenate([self._scores, scores])
        self._left = np.concatenate([self._left, left.astype(np.int32)])
        self._right = np.concatenate([self._right, right.astype(np.int32)])
        if self._scores.size > 2 * self._keep:
            self._shrink()

    def _shrink(self) -> None:
        chosen = np.argsort(-self._scores, kind="stable")[: self._keep]
        self._scores, self._left, self._right = self._scores[chosen], self._left[chosen], self._right[chosen]
        if self._scores.size == self._keep:
            self.floor = float(self._scores[-1])

    def falling(self) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.int32]]:
        self._shrink()
        return self._scores, self._left, self._right
