"""Where the eyes point: derived from the iris and the head, not validated against anything.

Definition. Take the head's roll out. In each eye, let ``d`` be the way from the mean of the lids' 16
points to the iris's centre and ``w`` the distance of the corners. An adult's eyeball has a radius of about
12 mm and the corners lie about 30 mm apart, so the iris moves on a circle of radius ``0.4 w``: the eye is
turned in the head by ``asin(dx / 0.4 w)`` sideways and by ``asin(dy / 0.4 w)`` up or down, where the ``w``
of the second is divided by the cosine of the head's yaw, which shortens it. Gaze is the mean of both eyes
plus the head's own angle. The lids follow the eye up and down, so turns of that kind are understated, and
an iris rests a little above the lids' mean, so who looks into the camera seems to look some degrees up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from countenance.kernel import HeadPose
from countenance.vision.landmarks.iris import Eye, Eyes

__all__ = ["Gaze", "gaze_of"]

_OUTER, _INNER = 0, 8  # corners among the lid points
_RADIUS = 12.0 / 30.0  # of the eyeball, in distances of the corners; average adult, not measured here
_LEAST_WIDTH = 1e-3  # pixels
_LEAST_COSINE = 0.5


@dataclass(frozen=True, slots=True)
class Gaze:
    """Where a face looks. Derived, not validated: no camera with known targets was used.

    Attributes:
        yaw: degrees; above 0 to the image's right, below 0 to its left. The camera is at 0.
        pitch: degrees; above 0 down, below 0 up. Understated, and off by some degrees that differ
            between people, as the head's own pitch is.
        eye_yaw: the part of ``yaw`` that the eyes are turned in the head.
        eye_pitch: the part of ``pitch`` that the eyes are turned in the head.
    """

    yaw: float
    pitch: float
    eye_yaw: float
    eye_pitch: float


def gaze_of(eyes: Eyes, *, pose: HeadPose) -> Gaze:
    """Return where a face looks, by the definition at the head of this module.

    Args:
        eyes: lids and irises in pixels of the frame.
        pose: the head's direction in degrees.
    """
    turned = [
        _turned(eyes.at_left, left=_OUTER, right=_INNER, pose=pose),
        _turned(eyes.at_right, left=_INNER, right=_OUTER, pose=pose),
    ]
    yaw, pitch = (float(value) for value in np.mean(turned, axis=0))
    return Gaze(yaw=pose.yaw + yaw, pitch=pose.pitch + pitch, eye_yaw=yaw, eye_pitch=pitch)


def _turned(eye: Eye, *, left: int, right: int, pose: HeadPose) -> tuple[float, float]:
    """Return how far one eye is turned in the head, sideways and down, in degrees."""
    corners = eye.lids[[left, right]].astype(np.float64)
    roll = math.radians(pose.roll)
    away = eye.iris[0].astype(np.float64) - eye.lids.astype(np.float64).mean(axis=0)
    x = away[0] * math.cos(roll) + away[1] * math.sin(roll)
    y = away[1] * math.cos(roll) - away[0] * math.sin(roll)
    radius = _RADIUS * max(float(np.hypot(*(corners[1] - corners[0]))), _LEAST_WIDTH)
    frontal = radius / max(math.cos(math.radians(pose.yaw)), _LEAST_COSINE)
    return _angle(x / radius), _angle(y / frontal)


def _angle(sine: float) -> float:
    return math.degrees(math.asin(min(1.0, max(-1.0, sine))))
