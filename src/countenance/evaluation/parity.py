"""Are some people wronged more often than others? Error rates by group, with intervals.

Rules kept here:

* Groups are what the data's own list says. What the list doesn't say isn't guessed, and isn't measured.
* What is held against the limit is the upper end of the interval of largest over smallest FMR. A figure that
  the data don't bound fails.
* False matches within a group, since strangers of one group are mistaken for one another most; between groups
  beside it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.decisions import LARGEST_RATIO
from countenance.evaluation.differentials import Differential, false_match_differential
from countenance.evaluation.impostors import ImpostorComparisons, group_false_match_rates
from countenance.evaluation.rates import Estimate, share_by_people

__all__ = ["NOT_IN_THE_LIST", "GroupRates", "ParityLevel", "measure_parity"]

NOT_IN_THE_LIST: Final = ("age", "skin tone", "origin", "disability")
"""What no list that is read here says of anybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRates:
    """One group at one threshold.

    Attributes:
        people: how many are in it.
        false_matches: FMR between different people of the group.
        false_non_matches: FNMR of its people; ``None`` without pairs of one person.
    """

    people: int
    false_matches: Estimate
    false_non_matches: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParityLevel:
    """The groups at the threshold of one level.

    Attributes:
        asked: the false match rate that the threshold was measured for.
        groups: group to its rates.
        between: FMR between people of two groups.
        differential: largest over smallest FMR of the groups.
    """

    asked: float
    groups: Mapping[str, GroupRates]
    between: Estimate
    differential: Differential

    @property
    def bounded(self) -> bool:
        """Whether the data bound the differential at all."""
        return math.isfinite(self.differential.high)

    @property
    def within_limit(self) -> bool:
        """Whether the upper end of its interval stays within the limit."""
        return self.differential.high <= LARGEST_RATIO


def measure_parity(
    comparisons: ImpostorComparisons,
    *,
    groups: Mapping[str, NDArray[np.int64]],
    levels: Sequence[tuple[float, float]],
    genuine: NDArray[np.float32],
    genuine_owners: NDArray[np.integer],
    drawn: NDArray[np.int16],
) -> tuple[ParityLevel, ...]:
    """Measure the groups at each level.

    Args:
        comparisons: all impostor comparisons of the set.
        groups: two groups, to who is in them, as numbers of people; nobody is in both.
        levels: asked false match rate and threshold.
        genuine: float32, shape (g,): scores of pairs of one person.
        genuine_owners: shape (g,): whose they are.
        drawn: from :func:`countenance.evaluation.resample_identities`, shape (replicates, people).

    Raises:
        ValueError: if there aren't two groups with two people each, or a threshold lies below what was kept.
    """
    if len(groups) != 2 or any(members.size < 2 for members in groups.values()):  # noqa: PLR2004
        msg = "two groups with two people each have something to differ in"
        raise ValueError(msg)
    inside = {name: _mask(members, comparisons.images.size) for name, members in groups.items()}
    one, other = inside.values()
    measured = []
    for asked, threshold in levels:
        above = comparisons.scores >= threshold
        measured.append(
            ParityLevel(
                asked=asked,
                groups={
                    name: GroupRates(
                        people=int(mask.sum()),
                        false_matches=group_false_match_rates(
                            comparisons, threshold, drawn, one=mask, other=mask
                        ),
                        false_non_matches=_missed(genuine, genuine_owners, mask, threshold, drawn),
                    )
                    for name, mask in inside.items()
                },
                between=group_false_match_rates(comparisons, threshold, drawn, one=one, other=other),
                differential=false_match_differential(
                    groups,
                    pictures=comparisons.images,
                    false_matches=np.stack([comparisons.left[above], comparisons.right[above]], axis=1),
                    drawn=drawn,
                ),
            )
        )
    return tuple(measured)


def _mask(members: NDArray[np.int64], people: int) -> NDArray[np.bool_]:
    mask = np.zeros(people, dtype=np.bool_)
    mask[members] = True
    return mask


def _missed(
    scores: NDArray[np.float32],
    owners: NDArray[np.integer],
    inside: NDArray[np.bool_],
    threshold: float,
    drawn: NDArray[np.int16],
) -> Estimate | None:
    own = inside[owners]
    if not own.any():
        return None
    return share_by_people(scores[own] < threshold, owners[own], drawn)
