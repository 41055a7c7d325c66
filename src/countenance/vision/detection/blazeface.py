"""BlazeFace: near faces in a millisecond or two, farther ones in twice that.

Source: Bazarevsky et al., "BlazeFace" (2019), and ``face_detection_short_range.tflite`` and
``face_detection_full_range_sparse.tflite`` of MediaPipe. The short range finds faces that take about an
eighth of the frame's longer side or more, the full range about a thirteenth.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.kernel import Box, Frame, Point
from countenance.vision.detection.base import Face
from countenance.vision.detection.suppression import mean_of_overlapping
from countenance.vision.errors import ModelUnusable
from countenance.vision.runtimes import InferenceSession, LiteRtSession

__all__ = ["BlazeFaceFullRange", "BlazeFaceShort"]

_VALUES = 16  # centre x and y, width, height, six keypoints
_LARGEST_LOGIT = 80.0  # beyond it exp() overflows float32
_HALVE_ABOVE = 2**0.5  # so that bilinear sampling shrinks or enlarges by at most as much


@dataclass(frozen=True, slots=True)
class _Geometry:
    """What the two networks differ in.

    Attributes:
        title: the network's name in messages.
        side: side of the input in pixels.
        grids: for each layer of anchors, cells on a side and anchors in a cell.
    """

    title: str
    side: int
    grids: tuple[tuple[int, int], ...]


_SHORT = _Geometry(title="the short-range BlazeFace", side=128, grids=((16, 2), (8, 6)))
_FULL = _Geometry(title="the full-range BlazeFace", side=192, grids=((48, 1),))


class _BlazeFace:
    """What both networks do."""

    __slots__ = ("_geometry", "_input", "_least_logit", "_overlap", "_session")

    def __init__(
        self, *, geometry: _Geometry, content: bytes, threads: int, least_score: float, overlap: float
    ) -> None:
        if not (0.0 < least_score < 1.0 and 0.0 < overlap < 1.0):
            msg = "score and overlap lie between 0 and 1"
            raise ValueError(msg)
        self._session: InferenceSession = LiteRtSession(content=content, threads=threads)
        inputs, side = self._session.inputs, geometry.side
        shapes = sorted(spec.shape[1:] for spec in self._session.outputs)
        anchors = len(_anchors(geometry.grids))
        if (
            len(inputs) != 1
            or inputs[0].shape[1:] != (side, side, 3)
            or shapes != [(anchors, 1), (anchors, _VALUES)]
        ):
            msg = f"This network isn't {geometry.title}."
            raise ModelUnusable(msg)
        self._geometry = geometry
        self._input = inputs[0].name
        self._least_logit = float(np.log(least_score / (1.0 - least_score)))
        self._overlap = overlap

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        """Return the faces of a frame, the surest first.

        Each face has six keypoints: the eye at the image's left, the eye at its right, the tip of the
        nose, the middle of the mouth, the ear at the image's left, the ear at its right.
        """
        tensor, side, offset = _letterbox(frame.pixels, self._geometry.side)
        outputs = self._session.run({self._input: tensor})
        tensor.fill(0.0)
        # By their last dimension, not by place: the order differs between builds of the file.
        by_width = {value.shape[-1]: value[0] for value in outputs.values()}
        logits = np.clip(by_width[1][:, 0], -_LARGEST_LOGIT, _LARGEST_LOGIT)
        sure = logits >= self._least_logit
        scores = (1.0 / (1.0 + np.exp(-logits[sure]))).astype(np.float32)
        rows, best = mean_of_overlapping(self._decode(by_width[_VALUES], sure), scores, overlap=self._overlap)
        points = rows.reshape(-1, _VALUES // 2, 2).astype(np.float64) * side - offset
        return tuple(_face(values, float(score)) for values, score in zip(points, best, strict=True))

    def _decode(self, regressors: NDArray[np.float32], sure: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Return left, top, right, bottom and six keypoints of the sure anchors, shape (n, 16), in 0..1."""
        values = regressors[sure] / self._geometry.side
        anchors = _anchors(self._geometry.grids)[sure]
        centre = values[:, 0:2] + anchors
        half = values[:, 2:4] / 2
        keypoints = values[:, 4:].reshape(-1, 6, 2) + anchors[:, None]
        rows = np.concatenate([centre - half, centre + half, keypoints.reshape(-1, 12)], axis=1)
        return rows.astype(np.float32, copy=False)


class BlazeFaceShort(_BlazeFace):
    """The short-range detector.

    Args:
        content: the bytes of ``face_detection_short_range.tflite``.
        threads: threads of one call.
        least_score: findings below it are dropped. Default 0.5, as in MediaPipe.
        overlap: boxes whose intersection over union is above it are one face. Default 0.3, as in
            MediaPipe.

    Raises:
        ModelUnusable: if the bytes aren't this network.
    """

    __slots__ = ()

    model_id = "blazeface-short-range"

    def __init__(
        self, *, content: bytes, threads: int = 1, least_score: float = 0.5, overlap: float = 0.3
    ) -> None:
        super().__init__(
            geometry=_SHORT, content=content, threads=threads, least_score=least_score, overlap=overlap
        )


class BlazeFaceFullRange(_BlazeFace):
    """The full-range detector with sparse weights: smaller and farther faces, for about twice the time.

    Args:
        content: the bytes of ``face_detection_full_range_sparse.tflite``.
        threads: threads of one call.
        least_score: findings below it are dropped. Default 0.6, as in MediaPipe for this network.
        overlap: boxes whose intersection over union is above it are one face. Default 0.3, as in
            MediaPipe.

    Raises:
        ModelUnusable: if the bytes aren't this network.
    """

    __slots__ = ()

    model_id = "blazeface-full-range-sparse"

    def __init__(
        self, *, content: bytes, threads: int = 1, least_score: float = 0.6, overlap: float = 0.3
    ) -> None:
        super().__init__(
            geometry=_FULL, content=content, threads=threads, least_score=least_score, overlap=overlap
        )


def _letterbox(pixels: NDArray[np.uint8], goal: int) -> tuple[NDArray[np.float32], int, NDArray[np.float64]]:
    """Put a picture in the middle of a black square of the network's size.

    A picture that is larger is halved until it is near twice the network's size, brought to exactly twice by
    bilinear sampling and halved once more. Every pixel counts, as in an average over areas, at a quarter of
    its time: halving is what the processor's vector unit does best.

    Args:
        pixels: uint8, shape (height, width, 3).
        goal: side of the network's input in pixels.

    Returns:
        The network's input, the square's side in pixels of the frame, and the offset of x and y in it. Of a
        picture that was halved n times up to 2^n - 1 pixels at the right and lower edge may be left out.
    """
    part, factor = pixels, 1
    while max(part.shape[:2]) > _HALVE_ABOVE * 2 * goal and min(part.shape[:2]) > 1:
        part, factor = _halved(part), 2 * factor
    height, width = part.shape[:2]
    side = max(height, width)
    left, top = (side - width) // 2, (side - height) // 2
    square = _squared(part, left=left, top=top, side=2 * goal if side > goal else goal)
    small = _halved(square) if side > goal else square
    tensor = np.asarray(small, np.float32)[None]
    for used in (square, small) if factor == 1 else (square, small, part):
        used.fill(0)
    tensor /= 127.5
    tensor -= 1.0
    return tensor, side * factor, np.array([left * factor, top * factor], np.float64)


def _halved(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the mean of each two by two pixels; an odd last row or column is left out."""
    height, width = (length // 2 for length in pixels.shape[:2])
    even = pixels[: 2 * height, : 2 * width]
    return np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _squared(pixels: NDArray[np.uint8], *, left: int, top: int, side: int) -> NDArray[np.uint8]:
    """Return the picture in a black square, sampled bilinearly; fresh."""
    height, width = pixels.shape[:2]
    right, bottom = max(height - width, 0) - left, max(width - height, 0) - top
    # The longer side is brought to size first, so that only a strip has to be laid into black; laying
    # the whole picture into a square would copy all of it.
    size = (width, side) if height > width else (side, height) if width > height else (side, side)
    strip = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    if height == width:
        return strip
    square = cv2.copyMakeBorder(strip, top, bottom, left, right, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    strip.fill(0)
    squared = np.asarray(cv2.resize(square, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)
    square.fill(0)
    return squared


@cache
def _anchors(grids: tuple[tuple[int, int], ...]) -> NDArray[np.float32]:
    """Return the anchors' centres, shape (n, 2), in fractions of the side: row, column, repeats."""
    layers = []
    for cells, repeats in grids:
        middle = ((np.arange(cells) + 0.5) / cells).astype(np.float32)
        x, y = np.meshgrid(middle, middle)
        layers.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), repeats, axis=0))
    anchors = np.concatenate(layers).astype(np.float32)
    anchors.setflags(write=False)
    return anchors


def _face(points: NDArray[np.float64], score: float) -> Face:
    (left, top), (right, bottom) = points[0], points[1]
    return Face(
        box=Box(float(left), float(top), float(right), float(bottom)),
        score=score,
        keypoints=tuple(Point(float(x), float(y)) for x, y in points[2:]),
    )
