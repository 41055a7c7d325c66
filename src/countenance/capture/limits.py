"""How much a caller may send. Limits against exhaustion are settings, not constants."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from countenance.kernel import DeviceId

__all__ = ["CaptureLimits", "StreamLimits"]


@dataclass(frozen=True, slots=True)
class CaptureLimits:
    """Limits on one picture.

    Attributes:
        largest_bytes: bytes of the encoded file. Default 20 MiB: a 24-megapixel JPEG at high quality
            stays below it.
        largest_pixels: width times height, as the file's header states them. Default 50 million: the
            largest telephone and full-frame cameras in ordinary use; 150 MB decoded.
        smallest_side: pixels of the shorter side. Default 64: below it no face has the pixels that the
            detector needs (its network sees 128 x 128).

    Raises:
        ValueError: if a limit isn't positive.
    """

    largest_bytes: int = 20 * 1024 * 1024
    largest_pixels: int = 50_000_000
    smallest_side: int = 64

    def __post_init__(self) -> None:
        if min(self.largest_bytes, self.largest_pixels, self.smallest_side) < 1:
            msg = "every limit is at least 1"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """Limits on what gives more than one picture.

    Attributes:
        picture: those on each picture of a folder.
        largest_bytes: bytes of a video file. Default 200 MiB: it is held in memory.
        longest_seconds: seconds of a video, by its own times. Default five minutes.
        most_frames: pictures in a video, kept or not. Default 20,000: five minutes at 60 a second, and
            some.
        largest_pixels: width times height of a picture of a video or camera. Default 4096 x 2160.
        frames_per_second: how many pictures of each second are kept at most; those between are passed
            over. Default 30.
        every: of the pictures that this rate keeps, or of a folder's, only each so manyth is given; those
            between aren't decoded. Default 1: all of them.
        most_pictures: pictures of a folder. Default 10,000.
        cameras: which camera numbers may be opened, each for which registered device. Default none.
        warm_up_seconds: how long a camera's first pictures are thrown away while it finds its exposure.
        longest_recording_seconds: how long a camera may be recorded from in one go. Default one minute.

    Raises:
        ValueError: if a limit isn't positive and finite, a warm-up is negative, or a camera number is
            stated twice or negative.
    """

    picture: CaptureLimits = field(default_factory=CaptureLimits)
    largest_bytes: int = 200 * 1024 * 1024
    longest_seconds: float = 300.0
    most_frames: int = 20_000
    largest_pixels: int = 4096 * 2160
    frames_per_second: float = 30.0
    every: int = 1
    most_pictures: int = 10_000
    cameras: tuple[tuple[int, DeviceId], ...] = ()
    warm_up_seconds: float = 0.5
    longest_recording_seconds: float = 60.0

    def __post_init__(self) -> None:
        whole = (self.largest_bytes, self.most_frames, self.largest_pixels, self.most_pictures, self.every)
        timed = (self.longest_seconds, self.frames_per_second, self.longest_recording_seconds)
        if min(whole) < 1 or any(not math.isfinite(limit) or limit <= 0.0 for limit in timed):
            msg = "every limit is positive and finite"
            raise ValueError(msg)
        if not math.isfinite(self.warm_up_seconds) or self.warm_up_seconds < 0.0:
            msg = "a warm-up isn't negative"
            raise ValueError(msg)
        numbers = [number for number, _ in self.cameras]
        if len(set(numbers)) != len(numbers) or min(numbers, default=0) < 0:
            msg = "each camera number is stated once, and none is negative"
            raise ValueError(msg)

    def device_of(self, camera: int) -> DeviceId | None:
        """Return the registered device that a camera number is declared for, if any."""
        return dict(self.cameras).get(camera)

    def most_kept(self, seconds: float) -> int:
        """Return how many pictures can be kept of so many seconds."""
        return math.ceil(min(self.most_frames, math.ceil(seconds * self.frames_per_second) + 1) / self.every)
