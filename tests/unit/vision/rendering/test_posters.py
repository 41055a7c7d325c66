"""Posters hang and move as they are told, and the same seed gives the same frames."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from countenance.capture import CaptureLimits, decode
from countenance.vision.rendering import CameraMotion, PosterKind, PosterScene

RED = np.zeros((200, 150, 3), np.uint8)
RED[...] = (250, 10, 10)


def frames(
    kind: PosterKind, motion: CameraMotion, *, seconds: float = 1.0, seed: int = 3
) -> list[NDArray[np.uint8]]:
    encoded = PosterScene(kind, motion, seed=seed).frames(lambda _: RED, seconds=seconds)
    return [decode(one, limits=CaptureLimits()) for one in encoded]


def middle(frame: NDArray[np.uint8]) -> tuple[float, float, int]:
    """Where the red is, and how much of it there is."""
    red = (frame[..., 0] > 180) & (frame[..., 1] < 90) & (frame[..., 2] < 90)
    rows, columns = np.nonzero(red)
    return float(columns.mean()), float(rows.mean()), int(red.sum())


@pytest.mark.parametrize(("kind", "motion"), list(product(PosterKind, CameraMotion)))
def test_every_pair_shows_the_picture_all_the_time(kind: PosterKind, motion: CameraMotion) -> None:
    seen = frames(kind, motion, seconds=0.6)
    assert len(seen) == 9
    assert all(one.shape == (480, 640, 3) for one in seen)
    assert all(middle(one)[2] > 800 for one in seen)


def test_a_poster_before_a_still_camera_stays_and_a_bus_passes() -> None:
    hung = frames(PosterKind.WALL, CameraMotion.STILL)
    assert abs(middle(hung[0])[0] - middle(hung[-1])[0]) < 1.0
    passing = frames(PosterKind.BUS, CameraMotion.STILL)
    assert middle(passing[-1])[0] - middle(passing[0])[0] > 80


def test_who_walks_up_sees_it_larger_and_who_zooms_as_well() -> None:
    for motion in (CameraMotion.WALK, CameraMotion.ZOOM):
        seen = frames(PosterKind.WALL, motion)
        assert middle(seen[-1])[2] > 1.1 * middle(seen[0])[2]


def test_a_pan_moves_it_across() -> None:
    seen = frames(PosterKind.WALL, CameraMotion.PAN)
    assert abs(middle(seen[0])[0] - middle(seen[-1])[0]) > 60


def test_the_same_seed_gives_the_same_frames_and_another_others() -> None:
    first, again = (frames(PosterKind.SHIRT, CameraMotion.HANDHELD, seconds=0.2) for _ in range(2))
    assert all((one == other).all() for one, other in zip(first, again, strict=True))
    other = frames(PosterKind.SHIRT, CameraMotion.HANDHELD, seconds=0.2, seed=4)
    assert any((one != another).any() for one, another in zip(first, other, strict=True))


def test_a_screen_shows_what_it_is_given_at_that_moment() -> None:
    asked: list[float] = []

    def playing(at: float) -> NDArray[np.uint8]:
        asked.append(at)
        return RED

    list(PosterScene(PosterKind.HELD, CameraMotion.STILL, seed=1).frames(playing, seconds=0.4))
    assert asked == pytest.approx([i / 15 for i in range(6)])
