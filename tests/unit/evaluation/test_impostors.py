"""Impostor comparisons against brute force on synthetic people."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countenance.evaluation import (
    ImpostorComparisons,
    TooFewComparisons,
    collect_impostors,
    false_match_rate,
    group_false_match_rates,
    impostor_false_match_rate,
    impostor_thresholds,
    lowest_threshold,
    resample_identities,
)


def some_people(
    people: int, *, seed: int, most: int = 4, dimension: int = 6
) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    identities = np.repeat(np.arange(people), generator.integers(1, most + 1, people))
    centres = generator.normal(size=(people, dimension))
    vectors = centres[identities] + 0.3 * generator.normal(size=(identities.size, dimension))
    embeddings = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    order = generator.permutation(identities.size)
    return embeddings[order], identities[order]


def by_hand(
    embeddings: np.ndarray, identities: np.ndarray, excluded: list[tuple[int, int]]
) -> list[tuple[float, int, int]]:
    barred = {frozenset(pair) for pair in excluded}
    found = []
    for i, j in itertools.combinations(range(len(identities)), 2):
        a, b = sorted((int(identities[i]), int(identities[j])))
        if a != b and frozenset((a, b)) not in barred:
            found.append((float(embeddings[i] @ embeddings[j]), a, b))
    return sorted(found, key=lambda row: -row[0])


def collected(
    people: int = 30, *, seed: int = 5, keep: int = 10**6
) -> tuple[ImpostorComparisons, np.ndarray, np.ndarray]:
    embeddings, identities = some_people(people, seed=seed)
    return (
        collect_impostors(embeddings, identities, excluded=[(0, 1)], keep=keep),
        embeddings,
        identities,
    )


@settings(deadline=None, max_examples=25)
@given(st.integers(2, 25), st.integers(0, 10**6), st.data())
def test_every_two_people_are_compared_once(people: int, seed: int, data: st.DataObject) -> None:
    embeddings, identities = some_people(people, seed=seed)
    pairs = st.tuples(st.integers(0, people - 1), st.integers(0, people - 1)).filter(lambda p: p[0] != p[1])
    excluded = data.draw(st.lists(pairs, max_size=4))
    comparisons = collect_impostors(embeddings, identities, excluded=excluded, keep=10**6)
    expected = by_hand(embeddings, identities, excluded)
    assert comparisons.total == len(expected) == comparisons.scores.size
    assert comparisons.scores == pytest.approx([row[0] for row in expected], abs=1e-6)
    named = zip(comparisons.left, comparisons.right, strict=True)
    assert sorted((int(a), int(b)) for a, b in named) == sorted(row[1:] for row in expected)
    assert comparisons.floor == float("-inf")


def test_many_pictures_pass_in_blocks_and_only_the_highest_are_kept() -> None:
    embeddings, identities = some_people(300, seed=11)
    assert len(identities) > 2 * 256
    whole = collect_impostors(embeddings, identities, excluded=[(3, 9)], keep=10**7)
    seen: list[tuple[int, int]] = []
    part = collect_impostors(
        embeddings, identities, excluded=[(9, 3)], keep=500, progress=lambda *done: seen.append(done)
    )
    assert part.total == whole.total == whole.scores.size
    assert np.array_equal(part.scores, whole.scores[:500])
    assert part.floor == float(whole.scores[499])
    assert seen[-1] == (len(identities), len(identities))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


@pytest.mark.parametrize(
    ("shape", "excluded"),
    [
        pytest.param((3,), [], id="one-dimension"),
        pytest.param((4, 2), [], id="another-number-of-rows"),
        pytest.param((3, 2), [(1, 1)], id="a-person-apart-from-himself"),
    ],
)
def test_what_does_not_fit_is_refused(shape: tuple[int, ...], excluded: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match=r"shape|two identities"):
        collect_impostors(np.ones(shape, dtype=np.float32), np.array([0, 1, 2]), excluded=excluded, keep=9)


def test_the_threshold_is_that_of_all_scores() -> None:
    comparisons, *_ = collected()
    drawn = resample_identities(30, replicates=100, seed=1)
    value, low, high = impostor_thresholds(comparisons, 0.05, drawn)
    assert value == lowest_threshold(comparisons.scores, 0.05)
    assert low <= value <= high
    assert low < high


def test_each_replicate_is_what_repeating_people_would_give() -> None:
    comparisons, embeddings, identities = collected(people=12, seed=2)
    drawn = resample_identities(12, replicates=1, seed=4)
    copies: list[float] = []
    for score, a, b in by_hand(embeddings, identities, [(0, 1)]):
        copies += [score] * int(drawn[0, a] * drawn[0, b])
    assert comparisons.total_weight(drawn[0]) == len(copies)
    weighted = lowest_threshold(
        comparisons.scores,
        0.2,
        weights=comparisons.weights(drawn[0]),
        total=comparisons.total_weight(drawn[0]),
    )
    assert weighted == pytest.approx(lowest_threshold(np.array(copies, dtype=np.float32), 0.2), abs=1e-6)
    estimate = impostor_false_match_rate(comparisons, 0.3, drawn)
    assert estimate.low == estimate.high == pytest.approx(false_match_rate(np.array(copies), 0.3))


def test_a_rate_too_rare_for_the_data_is_refused() -> None:
    comparisons, *_ = collected()
    drawn = resample_identities(30, replicates=10, seed=1)
    with pytest.raises(TooFewComparisons, match="can't measure"):
        impostor_thresholds(comparisons, 29.0 / comparisons.total, drawn)


def test_a_threshold_below_what_was_kept_is_refused() -> None:
    comparisons, *_ = collected(keep=50)
    drawn = resample_identities(30, replicates=10, seed=1)
    with pytest.raises(ValueError, match="below the scores that were kept"):
        impostor_false_match_rate(comparisons, comparisons.floor - 0.01, drawn)
    with pytest.raises(ValueError, match="reach down"):
        impostor_thresholds(comparisons, 0.5, drawn)


def test_groups_count_their_own_comparisons_and_add_up() -> None:
    comparisons, embeddings, identities = collected()
    drawn = resample_identities(30, replicates=50, seed=3)
    women = np.arange(30) % 3 == 0
    men = ~women
    threshold = 0.4
    rows = by_hand(embeddings, identities, [(0, 1)])
    total_seen = total_of = 0
    for one, other in ((women, women), (men, men), (women, men)):
        among = [
            score for score, a, b in rows if (one[a] and other[b]) or (one[b] and other[a])
        ]  # fmt: skip
        estimate = group_false_match_rates(comparisons, threshold, drawn, one=one, other=other)
        assert estimate.of == len(among)
        assert estimate.value == pytest.approx(false_match_rate(np.array(among), threshold))
        assert estimate.low <= estimate.value <= estimate.high
        total_seen += estimate.seen
        total_of += estimate.of
    whole = impostor_false_match_rate(comparisons, threshold, drawn)
    assert (total_seen, total_of) == (whole.seen, whole.of)
    assert whole.of == comparisons.total


def test_groups_that_overlap_or_are_empty_are_refused() -> None:
    comparisons, *_ = collected()
    drawn = resample_identities(30, replicates=5, seed=3)
    some, more = np.arange(30) < 10, np.arange(30) < 20
    with pytest.raises(ValueError, match="share nobody"):
        group_false_match_rates(comparisons, 0.4, drawn, one=some, other=more)
    nobody = np.zeros(30, dtype=np.bool_)
    with pytest.raises(ValueError, match="no two people"):
        group_false_match_rates(comparisons, 0.4, drawn, one=nobody, other=nobody)


@pytest.mark.slow
def test_the_interval_covers_the_true_rate_as_often_as_it_says() -> None:
    """On 60 draws of 150 people from one known population, nine in ten intervals cover its rate."""
    embeddings, identities = some_people(3000, seed=21, most=2)
    everyone = collect_impostors(embeddings, identities, excluded=[], keep=10**5)
    threshold = lowest_threshold(everyone.scores, 2e-3, total=everyone.total)
    generator = np.random.default_rng(22)
    covered = 0
    for turn in range(60):
        chosen = generator.choice(3000, 150, replace=False)
        mine = np.isin(identities, chosen)
        numbers = np.unique(identities[mine], return_inverse=True)[1]
        sample = collect_impostors(embeddings[mine], numbers, excluded=[], keep=10**4)
        estimate = impostor_false_match_rate(
            sample, threshold, resample_identities(150, replicates=200, seed=turn)
        )
        covered += estimate.low <= 2e-3 <= estimate.high
    assert covered >= 50
