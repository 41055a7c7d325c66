"""BlazeFace, short range: near faces, a millisecond or two.

Source: Bazarevsky et al., "BlazeFace" (2019), and ``face_detection_short_range.tflite`` of MediaPipe.
It finds faces that take about an eighth of the frame's longer side or more.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.kernel import Box, Frame, Point
from countenance.vision.detection.base import Face
from countenance.vision.detection.suppression import mean_of_overlapping
from countenance.vision.errors import ModelUnusable
from countenance.vision.runtimes import InferenceSession, LiteRtSession

__all__ = ["BlazeFaceShort"]

_SIDE = 128
_GRIDS = ((16, 2), (8, 6))  # cells on a side, anchors in a cell
_ANCHORS = 896
_VALUES = 16  # centre x and y, width, height, six keypoints
_LARGEST_LOGIT = 80.0  # beyond it exp() overflows float32


class BlazeFaceShort:
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

    __slots__ = ("_input", "_least_logit", "_overlap", "_session")

    model_id = "blazeface-short-range"

    def __init__(
        self, *, content: bytes, threads: int = 1, least_score: float = 0.5, overlap: float = 0.3
    ) -> None:
        if not (0.0 < least_score < 1.0 and 0.0 < overlap < 1.0):
            msg = "score and overlap lie between 0 and 1"
            raise ValueError(msg)
        self._session: InferenceSession = LiteRtSession(content=content, threads=threads)
        inputs = self._session.inputs
        widths = sorted(spec.shape[-1] or 0 for spec in self._session.outputs)
        if len(inputs) != 1 or inputs[0].shape[1:] != (_SIDE, _SIDE, 3) or widths != [1, _VALUES]:
            msg = "This network isn't the short-range BlazeFace."
            raise ModelUnusable(msg)
        self._input = inputs[0].name
        self._least_logit = float(np.log(least_score / (1.0 - least_score)))
        self._overlap = overlap

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        """Return the faces of a frame, the surest first.

        Each face has six keypoints: the eye at the image's left, the eye at its right, the tip of the
        nose, the middle of the mouth, the ear at the image's left, the ear at its right.
        """
        tensor, side, offset = _letterbox(frame.pixels)
        outputs = self._session.run({self._input: tensor})
        tensor.fill(0.0)
        # By their last dimension, not by place: the order differs between builds of the file.
        by_width = {value.shape[-1]: value[0] for value in outputs.values()}
        logits = np.clip(by_width[1][:, 0], -_LARGEST_LOGIT, _LARGEST_LOGIT)
        sure = logits >= self._least_logit
        scores = (1.0 / (1.0 + np.exp(-logits[sure]))).astype(np.float32)
        rows, best = mean_of_overlapping(_decode(by_width[_VALUES], sure), scores, overlap=self._overlap)
        points = rows.reshape(-1, _VALUES // 2, 2).astype(np.float64) * side - offset
        return tuple(_face(values, float(score)) for values, score in zip(points, best, strict=True))


def _letterbox(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], int, NDArray[np.float64]]:
    """Put a picture in the middle of a black square of the network's size.

    Returns:
        The network's input, the square's side in pixels of the frame, and the offset of x and y in it.
    """
    height, width = pixels.shape[:2]
    side = max(height, width)
    left, top = (side - width) // 2, (side - height) // 2
    right, bottom = side - width - left, side - height - top
    way = cv2.INTER_AREA if side > _SIDE else cv2.INTER_LINEAR
    # The longer side is brought to size first, so that only a strip has to be laid into black; laying
    # the whole picture into a square would copy all of it.
    strip = cv2.resize(pixels, (width, _SIDE) if height >= width else (_SIDE, height), interpolation=way)
    if height >= width:
        top = bottom = 0
    else:
        left = right = 0
    square = cv2.copyMakeBorder(strip, top, bottom, left, right, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    tensor = np.asarray(cv2.resize(square, (_SIDE, _SIDE), interpolation=way), np.float32)[None]
    strip.fill(0)
    square.fill(0)
    tensor /= 127.5
    tensor -= 1.0
    return tensor, side, np.array([(side - width) // 2, (side - height) // 2], np.float64)


@cache
def _anchors() -> NDArray[np.float32]:
    """Return the anchors' centres, shape (896, 2), in fractions of the side: row, column, repeats."""
    layers = []
    for cells, repeats in _GRIDS:
        middle = ((np.arange(cells) + 0.5) / cells).astype(np.float32)
        x, y = np.meshgrid(middle, middle)
        layers.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), repeats, axis=0))
    anchors = np.concatenate(layers).astype(np.float32)
    anchors.setflags(write=False)
    return anchors


def _decode(regressors: NDArray[np.float32], sure: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return left, top, right, bottom and six keypoints of the sure anchors, shape (n, 16), in 0..1."""
    values = regressors[sure] / _SIDE
    anchors = _anchors()[sure]
    centre = values[:, 0:2] + anchors
    half = values[:, 2:4] / 2
    keypoints = values[:, 4:].reshape(-1, 6, 2) + anchors[:, None]
    rows = np.concatenate([centre - half, centre + half, keypoints.reshape(-1, 12)], axis=1)
    return rows.astype(np.float32, copy=False)


def _face(points: NDArray[np.float64], score: float) -> Face:
    (left, top), (right, bottom) = points[0], points[1]
    return Face(
        box=Box(float(left), float(top), float(right), float(bottom)),
        score=score,
        keypoints=tuple(Point(float(x), float(y)) for x, y in points[2:]),
    )
