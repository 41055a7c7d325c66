"""Features of a face are found again, and what is left is what no flat thing's movement explains."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from countenance.vision.motion import FaceFeatures

SIDE = 320


def skin(seed: int = 1) -> NDArray[np.uint8]:
    rough = np.random.default_rng(seed).integers(40, 220, (SIDE // 5, SIDE // 5)).astype(np.uint8)
    return np.asarray(cv2.resize(rough, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC), np.uint8)


def mesh() -> NDArray[np.float32]:
    rng = np.random.default_rng(2)
    points = np.zeros((468, 3), np.float32)
    points[:, :2] = rng.uniform(60, 260, (468, 2))
    points[[33, 263], :2] = ((100, 120), (220, 120))
    for part, (x, y) in (((160, 158, 133, 153, 144), (115, 120)), ((362, 385, 387, 373, 380), (205, 120))):
        points[list(part), :2] = rng.uniform(-8, 8, (5, 2)) + np.array([x, y])
    points[[61, 40, 0, 270, 291, 321, 17, 91], :2] = rng.uniform(-15, 15, (8, 2)) + np.array([160, 210])
    return points


def seen_from(picture: NDArray[np.uint8], move: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.asarray(
        cv2.warpPerspective(picture, move, (SIDE, SIDE), borderMode=cv2.BORDER_REFLECT), np.uint8
    )


def test_the_first_frame_has_nothing_to_match() -> None:
    features = FaceFeatures()
    assert features.match(skin(), mesh()) is None
    assert features.match(skin(), mesh()) is not None
    features.wipe()
    assert features.match(skin(), mesh()) is None


def test_nothing_is_left_of_a_flat_thing() -> None:
    features = FaceFeatures()
    features.match(skin(), mesh())
    tilted = np.array([[0.96, 0.05, 4.0], [-0.04, 1.02, -3.0], [1e-4, -5e-5, 1.0]])
    found = features.match(seen_from(skin(), tilted), mesh())
    assert found is not None
    assert len(found) > 100
    assert float(np.abs(found.left).mean()) < 0.6
    assert found.first.shape == found.left.shape == (len(found), 2)


def test_a_part_that_moves_by_itself_is_left() -> None:
    features = FaceFeatures()
    picture = skin()
    features.match(picture, mesh())
    moved = picture.copy()
    moved[120:200, 130:190] = picture[120:200, 124:184]
    found = features.match(moved, mesh())
    assert found is not None
    inside = (np.abs(found.first - (154, 160)) < (20, 30)).all(axis=1)
    assert float(np.median(found.left[inside, 0])) == pytest.approx(-6.0, abs=2.0) or float(
        np.median(found.left[inside, 0])
    ) == pytest.approx(6.0, abs=2.0)
    assert float(np.abs(found.left[~inside]).mean()) < 1.0


@pytest.mark.parametrize("other", [np.full((SIDE, SIDE), 128, np.uint8), skin(9)])
def test_another_picture_has_nothing_in_common(other: NDArray[np.uint8]) -> None:
    features = FaceFeatures()
    features.match(skin(), mesh())
    found = features.match(other, mesh())
    assert found is None or len(found) < 30


def test_a_plain_first_frame_waits_for_one_with_features() -> None:
    features = FaceFeatures()
    plain = np.full((SIDE, SIDE), 128, np.uint8)
    assert features.match(plain, mesh()) is None
    assert features.match(skin(), mesh()) is None
    assert features.match(skin(), mesh()) is not None
