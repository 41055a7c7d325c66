"""A 95 % interval, as tables and decisions state it."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Interval"]


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval, both ends included.

    Raises:
        ValueError: if the ends aren't finite and in order.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low <= self.high):
            msg = "an interval has two finite ends in order"
            raise ValueError(msg)
