"""The similarity fit and the warp.

Source of the fit: S. Umeyama, "Least-squares estimation of transformation parameters between two point
patterns", IEEE TPAMI 13 (1991). Source of the template: the 112 x 112 five-point template that
InsightFace published and that the embedding networks were trained with.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.kernel import SubjectError

__all__ = ["ALIGNED_SIDE", "FIVE_POINT_TEMPLATE", "PointsCoincide", "align", "similarity", "warp"]

ALIGNED_SIDE = 112
"""Side of an aligned face in pixels."""

FIVE_POINT_TEMPLATE: NDArray[np.float64] = np.array(
    [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
    ]
)
"""Where the five points go, float64, shape (5, 2): eye at the image's left, eye at its right, tip of the
nose, corner of the mouth at the left, at the right; pixels of the aligned face."""
FIVE_POINT_TEMPLATE.setflags(write=False)

_LEAST_SPREAD = 1e-6  # square pixels
_SHRINK_FROM = 4


class PointsCoincide(SubjectError):
    """The points of a face lie on one spot, so it has no size and no direction."""

    code = "face-points-coincide"
    default_remedy = "Face the camera, closer."


def similarity(source: NDArray[np.floating], target: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the similarity that maps source points onto target points with the least squared error.

    Args:
        source: shape (n, 2), n >= 2.
        target: shape (n, 2).

    Returns:
        float64, shape (2, 3): ``target ~ m[:, :2] @ source + m[:, 2]``. The left part is a rotation
        times a positive scale; a reflection is never returned, even where it would fit better.

    Raises:
        ValueError: if the shapes don't fit.
        PointsCoincide: if the source points have no spread, or no direction fits better than another.
    """
    if source.shape != target.shape or source.ndim != 2 or source.shape[1] != 2 or len(source) < 2:  # noqa: PLR2004
        msg = "a similarity is fitted between two arrays of shape (n, 2), n >= 2"
        raise ValueError(msg)
    source, target = source.astype(np.float64), target.astype(np.float64)
    middle, goal = source.mean(axis=0), target.mean(axis=0)
    a, b = source - middle, target - goal
    spread = float((a * a).sum())
    # In two dimensions the fit needs no singular values: with the points as complex numbers it is
    # sum(conj(a) * b) / sum(|a|^2), which is a rotation times a positive scale, so never a reflection.
    along = float((a * b).sum())
    across = float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum())
    if not spread > _LEAST_SPREAD or not np.hypot(along, across) > _LEAST_SPREAD:
        msg = "The points of the face lie on one spot."
        raise PointsCoincide(msg)
    turn = np.array([[along, -across], [across, along]]) / spread
    return np.column_stack([turn, goal - turn @ middle])


def warp(pixels: NDArray[np.uint8], matrix: NDArray[np.float64], *, side: int) -> NDArray[np.uint8]:
    """Cut a turned square out of a picture.

    Sampling is bilinear, as where the networks' figures were measured. Where the cut shrinks the picture
    fourfold or more the part is averaged first: bilinear sampling alone would skip most pixels, and
    invent patterns in the face.

    Args:
        pixels: uint8, shape (height, width, 3).
        matrix: float64, shape (2, 3), a similarity from pixels of the picture to pixels of the cut.
        side: side of the cut in pixels.

    Returns:
        uint8, shape (side, side, 3), fresh; black where the cut leaves the picture.
    """
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    factor = int(1.0 / scale)
    if factor >= _SHRINK_FROM:
        pixels, matrix = _shrink(pixels, matrix, side=side, factor=factor)
    cut = cv2.warpAffine(
        pixels, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0
    )
    return np.asarray(cut, np.uint8)


def _shrink(
    pixels: NDArray[np.uint8], matrix: NDArray[np.float64], *, side: int, factor: int
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Average the part of the picture that a cut needs, by a whole factor; return also the new matrix."""
    height, width = pixels.shape[:2]
    back = cv2.invertAffineTransform(matrix)
    corners = np.array([[0, 0], [side, 0], [0, side], [side, side]]) @ back[:, :2].T + back[:, 2]
    near = np.clip(np.floor(corners.min(axis=0)) - factor, 0, [width - 1, height - 1]).astype(int)
    far = np.clip(np.ceil(corners.max(axis=0)) + factor, near + 1, [width, height]).astype(int)
    size = np.maximum((far - near) // factor, 1)
    far = np.minimum(near + size * factor, far)
    part = pixels[near[1] : far[1], near[0] : far[0]]
    small = np.asarray(cv2.resize(part, (int(size[0]), int(size[1])), interpolation=cv2.INTER_AREA), np.uint8)
    # Pixel i of the small picture covers near + factor * i .. near + factor * (i + 1) - 1 of the large.
    grown = (far - near) / size
    inner = np.array(
        [[grown[0], 0, near[0] + (grown[0] - 1) / 2], [0, grown[1], near[1] + (grown[1] - 1) / 2]]
    )
    joined: NDArray[np.float64] = matrix[:, :2] @ inner
    joined[:, 2] += matrix[:, 2]
    return small, joined


def align(pixels: NDArray[np.uint8], points: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Return a face brought onto the five-point template.

    Args:
        pixels: uint8, shape (height, width, 3), RGB.
        points: shape (5, 2), as :func:`countenance.vision.landmarks.five_points` gives them.

    Returns:
        uint8, shape (112, 112, 3), fresh.

    Raises:
        PointsCoincide: if the points have no spread.
    """
    return warp(pixels, similarity(points, FIVE_POINT_TEMPLATE), side=ALIGNED_SIDE)
