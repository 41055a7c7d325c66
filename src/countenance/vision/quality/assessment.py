"""From native measures to 0..100, to one unified figure, and to words.

Every component's quality is a straight ramp between the value at which it is worst (0) and the value
from which it is best (100). The ends were set by looking at ordinary press photographs and official
portraits: those lie near the best end, and a picture that people call unusable lies at the worst. They
say nothing about error rates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from countenance.kernel import Frame, HeadPose
from countenance.vision.landmarks.base import Mesh
from countenance.vision.quality import measures
from countenance.vision.quality.base import BEST, Component, QualityMeasure, QualityReport
from countenance.vision.quality.wording import reason_for

__all__ = ["FaceQualityAssessor", "Ramp", "unify"]


@dataclass(frozen=True, slots=True)
class Ramp:
    """A straight line from quality 0 to quality 100; it may fall as well as rise.

    Attributes:
        worst: the native value at which, and beyond which, the quality is 0.
        best: the native value from which on the quality is 100.
    """

    worst: float
    best: float

    def __post_init__(self) -> None:
        if self.worst == self.best:
            msg = "a ramp's ends differ"
            raise ValueError(msg)

    def quality(self, value: float) -> int:
        """Return the quality of a native value, 0..100."""
        share = (value - self.worst) / (self.best - self.worst)
        return round(BEST * min(1.0, max(0.0, share)))


_UNITS = {
    Component.SHARPNESS: "share of contrast in fine detail",
    Component.UNDER_EXPOSURE_PREVENTION: "share of pixels too dark",
    Component.OVER_EXPOSURE_PREVENTION: "share of pixels too bright",
    Component.DYNAMIC_RANGE: "bit",
    Component.ILLUMINATION_UNIFORMITY: "darker half over lighter half",
    Component.HEAD_POSE_YAW: "degree",
    Component.HEAD_POSE_PITCH: "degree",
    Component.HEAD_POSE_ROLL: "degree",
    Component.INTER_EYE_DISTANCE: "pixel",
    Component.HEAD_SIZE: "face height over frame height",
    Component.FACE_IN_IMAGE: "share of mesh points in the frame",
    Component.FACE_OCCLUSION_PREVENTION: "share of skin in the worst third",
}

_RAMPS = {
    Component.SHARPNESS: Ramp(0.02, 0.12),
    Component.UNDER_EXPOSURE_PREVENTION: Ramp(0.5, 0.05),
    Component.OVER_EXPOSURE_PREVENTION: Ramp(0.3, 0.02),
    Component.DYNAMIC_RANGE: Ramp(3.5, 6.5),
    Component.ILLUMINATION_UNIFORMITY: Ramp(0.25, 0.75),
    Component.HEAD_POSE_YAW: Ramp(60.0, 15.0),
    Component.HEAD_POSE_PITCH: Ramp(45.0, 15.0),
    Component.HEAD_POSE_ROLL: Ramp(75.0, 20.0),
    Component.INTER_EYE_DISTANCE: Ramp(10.0, 50.0),
    Component.HEAD_SIZE: Ramp(0.02, 0.10),
    Component.FACE_IN_IMAGE: Ramp(0.85, 0.99),
    Component.FACE_OCCLUSION_PREVENTION: Ramp(0.3, 0.8),
}
_HEAD_TOO_LARGE = Ramp(1.1, 0.85)


def unify(qualities: list[int]) -> int:
    """Return the unified quality: half the worst component, half the mean of all. Our own formula.

    A picture that is spoilt in one way is spoilt, so the worst counts most; of two pictures with the
    same worst, the one that is better otherwise is the better. It never falls when a component rises.

    Args:
        qualities: those of the measured components, each 0..100.

    Returns:
        0..100; 0 if nothing was measured.
    """
    if not qualities:
        return 0
    return round((min(qualities) + sum(qualities) / len(qualities)) / 2)


class FaceQualityAssessor:
    """Judges the picture of one face.

    Args:
        reason_below: components below this quality are named in the reasons. Default 50.

    Raises:
        ValueError: if the limit isn't between 0 and 100.
    """

    __slots__ = ("_reason_below",)

    def __init__(self, *, reason_below: int = 50) -> None:
        if not 0 <= reason_below <= BEST:
            msg = "a quality lies between 0 and 100"
            raise ValueError(msg)
        self._reason_below = reason_below

    def assess(
        self,
        *,
        frame: Frame,
        mesh: Mesh,
        pose: HeadPose,
        aligned: NDArray[np.uint8],
        points: NDArray[np.float32],
    ) -> QualityReport:
        """Return the report of one face; see :class:`~countenance.vision.analysis.QualityAssessor`."""
        values = _native(frame=frame, mesh=mesh, pose=pose, aligned=aligned, points=points)
        found = tuple(
            QualityMeasure(
                component=component,
                value=values[component],
                unit=_UNITS[component],
                quality=_quality(component, values[component]),
            )
            for component in Component
        )
        known = sorted(((m.quality, m) for m in found if m.quality is not None), key=lambda pair: pair[0])
        return QualityReport(
            measures=found,
            unified=unify([quality for quality, _ in known]),
            reasons=tuple(reason_for(m) for quality, m in known if quality < self._reason_below),
        )


def _native(
    *, frame: Frame, mesh: Mesh, pose: HeadPose, aligned: NDArray[np.uint8], points: NDArray[np.float32]
) -> dict[Component, float | None]:
    luma = measures.luminance(aligned)
    return {
        Component.SHARPNESS: measures.sharpness(aligned),
        Component.UNDER_EXPOSURE_PREVENTION: measures.under_exposed_share(luma),
        Component.OVER_EXPOSURE_PREVENTION: measures.over_exposed_share(luma),
        Component.DYNAMIC_RANGE: measures.dynamic_range(luma),
        Component.ILLUMINATION_UNIFORMITY: measures.illumination_uniformity(luma),
        Component.HEAD_POSE_YAW: pose.yaw,
        Component.HEAD_POSE_PITCH: pose.pitch,
        Component.HEAD_POSE_ROLL: pose.roll,
        Component.INTER_EYE_DISTANCE: measures.inter_eye_distance(points, yaw=pose.yaw),
        Component.HEAD_SIZE: measures.head_size(mesh.points, frame_height=frame.height),
        Component.FACE_IN_IMAGE: measures.share_in_image(mesh.points, width=frame.width, height=frame.height),
        Component.FACE_OCCLUSION_PREVENTION: measures.skin_share(aligned),
    }


def _quality(component: Component, value: float | None) -> int | None:
    if value is None:
        return None
    if component in (Component.HEAD_POSE_YAW, Component.HEAD_POSE_PITCH, Component.HEAD_POSE_ROLL):
        value = abs(value)
    quality = _RAMPS[component].quality(value)
    if component is Component.HEAD_SIZE:
        quality = min(quality, _HEAD_TOO_LARGE.quality(value))
    return quality
