from __future__ import annotations

from pathlib import Path

import pytest

from countenance.capture import OpenCvVideo, PyAvVideo, StreamLimits, VideoTooLarge
from countenance.runtime import SettingsInvalid, load_settings
from countenance.runtime.streams import stream_limits, video_source
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
