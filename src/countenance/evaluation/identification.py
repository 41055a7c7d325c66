"""Error rates of open-set searches (ISO/IEC 19795-1): who is falsely named, and who is missed.

Rules kept here:

* FPIR is counted over probes of people who aren't enrolled, one per search, however many references of the
  gallery reach the threshold: who searches is wronged once.
* A mated search misses when the right reference is below the threshold **or** isn't among the first R; a
  probe that gave no template misses too.
* No searches, no rate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "MatedSearches",
    "failure_rate",
    "false_negative_identification_rate",
    "false_positive_identification_rate",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatedSearches:
    """Searches of people who are enrolled.

    Attributes:
        scores: float32, shape (m,): of the right reference; minus infinity where no template came out.
        ranks: integers, shape (m,): its place among all references, 1 is the first. Equal scores take the
            worst place of those that are equal, so that a tie is never counted in our favour.
    """

    scores: NDArray[np.float32]
    ranks: NDArray[np.integer]

    def __post_init__(self) -> None:
        """Refuse shapes that don't belong together, and places before the first.

        Raises:
            ValueError: as said.
        """
        if self.scores.ndim != 1 or self.scores.shape != self.ranks.shape:
            msg = "each mated search has one score and one rank"
            raise ValueError(msg)
        if np.any(np.isnan(self.scores)) or np.any(self.ranks < 1):
            msg = "a score is a number and the first rank is 1"
            raise ValueError(msg)

    @classmethod
    def of_matrix(cls, scores: NDArray[np.float32], right: NDArray[np.integer]) -> MatedSearches:
        """Return the mated searches of a matrix of comparisons.

        Args:
            scores: float32, shape (m, N): probe by reference.
            right: integers, shape (m,): the column of each probe's own reference.

        Raises:
            ValueError: if a column isn't there.
        """
        if right.shape != scores.shape[:1] or np.any(right < 0) or np.any(right >= scores.shape[1]):
            msg = "each probe's own reference is one of the columns"
            raise ValueError(msg)
        own = scores[np.arange(scores.shape[0]), right]
        return cls(scores=own, ranks=(scores >= own[:, None]).sum(axis=1))


def false_positive_identification_rate(highest: NDArray[np.floating], threshold: float) -> float:
    """Return the FPIR: the share of searches of strangers that name at least one enrolled person.

    Args:
        highest: shape (n,): the highest score of each stranger's search; minus infinity where no template
            came out.
        threshold: the score from which a reference is named.

    Raises:
        ValueError: if there are no searches, or a score isn't a number.
    """
    _require_numbers(highest)
    return float(np.mean(highest >= threshold))


def false_negative_identification_rate(
    searches: MatedSearches, threshold: float, *, rank: int | None = None
) -> float:
    """Return the FNIR(N, R, T): the share of mated searches that don't return the right reference.

    Args:
        searches: of people who are enrolled, in a gallery of N.
        threshold: T, the score from which a reference is named; minus infinity for a closed list.
        rank: R, how many candidates are returned at most; any number if left out.

    Raises:
        ValueError: if there are no searches, or the rank is below 1.
    """
    _require_numbers(searches.scores)
    missed = (searches.scores < threshold) | np.isneginf(searches.scores)
    if rank is not None:
        if rank < 1:
            msg = "the first rank is 1"
            raise ValueError(msg)
        missed |= searches.ranks > rank
    return float(np.mean(missed))


def failure_rate(failed: int, attempts: int) -> float:
    """Return the failure-to-acquire rate of captures, or the failure-to-enrol rate of people.

    Raises:
        ValueError: if there are no attempts, or more failures than attempts.
    """
    if attempts < 1 or not 0 <= failed <= attempts:
        msg = "a rate of failures needs attempts, and no more failures than those"
        raise ValueError(msg)
    return failed / attempts


def _require_numbers(scores: NDArray[np.floating]) -> None:
    if scores.size == 0:
        msg = "no searches, no rate"
        raise ValueError(msg)
    if np.any(np.isnan(scores)):
        msg = "a score is a number"
        raise ValueError(msg)
