"""How much a caller may send. Limits against exhaustion are settings, not constants."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CaptureLimits"]


@dataclass(frozen=True, slots=True)
class CaptureLimits:
    """Limits on one picture.

    Attributes:
        largest_bytes: bytes of the encoded file. Default 20 MiB: a 24-megapixel JPEG at high quality
            stays below it.
        largest_pixels: width times height, as the file's header states them. Default 50 million: the
            largest telephone and full-frame cameras in ordinary use; 150 MB decoded.
        smallest_side: pixels of the shorter side. Default 64: below it no face has the pixels that the
            detector needs (its network sees 128 x 128).

    Raises:
        ValueError: if a limit isn't positive.
    """

    largest_bytes: int = 20 * 1024 * 1024
    largest_pixels: int = 50_000_000
    smallest_side: int = 64

    def __post_init__(self) -> None:
        if min(self.largest_bytes, self.largest_pixels, self.smallest_side) < 1:
            msg = "every limit is at least 1"
            raise ValueError(msg)
