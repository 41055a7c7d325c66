"""Everything that is read from a frame before anybody is identified, and whose face is meant.

Rules kept here:

* An observation says where a face is, how it points and how good the picture is. It says nothing about
  who it is; that takes the extraction door.
* Whose face is meant goes by size and place, never by the detector's score: a poster in the background
  can score higher than the person at the desk.
* Two faces of like size at a desk are refused, not guessed at.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from countenance.kernel import Frame, HeadPose, Material
from countenance.vision.alignment import PointsCoincide, align
from countenance.vision.detection.base import Face, FaceDetector
from countenance.vision.errors import NoFaceFound, SeveralFaces
from countenance.vision.landmarks.base import Mesh, MeshLocator
from countenance.vision.landmarks.points import five_points, head_pose
from countenance.vision.quality.assessment import FaceQualityAssessor
from countenance.vision.quality.base import QualityReport

__all__ = ["FaceAnalyser", "FaceChoice", "FaceObservation", "QualityAssessor", "choose_face"]


@dataclass(frozen=True, slots=True, eq=False)
class FaceObservation:
    """One face of one frame.

    Attributes:
        face: where it is.
        mesh: its surface.
        five_points: float32, shape (5, 2), in pixels of the frame; what it was aligned by.
        pose: where the head points, in degrees.
        aligned: uint8, shape (112, 112, 3), RGB. Left out of ``repr``.
        quality: how good the picture of this face is.
        material: the picture that it was seen in.
    """

    face: Face
    mesh: Mesh
    five_points: NDArray[np.float32] = field(repr=False)
    pose: HeadPose
    aligned: NDArray[np.uint8] = field(repr=False)
    quality: QualityReport
    material: Material

    def wipe(self) -> None:
        """Overwrite the aligned face and the points with zeros."""
        self.mesh.wipe()
        for array in (self.aligned, self.five_points):
            if array.flags.writeable:
                array[...] = 0


class QualityAssessor(Protocol):
    """Says how good the picture of one face is."""

    def assess(
        self,
        *,
        frame: Frame,
        mesh: Mesh,
        pose: HeadPose,
        aligned: NDArray[np.uint8],
        points: NDArray[np.float32],
    ) -> QualityReport:
        """Return the report of one face.

        Args:
            frame: the picture.
            mesh: the face's mesh, in pixels of the frame.
            pose: the head's direction.
            aligned: uint8, shape (112, 112, 3), RGB.
            points: float32, shape (5, 2), in pixels of the frame.
        """
        ...


class FaceAnalyser:
    """Looks at a frame.

    Args:
        detector: finds the faces.
        mesh: finds each face's points.
        quality: judges each face's picture; a plain
            :class:`~countenance.vision.quality.FaceQualityAssessor` if left out.
        least_presence: faces that the mesh network holds for less likely are dropped. Default 0.5, as
            in MediaPipe.
        most_faces: only so many faces, the largest, are looked at closely. Default 16: a desk needs the
            largest few, and a picture of a crowd must not cost a minute.

    Raises:
        ValueError: if a limit is out of its range.
    """

    __slots__ = ("_detector", "_least_presence", "_mesh", "_most_faces", "_quality")

    def __init__(
        self,
        *,
        detector: FaceDetector,
        mesh: MeshLocator,
        quality: QualityAssessor | None = None,
        least_presence: float = 0.5,
        most_faces: int = 16,
    ) -> None:
        if not (0.0 <= least_presence <= 1.0 and most_faces >= 1):
            msg = "presence lies between 0 and 1, and at least one face is looked at"
            raise ValueError(msg)
        self._detector = detector
        self._mesh = mesh
        self._quality: QualityAssessor = quality if quality is not None else FaceQualityAssessor()
        self._least_presence = least_presence
        self._most_faces = most_faces

    @property
    def model_ids(self) -> tuple[str, ...]:
        """The networks used, detector first."""
        return (self._detector.model_id, self._mesh.model_id)

    def observe(self, frame: Frame) -> tuple[FaceObservation, ...]:
        """Return the faces of a frame, the largest first; empty if there are none.

        The observations hold their own pixels, so the frame may be wiped afterwards.
        """
        faces = sorted(self._detector.detect(frame), key=lambda face: face.box.width, reverse=True)
        seen = (self._look(frame, face) for face in faces[: self._most_faces])
        return tuple(observation for observation in seen if observation is not None)

    def _look(self, frame: Frame, face: Face) -> FaceObservation | None:
        mesh = self._mesh.locate(frame, face)
        if mesh.presence < self._least_presence:
            return None
        points = five_points(mesh.points)
        try:
            aligned = align(frame.pixels, points)
        except PointsCoincide:
            return None
        pose = head_pose(mesh.points)
        report = self._quality.assess(frame=frame, mesh=mesh, pose=pose, aligned=aligned, points=points)
        return FaceObservation(
            face=face,
            mesh=mesh,
            five_points=points,
            pose=pose,
            aligned=aligned,
            quality=report,
            material=frame.material,
        )


@dataclass(frozen=True, slots=True)
class FaceChoice:
    """How the one face is chosen.

    Attributes:
        like_size: another face is "of like size", and the picture refused, when its width is at least
            this share of the chosen one's. Default 0.6: somebody a step behind the guest is smaller than
            that, somebody beside him isn't. ``None`` never refuses; for measuring on data sets whose
            pictures each name one person.
    """

    like_size: float | None = 0.6

    def __post_init__(self) -> None:
        if self.like_size is not None and not 0.0 < self.like_size <= 1.0:
            msg = "a share of the width lies above 0 and at most at 1"
            raise ValueError(msg)


def choose_face(
    observations: Sequence[FaceObservation],
    *,
    frame_size: tuple[int, int],
    rule: FaceChoice | None = None,
) -> FaceObservation:
    """Return the face that is meant: the one with the largest width less its distance to the middle.

    Args:
        observations: the faces of one frame.
        frame_size: width and height of the frame in pixels.
        rule: when two faces are too alike to choose; the default rule if left out.

    Raises:
        NoFaceFound: if there is no face.
        SeveralFaces: if another face is of like size.
    """
    rule = rule if rule is not None else FaceChoice()
    if not observations:
        msg = "No face was found in the picture."
        raise NoFaceFound(msg)
    middle = (frame_size[0] / 2, frame_size[1] / 2)

    def prominence(observation: FaceObservation) -> float:
        centre = observation.face.box.centre
        return observation.face.box.width - math.dist((centre.x, centre.y), middle)

    chosen = max(observations, key=prominence)
    if rule.like_size is not None:
        limit = rule.like_size * chosen.face.box.width
        alike = sum(observation.face.box.width >= limit for observation in observations)
        if alike > 1:
            msg = f"There are {alike} faces of like size in the picture, so it can't be said whose it is."
            raise SeveralFaces(msg)
    return chosen
