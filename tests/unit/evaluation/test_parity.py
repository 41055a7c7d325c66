from __future__ import annotations

import numpy as np
import pytest

from countenance.decisions import LARGEST_RATIO
from countenance.evaluation import collect_impostors, resample_identities
from countenance.evaluation.parity import ParityLevel, measure_parity

PEOPLE = 60
GROUPS = {"women": np.arange(20), "men": np.arange(20, PEOPLE)}
DRAWN = resample_identities(PEOPLE, replicates=200, seed=1)


def measured(threshold: float, *, tilt: float = 0.0) -> ParityLevel:
    """Return the groups among made-up people; those of the first lean towards one another by the tilt."""
    vectors = np.random.default_rng(3).normal(size=(2 * PEOPLE, 16)).astype(np.float32)
    owners = np.repeat(np.arange(PEOPLE), 2)
    vectors[owners < 20, 0] += tilt
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return measure_parity(
        collect_impostors(vectors, owners, excluded=(), keep=10_000),
        groups=GROUPS,
        levels=[(0.01, threshold)],
        genuine=np.array([0.1, 0.9, 0.8, 0.2], np.float32),
        genuine_owners=np.array([0, 1, 30, 31]),
        drawn=DRAWN,
    )[0]


def test_like_groups_have_a_ratio_near_one() -> None:
    level = measured(0.3)
    assert level.differential.low <= level.differential.ratio <= level.differential.high
    assert level.differential.ratio < 1.6
    assert level.within_limit
    assert level.bounded


def test_a_group_whose_people_are_alike_fails_the_limit() -> None:
    level = measured(0.3, tilt=4.0)
    assert level.groups["women"].false_matches.value > level.groups["men"].false_matches.value
    assert level.differential.ratio > LARGEST_RATIO
    assert not level.within_limit


def test_nothing_seen_is_not_equal_treatment() -> None:
    level = measured(0.99)
    assert not level.bounded
    assert not level.within_limit


def test_the_rates_are_what_a_count_gives() -> None:
    level = measured(0.3)
    women = level.groups["women"].false_matches
    # Twenty people with two pictures: four comparisons for each of 190 pairs of people.
    assert women.of == 190 * 4
    assert level.between.of == 20 * 40 * 4
    assert level.differential.rates["women"] == pytest.approx(women.value, abs=1e-12)


def test_misses_are_of_the_groups_own_pairs() -> None:
    level = measured(0.3)
    for group in ("women", "men"):
        missed = level.groups[group].false_non_matches
        assert missed is not None
        assert (missed.seen, missed.of) == (1, 2)


@pytest.mark.parametrize(
    "groups",
    [{"women": np.arange(3)}, {"women": np.arange(3), "men": np.array([5])}, {}],
    ids=["one group", "a group of one", "none"],
)
def test_two_groups_of_two_are_needed(groups: dict[str, np.ndarray]) -> None:
    with pytest.raises(ValueError, match="two groups"):
        measure_parity(
            collect_impostors(np.eye(6, dtype=np.float32), np.arange(6), excluded=(), keep=10),
            groups=groups,
            levels=[(0.01, 0.5)],
            genuine=np.empty(0, np.float32),
            genuine_owners=np.empty(0, np.int64),
            drawn=DRAWN[:, :6],
        )
