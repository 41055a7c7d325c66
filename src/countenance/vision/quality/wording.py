"""What is wrong with a picture, in words, and what the person can do about it.

The code is stable; a page translates by it. No sentence holds a figure or says anything about the person.
"""

from __future__ import annotations

from countenance.vision.quality.base import Component, QualityMeasure, QualityReason

__all__ = ["every_reason", "reason_for"]

_HALF_FRAME = 0.5

_REASONS = {
    Component.SHARPNESS: (
        "blurred",
        "The picture of the face is blurred.",
        "Hold still, give more light, and let the camera focus on the face.",
    ),
    Component.UNDER_EXPOSURE_PREVENTION: (
        "too-dark",
        "The face is too dark.",
        "Put more light on the face, and none behind it.",
    ),
    Component.OVER_EXPOSURE_PREVENTION: (
        "too-bright",
        "The face is too bright, so that its features are lost.",
        "Move out of the direct light or turn off the flash.",
    ),
    Component.DYNAMIC_RANGE: (
        "flat",
        "The picture of the face has too little contrast.",
        "Clean the lens and light the face evenly from the front.",
    ),
    Component.ILLUMINATION_UNIFORMITY: (
        "uneven-light",
        "One side of the face is much darker than the other.",
        "Let the light come from the front.",
    ),
    Component.HEAD_POSE_YAW: (
        "head-turned",
        "The head is turned to the side.",
        "Turn the face to the camera.",
    ),
    Component.HEAD_POSE_ROLL: (
        "head-leaning",
        "The head leans to the side, or the picture is turned.",
        "Hold the head upright, or turn the picture.",
    ),
    Component.INTER_EYE_DISTANCE: (
        "face-too-small",
        "The face has too few pixels.",
        "Come closer to the camera, or send the picture in full size.",
    ),
    Component.FACE_IN_IMAGE: (
        "face-cut-off",
        "A part of the face lies outside the picture.",
        "Keep the whole head in the picture.",
    ),
    Component.FACE_OCCLUSION_PREVENTION: (
        "face-covered",
        "Something seems to cover a part of the face.",
        "Take off mask or dark glasses, and hold nothing before the face.",
    ),
}
_HEAD_UP = ("head-up", "The head is tilted up.", "Lower the chin, or raise the camera to the face.")
_HEAD_DOWN = ("head-down", "The head is tilted down.", "Raise the chin, or lower the camera to the face.")
_HEAD_SMALL = ("head-too-small", "The head is very small in the picture.", "Come closer to the camera.")
_HEAD_LARGE = ("head-too-large", "The head fills more than the picture.", "Step back from the camera.")


def every_reason() -> tuple[QualityReason, ...]:
    """Return every reason that can be given, by code."""
    worded = [
        *_REASONS.items(),
        (Component.HEAD_POSE_PITCH, _HEAD_UP),
        (Component.HEAD_POSE_PITCH, _HEAD_DOWN),
        (Component.HEAD_SIZE, _HEAD_SMALL),
        (Component.HEAD_SIZE, _HEAD_LARGE),
    ]
    given = (QualityReason(code, component, words, advice) for component, (code, words, advice) in worded)
    return tuple(sorted(given, key=lambda reason: reason.code))


def reason_for(measure: QualityMeasure) -> QualityReason:
    """Return why this measure is bad, in words.

    Args:
        measure: a measured component.

    Raises:
        ValueError: if the component wasn't measured: then there is nothing to say.
    """
    if measure.value is None:
        msg = "what wasn't measured is no reason"
        raise ValueError(msg)
    if measure.component is Component.HEAD_POSE_PITCH:
        code, words, advice = _HEAD_DOWN if measure.value > 0 else _HEAD_UP
    elif measure.component is Component.HEAD_SIZE:
        code, words, advice = _HEAD_SMALL if measure.value < _HALF_FRAME else _HEAD_LARGE
    else:
        code, words, advice = _REASONS[measure.component]
    return QualityReason(code=code, component=measure.component, words=words, advice=advice)
