"""What the keyed rotation of templates changes, and what it gives away, measured on a data set.

Rules kept here:

* Accuracy with protection is measured as it is without: the same pairs, through the same doors.
* Linkability (``D_sys``) stands beside its sampling null, for several pairs of keys, and beside what one key
  gives; beside it the attack that works: fitting the rotation between two places from people known in both.
* For linkability everybody counts once, with the first two pictures: scores of one person's many pictures
  depend on one another, and a null that shuffles them as if they didn't is too narrow.
* Nothing here says that a template can't be turned back into a face. Who has the key has the vector.
* Keys of a measurement come from its seed, so that it can be repeated; nothing that is kept is under them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.evaluation.datasets import PairDataset
from countenance.evaluation.unlinkability import Unlinkability, linked_by_alignment, unlinkability
from countenance.evaluation.verification import NOT_COMPARED, VerificationAccuracy
from countenance.templates import KeyedRotation

__all__ = [
    "LinkedShare",
    "ProtectionMeasured",
    "measure_protection",
    "measuring_rotation",
    "two_pictures_each",
]

_KEY_PAIRS: Final = 10
_KNOWN: Final = (4, 16, 64, 128, 256, 512)
_DRAWS: Final = 3
_BINS: Final = 60


@dataclass(frozen=True, slots=True)
class LinkedShare:
    """How many of the others are linked between two places by a thief who knows some people in both.

    Attributes:
        known: how many the thief knows.
        linked: share of the others, in [0, 1]; mean of three draws of the known ones.
        others: how many there are.
    """

    known: int
    linked: float
    others: int


@dataclass(frozen=True, slots=True, eq=False)
class ProtectionMeasured:
    """Aggregates of one measurement.

    Attributes:
        accuracy: of the protected templates, as that of the plain ones.
        largest_score_change: of any pair.
        det_change: the most genuine pairs by which the two DET curves differ at any false match rate.
        one_key: linkability where both places have one key.
        two_keys: linkability where they have two, for each pair of keys.
        linked: by alignment, between two places with two keys.
        edges: float64, shape (b + 1,): of the histograms.
        mated: int64, shape (b,): scores of one person's templates under the first pair of keys.
        non_mated: int64, shape (b,): of two people's.
    """

    accuracy: VerificationAccuracy
    largest_score_change: float
    det_change: int
    one_key: Unlinkability
    two_keys: tuple[Unlinkability, ...]
    linked: tuple[LinkedShare, ...]
    edges: NDArray[np.float64] = field(repr=False)
    mated: NDArray[np.int64] = field(repr=False)
    non_mated: NDArray[np.int64] = field(repr=False)

    @property
    def above_null(self) -> int:
        """How many pairs of keys give more than unlinkable templates would 19 times in 20."""
        return sum(not one.within_null for one in self.two_keys)


def measuring_rotation(dimensions: int, *, seed: int, number: int) -> KeyedRotation:
    """Return a rotation for measuring with; its key is made from the seed, so it protects nothing."""
    return KeyedRotation(
        hashlib.sha256(f"measuring/{seed}/{number}".encode()).digest(), dimensions=dimensions
    )


def two_pictures_each(
    owners: NDArray[np.int64], found: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first and the second picture with a template of everybody who has two.

    Args:
        owners: int64, shape (pictures,).
        found: bool, shape (pictures,).
    """
    usable = np.flatnonzero(found)
    order = usable[np.argsort(owners[usable], kind="stable")]
    whose = owners[order]
    starts = np.flatnonzero(np.concatenate([[True], whose[1:] != whose[:-1]])) if order.size else order
    having = [int(start) for start in starts if start + 1 < whose.size and whose[start + 1] == whose[start]]
    return order[having], order[[start + 1 for start in having]]


def measure_protection(
    dataset: PairDataset,
    vectors: NDArray[np.float32],
    found: NDArray[np.bool_],
    *,
    plain_scores: NDArray[np.float32],
    protected_scores: NDArray[np.float32],
    accuracy: VerificationAccuracy,
    seed: int,
) -> ProtectionMeasured:
    """Measure what protection changed and what protected templates give away.

    Args:
        dataset: the pairs; twenty people at least with two pictures that gave a vector.
        vectors: float32, shape (pictures, d), as the network made them.
        found: bool, shape (pictures,): which pictures gave one.
        plain_scores: float32, shape (pairs,).
        protected_scores: the same pairs' under one key.
        accuracy: measured on ``protected_scores``.
        seed: of the keys, the shuffles and the draws.

    Raises:
        ValueError: if there are fewer than twenty such people.
    """
    compared = (plain_scores != NOT_COMPARED) & (protected_scores != NOT_COMPARED)
    same = dataset.same[compared]
    change = np.abs(plain_scores[compared].astype(np.float64) - protected_scores[compared])
    first, second = two_pictures_each(dataset.owners, found)
    edges, counts = np.linspace(-1.0, 1.0, _BINS + 1), []
    mated, non_mated = _scores(vectors[first], vectors[second])
    one_key, two_keys = unlinkability(mated, non_mated, seed=seed), []
    for number in range(_KEY_PAIRS):
        mated, non_mated = _across(vectors[first], vectors[second], seed=seed, number=number)
        two_keys.append(unlinkability(mated, non_mated, seed=seed + number))
        counts.append([np.histogram(kind, edges)[0].astype(np.int64) for kind in (mated, non_mated)])
    plain = plain_scores[compared]
    return ProtectionMeasured(
        accuracy=accuracy,
        largest_score_change=float(change.max(initial=0.0)),
        det_change=_det_change(plain, protected_scores[compared], same),
        one_key=one_key,
        two_keys=tuple(two_keys),
        linked=_linked(vectors, dataset.owners, found, seed=seed),
        edges=edges,
        mated=counts[0][0],
        non_mated=counts[0][1],
    )


def _across(
    here: NDArray[np.float32], there: NDArray[np.float32], *, seed: int, number: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the scores where the first pictures are under one key and the second under another."""
    one, other = (
        measuring_rotation(here.shape[1], seed=seed, number=1 + 2 * number + side).protect(vectors)
        for side, vectors in enumerate((here, there))
    )
    scores = _scores(one, other)
    one[...] = other[...] = 0.0
    return scores


def _scores(
    one: NDArray[np.float32], other: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return everybody's score with himself and with the next person; each takes part once in either."""
    mated, non_mated = (
        np.einsum("ij,ij->i", one, whose, dtype=np.float64) for whose in (other, np.roll(other, -1, axis=0))
    )
    return mated, non_mated


def _linked(
    vectors: NDArray[np.float32], owners: NDArray[np.int64], found: NDArray[np.bool_], *, seed: int
) -> tuple[LinkedShare, ...]:
    first, second = two_pictures_each(owners, found)
    here = measuring_rotation(vectors.shape[1], seed=seed, number=1).protect(vectors[first])
    there = measuring_rotation(vectors.shape[1], seed=seed, number=2).protect(vectors[second])
    shares = []
    for known in (number for number in _KNOWN if number < len(first)):
        source = np.random.default_rng([seed, known])
        drawn = [
            linked_by_alignment(
                here, there, known=source.choice(len(first), known, replace=False).astype(np.int64)
            )
            for _ in range(_DRAWS)
        ]
        shares.append(LinkedShare(known, float(np.mean(drawn)), len(first) - known))
    here[...] = there[...] = 0.0
    return tuple(shares)


def _det_change(plain: NDArray[np.float32], protected: NDArray[np.float32], same: NDArray[np.bool_]) -> int:
    """Return by how many genuine pairs the curves differ most, at any number of false matches."""
    curves = []
    for scores in (plain, protected):
        genuine, strictest_first = np.sort(scores[same]), np.sort(scores[~same])[::-1]
        # With so many false matches allowed, the threshold is just above the next impostor's score.
        curves.append(np.searchsorted(genuine, strictest_first, side="right"))
    return int(np.abs(curves[0] - curves[1]).max(initial=0))
