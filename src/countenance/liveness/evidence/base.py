"""What a cue is shown, what it answers, and how answers are weighed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from countenance.liveness.assurance import Advice, Cue, Finding, Outcome, Species

__all__ = ["LONGEST_GAP", "Bearing", "Evidence", "Reading", "Take", "times_rise", "weigh"]

LONGEST_GAP: Final = 1.8
"""Longest time between two frames as a multiple of the median: one missing frame makes it 2."""


class Bearing(StrEnum):
    """What a cue says about a presentation."""

    DENIES = "denies"
    CONFIRMS = "confirms"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one cue said.

    Attributes:
        bearing: whether it denies, confirms or says nothing.
        cue: what it confirms; ``None`` unless it does.
        species: the attack that it suspects; ``None`` unless it denies.
        advice: what to do so that it can measure; ``None`` unless it says nothing. A cue with nothing to
            ask for has none.
        figure: what was measured, in the cue's own unit; NaN where nothing was. Left out of ``repr``.

    Raises:
        ValueError: if the parts contradict one another.
    """

    bearing: Bearing
    cue: Cue | None = None
    species: Species | None = None
    advice: Advice | None = None
    figure: float = field(default=float("nan"), repr=False)

    def __post_init__(self) -> None:
        if (self.species is not None) != (self.bearing is Bearing.DENIES):
            msg = "a cue names a species if it denies, and not otherwise"
            raise ValueError(msg)
        if self.cue is not None and self.bearing is not Bearing.CONFIRMS:
            msg = "only a cue that confirms names what it confirms"
            raise ValueError(msg)
        if self.advice is not None and self.bearing is not Bearing.SILENT:
            msg = "only a cue that says nothing gives advice"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """What was measured in the frames of one presentation, in the order in which they came.

    Attributes:
        taken: float64, shape (F,): seconds.
        points: float32, shape (F, 468, 3): face mesh; x and y in pixels of the frame, z in the same unit,
            smaller towards the camera.
        yaw: float64, shape (F,): degrees, positive towards the right edge of the image.
        detected: bool, shape (F,): whether the face was looked for in the whole frame, instead of where it
            was in the frame before.
        faces: int64, shape (F,): faces in each frame.
        thumbnails: uint8, shape (F, H, W): the face's surroundings, small and grey.
        likeness: float64, shape (F,): similarity of the face to that of the first frame, -1 to 1; NaN where
            it wasn't measured.
        corners: float32, shape (F, 4, 2): corners of a rectangle around the face in pixels, in one order;
            NaN where none was seen.
        passive: what each passive network said, by its id: float64, shape (F,), 0 to 1, higher for a live
            face; NaN in frames that it wasn't shown or that couldn't give it what it needs. Networks that
            weren't asked are left out.

    Everything measured is left out of ``repr``.
    """

    taken: NDArray[np.float64] = field(repr=False)
    points: NDArray[np.float32] = field(repr=False)
    yaw: NDArray[np.float64] = field(repr=False)
    detected: NDArray[np.bool_] = field(repr=False)
    faces: NDArray[np.int64] = field(repr=False)
    thumbnails: NDArray[np.uint8] = field(repr=False)
    likeness: NDArray[np.float64] = field(repr=False)
    corners: NDArray[np.float32] = field(repr=False)
    passive: Mapping[str, NDArray[np.float64]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.taken)


class Evidence(Protocol):
    """One cue. It is pure: the same take gives the same reading."""

    @property
    def name(self) -> str:
        """Its name in results and reports."""
        ...

    def read(self, take: Take) -> Reading:
        """Return what the cue says about a take. A take that it can't use makes it say nothing."""
        ...


def times_rise(taken: NDArray[np.float64]) -> bool:
    """Return whether every frame was taken after the one before it."""
    return bool(np.isfinite(taken).all() and (np.diff(taken) > 0).all())


def weigh(finding: Finding, readings: Sequence[Reading], *, demanded: frozenset[Cue]) -> Finding:
    """Return what a challenge and cues find together.

    A denial is a veto whatever else was confirmed. Then what the challenge found stands, unless it was bona
    fide. Then every demanded cue has to be confirmed.

    Args:
        finding: of the challenge.
        readings: of every cue that was asked.
        demanded: what has to be confirmed.
    """
    denied = tuple(r.species for r in readings if r.species is not None)
    if denied or finding.outcome is Outcome.ATTACK_SUSPECTED:
        return Finding(Outcome.ATTACK_SUSPECTED, species=tuple(dict.fromkeys((*finding.species, *denied))))
    advice = tuple(dict.fromkeys(r.advice for r in readings if r.advice is not None))
    if finding.outcome is Outcome.INCONCLUSIVE:
        return Finding(Outcome.INCONCLUSIVE, advice=tuple(dict.fromkeys((*finding.advice, *advice))))
    confirmed = finding.confirmed | {r.cue for r in readings if r.cue is not None}
    if not demanded <= confirmed:
        return Finding(Outcome.INCONCLUSIVE, advice=advice or (Advice.MORE_LIGHT,))
    return Finding(Outcome.BONA_FIDE, confirmed=confirmed)
