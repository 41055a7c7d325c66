"""Blinks in a series of eye openness, against the person's own open eyes. Pure.

A blink is reported and never scored: openness of closed eyes, as a landmark network measures it, hasn't been
measured on real ones, and a recording blinks as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Blink", "blinks_in"]

_OPEN_PERCENTILE: Final = 80
_LEAST_FRAMES: Final = 12


@dataclass(frozen=True, slots=True)
class Blink:
    """Lids that fell and rose.

    Attributes:
        at: seconds at which they were lowest.
        seconds: for how long they were below the line.
        depth: lowest openness as a share of the person's own open eyes.
    """

    at: float
    seconds: float
    depth: float


def blinks_in(
    taken: NDArray[np.float64],
    openness: NDArray[np.float64],
    *,
    below: float = 0.75,
    longest: float = 0.6,
) -> tuple[Blink, ...]:
    """Return the blinks of a series.

    Args:
        taken: float64, shape (F,): seconds, rising.
        openness: float64, shape (F,): of the wider open eye; NaN where it wasn't measured.
        below: share of the person's own openness, the 80th percentile of the series, below which the lids are
            down. On rendered faces an iris network's contour falls by about a quarter when lids shut.
        longest: seconds after which lids that stay down are no blink.
    """
    known = np.isfinite(openness)
    if int(known.sum()) < _LEAST_FRAMES:
        return ()
    own = float(np.percentile(openness[known], _OPEN_PERCENTILE))
    if own <= 0:
        return ()
    down = known & (openness < below * own)
    found = []
    edges = np.flatnonzero(np.diff(np.concatenate([[0], down.astype(np.int8), [0]])))
    for first, after in zip(edges[::2], edges[1::2], strict=True):
        # Lids that are down at either end of the series, or beside a gap, weren't seen to fall and rise.
        if first == 0 or after == len(down) or not (known[first - 1] and known[after]):
            continue
        lowest = int(first + np.argmin(openness[first:after]))
        seconds = float(taken[after] - taken[first - 1])
        if seconds <= longest:
            found.append(Blink(float(taken[lowest]), seconds, float(openness[lowest]) / own))
    return tuple(found)
