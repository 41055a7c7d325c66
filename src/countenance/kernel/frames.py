"""A decoded picture, as it passes from the capture door to vision. It lives in memory alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from countenance.kernel.ids import Material

__all__ = ["Frame"]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture, upright, in sRGB, without alpha.

    Attributes:
        pixels: uint8, shape (height, width, 3), RGB, C-contiguous. Left out of ``repr`` so that no
            log or trace can hold a face.
        material: SHA-256 of the encoded bytes that the picture arrived as; what a permit is bound to.
    """

    pixels: NDArray[np.uint8] = field(repr=False)
    material: Material

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.pixels.shape[0])

    def wipe(self) -> None:
        """Overwrite the pixels with zeros: the picture is gone from this buffer.

        What numpy, OpenCV or the allocator copied elsewhere isn't reached; the threat model says so.
        """
        if self.pixels.flags.writeable:
            self.pixels[...] = 0
