from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from contract.detector import head_and_shoulders
from countenance.kernel import Box
from countenance.vision import Face, Mesh, ModelUnusable
from countenance.vision.landmarks import MESH_POINTS, FaceMesh468, five_points, head_pose
from weights import PEOPLE, blazeface, face_mesh, frame_of, model_bytes

pytestmark = pytest.mark.models


def mesh_of(pixels: NDArray[np.uint8], *, locator: FaceMesh468 | None = None) -> Mesh:
    frame = frame_of(pixels)
    return (locator or face_mesh()).locate(frame, blazeface().detect(frame)[0])


def turned(pixels: NDArray[np.uint8], degrees: float) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The picture turned clockwise about its middle, and the matrix that does it."""
    height, width = pixels.shape[:2]
    matrix = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0), np.float64)
    return np.asarray(cv2.warpAffine(pixels, matrix, (width, height)), np.uint8), matrix


@pytest.mark.parametrize("name", PEOPLE)
def test_a_portrait_has_a_mesh_on_its_face(name: str) -> None:
    pixels = head_and_shoulders(name)
    mesh = mesh_of(pixels)
    assert mesh.points.shape == (MESH_POINTS, 3)
    assert mesh.points.dtype == np.float32
    assert mesh.presence > 0.99
    box = blazeface().detect(frame_of(pixels))[0].box
    middle = mesh.points[:, :2].mean(axis=0)
    assert box.left < middle[0] < box.right
    assert box.top < middle[1] < box.bottom


@pytest.mark.parametrize("name", PEOPLE)
def test_it_agrees_with_the_detectors_own_keypoints(name: str) -> None:
    pixels = head_and_shoulders(name)
    face = blazeface().detect(frame_of(pixels))[0]
    points = five_points(mesh_of(pixels).points)
    eyes = float(np.hypot(*(points[1] - points[0])))
    for point, keypoint in zip(points[:3], face.keypoints[:3], strict=True):
        assert np.hypot(point[0] - keypoint.x, point[1] - keypoint.y) < 0.3 * eyes


@pytest.mark.parametrize("name", PEOPLE)
def test_a_second_pass_steadies_the_points(name: str) -> None:
    """From boxes put in slightly other places, two passes give points nearer to one another than one."""
    pixels = head_and_shoulders(name)
    frame = frame_of(pixels)
    box = blazeface().detect(frame)[0].box
    spreads = []
    for passes in (1, 2):
        locator = FaceMesh468(content=model_bytes("face-landmark-468"), passes=passes)
        found = []
        for share in (-0.12, 0.0, 0.12):
            x, y = share * box.width, -share * box.height
            moved = Box(box.left + x, box.top + y, box.right + x, box.bottom + y)
            found.append(five_points(locator.locate(frame, Face(box=moved, score=1.0)).points))
        spreads.append(float(np.std(np.stack(found), axis=0).mean()))
    assert spreads[1] < spreads[0]


@pytest.mark.parametrize("name", PEOPLE)
def test_a_mirrored_picture_mirrors_yaw_and_roll(name: str) -> None:
    pixels = head_and_shoulders(name)
    plain = head_pose(mesh_of(pixels).points)
    mirror = head_pose(mesh_of(np.ascontiguousarray(pixels[:, ::-1])).points)
    assert mirror.yaw == pytest.approx(-plain.yaw, abs=4)
    assert mirror.roll == pytest.approx(-plain.roll, abs=3)
    assert mirror.pitch == pytest.approx(plain.pitch, abs=4)


@pytest.mark.parametrize("degrees", [-40, -20, 20, 40])
def test_a_turned_picture_adds_to_the_roll_and_turns_the_points(degrees: int) -> None:
    pixels = head_and_shoulders("obama")
    plain = mesh_of(pixels)
    picture, matrix = turned(pixels, degrees)
    mesh = mesh_of(picture)
    before, after = head_pose(plain.points), head_pose(mesh.points)
    assert after.roll == pytest.approx(before.roll + degrees, abs=4)
    assert after.yaw == pytest.approx(before.yaw, abs=6)
    expected = five_points(plain.points) @ matrix[:, :2].T + matrix[:, 2]
    eyes = float(np.hypot(*(expected[1] - expected[0])))
    assert np.hypot(*(five_points(mesh.points) - expected).T).max() < 0.15 * eyes


def test_known_photographs_point_where_a_person_sees_them_point() -> None:
    """obama2 looks to the image's left, biden to its right; obama3 holds the head high."""
    poses = {name: head_pose(mesh_of(head_and_shoulders(name)).points) for name in PEOPLE}
    assert poses["obama2"].yaw < -8
    assert poses["biden"].yaw > 4
    assert poses["obama3"].pitch < -12
    assert abs(poses["obama"].yaw) < 8


def test_depth_scales_with_the_picture() -> None:
    small, large = (mesh_of(head_and_shoulders("obama", height=height)).points for height in (240, 720))
    ratio = np.ptp(large[:, 2]) / np.ptp(small[:, 2])
    assert ratio == pytest.approx(3.0, rel=0.08)


def test_no_face_has_little_presence() -> None:
    frame = frame_of(np.full((300, 300, 3), 120, np.uint8))
    mesh = face_mesh().locate(frame, Face(box=Box(100, 100, 200, 200), score=1.0))
    assert mesh.presence < 0.5


def test_it_is_repeatable_and_leaves_the_frame_alone() -> None:
    pixels = head_and_shoulders("biden")
    before = pixels.copy()
    assert np.array_equal(mesh_of(pixels).points, mesh_of(pixels).points)
    assert np.array_equal(pixels, before)


def test_a_wiped_mesh_holds_no_face_and_none_is_shown() -> None:
    mesh = mesh_of(head_and_shoulders("obama"))
    assert "array" not in repr(mesh)
    mesh.wipe()
    assert not mesh.points.any()


def test_other_networks_and_no_passes_are_refused() -> None:
    with pytest.raises(ModelUnusable):
        FaceMesh468(content=model_bytes("blazeface-short-range"))
    with pytest.raises(ValueError, match="at least one pass"):
        FaceMesh468(content=b"", passes=0)
