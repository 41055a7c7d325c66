from __future__ import annotations

import numpy as np
import pytest

from countenance.vision.landmarks import head_pose
from countenance.vision.rendering import (
    FRAME_SIZE,
    PortraitUnusable,
    Scenery,
    Stance,
    head_from_portrait,
    paint,
)
from rendered_heads import head, watcher
from weights import frame_of, sample_frame

pytestmark = pytest.mark.models


def seen(stance: Stance) -> tuple[float, float, float]:
    """Yaw and pitch in degrees and the size of a rendered head, as the networks measure them."""
    frame = Scenery.around(head(), seed=1).seen(stance)
    paint(frame, head().with_lids(stance.closed), stance)
    sighting = watcher().look(frame_of(frame))
    assert sighting.faces == 1
    assert sighting.points is not None
    pose = head_pose(sighting.points)
    return pose.yaw, pose.pitch, float(np.linalg.norm(sighting.points[10] - sighting.points[152]))


def test_a_head_at_rest_looks_straight_ahead() -> None:
    yaw, pitch, size = seen(Stance())
    assert abs(yaw) < 4
    assert abs(pitch) < 6
    assert 110 < size < 220


@pytest.mark.parametrize("yaw", [-38.0, -24.0, 24.0, 38.0])
def test_the_networks_see_it_turn_to_the_side_to_which_it_is_turned(yaw: float) -> None:
    measured, _, _ = seen(Stance(yaw=yaw))
    assert 0.5 * abs(yaw) < np.sign(yaw) * measured < 1.4 * abs(yaw)


def test_they_see_it_nod_and_come_closer() -> None:
    _, level, size = seen(Stance())
    _, down, _ = seen(Stance(pitch=24))
    _, _, near = seen(Stance(closer=1.5))
    assert down - level > 14
    assert near / size == pytest.approx(1.5, abs=0.12)


def test_lids_that_close_change_the_eyes_and_nothing_else() -> None:
    opened, shut = head().surface.texture, head().with_lids(1.0).texture
    changed = (opened != shut).any(axis=2)
    assert head().with_lids(0.0) is head().surface
    for eye in head().eyes:
        rows = slice(int(eye[:, 1].min()), int(eye[:, 2].max()))
        columns = slice(int(eye[:, 0].min()), int(eye[:, 0].max()))
        assert changed[rows, columns].mean() > 0.5
    lowest = max(eye[:, 2].max() for eye in head().eyes)
    assert not changed[int(lowest) + 2 :].any()


def test_the_nose_stands_off_and_the_skull_lies_behind() -> None:
    depth, there = head().surface.points[..., 2], head().surface.texture[..., 3] > 200
    assert depth[there].max() - np.median(depth[there]) > 2
    assert depth[there].min() < -2
    assert np.isfinite(head().surface.points).all()
    assert head().surface.points.shape[:2] == head().surface.texture.shape[:2]


def test_a_face_that_is_turned_makes_no_head() -> None:
    frame = sample_frame("biden")
    points = watcher().look(frame).points
    assert points is not None
    turned = points.copy()
    turned[[33, 263], 2] += np.array([40, -40], np.float32) * 4
    with pytest.raises(PortraitUnusable):
        head_from_portrait(frame.pixels, turned)
    with pytest.raises(PortraitUnusable):
        head_from_portrait(frame.pixels, points * np.float32(0.05))


def test_a_room_has_the_shoulders_and_no_face() -> None:
    room = Scenery.around(head(), seed=2).seen(Stance())
    assert room.shape == (FRAME_SIZE[1], FRAME_SIZE[0], 3)
    assert watcher().look(frame_of(room)).faces == 0
    assert watcher().look(frame_of(Scenery.empty(seed=3).seen(Stance()))).faces == 0
