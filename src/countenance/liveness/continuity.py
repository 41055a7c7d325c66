"""Whether a track can be one take of one face by one camera.

Rules of this module:

* Frames are judged in the order in which they came. They are never sorted, and no gap is bridged: frames
  out of order forge depth (prints shown in the order of their file names look like heads).
* Two clocks are compared, the device's and the server's: a stream that is sped up, slowed down or kept for
  later runs on one of them alone.
* A breach that a bad connection can cause is advice to try again; one that it can't is suspected.

What this doesn't see: frames that are changed behind the camera so that they move smoothly and on time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from countenance.liveness.assurance import Advice, Species
from countenance.liveness.measuring import MOST_MEASUREMENTS, Track

__all__ = ["Breach", "Continuity", "breaches"]


@dataclass(frozen=True, slots=True)
class Continuity:
    """Limits on a track. The defaults are the house's own, not a standard's.

    Attributes:
        slowest_rate: frames a second, at least; a page sends 5 and may lose a little time.
        longest_gap: between frames, as a multiple of the median interval. One missing frame makes it 2.
        clock_drift: how far the two clocks may run apart over a whole track, as a share.
        latest: seconds by which an arrival may lag behind the quickest one.
        fastest_turn: degrees a second; voluntary head turns stay below.
        fastest_move: widths of the face a second.
        fastest_growth: natural logarithm of the size, a second.
    """

    slowest_rate: float = 4.0
    longest_gap: float = 1.8
    clock_drift: float = 0.05
    latest: float = 1.0
    fastest_turn: float = 300.0
    fastest_move: float = 3.0
    fastest_growth: float = 1.5


@dataclass(frozen=True, slots=True)
class Breach:
    """Why a track isn't one take.

    Attributes:
        species: the attack suspected, or ``None`` where a bad camera or connection does the same.
        advice: what to do better.
    """

    species: Species | None
    advice: Advice


_STREAM = Breach(Species.ALTERED_STREAM, Advice.STEADY_CAMERA)
_LINK = Breach(None, Advice.STEADY_CAMERA)
_JUMP = Breach(None, Advice.STAY_IN_VIEW)
_FACES = Breach(None, Advice.ONE_FACE)


def breaches(track: Track, *, seconds: float, limits: Continuity) -> tuple[Breach, ...]:
    """Return every reason why a track isn't one take of one face; empty if there is none.

    Args:
        track: what was measured, in order of arrival.
        seconds: how much time the track has to cover, from 0.
        limits: how much is allowed.
    """
    if len(track) < max(3, seconds * limits.slowest_rate) or len(track) > MOST_MEASUREMENTS:
        return (_LINK,)
    if not _finite(track):
        return (_STREAM,)
    step = np.diff(track.taken)
    if (step <= 0).any() or (np.diff(track.arrived) < 0).any() or (np.diff(track.number) <= 0).any():
        return (_STREAM,)
    found = []
    if _repeats(track):
        found.append(_STREAM)
    if not _clocks_agree(track, limits):
        found.append(_STREAM)
    late_start = track.taken[0] > 1 / limits.slowest_rate or track.taken[0] < 0
    early_end = track.taken[-1] < seconds - 1 / limits.slowest_rate
    gap = step.max() > min(limits.longest_gap * float(np.median(step)), 2 / limits.slowest_rate)
    if late_start or early_end or gap or (np.diff(track.number) != 1).any():
        found.append(_LINK)
    if (track.faces != 1).any():
        found.append(_FACES)
    elif _jumps(track, step, limits):
        found.append(_JUMP)
    return tuple(found)


def _finite(track: Track) -> bool:
    columns = (track.taken, track.arrived, track.yaw, track.pitch, track.size, track.x, track.y)
    # A frame without a face has no size; that the face was lost is found below, and is no altered stream.
    return all(np.isfinite(column).all() for column in columns) and bool(
        (track.size[track.faces > 0] > 0).all()
    )


def _repeats(track: Track) -> bool:
    """Whether any two frames measure exactly alike: no camera's noise does that."""
    rows = np.stack([track.yaw, track.pitch, track.size, track.x, track.y], axis=1)[track.faces > 0]
    return len(np.unique(rows, axis=0)) < len(rows)


def _clocks_agree(track: Track, limits: Continuity) -> bool:
    lag = track.arrived - track.taken
    covered = float(track.taken[-1] - track.taken[0])
    drift = abs(float(np.polyfit(track.taken - track.taken[0], lag, 1)[0]))
    latest = float(lag.max() - lag.min())
    # A frame can't arrive before it was taken, as far as the clocks were set alike at the opening.
    return (
        covered > 0 and drift <= limits.clock_drift and latest <= limits.latest and lag.min() > -limits.latest
    )


def _jumps(track: Track, step: NDArray[np.float64], limits: Continuity) -> bool:
    turn = np.hypot(np.diff(track.yaw), np.diff(track.pitch)) / step
    move = np.hypot(np.diff(track.x), np.diff(track.y)) / track.size[:-1] / step
    growth = np.abs(np.diff(np.log(track.size))) / step
    fast = (turn > limits.fastest_turn) | (move > limits.fastest_move) | (growth > limits.fastest_growth)
    return bool(fast.any())
