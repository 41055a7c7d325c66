"""Videos through both decoders: what is odd is read, what is broken is told."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countenance.capture import (
    EndReason,
    FrameSource,
    OpenCvVideo,
    PyAvVideo,
    StreamLimits,
    TimedFrame,
    VideoDecoderMissing,
    VideoRefused,
    VideoTooLarge,
)
from countenance.kernel import CallerError, OperatorError
from pictures import quadrants
from videos import (
    TENTHS,
    huge_header,
    sound_alone,
    turned,
    unknown_codec,
    video,
    with_times,
    without_rate,
)

LIMITS = StreamLimits(largest_pixels=640 * 480)
DECODERS = [OpenCvVideo, PyAvVideo]
Decoder = Callable[..., FrameSource]
decoders = pytest.mark.parametrize("decoder", DECODERS, ids=["opencv", "pyav"])


def read(source: FrameSource) -> list[TimedFrame]:
    with source:
        return list(source.frames())


def code_of(decoder: Decoder, data: bytes, limits: StreamLimits = LIMITS) -> str:
    with pytest.raises(VideoRefused) as refused:
        read(decoder(data=data, limits=limits))
    assert isinstance(refused.value, CallerError)
    return refused.value.code


@decoders
def test_a_variable_frame_rate_stays_what_it_is(decoder: Decoder) -> None:
    times = (0.0, 0.1, 0.15, 0.5, 1.2, 1.25)
    found = read(decoder(data=video(times), limits=LIMITS))
    assert [timed.seconds for timed in found] == pytest.approx(times, abs=0.002)


@decoders
def test_a_picture_is_turned_as_the_file_says(decoder: Decoder) -> None:
    found = read(decoder(data=turned(), limits=LIMITS))
    expected = np.rot90(quadrants(), -1)
    assert found[0].frame.pixels.shape == expected.shape
    for row, column in ((8, 8), (8, -8), (-8, 8), (-8, -8)):
        np.testing.assert_allclose(
            found[0].frame.pixels[row, column].astype(int), expected[row, column].astype(int), atol=60
        )


@decoders
@pytest.mark.parametrize(("rate", "kept"), [(100.0, 12), (10.0, 12), (5.0, 6), (2.0, 3), (1.0, 2), (0.5, 1)])
def test_as_many_of_each_second_are_kept_as_was_asked(decoder: Decoder, rate: float, kept: int) -> None:
    source = decoder(data=video(), limits=StreamLimits(frames_per_second=rate))
    assert len(read(source)) == kept
    assert source.ended is not None
    assert (source.ended.given, source.ended.seen) == (kept, 12)


BROKEN = {
    "nothing": (b"", {"not-a-video"}),
    "text": (b"this is no video at all, but text", {"not-a-video"}),
    "a playlist": (b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n/etc/hostname\n", {"not-a-video"}),
    "a list of files": (b"ffconcat version 1.0\nfile /etc/hostname\n", {"not-a-video"}),
    "a first line alone": (b"\0\0\0\x18ftypmp42", {"video-unreadable"}),
    "sound alone": (sound_alone(), {"video-unreadable"}),
    "an unknown codec": (unknown_codec(), {"video-unreadable"}),
    "no picture": (video(()), {"video-unreadable", "not-a-video"}),
    "its index cut off": (video()[:-200], {"video-unreadable"}),
    "its second half cut off": (
        video([n / 10 for n in range(60)], kind="avi", codec="mjpeg")[:40_000],
        {"video-damaged"},
    ),
    "times that stand still": (with_times([0, 100, 100, 100, 200]), {"video-times-unusable"}),
    "times that run back": (with_times([0, 300, 200, 100, 400]), {"video-times-unusable"}),
    "pictures too large": (video(size=(800, 608)), {"video-too-large"}),
    "headers of 3,600 megapixels": (huge_header(), {"video-too-large", "video-unreadable"}),
}


@decoders
@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_has_a_stable_code(decoder: Decoder, name: str) -> None:
    data, codes = BROKEN[name]
    assert code_of(decoder, data) in codes


@decoders
def test_a_rate_of_nought_is_no_division_by_nought(decoder: Decoder) -> None:
    source = decoder(data=without_rate(), limits=LIMITS)
    with contextlib.suppress(VideoRefused):
        assert len(read(source)) == len(TENTHS)
    assert source.ended is not None
    assert source.ended.code in {None, "video-times-unusable", "video-unreadable"}


@decoders
@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (StreamLimits(longest_seconds=0.5), "video-too-long"),
        (StreamLimits(most_frames=5), "video-too-long"),
        (StreamLimits(largest_pixels=96 * 72 - 1), "video-too-large"),
    ],
    ids=["seconds", "pictures", "pixels"],
)
def test_a_limit_holds(decoder: Decoder, limits: StreamLimits, code: str) -> None:
    assert code_of(decoder, video(), limits) == code


@decoders
def test_a_file_of_too_many_bytes_is_refused_before_it_is_hashed(decoder: Decoder) -> None:
    with pytest.raises(VideoTooLarge):
        decoder(data=b"x" * 101, limits=StreamLimits(largest_bytes=100))


@decoders
def test_an_end_that_fails_says_why(decoder: Decoder) -> None:
    source = decoder(data=with_times([0, 100, 100]), limits=LIMITS)
    with pytest.raises(VideoRefused):
        read(source)
    assert source.ended is not None
    assert (source.ended.reason, source.ended.code) == (EndReason.FAILED, "video-times-unusable")
    assert source.ended.given == 2


@decoders
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_is_told_and_nothing_else_is_raised(decoder: Decoder, data: st.DataObject) -> None:
    kind, codec = data.draw(st.sampled_from([("mp4", "mpeg4"), ("matroska", "mjpeg"), ("avi", "mpeg4")]))
    good = bytearray(video(kind=kind, codec=codec))
    for _ in range(data.draw(st.integers(1, 12))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(good)))
    source = decoder(data=bytes(good[:cut]), limits=LIMITS)
    try:
        found = read(source)
    except VideoRefused:
        pass
    else:
        assert found
    assert source.ended is not None


def test_opencv_s_own_files_are_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "drawn.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (96, 72))
    for _ in range(10):
        writer.write(np.ascontiguousarray(quadrants()[:, :, ::-1]))
    writer.release()
    one, other = (read(decoder(data=path.read_bytes(), limits=LIMITS)) for decoder in DECODERS)
    assert [a.seconds for a in one] == pytest.approx([b.seconds for b in other], abs=1e-6)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a.frame.pixels.astype(int), b.frame.pixels.astype(int), atol=12)


def test_without_pyav_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(VideoDecoderMissing, match="pyav") as missing:
        PyAvVideo(data=video_made_before(), limits=LIMITS)
    assert isinstance(missing.value, OperatorError)


def video_made_before() -> bytes:
    return b"\0\0\0\x18ftypmp42"


def test_the_made_videos_are_what_they_claim() -> None:
    with av.open(io.BytesIO(sound_alone())) as container:
        assert (len(container.streams.video), len(container.streams.audio)) == (0, 1)
