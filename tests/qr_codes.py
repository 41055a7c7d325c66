"""Reads QR codes with OpenCV: an implementation that shares nothing with the one that draws them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def read_code(pixels: NDArray[np.uint8]) -> str:
    """Return the text of the code in a grey picture; empty if none is read.

    OpenCV's detectors miss dense codes at some sizes, so several are tried, as a hand with a telephone
    moves nearer and farther.
    """
    readers = (cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco())
    for scale in (1.0, 2.0, 3.0, 1.5, 4.0, 0.75):
        sized = cv2.resize(
            pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        )
        for reader in readers:
            text, *_ = reader.detectAndDecode(sized)
            if text:
                return str(text)
    return ""
