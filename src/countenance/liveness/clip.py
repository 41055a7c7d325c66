"""A recorded clip looked at for liveness, each cue alone. Pure but for the watcher that it is given.

Rules of this module:

* A clip answered no challenge: it is never ``bona fide``. It is suspected, or inconclusive, with a sentence.
* Nothing here says that a file wasn't made: a stream that is fed in behind the camera looks like a camera.
* Blinks are reported and never scored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.kernel import Frame
from countenance.liveness.assurance import Assurance, Outcome, Species
from countenance.liveness.blinks import Blink, blinks_in
from countenance.liveness.evidence import Evidence, Reading, Take, appearance_parallax, read_appearance
from countenance.liveness.looking import FaceWatcher, Sighting, take_of
from countenance.vision import Mesh, SelfLikeness
from countenance.vision.attributes import EyeLocator
from countenance.vision.landmarks import openness
from countenance.vision.motion import FaceFeatures, Matches

__all__ = ["CLIP_EVERY", "MOST_CLIP_FRAMES", "ClipFinding", "ClipWatcher", "Timeline", "judge_clip"]

CLIP_EVERY: Final = 1 / 16
"""Seconds between two frames that are looked at, at least."""
MOST_CLIP_FRAMES: Final = 900
"""A minute at 15 frames a second; a mesh has 5.6 kB, so that a clip never holds more than 6 MB."""

_ASKED_EVERY: Final = 0.5
_MATCHED_EVERY: Final = 0.2
"""Seconds between two frames whose skin is matched: each takes an eighth of a second."""
_STRAIGHT: Final = 15.0
_APPEARANCE: Final = "appearance-parallax"
_NO_CHALLENGE: Final = "A recorded clip answered no challenge, so that nothing can be confirmed"


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """What was measured over a clip; every array has shape (F,), NaN where nothing was.

    Attributes:
        taken: float64, seconds.
        yaw: float64, degrees, positive towards the right edge of the image.
        pitch: float64, degrees, positive when the face tilts down.
        openness: float64, of the wider open eye: height over width of its lids.
        likeness: float64, of the face to the first one that looked straight, -1 to 1.
        passive: what each passive network said, by its id; float64, 0 to 1.
        blinks: lids that fell and rose.
    """

    taken: NDArray[np.float64] = field(repr=False)
    yaw: NDArray[np.float64] = field(repr=False)
    pitch: NDArray[np.float64] = field(repr=False)
    openness: NDArray[np.float64] = field(repr=False)
    likeness: NDArray[np.float64] = field(repr=False)
    passive: dict[str, NDArray[np.float64]] = field(repr=False)
    blinks: tuple[Blink, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ClipFinding:
    """What a clip shows.

    Attributes:
        outcome: suspected or inconclusive; never bona fide.
        species: the attacks suspected, if any.
        why: one sentence.
        readings: what each cue said, by its name.
        timeline: what was measured. Left out of ``repr``.
        frames: how many were looked at.
        seen: in how many there was a face.
    """

    outcome: Outcome
    species: tuple[Species, ...]
    why: str
    readings: dict[str, Reading]
    timeline: Timeline = field(repr=False)
    frames: int
    seen: int

    @property
    def assurance(self) -> Assurance:
        """The level that is reached: none, since no challenge was answered."""
        return Assurance.NONE


@dataclass(slots=True)
class ClipWatcher:
    """Looks at the frames of one clip, in the order of time.

    Attributes:
        watcher: finds the face, asks the passive networks.
        eyes: measures lids; ``None``: blinks aren't looked for.
        likeness: compares the face with itself; ``None``: it isn't.
        features: matches the face's skin with that of the first frame; ``None``: it isn't.
    """

    watcher: FaceWatcher
    eyes: EyeLocator | None = None
    likeness: SelfLikeness | None = None
    features: FaceFeatures | None = None
    _matches: list[Matches] = field(default_factory=list, repr=False)
    _first: NDArray[np.float32] | None = field(default=None, repr=False)
    _matched: float = field(default=-np.inf, repr=False)
    _sightings: list[Sighting] = field(default_factory=list, repr=False)
    _taken: list[float] = field(default_factory=list, repr=False)
    _open: list[float] = field(default_factory=list, repr=False)
    _asked: float = field(default=-np.inf, repr=False)

    def note(self, frame: Frame, *, taken: float) -> Sighting:
        """Look at a frame and note what it shows; the caller wipes it.

        Args:
            frame: of the clip.
            taken: when, in seconds.
        """
        sighting = self.watcher.look(frame)
        if _looks_straight(sighting) and taken - self._asked >= _ASKED_EVERY:
            self._asked = taken
            sighting = self.watcher.ask(frame, sighting)
            if self.likeness is not None and sighting.points is not None:
                sighting = replace(sighting, likeness=self.likeness.compare(frame, sighting.points))
        self._sightings.append(sighting)
        self._taken.append(taken)
        self._open.append(self._openness(frame, sighting))
        self._match(frame, sighting, taken)
        return sighting

    @property
    def frames(self) -> int:
        """How many frames were looked at."""
        return len(self._taken)

    def judge(self, cues: Sequence[Evidence]) -> ClipFinding:
        """Say what the clip shows, and forget all that was measured but the timeline.

        Args:
            cues: each is read alone.
        """
        take = take_of(self._sightings, taken=self._taken)
        pitch = np.array([np.nan if s.pose is None else s.pose.pitch for s in self._sightings], np.float64)
        skin = {} if self.features is None else {_APPEARANCE: self._appearance(take)}
        found = judge_clip(take, cues, pitch=pitch, openness=np.array(self._open, np.float64), others=skin)
        take.points[...] = 0
        self.wipe()
        return found

    def wipe(self) -> None:
        """Overwrite the meshes and forget what was measured."""
        for sighting in self._sightings:
            sighting.wipe()
        if self.likeness is not None:
            self.likeness.wipe()
        if self.features is not None:
            self.features.wipe()
        if self._first is not None:
            self._first[...] = 0
            self._first = None
        for kept in (self._sightings, self._taken, self._open, self._matches):
            kept.clear()

    def _match(self, frame: Frame, sighting: Sighting, taken: float) -> None:
        points = sighting.points
        if self.features is None or points is None or taken - self._matched < _MATCHED_EVERY:
            return
        if self._first is None and not _looks_straight(sighting):
            return
        self._matched = taken
        found = self.features.match(np.asarray(frame.pixels[..., 1]), points)
        if self._first is None:
            self._first = points.copy()
        elif found is not None:
            self._matches.append(found)

    def _appearance(self, take: Take) -> Reading:
        figure = np.nan if self._first is None else appearance_parallax(self._first, self._matches)
        return read_appearance(figure, yaw=take.yaw)

    def _openness(self, frame: Frame, sighting: Sighting) -> float:
        if self.eyes is None or sighting.points is None:
            return np.nan
        mesh = Mesh(sighting.points, 1.0)
        eyes = self.eyes.locate(frame, mesh)
        try:
            opened = openness(mesh, eyes)
        finally:
            eyes.wipe()
        return max(opened.eye_at_left, opened.eye_at_right)


def judge_clip(
    take: Take,
    cues: Sequence[Evidence],
    *,
    pitch: NDArray[np.float64],
    openness: NDArray[np.float64],
    others: Mapping[str, Reading] | None = None,
) -> ClipFinding:
    """Judge what was measured in a clip. The same input gives the same finding.

    Args:
        take: of the clip.
        cues: each is read alone; one that denies is a veto.
        pitch: float64, shape (F,), degrees; NaN where there was no face.
        openness: float64, shape (F,), of the wider open eye; likewise.
        others: readings of cues that aren't read of a take.
    """
    there = np.asarray(np.isfinite(take.points).all(axis=(1, 2)), np.bool_)
    whole = _without_gaps(take, there)
    readings = {cue.name: cue.read(take if cue.name == "one-face" else whole) for cue in cues}
    readings |= others or {}
    denied = {name: one for name, one in readings.items() if one.species is not None}
    species = tuple(dict.fromkeys(one.species for one in denied.values() if one.species is not None))
    why = (
        f"Suspected by {', '.join(denied)}: {', '.join(species)}."
        if denied
        else _why(readings, seen=int(there.sum()))
    )
    return ClipFinding(
        outcome=Outcome.ATTACK_SUSPECTED if denied else Outcome.INCONCLUSIVE,
        species=species,
        why=why,
        readings=readings,
        timeline=_timeline(take, there, pitch, openness),
        frames=len(take),
        seen=int(there.sum()),
    )


def _why(readings: dict[str, Reading], *, seen: int) -> str:
    if not seen:
        return "No face was seen."
    confirmed = [name for name, one in readings.items() if one.cue is not None]
    if confirmed:
        return f"{_NO_CHALLENGE}; nothing speaks against a person, and {', '.join(confirmed)} for one."
    return f"{_NO_CHALLENGE}; nothing speaks against a person."


def _without_gaps(take: Take, there: NDArray[np.bool_]) -> Take:
    """Return the frames with a face, in their order: what a cue reads of a face is read of these."""
    if there.all():
        return take
    return Take(
        taken=take.taken[there],
        points=take.points[there],
        yaw=take.yaw[there],
        detected=take.detected[there],
        faces=take.faces[there],
        thumbnails=take.thumbnails[there],
        likeness=take.likeness[there],
        corners=take.corners[there],
        passive={name: values[there] for name, values in take.passive.items()},
    )


def _timeline(
    take: Take, there: NDArray[np.bool_], pitch: NDArray[np.float64], openness: NDArray[np.float64]
) -> Timeline:
    return Timeline(
        taken=take.taken.copy(),
        yaw=np.where(there, take.yaw, np.nan),
        pitch=pitch,
        openness=openness,
        likeness=take.likeness.copy(),
        passive={name: values.copy() for name, values in take.passive.items()},
        blinks=blinks_in(take.taken, openness),
    )


def _looks_straight(sighting: Sighting) -> bool:
    pose = sighting.pose
    return sighting.faces == 1 and pose is not None and max(abs(pose.yaw), abs(pose.pitch)) <= _STRAIGHT
