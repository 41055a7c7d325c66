"""Error versus discard against counting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.evaluation import DiscardPoint, error_versus_discard


def test_misses_go_with_the_worse_picture() -> None:
    curve = error_versus_discard(
        np.array([0.9, 0.2, 0.8, 0.3]), np.array([[9, 8], [9, 1], [5, 6], [5, 5]], dtype=float), 0.5
    )
    # Worse picture: 8, 1, 5, 5. The two of quality 5 go together.
    assert curve == (
        DiscardPoint(discarded=0.0, fnmr=0.5, kept=4),
        DiscardPoint(discarded=0.25, fnmr=1 / 3, kept=3),
        DiscardPoint(discarded=0.75, fnmr=0.0, kept=1),
    )


@given(st.integers(1, 30), st.integers(0, 2**31), st.floats(0, 1))
def test_each_point_is_that_of_counting_and_order_makes_no_difference(
    pairs: int, seed: int, threshold: float
) -> None:
    generator = np.random.default_rng(seed)
    scores, quality = generator.random(pairs), generator.integers(0, 5, (pairs, 2)).astype(float)
    curve = error_versus_discard(scores, quality, threshold)
    worse = quality.min(axis=1)
    assert [point.kept for point in curve] == [int((worse >= floor).sum()) for floor in np.unique(worse)]
    for point, floor in zip(curve, np.unique(worse), strict=True):
        assert point.fnmr == pytest.approx(float(np.mean(scores[worse >= floor] < threshold)), abs=1e-12)
        assert point.discarded == pytest.approx(float(np.mean(worse < floor)), abs=1e-12)
    mixed = generator.permutation(pairs)
    assert error_versus_discard(scores[mixed], quality[mixed], threshold) == curve


def test_nothing_has_no_curve() -> None:
    with pytest.raises(ValueError, match="no comparisons"):
        error_versus_discard(np.empty(0), np.empty((0, 2)), 0.5)
    with pytest.raises(ValueError, match="two qualities"):
        error_versus_discard(np.array([0.5]), np.array([[1.0]]), 0.5)
    with pytest.raises(ValueError, match="are numbers"):
        error_versus_discard(np.array([0.5]), np.array([[1.0, np.nan]]), 0.5)
