"""Drawn frames become a clip that plays."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from countenance.vision.drawing import ClipNotWritten, DrawnClip


def frame(level: int, size: tuple[int, int] = (48, 64)) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.full((*size, 3), level, np.uint8)


def test_frames_come_back_in_order(tmp_path: Path) -> None:
    path = tmp_path / "clip.avi"
    with DrawnClip(path, rate=15.0) as clip:
        for level in (20, 120, 220):
            clip.take(frame(level))
    film = cv2.VideoCapture(str(path))
    assert film.get(cv2.CAP_PROP_FPS) == pytest.approx(15.0)
    levels = []
    while (read := film.read())[0]:
        levels.append(float(np.asarray(read[1]).mean()))
    assert levels == pytest.approx([20, 120, 220], abs=4)


def test_red_stays_red(tmp_path: Path) -> None:
    red = frame(0)
    red[..., 0] = 230
    with DrawnClip(tmp_path / "clip.avi", rate=5.0) as clip:
        clip.take(red)
    shown = np.asarray(cv2.VideoCapture(str(tmp_path / "clip.avi")).read()[1])
    assert shown[..., 2].mean() > 180
    assert shown[..., 0].mean() < 60


def test_a_clip_without_frames_and_frames_of_two_sizes(tmp_path: Path) -> None:
    with DrawnClip(tmp_path / "none.avi", rate=5.0):
        pass
    assert not (tmp_path / "none.avi").exists()
    with DrawnClip(tmp_path / "two.avi", rate=5.0) as clip:
        clip.take(frame(10))
        with pytest.raises(ValueError, match="one size"):
            clip.take(frame(10, (24, 32)))


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with DrawnClip(tmp_path / "none" / "clip.avi", rate=5.0) as clip, pytest.raises(ClipNotWritten):
        clip.take(frame(10))
