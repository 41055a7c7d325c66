"""Whether the people of one group are falsely matched much more often than those of another.

Rules of this module:

* What counts is the upper 95 % bound of the largest over the smallest false match rate of an attribute's
  groups (ISO/IEC 19795-10), at the threshold that is used. A ratio that the data don't bound is no ratio.
* An adverse use, one that is turned against whoever is found, needs every attribute of
  :data:`DEMOGRAPHICS` measured and bounded by :data:`LARGEST_RATIO`. What wasn't measured fails.
* It needs them measured on the deployment's own people. A table that came with a version was measured on
  other ones: press photographs say nothing of people who are hardly among them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["DEMOGRAPHICS", "LARGEST_RATIO", "MeasuredParity", "parity_shortfalls"]

LARGEST_RATIO: Final = 3.0
"""Above it no adverse use; the house's own limit, on the upper bound of largest over smallest."""
DEMOGRAPHICS: Final = ("age", "gender", "origin")
"""What an adverse use needs measured: age, gender, and where people or their parents come from. By these NIST
found false match rates to differ most (IR 8280, 2019)."""


@dataclass(frozen=True, slots=True)
class MeasuredParity:
    """How much more often the worst group of an attribute is falsely matched than the best, at one threshold.

    Attributes:
        attribute: by what people were grouped, such as ``gender``.
        groups: in words, at least two, such as ``women`` and ``men``.
        ratio: largest over smallest false match rate, at least 1; infinity if a group has none.
        low: lower end of its 95 % interval (bootstrap over identities).
        high: upper end; infinity where the data don't bound it.

    Raises:
        ValueError: if there is nothing to compare, or a ratio can't be one.
    """

    attribute: str
    groups: tuple[str, ...]
    ratio: float
    low: float
    high: float

    def __post_init__(self) -> None:
        numbers = (self.ratio, self.low, self.high)
        if len(set(self.groups)) < 2 or len(set(self.groups)) != len(self.groups):  # noqa: PLR2004
            msg = "two groups or more have something to differ in"
            raise ValueError(msg)
        if any(math.isnan(number) or number < 1.0 for number in numbers) or self.low > self.high:
            msg = "the largest of several rates isn't below the smallest"
            raise ValueError(msg)

    @property
    def bounded(self) -> bool:
        """Whether the data bound it at all."""
        return math.isfinite(self.high)

    @property
    def within_limit(self) -> bool:
        """Whether its upper bound stays within :data:`LARGEST_RATIO`."""
        return self.high <= LARGEST_RATIO

    @property
    def words(self) -> str:
        """The ratio in one phrase."""
        high = f"{self.high:.2f}" if self.bounded else "unbounded"
        groups = ", ".join(self.groups)
        return f"{self.attribute} ({groups}): {self.ratio:.2f} [{self.low:.2f}, {high}]"


def parity_shortfalls(measured: Sequence[MeasuredParity], *, own_people: bool) -> tuple[str, ...]:
    """Return what stands against an adverse use, in sentences; empty if nothing does.

    Args:
        measured: what was measured at the threshold that is used, or at a higher one.
        own_people: whether it was measured on people of this deployment.
    """
    found = []
    if not own_people:
        found.append("The error table was measured on other people than this deployment's.")
    for attribute in DEMOGRAPHICS:
        about = [one for one in measured if one.attribute == attribute]
        if not about:
            found.append(f"Groups by {attribute} were not measured.")
        found += [_shortfall(one) for one in about if not one.within_limit]
    return tuple(found)


def _shortfall(one: MeasuredParity) -> str:
    by = f"By {one.attribute} ({', '.join(one.groups)})"
    if not one.bounded:
        return f"{by}, the data don't bound how much more often one group is falsely matched."
    return (
        f"{by}, one group may be falsely matched {one.high:.2f} times as often as another; an adverse use "
        f"takes {LARGEST_RATIO:g} at most."
    )
