"""Error versus discard: does leaving out pictures of low quality lower the error? (ISO/IEC 29794-1).

Rules kept here:

* A comparison is as good as the worse of its two pictures.
* Comparisons of equal quality go together or not at all, so the order of a list never makes a figure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["DiscardPoint", "error_versus_discard"]


@dataclass(frozen=True, slots=True)
class DiscardPoint:
    """One point of the curve.

    Attributes:
        discarded: share of genuine comparisons left out, in [0, 1).
        fnmr: false non-match rate of those that stay.
        kept: how many stay.
    """

    discarded: float
    fnmr: float
    kept: int


def error_versus_discard(
    scores: NDArray[np.floating], quality: NDArray[np.floating], threshold: float
) -> tuple[DiscardPoint, ...]:
    """Return the FNMR as ever better pictures are asked for, from nothing left out on.

    Args:
        scores: shape (g,): genuine scores.
        quality: shape (g, 2): of the two pictures of each; higher is better.
        threshold: the score from which two faces match; it stays as it is.

    Raises:
        ValueError: if there are no comparisons, shapes differ, or a number is missing.
    """
    if scores.size == 0 or quality.shape != (scores.size, 2):
        msg = "no comparisons, no rate; and each comparison has two qualities"
        raise ValueError(msg)
    if np.any(np.isnan(scores)) or np.any(np.isnan(quality)):
        msg = "scores and qualities are numbers"
        raise ValueError(msg)
    worse = quality.min(axis=1)
    order = np.argsort(worse, kind="stable")
    missed = scores[order] < threshold
    # missed_from[i]: misses among comparisons i and on.
    missed_from = np.cumsum(missed[::-1])[::-1]
    starts = np.flatnonzero(np.diff(worse[order], prepend=-np.inf) != 0)
    if starts.size == 0 or starts[0] != 0:
        starts = np.concatenate([[0], starts])
    return tuple(
        DiscardPoint(
            discarded=int(start) / scores.size,
            fnmr=int(missed_from[start]) / (scores.size - int(start)),
            kept=scores.size - int(start),
        )
        for start in starts
    )
