"""What a search is asked and what it answers. Pure.

Rules kept here:

* A probe of any length is searched for at a length between 1/2 and 1, so that a bound made for unit vectors
  holds. It is scaled by a power of two, which rounds nothing; exact scores are the given probe's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from countenance.gallery.kernels import Survivors

__all__ = [
    "Candidate",
    "SearchAnswer",
    "SearchFilter",
    "Wanted",
    "brought_near_one",
    "raised",
    "rounded_down",
]

_BEYOND = 4
"""No score of a probe brought near length 1 lies beyond this, and no bound of one. The exponent of a larger
number is larger, too."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One reference of an answer.

    Attributes:
        reference_id: which.
        score: the inner product of the vectors, float64: the cosine, if the probe has length 1. Left out of
            ``repr``: an exact score that is shown is a hill to climb.
    """

    reference_id: str
    score: float = field(repr=False)


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """What a search found, and how it is known to be complete.

    Attributes:
        candidates: best first; ties in the order of their identifiers.
        compared: how many references took part.
        rescored: how many were scored in full precision, since the bound didn't exclude them.
        certified: always true; an answer that isn't proved equal to the full search isn't given.
        kernel: what ran.
    """

    candidates: tuple[Candidate, ...]
    compared: int
    rescored: int
    certified: bool
    kernel: str


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """Which references take part.

    Attributes:
        at: only those valid at this moment; ``None``: whatever their validity.
        groups: only those of these groups; ``None``: all.
    """

    at: datetime | None = None
    groups: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a search asks for: so many best ones (0: no limit) that reach a score (``None``: any)."""

    most: int
    at_least: float | None

    @classmethod
    def of(cls, most: int | None, at_least: float | None) -> Wanted:
        """Return what is asked for.

        Raises:
            ValueError: if neither is stated, the number isn't positive, or the score is none.
        """
        if (most is None and at_least is None) or (most is not None and most < 1):
            msg = "a search states how many it wants, at least one, or a least score"
            raise ValueError(msg)
        if at_least is not None and math.isnan(at_least):
            msg = "a least score is a number"
            raise ValueError(msg)
        return cls(most or 0, at_least)

    def floor(self, exponent: int) -> float:
        """Return the least score for a probe that was divided by ``2 ** exponent``."""
        if not self.at_least:
            return -np.inf if self.at_least is None else 0.0
        _, own = math.frexp(self.at_least)
        if math.isinf(self.at_least) or own - exponent > _BEYOND:
            return math.copysign(_BEYOND, self.at_least)
        return math.ldexp(self.at_least, -exponent)


def brought_near_one(probe: NDArray[np.float32]) -> tuple[NDArray[np.float32], int]:
    """Return a probe divided by a power of two, and the power.

    Its length then lies between 1/2 and 1. A coordinate may underflow beside ones 2^100 times larger; by less
    than 2^-149, which the bound's slack of 1e-5 covers.

    Args:
        probe: float32, shape (d,), finite.
    """
    wide = probe.astype(np.float64)
    _, exponent = math.frexp(float(np.sqrt(wide @ wide)))
    return np.ldexp(wide, -exponent).astype(np.float32), exponent


def raised(
    best: NDArray[np.float64], survivors: Survivors | None, most: int, floor: float
) -> tuple[NDArray[np.float64], float]:
    """Return the largest lower bounds so far, and the floor that follows from them."""
    if not most or survivors is None:
        return best, floor
    lowers = 2.0 * survivors.scores.astype(np.float64) - survivors.uppers
    best = np.sort(np.concatenate([best, lowers]))[-most:]
    return best, max(floor, float(best[0])) if best.size == most else floor


def rounded_down(floors: NDArray[np.float64] | np.float64) -> NDArray[np.float32]:
    """Return floors that don't grow by becoming float32."""
    return np.nextafter(np.asarray(floors, dtype=np.float32), np.float32(-np.inf))
