"""The native measures. Each takes arrays and gives one number with a unit.

Those of light and sharpness are taken on the aligned face, where every face has the same size and the
same place, so that they say what the embedding network will see.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "dynamic_range",
    "head_size",
    "illumination_uniformity",
    "inter_eye_distance",
    "luminance",
    "over_exposed_share",
    "share_in_image",
    "sharpness",
    "skin_share",
    "under_exposed_share",
]

# The face in the 112 x 112 template: brows to chin, cheek to cheek.
_FACE = (slice(30, 106), slice(25, 87))
_FINE_DETAIL = 1.0  # sigma in pixels of the aligned face
_DARKEST, _BRIGHTEST = 25, 247  # ISO/IEC 29794-5 counts luminance 0..25 and 247..255
_FOREHEAD, _CHIN = 10, 152
_LEAST_CONTRAST = 1.0

# Where a face shows skin whatever the beard, the glasses or the hair: cheeks and bridge of the nose.
_SKIN = ((slice(60, 80), slice(30, 44)), (slice(60, 80), slice(68, 82)), (slice(58, 78), slice(50, 62)))
_THIRDS = (
    (slice(40, 62), slice(28, 84)),
    (slice(58, 80), slice(30, 82)),
    (slice(80, 108), slice(36, 76)),
)
_LIKE_SKIN = 22.0  # distance in CIELAB
_LIGHTNESS_WEIGHT = 0.45  # shadows change lightness, coverings mostly change colour
_LEAST_COLOUR = 12.0


def luminance(aligned: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the luma of the inner face (ITU-R BT.601), uint8, shape (76, 62).

    Args:
        aligned: uint8, shape (112, 112, 3), RGB.
    """
    return np.asarray(cv2.cvtColor(aligned, cv2.COLOR_RGB2GRAY), np.uint8)[_FACE]


def sharpness(aligned: NDArray[np.uint8]) -> float:
    """Return the share of the face's contrast that is in fine detail; 0 upwards, about 0.1 to 0.3 if sharp.

    The standard deviation of what a Gaussian of one pixel takes away, over the standard deviation of the
    whole: the darkness and the contrast of the picture fall out.

    Args:
        aligned: uint8, shape (112, 112, 3), RGB.
    """
    grey = np.asarray(cv2.cvtColor(aligned, cv2.COLOR_RGB2GRAY), np.float32)
    fine = grey - cv2.GaussianBlur(grey, (0, 0), _FINE_DETAIL)
    return float(fine[_FACE].std() / max(float(grey[_FACE].std()), _LEAST_CONTRAST))


def under_exposed_share(luma: NDArray[np.uint8]) -> float:
    """Return the share of pixels with a luminance of 25 or less, 0 to 1."""
    return float((luma <= _DARKEST).mean())


def over_exposed_share(luma: NDArray[np.uint8]) -> float:
    """Return the share of pixels with a luminance of 247 or more, 0 to 1."""
    return float((luma >= _BRIGHTEST).mean())


def dynamic_range(luma: NDArray[np.uint8]) -> float:
    """Return the Shannon entropy of the luminance's histogram in bits, 0 (one grey) to 8."""
    share = np.bincount(luma.ravel(), minlength=256) / luma.size
    share = share[share > 0]
    return abs(float(-(share * np.log2(share)).sum()))


def illumination_uniformity(luma: NDArray[np.uint8]) -> float:
    """Return the mean luminance of the darker half of the face over the lighter one's, 0 to 1."""
    middle = luma.shape[1] // 2
    halves = sorted((float(luma[:, :middle].mean()), float(luma[:, middle:].mean())))
    return halves[0] / halves[1] if halves[1] > 0 else 0.0


def inter_eye_distance(five_points: NDArray[np.float32], *, yaw: float) -> float:
    """Return the distance of the eyes' centres in pixels of the frame, as if the head weren't turned.

    Args:
        five_points: float32, shape (5, 2), in pixels of the frame.
        yaw: degrees; the distance seen is divided by its cosine (ISO/IEC 29794-5), at most twofold.
    """
    seen = float(np.hypot(*(five_points[1] - five_points[0]).astype(np.float64)))
    return seen / max(float(np.cos(np.radians(yaw))), 0.5)


def head_size(mesh: NDArray[np.float32], *, frame_height: int) -> float:
    """Return the distance from the top of the forehead to the chin over the frame's height.

    Args:
        mesh: float32, shape (468, 3), in pixels of the frame.
        frame_height: pixels.
    """
    height = np.hypot(*(mesh[_CHIN, :2] - mesh[_FOREHEAD, :2]).astype(np.float64))
    return float(height) / frame_height


def share_in_image(mesh: NDArray[np.float32], *, width: int, height: int) -> float:
    """Return the share of the mesh's points that lie in the frame, 0 to 1.

    Args:
        mesh: float32, shape (468, 3), in pixels of the frame.
        width: of the frame, pixels.
        height: of the frame, pixels.
    """
    x, y = mesh[:, 0], mesh[:, 1]
    return float(((x >= 0) & (x < width) & (y >= 0) & (y < height)).mean())


def skin_share(aligned: NDArray[np.uint8]) -> float | None:
    """Return how much of the worst-covered third of the face looks like the same face's skin, 0 to 1.

    The colour of the cheeks and the nose is taken for the skin of this face, whatever it is, and the
    share of pixels near it in CIELAB is counted around the eyes, in the middle and around the mouth. A
    face mask, dark glasses or a thing held before the face lower it. A hand, a clear visor or a covering
    of the skin's own colour don't, and a full beard lowers it a little.

    Args:
        aligned: uint8, shape (112, 112, 3), RGB.

    Returns:
        The share, or ``None`` for a picture without colour: there it can't be measured.
    """
    inner = aligned[_FACE]
    if float((inner.max(axis=2) - inner.min(axis=2)).mean()) < _LEAST_COLOUR:
        return None
    lab = cv2.cvtColor(aligned.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    skin = np.median(np.concatenate([lab[part].reshape(-1, 3) for part in _SKIN]), axis=0)
    away = lab - skin
    away[..., 0] *= _LIGHTNESS_WEIGHT
    like = (away * away).sum(axis=2) < _LIKE_SKIN**2
    return min(float(like[part].mean()) for part in _THIRDS)
