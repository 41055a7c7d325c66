"""A picture that was decoded to see whether it is one, and that nobody may look at yet.

Rules kept here:

* What is wrong with a file is known before anybody is asked for consent or a permit, so a bad file leaves no
  trace.
* The pixels come out through the capture door alone, once, under a permit.
* A picture that no door opened is overwritten all the same: whoever takes one in leaves its ``with`` block.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from countenance.capture.same_picture import same_picture
from countenance.kernel import Material

__all__ = ["PendingPicture"]


class PendingPicture:
    """One decoded still picture before its permit. A context manager; leaving it overwrites the pixels.

    Args:
        pixels: uint8, shape (height, width, 3), RGB, shared with nobody.
        material: the SHA-256 of the encoded bytes, which a request names.
    """

    __slots__ = ("_material", "_opened", "_pixels")

    def __init__(self, *, pixels: NDArray[np.uint8], material: Material) -> None:
        self._pixels = pixels
        self._material = material
        self._opened = False

    @property
    def material(self) -> Material:
        """The SHA-256 of the encoded bytes."""
        return self._material

    def same_as(self, other: PendingPicture) -> bool:
        """Return whether both are one picture, whatever its format and size. No face is looked for."""
        return same_picture(self._pixels, other._pixels)

    def hand_over(self) -> NDArray[np.uint8]:
        """Give the pixels to the capture door, which has admitted a permit; nobody else calls this.

        The array is the one that :meth:`wipe` overwrites: nothing is copied.

        Raises:
            RuntimeError: if it was opened or overwritten before.
        """
        if self._opened:
            msg = "a picture is opened once, before it is overwritten"
            raise RuntimeError(msg)
        self._opened = True
        return self._pixels

    def wipe(self) -> None:
        """Overwrite the pixels with zeros, and open no more."""
        self._opened = True
        self._pixels[...] = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wipe()
