from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.vision.landmarks import Eye, eye_openness, mouth_openness, openness
from face_parts import drawn_eye, drawn_eyes, flat_mesh, seen, turned
from weights import PEOPLE


@pytest.mark.parametrize(
    ("height", "expected"),
    [
        pytest.param(0.0, 0.0, id="closed"),
        pytest.param(9.0, 0.3, id="open"),
        pytest.param(15.0, 0.5, id="wide"),
    ],
)
def test_openness_is_height_over_width(height: float, expected: float) -> None:
    assert eye_openness(drawn_eye(width=30, height=height)) == pytest.approx(expected, abs=1e-6)


@given(
    degrees=st.floats(-180, 180),
    scale=st.floats(0.2, 40),
    x=st.floats(-500, 5000),
    height=st.floats(0, 20),
    outer_at_left=st.booleans(),
)
def test_turning_scaling_and_moving_a_picture_changes_nothing(
    degrees: float, scale: float, x: float, height: float, *, outer_at_left: bool
) -> None:
    eye = drawn_eye(height=height, outer_at_left=outer_at_left)
    moved = turned(eye.lids * np.float32(scale), degrees) + np.float32(x)
    assert eye_openness(Eye(lids=moved, iris=eye.iris)) == pytest.approx(eye_openness(eye), abs=0.02)


def test_an_eye_on_one_spot_is_closed_rather_than_a_division_by_zero() -> None:
    spot = Eye(lids=np.zeros((16, 2), np.float32), iris=np.zeros((5, 2), np.float32))
    assert eye_openness(spot) == 0.0


@pytest.mark.parametrize(("gap", "expected"), [(0.0, 0.0), (10.0, 0.25), (40.0, 1.0)])
def test_the_mouth_is_open_by_the_gap_of_the_inner_lips(gap: float, expected: float) -> None:
    points = np.zeros((468, 3), np.float32)
    points[78, 0], points[308, 0] = 0, 40
    points[13, :2], points[14, :2] = (20, 50), (20, 50 + gap)
    assert mouth_openness(points) == pytest.approx(expected)


def test_depth_plays_no_part() -> None:
    mesh = flat_mesh()
    before = mouth_openness(mesh.points)
    mesh.points[:, 2] = np.arange(468)
    assert mouth_openness(mesh.points) == before


def test_each_eye_is_told_by_its_side_of_the_picture() -> None:
    eyes = drawn_eyes(height=12)
    eyes.at_left.lids[:, 1] = 100
    found = openness(flat_mesh(), eyes)
    assert found.eye_at_left == pytest.approx(0.0, abs=1e-6)
    assert found.eye_at_right == pytest.approx(0.4, abs=1e-6)


@pytest.mark.models
class TestOnPhotographs:
    @pytest.mark.parametrize("name", PEOPLE)
    def test_open_eyes_are_open(self, name: str) -> None:
        _, observation, eyes = seen(name)
        found = openness(observation.mesh, eyes)
        assert 0.15 < found.eye_at_left < 0.55
        assert 0.15 < found.eye_at_right < 0.55

    def test_a_smile_with_teeth_is_a_more_open_mouth_than_closed_lips(self) -> None:
        mouths = {}
        for name in ("obama", "obama2", "biden"):
            _, observation, eyes = seen(name)
            mouths[name] = openness(observation.mesh, eyes).mouth
        assert mouths["biden"] < 0.1 < min(mouths["obama"], mouths["obama2"])

    @pytest.mark.parametrize("name", PEOPLE)
    def test_a_mirrored_picture_swaps_the_sides(self, name: str) -> None:
        _, observation, eyes = seen(name)
        _, other, other_eyes = seen(name, mirrored=True)
        plain, mirrored = openness(observation.mesh, eyes), openness(other.mesh, other_eyes)
        assert mirrored.eye_at_left == pytest.approx(plain.eye_at_right, abs=0.07)
        assert mirrored.eye_at_right == pytest.approx(plain.eye_at_left, abs=0.07)
        assert mirrored.mouth == pytest.approx(plain.mouth, abs=0.12)
