"""Says whether a line of text stands on its head."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.vision.errors import ModelUnusable
from countenance.vision.registry.entries import ModelFormat
from countenance.vision.runtimes import load_session

__all__ = ["PpOcrLineOrientation"]

_HEIGHT, _WIDTH = 48, 192
_HALF = 127.5
_CLASSES = 2


class PpOcrLineOrientation:
    """PaddleOCR's mobile classifier of a line's direction: 0 or 180 degrees.

    Args:
        content: the bytes of ``ppocr-line-orientation.onnx``.
        threads: threads of one call.

    Raises:
        ModelUnusable: if the bytes aren't this network.
    """

    __slots__ = ("_session",)

    model_id = "ppocr-line-orientation"

    def __init__(self, *, content: bytes, threads: int = 1) -> None:
        self._session = load_session(content, kind=ModelFormat.ONNX, threads=threads)
        inputs, outputs = self._session.inputs, self._session.outputs
        if len(inputs) != 1 or len(outputs) != 1 or outputs[0].shape[1:] != (_CLASSES,):
            msg = "This network doesn't have the inputs and outputs that are expected of it."
            raise ModelUnusable(msg)

    def upside_down(self, lines: Sequence[NDArray[np.uint8]]) -> tuple[float, ...]:
        """Return for each line how surely it stands on its head, from 0 to 1.

        Args:
            lines: each uint8, shape (height, width, 3), RGB, one line, level.
        """
        if not lines:
            return ()
        tensor = np.zeros((len(lines), 3, _HEIGHT, _WIDTH), np.float32)
        for place, line in enumerate(lines):
            height, width = line.shape[:2]
            filled = int(np.clip(np.ceil(_HEIGHT * width / height), 1, _WIDTH))
            resized = cv2.resize(line, (filled, _HEIGHT), interpolation=cv2.INTER_LINEAR)[..., ::-1]
            tensor[place, :, :, :filled] = resized.transpose(2, 0, 1) / _HALF - 1.0
        shares = self._session.run({self._session.inputs[0].name: tensor})[self._session.outputs[0].name]
        tensor.fill(0.0)
        return tuple(float(share) for share in shares[:, 1])
