"""Looking at one picture and choosing whose face is meant.

Rules kept here:

* What can't be judged is reported with what to change, never guessed at.
* On a document the largest face is meant, wherever it stands: a card has its portrait at a side, and a
  small second print of it. At the desk it is the largest and most central one. In both, two faces of
  like size are refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from countenance.decisions.decision import InputReport, Role
from countenance.kernel import SubjectError
from countenance.vision import FaceChoice, FaceObservation, QualityGate, QualityReport, choose_face

__all__ = ["Look", "choose_for", "look_at"]

DOCUMENT_LIKE_SIZE = 0.8
"""Two faces on a document are of like size from this share of the larger one's width: the second print
of a portrait on identity cards is clearly smaller. House value, chosen by looking, not measured."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What was found in one picture.

    Attributes:
        report: what everybody may read of it.
        observation: the face that is meant; ``None`` if it can't be said.
        acceptable: whether the face is good enough to be compared.
    """

    report: InputReport
    observation: FaceObservation | None = field(repr=False)
    acceptable: bool


def choose_for(
    role: Role, observations: Sequence[FaceObservation], *, frame_size: tuple[int, int]
) -> FaceObservation:
    """Return the face that is meant in a picture of this role.

    Args:
        role: what the picture is.
        observations: its faces, the largest first.
        frame_size: width and height in pixels.

    Raises:
        SubjectError: if there is no face, or two of like size.
    """
    if role is Role.LIVE:
        return choose_face(observations, frame_size=frame_size, rule=FaceChoice())
    # Where a face stands on a card says nothing, so only those that rival the largest are put to choice.
    widths = [observation.face.box.width for observation in observations]
    rivals = [o for o in observations if o.face.box.width >= DOCUMENT_LIKE_SIZE * max(widths, default=0.0)]
    return choose_face(rivals, frame_size=frame_size, rule=FaceChoice(like_size=DOCUMENT_LIKE_SIZE))


def look_at(
    role: Role,
    observations: Sequence[FaceObservation],
    *,
    frame_size: tuple[int, int],
    gate: QualityGate,
) -> Look:
    """Choose the face that is meant and hold it against the quality gate.

    Args:
        role: what the picture is.
        observations: its faces, the largest first.
        frame_size: width and height in pixels.
        gate: what a face must reach to be compared.
    """
    try:
        chosen = choose_for(role, observations, frame_size=frame_size)
    except SubjectError as error:
        return Look(InputReport(role, None, (error.message, error.remedy)), None, acceptable=False)
    report = InputReport(role, chosen.quality.unified, _reasons(chosen.quality))
    return Look(report, chosen, acceptable=chosen.quality.acceptable(gate))


def _reasons(quality: QualityReport) -> tuple[str, ...]:
    return tuple(f"{reason.words} {reason.advice}" for reason in quality.reasons)
