"""A frame looked at: how many faces, where the one that is meant points, and a digest of the frame.

Rules of this module:

* The face is looked for in the whole frame, every time: a region that is carried over a gap gives a print
  false depth.
* What is kept of a frame is its face's mesh and a digest. Neither shows anybody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.kernel import Box, Frame, HeadPose
from countenance.liveness.evidence import Take
from countenance.liveness.measuring import Measurement
from countenance.vision import FaceDetector, MeshLocator
from countenance.vision.detection import outline_around
from countenance.vision.landmarks import MESH_POINTS, head_pose
from countenance.vision.passive import PassiveNetwork

__all__ = ["FaceWatcher", "Sighting", "measured", "take_of"]

_BROW, _CHIN = 10, 152
"""Mesh points at the top of the forehead and at the chin."""

_DIGEST: Final = 32
_APART: Final = 4
_SIDES: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """What one frame showed.

    Attributes:
        faces: how many faces there are that may be meant; 0 or more.
        points: float32, shape (468, 3): the mesh of the largest, as :class:`~countenance.vision.Mesh` has
            it; ``None`` if there is no face. Left out of ``repr``.
        pose: where it points; ``None`` likewise. Left out of ``repr``.
        digest: SHA-256 of every fourth pixel of every fourth row, 32 bytes: a camera's noise makes no two
            alike, and hashing all of them would cost as much as finding the face.
        box: the face's, in pixels of the frame; ``None`` if there is none. Left out of ``repr``.
        passive: what each passive network said of it, by its id; ``None`` where the frame couldn't give it
            what it needs. Empty if none was asked. Left out of ``repr``.
        likeness: similarity of the face to that of the session's first frame, -1 to 1; ``None`` where it
            wasn't compared. Left out of ``repr``.
        corners: float32, shape (4, 2), of an outline of four sides around the face in pixels; ``None`` if
            there is none. Left out of ``repr``.
    """

    faces: int
    points: NDArray[np.float32] | None = field(repr=False)
    pose: HeadPose | None = field(repr=False)
    digest: bytes = field(repr=False)
    box: Box | None = field(default=None, repr=False)
    passive: Mapping[str, float | None] = field(default_factory=dict, repr=False)
    likeness: float | None = field(default=None, repr=False)
    corners: NDArray[np.float32] | None = field(default=None, repr=False)

    def wipe(self) -> None:
        """Overwrite the mesh with zeros."""
        if self.points is not None and self.points.flags.writeable:
            self.points[...] = 0


class FaceWatcher:
    """Looks at the frames of one camera, each for itself.

    Args:
        detector: finds faces.
        mesh: finds the points of one.
        passive: networks that say whether a face looks live; none unless told.
        least_presence: a face that the mesh network holds for less likely isn't there. Default 0.5, as in
            MediaPipe.
        like_size: a face counts as a second one from this share of the largest one's width on; whoever
            passes far behind is smaller. Default 0.6, as at a desk.

    Raises:
        ValueError: if a share isn't between 0 and 1.
    """

    __slots__ = ("_detector", "_least_presence", "_like_size", "_mesh", "_passive")

    def __init__(
        self,
        *,
        detector: FaceDetector,
        mesh: MeshLocator,
        passive: Sequence[PassiveNetwork] = (),
        least_presence: float = 0.5,
        like_size: float = 0.6,
    ) -> None:
        if not (0.0 <= least_presence <= 1.0 and 0.0 < like_size <= 1.0):
            msg = "presence and size are shares between 0 and 1"
            raise ValueError(msg)
        self._detector = detector
        self._mesh = mesh
        self._passive = tuple(passive)
        self._least_presence = least_presence
        self._like_size = like_size

    @property
    def model_ids(self) -> tuple[str, ...]:
        """The networks used, detector first."""
        return (self._detector.model_id, self._mesh.model_id, *self.passive_ids)

    @property
    def passive_ids(self) -> tuple[str, ...]:
        """The passive networks, in the order in which they are asked."""
        return tuple(network.model_id for network in self._passive)

    def look(self, frame: Frame) -> Sighting:
        """Return what a frame shows. Nothing of its pixels is kept; the caller wipes it."""
        digest = hashlib.sha256(frame.pixels[::_APART, ::_APART].tobytes()).digest()
        faces = sorted(self._detector.detect(frame), key=lambda face: face.box.width, reverse=True)
        if not faces:
            return Sighting(0, None, None, digest)
        mesh = self._mesh.locate(frame, faces[0])
        if mesh.presence < self._least_presence:
            return Sighting(0, None, None, digest)
        limit = self._like_size * faces[0].box.width
        count = sum(face.box.width >= limit for face in faces)
        return Sighting(
            count,
            mesh.points,
            head_pose(mesh.points),
            digest,
            faces[0].box,
            corners=outline_around(frame, faces[0].box),
        )

    def ask(self, frame: Frame, sighting: Sighting) -> Sighting:
        """Return a sighting with what the passive networks say of its face.

        Apart from :meth:`look`, because a few frames of a session are enough, and each network costs a third
        of what looking does.

        Args:
            frame: the one that was looked at.
            sighting: of it.
        """
        box = sighting.box
        if box is None:
            return sighting
        return replace(sighting, passive={one.model_id: one.live(frame, box) for one in self._passive})


def measured(sighting: Sighting, *, number: int, taken: float) -> Measurement:
    """Return what a sighting measures; its arrival is for whoever keeps the track to say.

    Args:
        sighting: of the frame.
        number: the frame's place in the stream, counted by the device from 0.
        taken: seconds after the opening by the device's clock.
    """
    if sighting.points is None or sighting.pose is None:
        return Measurement(number=number, taken=taken, arrived=0.0, faces=0)
    middle = sighting.points[:, :2].mean(axis=0)
    # In space rather than in the picture: a nod or a turn shortens no distance there.
    size = float(np.linalg.norm(sighting.points[_BROW] - sighting.points[_CHIN]))
    return Measurement(
        number=number,
        taken=taken,
        arrived=0.0,
        faces=sighting.faces,
        yaw=sighting.pose.yaw,
        pitch=sighting.pose.pitch,
        size=size,
        x=float(middle[0]),
        y=float(middle[1]),
    )


def take_of(sightings: Sequence[Sighting], *, taken: Sequence[float]) -> Take:
    """Return sightings as what cues read, in the order in which they came.

    Digests stand where thumbnails would: like frames have like digests, and a digest shows nothing.

    Args:
        sightings: of every frame.
        taken: when each was taken, in seconds by the device's clock.

    Raises:
        ValueError: if there aren't as many times as sightings.
    """
    if len(sightings) != len(taken):
        msg = "every sighting has its time"
        raise ValueError(msg)
    count = len(sightings)
    points = np.full((count, MESH_POINTS, 3), np.nan, dtype=np.float32)
    yaw = np.zeros(count)
    corners = np.full((count, _SIDES, 2), np.nan, dtype=np.float32)
    for i, sighting in enumerate(sightings):
        if sighting.points is not None and sighting.pose is not None:
            points[i] = sighting.points
            yaw[i] = sighting.pose.yaw
        if sighting.corners is not None:
            corners[i] = sighting.corners
    asked = dict.fromkeys(name for sighting in sightings for name in sighting.passive)
    passive = {
        name: np.array([_number(sighting.passive.get(name)) for sighting in sightings], dtype=np.float64)
        for name in asked
    }
    digests = b"".join(sighting.digest for sighting in sightings)
    return Take(
        taken=np.array(taken, dtype=np.float64),
        points=points,
        yaw=yaw,
        detected=np.ones(count, dtype=np.bool_),
        faces=np.array([sighting.faces for sighting in sightings], dtype=np.int64),
        thumbnails=np.frombuffer(digests, dtype=np.uint8).reshape(count, 1, _DIGEST),
        likeness=np.array([_number(sighting.likeness) for sighting in sightings], dtype=np.float64),
        corners=corners,
        passive=passive,
    )


def _number(value: float | None) -> float:
    return np.nan if value is None else value
