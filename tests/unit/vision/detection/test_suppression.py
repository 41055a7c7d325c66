from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from countenance.kernel import Box
from countenance.vision.detection.suppression import best_of_overlapping, mean_of_overlapping

ONE = [0.0, 0.0, 10.0, 10.0]
NEAR_ONE = [1.0, 0.0, 11.0, 10.0]  # shares 90 of 110 with ONE
APART = [50.0, 50.0, 60.0, 60.0]


def rows_of(*boxes: list[float]) -> NDArray[np.float32]:
    return np.asarray(boxes, np.float32).reshape(-1, 4)


def scores_of(*values: float) -> NDArray[np.float32]:
    return np.asarray(values, np.float32)


class TestMean:
    def test_overlapping_boxes_become_their_weighted_mean(self) -> None:
        rows, scores = mean_of_overlapping(rows_of(ONE, NEAR_ONE), scores_of(0.75, 0.25), overlap=0.3)
        assert rows.tolist() == [[0.25, 0.0, 10.25, 10.0]]
        assert scores.tolist() == [0.75]

    def test_boxes_apart_stay(self) -> None:
        rows, scores = mean_of_overlapping(rows_of(ONE, APART), scores_of(0.5, 0.9), overlap=0.3)
        assert rows.tolist() == [APART, ONE]
        assert scores.tolist() == pytest.approx([0.9, 0.5])

    def test_what_belongs_to_a_box_is_averaged_too(self) -> None:
        rows = np.asarray([[*ONE, 4.0], [*ONE, 8.0]], np.float32)
        merged, _ = mean_of_overlapping(rows, scores_of(0.5, 0.5), overlap=0.3)
        assert merged[0, 4] == 6.0

    def test_nothing_gives_nothing(self) -> None:
        rows, scores = mean_of_overlapping(np.zeros((0, 16), np.float32), scores_of(), overlap=0.3)
        assert rows.shape == (0, 16)
        assert scores.shape == (0,)


class TestBest:
    def test_the_best_of_overlapping_boxes_stays(self) -> None:
        rows, scores = best_of_overlapping(
            rows_of(ONE, NEAR_ONE, APART), scores_of(0.7, 0.8, 0.9), overlap=0.4
        )
        assert rows.tolist() == [APART, NEAR_ONE]
        assert scores.tolist() == pytest.approx([0.9, 0.8])

    def test_an_overlap_at_the_limit_is_two_faces(self) -> None:
        limit = 90 / 110
        rows, _ = best_of_overlapping(rows_of(ONE, NEAR_ONE), scores_of(0.7, 0.8), overlap=limit + 1e-6)
        assert len(rows) == 2
        rows, _ = best_of_overlapping(rows_of(ONE, NEAR_ONE), scores_of(0.7, 0.8), overlap=limit - 1e-6)
        assert len(rows) == 1

    def test_nothing_gives_nothing(self) -> None:
        rows, scores = best_of_overlapping(rows_of(), scores_of(), overlap=0.4)
        assert len(rows) == len(scores) == 0


boxes = st.tuples(
    st.integers(0, 60),
    st.integers(0, 60),
    st.integers(1, 40),
    st.integers(1, 40),
    st.floats(0.125, 1.0, width=32),
)


@given(st.lists(boxes, max_size=25))
def test_no_two_kept_boxes_overlap_and_the_best_is_kept(
    found: list[tuple[int, int, int, int, float]],
) -> None:
    rows = rows_of(*([float(x), float(y), float(x + w), float(y + h)] for x, y, w, h, _ in found))
    scores = scores_of(*(score for *_, score in found))
    kept, values = best_of_overlapping(rows, scores, overlap=0.4)
    assert values.tolist() == sorted(values.tolist(), reverse=True)
    if found:
        assert values[0] == scores.max()
    as_boxes = [Box(*map(float, row)) for row in kept]
    for index, box in enumerate(as_boxes):
        for other in as_boxes[index + 1 :]:
            assert box.intersection_over_union(other) <= 0.4 + 1e-6


@given(st.lists(boxes, min_size=1, max_size=25))
def test_a_mean_lies_within_the_boxes_it_was_made_of(found: list[tuple[int, int, int, int, float]]) -> None:
    rows = rows_of(*([float(x), float(y), float(x + w), float(y + h)] for x, y, w, h, _ in found))
    scores = scores_of(*(score for *_, score in found))
    merged, values = mean_of_overlapping(rows, scores, overlap=0.3)
    assert 1 <= len(merged) <= len(rows)
    assert values.tolist() == sorted(values.tolist(), reverse=True)
    assert (merged >= rows.min(axis=0) - 1e-3).all()
    assert (merged <= rows.max(axis=0) + 1e-3).all()
