"""Videos through PyAV, the extra ``video``; the same contract as through OpenCV.

Its wheel holds libx264 and libx265, which are GPL: that is why it is an extra and isn't installed by
default. It tells each picture's time exactly, and opens a file as the kind that its first
bytes say and as no other.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from countenance.capture.containers import container_of, require_whole
from countenance.capture.limits import StreamLimits
from countenance.capture.reading import Moment, Reading
from countenance.capture.stream_errors import (
    VideoDamaged,
    VideoDecoderMissing,
    VideoTimesUnusable,
    VideoTooLarge,
    VideoUnreadable,
)
from countenance.capture.video import require_pixels, require_seconds
from countenance.kernel import Material, sha256_hex

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer
    from av.video.stream import VideoStream

__all__ = ["PyAvVideo"]

_QUARTER: Final = 90


class PyAvVideo(Reading):
    """A video file, decoded by PyAV.

    Args:
        data: the encoded file.
        limits: how large and how long it may be, and how much of it is kept.

    Raises:
        VideoDecoderMissing: if PyAV isn't installed.
        VideoTooLarge: if the file has too many bytes.
    """

    __slots__ = ("_av", "_container", "_data", "_material", "_stated")

    def __init__(self, *, data: bytes, limits: StreamLimits) -> None:
        super().__init__(
            limits=limits, longest_seconds=limits.longest_seconds, most_frames=limits.most_frames
        )
        self._av = _library()
        if len(data) > limits.largest_bytes:
            msg = f"The video's file is larger than {limits.largest_bytes} bytes."
            raise VideoTooLarge(msg)
        self._data = data
        self._material = Material(sha256_hex(data))
        self._container: InputContainer | None = None
        self._stated: float | None = None

    @property
    def materials(self) -> tuple[Material, ...]:
        """The SHA-256 of the file."""
        return (self._material,)

    @property
    def most_frames(self) -> int:
        """What the limits keep of the longest video."""
        return self._limits.most_kept(self._limits.longest_seconds)

    def _open(self) -> None:
        kind = container_of(self._data)
        try:
            self._container = self._av.open(io.BytesIO(self._data), mode="r", format=kind)
        except (self._av.FFmpegError, ValueError) as error:
            msg = "The file can't be opened as a video."
            raise VideoUnreadable(msg) from error
        streams = self._container.streams.video
        if not streams or streams[0].codec_context is None:
            msg = "The file has no picture track that can be decoded here."
            raise VideoUnreadable(msg)
        stream = streams[0]
        require_pixels(stream.codec_context.width, stream.codec_context.height, limits=self._limits)
        stream.codec_context.options = {"max_pixels": str(self._limits.largest_pixels)}
        self._stated = self._stated_seconds(self._container, stream)
        require_seconds(self._stated, limits=self._limits)

    def _stated_seconds(self, container: InputContainer, stream: VideoStream) -> float | None:
        """Return how long the header says that the pictures last; ``None`` if it doesn't say."""
        if stream.frames and stream.average_rate:
            # The number of pictures is written down; the length of a file cut short may be a guess.
            return float(stream.frames / stream.average_rate)
        if stream.duration is not None and stream.time_base is not None:
            return float(stream.duration * stream.time_base)
        return None if container.duration is None else container.duration / int(self._av.time_base)

    def _close(self) -> None:
        if self._container is not None:
            self._container.close()
            self._container = None

    def _moments(self) -> Iterator[Moment]:
        first, last, step = 0.0, None, 0.0
        for frame in self._decoded():
            if frame.time is None:
                msg = "A picture of the video has no time."
                raise VideoTimesUnusable(msg)
            seconds = float(frame.time)
            if last is None:
                first = seconds
            else:
                step = seconds - last
            last = seconds
            yield Moment(seconds, partial(self._load, frame), self._material)
        if last is None:
            msg = "Not one picture of the video can be decoded here."
            raise VideoUnreadable(msg)
        require_whole(stated_seconds=self._stated, seconds=last - first + max(step, 0.0))

    def _decoded(self) -> Iterator[VideoFrame]:
        """Give the frames; the library's errors become ours, and only the library's."""
        if self._container is None:
            return
        decoding = self._container.decode(video=0)
        given = 0
        while True:
            try:
                frame = next(decoding)
            except StopIteration:
                return
            except (self._av.FFmpegError, ValueError) as error:
                if given:
                    msg = "The video can't be decoded to its end."
                    raise VideoDamaged(msg) from error
                msg = "Not one picture of the video can be decoded here."
                raise VideoUnreadable(msg) from error
            given += 1
            yield frame

    def _load(self, frame: VideoFrame) -> NDArray[np.uint8]:
        require_pixels(frame.width, frame.height, limits=self._limits)
        try:
            pixels = frame.to_ndarray(format="rgb24")
        except (self._av.FFmpegError, ValueError) as error:
            msg = "A picture of the video can't be decoded."
            raise VideoDamaged(msg) from error
        # The display matrix turns counter-clockwise by this many degrees; so does rot90.
        turns = round(frame.rotation / _QUARTER) % 4
        return np.array(np.rot90(pixels, turns), dtype=np.uint8, order="C")


def _library() -> ModuleType:
    try:
        import av  # noqa: PLC0415 - an extra: loaded where it is wanted
    except ModuleNotFoundError as error:
        msg = "The settings name the decoder pyav, and it isn't installed."
        raise VideoDecoderMissing(msg) from error
    return av
