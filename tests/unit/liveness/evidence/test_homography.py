"""A flat thing obeys a homography, and the one that was made is found again."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from countenance.liveness.evidence.homography import apply, homographies


def drawn(seed: int, count: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    found = np.tile(np.eye(3), (count, 1, 1))
    found[:, :2, :2] += rng.uniform(-0.2, 0.2, (count, 2, 2))
    found[:, :2, 2] = rng.uniform(-50, 50, (count, 2))
    found[:, 2, :2] = rng.uniform(-2e-4, 2e-4, (count, 2))
    return found


@settings(max_examples=20)
@given(seed=st.integers(0, 2**20))
def test_what_was_made_is_found_again(seed: int) -> None:
    points = np.random.default_rng(seed).uniform(0, 640, (3, 40, 2))
    onto = points[0]
    made = drawn(seed)
    pictures = apply(np.linalg.inv(made), np.repeat(onto[None], 3, axis=0))
    assert np.allclose(apply(homographies(pictures, onto), pictures), onto, atol=1e-5)


def test_the_same_points_give_the_identity() -> None:
    points = np.random.default_rng(1).uniform(0, 640, (1, 10, 2))
    found = homographies(points, points[0])[0]
    assert np.allclose(found / found[2, 2], np.eye(3), atol=1e-8)


def test_a_solid_thing_leaves_something_over() -> None:
    rng = np.random.default_rng(2)
    space = rng.uniform(-5, 5, (50, 3))
    turned = space @ np.array([[0.8, 0, 0.6], [0, 1, 0], [-0.6, 0, 0.8]])
    first, second = (s[:, :2] / (40 - s[:, 2:]) for s in (space, turned))
    left = apply(homographies(second[None], first), second[None])[0] - first
    assert np.abs(left).max() > 0.01
