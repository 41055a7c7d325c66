from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.kernel import HeadPose
from countenance.vision.landmarks import Eye, Eyes, gaze_of
from face_parts import drawn_eyes, seen, turned
from weights import PEOPLE

AHEAD = HeadPose(yaw=0.0, pitch=0.0, roll=0.0)


@pytest.mark.parametrize(
    ("iris", "yaw", "pitch"),
    [
        pytest.param((0, 0), 0, 0, id="straight"),
        pytest.param((6, 0), 30, 0, id="to the image's right"),
        pytest.param((-6, 0), -30, 0, id="to the image's left"),
        pytest.param((0, 6), 0, 30, id="down"),
        pytest.param((0, -6), 0, -30, id="up"),
        pytest.param((40, -40), 90, -90, id="outside the eye: as far as it goes"),
    ],
)
def test_the_iris_moves_on_a_circle_of_two_fifths_of_the_eyes_width(
    iris: tuple[float, float], yaw: float, pitch: float
) -> None:
    """Eyes of 30 pixels: the circle's radius is 12, and 6 is its sine of 30 degrees."""
    gaze = gaze_of(drawn_eyes(iris=iris), pose=AHEAD)
    assert gaze.yaw == pytest.approx(yaw, abs=1e-3)
    assert gaze.pitch == pytest.approx(pitch, abs=1e-3)
    assert (gaze.eye_yaw, gaze.eye_pitch) == (gaze.yaw, gaze.pitch)


def test_the_heads_angle_is_added() -> None:
    gaze = gaze_of(drawn_eyes(), pose=HeadPose(yaw=20, pitch=-10, roll=0))
    assert gaze.yaw == pytest.approx(20, abs=1e-3)
    assert gaze.pitch == pytest.approx(-10, abs=1e-3)
    assert gaze.eye_yaw == pytest.approx(0, abs=1e-3)
    assert gaze.eye_pitch == pytest.approx(0, abs=1e-3)


def test_who_turns_the_head_and_looks_back_looks_at_the_camera() -> None:
    shift = -12 * math.sin(math.radians(20))
    gaze = gaze_of(drawn_eyes(iris=(shift, 0)), pose=HeadPose(yaw=20, pitch=0, roll=0))
    assert gaze.yaw == pytest.approx(0, abs=1e-3)


@given(roll=st.floats(-60, 60), x=st.floats(-8, 8), y=st.floats(-8, 8))
def test_a_leaning_head_looks_where_it_looked(roll: float, x: float, y: float) -> None:
    eyes = drawn_eyes(iris=(x, y))
    leaning = Eyes(
        *(
            Eye(lids=turned(eye.lids, roll), iris=turned(eye.iris, roll))
            for eye in (eyes.at_left, eyes.at_right)
        )
    )
    plain = gaze_of(eyes, pose=AHEAD)
    found = gaze_of(leaning, pose=HeadPose(yaw=0, pitch=0, roll=roll))
    assert found.yaw == pytest.approx(plain.yaw, abs=0.1)
    assert found.pitch == pytest.approx(plain.pitch, abs=0.1)


def test_a_turned_head_shortens_the_eye_sideways_alone() -> None:
    """At 60 degrees an eye is half as wide: up and down are measured by its true width."""
    pose = HeadPose(yaw=60, pitch=0, roll=0)
    assert gaze_of(drawn_eyes(iris=(0, 6)), pose=pose).eye_pitch == pytest.approx(14.4775, abs=1e-3)
    assert gaze_of(drawn_eyes(iris=(6, 0)), pose=pose).eye_yaw == pytest.approx(30, abs=1e-3)


def test_eyes_on_one_spot_look_straight_ahead() -> None:
    spot = Eye(lids=np.zeros((16, 2), np.float32), iris=np.zeros((5, 2), np.float32))
    gaze = gaze_of(Eyes(spot, spot), pose=AHEAD)
    assert (gaze.yaw, gaze.pitch) == (0.0, 0.0)


@pytest.mark.models
class TestOnPhotographs:
    @pytest.mark.parametrize("name", PEOPLE)
    def test_a_mirrored_picture_mirrors_the_yaw(self, name: str) -> None:
        _, observation, eyes = seen(name)
        _, other, other_eyes = seen(name, mirrored=True)
        plain = gaze_of(eyes, pose=observation.pose)
        mirrored = gaze_of(other_eyes, pose=other.pose)
        assert mirrored.yaw == pytest.approx(-plain.yaw, abs=7)
        assert mirrored.pitch == pytest.approx(plain.pitch, abs=7)

    def test_known_photographs_look_where_a_person_sees_them_look(self) -> None:
        """obama2 looks past the camera to the image's left; obama looks into it."""
        yaws = {}
        for name in ("obama", "obama2"):
            _, observation, eyes = seen(name)
            yaws[name] = gaze_of(eyes, pose=observation.pose).yaw
        assert yaws["obama2"] < -15
        assert abs(yaws["obama"]) < 10
