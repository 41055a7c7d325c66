from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from countenance.evaluation.datasets import PairDataset
from countenance.evaluation.verification import (
    NOT_COMPARED,
    best_threshold,
    det_curve,
    equal_error_rate,
    fold_accuracy,
    measure_verification,
    true_match_rate,
)


def once(count: int) -> NDArray[np.float64]:
    return np.ones((1, count))


def dataset_of(same: NDArray[np.bool_], *, folds: int = 5, people: int = 40, seed: int = 3) -> PairDataset:
    """Pairs between made-up people, two pictures each."""
    generator = np.random.default_rng(seed)
    owners = np.repeat(np.arange(people), 2)
    first = generator.integers(0, people, same.size)
    second = np.where(same, first, (first + generator.integers(1, people, same.size)) % people)
    return PairDataset(
        sha256="0" * 64,
        pictures=tuple(Path(f"{number}.jpg") for number in range(2 * people)),
        owners=owners,
        people=people,
        left=2 * first,
        right=2 * second + 1,
        same=same,
        folds=np.arange(same.size) % folds,
    )


def scores_of(same: NDArray[np.bool_], *, apart: float, seed: int = 4) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).normal(np.where(same, apart, 0.0), 0.1)
    return np.clip(drawn, -1, 1).astype(np.float32)


SCORES = st.lists(st.tuples(st.integers(-8, 8), st.booleans()), min_size=2, max_size=30).filter(
    lambda pairs: len({same for _, same in pairs}) == 2
)


@given(pairs=SCORES)
def test_no_other_threshold_makes_fewer_errors(pairs: list[tuple[int, bool]]) -> None:
    scores = np.array([score / 8 for score, _ in pairs], np.float32)
    same = np.array([same for _, same in pairs])
    chosen = best_threshold(scores, same)

    def errors(threshold: float) -> int:
        return int(((scores >= threshold) != same).sum())

    assert all(errors(chosen) <= errors(other / 16) for other in range(-17, 19))


def test_the_threshold_of_a_set_comes_from_the_others() -> None:
    # Judged at its own threshold, every set would be right; at the other's, each is half wrong.
    scores = np.array([0.9, 0.6, 0.4, 0.1], np.float32)
    same = np.array([True, False, True, False])
    folds = np.array([1, 1, 2, 2])
    measured = fold_accuracy(scores, same, folds, once(4))
    assert measured.mean == 0.5
    assert (measured.lowest_threshold, measured.highest_threshold) == pytest.approx((0.25, 0.75))


def test_a_perfect_separation_is_right_everywhere() -> None:
    same = np.arange(200) % 2 == 0
    measured = measure_verification(
        dataset_of(same), np.where(same, 0.8, 0.1).astype(np.float32), replicates=100
    )
    assert measured.accuracy.mean == 1.0
    assert (measured.accuracy.low, measured.accuracy.high) == (1.0, 1.0)
    assert measured.equal_error_rate.value == 0.0
    assert all(rate.estimate.value == 1.0 for rate in measured.true_match_rates)


def test_scores_that_say_nothing_are_right_half_of_the_time() -> None:
    same = np.random.default_rng(1).random(2000) < 0.5
    measured = measure_verification(dataset_of(same), scores_of(same, apart=0.0), replicates=200)
    assert measured.accuracy.mean == pytest.approx(0.5, abs=0.05)
    assert measured.equal_error_rate.value == pytest.approx(0.5, abs=0.05)


def test_the_interval_is_over_people_not_over_pairs() -> None:
    # Every miss is of one of ten people, who may not be drawn at all: no miss is within the interval.
    same = np.arange(1000) % 2 == 0
    dataset = dataset_of(same, people=10)
    his = same & (dataset.owners[dataset.left] == 0)
    scores = np.where(same & ~his, 0.8, 0.1).astype(np.float32)
    rate = measure_verification(dataset, scores, replicates=300).true_match_rates[0].estimate
    assert rate.low < rate.value < rate.high == 1.0
    assert rate.value - rate.low > 0.05


def test_a_pair_that_could_not_be_compared_is_no_match() -> None:
    same = np.arange(40) % 2 == 0
    scores = np.where(same, 0.8, 0.1).astype(np.float32)
    scores[[0, 1]] = NOT_COMPARED
    measured = measure_verification(dataset_of(same), scores, replicates=100)
    assert measured.not_compared == 2
    # The genuine one is missed, the impostor one is right.
    assert measured.accuracy.mean == pytest.approx(39 / 40)
    assert measured.true_match_rates[0].estimate.seen == 19
    assert int(measured.genuine_counts.sum()) == 19
    assert int(measured.impostor_counts.sum()) == 19


@pytest.mark.parametrize(
    ("impostors", "fmr", "supported", "allowed"),
    [(2999, 1e-3, False, 2), (3000, 1e-3, True, 3), (1415, 1e-3, False, 1), (1415, 1e-4, False, 0)],
)
def test_a_rate_that_so_few_pairs_cannot_show_is_marked(
    impostors: int, fmr: float, supported: bool, allowed: int
) -> None:
    scores = np.concatenate([np.full(10, 0.9), np.linspace(0, 0.5, impostors)]).astype(np.float32)
    same = np.arange(scores.size) < 10
    measured = true_match_rate(scores, same, fmr, once(scores.size))
    assert (measured.supported, measured.allowed) == (supported, allowed)
    assert int((scores[~same] >= measured.threshold).sum()) == allowed
    assert measured.lowest_shown == pytest.approx(3 / impostors)


@given(pairs=SCORES)
def test_the_curve_falls_on_one_axis_and_rises_on_the_other(pairs: list[tuple[int, bool]]) -> None:
    scores = np.array([score / 8 for score, _ in pairs], np.float32)
    same = np.array([same for _, same in pairs])
    curve = det_curve(scores, same)
    assert tuple(curve[:, 0]) == (1.0, 0.0)
    assert tuple(curve[:, -1]) == (0.0, 1.0)
    assert all(before >= after for before, after in pairwise(curve[0]))
    assert all(before <= after for before, after in pairwise(curve[1]))
    assert 0.0 <= equal_error_rate(curve) <= 1.0


def test_the_equal_error_rate_of_a_known_case() -> None:
    scores = np.array([0.9, 0.8, 0.7, 0.2, 0.75, 0.3, 0.1, 0.0], np.float32)
    same = np.array([True] * 4 + [False] * 4)
    assert equal_error_rate(det_curve(scores, same)) == 0.25


@settings(max_examples=20)
@given(seed=st.integers(0, 2**16))
def test_the_same_seed_gives_the_same_figures(seed: int) -> None:
    same = np.arange(60) % 2 == 0
    dataset, scores = dataset_of(same), scores_of(same, apart=0.3)
    one, other = (measure_verification(dataset, scores, replicates=100, seed=seed) for _ in range(2))
    assert one.accuracy == other.accuracy
    assert one.true_match_rates == other.true_match_rates


def test_each_pair_has_one_score() -> None:
    same = np.arange(10) % 2 == 0
    with pytest.raises(ValueError, match="one score"):
        measure_verification(dataset_of(same), np.zeros(9, np.float32))


def test_progress_is_told_of_four_parts() -> None:
    same = np.arange(40) % 2 == 0
    steps: list[int] = []
    measure_verification(
        dataset_of(same), scores_of(same, apart=0.5), replicates=100, moved=lambda: steps.append(1)
    )
    assert len(steps) == 4
