"""What is beside a face rides along or rests, as drawn; what can't be measured is said to be nothing."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from countenance.kernel import Box
from countenance.vision.motion import FlowField

SIDE = 480
BOX = Box(200, 180, 280, 260)


def texture(seed: int, size: tuple[int, int] = (SIDE, SIDE)) -> NDArray[np.uint8]:
    rough = np.random.default_rng(seed).integers(0, 255, (size[0] // 4, size[1] // 4, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(rough, size[::-1], interpolation=cv2.INTER_CUBIC), np.uint8)


def mesh(shift: tuple[float, float]) -> NDArray[np.float32]:
    rng = np.random.default_rng(1)
    points = rng.uniform((205, 185), (275, 255), (60, 2)) + np.array(shift)
    return np.asarray(points, np.float32)


def moved(picture: NDArray[np.uint8], shift: tuple[float, float]) -> NDArray[np.uint8]:
    move = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float64)
    size = (picture.shape[1], picture.shape[0])
    return np.asarray(cv2.warpAffine(picture, move, size, borderMode=cv2.BORDER_REFLECT), np.uint8)


def scene(sheet: tuple[float, float], world: tuple[float, float]) -> NDArray[np.uint8]:
    """A wall with a sheet on it that reaches well beyond the face."""
    frame = moved(texture(1), world)
    x, y = 120 + round(sheet[0]), 90 + round(sheet[1])
    frame[y : y + 250, x : x + 240] = texture(2, (250, 240))
    return frame


def stepped(sheet: tuple[float, float], world: tuple[float, float], face: tuple[float, float]) -> object:
    field = FlowField()
    field.step(scene((0, 0), (0, 0)), [], all_boxes=[])
    return field.step(scene(sheet, world), [(BOX, mesh((0, 0)), mesh(face))], all_boxes=[BOX])[0]


@pytest.mark.parametrize("shift", [(6.0, 0.0), (4.0, -3.0)])
def test_a_sheet_that_carries_the_face_rides_along(shift: tuple[float, float]) -> None:
    found = stepped(shift, (0, 0), shift)
    assert found.along == pytest.approx(1.0, abs=0.1)  # type: ignore[attr-defined]
    assert found.moved == pytest.approx(np.hypot(*shift), abs=0.5)  # type: ignore[attr-defined]


def test_a_face_that_moves_before_a_wall_leaves_it_behind() -> None:
    found = stepped((0, 0), (0, 0), (6.0, 0.0))
    assert found.along == pytest.approx(0.0, abs=0.1)  # type: ignore[attr-defined]
    assert found.moved == pytest.approx(6.0, abs=0.5)  # type: ignore[attr-defined]


def test_a_camera_that_pans_moves_nothing_against_anything() -> None:
    field = FlowField()
    wall = texture(1)
    field.step(wall, [], all_boxes=[])
    (found,) = field.step(moved(wall, (5, 2)), [(BOX, mesh((0, 0)), mesh((5, 2)))], all_boxes=[BOX])
    assert found.moved == pytest.approx(0.0, abs=0.5)


def test_a_plain_wall_says_nothing() -> None:
    field = FlowField()
    plain = np.full((SIDE, SIDE, 3), 120, np.uint8)
    field.step(plain, [], all_boxes=[])
    (found,) = field.step(plain.copy(), [(BOX, mesh((0, 0)), mesh((3, 0)))], all_boxes=[BOX])
    assert (found.moved, found.along) == (None, None)


def test_the_first_frame_one_of_another_size_and_one_after_wiping_say_nothing() -> None:
    field, step = FlowField(), (BOX, mesh((0, 0)), mesh((3, 0)))
    assert field.step(texture(1), [step], all_boxes=[BOX])[0].moved is None
    smaller = np.ascontiguousarray(texture(1)[:400])
    assert field.step(smaller, [step], all_boxes=[BOX])[0].moved is None
    field.wipe()
    field.wipe()
    assert field.step(smaller, [step], all_boxes=[BOX])[0].moved is None


def test_a_face_at_the_edge_is_no_error() -> None:
    field = FlowField()
    edge = Box(-30, -20, 40, 50)
    field.step(texture(1), [], all_boxes=[])
    (found,) = field.step(texture(1), [(edge, mesh((0, 0)), mesh((0, 0)))], all_boxes=[edge])
    assert found.moved == pytest.approx(0.0, abs=0.5)
