from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest

from countenance.capture import decode
from countenance.liveness import FaceWatcher, Measurement
from countenance.runtime import Settings
from countenance.runtime.liveness import frame_limits
from countenance.runtime.liveness_bench import FRAME_SIZE, noisy_frames, time_liveness
from liveness_session import SpelledFaces, SpelledMesh, spelled
from pictures import png, quadrants


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def frames(count: int = 40) -> tuple[bytes, ...]:
    return tuple(spelled(Measurement(i, 0.0, 0.0, size=200.0)) for i in range(count))


def watcher() -> FaceWatcher:
    return FaceWatcher(detector=SpelledFaces(), mesh=SpelledMesh())


def test_a_full_house_is_held_and_one_too_many_is_told_when_to_come_back(room: Path) -> None:
    moved: list[int] = []
    times = time_liveness(
        Settings(), frames=frames(), sessions=3, rate=10, seconds=1, moved=moved.append, watcher=watcher()
    )
    assert (times.sessions, times.frames, times.refused, times.lost) == (3, 30, 0, 0)
    assert times.retry_after is not None
    assert 1 <= times.retry_after <= 20
    assert moved[-1] == 30
    assert times.frame.count == 60
    assert 0 < times.frame.low <= times.frame.median <= times.frame.high
    assert times.processor.count == 60
    assert times.answered.count == 30
    assert times.resident >= 0
    assert list(room.iterdir()) == []


def test_frames_that_are_no_pictures_are_counted_as_refused(room: Path) -> None:
    good = frames()
    # Single frames are timed first, on the first 40; what is broken comes after them.
    with pytest.raises(Exception, match="picture"):
        time_liveness(
            Settings(), frames=(b"no picture", *good), sessions=1, rate=5, seconds=1, watcher=watcher()
        )
    assert list(room.iterdir()) == []


def test_frames_are_a_photograph_with_noise_of_its_own_in_each() -> None:
    made = noisy_frames(png(quadrants(320, 240)), count=3, seed=1)
    assert len(set(made)) == 3
    pixels = [decode(one, limits=frame_limits()).astype(np.int16) for one in made]
    assert pixels[0].shape == (FRAME_SIZE[1], FRAME_SIZE[0], 3)
    assert np.abs(pixels[0] - pixels[1]).mean() < 8
    assert noisy_frames(png(quadrants(320, 240)), count=1, seed=1)[0] == made[0]
