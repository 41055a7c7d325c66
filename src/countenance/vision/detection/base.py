"""What a face detector is, and what it finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from countenance.kernel import Box, Frame, Point

__all__ = ["Face", "FaceDetector"]


@dataclass(frozen=True, slots=True)
class Face:
    """A face as a detector found it.

    Attributes:
        box: where it is, in pixels of the frame; it may reach beyond the frame.
        score: how sure the detector is, from 0 to 1. Scores of two detectors aren't comparable, and a
            higher score doesn't make a face the one that is meant.
        keypoints: empty if the detector has none; else the eye at the image's left, the eye at the
            image's right, the tip of the nose, the middle of the mouth, and possibly more.
    """

    box: Box
    score: float
    keypoints: tuple[Point, ...] = field(default=(), repr=False)


class FaceDetector(Protocol):
    """Finds faces. Every implementation runs the contract suite ``tests/contract/detector.py``."""

    @property
    def model_id(self) -> str:
        """The model's name in the registry."""
        ...

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        """Return the faces of a frame, the surest first; empty if there are none.

        No two of the boxes cover the same face. The frame isn't changed.
        """
        ...
