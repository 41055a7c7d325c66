from __future__ import annotations

import os
from pathlib import Path

import pytest

from countenance.capture import (
    Camera,
    CameraNotDeclared,
    FolderWithoutPictures,
    OpenCvVideo,
    PictureFolder,
    PyAvVideo,
    RecordingTooLong,
    StreamLimits,
    VideoTooLarge,
)
from countenance.runtime import SettingsInvalid, load_settings
from countenance.runtime.streams import camera_source, source_at, stream_limits, video_source
from pictures import png, quadrants
from videos import video


def test_the_default_settings_are_the_default_limits() -> None:
    assert stream_limits(load_settings()) == StreamLimits()


@pytest.mark.parametrize(
    ("setting", "value", "attribute", "limit"),
    [
        ("video_largest_bytes", 2048, "largest_bytes", 2048),
        ("video_longest_seconds", 9.5, "longest_seconds", 9.5),
        ("video_most_frames", 7, "most_frames", 7),
        ("video_largest_pixels", 5000, "largest_pixels", 5000),
        ("video_frames_per_second", 2.5, "frames_per_second", 2.5),
        ("folder_most_pictures", 3, "most_pictures", 3),
        ("cameras", ["0=dev_a", "12=dev_b"], "cameras", ((0, "dev_a"), (12, "dev_b"))),
        ("camera_warm_up_seconds", 0, "warm_up_seconds", 0.0),
        ("camera_longest_seconds", 5, "longest_recording_seconds", 5.0),
    ],
)
def test_each_limit_is_a_setting(setting: str, value: object, attribute: str, limit: object) -> None:
    limits = stream_limits(load_settings(overrides={setting: value}))
    assert getattr(limits, attribute) == limit


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("video_decoder", "vlc"),
        ("video_largest_bytes", 0),
        ("video_frames_per_second", 0),
        ("video_longest_seconds", float("inf")),
        ("cameras", ["dev_a"]),
        ("cameras", ["-1=dev_a"]),
        ("cameras", ["0="]),
        ("cameras", ["0=dev_a", "00=dev_b"]),
        ("camera_longest_seconds", 3601),
    ],
)
def test_what_limits_nothing_is_refused(setting: str, value: object) -> None:
    with pytest.raises(SettingsInvalid, match=setting):
        load_settings(overrides={setting: value})


def test_cameras_are_stated_in_a_file_too(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('cameras = ["2=dev_hall"]\n')
    assert stream_limits(load_settings(file=file)).device_of(2) == "dev_hall"


@pytest.mark.parametrize(("name", "kind"), [("opencv", OpenCvVideo), ("pyav", PyAvVideo)])
def test_the_decoder_is_a_setting(name: str, kind: type[object]) -> None:
    source = video_source(video(), settings=load_settings(overrides={"video_decoder": name}))
    assert isinstance(source, kind)
    with source:
        assert len(list(source.frames())) == 12


def test_the_settings_limit_reaches_the_source() -> None:
    with pytest.raises(VideoTooLarge):
        video_source(b"x" * 1025, settings=load_settings(overrides={"video_largest_bytes": 1024}))


def test_each_so_manyth_is_the_callers_to_say() -> None:
    assert stream_limits(load_settings(), every=5) == StreamLimits(every=5)


class TestWhatLiesAtAPath:
    def test_a_folder_is_a_folder(self, tmp_path: Path) -> None:
        (tmp_path / "one.png").write_bytes(png(quadrants()))
        assert isinstance(source_at(tmp_path, settings=load_settings()), PictureFolder)

    def test_an_empty_folder_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(FolderWithoutPictures):
            source_at(tmp_path, settings=load_settings())

    @pytest.mark.parametrize("name", ["clip.mp4", "clip.jpg", "clip"])
    def test_a_video_is_known_by_its_first_bytes_and_not_by_its_name(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_bytes(video())
        assert isinstance(source_at(tmp_path / name, settings=load_settings()), OpenCvVideo)

    @pytest.mark.parametrize("content", [png(quadrants()), b"", b"#EXTM3U\n/etc/passwd\n"])
    def test_everything_else_is_one_picture(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "clip.mp4").write_bytes(content)
        assert source_at(tmp_path / "clip.mp4", settings=load_settings()) is None

    def test_what_isnt_there_or_isnt_a_file_is_left_to_whoever_reads_it(self, tmp_path: Path) -> None:
        assert source_at(tmp_path / "nothing", settings=load_settings()) is None
        os.mkfifo(tmp_path / "pipe")
        assert source_at(tmp_path / "pipe", settings=load_settings()) is None

    def test_a_video_beyond_the_limit_isnt_read_whole(self, tmp_path: Path) -> None:
        (tmp_path / "clip").write_bytes(video() + b"x" * 200_000)
        with pytest.raises(VideoTooLarge):
            source_at(tmp_path / "clip", settings=load_settings(overrides={"video_largest_bytes": 100_000}))


class TestCameras:
    def test_a_declared_one_is_a_source_of_its_device(self) -> None:
        settings = load_settings(overrides={"cameras": ["3=dev_hall"]})
        source = camera_source(3, seconds=2.0, settings=settings, every=2)
        assert isinstance(source, Camera)
        assert (source.device, source.most_frames) == ("dev_hall", 31)

    def test_another_isnt(self) -> None:
        with pytest.raises(CameraNotDeclared):
            camera_source(0, seconds=2.0, settings=load_settings())

    def test_it_is_recorded_from_for_as_long_as_the_settings_allow(self) -> None:
        settings = load_settings(overrides={"cameras": ["3=dev_hall"], "camera_longest_seconds": 5})
        with pytest.raises(RecordingTooLong):
            camera_source(3, seconds=5.1, settings=settings)
