"""What is measured in one frame of a challenge, and a track of such measurements as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_MEASUREMENTS", "Measurement", "Track"]

MOST_MEASUREMENTS: Final = 1_200
"""Twenty seconds at 60 frames a second: no session holds more."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One frame of one face, without a pixel of it.

    Attributes:
        number: the frame's place in the stream, counted by the device from 0.
        taken: seconds after the opening by the device's clock.
        arrived: seconds after the opening by the server's clock.
        faces: faces in the frame.
        yaw: degrees; positive towards the right edge of the image, which is the person's own left.
        pitch: degrees; positive when the face tilts down.
        openness: of the eyes, as a share of the eye's width; ``None`` where it wasn't measured.
        size: the face's height in pixels, brow to chin: a turn doesn't shorten it.
        x: of the face's middle in pixels, to the right.
        y: of the face's middle in pixels, down.

    Everything measured is left out of ``repr``.
    """

    number: int
    taken: float
    arrived: float
    faces: int = 1
    yaw: float = field(default=0.0, repr=False)
    pitch: float = field(default=0.0, repr=False)
    openness: float | None = field(default=None, repr=False)
    size: float = field(default=0.0, repr=False)
    x: float = field(default=0.0, repr=False)
    y: float = field(default=0.0, repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Measurements in the order in which they came; every array has shape (F,).

    Attributes:
        number: int64, places in the stream.
        taken: float64, seconds by the device's clock.
        arrived: float64, seconds by the server's clock.
        faces: int64, faces in each frame.
        yaw: float64, degrees.
        pitch: float64, degrees.
        size: float64, pixels.
        x: float64, pixels.
        y: float64, pixels.
    """

    number: NDArray[np.int64] = field(repr=False)
    taken: NDArray[np.float64] = field(repr=False)
    arrived: NDArray[np.float64] = field(repr=False)
    faces: NDArray[np.int64] = field(repr=False)
    yaw: NDArray[np.float64] = field(repr=False)
    pitch: NDArray[np.float64] = field(repr=False)
    size: NDArray[np.float64] = field(repr=False)
    x: NDArray[np.float64] = field(repr=False)
    y: NDArray[np.float64] = field(repr=False)

    @classmethod
    def of(cls, measurements: Sequence[Measurement]) -> Track:
        """Return measurements as arrays, in the same order; nothing is sorted or left out."""

        def column(name: str) -> NDArray[np.float64]:
            return np.array([getattr(m, name) for m in measurements], dtype=np.float64)

        return cls(
            number=np.array([m.number for m in measurements], dtype=np.int64),
            taken=column("taken"),
            arrived=column("arrived"),
            faces=np.array([m.faces for m in measurements], dtype=np.int64),
            yaw=column("yaw"),
            pitch=column("pitch"),
            size=column("size"),
            x=column("x"),
            y=column("y"),
        )

    def __len__(self) -> int:
        return len(self.taken)
