"""Drawn frames as a clip: Motion JPEG in AVI, which needs no codec that isn't free."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["ClipNotWritten", "DrawnClip"]

_CODEC: Final = "MJPG"


class ClipNotWritten(OSError):
    """The file can't be written."""


class DrawnClip:
    """Writes frames of one size. A context manager; leaving it closes the file.

    Args:
        path: of the file; it is there already, so that its rights are the caller's choice.
        rate: frames a second.
    """

    __slots__ = ("_path", "_rate", "_size", "_writer")

    def __init__(self, path: Path, *, rate: float) -> None:
        self._path = path
        self._rate = rate
        self._size = (0, 0)
        self._writer: cv2.VideoWriter | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.release()

    def take(self, pixels: NDArray[np.uint8]) -> None:
        """Write a frame.

        Args:
            pixels: uint8, shape (H, W, 3), RGB, of the first frame's size.

        Raises:
            ClipNotWritten: if the file can't be written.
            ValueError: if the frame has another size than the first one.
        """
        size = (pixels.shape[1], pixels.shape[0])
        if self._writer is None:
            self._size = size
            self._writer = cv2.VideoWriter(str(self._path), cv2.VideoWriter.fourcc(*_CODEC), self._rate, size)
            if not self._writer.isOpened():
                msg = "The clip can't be written."
                raise ClipNotWritten(msg)
        if size != self._size:
            msg = "the frames of a clip have one size"
            raise ValueError(msg)
        self._writer.write(np.ascontiguousarray(pixels[..., ::-1]))
