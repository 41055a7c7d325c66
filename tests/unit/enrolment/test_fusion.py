"""Several samples become one reference, or it is said which don't fit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from countenance.enrolment import SamplesDisagree, fuse_samples

LEAST = 0.5


def at(*angles: float) -> NDArray[np.float32]:
    """Unit vectors at angles in one plane, as rows."""
    vectors = np.zeros((len(angles), 8), dtype=np.float32)
    vectors[:, 0], vectors[:, 1] = np.cos(angles), np.sin(angles)
    return vectors


@pytest.mark.parametrize(
    ("angles", "kept", "left_out"),
    [
        pytest.param((0.3,), (0,), (), id="one"),
        pytest.param((0.0, 1.0), (0, 1), (), id="two that fit"),
        pytest.param((0.0, 0.2, 2.0), (0, 1), (2,), id="the last is another's"),
        pytest.param((2.0, 0.0, 0.2), (1, 2), (0,), id="the first is another's"),
        pytest.param((0.0, 0.1, 0.2, 2.0, -2.0), (0, 1, 2), (3, 4), id="two strangers among five"),
    ],
)
def test_which_samples_are_kept(
    angles: tuple[float, ...], kept: tuple[int, ...], left_out: tuple[int, ...]
) -> None:
    fused = fuse_samples(at(*angles), least=LEAST)
    assert (fused.kept, fused.left_out) == (kept, left_out)
    mean = at(*angles)[list(kept)].astype(np.float64).sum(axis=0)
    np.testing.assert_allclose(fused.vector, mean / np.linalg.norm(mean), atol=1e-6)


@pytest.mark.parametrize(
    "angles",
    [
        pytest.param((0.0, 2.0), id="two people"),
        pytest.param((0.0, np.pi), id="opposite"),
        pytest.param((0.0, 0.1, 2.0, 2.1), id="two and two"),
        pytest.param((0.0, 2.0, 4.0), id="three people"),
    ],
)
def test_samples_that_dont_show_one_person_enrol_nobody(angles: tuple[float, ...]) -> None:
    with pytest.raises(SamplesDisagree) as refused:
        fuse_samples(at(*angles), least=LEAST)
    assert refused.value.code == "samples-disagree"


@pytest.mark.parametrize("vectors", [np.zeros((0, 8), np.float32), np.ones(8, np.float32), np.ones((2, 8))])
def test_what_isnt_samples_is_refused(vectors: NDArray[np.float32]) -> None:
    with pytest.raises(ValueError, match="rows of float32"):
        fuse_samples(vectors, least=LEAST)


@given(st.lists(st.floats(-0.5, 0.5), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_the_samples_doesnt_matter(angles: list[float], random: object) -> None:
    mixed = list(angles)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = fuse_samples(at(*angles), least=LEAST), fuse_samples(at(*mixed), least=LEAST)
    np.testing.assert_allclose(one.vector, other.vector, atol=1e-6)
    assert abs(float(np.linalg.norm(one.vector)) - 1.0) < 1e-6


def test_the_vector_isnt_in_the_repr_and_the_samples_stay() -> None:
    given_vectors = at(0.0, 0.1)
    before = given_vectors.copy()
    fused = fuse_samples(given_vectors, least=LEAST)
    assert "vector" not in repr(fused)
    np.testing.assert_array_equal(given_vectors, before)
