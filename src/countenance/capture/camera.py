"""A declared camera through V4L2, for a stated number of seconds.

A live recording has no bytes before it is made. What a request names instead is the SHA-256 of the words
that say which camera of which registered device is to be opened, so a permit for one camera opens no other.
"""

from __future__ import annotations

import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.capture.limits import StreamLimits
from countenance.capture.reading import Moment, Reading
from countenance.capture.source import EndReason
from countenance.capture.stream_errors import (
    CameraNotDeclared,
    CameraStopped,
    CameraUnavailable,
    RecordingTooLong,
)
from countenance.kernel import DeviceId, Material, canonical_sha256

__all__ = ["Camera", "camera_material", "open_v4l2"]


def camera_material(number: int, device: DeviceId) -> Material:
    """Return what a request names to record from a camera.

    Args:
        number: N of ``/dev/videoN``.
        device: the registered device that it is declared for.
    """
    return Material(canonical_sha256({"camera": number, "device": device, "source": "v4l2"}))


def open_v4l2(number: int) -> cv2.VideoCapture:
    """Open ``/dev/videoN`` through V4L2.

    OpenCV gives up on a camera that sends nothing for ten seconds, so a reading doesn't hang.

    Raises:
        CameraUnavailable: if it isn't there, isn't a device or can't be opened.
    """
    node = Path(f"/dev/video{number}")
    try:
        there = stat.S_ISCHR(node.stat().st_mode)
    except OSError:
        there = False
    capture = cv2.VideoCapture(number, cv2.CAP_V4L2) if there else None
    if capture is None or not capture.isOpened():
        msg = f"Camera {number} can't be opened."
        raise CameraUnavailable(msg)
    return capture


class Camera(Reading):
    """A camera, recorded from for a while. Times are those at which the pictures came, since the first.

    Args:
        number: N of ``/dev/videoN``.
        seconds: how long to record, after the warm-up.
        limits: which cameras may be opened and for how long.
        opener: opens it; V4L2 if left out.
        clock: seconds that never run back.

    Raises:
        CameraNotDeclared: if the limits don't declare that number.
        RecordingTooLong: if it is longer than the limits allow, or not positive.
    """

    __slots__ = ("_capture", "_clock", "_device", "_number", "_opener", "_seconds")

    def __init__(
        self,
        *,
        number: int,
        seconds: float,
        limits: StreamLimits,
        opener: Callable[[int], cv2.VideoCapture] = open_v4l2,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        declared = limits.device_of(number)
        if declared is None:
            msg = f"Camera {number} isn't declared in the settings."
            raise CameraNotDeclared(msg)
        if not 0.0 < seconds <= limits.longest_recording_seconds:
            msg = f"A recording lasts more than 0 and at most {limits.longest_recording_seconds:g} seconds."
            raise RecordingTooLong(msg)
        super().__init__(limits=limits, longest_seconds=seconds, most_frames=limits.most_frames)
        self._number = number
        self._seconds = seconds
        self._device = declared
        self._opener = opener
        self._clock = clock
        self._capture: cv2.VideoCapture | None = None

    @property
    def materials(self) -> tuple[Material, ...]:
        """The words that say which camera."""
        return (camera_material(self._number, self._device),)

    @property
    def device(self) -> DeviceId:
        """The registered device that it is declared for."""
        return self._device

    @property
    def most_frames(self) -> int:
        """What the limits keep of the recording."""
        return self._limits.most_kept(self._seconds)

    def _reason(self) -> EndReason:
        return EndReason.LENGTH

    def _open(self) -> None:
        self._capture = self._opener(self._number)
        wide, high = (
            int(self._capture.get(each)) for each in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
        )
        if wide * high > self._limits.largest_pixels:
            msg = f"Camera {self._number} gives pictures of more than {self._limits.largest_pixels} pixels."
            raise CameraUnavailable(msg)

    def _close(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _moments(self) -> Iterator[Moment]:
        material = self.materials[0]
        warm = self._clock() + self._limits.warm_up_seconds
        while self._clock() < warm:
            self._grab()
        began: float | None = None
        for _ in range(self._limits.most_frames):
            self._grab()
            now = self._clock()
            if began is None:
                began = now
            if now - began > self._seconds:
                return
            yield Moment(now, self._load, material)

    def _grab(self) -> None:
        if self._capture is None or not self._capture.grab():
            msg = f"Camera {self._number} gives no more pictures."
            raise CameraStopped(msg)

    def _load(self) -> NDArray[np.uint8]:
        good, pixels = (False, None) if self._capture is None else self._capture.retrieve()
        if not good or pixels is None or pixels.ndim != 3:  # noqa: PLR2004 - height, width, channels
            msg = f"Camera {self._number} gave a picture that can't be decoded."
            raise CameraStopped(msg)
        return np.ascontiguousarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB, dst=pixels), np.uint8)
