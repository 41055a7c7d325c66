from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from countenance.vision.rendering import FRAME_SIZE, Stance, Surface, paint
from countenance.vision.rendering.surfaces import AWAY, FOCAL, corners_seen, rotation

ANGLES = st.floats(-60, 60)


def black() -> NDArray[np.uint8]:
    return np.zeros((FRAME_SIZE[1], FRAME_SIZE[0], 3), np.uint8)


def plate(colour: tuple[int, int, int], *, half: float = 5.0, z: float = 0.0, every: int = 1) -> Surface:
    """A square plate of one colour."""
    side = 120
    texture = np.empty((side, side, 4), np.uint8)
    texture[..., :3], texture[..., 3] = colour, 255
    at = (np.arange(0, side, every, dtype=np.float32) + 0.5) / side * 2 * half - half
    x, y = np.meshgrid(at, at)
    points = np.dstack([x, y, np.full_like(x, z)]).astype(np.float32)
    return Surface(texture, points, 0.0, every=every)


def where(frame: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(frame.any(axis=2))
    return int(columns.min()), int(columns.max()), int(rows.min()), int(rows.max())


@given(ANGLES, ANGLES, ANGLES)
def test_a_turn_is_a_rotation(yaw: float, pitch: float, roll: float) -> None:
    turn = rotation(Stance(yaw=yaw, pitch=pitch, roll=roll)).astype(np.float64)
    assert np.allclose(turn @ turn.T, np.eye(3), atol=1e-5)
    assert np.linalg.det(turn) == pytest.approx(1.0, abs=1e-5)


def test_a_face_turns_to_the_right_edge_and_down_as_the_measured_signs_say() -> None:
    ahead = np.array([0, 0, 1], np.float32)
    assert (rotation(Stance(yaw=30)) @ ahead)[0] > 0.4
    assert (rotation(Stance(pitch=30)) @ ahead)[1] > 0.4


@pytest.mark.parametrize("every", [1, 2])
def test_a_plate_is_seen_as_a_pinhole_camera_sees_it(every: int) -> None:
    frame = black()
    paint(frame, plate((200, 100, 50), every=every), Stance())
    left, right, top, bottom = where(frame)
    half = FOCAL * 5 / AWAY
    assert left == pytest.approx(320 - half, abs=3)
    assert right == pytest.approx(320 + half, abs=3)
    assert (top, bottom) == pytest.approx((240 - half, 240 + half), abs=3)
    assert tuple(frame[240, 320]) == (200, 100, 50)
    inner = frame[int(top) + 6 : int(bottom) - 6, int(left) + 6 : int(right) - 6]
    assert (inner == (200, 100, 50)).all()  # no hole in it


@given(st.floats(1.0, 1.6))
def test_whoever_comes_closer_grows_by_as_much(closer: float) -> None:
    frame = black()
    paint(frame, plate((9, 9, 9)), Stance(closer=closer))
    left, right, _, _ = where(frame)
    assert right - left == pytest.approx(2 * FOCAL * 5 / AWAY * closer, abs=8)


@pytest.mark.parametrize("yaw", [-35.0, 0.0, 35.0])
def test_what_is_nearer_hides_what_is_behind(yaw: float) -> None:
    far, near = plate((255, 0, 0), half=4), plate((0, 0, 255), half=2, z=3)
    points = np.concatenate([near.points, far.points])
    both = Surface(np.concatenate([near.texture, far.texture]), points, 0.0)
    frame = black()
    paint(frame, both, Stance(yaw=yaw))
    middle = int(320 + FOCAL * 3 * np.sin(np.radians(yaw)) / AWAY)
    assert tuple(frame[240, middle]) == (0, 0, 255)


def test_what_is_not_there_hides_nothing_and_outside_the_frame_nothing_is_painted() -> None:
    gone = plate((255, 255, 255))
    gone.texture[..., 3] = 0
    gone.texture[0, 0, 3] = 255
    frame = black()
    paint(frame, gone, Stance())
    assert not frame[220:260, 300:340].any()
    paint(frame, plate((255, 255, 255)), Stance(x=500))
    assert not frame[220:260, 300:340].any()


def test_corners_of_a_flat_thing_that_is_turned_converge() -> None:
    seen = corners_seen((10, 8), Stance(yaw=40))
    left, right = seen[3, 1] - seen[0, 1], seen[2, 1] - seen[1, 1]
    assert left > right  # the edge that came nearer is the longer one
    assert (seen[1] - seen[0])[0] > 0
