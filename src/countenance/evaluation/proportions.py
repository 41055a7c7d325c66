"""Exact intervals of a share of independent people (Clopper and Pearson, 1934).

Rules kept here:

* Nothing seen isn't nothing there: of none among n the upper end is 1 - 0.025^(1/n), about 3.7 / n.
* For people, who are independent; comparisons that share a person are not.
"""

from __future__ import annotations

import math

__all__ = ["share_interval", "upper_share"]

_STEPS = 100


def share_interval(seen: int, of: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return the two-sided exact interval of a share.

    Args:
        seen: how many people it happened to.
        of: how many there were; at least 1.
        confidence: in (0, 1).

    Raises:
        ValueError: if an argument is out of range.
    """
    tail = (1.0 - confidence) / 2.0
    return _lower(seen, of, tail), _upper(seen, of, tail)


def upper_share(seen: int, of: int, *, confidence: float = 0.95) -> float:
    """Return the one-sided exact upper bound of a share: of none among n, about 3 / n (rule of three).

    Raises:
        ValueError: if an argument is out of range.
    """
    return _upper(seen, of, 1.0 - confidence)


def _upper(seen: int, of: int, tail: float) -> float:
    _require(seen, of, tail)
    if seen == of:
        return 1.0
    # The share at which seeing so few becomes as rare as the tail: the probability falls as the share rises.
    low, high = seen / of, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        if _at_most(seen, of, middle) > tail:
            low = middle
        else:
            high = middle
    return high


def _lower(seen: int, of: int, tail: float) -> float:
    _require(seen, of, tail)
    return 1.0 - _upper(of - seen, of, tail)


def _at_most(seen: int, of: int, share: float) -> float:
    """Return the probability of at most ``seen`` among ``of`` (binomial)."""
    if share >= 1.0:
        return 1.0 if seen >= of else 0.0
    if share <= 0.0:
        return 1.0
    yes, no = math.log(share), math.log1p(-share)
    ways = math.lgamma(of + 1)
    return math.fsum(
        math.exp(ways - math.lgamma(k + 1) - math.lgamma(of - k + 1) + k * yes + (of - k) * no)
        for k in range(seen + 1)
    )


def _require(seen: int, of: int, tail: float) -> None:
    if of < 1 or not 0 <= seen <= of or not 0.0 < tail < 1.0:
        msg = "a share needs people, no more of them than there are, and a confidence between 0 and 1"
        raise ValueError(msg)
