"""How what is around a face moves from frame to frame: beside it, and in the rest of the picture.

Corners (Shi and Tomasi 1994) are followed by pyramidal Lucas-Kanade flow (Bouguet 2000); those that aren't
found again on the way back are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.kernel import Box

__all__ = ["FaceStep", "FlowField", "Surroundings"]

FaceStep = tuple[Box, NDArray[np.float32], NDArray[np.float32]]
"""A face's box in the frame before, and points of its mesh then and now, both of shape (N, 2) in pixels."""

Followed = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Corners and where they went, both of shape (N, 2) in pixels."""

_MOST_CORNERS: Final = 80
_LEAST_CORNERS: Final = 6
_BACK_WITHIN: Final = 0.7
"""Pixels by which a corner may be off after being followed there and back."""
_BORDER: Final = 4


@dataclass(frozen=True, slots=True)
class Surroundings:
    """How a face and what is around it moved between two frames.

    Attributes:
        moved: pixels by which the face moved against the rest of the picture; ``None`` where too few corners
            were found there.
        along: share of the corners beside the head that moved along with the face, 0 to 1; ``None`` likewise.
            Where the face didn't move against the rest, it says nothing.
    """

    moved: float | None
    along: float | None


_NOTHING: Final = Surroundings(None, None)


class FlowField:
    """Follows one camera's frames; the frame before is all that it keeps.

    Args:
        reach: how far the ring reaches from the face's middle, in widths of the face.
    """

    __slots__ = ("_before", "_reach")

    def __init__(self, *, reach: float = 1.0) -> None:
        self._before: NDArray[np.uint8] | None = None
        self._reach = reach

    def step(
        self,
        pixels: NDArray[np.uint8],
        faces: Sequence[FaceStep],
        *,
        all_boxes: Sequence[Box],
    ) -> tuple[Surroundings, ...]:
        """Take in a frame, and return what moved around each face since the frame before.

        Args:
            pixels: uint8, shape (H, W, 3), RGB.
            faces: those that were in the frame before as well.
            all_boxes: boxes of all faces in the frame before: the rest of the picture is without them.

        Returns:
            One for each of ``faces``; at the first frame, or one of another size, nothing was found.
        """
        grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
        before, self._before = self._before, grey
        if before is None or before.shape != grey.shape:
            return tuple(_NOTHING for _ in faces)
        rest = _followed(before, grey, _without(before.shape, all_boxes))
        found = tuple(self._around(before, grey, face, rest) for face in faces)
        before[...] = 0
        return found

    def wipe(self) -> None:
        """Overwrite the frame that is kept."""
        if self._before is not None:
            self._before[...] = 0
            self._before = None

    def _around(
        self, before: NDArray[np.uint8], grey: NDArray[np.uint8], face: FaceStep, rest: Followed | None
    ) -> Surroundings:
        box, old, new = face
        with_face, _ = cv2.estimateAffinePartial2D(
            np.ascontiguousarray(old), np.ascontiguousarray(new), method=cv2.LMEDS
        )
        beside = _followed(before, grey, self._ring(before.shape, box))
        if rest is None or with_face is None:
            return _NOTHING
        elsewhere = np.median(rest[1] - rest[0], axis=0)
        middle = old.mean(axis=0)
        moved = float(np.linalg.norm(middle @ with_face[:, :2].T + with_face[:, 2] - middle - elsewhere))
        if beside is None:
            return Surroundings(moved, None)
        start, end = beside
        off_face = np.linalg.norm(end - start @ with_face[:, :2].T - with_face[:, 2], axis=1)
        off_rest = np.linalg.norm(end - start - elsewhere, axis=1)
        return Surroundings(moved, float(np.mean(off_face < off_rest)))

    def _ring(self, shape: tuple[int, ...], box: Box) -> NDArray[np.uint8]:
        """Return a mask of what is beside and above a head, without hair and shoulders."""
        side = max(box.width, box.height)
        x, y = box.centre.x, box.centre.y
        mask = np.zeros(shape, np.uint8)
        reach = self._reach * side
        _fill(mask, (x - reach, y - reach, x + reach, y + 0.5 * side), 255)
        cv2.ellipse(mask, (int(x), int(y - 0.1 * side)), (int(0.75 * side), int(side)), 0, 0, 360, (0,), -1)
        return mask


def _without(shape: tuple[int, ...], boxes: Sequence[Box]) -> NDArray[np.uint8]:
    """Return a mask of the picture without faces, what is around them, and whoever they belong to."""
    mask = np.zeros(shape, np.uint8)
    mask[_BORDER:-_BORDER, _BORDER:-_BORDER] = 255
    for box in boxes:
        side = 1.5 * max(box.width, box.height)
        x, y = box.centre.x, box.centre.y
        _fill(mask, (x - side, y - side, x + side, shape[0]), 0)
    return mask


def _fill(mask: NDArray[np.uint8], edges: tuple[float, float, float, float], value: int) -> None:
    height, width = mask.shape
    left, top = max(0, int(edges[0])), max(0, int(edges[1]))
    right, bottom = min(width, int(edges[2])), min(height, int(edges[3]))
    if right > left and bottom > top:
        mask[top:bottom, left:right] = value


def _followed(before: NDArray[np.uint8], grey: NDArray[np.uint8], mask: NDArray[np.uint8]) -> Followed | None:
    """Return the corners in a mask and where they went; ``None`` if they are too few."""
    corners = cv2.goodFeaturesToTrack(before, _MOST_CORNERS, 0.003, 4, mask=mask)
    # The stubs don't say so, but OpenCV returns None where there is no corner at all.
    if corners is None or len(corners) < _LEAST_CORNERS:  # type: ignore[redundant-expr]
        return None
    there, found, _ = cv2.calcOpticalFlowPyrLK(
        before, grey, corners, np.empty(0), winSize=(15, 15), maxLevel=3
    )
    back, found_back, _ = cv2.calcOpticalFlowPyrLK(
        grey, before, there, np.empty(0), winSize=(15, 15), maxLevel=3
    )
    off = np.linalg.norm((back - corners).reshape(-1, 2), axis=1)
    good = (found.ravel() == 1) & (found_back.ravel() == 1) & (off < _BACK_WITHIN)
    if int(good.sum()) < _LEAST_CORNERS:
        return None
    return corners.reshape(-1, 2)[good].astype(np.float64), there.reshape(-1, 2)[good].astype(np.float64)
