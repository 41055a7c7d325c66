from __future__ import annotations

import numpy as np
import pytest

from countenance.vision.rendering import (
    FRAME_SIZE,
    HeldScreen,
    Scenery,
    Stance,
    cut_out_sheet,
    paint,
    printed_sheet,
)
from rendered_heads import head, watcher
from weights import frame_of

pytestmark = pytest.mark.models


def test_a_print_shows_the_face_and_a_white_margin() -> None:
    frame = Scenery.empty(seed=1).seen(Stance(), follows=0.0)
    paint(frame, printed_sheet(head()).surface(None), Stance())
    assert watcher().look(frame_of(frame)).faces == 1
    margin = printed_sheet(head()).texture
    assert (margin[:8, :, :3] > 220).all()
    assert (margin[..., 3] == 255).all()


def test_a_flat_sheet_lies_in_a_plane_and_a_bent_one_on_a_cylinder() -> None:
    sheet = printed_sheet(head())
    flat, bent = sheet.surface(None).points, sheet.surface(10.0).points
    assert np.ptp(flat[..., 2]) == 0
    x, z = bent[..., 0], bent[..., 2] + 10.0
    assert np.allclose(np.hypot(x, z), 10.0, atol=1e-3)
    # Bending doesn't stretch paper: neighbours keep their distance.
    step = np.linalg.norm(np.diff(bent, axis=1), axis=2)
    assert np.allclose(step, np.diff(flat[..., 0], axis=1), rtol=1e-3)


def test_eyes_are_cut_out_and_what_is_behind_looks_through() -> None:
    sheet = cut_out_sheet(head())
    holes = sheet.texture[..., 3] == 0
    assert 0.002 < holes.mean() < 0.05
    frame = np.zeros((FRAME_SIZE[1], FRAME_SIZE[0], 3), np.uint8)
    frame[...] = (255, 0, 255)
    paint(frame, sheet.surface(None), Stance())
    through = (frame == (255, 0, 255)).all(axis=2)
    inner = through[180:300, 260:380]
    assert inner.sum() > 40
    assert sheet.pivot > 0  # it turns with the head that wears it


def test_a_screen_shows_what_is_played_inside_its_rim() -> None:
    live = Scenery.around(head(), seed=1).seen(Stance())
    paint(live, head().surface, Stance())
    frame = Scenery.empty(seed=5).seen(Stance(), follows=0.0)
    before = frame.copy()
    HeldScreen().paint(frame, live, Stance(closer=1.95, yaw=4))
    changed = (frame != before).any(axis=2)
    assert 0.2 < changed.mean() < 0.99
    assert watcher().look(frame_of(frame)).faces == 1
    rim = frame[changed & (frame.max(axis=2) < 30)]
    assert len(rim) > 500
