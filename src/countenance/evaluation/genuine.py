"""Pairs of pictures of one person, out of a set of people.

Rules kept here:

* Each picture with the next of the same person, so that somebody with five hundred pictures makes five
  hundred pairs and not a hundred thousand; and at most twenty, so that nobody is the measure of all.
* A pair without a template is no match: failing to see a face doesn't make a system better.
"""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.evaluation.people import PeopleSet

__all__ = ["MOST_PAIRS", "genuine_pairs", "genuine_scores"]

MOST_PAIRS: Final = 20
"""Pairs of one person at most. House value."""


def genuine_pairs(people: PeopleSet) -> NDArray[np.int64]:
    """Return pairs of pictures of one person, int64, shape (pairs, 2): each with the next of the person."""
    pairs = []
    for person in range(people.people):
        own = np.flatnonzero(people.owners == person)
        pairs += list(itertools.pairwise(own))[:MOST_PAIRS]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def genuine_scores(
    pairs: NDArray[np.int64], vectors: NDArray[np.float32], found: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Return the cosine of each pair; minus infinity where one of the two gave no template.

    Args:
        pairs: int64, shape (pairs, 2): pictures as numbers.
        vectors: float32, shape (pictures, d), each of length 1 where there is one.
        found: bool, shape (pictures,).
    """
    scores = np.einsum("ij,ij->i", vectors[pairs[:, 0]], vectors[pairs[:, 1]])
    scores[~found[pairs].all(axis=1)] = -np.inf
    return np.asarray(scores, dtype=np.float32)
