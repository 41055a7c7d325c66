"""Reads the text of a QR code in a picture.

Rules kept here:

* Only the code is looked for. The decoded pixels are overwritten before the text is returned.
* No code, or one that can't be read, is an empty text: what it was to be is the caller's to say.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from countenance.capture.decoding import decode
from countenance.capture.limits import CaptureLimits

__all__ = ["read_code"]

_SCALES: Final = (1.0, 2.0, 3.0, 1.5, 4.0, 0.75)
"""OpenCV's detectors miss dense codes at some sizes, so several are tried."""
_LARGEST_SIDE: Final = 4000


def read_code(content: bytes, *, limits: CaptureLimits) -> str:
    """Return the text of the QR code in a picture; empty if none is read.

    Args:
        content: the encoded picture.
        limits: how large it may be.

    Raises:
        PictureRefused: if it isn't a picture within the limits.
    """
    pixels = decode(content, limits=limits)
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    pixels[...] = 0
    readers = (cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco())
    try:
        for scale in _SCALES:
            if scale > 1 and scale * max(grey.shape) > _LARGEST_SIDE:
                continue
            way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
            sized = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=way)
            for reader in readers:
                text, *_ = reader.detectAndDecode(np.asarray(sized, dtype=np.uint8))
                if text:
                    return str(text)
    finally:
        grey[...] = 0
    return ""
