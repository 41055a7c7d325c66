"""Encoded videos of drawn pictures, made in memory, whole and broken in stated ways."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Sequence
from fractions import Fraction

import av
import numpy as np

from pictures import HEIGHT, WIDTH, quadrants

TENTHS = tuple(index / 10 for index in range(12))
"""Twelve pictures, ten a second."""

_IDENTITY = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_QUARTER_CLOCKWISE = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
_SIMPLE_BLOCK = re.compile(
    rb"(\xa3(?:[\x80-\xff]|[\x40-\x7f].|[\x20-\x3f]..|[\x10-\x1f]...)\x81)(..)(\x80\xff\xd8)", re.DOTALL
)


def video(
    times: Sequence[float] = TENTHS,
    *,
    kind: str = "mp4",
    codec: str = "mpeg4",
    size: tuple[int, int] = (WIDTH, HEIGHT),
) -> bytes:
    """Return a video of the coloured quarters, one picture at each of these seconds."""
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as out:
        stream = out.add_stream(codec, rate=10)
        assert isinstance(stream, av.video.stream.VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.time_base = Fraction(1, 10 if kind == "avi" else 1000)
        for seconds in times:
            frame = av.VideoFrame.from_ndarray(quadrants(*size), format="rgb24")
            frame.time_base = stream.codec_context.time_base
            frame.pts = round(seconds / frame.time_base)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()


def sound_alone() -> bytes:
    """Return a Matroska file with a sound track and no picture."""
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as out:
        stream = out.add_stream("pcm_s16le", rate=8000)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()


def turned() -> bytes:
    """Return an MP4 that says that its pictures are to be turned a quarter clockwise."""
    data = video()
    at = data.index(_IDENTITY, data.index(b"tkhd"))
    return data[:at] + _QUARTER_CLOCKWISE + data[at + len(_IDENTITY) :]


def with_times(milliseconds: Sequence[int]) -> bytes:
    """Return a Matroska file whose pictures have these times, sensible or not."""
    left = iter(milliseconds)
    data = video([index / 10 for index in range(len(milliseconds))], kind="matroska", codec="mjpeg")
    changed, count = _SIMPLE_BLOCK.subn(
        lambda found: found[1] + struct.pack(">h", next(left)) + found[3], data
    )
    assert count == len(milliseconds)
    return changed


def unknown_codec() -> bytes:
    """Return a Matroska file that needs a codec which doesn't exist."""
    data = video(kind="matroska", codec="mjpeg")
    assert b"V_MJPEG" in data
    return data.replace(b"V_MJPEG", b"V_QXZYW")


def huge_header() -> bytes:
    """Return an AVI whose headers, and those of its pictures, state 60,000 x 60,000 pixels."""
    data = video(kind="avi", codec="mjpeg")
    frame_header = re.compile(rb"(\xff\xc0\x00\x11\x08)" + struct.pack(">HH", HEIGHT, WIDTH))
    data, count = frame_header.subn(lambda found: found[1] + struct.pack(">HH", 60000, 60000), data)
    assert count == len(TENTHS)
    small, huge = struct.pack("<ii", WIDTH, HEIGHT), struct.pack("<ii", 60000, 60000)
    assert small in data
    return data.replace(small, huge)


def without_rate() -> bytes:
    """Return an AVI that states no picture in a second: a rate of zero."""
    data = bytearray(video(kind="avi", codec="mjpeg"))
    at = data.index(b"strh")
    header = at + 8
    data[header + 24 : header + 28] = struct.pack("<I", 0)
    main = data.index(b"avih") + 8
    data[main : main + 4] = struct.pack("<I", 0)
    return bytes(data)
