"""Whether a person did what was asked, in that order, to that side, at that time, and nothing else.

Rules of this module:

* Pure: it takes steps and a track, and returns a finding. The same input gives the same finding.
* Every task has to be kept. One that isn't makes the finding inconclusive, with advice; two answers that
  belong to something else than what was asked, or came before it was asked, are suspected as a replay.
* A blink isn't scored: the person has to look straight while it is asked for, and that is all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.liveness.actions import (
    CLOSER_BAND,
    REACH_SECONDS,
    TURN_BAND,
    Action,
)
from countenance.liveness.assurance import Advice, Cue, Finding, Outcome, Species
from countenance.liveness.challenge import BASELINE_SECONDS, Step
from countenance.liveness.continuity import Continuity, breaches
from countenance.liveness.measuring import Track

__all__ = ["Answer", "Fault", "Tolerance", "answer_to", "hold_kept", "judge", "return_kept"]


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How exact an answer has to be. The defaults are the house's own, not a standard's.

    Attributes:
        frontal: degrees of yaw and pitch that count as looking straight at the start.
        calm_turn: degrees that the head may wander while it isn't asked to turn or nod.
        calm_pitch: degrees of pitch that a turn may bring along.
        calm_size: factor by which the size may wander while nobody is asked to come closer.
        turned_size: the same during a turn or a nod: a landmark network measures a face that is seen from the
            side or from above smaller or larger.
        reaction: seconds after a prompt before which nobody can have reacted to it.
        leave_within: seconds after the word to come back within which the person starts back.
        in_band: share of a hold's frames that have to be on their level.
        nod_depth: degrees of pitch that make a nod.
        nod_up: degrees of pitch below which a nod is over.
    """

    frontal: float = 12.0
    calm_turn: float = 10.0
    calm_pitch: float = 14.0
    calm_size: float = 1.12
    turned_size: float = 1.25
    reaction: float = 0.12
    leave_within: float = 1.0
    in_band: float = 0.8
    nod_depth: float = 12.0
    nod_up: float = 6.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person did about one prompt.

    Attributes:
        onset: seconds after the prompt at which something began; ``inf`` if nothing did.
        level: median of the hold's frames, in the unit of the task's level; a count for a nod.
        steady: share of the hold's frames that were on the level.
        left: seconds after the word to come back at which the level was left; ``inf`` if it wasn't.
        back: whether the person looked straight at the end.
        calm: whether nothing else was done meanwhile.
    """

    onset: float
    level: float
    steady: float
    left: float
    back: bool
    calm: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a task wasn't kept.

    Attributes:
        advice: what to do better.
        contradicts: whether something else was done than asked, or before it was asked.
    """

    advice: Advice
    contradicts: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Signals:
    """Measurements relative to the start: degrees, degrees, and the logarithm of the size."""

    at: NDArray[np.float64]
    yaw: NDArray[np.float64]
    pitch: NDArray[np.float64]
    size: NDArray[np.float64]

    def between(self, start: float, end: float) -> _Signals:
        kept = (self.at >= start) & (self.at < end)
        return _Signals(self.at[kept], self.yaw[kept], self.pitch[kept], self.size[kept])


_MOVED_TURN: Final = 8.0
_MOVED_SIZE: Final = 0.1
_LEAST_FRAMES: Final = 3


def hold_kept(level: float, asked: float, *, closer: bool) -> bool:
    """Return whether a level counts as the one that was asked for. No level counts as two."""
    if closer:
        return asked / CLOSER_BAND <= level <= asked * CLOSER_BAND
    return abs(level - asked) <= TURN_BAND


def return_kept(left: float, *, within: float) -> bool:
    """Return whether a return began after the word to come back, and soon enough.

    Holds are at least ``within`` apart, so that one moment of return is in time for one of them alone.
    """
    return 0 < left <= within


def judge(
    steps: tuple[Step, ...],
    track: Track,
    *,
    tolerance: Tolerance | None = None,
    limits: Continuity | None = None,
) -> Finding:
    """Judge an answer to a challenge.

    Args:
        steps: what was asked, and when.
        track: what was measured, in order of arrival.
        tolerance: how exact the answers have to be.
        limits: what counts as one take.

    Returns:
        A finding that confirms ``challenge`` and ``continuity``, or says what is suspected, or what to do
        better. It reaches no level by itself: see :func:`~countenance.liveness.assurance.assurance_of`.
    """
    tolerance = tolerance or Tolerance()
    found = breaches(track, seconds=steps[-1].ended, limits=limits or Continuity())
    if found:
        species = tuple(dict.fromkeys(b.species for b in found if b.species is not None))
        if species:
            return Finding(Outcome.ATTACK_SUSPECTED, species=species)
        return Finding(Outcome.INCONCLUSIVE, advice=tuple(dict.fromkeys(b.advice for b in found)))
    return _of_faults(_faults(steps, track, tolerance))


def _of_faults(faults: tuple[Fault, ...]) -> Finding:
    if sum(fault.contradicts for fault in faults) > 1:
        return Finding(Outcome.ATTACK_SUSPECTED, species=(Species.REPLAY,))
    if faults:
        return Finding(Outcome.INCONCLUSIVE, advice=tuple(dict.fromkeys(f.advice for f in faults)))
    return Finding(Outcome.BONA_FIDE, confirmed=frozenset({Cue.CHALLENGE, Cue.CONTINUITY}))


def _faults(steps: tuple[Step, ...], track: Track, tolerance: Tolerance) -> tuple[Fault, ...]:
    start = track.taken < BASELINE_SECONDS
    if start.sum() < _LEAST_FRAMES:
        return (Fault(Advice.KEEP_STILL_AT_START, contradicts=False),)
    yaw, pitch, size = (float(np.median(c[start])) for c in (track.yaw, track.pitch, track.size))
    signals = _Signals(track.taken, track.yaw - yaw, track.pitch - pitch, np.log(track.size / size))
    straight = max(abs(yaw), abs(pitch)) <= tolerance.frontal
    if not (straight and _calm(signals.between(0, steps[0].revealed), tolerance)):
        return (Fault(Advice.KEEP_STILL_AT_START, contradicts=False),)
    found = []
    for i, step in enumerate(steps):
        fault = _fault_of(step, answer_to(step, signals, tolerance), tolerance)
        # The pause after a task belongs to no task: whoever moves in it wasn't asked to.
        end = steps[i + 1].revealed if i + 1 < len(steps) else step.ended
        pause = signals.between(step.ended, end)
        if fault is None and not _calm(pause, tolerance):
            fault = Fault(Advice.ONLY_WHAT_IS_ASKED, contradicts=True)
        if fault is not None:
            found.append(fault)
    return tuple(found)


def _fault_of(step: Step, answer: Answer, tolerance: Tolerance) -> Fault | None:
    action = step.task.action
    if not answer.calm:
        advice = Advice.TURN_THE_OTHER_WAY if action.is_turn else Advice.ONLY_WHAT_IS_ASKED
        return Fault(advice, contradicts=True)
    if action is Action.BLINK:
        return None
    if answer.onset < tolerance.reaction:
        return Fault(Advice.FOLLOW_THE_TIMING, contradicts=True)
    if action is Action.NOD:
        kept = answer.level == step.task.level and answer.back
        return None if kept else Fault(Advice.REACH_THE_MARK, contradicts=False)
    return _hold_fault(step, answer, tolerance)


def _hold_fault(step: Step, answer: Answer, tolerance: Tolerance) -> Fault | None:
    closer = step.task.action is Action.COME_CLOSER
    if not hold_kept(answer.level, step.task.level, closer=closer) or answer.steady < tolerance.in_band:
        return Fault(Advice.REACH_THE_MARK, contradicts=False)
    if not return_kept(answer.left, within=tolerance.leave_within) or not answer.back:
        return Fault(Advice.FOLLOW_THE_TIMING, contradicts=False)
    return None


def answer_to(step: Step, signals: _Signals, tolerance: Tolerance) -> Answer:
    """Measure what was done between a prompt and its end.

    Args:
        step: what was asked, and when.
        signals: the whole track, relative to its start.
        tolerance: what counts as calm, as a nod and as moved.
    """
    seen = signals.between(step.revealed, step.ended)
    action = step.task.action
    if action is Action.BLINK:
        return Answer(np.inf, 0.0, 1.0, np.inf, back=True, calm=_calm(seen, tolerance))
    if action is Action.NOD:
        return _nods(step, seen, tolerance)
    if action is Action.COME_CLOSER:
        moved, calm = seen.size, _calm(seen, tolerance, size=False)
        return _held(step, seen.at, moved, np.exp(moved), _MOVED_SIZE, calm=calm)
    side = 1.0 if action is Action.TURN_LEFT else -1.0
    moved = side * seen.yaw
    calm = _calm(seen, tolerance, yaw=False) and bool((moved > -tolerance.calm_turn).all())
    return _held(step, seen.at, moved, moved, _MOVED_TURN, calm=calm)


def _held(
    step: Step,
    at: NDArray[np.float64],
    moved: NDArray[np.float64],
    level: NDArray[np.float64],
    threshold: float,
    *,
    calm: bool,
) -> Answer:
    away = moved > threshold
    if not away.any():
        return Answer(np.inf, 0.0, 0.0, np.inf, back=True, calm=calm)
    closer = step.task.action is Action.COME_CLOSER
    on = np.array([hold_kept(float(v), step.task.level, closer=closer) for v in level])
    due = at >= step.revealed + REACH_SECONDS
    hold = due & (at <= step.released)
    # The moment of leaving is the first frame after the last one on the level: it depends on nothing but
    # the level, so that it is the same for a short hold and for a long one, and right for one of them.
    last = float(at[due & on].max(initial=-np.inf))
    off = at[at > last]
    return Answer(
        onset=float(at[away][0]) - step.revealed,
        level=float(np.median(level[hold])) if hold.any() else 0.0,
        steady=float(np.mean(on[hold])) if hold.any() else 0.0,
        left=float(off[0]) - step.released if off.size else np.inf,
        back=not bool(away[-1]),
        calm=calm,
    )


def _nods(step: Step, seen: _Signals, tolerance: Tolerance) -> Answer:
    count, down, onset = 0, False, np.inf
    for at, pitch in zip(seen.at, seen.pitch, strict=True):
        if not down and pitch >= tolerance.nod_depth:
            down, onset = True, min(onset, float(at) - step.revealed)
        elif down and pitch <= tolerance.nod_up:
            down, count = False, count + 1
    calm = _calm(seen, tolerance, pitch=False)
    return Answer(onset, float(count), 1.0, np.inf, back=not down, calm=calm)


def _calm(
    seen: _Signals, tolerance: Tolerance, *, yaw: bool = True, pitch: bool = True, size: bool = True
) -> bool:
    """Whether nothing moved but what may. A nod and a turn change the measured size and pitch a little."""
    free_pitch = tolerance.calm_turn if yaw and size else tolerance.calm_pitch
    free_size = tolerance.calm_size if yaw and pitch else tolerance.turned_size
    checks = [
        not yaw or (np.abs(seen.yaw) <= tolerance.calm_turn).all(),
        not pitch or (np.abs(seen.pitch) <= free_pitch).all(),
        not size or (np.abs(seen.size) <= np.log(free_size)).all(),
    ]
    return all(bool(check) for check in checks)
