"""How a made-up person, or a made-up attacker, follows what a liveness session asks.

Rules kept here:

* Whoever follows knows what the page shows: the prompt and how far they are. Nobody knows what comes next.
* A willing, practised adult is made up: reaction 0.25 to 0.45 seconds, a head that moves like a damped
  spring, small sway. How real people differ from that isn't measured.
* The same seed gives the same movements.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from countenance.liveness import Action, Prompt, Step
from countenance.vision.rendering import Stance

__all__ = ["Follower", "Moved", "Told", "acted", "recorded", "told_by"]

_REACTION: Final = (0.25, 0.45)
_STIFFNESS: Final = 9.0
"""Radians a second of a critically damped spring: a turn of 40 degrees takes 0.6 s, 130 degrees a second at
most, in the range of voluntary head turns."""

_TICK: Final = 0.01
_NOD_DEPTH: Final = 25.0
_NOD_SECONDS: Final = 0.9
_NOD_EVERY: Final = 1.05
_BLINK_SECONDS: Final = 0.25
_BLINKS_EVERY: Final = 4.0
_BEFORE_CORRECTING: Final = 0.45
_CORRECTION: Final = 0.5
_SMALL: Final = 0.15


@dataclass(frozen=True, slots=True)
class Told:
    """What whoever stands before the camera sees on the page.

    Attributes:
        prompt: what to do now.
        reach: how far they are on the way, 1 at the mark; ``None`` where the page shows nothing.
    """

    prompt: Prompt
    reach: float | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """Where somebody was at a moment, in seconds after the opening."""

    at: float
    stance: Stance


@dataclass(slots=True)
class _Sway:
    """Slow small movements that nobody means."""

    amplitude: float
    frequencies: tuple[float, ...]
    phases: tuple[float, ...]

    def at(self, moment: float) -> float:
        waves = [
            np.sin(2 * np.pi * f * moment + p) for f, p in zip(self.frequencies, self.phases, strict=True)
        ]
        return self.amplitude * float(np.mean(waves))


@dataclass(slots=True)
class Follower:
    """Follows prompts, moment by moment.

    Attributes:
        seed: of reaction, sway and blinks.
        most: degrees to which it can turn what it turns.
        habit: degrees that it turns for a degree asked, before it has seen the bar of the page.
        blinks: whether it has eyelids.
    """

    seed: int
    most: float = 60.0
    habit: float = 1.1
    blinks: bool = True
    _rng: np.random.Generator = field(init=False)
    _sway: dict[str, _Sway] = field(init=False)
    _habits: dict[Action, float] = field(init=False, default_factory=dict)
    _now: float = field(init=False, default=0.0)
    _place: dict[str, float] = field(init=False)
    _speed: dict[str, float] = field(init=False)
    _seen: tuple[int, bool] = field(init=False, default=(0, False))
    _waiting: tuple[float, Prompt] | None = field(init=False, default=None)
    _doing: Prompt | None = field(init=False, default=None)
    _begun: float = field(init=False, default=0.0)
    _aim: float = field(init=False, default=0.0)
    _blinked: float = field(init=False, default=-1.0)

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng(self.seed)
        self.habit *= float(self._rng.uniform(0.92, 1.08))
        sizes = {"yaw": 0.9, "pitch": 0.9, "roll": 1.2, "x": 0.4, "y": 0.25}
        self._sway = {
            name: _Sway(
                size, tuple(self._rng.uniform(0.1, 0.7, 3)), tuple(self._rng.uniform(0, 2 * np.pi, 3))
            )
            for name, size in sizes.items()
        }
        self._place = {"yaw": 0.0, "closer": 0.0}
        self._speed = {"yaw": 0.0, "closer": 0.0}

    def at(self, moment: float, told: Told) -> Stance:
        """Return where it is at a moment, in seconds after the opening; moments rise."""
        self._notice(moment, told.prompt)
        self._correct(moment, told)
        while self._now < moment:
            self._now = min(self._now + _TICK, moment)
            self._start()
            self._move(_TICK)
        return Stance(
            yaw=self._place["yaw"] + self._sway["yaw"].at(moment),
            pitch=self._nodding(moment) + self._sway["pitch"].at(moment),
            roll=self._sway["roll"].at(moment),
            closer=float(np.exp(self._place["closer"])),
            x=self._sway["x"].at(moment),
            y=self._sway["y"].at(moment),
            closed=self._lids(moment),
        )

    def _notice(self, moment: float, prompt: Prompt) -> None:
        seen = (prompt.number, prompt.coming_back)
        if seen != self._seen:
            self._seen = seen
            self._waiting = (moment + float(self._rng.uniform(*_REACTION)), prompt)

    def _start(self) -> None:
        if self._waiting is None or self._now < self._waiting[0]:
            return
        self._begun, prompt = self._waiting
        self._waiting, self._doing = None, prompt
        task = prompt.task
        self._aim = 0.0
        if task is not None and not prompt.coming_back and task.action not in (Action.NOD, Action.BLINK):
            habit = self._habits.setdefault(task.action, self.habit if task.action.is_turn else 1.0)
            wanted = habit * (task.level if task.action.is_turn else task.level - 1.0)
            self._aim = min(wanted, self.most) if task.action.is_turn else float(np.log1p(wanted))

    def _correct(self, moment: float, told: Told) -> None:
        """Go a little on or back, as the page's bar shows: once the first movement is over."""
        doing = self._doing
        if doing is None or doing.task is None or doing.coming_back or told.reach is None:
            return
        if self._waiting is not None or moment - self._begun < _BEFORE_CORRECTING or self._aim == 0.0:
            return
        if told.reach < _SMALL and doing.task.action.is_turn:
            return
        action, level = doing.task.action, doing.task.level
        wrong = 1.0 - min(told.reach, 1.6)
        if action.is_turn:
            self._aim = float(np.clip(self._aim + _CORRECTION * wrong * level, 0.0, self.most))
            self._habits[action] = self._aim / level
            other = Action.TURN_RIGHT if action is Action.TURN_LEFT else Action.TURN_LEFT
            self._habits.setdefault(other, self._aim / level)
        elif action is Action.COME_CLOSER:
            grown = float(np.expm1(self._aim)) + _CORRECTION * wrong * (level - 1.0)
            self._aim = float(np.log1p(max(grown, 0.0)))

    def _move(self, step: float) -> None:
        wanted = {"yaw": 0.0, "closer": 0.0}
        task = self._doing.task if self._doing is not None else None
        if task is not None and task.action.is_turn:
            wanted["yaw"] = self._aim if task.action is Action.TURN_LEFT else -self._aim
        elif task is not None and task.action is Action.COME_CLOSER:
            wanted["closer"] = self._aim
        for name, goal in wanted.items():
            pull = _STIFFNESS**2 * (goal - self._place[name]) - 2 * _STIFFNESS * self._speed[name]
            self._speed[name] += pull * step
            self._place[name] += self._speed[name] * step

    def _nodding(self, moment: float) -> float:
        task = self._doing.task if self._doing is not None else None
        if task is None or task.action is not Action.NOD:
            return 0.0
        phases = [(moment - self._begun - i * _NOD_EVERY) / _NOD_SECONDS for i in range(int(task.level))]
        return _NOD_DEPTH * float(sum(np.sin(np.pi * p) ** 2 for p in phases if 0 < p < 1))

    def _lids(self, moment: float) -> float:
        if not self.blinks:
            return 0.0
        task = self._doing.task if self._doing is not None else None
        asked = task is not None and task.action is Action.BLINK and moment - self._begun < _BLINK_SECONDS
        if asked or self._rng.random() < 1 / (6 * _BLINKS_EVERY):
            self._blinked = moment
        return 1.0 if moment - self._blinked < _BLINK_SECONDS / 2 else 0.0


def told_by(steps: Sequence[Step], moment: float) -> Told:
    """Return what a page would show at a moment, without a bar: for a recording that nobody watches.

    Args:
        steps: of the challenge.
        moment: seconds after its opening.
    """
    begun = [step for step in steps if step.revealed <= moment]
    if not begun:
        return Told(Prompt(number=0, task=None, coming_back=False))
    step = begun[-1]
    if moment >= step.ended:
        return Told(Prompt(number=len(begun), task=None, coming_back=True))
    return Told(Prompt(number=len(begun), task=step.task, coming_back=moment >= step.released))


def acted(steps: Sequence[Step], *, seed: int, habit: float = 1.1, rate: float = 30.0) -> tuple[Moved, ...]:
    """Return how a willing person answers a challenge without seeing a bar, 30 times a second.

    Args:
        steps: of the challenge.
        seed: of the person's movements.
        habit: degrees that the head turns for a degree asked.
        rate: moments a second.
    """
    follower = Follower(seed, habit=habit)
    count = int((steps[-1].ended + 1.0) * rate)
    moments = [i / rate for i in range(count)]
    return tuple(Moved(at, follower.at(at, told_by(steps, at))) for at in moments)


def recorded(moves: Sequence[Moved], moment: float) -> Stance:
    """Return where somebody was at a moment of a recording; at its end it stands still.

    Raises:
        ValueError: if nothing was recorded.
    """
    if not moves:
        msg = "a recording has a frame"
        raise ValueError(msg)
    i = bisect.bisect_right([moved.at for moved in moves], moment)
    if i == 0 or i == len(moves):
        return moves[min(i, len(moves) - 1)].stance
    before, after = moves[i - 1], moves[i]
    share = (moment - before.at) / max(after.at - before.at, 1e-9)
    mixed = {
        name: (1 - share) * getattr(before.stance, name) + share * getattr(after.stance, name)
        for name in ("yaw", "pitch", "roll", "closer", "x", "y")
    }
    return Stance(**mixed, closed=before.stance.closed)
