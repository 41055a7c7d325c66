"""A camera's refusals are tested for real; a camera's success needs a camera (test_frame_sources)."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from countenance.capture import (
    Camera,
    CameraNotDeclared,
    CameraStopped,
    CameraUnavailable,
    EndReason,
    RecordingTooLong,
    StreamLimits,
    camera_material,
)
from countenance.capture.camera import open_v4l2
from countenance.kernel import DeviceId, OperatorError
from pictures import quadrants

DEVICE = DeviceId("dev_camera")
NOBODYS = 251
LIMITS = StreamLimits(cameras=((0, DEVICE), (NOBODYS, DEVICE)), warm_up_seconds=0.25)


@pytest.fixture
def clip(tmp_path: Path) -> str:
    """Ten pictures in place of a camera."""
    path = str(tmp_path / "clip.avi")
    writer = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (96, 72))
    for _ in range(10):
        writer.write(np.ascontiguousarray(quadrants()[:, :, ::-1]))
    writer.release()
    return path


def camera(clip: str, seconds: float, limits: StreamLimits = LIMITS) -> Camera:
    ticks = itertools.count()
    return Camera(
        number=0,
        seconds=seconds,
        limits=limits,
        opener=lambda _: cv2.VideoCapture(clip, cv2.CAP_FFMPEG),
        clock=lambda: next(ticks) / 10,
    )


def test_a_camera_that_is_not_there_is_told() -> None:
    source = Camera(number=NOBODYS, seconds=1.0, limits=LIMITS)
    with pytest.raises(CameraUnavailable) as refused, source:
        pytest.fail("it was opened")
    assert isinstance(refused.value, OperatorError)
    assert source.ended is not None
    assert (source.ended.reason, source.ended.code) == (EndReason.FAILED, "camera-unavailable")


def test_a_node_that_is_no_device_is_never_handed_to_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: pytest.fail("it was opened"))
    with pytest.raises(CameraUnavailable):
        open_v4l2(NOBODYS)


@pytest.mark.skipif(os.geteuid() != 0, reason="making a device node needs root")
def test_a_device_that_is_no_camera_is_unavailable(tmp_path: Path) -> None:
    """A character device that V4L2 can't talk to, as /dev/video252: the kernel's answer is real."""
    node = Path("/dev/video252")
    try:
        os.mknod(node, 0o20600, os.makedev(1, 3))  # what /dev/null is
    except OSError as error:
        pytest.skip(f"no device node can be made here ({error.strerror})")
    try:
        with pytest.raises(CameraUnavailable):
            open_v4l2(252)
    finally:
        node.unlink()


@pytest.mark.parametrize("number", [1, -1, 99])
def test_an_undeclared_camera_is_not_opened(number: int) -> None:
    with pytest.raises(CameraNotDeclared):
        Camera(number=number, seconds=1.0, limits=LIMITS)


@pytest.mark.parametrize("seconds", [0.0, -1.0, 60.1, float("nan"), float("inf")])
def test_a_recording_has_a_length_within_the_limit(seconds: float) -> None:
    with pytest.raises(RecordingTooLong):
        Camera(number=0, seconds=seconds, limits=LIMITS)


def test_a_permit_for_one_camera_opens_no_other() -> None:
    named = {
        camera_material(0, DEVICE),
        camera_material(1, DEVICE),
        camera_material(0, DeviceId("dev_other")),
    }
    assert len(named) == 3


def test_the_first_pictures_are_thrown_away_while_it_warms_up(clip: str) -> None:
    source = camera(clip, 0.2)
    with source:
        found = list(source.frames())
    assert [round(timed.seconds, 6) for timed in found] == [0.0, 0.1, 0.2]
    assert source.ended is not None
    assert source.ended.reason is EndReason.LENGTH


def test_a_camera_that_stops_is_told(clip: str) -> None:
    source = camera(clip, 30.0)
    with source, pytest.raises(CameraStopped):
        list(source.frames())
    assert source.ended is not None
    assert source.ended.code == "camera-stopped"
    assert source.ended.given > 0


def test_a_camera_of_too_many_pixels_is_closed_again(clip: str) -> None:
    limits = StreamLimits(cameras=((0, DEVICE),), largest_pixels=100)
    with pytest.raises(CameraUnavailable), camera(clip, 1.0, limits):
        pytest.fail("it was opened")
