from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from countenance.evaluation.unlinkability import linked_by_alignment, system_linkability, unlinkability

SOURCE = np.random.default_rng(11)


def scores(mean: float, count: int, seed: int) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(mean, 1.0, count)


def rotation(dimensions: int, seed: int) -> NDArray[np.float64]:
    q, r = np.linalg.qr(np.random.default_rng(seed).normal(size=(dimensions, dimensions)))
    turned: NDArray[np.float64] = q * np.sign(np.diag(r))
    return turned


def people(count: int, dimensions: int, *, seed: int, noise: float) -> tuple[Any, Any]:
    """Two photographs of each person: unit vectors that differ a little."""
    source = np.random.default_rng(seed)
    base = source.normal(size=(count, dimensions))
    both = []
    for _ in range(2):
        seen = base + noise * source.normal(size=base.shape)
        both.append((seen / np.linalg.norm(seen, axis=1, keepdims=True)).astype(np.float32))
    return both[0], both[1]


def test_scores_that_share_no_value_are_fully_linkable() -> None:
    assert system_linkability(scores(50, 500, 1), scores(-50, 500, 2)) == pytest.approx(1.0)


def test_the_value_of_an_example_worked_by_hand() -> None:
    # Two bins. One person: 15 of 20 above; two people: 5 of 20 above. In the upper bin LR = 3, so D = 1/2,
    # and D_sys = 3/4 * 1/2; the lower bin has LR < 1 and counts nothing.
    one = np.array([0.0] * 5 + [1.0] * 15)
    two = np.array([0.0] * 15 + [1.0] * 5)
    assert system_linkability(one, two) == pytest.approx(0.375)


def test_scores_of_one_distribution_give_what_the_null_gives() -> None:
    found = unlinkability(scores(0, 2000, 3), scores(0, 2000, 4), seed=5)
    assert found.within_null
    assert 0.0 < found.null_mean < 0.1  # a finite sample never gives 0


def test_a_small_shift_of_many_scores_is_seen() -> None:
    found = unlinkability(scores(0.4, 4000, 6), scores(0, 4000, 7), seed=8)
    assert not found.within_null
    assert found.d_sys > found.null_high > found.null_mean


def test_the_same_seed_gives_the_same_null() -> None:
    one, two = scores(0, 100, 9), scores(0, 100, 10)
    assert unlinkability(one, two, seed=1) == unlinkability(one, two, seed=1)
    assert unlinkability(one, two, seed=1).null_mean != unlinkability(one, two, seed=2).null_mean


@settings(max_examples=50, deadline=None)
@given(mean=st.floats(-5, 5), count=st.integers(20, 300), seed=st.integers(0, 1000))
def test_it_stays_between_none_and_all(mean: float, count: int, seed: int) -> None:
    found = system_linkability(scores(mean, count, seed), scores(0, 200, seed + 1))
    assert 0.0 <= found <= 1.0


@settings(max_examples=30, deadline=None)
@given(scale=st.floats(0.01, 100), shift=st.floats(-50, 50))
def test_what_the_scores_are_counted_in_does_not_matter(scale: float, shift: float) -> None:
    one, two = scores(1, 200, 12), scores(0, 200, 13)
    # Bins move with the range; a value on the edge of two may fall into the other by rounding.
    assert system_linkability(one * scale + shift, two * scale + shift) == pytest.approx(
        system_linkability(one, two), abs=0.02
    )


def test_scores_that_are_all_alike_link_nobody() -> None:
    assert system_linkability(np.ones(50), np.ones(60)) == 0.0


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (np.ones(19), np.ones(100)),
        (np.ones(100), np.ones(19)),
        (np.full(50, np.nan), np.ones(50)),
        (np.ones(50), np.full(50, np.inf)),
    ],
    ids=["few-mated", "few-non-mated", "not-a-number", "infinite"],
)
def test_too_little_is_not_measured(one: Any, two: Any) -> None:
    with pytest.raises(ValueError, match="twenty finite scores"):
        system_linkability(one, two)


def test_a_null_of_few_shuffles_is_refused() -> None:
    with pytest.raises(ValueError, match="twenty shuffles"):
        unlinkability(np.ones(50), np.ones(50), seed=1, shuffles=19)


class TestLinkedByAlignment:
    def test_without_rotation_everybody_is_linked_by_one_known_pair_or_many(self) -> None:
        one, other = people(60, 16, seed=1, noise=0.05)
        assert linked_by_alignment(one, other, known=np.arange(20)) == 1.0

    def test_as_many_known_people_as_dimensions_break_a_rotation(self) -> None:
        one, other = people(200, 16, seed=2, noise=0.05)
        turned = (other @ rotation(16, 3)).astype(np.float32)
        assert linked_by_alignment(one, turned, known=np.arange(32)) > 0.95

    def test_few_known_people_link_hardly_anybody(self) -> None:
        one, other = people(400, 64, seed=4, noise=0.05)
        turned = (other @ rotation(64, 5)).astype(np.float32)
        assert linked_by_alignment(one, turned, known=np.arange(2)) < 0.1

    @pytest.mark.parametrize(
        "known", [np.array([], np.int64), np.arange(10)], ids=["nobody-known", "everybody-known"]
    )
    def test_there_has_to_be_somebody_known_and_somebody_not(self, known: Any) -> None:
        one, other = people(10, 4, seed=6, noise=0.1)
        with pytest.raises(ValueError, match="some known and some not"):
            linked_by_alignment(one, other, known=known)

    def test_places_of_different_people_cannot_be_aligned(self) -> None:
        one, other = people(10, 4, seed=6, noise=0.1)
        with pytest.raises(ValueError, match="same people"):
            linked_by_alignment(one, other[:9], known=np.array([0]))
