"""Features of a face's skin, matched from frame to frame, without what a flat thing's movement explains.

Features are SIFT's (Lowe 2004), matched with Lowe's ratio test; the homography is RANSAC's (Fischler and
Bolles 1981). A mesh network may imagine depth on a print; features can't.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["FaceFeatures", "Matches"]

_MOST: Final = 600
_CONTRAST: Final = 0.01
_RATIO: Final = 0.8
_LEAST: Final = 14
"""Features in common without which nothing is said."""
_WITHIN: Final = 0.09
"""Of the distance between the eyes: who is off by more doesn't belong to the face's own movement."""
_EYES: Final = (33, 263)
_LEFT_OUT: Final = (
    (33, 160, 158, 133, 153, 144),
    (362, 385, 387, 263, 373, 380),
    (61, 40, 0, 270, 291, 321, 17, 91),
)
"""Mesh points around the eyes and the lips: what moves by itself is left out."""


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """Features of one frame that were found in the first one as well; both float64, shape (N, 2), in pixels.

    Attributes:
        first: where they were in the first frame. Left out of ``repr``.
        left: how far off they are from there, once the frame was taken onto the first one by the best
            homography. Likewise.
    """

    first: NDArray[np.float64] = field(repr=False)
    left: NDArray[np.float64] = field(repr=False)

    def __len__(self) -> int:
        return len(self.first)


class FaceFeatures:
    """Matches the face of every frame with that of the first one; keeps descriptors of that one."""

    __slots__ = ("_descriptors", "_places", "_sift")

    def __init__(self) -> None:
        self._sift = cv2.SIFT.create(nfeatures=_MOST, contrastThreshold=_CONTRAST)
        self._places: NDArray[np.float64] | None = None
        self._descriptors: NDArray[np.float32] | None = None

    def match(self, grey: NDArray[np.uint8], points: NDArray[np.float32]) -> Matches | None:
        """Return what is left of how features moved since the first frame.

        Args:
            grey: uint8, shape (H, W).
            points: float32, shape (468, 3): the face's mesh in its pixels.

        Returns:
            ``None`` for the first frame, and where there are too few.
        """
        keypoints, descriptors = self._sift.detectAndCompute(grey, _skin(grey.shape, points))
        if not keypoints:
            return None
        places = np.array([one.pt for one in keypoints], np.float64)
        if self._places is None or self._descriptors is None:
            self._places, self._descriptors = places, np.asarray(descriptors, np.float32)
            return None
        pairs = cv2.BFMatcher.create(cv2.NORM_L2).knnMatch(descriptors, self._descriptors, k=2)
        good = [one[0] for one in pairs if len(one) == 2 and one[0].distance < _RATIO * one[1].distance]  # noqa: PLR2004
        if len(good) < _LEAST:
            return None
        here = places[[one.queryIdx for one in good]]
        first = self._places[[one.trainIdx for one in good]]
        within = _WITHIN * float(np.linalg.norm(points[_EYES[0], :2] - points[_EYES[1], :2]))
        onto, inside = cv2.findHomography(here, first, cv2.RANSAC, max(within, 1.0))
        # The stubs don't say so, but OpenCV returns None where it finds none.
        if onto is None or inside is None:  # type: ignore[redundant-expr]
            return None
        kept = np.asarray(inside).ravel().astype(bool)
        if int(kept.sum()) < _LEAST:
            return None
        taken = cv2.perspectiveTransform(here[kept][None], onto)[0]
        return Matches(first[kept], np.asarray(taken, np.float64) - first[kept])

    def wipe(self) -> None:
        """Forget the first frame's features."""
        for kept in (self._places, self._descriptors):
            if kept is not None:
                kept[...] = 0
        self._places = self._descriptors = None


def _skin(shape: tuple[int, ...], points: NDArray[np.float32]) -> NDArray[np.uint8]:
    mask = np.zeros(shape[:2], np.uint8)
    flat = np.rint(points[:, :2]).astype(np.int32)
    cv2.fillConvexPoly(mask, cv2.convexHull(flat), (255,))
    for part in _LEFT_OUT:
        cv2.fillConvexPoly(mask, cv2.convexHull(flat[list(part)]), (0,))
    return mask
