"""Where pictures come in, and the first door.

Rules of this package:

* A picture's bytes are decoded only after the permit opened the capture door, and only the bytes that
  the permit names.
* What comes in is untrusted. The format is one of a short list, the size is read from the header and
  held against the limits before a pixel is decoded, and whatever is damaged is refused.
* A frame that leaves here is upright, in sRGB, without alpha, and lives in memory alone.
* No error text holds the caller's file name or anything else from the file.
"""

from countenance.capture.decoding import decode
from countenance.capture.door import CaptureDoor
from countenance.capture.errors import (
    NotAPicture,
    PictureDamaged,
    PictureMoves,
    PictureRefused,
    PictureTooLarge,
    PictureTooSmall,
)
from countenance.capture.limits import CaptureLimits

__all__ = [
    "CaptureDoor",
    "CaptureLimits",
    "NotAPicture",
    "PictureDamaged",
    "PictureMoves",
    "PictureRefused",
    "PictureTooLarge",
    "PictureTooSmall",
    "decode",
]
