"""Looking at one picture and choosing whose face is meant.

Rules kept here:

* What can't be judged is reported with what to change, never guessed at.
* On a document the largest face is meant, wherever it stands: a card has its portrait at a side, and a
  small second print of it. At the desk it is the largest and most central one. In both, two faces of
  like size are refused.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from countenance.decisions.decision import InputReport, Role
from countenance.kernel import SubjectError
from countenance.vision import FaceObservation, QualityGate, QualityReport, SeveralFaces, choose_face

__all__ = ["Look", "choose_for", "look_at"]

DOCUMENT_LIKE_SIZE = 0.9
"""Two faces on a document are of like size from this share of the larger one's inter-eye distance. The
second print on a passport's page can be nearly as large (0.78 on a French specimen of 2019); two documents
in one picture are closer to 1. House value, chosen by looking, not measured."""


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
        return choose_face(observations, frame_size=frame_size)
    if not observations:
        return choose_face(observations, frame_size=frame_size)
    # Where a face stands on a card says nothing. Size is read from the mesh: a detector's box around a
    # faint second print can be as large as the portrait's.
    sized = sorted(observations, key=_eye_distance, reverse=True)
    limit = DOCUMENT_LIKE_SIZE * _eye_distance(sized[0])
    alike = sum(_eye_distance(observation) >= limit for observation in sized)
    if alike > 1:
        msg = f"There are {alike} faces of like size on the document, so it can't be said which one is meant."
        raise SeveralFaces(
            msg, remedy="Put one document in the picture, and only its page with the portrait."
        )
    return sized[0]


def _eye_distance(observation: FaceObservation) -> float:
    """Return the distance between the eye centres in pixels of the frame."""
    left, right = observation.five_points[0], observation.five_points[1]
    return math.dist((float(left[0]), float(left[1])), (float(right[0]), float(right[1])))


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
        report = InputReport(role, None, (error.message, error.remedy), (error.code,))
        return Look(report, None, acceptable=False)
    codes = tuple(reason.code for reason in chosen.quality.reasons)
    report = InputReport(role, chosen.quality.unified, _reasons(chosen.quality), codes)
    return Look(report, chosen, acceptable=chosen.quality.acceptable(gate))


def _reasons(quality: QualityReport) -> tuple[str, ...]:
    return tuple(f"{reason.words} {reason.advice}" for reason in quality.reasons)
