from __future__ import annotations

import numpy as np
import pytest

from countenance.kernel import Box, HeadPose, Material, sha256_hex
from countenance.vision.attributes import FaceAnalysis
from countenance.vision.drawing import PART_COLOURS, draw_analysis, draw_points
from countenance.vision.landmarks import FacePart, Gaze, Points106


def analysis(
    *, points: Points106 | None = None, gaze: Gaze | None = None, pose: HeadPose | None = None
) -> FaceAnalysis:
    return FaceAnalysis(
        box=Box(60, 40, 160, 150), pose=pose, openness=None, gaze=gaze, points=points, quality=None,
        age=None, gender=None, material=Material(sha256_hex(b"drawn")), models=(),
    )  # fmt: skip


def grid() -> Points106:
    numbers = np.arange(106)
    return Points106(
        points=np.column_stack([10 + 18 * (numbers % 12), 10 + 18 * (numbers // 12)]).astype(np.float32)
    )


def test_each_point_is_drawn_at_its_place_in_the_colour_of_its_part() -> None:
    picture = np.zeros((200, 230, 3), np.uint8)
    points = grid()
    draw_points(picture, points, radius=3)
    for part in FacePart:
        for x, y in points.part(part):
            assert tuple(picture[round(float(y)), round(float(x))]) == PART_COLOURS[part]


def test_the_picture_that_was_drawn_on_is_left_alone() -> None:
    pixels = np.full((200, 230, 3), 90, np.uint8)
    drawn = draw_analysis(pixels, analysis(points=grid(), pose=HeadPose(1, 2, 3)))
    assert (pixels == 90).all()
    assert drawn.shape == pixels.shape
    assert (drawn != pixels).any()


def test_only_what_was_asked_for_is_drawn() -> None:
    pixels = np.full((200, 230, 3), 90, np.uint8)
    box_alone = draw_analysis(pixels, analysis())
    inside = box_alone[50:140, 70:150]
    assert (inside == 90).all()
    assert (box_alone[40, 60:160] == 255).all()
    assert (draw_analysis(pixels, analysis(pose=HeadPose(1, 2, 3))) != box_alone).any()


@pytest.mark.parametrize(("yaw", "columns"), [(60.0, slice(115, 170)), (-60.0, slice(50, 105))])
def test_the_arrow_points_where_the_eyes_look(yaw: float, columns: slice) -> None:
    pixels = np.full((200, 230, 3), 90, np.uint8)
    drawn = draw_analysis(pixels, analysis(gaze=Gaze(yaw=yaw, pitch=0, eye_yaw=0, eye_pitch=0)))
    changed = (drawn != draw_analysis(pixels, analysis())).any(axis=2)
    assert changed[:, columns].sum() > 0.8 * changed.sum()


def test_a_box_at_the_edge_of_a_small_picture_is_no_trouble() -> None:
    drawn = draw_analysis(np.zeros((60, 70, 3), np.uint8), analysis(pose=HeadPose(0, 0, 0)))
    assert drawn.shape == (60, 70, 3)
