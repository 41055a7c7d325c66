"""Eyes and meshes that a test makes up, and those of the sample photographs."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from contract.detector import head_and_shoulders
from countenance.kernel import Frame
from countenance.vision import FaceObservation, Mesh
from countenance.vision.landmarks import Eye, Eyes, IrisLandmark
from weights import frame_of, model_bytes, observe_one

__all__ = ["drawn_eye", "drawn_eyes", "flat_mesh", "iris_network", "seen"]


@cache
def iris_network() -> IrisLandmark:
    return IrisLandmark(content=model_bytes("iris-landmark"))


def seen(name: str, *, mirrored: bool = False) -> tuple[Frame, FaceObservation, Eyes]:
    """A sample person, cut to head and shoulders, with mesh and eyes."""
    pixels = head_and_shoulders(name)
    frame = frame_of(np.ascontiguousarray(pixels[:, ::-1]) if mirrored else pixels, material=name)
    observation = observe_one(frame)
    return frame, observation, iris_network().locate(frame, observation.mesh)


def drawn_eye(
    *,
    centre: tuple[float, float] = (0.0, 0.0),
    width: float = 30.0,
    height: float = 10.0,
    iris: tuple[float, float] = (0.0, 0.0),
    outer_at_left: bool = True,
) -> Eye:
    """An almond of this width and height; the iris's centre relative to its middle."""
    along = np.linspace(-1.0, 1.0, 9)
    arc = 1.0 - along**2
    below = np.column_stack([along * width / 2, arc * height / 2])
    above = np.column_stack([along[1:-1] * width / 2, -arc[1:-1] * height / 2])
    lids = np.concatenate([below, above])
    if not outer_at_left:
        lids[:, 0] *= -1.0
    rim = np.array([[0, 0], [3, 0], [0, -3], [-3, 0], [0, 3]], np.float64) + iris
    return Eye(
        lids=(lids + centre).astype(np.float32),
        iris=(rim + centre).astype(np.float32),
    )


def drawn_eyes(*, iris: tuple[float, float] = (0.0, 0.0), height: float = 10.0) -> Eyes:
    """Two such eyes, 60 pixels apart, that look the same way."""
    return Eyes(
        at_left=drawn_eye(centre=(100, 100), iris=iris, height=height),
        at_right=drawn_eye(centre=(160, 100), iris=iris, height=height, outer_at_left=False),
    )


def turned(points: NDArray[np.float32], degrees: float) -> NDArray[np.float32]:
    """Points turned clockwise about the origin of a picture."""
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(points.astype(np.float64) @ turn.T, np.float32)


def flat_mesh() -> Mesh:
    """A mesh whose point ``n`` lies at (n, 1000 - n): each number can be told from its place."""
    numbers = np.arange(468, dtype=np.float32)
    return Mesh(points=np.column_stack([numbers, 1000 - numbers, np.zeros_like(numbers)]), presence=1.0)
