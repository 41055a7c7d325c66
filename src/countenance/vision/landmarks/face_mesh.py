"""MediaPipe's 468-point face mesh, located in two passes.

Source: Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs"
(2019), and ``face_landmark.tflite`` of MediaPipe. The first pass looks where the detector's box is,
the second where the first found the face: that is what steadies the points.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from countenance.kernel import Frame
from countenance.vision.alignment import warp
from countenance.vision.detection.base import Face
from countenance.vision.errors import ModelUnusable
from countenance.vision.landmarks.base import MESH_POINTS, Mesh
from countenance.vision.landmarks.points import eye_centres
from countenance.vision.runtimes import InferenceSession, LiteRtSession

__all__ = ["FaceMesh468"]

_SIDE = 192
_MARGIN = 1.5  # the region's side over the face's, as in MediaPipe
_LOST = 0.5


@dataclass(frozen=True, slots=True)
class _Region:
    """A turned square of the frame: its centre, its side in pixels and its angle in radians."""

    x: float
    y: float
    side: float
    angle: float


class FaceMesh468:
    """The mesh network.

    Args:
        content: the bytes of ``face_landmark.tflite``.
        threads: threads of one call.
        passes: 2 by default; every accuracy figure of this product was measured with two. 1 serves
            tracking, where the last frame's points already give the region.

    Raises:
        ModelUnusable: if the bytes aren't this network.
        ValueError: if ``passes`` is below 1.
    """

    __slots__ = ("_input", "_passes", "_session")

    model_id = "face-landmark-468"

    def __init__(self, *, content: bytes, threads: int = 1, passes: int = 2) -> None:
        if passes < 1:
            msg = "a mesh takes at least one pass"
            raise ValueError(msg)
        self._session: InferenceSession = LiteRtSession(content=content, threads=threads)
        inputs = self._session.inputs
        if len(inputs) != 1 or inputs[0].shape[1:] != (_SIDE, _SIDE, 3) or len(self._session.outputs) != 2:  # noqa: PLR2004
            msg = "This network isn't the 468-point face mesh."
            raise ModelUnusable(msg)
        self._input = inputs[0].name
        self._passes = passes

    def locate(self, frame: Frame, face: Face) -> Mesh:
        """Return the mesh of a face; ``presence`` below 0.5 means that it was lost."""
        mesh = self._look(frame, _region_of_face(face))
        for _ in range(1, self._passes):
            if mesh.presence < _LOST:
                break
            mesh = self._look(frame, _region_of_points(mesh.points))
        return mesh

    def _look(self, frame: Frame, region: _Region) -> Mesh:
        scale = _SIDE / region.side
        cosine, sine = scale * math.cos(region.angle), scale * math.sin(region.angle)
        turn = np.array([[cosine, sine], [-sine, cosine]])
        shift = np.array([_SIDE / 2, _SIDE / 2]) - turn @ np.array([region.x, region.y])
        crop = warp(frame.pixels, np.column_stack([turn, shift]), side=_SIDE)
        tensor = np.multiply(crop[None], np.float32(1 / 255), dtype=np.float32)
        outputs = self._session.run({self._input: tensor})
        crop.fill(0)
        tensor.fill(0.0)
        by_size = {value.size: value for value in outputs.values()}
        if set(by_size) != {1, MESH_POINTS * 3}:
            msg = "This network isn't the 468-point face mesh."
            raise ModelUnusable(msg)
        found = by_size[MESH_POINTS * 3].reshape(MESH_POINTS, 3)
        logit = float(by_size[1].ravel()[0])
        points = np.empty((MESH_POINTS, 3), np.float32)
        points[:, :2] = (found[:, :2] - shift) @ np.linalg.inv(turn).T
        points[:, 2] = found[:, 2] / scale
        return Mesh(points=points, presence=0.5 * (1.0 + math.tanh(logit / 2)))


def _region_of_face(face: Face) -> _Region:
    angle = 0.0
    if len(face.keypoints) > 1:
        left, right = face.keypoints[:2]
        angle = math.atan2(right.y - left.y, right.x - left.x)
    centre = face.box.centre
    side = _MARGIN * max(face.box.width, face.box.height)
    return _Region(x=centre.x, y=centre.y, side=side, angle=angle)


def _region_of_points(points: NDArray[np.float32]) -> _Region:
    near, far = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    left, right = eye_centres(points)
    return _Region(
        x=float(near[0] + far[0]) / 2,
        y=float(near[1] + far[1]) / 2,
        side=max(1.0, _MARGIN * float((far - near).max())),
        angle=math.atan2(float(right[1] - left[1]), float(right[0] - left[0])),
    )
