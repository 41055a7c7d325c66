"""What may be asked about a face, and what an answer is: an estimate that carries its measured error.

Rules kept here:

* The list of attributes is closed. What isn't on it isn't computed by any code of this product.
* An estimate of age or gender exists only together with figures of how wrong it is and where that was
  measured. They come from the network's model card; without one there is no estimate.
* Gender is the network's guess at how a face looks. It says nothing about who somebody is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from countenance.kernel import Box, Frame, HeadPose, Material
from countenance.vision.landmarks import Eyes, Gaze, Mesh, Openness, Points106
from countenance.vision.quality.base import QualityReport

if TYPE_CHECKING:
    from countenance.vision.registry import MeasuredFact

__all__ = [
    "AgeEstimate",
    "AgeEstimator",
    "Attribute",
    "EyeLocator",
    "FaceAnalysis",
    "GenderEstimate",
    "GenderEstimator",
    "GenderLabel",
]


class Attribute(StrEnum):
    """Everything that can be asked about a face."""

    POSE = "pose"
    OPENNESS = "openness"
    GAZE = "gaze"
    POINTS = "points"
    QUALITY = "quality"
    AGE = "age"
    GENDER = "gender"


class GenderLabel(StrEnum):
    """The two classes that the network was trained with."""

    FEMALE = "female"
    MALE = "male"


def _need(measured: tuple[MeasuredFact, ...]) -> None:
    if not measured:
        msg = "an estimate carries at least one figure of how wrong it is"
        raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class AgeEstimate:
    """How old a face looks to the network.

    Attributes:
        years: the mean of the network's distribution, 0.25 to 80.
        measured: how wrong it was, and on what, from the model card; never empty.

    Raises:
        ValueError: if no figure comes with it.
    """

    years: float
    measured: tuple[MeasuredFact, ...]

    def __post_init__(self) -> None:
        _need(self.measured)


@dataclass(frozen=True, slots=True)
class GenderEstimate:
    """Which of two classes a face looks like to the network.

    Attributes:
        label: the likelier class.
        probability: what the network says of it, 0.5 to 1; not calibrated.
        measured: how often it was right, and on what, from the model card; never empty.

    Raises:
        ValueError: if no figure comes with it.
    """

    label: GenderLabel
    probability: float
    measured: tuple[MeasuredFact, ...]

    def __post_init__(self) -> None:
        _need(self.measured)


class EyeLocator(Protocol):
    """Finds lids and irises."""

    @property
    def model_id(self) -> str:
        """The network's name in the registry."""
        ...

    def locate(self, frame: Frame, mesh: Mesh) -> Eyes:
        """Return the eyes of the face that a mesh lies on."""
        ...


class AgeEstimator(Protocol):
    """Guesses an age."""

    @property
    def model_id(self) -> str:
        """The network's name in the registry."""
        ...

    def estimate(self, pixels: NDArray[np.uint8], mesh: Mesh) -> AgeEstimate:
        """Return how old a face looks.

        Args:
            pixels: the frame's, uint8, shape (height, width, 3), RGB.
            mesh: the face's mesh, in pixels of the frame.
        """
        ...


class GenderEstimator(Protocol):
    """Guesses a gender."""

    @property
    def model_id(self) -> str:
        """The network's name in the registry."""
        ...

    def estimate(self, pixels: NDArray[np.uint8], mesh: Mesh) -> GenderEstimate:
        """Return which of two classes a face looks like; arguments as for an age."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class FaceAnalysis:
    """What was asked about one face; ``None`` where it wasn't asked for.

    Attributes:
        box: where the face is, in pixels of the frame.
        pose: where the head points, in degrees.
        openness: how far eyes and mouth are open.
        gaze: where the eyes point, in degrees; derived, not validated.
        points: the 106 derived points.
        quality: how good the picture of the face is.
        age: an estimate with its error.
        gender: an estimate with its error.
        material: the picture that the face was seen in.
        models: the networks that were asked, in order.
    """

    box: Box
    pose: HeadPose | None
    openness: Openness | None
    gaze: Gaze | None
    points: Points106 | None
    quality: QualityReport | None
    age: AgeEstimate | None
    gender: GenderEstimate | None
    material: Material
    models: tuple[str, ...]

    def wipe(self) -> None:
        """Overwrite the points with zeros."""
        if self.points is not None:
            self.points.wipe()
