from __future__ import annotations

import cv2
import numpy as np
import pytest

from contract.detector import head_and_shoulders
from countenance.vision import Mesh, ModelUnusable
from countenance.vision.landmarks import LIDS_AT_LEFT, LIDS_AT_RIGHT, Eye, IrisLandmark
from face_parts import iris_network, seen
from weights import PEOPLE, frame_of, model_bytes, observe_one

pytestmark = pytest.mark.models


def width_of(eye: Eye) -> float:
    return float(np.hypot(*(eye.lids[8] - eye.lids[0])))


@pytest.mark.parametrize("name", PEOPLE)
def test_lids_lie_on_the_lids_of_the_mesh_in_the_same_order(name: str) -> None:
    """Fed unflipped, an eye's lids come out more than half a width away, so this fails for a wrong side."""
    _, observation, eyes = seen(name)
    for eye, numbers in ((eyes.at_left, LIDS_AT_LEFT), (eyes.at_right, LIDS_AT_RIGHT)):
        away = np.hypot(*(eye.lids - observation.mesh.points[list(numbers), :2]).T)
        assert away.mean() < 0.16 * width_of(eye)


@pytest.mark.parametrize("name", PEOPLE)
def test_the_iris_lies_between_the_corners_and_has_the_size_of_one(name: str) -> None:
    _, _, eyes = seen(name)
    for eye in (eyes.at_left, eyes.at_right):
        along = (eye.lids[8] - eye.lids[0]) / width_of(eye)
        place = float((eye.iris[0] - eye.lids[0]) @ along) / width_of(eye)
        assert 0.15 < place < 0.85
        rim = np.hypot(*(eye.iris[1:] - eye.iris[0]).T)
        assert 0.1 < rim.mean() / width_of(eye) < 0.35


@pytest.mark.parametrize("name", PEOPLE)
def test_the_iris_is_darker_than_what_lies_beside_it(name: str) -> None:
    """The centre of the iris is where the picture is dark: checked on pixels, not on another network."""
    frame, _, eyes = seen(name)
    grey = cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2GRAY)
    for eye in (eyes.at_left, eyes.at_right):
        centre = cv2.getRectSubPix(grey, (3, 3), tuple(float(value) for value in eye.iris[0])).mean()
        cheek = eye.lids.mean(axis=0) + np.array([0, 0.9 * width_of(eye)])
        below = cv2.getRectSubPix(grey, (5, 5), tuple(float(value) for value in cheek)).mean()
        assert centre < 0.8 * below


def test_a_mirrored_picture_swaps_the_eyes() -> None:
    frame, _, eyes = seen("biden")
    _, _, mirrored = seen("biden", mirrored=True)
    for eye, other in ((eyes.at_left, mirrored.at_right), (eyes.at_right, mirrored.at_left)):
        back = other.lids.copy()
        back[:, 0] = frame.width - back[:, 0]
        assert np.hypot(*(back - eye.lids).T).mean() < 0.12 * width_of(eye)


def test_points_are_floats_in_pixels_of_the_frame() -> None:
    small = seen("obama")[2]
    pixels = head_and_shoulders("obama", height=960)
    frame = frame_of(pixels)
    large = iris_network().locate(frame, observe_one(frame).mesh)
    assert (small.at_left.lids.shape, small.at_left.iris.shape) == ((16, 2), (5, 2))
    assert small.at_left.lids.dtype == small.at_left.iris.dtype == np.float32
    assert width_of(large.at_left) / width_of(small.at_left) == pytest.approx(2.0, rel=0.08)


def test_a_mesh_on_one_spot_yields_numbers_and_no_crash() -> None:
    frame = frame_of(np.full((40, 40, 3), 90, np.uint8))
    eyes = iris_network().locate(frame, Mesh(points=np.full((468, 3), 20, np.float32), presence=0.0))
    assert np.isfinite(eyes.at_left.lids).all()


def test_it_is_repeatable_and_leaves_the_frame_alone() -> None:
    frame, observation, eyes = seen("obama3")
    before = frame.pixels.copy()
    again = iris_network().locate(frame, observation.mesh)
    assert np.array_equal(again.at_right.lids, eyes.at_right.lids)
    assert np.array_equal(frame.pixels, before)


def test_wiped_eyes_hold_nothing_and_none_is_shown() -> None:
    _, _, eyes = seen("obama")
    assert "array" not in repr(eyes)
    eyes.wipe()
    for eye in (eyes.at_left, eyes.at_right):
        assert not eye.lids.any()
        assert not eye.iris.any()


@pytest.mark.parametrize("model_id", ["face-landmark-468", "blazeface-short-range"])
def test_another_network_is_refused(model_id: str) -> None:
    with pytest.raises(ModelUnusable):
        IrisLandmark(content=model_bytes(model_id))
