"""Every source of frames keeps the one contract."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from contract.frame_source import FrameSourceContract
from countenance.capture import (
    Camera,
    CaptureLimits,
    EndReason,
    FrameSource,
    OpenCvVideo,
    PictureFolder,
    PyAvVideo,
    StillPicture,
    StreamLimits,
)
from countenance.capture.reading import Moment, Reading
from countenance.kernel import DeviceId, Frame
from pictures import png, quadrants
from videos import video

LIMITS = StreamLimits(
    picture=CaptureLimits(smallest_side=16), cameras=((0, DeviceId("dev_camera")),), warm_up_seconds=0.0
)


class TestStillPicture(FrameSourceContract):
    LEAST = 1

    @pytest.fixture
    def make(self) -> Callable[[], FrameSource]:
        return lambda: StillPicture(data=png(quadrants()), limits=LIMITS)

    def test_it_has_no_time(self, make: Callable[[], FrameSource]) -> None:
        assert not make().timed


class TestPictureFolder(FrameSourceContract):
    @pytest.fixture
    def make(self, tmp_path: Path) -> Callable[[], FrameSource]:
        folder = tmp_path / "pictures"
        folder.mkdir()
        for number in range(4):
            (folder / f"{number}.png").write_bytes(png(quadrants(96 + number, 72)))
        return lambda: PictureFolder.listed(folder, limits=LIMITS)

    def test_it_has_no_times(self, make: Callable[[], FrameSource]) -> None:
        assert not make().timed


@pytest.mark.parametrize(
    ("kind", "codec"), [("mp4", "mpeg4"), ("mov", "mjpeg"), ("matroska", "mjpeg"), ("avi", "mpeg4")]
)
class TestOpenCvVideo(FrameSourceContract):
    @pytest.fixture
    def make(self, kind: str, codec: str) -> Callable[[], FrameSource]:
        data = video(kind=kind, codec=codec)
        return lambda: OpenCvVideo(data=data, limits=LIMITS)


@pytest.mark.parametrize(
    ("kind", "codec"), [("mp4", "mpeg4"), ("mov", "mjpeg"), ("matroska", "mjpeg"), ("avi", "mpeg4")]
)
class TestPyAvVideo(FrameSourceContract):
    @pytest.fixture
    def make(self, kind: str, codec: str) -> Callable[[], FrameSource]:
        data = video(kind=kind, codec=codec)
        return lambda: PyAvVideo(data=data, limits=LIMITS)


class TestTheLoopOfACamera(FrameSourceContract):
    """The camera's own code, with a video file where the device would be; it says nothing about a device."""

    LAST = EndReason.LENGTH

    @pytest.fixture
    def make(self, tmp_path: Path) -> Callable[[], FrameSource]:
        path = str(tmp_path / "in-place-of-a-camera.avi")
        writer = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (96, 72))
        for _ in range(30):
            writer.write(np.ascontiguousarray(quadrants()[:, :, ::-1]))
        writer.release()

        def fresh() -> FrameSource:
            ticks = itertools.count()
            return Camera(
                number=0,
                seconds=0.55,
                limits=LIMITS,
                opener=lambda _: cv2.VideoCapture(path, cv2.CAP_FFMPEG),
                clock=lambda: next(ticks) / 10,
            )

        return fresh


@pytest.mark.parametrize("kind", ["folder", "opencv", "pyav"])
@pytest.mark.parametrize(("every", "kept"), [(1, [0, 1, 2, 3]), (2, [0, 2]), (3, [0, 3]), (9, [0])])
def test_each_so_manyth_is_given_and_the_others_arent_decoded(
    kind: str, every: int, kept: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        (tmp_path / f"{number}.png").write_bytes(png(quadrants(96 + number, 72)))
    limits = replace(LIMITS, every=every)
    data = video([0.0, 0.1, 0.2, 0.3])
    made: dict[str, Callable[[], FrameSource]] = {
        "folder": lambda: PictureFolder.listed(tmp_path, limits=limits),
        "opencv": lambda: OpenCvVideo(data=data, limits=limits),
        "pyav": lambda: PyAvVideo(data=data, limits=limits),
    }
    loaded = 0

    def counted(reading: Reading, moment: Moment) -> Frame | None:
        nonlocal loaded
        loaded += 1
        return load(reading, moment)

    load = Reading._loaded
    monkeypatch.setattr(Reading, "_loaded", counted)
    source = made[kind]()
    with source:
        assert [timed.index for timed in source.frames()] == kept
    assert source.ended is not None
    assert (source.ended.seen, source.ended.given, loaded) == (4, len(kept), len(kept))
    assert source.most_frames >= len(kept)


@pytest.mark.skipif(not Path("/dev/video0").exists(), reason="there is no camera on this machine")
def test_a_real_camera_gives_frames_for_as_long_as_was_asked() -> None:
    source = Camera(number=0, seconds=1.0, limits=LIMITS)
    with source:
        found = list(source.frames())
    assert found
    assert source.ended is not None
    assert source.ended.reason is EndReason.LENGTH
