"""Bona fide presentations and attacks, rendered frame by frame while a session asks.

Rules kept here:

* Species are named after the instrument that is held before the camera (ISO/IEC 30107-1). Each is made from
  one portrait, so that an attack shows the person whom the bona fide presentation shows.
* An attacker follows the page as a person does, as far as the instrument allows. A recording follows nothing.
* Whatever comes out of here is simulated: a portrait on a mesh, before a made-up camera.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.evaluation.following import Follower, Moved, Told, acted, recorded, told_by
from countenance.liveness import Step
from countenance.vision.rendering import (
    FilmedBy,
    HeldScreen,
    RenderedHead,
    Scenery,
    Sensor,
    Sheet,
    Stance,
    cut_out_sheet,
    paint,
    printed_sheet,
)

__all__ = ["Instrument", "Performance", "bona_fide_clip", "perform"]

_RADII: Final = (7.0, 20.0)
_SCREEN_CLOSER: Final = 1.95
_PRINT_MOST: Final = (35.0, 60.0)
"""Degrees to which an attacker turns a sheet at most: farther, and the face on it is lost."""

_PRINT_HABIT: Final = 1.6
_PIXELS_PER_DEGREE: Final = 1.3
"""By which a face moves across the picture for a degree of turn, 60 cm away."""

_PIXELS_PER_CM: Final = 9.2


class Instrument(StrEnum):
    """What is presented to the camera."""

    BONA_FIDE = "bona fide"
    FLAT_PRINT = "flat print"
    BENT_PRINT = "bent print"
    CUT_OUT_PRINT = "cut-out print"
    CANNED_REPLAY = "canned replay"
    MATCHING_REPLAY = "replay that matches"
    LIVE_PUPPET = "live puppet"
    RIGID_MASK = "3D mask"

    @property
    def is_attack(self) -> bool:
        """Whether it is one."""
        return self is not Instrument.BONA_FIDE

    @property
    def withstood(self) -> bool:
        """Whether the challenge with relief is meant to withstand it; the others are known to pass."""
        return self in _WITHSTOOD


_WITHSTOOD: Final = frozenset(
    {Instrument.FLAT_PRINT, Instrument.BENT_PRINT, Instrument.CUT_OUT_PRINT, Instrument.CANNED_REPLAY}
)
_ON_SCREEN: Final = frozenset({Instrument.CANNED_REPLAY, Instrument.MATCHING_REPLAY, Instrument.LIVE_PUPPET})


@dataclass(slots=True, eq=False)
class Performance:
    """One presentation while it lasts.

    Attributes:
        instrument: what is presented.
        head: of the person who is, or is to be, seen. Left out of ``repr``.
        follower: who follows the page; ``None`` where a recording runs.
        recording: movements that run whatever is asked; empty where somebody follows.
        moves: where the instrument was, for a later replay of it.
    """

    instrument: Instrument
    head: RenderedHead = field(repr=False)
    seed: int
    follower: Follower | None
    recording: tuple[Moved, ...] = field(repr=False, default=())
    wearer: RenderedHead | None = field(repr=False, default=None)
    moves: list[Moved] = field(repr=False, default_factory=list)
    _home: Scenery = field(init=False, repr=False)
    _away: Scenery = field(init=False, repr=False)
    _camera: FilmedBy = field(init=False, repr=False)
    _hand: Follower = field(init=False, repr=False)
    _sheet: Sheet | None = field(init=False, repr=False, default=None)
    _radius: float = field(init=False, default=12.0)

    def __post_init__(self) -> None:
        rng = np.random.default_rng([self.seed, 1])
        host = self.wearer if self.instrument is Instrument.CUT_OUT_PRINT and self.wearer else self.head
        self._home = Scenery.around(host, seed=self.seed)
        self._away = Scenery.empty(seed=self.seed + 1)
        self._camera = FilmedBy(Sensor(noise=float(rng.uniform(1.5, 3.5))), seed=self.seed)
        self._hand = Follower(self.seed + 2)
        self._radius = float(rng.uniform(*_RADII))
        if self.instrument is Instrument.CUT_OUT_PRINT:
            self._sheet = cut_out_sheet(self.head)
        elif self.instrument in (Instrument.FLAT_PRINT, Instrument.BENT_PRINT):
            self._sheet = printed_sheet(self.head)

    def frame(self, moment: float, told: Told) -> bytes:
        """Return what the camera sends at a moment, a JPEG of 640 by 480.

        Args:
            moment: seconds after the opening; moments rise.
            told: what the page shows.
        """
        stance = recorded(self.recording, moment) if self.follower is None else self.follower.at(moment, told)
        before = self.moves[-1] if self.moves else Moved(moment - 0.1, stance)
        self.moves.append(Moved(moment, stance))
        over = max(moment - before.at, 1e-3)
        across = _PIXELS_PER_DEGREE * (stance.yaw - before.stance.yaw)
        across += _PIXELS_PER_CM * (stance.x - before.stance.x)
        down = _PIXELS_PER_DEGREE * (stance.pitch - before.stance.pitch)
        return self._camera.film(self._seen(moment, stance), at=moment, moving=(across / over, down / over))

    def _seen(self, moment: float, stance: Stance) -> NDArray[np.uint8]:
        if self.instrument in _ON_SCREEN:
            frame = self._away.seen(stance, follows=0.0)
            idle = self._hand.at(moment, told_by((), moment))
            held = replace(idle, yaw=2 * idle.yaw, pitch=2 * idle.pitch, closer=_SCREEN_CLOSER)
            HeldScreen().paint(frame, self._of_head(self.head, stance, self._home), held)
            return frame
        if self.instrument is Instrument.CUT_OUT_PRINT:
            frame = self._of_head(self.wearer or self.head, stance, self._home)
        elif self._sheet is not None:
            frame = self._away.seen(stance, follows=0.0)
        else:
            return self._of_head(self.head, stance, self._home)
        paint(frame, self._print().surface(self._bent(moment)), stance)
        return frame

    def _print(self) -> Sheet:
        if self._sheet is None:
            msg = "a print is made when its performance begins"
            raise AssertionError(msg)
        return self._sheet

    def _bent(self, moment: float) -> float | None:
        if self.instrument is Instrument.FLAT_PRINT:
            return None
        if self.instrument is Instrument.CUT_OUT_PRINT:
            return self._radius
        return self._radius * (1 + 0.2 * float(np.sin(2.2 * moment + self.seed)))

    @staticmethod
    def _of_head(head: RenderedHead, stance: Stance, room: Scenery) -> NDArray[np.uint8]:
        frame = room.seen(stance)
        paint(frame, head.with_lids(stance.closed), stance)
        return frame


def perform(
    instrument: Instrument,
    head: RenderedHead,
    *,
    seed: int,
    wearer: RenderedHead | None = None,
    recording: Sequence[Moved] = (),
) -> Performance:
    """Begin a presentation.

    Args:
        instrument: what is presented.
        head: of whom.
        seed: of movements, noise, rooms and bends.
        wearer: behind a cut-out print; the same head if left out.
        recording: what a replay shows.

    Raises:
        ValueError: if a replay has no recording.
    """
    if instrument in (Instrument.CANNED_REPLAY, Instrument.MATCHING_REPLAY):
        if not recording:
            msg = "a replay shows a recording"
            raise ValueError(msg)
        return Performance(instrument, head, seed, None, tuple(recording))
    if instrument in (Instrument.FLAT_PRINT, Instrument.BENT_PRINT):
        most = float(np.random.default_rng([seed, 2]).uniform(*_PRINT_MOST))
        follower = Follower(seed, most=most, habit=_PRINT_HABIT, blinks=False)
    else:
        follower = Follower(seed, blinks=instrument is not Instrument.RIGID_MASK)
    return Performance(instrument, head, seed, follower, wearer=wearer)


def bona_fide_clip(
    head: RenderedHead, steps: Sequence[Step], *, seed: int, rate: float = 15.0, habit: float = 1.1
) -> tuple[tuple[float, bytes], ...]:
    """Return a clip of a person who answers a challenge, without a page to look at.

    Args:
        head: of the person.
        steps: of the challenge.
        seed: of movements and noise.
        rate: frames a second.
        habit: degrees that the head turns for a degree asked.

    Returns:
        Seconds after the opening and a JPEG of 640 by 480, frame by frame, until a second after the end.
    """
    moves = acted(steps, seed=seed, habit=habit)
    shown = Performance(Instrument.BONA_FIDE, head, seed, None, moves)
    count = int((steps[-1].ended + 1.0) * rate)
    return tuple((i / rate, shown.frame(i / rate, told_by(steps, i / rate))) for i in range(count))
