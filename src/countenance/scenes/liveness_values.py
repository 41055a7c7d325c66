"""What a liveness session is asked with, what it holds while it lasts, and what it answers."""

from __future__ import annotations

import base64
import binascii
import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from countenance.kernel import DeviceId, Frame, Material, PermitId, PlaceId, SubjectId
from countenance.liveness import (
    BASELINE_SECONDS,
    LONGEST_SECONDS,
    Action,
    Advice,
    Assurance,
    Binding,
    ChallengeNotForThis,
    ChallengeOver,
    LivenessStatement,
    Measurement,
    Prompt,
    Sighting,
)

if TYPE_CHECKING:
    from countenance.capture import SentFrames
    from countenance.liveness.evidence import Bearing
    from countenance.scenes.attended import GuestStatement
    from countenance.scenes.liveness_errand import LivenessErrand
    from countenance.scenes.profile import SceneProfile
    from countenance.store import LogReceipt
    from countenance.vision import SelfLikeness

__all__ = [
    "MOST_FRAMES",
    "LivenessOpened",
    "LivenessOrder",
    "LivenessProgress",
    "LivenessResult",
    "LivenessRun",
    "handle_of",
    "nonce_of",
]

MOST_FRAMES: Final = 300
"""Frames of one session: fifteen a second for twenty seconds. A mesh has 5.6 kB, so that a session never
holds more than 1.8 MB."""

_FRONTAL: Final = 12.0
"""Degrees of yaw and pitch that count as looking straight ahead, as for the challenge's own start."""

_MOST_FRONTAL: Final = 5

_PASSIVE_EVERY: Final = 0.8
"""Seconds between two frames that passive networks are shown: about ten in a session."""


@dataclass(frozen=True, slots=True)
class LivenessOrder:
    """One session that somebody asks for.

    Attributes:
        scene: the scene that it is for; its purpose is the session's.
        place: the registered place.
        device: the registered device that takes the frames.
        person: what the person said; ``None`` where that is on file already.
        opened_by: who asks: the key, never a person. Nobody else sends frames.
        subject: the person's pseudonym; ``None`` gives a fresh one.
    """

    scene: str
    place: PlaceId
    device: DeviceId
    person: GuestStatement | None
    opened_by: str
    subject: SubjectId | None = None


@dataclass(frozen=True, slots=True)
class LivenessOpened:
    """A session that is open.

    Attributes:
        session: names it; whoever has it can send frames. Left out of ``repr``.
        subject: whose it is.
        prompt: what the person may be told now: to look straight ahead.
        attempts_left: attempts left after this one, until somebody has to look.
        alternative: the way without a face.
        permit_id: the permit.
    """

    session: str = field(repr=False)
    subject: SubjectId
    prompt: Prompt
    attempts_left: int
    alternative: str
    permit_id: PermitId


@dataclass(frozen=True, slots=True)
class LivenessProgress:
    """What came of a frame.

    Attributes:
        prompt: what the person may be told now.
        faces: how many faces were in the frame.
        reach: how far the person is on the way to what is asked, 1 at the mark; ``None`` where nothing is
            to be reached. Left out of ``repr``.
        ended: whether everything was asked, and the session can be ended.
    """

    prompt: Prompt
    faces: int
    reach: float | None = field(repr=False)
    ended: bool


@dataclass(frozen=True, slots=True)
class LivenessResult:
    """What came of a session.

    Attributes:
        statement: what was found, for whom and for what.
        token: the same, signed, as a compact JWS.
        advice: what to do better; empty unless inconclusive.
        readings: what each cue said, by its name.
        frames: numbers of the frames in which the person looked straight ahead, of which a decision takes
            one; none unless bona fide.
        models: the networks that looked, in order.
        alternative: the way without a face.
        log: where the transparency log holds it.
    """

    statement: LivenessStatement
    token: str = field(repr=False)
    advice: tuple[Advice, ...]
    readings: Mapping[str, Bearing]
    frames: tuple[int, ...]
    models: tuple[str, ...]
    alternative: str
    log: LogReceipt

    @property
    def assurance(self) -> Assurance:
        """The level that was reached."""
        return self.statement.assurance

    @property
    def not_withstood(self) -> tuple[str, ...]:
        """What gets past that level, in words."""
        return self.assurance.does_not_withstand


@dataclass(slots=True, eq=False)
class LivenessRun:
    """A session while it lasts. Whoever changes it holds its lock."""

    nonce: bytes = field(repr=False)
    binding: Binding
    errand: LivenessErrand
    frames: SentFrames = field(repr=False)
    opened_by: str
    opened_at: datetime
    profile: SceneProfile = field(repr=False)
    sightings: list[Sighting] = field(default_factory=list, repr=False)
    taken: list[float] = field(default_factory=list, repr=False)
    numbers: list[int] = field(default_factory=list, repr=False)
    materials: list[Material] = field(default_factory=list, repr=False)
    baseline: list[tuple[float, float]] = field(default_factory=list, repr=False)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    asked_at: float = field(default=-math.inf, repr=False)
    likeness: SelfLikeness | None = field(default=None, repr=False)
    compared_at: float = field(default=-math.inf, repr=False)

    @property
    def until(self) -> datetime:
        """When its time is over."""
        return self.opened_at + timedelta(seconds=LONGEST_SECONDS)

    @property
    def frontal(self) -> tuple[int, ...]:
        """Which frames show the person looking straight ahead, before anything was asked."""
        return tuple(
            i
            for i, (sighting, taken) in enumerate(zip(self.sightings, self.taken, strict=True))
            if taken < BASELINE_SECONDS and _frontal(sighting)
        )[:_MOST_FRONTAL]

    def due_for_passive(self, sighting: Sighting, taken: float) -> bool:
        """Return whether passive networks are shown this frame, and note it: one face that looks straight.

        Args:
            sighting: of the frame.
            taken: seconds by the device's clock. One that stands still shows them a single frame, which is
                too few for a verdict.
        """
        if not _frontal(sighting) or taken - self.asked_at < _PASSIVE_EVERY:
            return False
        self.asked_at = taken
        return True

    def compared(self, frame: Frame, sighting: Sighting, taken: float) -> Sighting:
        """Return the sighting, with how alike its face is to the session's first one where that is due.

        It is due when one face looks straight, as often as passive networks are asked.

        Args:
            frame: the picture.
            sighting: of it.
            taken: seconds by the device's clock.
        """
        due = _frontal(sighting) and taken - self.compared_at >= _PASSIVE_EVERY
        if self.likeness is None or sighting.points is None or not due:
            return sighting
        self.compared_at = taken
        return replace(sighting, likeness=self.likeness.compare(frame, sighting.points))

    def replaced_by(self, other: LivenessRun) -> bool:
        """Whether another session of the same person on the same device ends this one."""
        mine, theirs = self.binding, other.binding
        return (mine.subject, mine.device) == (theirs.subject, theirs.device)

    def require_going_on(self) -> None:
        """Return if another frame may be taken.

        Raises:
            ChallengeOver: if the session has as many as it may hold.
        """
        if len(self.sightings) >= MOST_FRAMES:
            raise ChallengeOver

    def note(self, sighting: Sighting, measurement: Measurement, material: Material) -> None:
        """Keep what was seen in a frame."""
        self.sightings.append(sighting)
        self.taken.append(measurement.taken)
        self.numbers.append(measurement.number)
        self.materials.append(material)
        if measurement.taken < BASELINE_SECONDS and measurement.faces == 1:
            self.baseline.append((measurement.yaw, measurement.size))

    def reach(self, prompt: Prompt, measurement: Measurement) -> float | None:
        """Return how far the person is on the way to what is asked, from 0; 1 at the mark, 2 at most."""
        task = prompt.task
        if task is None or prompt.coming_back or not self.baseline or measurement.faces != 1:
            return None
        yaw, size = (float(np.median(column)) for column in zip(*self.baseline, strict=True))
        if task.action.is_turn:
            side = 1.0 if task.action is Action.TURN_LEFT else -1.0
            way = side * (measurement.yaw - yaw) / task.level
        elif task.action is Action.COME_CLOSER:
            way = (measurement.size / size - 1.0) / (task.level - 1.0)
        else:
            return None
        return min(2.0, max(0.0, way))

    def wipe(self) -> None:
        """Overwrite the meshes and forget all that was measured; the digests stay for whoever ends it."""
        for sighting in self.sightings:
            sighting.wipe()
        if self.likeness is not None:
            self.likeness.wipe()
        self.sightings.clear()
        self.taken.clear()
        self.baseline.clear()


def _frontal(sighting: Sighting) -> bool:
    pose = sighting.pose
    return sighting.faces == 1 and pose is not None and max(abs(pose.yaw), abs(pose.pitch)) <= _FRONTAL


def handle_of(nonce: bytes) -> str:
    """Return a nonce as text."""
    return base64.urlsafe_b64encode(nonce).decode("ascii").rstrip("=")


def nonce_of(session: str) -> bytes:
    """Return the nonce that a session's name stands for.

    Raises:
        ChallengeNotForThis: if it can't be one.
    """
    try:
        return base64.urlsafe_b64decode(session.encode("ascii") + b"=" * (-len(session) % 4))
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ChallengeNotForThis from error
