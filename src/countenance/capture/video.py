"""Videos through OpenCV and the FFmpeg libraries that its wheel holds.

The file is decoded from memory: none is written to disk. Times are those of the pictures, so a
variable frame rate stays what it is; the frame rate that a header states is used for its length alone.
Pictures are turned upright by the file's display matrix.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.capture.containers import container_of, require_whole
from countenance.capture.limits import StreamLimits
from countenance.capture.reading import Moment, Reading
from countenance.capture.stream_errors import VideoDamaged, VideoTooLarge, VideoTooLong, VideoUnreadable
from countenance.kernel import Material, sha256_hex

__all__ = ["OpenCvVideo", "require_pixels", "require_seconds"]

_THREADS = 1  # a server scales by requests


class OpenCvVideo(Reading):
    """A video file, decoded by OpenCV.

    Args:
        data: the encoded file.
        limits: how large and how long it may be, and how much of it is kept.

    Raises:
        VideoTooLarge: if the file has too many bytes.
    """

    __slots__ = ("_capture", "_data", "_material", "_memory", "_stated")

    def __init__(self, *, data: bytes, limits: StreamLimits) -> None:
        super().__init__(
            limits=limits, longest_seconds=limits.longest_seconds, most_frames=limits.most_frames
        )
        if len(data) > limits.largest_bytes:
            msg = f"The video's file is larger than {limits.largest_bytes} bytes."
            raise VideoTooLarge(msg)
        self._data = data
        self._material = Material(sha256_hex(data))
        self._capture: cv2.VideoCapture | None = None
        self._memory: int | None = None
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
        container_of(self._data)
        # OpenCV can read a Python stream too, but crashes when it lets go of one. An anonymous file in
        # memory has no name in any folder and is gone when it is closed.
        self._memory = os.memfd_create("video", os.MFD_CLOEXEC)
        with os.fdopen(self._memory, "wb", closefd=False) as file:
            file.write(self._data)
        capture = cv2.VideoCapture(
            f"/proc/self/fd/{self._memory}", cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, _THREADS]
        )
        self._capture = capture
        if not capture.isOpened():
            msg = "The file has no picture track that can be decoded here."
            raise VideoUnreadable(msg)
        require_pixels(
            int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
            int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
            limits=self._limits,
        )
        self._stated = _stated_seconds(capture)
        require_seconds(self._stated, limits=self._limits)

    def _close(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None
        if self._memory is not None:
            os.close(self._memory)
            self._memory = None

    def _moments(self) -> Iterator[Moment]:
        first, last, step = 0.0, None, 0.0
        while self._capture is not None and self._capture.grab():
            seconds = float(self._capture.get(cv2.CAP_PROP_POS_MSEC)) / 1000.0
            if last is None:
                first = seconds
            else:
                step = seconds - last
            last = seconds
            yield Moment(seconds, self._load, self._material)
        if last is None:
            msg = "Not one picture of the video can be decoded here."
            raise VideoUnreadable(msg)
        require_whole(stated_seconds=self._stated, seconds=last - first + max(step, 0.0))

    def _load(self) -> NDArray[np.uint8]:
        if self._capture is None:
            msg = "the video is closed"
            raise RuntimeError(msg)
        good, pixels = self._capture.retrieve()
        if not good or pixels.ndim != 3 or pixels.dtype != np.uint8:  # noqa: PLR2004 - height, width, channels
            msg = "A picture of the video can't be decoded."
            raise VideoDamaged(msg)
        require_pixels(pixels.shape[1], pixels.shape[0], limits=self._limits)
        return np.ascontiguousarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB, dst=pixels), np.uint8)


def _stated_seconds(capture: cv2.VideoCapture) -> float | None:
    """Return how long the header says that the pictures last; ``None`` if it doesn't say."""
    count, rate = float(capture.get(cv2.CAP_PROP_FRAME_COUNT)), float(capture.get(cv2.CAP_PROP_FPS))
    if not (math.isfinite(count) and math.isfinite(rate)) or count <= 0.0 or rate <= 0.0:
        return None
    return count / rate


def require_pixels(width: int, height: int, *, limits: StreamLimits) -> None:
    """See that a picture isn't larger than the limits allow.

    Raises:
        VideoTooLarge: if it is.
    """
    if width * height > limits.largest_pixels:
        msg = f"A picture of the video has more than {limits.largest_pixels} pixels."
        raise VideoTooLarge(msg)


def require_seconds(stated: float | None, *, limits: StreamLimits) -> None:
    """See that a video doesn't state that it is longer than the limits allow.

    Raises:
        VideoTooLong: if it does.
    """
    if stated is not None and stated > limits.longest_seconds + 1.0:
        msg = f"The video lasts longer than {limits.longest_seconds:g} seconds."
        raise VideoTooLong(msg)
