"""What is read off a mesh: five points and the head's direction.

The numbers of the mesh points are those of MediaPipe's canonical face model.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from countenance.kernel import HeadPose

__all__ = ["eye_centres", "five_points", "head_pose"]

_EYE_AT_LEFT = [33, 133, 159, 145, 158, 153, 160, 144]
_EYE_AT_RIGHT = [263, 362, 386, 374, 385, 380, 387, 373]
_NOSE_TIP = 4
_MOUTH_AT_LEFT, _MOUTH_AT_RIGHT = 61, 291
_OUTER_AT_LEFT, _OUTER_AT_RIGHT = 33, 263


def eye_centres(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the eyes' centres, each the mean of eight points of its lids.

    Args:
        points: float32, shape (468, 3).

    Returns:
        float32, shape (2, 2): the eye at the image's left, then at its right; x and y in pixels.
    """
    return np.stack([points[_EYE_AT_LEFT, :2].mean(axis=0), points[_EYE_AT_RIGHT, :2].mean(axis=0)])


def five_points(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the five points that a face is aligned by.

    Args:
        points: float32, shape (468, 3).

    Returns:
        float32, shape (5, 2): eye at the image's left, eye at its right, tip of the nose, corner of the
        mouth at the image's left, corner at its right; x and y in pixels.
    """
    rest = points[[_NOSE_TIP, _MOUTH_AT_LEFT, _MOUTH_AT_RIGHT], :2]
    return np.concatenate([eye_centres(points), rest])


def head_pose(points: NDArray[np.float32]) -> HeadPose:
    """Return where the head points, from four points of the mesh.

    Roll is the slope of the line through the outer corners of the eyes. With the roll taken out, yaw
    is the angle of that line in depth, and pitch the angle in depth of the line from the middle of the
    eyes to the middle of the mouth. In faces held level pitch is near zero, not exactly zero: it varies
    by some degrees with the face.

    Args:
        points: float32, shape (468, 3).

    Returns:
        Degrees; each angle in (-180, 180].
    """
    left, right = points[_OUTER_AT_LEFT].astype(np.float64), points[_OUTER_AT_RIGHT].astype(np.float64)
    mouth = points[[_MOUTH_AT_LEFT, _MOUTH_AT_RIGHT]].astype(np.float64).mean(axis=0)
    across, down = right - left, mouth - (left + right) / 2
    roll = np.arctan2(across[1], across[0])
    yaw = np.arctan2(across[2], np.hypot(across[0], across[1]))
    # Turned back by the roll, the y axis of the face is (-sin, cos).
    pitch = np.arctan2(down[2], down[1] * np.cos(roll) - down[0] * np.sin(roll))
    yaw, pitch, roll = np.degrees([yaw, pitch, roll])
    return HeadPose(yaw=float(yaw), pitch=float(pitch), roll=float(roll))
