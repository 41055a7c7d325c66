"""Says of every face in a scene whether it is a person's, once the scene is over.

Rules of this module:

* A face is judged every second, on what is kept of it, and once more when it goes. What one cue ever said,
  it said: a poster that is found to ride along once is never a person afterwards.
* What comes out are judgements; a picture of nobody does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from countenance.kernel import Frame
from countenance.liveness.depiction import FaceTrack, Judgement, Shown, joined, judge_track
from countenance.liveness.scene_faces import SceneFace, SceneFaces

__all__ = ["JudgedFace", "SceneJudge"]

_EVERY: Final = 1.0


@dataclass(frozen=True, slots=True)
class JudgedFace:
    """A face that was in the scene.

    Attributes:
        number: which, from 0, in the order in which they came.
        first: seconds at which it came.
        last: seconds at which it was seen last.
        judgement: what it is.
    """

    number: int
    first: float
    last: float
    judgement: Judgement


@dataclass(slots=True)
class _Course:
    first: float
    due: float
    judgements: list[Judgement] = field(default_factory=list)


class SceneJudge:
    """Follows and judges the faces of one camera.

    Args:
        faces: follows them.
        judge: judges a track; the shipped limits unless told.
    """

    __slots__ = ("_courses", "_done", "_faces", "_judge")

    def __init__(self, faces: SceneFaces, *, judge: Callable[[FaceTrack], Judgement] = judge_track) -> None:
        self._faces = faces
        self._judge = judge
        self._courses: dict[int, _Course] = {}
        self._done: list[JudgedFace] = []

    @property
    def model_ids(self) -> tuple[str, ...]:
        """The networks used, detector first."""
        return self._faces.model_ids

    def note(self, frame: Frame, *, taken: float) -> tuple[SceneFace, ...]:
        """Take in a frame, and return the faces that are there; the caller wipes the frame.

        Args:
            frame: of the scene.
            taken: when, in seconds.

        Raises:
            ValueError: if the frame wasn't taken after the one before.
        """
        for track in self._faces.note(frame, taken=taken):
            self._close(track)
        standing = self._faces.standing()
        for one in standing:
            course = self._courses.setdefault(one.number, _Course(one.since, one.since + _EVERY))
            if taken >= course.due:
                course.due = taken + _EVERY
                course.judgements.append(self._judge(self._faces.track_of(one.number)))
        return standing

    def so_far(self, number: int) -> Shown:
        """Return what a face that is there was shown to be by now; undetermined before anything was."""
        course = self._courses.get(number)
        return joined(course.judgements).shown if course and course.judgements else Shown.UNDETERMINED

    def end(self) -> tuple[JudgedFace, ...]:
        """Return every face that was there, in the order in which they came, and forget what is kept."""
        for track in self._faces.end():
            self._close(track)
        return tuple(sorted(self._done, key=lambda face: face.number))

    def _close(self, track: FaceTrack) -> None:
        first = float(track.taken[0])
        course = self._courses.pop(track.number, _Course(first, first))
        course.judgements.append(self._judge(track))
        said = joined(course.judgements)
        self._done.append(JudgedFace(track.number, course.first, float(track.taken[-1]), said))
