"""How well protected templates of one person in two places can be told to belong together.

``D_sys`` is the measure of Gomez-Barrero, Galbally, Rathgeb and Busch, "General Framework to Evaluate
Unlinkability in Biometric Template Protection Systems" (IEEE TIFS 13, 2018), which ISO/IEC 30136 takes up: 0
where the scores of one person's templates look like those of two people's, 1 where no score is shared.

Rules kept here:

* A figure stands beside its sampling null: what the same number of scores gives when nothing can be linked,
  found by shuffling who is who. A finite sample never gives 0.
* It measures one attack, the one that compares scores. That templates can't be linked by it says nothing of
  whether they can be turned back into faces, and is never offered as proof of that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Unlinkability", "linked_by_alignment", "system_linkability", "unlinkability"]

_LEAST_SCORES: Final = 20
_SHUFFLES: Final = 100


@dataclass(frozen=True, slots=True)
class Unlinkability:
    """What comparing protected templates of two places gives away.

    Attributes:
        d_sys: in [0, 1]; 0 is unlinkable.
        null_mean: the mean of ``d_sys`` where nothing can be linked, of as many scores.
        null_high: the 95th percentile of it.
        mated: how many scores of one person were counted.
        non_mated: how many of two people.
    """

    d_sys: float
    null_mean: float
    null_high: float
    mated: int
    non_mated: int

    @property
    def within_null(self) -> bool:
        """Whether the figure is one that unlinkable templates would give 19 times in 20."""
        return self.d_sys <= self.null_high


def unlinkability(
    mated: NDArray[np.floating], non_mated: NDArray[np.floating], *, seed: int, shuffles: int = _SHUFFLES
) -> Unlinkability:
    """Return ``D_sys`` of two sets of linkage scores beside its sampling null.

    Args:
        mated: scores between protected templates of one person, shape (n,), n >= 20.
        non_mated: scores between protected templates of two people, shape (m,), m >= 20.
        seed: of the shuffles.
        shuffles: how many there are, at least 20.

    Raises:
        ValueError: if there are too few scores, or one isn't finite.
    """
    if shuffles < _LEAST_SCORES:
        msg = "a sampling null takes twenty shuffles or more"
        raise ValueError(msg)
    measured = system_linkability(mated, non_mated)
    source = np.random.default_rng(seed)
    together = np.concatenate([mated, non_mated])
    nulls = np.empty(shuffles)
    for turn in range(shuffles):
        mixed = source.permutation(together)
        nulls[turn] = system_linkability(mixed[: len(mated)], mixed[len(mated) :])
    return Unlinkability(
        d_sys=measured,
        null_mean=float(nulls.mean()),
        null_high=float(np.quantile(nulls, 0.95)),
        mated=len(mated),
        non_mated=len(non_mated),
    )


def system_linkability(mated: NDArray[np.floating], non_mated: NDArray[np.floating]) -> float:
    """Return ``D_sys`` of two sets of linkage scores, in [0, 1].

    The densities are histograms over the common range with as many bins as the cube root of the smaller set
    asks for (Rice's rule); both prior probabilities are taken as equal, as in the source.

    Args:
        mated: shape (n,), n >= 20.
        non_mated: shape (m,), m >= 20.

    Raises:
        ValueError: if there are too few scores, or one isn't finite.
    """
    fewest = min(len(mated), len(non_mated))
    if fewest < _LEAST_SCORES or not (np.isfinite(mated).all() and np.isfinite(non_mated).all()):
        msg = "linkability is measured on twenty finite scores of either kind or more"
        raise ValueError(msg)
    bins = max(2, round(2 * fewest ** (1 / 3)))
    low = min(float(mated.min()), float(non_mated.min()))
    high = max(float(mated.max()), float(non_mated.max()))
    if not high > low:
        return 0.0
    one, _ = np.histogram(mated, bins=bins, range=(low, high))
    two, _ = np.histogram(non_mated, bins=bins, range=(low, high))
    p, q = one / len(mated), two / len(non_mated)
    # D(s) = 2 LR / (1 + LR) - 1 where LR = p/q > 1, else 0; written without the quotient, so that a bin
    # that only one person's scores fall into counts in full.
    local = np.where(p > q, 2 * p / np.maximum(p + q, np.finfo(np.float64).tiny) - 1, 0.0)
    return float((local * p).sum())


def linked_by_alignment(
    one: NDArray[np.float32], other: NDArray[np.float32], *, known: NDArray[np.int64]
) -> float:
    """Return the share of people whom a thief links who knows some of them in both places.

    The attack is orthogonal Procrustes: from the known pairs the rotation between the two places is fitted
    with least squared error, all templates of the one are turned by it, and each is given the nearest of the
    other. Source: P. Schönemann, "A generalized solution of the orthogonal Procrustes problem" (1966).

    Args:
        one: protected templates of one place, float32, shape (n, d), row i person i.
        other: those of the same people in the other place, shape (n, d).
        known: rows whose pairs the thief knows, shape (k,), k >= 1.

    Returns:
        Of the people that weren't known, in [0, 1].

    Raises:
        ValueError: if the shapes differ, nobody is known or everybody is.
    """
    unknown = np.setdiff1d(np.arange(len(one)), known)
    if one.shape != other.shape or not len(known) or not len(unknown):
        msg = "people are linked between two places of the same people, some known and some not"
        raise ValueError(msg)
    left, _, right = np.linalg.svd(one[known].astype(np.float64).T @ other[known].astype(np.float64))
    turned = one[unknown].astype(np.float64) @ (left @ right)
    nearest = np.argmax(turned @ other.astype(np.float64).T, axis=1)
    return float((nearest == unknown).mean())
