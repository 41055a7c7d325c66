"""The door behind which a driver's eyes are looked at for sleep: no permit, no measure, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from countenance.kernel import Door, Passage, PermitNotForThis
from countenance.vision.landmarks import gaze_of, openness

if TYPE_CHECKING:
    from countenance.kernel import Frame, PermitToken, PermitVerifier, ProcessingRequest
    from countenance.vision.analysis import FaceObservation
    from countenance.vision.attributes.base import EyeLocator

__all__ = ["DROWSINESS_OPERATION", "DriverDoor", "DriverLook"]

DROWSINESS_OPERATION: Final = "drowsiness_self"
"""The operation that a permit has to name, in the words of the rules."""


@dataclass(frozen=True, slots=True)
class DriverLook:
    """What is seen of one face; all of it left out of ``repr``.

    Attributes:
        eyes: openness of the wider open eye, height over width of its lids.
        mouth: distance of the inner lips over their width.
        yaw: degrees in which head and eyes look sideways; above 0 to the image's right.
        pitch: degrees; above 0 down.
    """

    eyes: float = field(repr=False)
    mouth: float = field(repr=False)
    yaw: float = field(repr=False)
    pitch: float = field(repr=False)


class DriverDoor:
    """Measures eyes, mouth and direction of an observed face, when a permit allows it.

    Args:
        eyes: finds lids and irises.
        verifier: says whether the permit opens this door, and counts the passage.
    """

    __slots__ = ("_eyes", "_verifier")

    def __init__(self, *, eyes: EyeLocator, verifier: PermitVerifier) -> None:
        self._eyes = eyes
        self._verifier = verifier

    @property
    def model_id(self) -> str:
        """The network that finds the eyes."""
        return self._eyes.model_id

    def look(
        self,
        frame: Frame,
        observation: FaceObservation,
        *,
        permit: PermitToken,
        request: ProcessingRequest,
    ) -> DriverLook:
        """Check the permit, then measure.

        Args:
            frame: the picture.
            observation: the face, as the analyser saw it in that picture.
            permit: the permit as it was issued.
            request: what is being carried out.

        Raises:
            PermitNotForThis: if the face wasn't seen in that picture, or the request doesn't name it.
            PermitRefused: if the permit doesn't open this door.
        """
        if observation.material != frame.material or frame.material not in request.materials:
            msg = "This face isn't from a picture that the request names."
            raise PermitNotForThis(msg)
        self._verifier.admit(
            permit, Passage(Door.ANALYSE, DROWSINESS_OPERATION, request, material=frame.material)
        )
        eyes = self._eyes.locate(frame, observation.mesh)
        try:
            opened = openness(observation.mesh, eyes)
            gaze = gaze_of(eyes, pose=observation.pose)
        finally:
            eyes.wipe()
        return DriverLook(max(opened.eye_at_left, opened.eye_at_right), opened.mouth, gaze.yaw, gaze.pitch)
