from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from countenance.vision.landmarks import eye_centres, five_points, head_pose

# A face as a made thing: outer eye corners, mouth corners and nose in a head's own axes, in pixels;
# x to the image's right, y down, z away from the camera. Eyes and mouth lie in one plane.
PARTS = {33: (-45, -30, 0), 263: (45, -30, 0), 61: (-25, 40, 0), 291: (25, 40, 0), 4: (0, 5, -35)}


def turned_mesh(*, yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> NDArray[np.float32]:
    """The made face, tilted, then turned, then leaned, as the kernel's HeadPose says the signs."""
    y, p, r = (math.radians(angle) for angle in (yaw, pitch, roll))
    # Turning to the image's right takes the eye at the right away from the camera: z grows with x.
    turn = np.array([[math.cos(y), 0, -math.sin(y)], [0, 1, 0], [math.sin(y), 0, math.cos(y)]])
    # Tilting down takes the mouth away from the camera: z grows with y.
    tilt = np.array([[1, 0, 0], [0, math.cos(p), -math.sin(p)], [0, math.sin(p), math.cos(p)]])
    # Leaning clockwise as seen takes the eye at the right down: y grows with x.
    lean = np.array([[math.cos(r), -math.sin(r), 0], [math.sin(r), math.cos(r), 0], [0, 0, 1]])
    points = np.zeros((468, 3), np.float32)
    for index, place in PARTS.items():
        points[index] = lean @ turn @ tilt @ np.array(place, float) + [300, 200, 0]
    return points


@pytest.mark.parametrize("angle", ["yaw", "pitch", "roll"])
@given(degrees=st.floats(-60, 60))
def test_one_angle_alone_is_read_back_with_its_sign(angle: str, degrees: float) -> None:
    pose = head_pose(turned_mesh(**{angle: degrees}))
    for name in ("yaw", "pitch", "roll"):
        wanted = degrees if name == angle else 0.0
        assert getattr(pose, name) == pytest.approx(wanted, abs=0.01)


@given(yaw=st.floats(-40, 40), pitch=st.floats(-25, 25), roll=st.floats(-170, 170))
def test_angles_together_keep_their_signs_and_nearly_their_sizes(
    yaw: float, pitch: float, roll: float
) -> None:
    pose = head_pose(turned_mesh(yaw=yaw, pitch=pitch, roll=roll))
    assert pose.roll == pytest.approx(roll, abs=0.01)
    assert pose.yaw == pytest.approx(yaw, abs=0.01)
    assert pose.pitch == pytest.approx(pitch, abs=abs(yaw) / 4 + 0.01)


@pytest.mark.parametrize("roll", [-170.0, -90.0, 90.0, 180.0])
def test_a_picture_on_its_side_changes_the_roll_alone(roll: float) -> None:
    pose = head_pose(turned_mesh(yaw=20.0, pitch=-10.0, roll=roll))
    assert math.cos(math.radians(pose.roll - roll)) == pytest.approx(1.0, abs=1e-6)
    level = head_pose(turned_mesh(yaw=20.0, pitch=-10.0))
    assert (pose.yaw, pose.pitch) == pytest.approx((level.yaw, level.pitch), abs=0.01)


def test_the_five_points_are_eyes_nose_and_mouth_by_side_of_the_image() -> None:
    points = np.zeros((468, 3), np.float32)
    points[[33, 133, 159, 145, 158, 153, 160, 144]] = [100, 50, 1]
    points[[263, 362, 386, 374, 385, 380, 387, 373]] = [200, 51, 2]
    points[4], points[61], points[291] = [150, 100, -9], [120, 150, 3], [180, 151, 3]
    found = five_points(points)
    assert found.tolist() == [[100, 50], [200, 51], [150, 100], [120, 150], [180, 151]]
    assert eye_centres(points).tolist() == [[100, 50], [200, 51]]
    assert found.dtype == np.float32


def test_an_eyes_centre_is_the_mean_of_its_lids() -> None:
    points = np.zeros((468, 3), np.float32)
    lids = [33, 133, 159, 145, 158, 153, 160, 144]
    points[lids, 0] = np.arange(8)
    points[lids, 1] = np.arange(8) * 2
    assert eye_centres(points)[0].tolist() == [3.5, 7.0]
