"""Whether a face in a scene is a person's or a depiction's: a poster, a painting, a print on a bus.

Rules of this module:

* ``person`` takes positive evidence from video: a mouth that opens, or lids that shut, in a face that
  otherwise keeps its shape. A face that merely could be one is ``undetermined``, as is every single image.
* A cue denies, confirms or says nothing, each by itself. One that denies is a veto: such a face is never
  ``person``, whatever it expresses, and it is a ``depiction`` unless it expresses something.
* What isn't shown to be a person isn't acted upon: a decision that may meet depictions takes a
  :class:`PersonShown`, and there is no other way to one than :func:`person_shown`.

What it doesn't see: a screen that plays a person who talks, held still and without an edge in view; a puppet;
a mask that shows eyes and mouth. What is relief alone (a statue, a mannequin) expresses nothing.

Thresholds are the house's own, set on rendered posters and a few clips; ``scripts/measure_depictions.py``
measures them on others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from countenance.kernel import Material
from countenance.liveness.errors import NotShownToBeAPerson
from countenance.liveness.evidence.base import Bearing
from countenance.liveness.evidence.homography import apply, homographies
from countenance.liveness.evidence.relief import RIGID, parallax

__all__ = [
    "PLACES_WITH_PASSERS_BY",
    "DepictionCue",
    "DepictionLimits",
    "FaceTrack",
    "Judgement",
    "PersonShown",
    "SceneCue",
    "Shown",
    "joined",
    "judge_image",
    "judge_track",
    "person_shown",
    "require_person",
]

PLACES_WITH_PASSERS_BY: Final = frozenset({"airport", "border", "public", "residential", "street", "transit"})
"""Kinds of place, in the words of the rules, where a camera sees whoever and whatever passes: streets,
crossings and gates."""

_MOUTH: Final = (13, 14, 61, 291, 0, 17, 78, 308)
_LIDS: Final = (159, 145, 386, 374, 158, 153, 385, 380)
_EYES: Final = (33, 263)
_LIPS: Final = (13, 14)
_UPPER_LIDS: Final = (159, 386)
_LOWER_LIDS: Final = (145, 374)
_SMOOTHED: Final = 3
_LEAST_GAP: Final = 0.01
"""Of the distance between the eyes: lips that touch are this far apart for a landmark network."""


class Shown(StrEnum):
    """What a face in a scene was shown to be."""

    PERSON = "person"
    DEPICTION = "depiction"
    UNDETERMINED = "undetermined"


class SceneCue(StrEnum):
    """What is looked for, each measured alone."""

    MOUTH = "mouth opens"
    LIDS = "lids shut"
    RELIEF = "no relief in a turn"
    RIDES_ALONG = "surroundings ride along"
    RECTANGLE = "rectangle around it"


@dataclass(frozen=True, slots=True)
class DepictionCue:
    """What one cue said.

    Attributes:
        cue: which.
        bearing: ``confirms`` a person, ``denies`` one, or says nothing.
        figure: what was measured, in the cue's own unit; NaN where nothing was. Left out of ``repr``.
    """

    cue: SceneCue
    bearing: Bearing
    figure: float = field(default=float("nan"), repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class FaceTrack:
    """One face followed through a scene, frame by frame in the order of time. F is the number of frames.

    Attributes:
        number: which of the scene's faces, from 0.
        taken: float64, shape (F,): seconds.
        points: float32, shape (F, 468, 3): face mesh in pixels of the frame.
        yaw: float64, shape (F,): degrees, positive towards the right edge of the image.
        moved: float64, shape (F,): pixels by which the face moved against the rest of the picture since the
            frame before; NaN where that couldn't be measured.
        along: float64, shape (F,): share of what is beside the head that moved along with the face; likewise.
        corners: float32, shape (F, 4, 2): a rectangle around the face in pixels; NaN where none was seen.

    Everything measured is left out of ``repr``.
    """

    number: int
    taken: NDArray[np.float64] = field(repr=False)
    points: NDArray[np.float32] = field(repr=False)
    yaw: NDArray[np.float64] = field(repr=False)
    moved: NDArray[np.float64] = field(repr=False)
    along: NDArray[np.float64] = field(repr=False)
    corners: NDArray[np.float32] = field(repr=False)

    def __len__(self) -> int:
        return len(self.taken)


@dataclass(frozen=True, slots=True)
class DepictionLimits:
    """How much it takes. Lengths are shares of the distance between the outer corners of the eyes.

    Attributes:
        least_seconds: shorter tracks say nothing.
        least_rate: frames a second; slower ones say nothing of a mouth.
        least_eyes: pixels between the eyes; of smaller faces the mesh is mostly guessed.
        expression: how far lips or lids move once the rigid face is taken onto its mean.
        over_rigid: how many times more than the rigid face itself: cloth in the wind moves all of it.
        most_rigid: how much the rigid face may be off; more is cloth, or no face.
        mouth_range: by how much the inner lips open and close.
        mouth_ratio: how many times wider they are apart when open: stretched paper changes both.
        lids_range: by how much the lids open and close, both eyes together.
        rides_share: share of what is beside the head that moves along, from which on it is one thing.
        rides_far: widths of the face that it has to move against the rest of the picture.
        rectangle_share: share of the frames with a rectangle around the face from which on it may be a frame.
        turn: degrees of yaw to both sides from which on relief has to show.
        relief: degrees of parallax below which there is none.
    """

    least_seconds: float = 2.0
    least_rate: float = 8.0
    least_eyes: float = 56.0
    expression: float = 0.03
    over_rigid: float = 3.0
    most_rigid: float = 0.02
    mouth_range: float = 0.08
    mouth_ratio: float = 2.2
    lids_range: float = 0.1
    rides_share: float = 0.8
    rides_far: float = 0.5
    rectangle_share: float = 0.5
    turn: float = 20.0
    relief: float = 20.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a face in a scene is.

    Attributes:
        shown: person, depiction or undetermined.
        cues: what each cue said; empty for what couldn't be measured at all.
        why: one sentence.
    """

    shown: Shown
    cues: tuple[DepictionCue, ...]
    why: str


@dataclass(frozen=True, slots=True)
class PersonShown:
    """A person in front of the camera, as far as that can be shown; made by :func:`person_shown` alone.

    Attributes:
        material: the one picture of them that may be acted upon.
        judgement: why.

    Raises:
        NotShownToBeAPerson: if the judgement isn't ``person``.
    """

    material: Material
    judgement: Judgement

    def __post_init__(self) -> None:
        if self.judgement.shown is not Shown.PERSON:
            raise NotShownToBeAPerson(self.judgement.why)


def person_shown(judgement: Judgement, *, material: Material) -> PersonShown:
    """Return what a decision may take, bound to one picture of the face that was judged.

    Args:
        judgement: of the face.
        material: of the picture.

    Raises:
        NotShownToBeAPerson: if the face wasn't shown to be a person's.
    """
    return PersonShown(material, judgement)


def require_person(shown: PersonShown | None, *, place_kind: str, material: Material) -> None:
    """Let a decision about a face go on only where a person is shown, if the place asks for that.

    Args:
        shown: what was shown; ``None`` where there is a single image.
        place_kind: of the place at which it happens, in the words of the rules.
        material: of the picture that is acted upon.

    Raises:
        NotShownToBeAPerson: if nobody was shown there, or in another picture.
    """
    if place_kind not in PLACES_WITH_PASSERS_BY:
        return
    if shown is None:
        raise NotShownToBeAPerson(judge_image().why)
    if shown.material != material:
        raise NotShownToBeAPerson("The picture isn't that of the person who was shown.")


def judge_image() -> Judgement:
    """Judge a single image: it can't show that anybody is there."""
    return Judgement(Shown.UNDETERMINED, (), "One image can't show that a person is there.")


def judge_track(track: FaceTrack, *, limits: DepictionLimits | None = None) -> Judgement:
    """Judge a face that was followed through a scene. Pure: the same track gives the same judgement.

    Args:
        track: what was measured.
        limits: how much it takes.
    """
    least = limits or DepictionLimits()
    wanting = _wanting(track, least)
    if wanting is not None:
        return Judgement(Shown.UNDETERMINED, (), wanting)
    try:
        cues = (
            *_expression(track, least),
            _relief(track, least),
            _rides_along(track, least),
            _rectangle(track, least),
        )
    except np.linalg.LinAlgError:
        return Judgement(Shown.UNDETERMINED, (), "The face couldn't be measured.")
    return _weigh(cues)


def joined(judgements: Sequence[Judgement]) -> Judgement:
    """Return what several judgements of one face say together: whatever one cue ever said, it said.

    Args:
        judgements: of stretches of its track, in order; at least one.

    Raises:
        ValueError: if there are none.
    """
    if not judgements:
        msg = "a face is judged at least once"
        raise ValueError(msg)
    heard: dict[SceneCue, DepictionCue] = {}
    for cue in (cue for one in judgements for cue in one.cues):
        if cue.cue not in heard or heard[cue.cue].bearing is Bearing.SILENT:
            heard[cue.cue] = cue
    return _weigh(tuple(heard.values())) if heard else judgements[-1]


def _weigh(cues: Sequence[DepictionCue]) -> Judgement:
    denied = [one.cue for one in cues if one.bearing is Bearing.DENIES]
    confirmed = [one.cue for one in cues if one.bearing is Bearing.CONFIRMS]
    framed = any(one.cue is SceneCue.RECTANGLE and one.bearing is Bearing.DENIES for one in cues)
    found = tuple(cues)
    if denied and confirmed:
        why = f"It moves like a face ({', '.join(confirmed)}), but also like a picture ({', '.join(denied)})."
        return Judgement(Shown.UNDETERMINED, found, why)
    if framed and len(denied) == 1:
        # Doors and windows are rectangles as well: one alone keeps a face from being acted upon, and no more.
        return Judgement(
            Shown.UNDETERMINED, found, "A rectangle stands around the face, and nothing else shows."
        )
    if denied:
        return Judgement(Shown.DEPICTION, found, f"It moves like a picture: {', '.join(denied)}.")
    if confirmed:
        return Judgement(Shown.PERSON, found, f"It moves like a face: {', '.join(confirmed)}.")
    return Judgement(Shown.UNDETERMINED, found, "Nothing shows that it is a person, or that it isn't.")


def _wanting(track: FaceTrack, least: DepictionLimits) -> str | None:
    """Return what keeps a track from being judged, or ``None``."""
    if len(track) < 2 or not (np.diff(track.taken) > 0).all() or not np.isfinite(track.points).all():  # noqa: PLR2004
        return "The frames aren't those of one face in the order of time."
    seconds = float(track.taken[-1] - track.taken[0])
    if seconds < least.least_seconds:
        return f"The face was there for {seconds:.1f} seconds; {least.least_seconds:g} are needed."
    if (len(track) - 1) / seconds < least.least_rate:
        return f"Fewer than {least.least_rate:g} frames a second say nothing of a mouth."
    if float(np.median(_between_eyes(track))) < least.least_eyes:
        return f"The face is too small: {least.least_eyes:g} pixels between the eyes are needed."
    return None


def _expression(track: FaceTrack, least: DepictionLimits) -> tuple[DepictionCue, DepictionCue]:
    """Return whether mouth and lids move by themselves."""
    mesh = track.points[..., :2].astype(np.float64)
    rigid = mesh[:, RIGID]
    onto = homographies(rigid, np.median(rigid, axis=0))
    eyes = _between_eyes(track)
    unit = float(np.median(eyes))
    body = _spread(apply(onto, rigid)) / unit
    steady = body <= least.most_rigid
    apart = np.maximum(_smooth(np.linalg.norm(mesh[:, _LIPS[0]] - mesh[:, _LIPS[1]], axis=1) / eyes), 0)
    low, high = np.percentile(apart, [5, 95])
    lips = _spread(apply(onto, mesh[:, _MOUTH])) / unit
    opens = (
        steady
        and lips >= max(least.expression, least.over_rigid * body)
        and high - low >= least.mouth_range
        and high / max(low, _LEAST_GAP) >= least.mouth_ratio
    )
    lids = _spread(apply(onto, mesh[:, _LIDS])) / unit
    upper, lower = mesh[:, _UPPER_LIDS], mesh[:, _LOWER_LIDS]
    gap = _smooth(np.linalg.norm(upper - lower, axis=2).sum(axis=1) / eyes)
    shut = float(np.subtract(*np.percentile(gap, [95, 5])))
    shuts = (
        steady and lids >= max(0.8 * least.expression, least.over_rigid * body) and shut >= least.lids_range
    )
    return (
        DepictionCue(SceneCue.MOUTH, _confirms(seen=opens), float(high - low)),
        DepictionCue(SceneCue.LIDS, _confirms(seen=shuts), shut),
    )


def _relief(track: FaceTrack, least: DepictionLimits) -> DepictionCue:
    """Deny a face that is seen from both sides and has no nose."""
    if not (track.yaw.max() >= least.turn and track.yaw.min() <= -least.turn):
        return DepictionCue(SceneCue.RELIEF, Bearing.SILENT)
    across = parallax(track.points).across
    return DepictionCue(SceneCue.RELIEF, _denies(seen=across < least.relief), across)


def _rides_along(track: FaceTrack, least: DepictionLimits) -> DepictionCue:
    """Deny a face whose surroundings move along with it: a bus, a banner, a sheet, a shirt."""
    width = float(np.median(np.ptp(track.points[..., 0], axis=1)))
    counted = np.isfinite(track.moved) & np.isfinite(track.along) & (track.moved >= 0.01 * width)
    if not counted.any():
        return DepictionCue(SceneCue.RIDES_ALONG, Bearing.SILENT)
    share = float(np.median(track.along[counted]))
    far = float(track.moved[counted].sum()) / width
    return DepictionCue(
        SceneCue.RIDES_ALONG, _denies(seen=far >= least.rides_far and share >= least.rides_share), share
    )


def _rectangle(track: FaceTrack, least: DepictionLimits) -> DepictionCue:
    """Keep a face in a frame from being taken for a person's."""
    share = float(np.isfinite(track.corners).all(axis=(1, 2)).mean())
    return DepictionCue(SceneCue.RECTANGLE, _denies(seen=share >= least.rectangle_share), share)


def _between_eyes(track: FaceTrack) -> NDArray[np.float64]:
    first, second = (track.points[:, point, :2].astype(np.float64) for point in _EYES)
    return np.asarray(np.maximum(np.linalg.norm(first - second, axis=1), 1e-6), np.float64)


def _smooth(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the running median over three frames: a landmark network's jitter isn't a movement."""
    if len(values) < _SMOOTHED:
        return values
    return np.asarray(np.median(sliding_window_view(values, _SMOOTHED, axis=0), axis=-1))


def _spread(points: NDArray[np.float64]) -> float:
    """Return the 90th percentile over the frames of how far points, shape (F, N, 2), are off their median."""
    calm = _smooth(points)
    off = np.sqrt(((calm - np.median(calm, axis=0)) ** 2).sum(axis=2).mean(axis=1))
    return float(np.percentile(off, 90))


def _confirms(*, seen: bool) -> Bearing:
    return Bearing.CONFIRMS if seen else Bearing.SILENT


def _denies(*, seen: bool) -> Bearing:
    return Bearing.DENIES if seen else Bearing.SILENT
