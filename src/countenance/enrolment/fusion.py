"""Several samples of one person, fused into one reference. Pure.

The reference is the mean of the samples' unit vectors, brought to length 1 again. On the development data,
misses at a false positive identification rate of 1 % fall from 4.2 % with one sample to 0.9 % with three.

Rules kept here:

* A sample is held against the mean of all the others. The one that fits worst is left out while it is below
  the threshold, then the rest is looked at again.
* What is left is more than half of what was given, or nobody is enrolled: of two that don't fit each other
  it can't be said which is the person.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from countenance.enrolment.errors import SamplesDisagree

__all__ = ["FusedSamples", "fuse_samples"]

_LEAST_LENGTH = 1e-6
"""Vectors that cancel each other out have no mean direction."""


@dataclass(frozen=True, slots=True, eq=False)
class FusedSamples:
    """One person's samples as one vector.

    Attributes:
        vector: float32, shape (d,), of length 1, fresh; the caller's to wipe. Left out of ``repr``.
        kept: the rows that are in it, ascending.
        left_out: the rows that don't fit the others, ascending.
    """

    vector: NDArray[np.float32] = field(repr=False)
    kept: tuple[int, ...]
    left_out: tuple[int, ...]


def fuse_samples(vectors: NDArray[np.float32], *, least: float) -> FusedSamples:
    """Fuse the vectors of one person's pictures.

    Args:
        vectors: float32, shape (n, d), n at least 1, each of length 1.
        least: the cosine that a sample reaches with the mean of the others: the threshold of comparing two
            pictures of one person, in (-1, 1).

    Raises:
        SamplesDisagree: if no more than half of them fit one another.
        ValueError: if there is no vector, or they aren't rows of float32.
    """
    if vectors.ndim != 2 or not len(vectors) or vectors.dtype != np.float32:  # noqa: PLR2004 - rows
        msg = "samples are rows of float32, and there is at least one"
        raise ValueError(msg)
    wide = vectors.astype(np.float64)
    try:
        kept = _fitting(wide, least)
        if 2 * len(kept) <= len(vectors):
            raise SamplesDisagree("The pictures don't show one person, as far as can be told.")
        total = wide[kept].sum(axis=0)
        length = float(np.linalg.norm(total))
        if length < _LEAST_LENGTH:
            raise SamplesDisagree("The pictures don't show one person, as far as can be told.")
        fused = (total / length).astype(np.float32)
        total[...] = 0.0
    finally:
        wide[...] = 0.0
    left_out = tuple(i for i in range(len(vectors)) if i not in set(kept))
    return FusedSamples(fused, tuple(kept), left_out)


def _fitting(vectors: NDArray[np.float64], least: float) -> list[int]:
    """Return the rows of which each fits the mean of the others."""
    kept = list(range(len(vectors)))
    while len(kept) > 1:
        own = vectors[kept]
        others = own.sum(axis=0) - own
        lengths = np.linalg.norm(others, axis=1)
        # Others that cancel each other out say nothing; nothing fits nothing.
        fits = np.where(
            lengths < _LEAST_LENGTH,
            -1.0,
            np.einsum("ij,ij->i", own, others) / np.maximum(lengths, _LEAST_LENGTH),
        )
        worst = int(np.argmin(fits))
        if fits[worst] >= least:
            break
        del kept[worst]
    return kept
