"""Finds lines of text with a differentiable-binarisation (DB) network.

Source of the method: M. Liao and others, "Real-time scene text detection with differentiable
binarization", AAAI 2020. The network says for each pixel how surely it belongs to the shrunken core of a
line; cores are cut out at a threshold and grown again by area * ratio / perimeter. Thresholds and ratio are
those that PaddleOCR publishes for this network.

For a rectangle growing by a distance is adding it on every side, so no polygon library is needed: the
rectangle of least area around a core, grown, is what the published code gets from rounding the offset
polygon and taking its rectangle of least area again.
"""

from __future__ import annotations

import copy
import threading

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.vision.errors import ModelUnusable
from countenance.vision.runtimes import OnnxSession
from countenance.vision.text.base import TextRegion
from countenance.vision.text.errors import TooMuchText

__all__ = ["PpOcrTextDetector"]

_CORE = 0.3
_LEAST_SCORE = 0.5
_GROWTH = 1.6
_LEAST_SIDE = 3.0
_STEP = 32
_HALF = 127.5


class PpOcrTextDetector:
    """PP-OCRv6 small, text detection. Calls from several threads take turns.

    Args:
        content: the bytes of ``ppocr-v6-det-small.onnx``.
        longest_side: pictures are shrunk so that neither side is longer, in pixels. Default 1280: a
            document that fills such a picture has a machine readable zone 25 px high.
        shortest_side: smaller pictures are enlarged so that the shorter side has so many pixels, as far as
            ``longest_side`` and ``most_enlarged`` allow. Default 736, the published one.
        most_enlarged: pictures are enlarged so many times and no more; what was photographed small holds no
            more for being made large. Default 2.
        most_regions: more pieces of text than this are refused. Default 200.
        threads: threads of one call.

    Raises:
        ModelUnusable: if the bytes aren't this network.
        ValueError: if a limit isn't positive.
    """

    __slots__ = ("_enlarged", "_give_back", "_longest", "_most", "_session", "_shortest", "_turn")

    model_id = "ppocr-v6-det-small"

    def __init__(
        self,
        *,
        content: bytes,
        longest_side: int = 1280,
        shortest_side: int = 736,
        most_enlarged: float = 2.0,
        most_regions: int = 200,
        threads: int = 1,
    ) -> None:
        if not (longest_side >= shortest_side >= _STEP and most_regions >= 1 and most_enlarged >= 1.0):
            msg = (
                "the sides are at least 32 px, the longest not below the shortest, nothing is enlarged less"
                " than once, and one region is allowed"
            )
            raise ValueError(msg)
        self._session = OnnxSession(content=content, threads=threads)
        inputs, outputs = self._session.inputs, self._session.outputs
        fits = len(inputs) == len(outputs) == 1 and (
            inputs[0].shape[1:] == (3, None, None) and outputs[0].shape[1:] == (1, None, None)
        )
        if not fits:
            msg = "This network doesn't have the inputs and outputs that are expected of it."
            raise ModelUnusable(msg)
        self._longest, self._shortest, self._most = longest_side, shortest_side, most_regions
        self._enlarged, self._give_back = most_enlarged, True
        # Its layers are as wide as the picture: two at once would need the memory of two.
        self._turn = threading.Lock()

    def coarser(
        self, *, longest_side: int, shortest_side: int, most_enlarged: float = 2.0
    ) -> PpOcrTextDetector:
        """Return a detector of the same network that looks at smaller pictures; nothing is loaded again.

        It keeps its memory for the next picture. The one that it comes from is asked seldom and gives its own
        back.

        Raises:
            ValueError: if a side isn't positive, the longest is below the shortest, or pictures would have to
                be enlarged less than once.
        """
        if not (longest_side >= shortest_side >= _STEP and most_enlarged >= 1.0):
            msg = "the sides are at least 32 px, the longest not below the shortest, and nothing is enlarged"
            msg += " less than once"
            raise ValueError(msg)
        other = copy.copy(self)
        other._longest, other._shortest = longest_side, shortest_side  # noqa: SLF001 - of this class
        other._enlarged, other._give_back = most_enlarged, False  # noqa: SLF001
        return other

    def detect(self, pixels: NDArray[np.uint8]) -> tuple[TextRegion, ...]:
        """Return the lines of text, from top to bottom; empty if there are none.

        Args:
            pixels: uint8, shape (height, width, 3), RGB.

        Raises:
            TooMuchText: if there are more pieces than allowed.
        """
        height, width = pixels.shape[:2]
        tensor = self._tensor(pixels)
        with self._turn:
            found = self._session.run({self._session.inputs[0].name: tensor}, give_back=self._give_back)
        cores = found[self._session.outputs[0].name][0, 0]
        tensor.fill(0.0)
        scale = np.array([width / cores.shape[1], height / cores.shape[0]])
        regions = [region for contour in self._contours(cores) if (region := _region(cores, contour, scale))]
        return tuple(sorted(regions, key=lambda region: region.centre[1]))

    def _tensor(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        height, width = pixels.shape[:2]
        scale = max(1.0, min(self._shortest / min(height, width), self._enlarged))
        scale = min(scale, self._longest / max(height, width))
        size = [max(_STEP, round(side * scale / _STEP) * _STEP) for side in (width, height)]
        how = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR
        # The network was trained on pictures in OpenCV's order, blue first.
        resized = cv2.resize(pixels, (size[0], size[1]), interpolation=how)[..., ::-1]
        tensor = np.ascontiguousarray(resized.transpose(2, 0, 1)[None], np.float32)
        tensor /= _HALF
        tensor -= 1.0
        return tensor

    def _contours(self, cores: NDArray[np.float32]) -> list[NDArray[np.int32]]:
        mask = cv2.dilate((cores > _CORE).astype(np.uint8), np.ones((2, 2), np.uint8))
        contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        large = [contour for contour in contours if min(cv2.minAreaRect(contour)[1]) >= _LEAST_SIDE]
        if len(large) > self._most:
            msg = f"The picture holds more than {self._most} pieces of text."
            raise TooMuchText(msg)
        return [np.asarray(contour, np.int32) for contour in large]


def _region(
    cores: NDArray[np.float32], contour: NDArray[np.int32], scale: NDArray[np.float64]
) -> TextRegion | None:
    """Return the grown rectangle around a core, in pixels of the picture; None if it is too faint."""
    centre, (width, height), angle = cv2.minAreaRect(contour)
    score = _mean_inside(cores, np.asarray(cv2.boxPoints((centre, (width, height), angle)), np.float32))
    if score < _LEAST_SCORE:
        return None
    grown = 2.0 * width * height * _GROWTH / (2.0 * (width + height))
    corners = np.asarray(cv2.boxPoints((centre, (width + grown, height + grown), angle)), np.float64)
    return TextRegion(corners=_clockwise(corners * scale), score=score)


def _mean_inside(cores: NDArray[np.float32], corners: NDArray[np.float32]) -> float:
    high = np.array([cores.shape[1] - 1, cores.shape[0] - 1])
    low = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, high)
    far = np.clip(np.ceil(corners.max(axis=0)).astype(int), 0, high)
    mask = np.zeros((far[1] - low[1] + 1, far[0] - low[0] + 1), np.uint8)
    cv2.fillPoly(mask, [(corners - low).astype(np.int32)], 1)
    return float(cv2.mean(cores[low[1] : far[1] + 1, low[0] : far[0] + 1], mask)[0])


def _clockwise(corners: NDArray[np.float64]) -> NDArray[np.float32]:
    """Order four corners: top left, top right, bottom right, bottom left."""
    by_x = corners[np.argsort(corners[:, 0], kind="stable")]
    left = by_x[:2][np.argsort(by_x[:2, 1], kind="stable")]
    right = by_x[2:][np.argsort(by_x[2:, 1], kind="stable")]
    return np.array([left[0], right[0], right[1], left[1]], np.float32)
