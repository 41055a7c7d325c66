"""Faces followed through the frames of a scene, for the question whether they are people.

Rules of this module:

* Every face is looked for in the whole frame, every time. One that isn't found, jumps or comes after a gap
  is another track: nothing is carried over.
* What is kept of a frame are meshes and displacements, of so many faces for so many frames; of pixels the
  frame before, until the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.kernel import Box, Frame, HeadPose
from countenance.liveness.depiction import FaceTrack
from countenance.vision import FaceDetector, MeshLocator
from countenance.vision.detection import enclosing_rectangle
from countenance.vision.landmarks import head_pose
from countenance.vision.motion import FlowField, Surroundings

__all__ = ["MOST_FACES", "MOST_FRAMES", "SceneFace", "SceneFaces"]

MOST_FACES: Final = 8
"""Faces that are followed at once, the largest first: a mesh of each takes 0.7 ms."""
MOST_FRAMES: Final = 90
"""Frames that are kept of a face, the newest: six seconds at 15 a second, half a megabyte."""

_SAME_PLACE: Final = 0.3
"""Shared over joint area of two boxes in a row from which on they are one face."""
_SIDES: Final = 4


@dataclass(frozen=True, slots=True)
class SceneFace:
    """A face that is there now.

    Attributes:
        number: which.
        since: time of the first frame that is kept of it, in seconds.
        box: where it is in the newest frame. Left out of ``repr``.
        pose: where it points. Likewise.
    """

    number: int
    since: float
    box: Box = field(repr=False)
    pose: HeadPose = field(repr=False)


@dataclass(slots=True)
class _Following:
    """One face, while it is there."""

    number: int
    box: Box
    taken: list[float] = field(default_factory=list)
    points: list[NDArray[np.float32]] = field(default_factory=list)
    around: list[Surroundings] = field(default_factory=list)
    corners: list[NDArray[np.float32] | None] = field(default_factory=list)

    def add(
        self,
        taken: float,
        points: NDArray[np.float32],
        around: Surroundings,
        corners: NDArray[np.float32] | None,
    ) -> None:
        self.taken.append(taken)
        self.points.append(points)
        self.around.append(around)
        self.corners.append(corners)
        if len(self.taken) > MOST_FRAMES:
            self.points.pop(0)[...] = 0
            del self.taken[0], self.around[0], self.corners[0]

    def track(self) -> FaceTrack:
        no_corners = np.full((_SIDES, 2), np.nan, np.float32)
        return FaceTrack(
            number=self.number,
            taken=np.array(self.taken, np.float64),
            points=np.stack(self.points),
            yaw=np.array([head_pose(points).yaw for points in self.points], np.float64),
            moved=np.array([_number(one.moved) for one in self.around], np.float64),
            along=np.array([_number(one.along) for one in self.around], np.float64),
            corners=np.stack([no_corners if one is None else one for one in self.corners]),
        )

    def wipe(self) -> None:
        for points in self.points:
            points[...] = 0


class SceneFaces:
    """Follows the faces of one camera.

    Args:
        detector: finds faces.
        mesh: finds the points of one.
        least_width: pixels; smaller faces aren't followed, since a mesh of them is mostly guessed.
        least_presence: a face that the mesh network holds for less likely isn't there.
        longest_gap: seconds between two frames; longer, and every track ends.
    """

    __slots__ = (
        "_detector",
        "_faces",
        "_flow",
        "_last",
        "_least_presence",
        "_least_width",
        "_longest_gap",
        "_mesh",
        "_next",
    )

    def __init__(
        self,
        *,
        detector: FaceDetector,
        mesh: MeshLocator,
        least_width: float = 48.0,
        least_presence: float = 0.5,
        longest_gap: float = 0.5,
    ) -> None:
        self._detector = detector
        self._mesh = mesh
        self._least_width = least_width
        self._least_presence = least_presence
        self._longest_gap = longest_gap
        self._flow = FlowField()
        self._faces: list[_Following] = []
        self._last: float | None = None
        self._next = 0

    @property
    def model_ids(self) -> tuple[str, ...]:
        """The networks used, detector first."""
        return (self._detector.model_id, self._mesh.model_id)

    def note(self, frame: Frame, *, taken: float) -> tuple[FaceTrack, ...]:
        """Take in a frame. Nothing of its pixels outlasts the next one; the caller wipes it.

        Args:
            frame: of the scene.
            taken: when, in seconds.

        Returns:
            The tracks that ended with the frame before.

        Raises:
            ValueError: if the frame wasn't taken after the one before: frames are never sorted.
        """
        if self._last is not None and not taken > self._last:
            msg = "frames come in the order in which they were taken"
            raise ValueError(msg)
        gap = self._last is not None and taken - self._last > self._longest_gap
        self._last = taken
        ended = self.end() if gap else ()
        found = self._look(frame)
        kept, lost = self._linked(found)
        steps = self._flow.step(
            frame.pixels,
            [(one.box, one.points[-1][:, :2], mesh[:, :2]) for one, (_, mesh) in kept],
            all_boxes=[one.box for one in self._faces],
        )
        grey = np.asarray(frame.pixels[..., 1])
        for (one, (box, mesh)), around in zip(kept, steps, strict=True):
            one.box = box
            one.add(taken, mesh, around, enclosing_rectangle(grey, box))
        old = {id(mesh) for _, (_, mesh) in kept}
        for box, mesh in found:
            if id(mesh) not in old:
                fresh = _Following(self._next, box)
                self._next += 1
                fresh.add(taken, mesh, Surroundings(None, None), enclosing_rectangle(grey, box))
                kept.append((fresh, (box, mesh)))
        self._faces = sorted((one for one, _ in kept), key=lambda one: one.number)
        return ended + tuple(one.track() for one in lost)

    def standing(self) -> tuple[SceneFace, ...]:
        """Return every face that is there now."""
        return tuple(
            SceneFace(one.number, one.taken[0], one.box, head_pose(one.points[-1])) for one in self._faces
        )

    def track_of(self, number: int) -> FaceTrack:
        """Return the track of a face that is there now.

        Raises:
            KeyError: if it isn't there.
        """
        return {one.number: one for one in self._faces}[number].track()

    def end(self) -> tuple[FaceTrack, ...]:
        """Return every track, and forget all that is kept."""
        tracks = tuple(one.track() for one in self._faces)
        for one in self._faces:
            one.wipe()
        self._faces = []
        self._flow.wipe()
        return tracks

    def _look(self, frame: Frame) -> list[tuple[Box, NDArray[np.float32]]]:
        faces = sorted(self._detector.detect(frame), key=lambda face: face.box.width, reverse=True)
        found = []
        for face in faces[:MOST_FACES]:
            if face.box.width < self._least_width:
                break
            mesh = self._mesh.locate(frame, face)
            if mesh.presence >= self._least_presence:
                found.append((face.box, mesh.points))
        return found

    def _linked(
        self, found: Sequence[tuple[Box, NDArray[np.float32]]]
    ) -> tuple[list[tuple[_Following, tuple[Box, NDArray[np.float32]]]], list[_Following]]:
        """Pair faces of the frame before with those of this one, the best overlap first."""
        pairs = sorted(
            (
                (one.box.intersection_over_union(box), i, j)
                for i, one in enumerate(self._faces)
                for j, (box, _) in enumerate(found)
            ),
            reverse=True,
        )
        of: dict[int, int] = {}
        for share, i, j in pairs:
            if share >= _SAME_PLACE and i not in of and j not in of.values():
                of[i] = j
        kept = [(self._faces[i], found[j]) for i, j in of.items()]
        lost = [one for i, one in enumerate(self._faces) if i not in of]
        return kept, lost


def _number(value: float | None) -> float:
    return np.nan if value is None else value
