from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from countenance.evaluation.datasets import PairDataset
from countenance.evaluation.protection import (
    ProtectionMeasured,
    measure_protection,
    measuring_rotation,
    two_pictures_each,
)
from countenance.evaluation.protocol import VerificationResult
from countenance.evaluation.report import verification_figures
from countenance.evaluation.verification import NOT_COMPARED, measure_verification

PEOPLE, DIMENSIONS = 160, 32
Vectors = NDArray[np.float32]


def made_up() -> tuple[PairDataset, Vectors, NDArray[np.bool_]]:
    """Two pictures of everybody; one picture shows no face."""
    source = np.random.default_rng(7)
    base = source.normal(size=(PEOPLE, 1, DIMENSIONS))
    seen = (base + 0.5 * source.normal(size=(PEOPLE, 2, DIMENSIONS))).reshape(-1, DIMENSIONS)
    vectors = (seen / np.linalg.norm(seen, axis=1, keepdims=True)).astype(np.float32)
    found = np.ones(2 * PEOPLE, np.bool_)
    found[5], vectors[5] = False, 0.0
    first = np.concatenate([np.arange(PEOPLE)] * 2)
    same = np.repeat([True, False], PEOPLE)
    second = np.where(same, first, (first + 1) % PEOPLE)
    dataset = PairDataset(
        sha256="0" * 64,
        pictures=tuple(Path(f"{number}.jpg") for number in range(2 * PEOPLE)),
        owners=np.repeat(np.arange(PEOPLE), 2),
        people=PEOPLE,
        left=2 * first,
        right=2 * second + 1,
        same=same,
        folds=np.arange(same.size) % 5,
    )
    return dataset, vectors, found


def compared(dataset: PairDataset, vectors: Vectors, found: NDArray[np.bool_]) -> NDArray[np.float32]:
    scores = np.einsum("ij,ij->i", vectors[dataset.left], vectors[dataset.right], dtype=np.float64)
    usable = found[dataset.left] & found[dataset.right]
    return np.where(usable, scores, NOT_COMPARED).astype(np.float32)


def measured(
    data: tuple[PairDataset, Vectors, NDArray[np.bool_]], *, protected: NDArray[np.float32] | None = None
) -> ProtectionMeasured:
    dataset, vectors, found = data
    plain = compared(dataset, vectors, found)
    if protected is None:
        turned = measuring_rotation(DIMENSIONS, seed=1, number=0).protect(vectors)
        protected = compared(dataset, turned, found)
    return measure_protection(
        dataset,
        vectors,
        found,
        plain_scores=plain,
        protected_scores=protected,
        accuracy=measure_verification(dataset, protected, replicates=20),
        seed=1,
    )


@cache
def usual() -> ProtectionMeasured:
    return measured(made_up())


def test_protection_leaves_scores_and_curve_as_they_are() -> None:
    found = usual()
    assert 0 < found.largest_score_change < 1e-6
    assert found.det_change == 0
    assert found.accuracy.not_compared == 2


def test_a_worse_comparison_would_be_seen() -> None:
    data = made_up()
    worse = compared(*data)
    worse[:30] = -0.9
    found = measured(data, protected=worse)
    assert found.largest_score_change > 0.5
    assert found.det_change >= 25


def test_one_key_links_and_two_keys_do_not() -> None:
    found = usual()
    assert found.one_key.d_sys > 0.8
    assert not found.one_key.within_null
    assert np.median([one.d_sys for one in found.two_keys]) <= found.two_keys[0].null_high
    assert len(found.two_keys) == 10
    assert found.above_null == sum(not one.within_null for one in found.two_keys) <= 4


def test_people_known_in_both_places_link_the_rest() -> None:
    linked = {one.known: one for one in usual().linked}
    assert sorted(linked) == [4, 16, 64, 128]
    assert linked[4].linked < 0.2
    assert linked[128].linked > 0.9
    assert linked[64].others == PEOPLE - 1 - 64


def test_histograms_hold_every_pair_that_was_compared() -> None:
    found = usual()
    assert (found.mated.sum(), found.non_mated.sum()) == (PEOPLE - 1, PEOPLE - 1)


def test_a_measurement_can_be_repeated() -> None:
    one, other = usual(), measured(made_up())
    assert (one.two_keys, one.linked) == (other.two_keys, other.linked)
    assert one.two_keys[0] != one.two_keys[1]


def test_too_few_people_say_nothing() -> None:
    dataset, vectors, found = made_up()
    found[38:] = False
    with pytest.raises(ValueError, match="twenty"):
        measured((dataset, vectors, found))


def test_a_person_with_many_pictures_counts_once() -> None:
    dataset, vectors, found = made_up()
    owners = dataset.owners.copy()
    owners[-40:] = owners[-40]
    many = measured((dataclasses.replace(dataset, owners=owners), vectors, found))
    assert many.two_keys[0].mated == PEOPLE - 1 - 19


@pytest.mark.parametrize(
    ("owners", "found", "first", "second"),
    [
        ([0, 0, 1, 1], [1, 1, 1, 1], [0, 2], [1, 3]),
        ([1, 0, 1, 0, 1], [1, 1, 1, 1, 1], [1, 0], [3, 2]),
        ([0, 0, 0, 1], [1, 0, 1, 1], [0], [2]),
        ([0, 1], [1, 1], [], []),
        ([0, 0], [0, 0], [], []),
    ],
    ids=["in order", "mixed", "one without a face", "one each", "no face at all"],
)
def test_two_pictures_of_everybody_who_has_them(
    owners: list[int], found: list[int], first: list[int], second: list[int]
) -> None:
    one, other = two_pictures_each(np.array(owners), np.array(found, np.bool_))
    assert (list(one), list(other)) == (first, second)


def test_figures_say_what_changed_and_what_links() -> None:
    data = made_up()
    dataset = data[0]
    plain = measure_verification(dataset, compared(*data), replicates=20)
    result = VerificationResult(
        accuracy=plain,
        pictures=320,
        pictures_without_template=1,
        people=PEOPLE,
        people_without_template=0,
        resumed=0,
        permits=1,
        picture_seconds=1.0,
        model_id="made-up",
        protection=usual(),
    )
    figures = verification_figures(result)
    assert figures["figures_changed_by_protection_count"] == 0
    assert figures["protected_accuracy_percent"] == figures["accuracy_percent"]
    assert figures["d_sys_one_key"] > figures["d_sys_null_high"] > figures["d_sys_null_mean"]
    assert figures["linked_by_128_known_people_percent"] > 90
    assert figures["people_in_both_places"] == PEOPLE - 1
    without = verification_figures(dataclasses.replace(result, protection=None))
    assert not any("protected" in name or "d_sys" in name for name in without)
