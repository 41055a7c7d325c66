"""What a quality report says, and the gate that it is held against.

The components carry the names of ISO/IEC 29794-5. The native measures and their mapping to 0..100 are
this product's own (each function says its formula): they aren't OFIQ's, and no conformance is claimed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["BEST", "Component", "QualityGate", "QualityMeasure", "QualityReason", "QualityReport"]


BEST = 100
"""The highest quality; the lowest is 0."""


class Component(StrEnum):
    """Quality components, by their names in ISO/IEC 29794-5."""

    SHARPNESS = "sharpness"
    UNDER_EXPOSURE_PREVENTION = "under-exposure prevention"
    OVER_EXPOSURE_PREVENTION = "over-exposure prevention"
    DYNAMIC_RANGE = "dynamic range"
    ILLUMINATION_UNIFORMITY = "illumination uniformity"
    HEAD_POSE_YAW = "head pose yaw"
    HEAD_POSE_PITCH = "head pose pitch"
    HEAD_POSE_ROLL = "head pose roll"
    INTER_EYE_DISTANCE = "inter-eye distance"
    HEAD_SIZE = "head size"
    FACE_IN_IMAGE = "crop of the face image"
    FACE_OCCLUSION_PREVENTION = "face occlusion prevention"


@dataclass(frozen=True, slots=True)
class QualityMeasure:
    """One component of one face.

    Attributes:
        component: which.
        value: the native measure; ``None`` where it isn't measured.
        unit: the unit of the native measure.
        quality: 0 (worst) to 100 (best); ``None`` where it isn't measured.
    """

    component: Component
    value: float | None
    unit: str
    quality: int | None

    @property
    def measured(self) -> bool:
        """Whether there is a figure at all."""
        return self.quality is not None


@dataclass(frozen=True, slots=True)
class QualityReason:
    """Why a picture is worse than it could be.

    Attributes:
        code: stable, kebab-case, such as ``blurred``; a page translates it.
        component: what it is about.
        words: what is wrong, in one English sentence.
        advice: what the person can do about it.
    """

    code: str
    component: Component
    words: str
    advice: str


@dataclass(frozen=True, slots=True)
class QualityGate:
    """What a face must reach to be compared.

    Attributes:
        least_unified: the lowest unified quality, 0..100.
        least_component: the lowest quality of any single measured component, 0..100.
    """

    least_unified: int = 30
    least_component: int = 10

    def __post_init__(self) -> None:
        if not (0 <= self.least_unified <= BEST and 0 <= self.least_component <= BEST):
            msg = "quality limits lie between 0 and 100"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class QualityReport:
    """All measures of one face.

    Attributes:
        measures: one for each component, in the order of :class:`Component`.
        unified: 0 (worst) to 100 (best), from all that was measured.
        reasons: what is wrong, the worst first; empty if nothing is.
    """

    measures: tuple[QualityMeasure, ...]
    unified: int
    reasons: tuple[QualityReason, ...]

    def measure(self, component: Component) -> QualityMeasure:
        """Return the measure of one component.

        Raises:
            KeyError: if the report doesn't hold it.
        """
        for measure in self.measures:
            if measure.component is component:
                return measure
        raise KeyError(component)

    def acceptable(self, gate: QualityGate) -> bool:
        """Return whether a face of this quality may be compared.

        What wasn't measured neither helps nor harms; a report in which nothing was measured is refused.
        """
        known = [measure.quality for measure in self.measures if measure.quality is not None]
        return bool(known) and self.unified >= gate.least_unified and min(known) >= gate.least_component
