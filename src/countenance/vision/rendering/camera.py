"""What a plain camera does to a picture: exposure that drifts, blur of what moves, noise, JPEG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.vision.rendering.surfaces import FRAME_SIZE

__all__ = ["FilmedBy", "Sensor"]

_SPARE: Final = 64
_LEAST_BLUR: Final = 1.5


@dataclass(frozen=True, slots=True)
class Sensor:
    """How a camera spoils a picture. The defaults are the house's own guess at a webcam indoors.

    Attributes:
        noise: standard deviation in grey levels.
        quality: of the JPEG, 1 to 100.
        exposure: seconds for which the shutter is open.
        drift: share by which exposure wanders.
    """

    noise: float = 2.5
    quality: int = 80
    exposure: float = 0.02
    drift: float = 0.03


class FilmedBy:
    """One camera in one session.

    Args:
        sensor: how it spoils.
        seed: of its noise and drift.
    """

    __slots__ = ("_grain", "_phase", "_rng", "_sensor")

    def __init__(self, sensor: Sensor, *, seed: int) -> None:
        self._sensor = sensor
        self._rng = np.random.default_rng(seed)
        size = (FRAME_SIZE[1] + _SPARE, FRAME_SIZE[0] + _SPARE, 3)
        # One field of noise, taken from another corner for each frame: no two frames are alike.
        grain = self._rng.normal(0, sensor.noise, size)
        self._grain = np.rint(grain).astype(np.int16)
        self._phase = float(self._rng.uniform(0, 2 * np.pi))

    def film(self, frame: NDArray[np.uint8], *, at: float, moving: tuple[float, float]) -> bytes:
        """Return the frame as the camera sends it.

        Args:
            frame: uint8, shape (480, 640, 3), RGB; it isn't changed.
            at: seconds since the session was opened.
            moving: pixels a second to the right and down.

        Returns:
            A JPEG.
        """
        gain = 1 + self._sensor.drift * np.sin(0.7 * at + self._phase)
        blurred = self._blurred(frame, moving)
        row, column = self._rng.integers(0, _SPARE, 2)
        grain = self._grain[row : row + FRAME_SIZE[1], column : column + FRAME_SIZE[0]]
        lit = cv2.convertScaleAbs(blurred, alpha=gain, beta=0.0)
        noisy = np.clip(lit + grain, 0, 255).astype(np.uint8)
        done, encoded = cv2.imencode(
            ".jpg", noisy[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, self._sensor.quality]
        )
        if not done:
            msg = "a frame of 640 by 480 can be encoded"
            raise AssertionError(msg)
        return encoded.tobytes()

    def _blurred(self, frame: NDArray[np.uint8], moving: tuple[float, float]) -> NDArray[np.uint8]:
        way = np.array(moving) * self._sensor.exposure
        length = float(np.hypot(*way))
        if length < _LEAST_BLUR:
            return frame
        size = 2 * int(np.ceil(length / 2)) + 1
        kernel = np.zeros((size, size), np.uint8)
        middle = size // 2
        half = np.rint(way / 2).astype(int)
        start = (middle - int(half[0]), middle - int(half[1]))
        end = (middle + int(half[0]), middle + int(half[1]))
        cv2.line(kernel, start, end, (1,))
        return np.asarray(cv2.filter2D(frame, -1, kernel / kernel.sum()), np.uint8)
