"""UltraFace RFB-320: also small faces, down to about 30 pixels of a 640 x 480 frame.

Source: ``fr_detect.onnx`` of the npm package ``faceplugin-face-recognition-js``, which behaves as the
RFB-320 network of Linzaer's Ultra-Light-Fast-Generic-Face-Detector-1MB. It has no keypoints.
"""

from __future__ import annotations

import cv2
import numpy as np

from countenance.kernel import Box, Frame
from countenance.vision.detection.base import Face
from countenance.vision.detection.suppression import best_of_overlapping
from countenance.vision.errors import ModelUnusable
from countenance.vision.runtimes import InferenceSession, OnnxSession

__all__ = ["UltraFaceRfb320"]

_WIDTH, _HEIGHT = 320, 240
_CORNERS = 4


class UltraFaceRfb320:
    """The RFB-320 detector.

    Args:
        content: the bytes of ``fr_detect.onnx``.
        threads: threads of one call.
        least_score: findings at or below it are dropped. Default 0.65, as in the package.
        overlap: boxes whose intersection over union is above it are one face. Default 0.4.

    Raises:
        ModelUnusable: if the bytes aren't this network.
    """

    __slots__ = ("_input", "_least_score", "_overlap", "_session")

    model_id = "ultraface-rfb-320"

    def __init__(
        self, *, content: bytes, threads: int = 1, least_score: float = 0.65, overlap: float = 0.4
    ) -> None:
        if not (0.0 < least_score < 1.0 and 0.0 < overlap < 1.0):
            msg = "score and overlap lie between 0 and 1"
            raise ValueError(msg)
        self._session: InferenceSession = OnnxSession(content=content, threads=threads)
        inputs = self._session.inputs
        names = {spec.name for spec in self._session.outputs}
        if len(inputs) != 1 or inputs[0].shape[1:] != (3, _HEIGHT, _WIDTH) or names != {"scores", "boxes"}:
            msg = "This network isn't UltraFace RFB-320."
            raise ModelUnusable(msg)
        self._input = inputs[0].name
        self._least_score = least_score
        self._overlap = overlap

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        """Return the faces of a frame, the surest first; without keypoints."""
        shrinks = frame.width > _WIDTH or frame.height > _HEIGHT
        way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        # The aspect isn't kept: so the network was trained.
        small = cv2.resize(frame.pixels, (_WIDTH, _HEIGHT), interpolation=way)
        tensor = np.ascontiguousarray(small.transpose(2, 0, 1)[None]).astype(np.float32)
        tensor -= 127.0
        tensor /= 128.0
        outputs = self._session.run({self._input: tensor})
        tensor.fill(0.0)
        scores = outputs["scores"][0, :, 1]
        boxes = outputs["boxes"][0]
        real = (scores > self._least_score) & (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
        rows, best = best_of_overlapping(boxes[real], scores[real], overlap=self._overlap)
        size = np.array([frame.width, frame.height] * 2, np.float64)
        return tuple(
            Face(box=Box(*(float(side) for side in row[:_CORNERS] * size)), score=float(score))
            for row, score in zip(rows, best, strict=True)
        )
