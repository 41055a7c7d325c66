"""What a mesh is, and who finds it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from countenance.kernel import Frame
from countenance.vision.detection.base import Face

__all__ = ["MESH_POINTS", "Mesh", "MeshLocator"]

MESH_POINTS = 468
"""Points of the canonical face mesh (MediaPipe Face Mesh, model card of face_landmark.tflite)."""


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """The surface of one face.

    Attributes:
        points: float32, shape (468, 3): x and y in pixels of the frame, z in the same unit, smaller
            towards the camera, zero near the middle of the head. Left out of ``repr``.
        presence: how sure the network is that the crop held a face, from 0 to 1.
    """

    points: NDArray[np.float32] = field(repr=False)
    presence: float

    def wipe(self) -> None:
        """Overwrite the points with zeros."""
        if self.points.flags.writeable:
            self.points[...] = 0


class MeshLocator(Protocol):
    """Finds the mesh of a detected face."""

    @property
    def model_id(self) -> str:
        """The model's name in the registry."""
        ...

    def locate(self, frame: Frame, face: Face) -> Mesh:
        """Return the mesh of a face. ``presence`` below 0.5 means that the face was lost."""
        ...
