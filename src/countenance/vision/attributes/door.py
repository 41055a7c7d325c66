"""The analysis door: no permit, no attribute."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from countenance.kernel import (
    Door,
    Frame,
    Passage,
    PermitNotForThis,
    PermitToken,
    PermitVerifier,
    ProcessingRequest,
)
from countenance.vision.analysis import FaceObservation
from countenance.vision.attributes.base import (
    AgeEstimator,
    Attribute,
    EyeLocator,
    FaceAnalysis,
    GenderEstimator,
)
from countenance.vision.landmarks import gaze_of, openness, points_106

__all__ = ["ANALYSE_OPERATION", "AnalysisDoor"]

ANALYSE_OPERATION = "attributes"
"""The operation that the door serves, in the words of the rules."""

_OF_THE_EYES = frozenset({Attribute.OPENNESS, Attribute.GAZE, Attribute.POINTS})


class AnalysisDoor:
    """Says about an observed face what was asked, when a permit allows it.

    Args:
        eyes: finds lids and irises.
        age: guesses an age.
        gender: guesses a gender.
        verifier: says whether the permit opens this door, and counts the passage.
    """

    __slots__ = ("_age", "_eyes", "_gender", "_verifier")

    def __init__(
        self, *, eyes: EyeLocator, age: AgeEstimator, gender: GenderEstimator, verifier: PermitVerifier
    ) -> None:
        self._eyes = eyes
        self._age = age
        self._gender = gender
        self._verifier = verifier

    def analyse(
        self,
        frame: Frame,
        observation: FaceObservation,
        *,
        asked: AbstractSet[Attribute],
        permit: PermitToken,
        request: ProcessingRequest,
    ) -> FaceAnalysis:
        """Check the permit, then look at what was asked and at nothing else.

        Args:
            frame: the picture.
            observation: the face, as the analyser saw it in that picture.
            asked: what to say about it; not empty.
            permit: the permit as it was issued.
            request: what is being carried out.

        Raises:
            PermitNotForThis: if the face wasn't seen in that picture, or the request doesn't name it.
            PermitRefused: if the permit doesn't open this door.
            ValueError: if nothing was asked.
        """
        if not asked:
            msg = "at least one attribute is asked for"
            raise ValueError(msg)
        if observation.material != frame.material or frame.material not in request.materials:
            msg = "This face isn't from a picture that the request names."
            raise PermitNotForThis(msg)
        passage = Passage(
            door=Door.ANALYSE, operation=ANALYSE_OPERATION, request=request, material=frame.material
        )
        self._verifier.admit(permit, passage)
        return self._look(frame, observation, asked)

    def _look(
        self, frame: Frame, observation: FaceObservation, asked: AbstractSet[Attribute]
    ) -> FaceAnalysis:
        mesh = observation.mesh
        wants_age, wants_gender = Attribute.AGE in asked, Attribute.GENDER in asked
        eyes = self._eyes.locate(frame, mesh) if asked & _OF_THE_EYES else None
        try:
            return FaceAnalysis(
                box=observation.face.box,
                pose=observation.pose if Attribute.POSE in asked else None,
                openness=openness(mesh, eyes) if eyes and Attribute.OPENNESS in asked else None,
                gaze=gaze_of(eyes, pose=observation.pose) if eyes and Attribute.GAZE in asked else None,
                points=points_106(mesh, eyes) if eyes and Attribute.POINTS in asked else None,
                quality=observation.quality if Attribute.QUALITY in asked else None,
                age=self._age.estimate(frame.pixels, mesh) if wants_age else None,
                gender=self._gender.estimate(frame.pixels, mesh) if wants_gender else None,
                material=frame.material,
                models=(
                    *((self._eyes.model_id,) if eyes else ()),
                    *((self._age.model_id,) if wants_age else ()),
                    *((self._gender.model_id,) if wants_gender else ()),
                ),
            )
        finally:
            if eyes:
                eyes.wipe()
