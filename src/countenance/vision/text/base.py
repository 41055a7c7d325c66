"""Where text is, and what it says."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["TextLine", "TextRegion", "WrittenLine"]


@dataclass(frozen=True, slots=True, eq=False)
class TextRegion:
    """A place where there is a line of text.

    Attributes:
        corners: float32, shape (4, 2), pixels of the picture: a rectangle that may lean, clockwise as
            seen, the first corner being the one at the top left.
        score: how sure the detector is, from 0 to 1.
    """

    corners: NDArray[np.float32] = field(repr=False)
    score: float

    @property
    def width(self) -> float:
        """Length of the upper side in pixels."""
        return float(np.linalg.norm(self.corners[1] - self.corners[0]))

    @property
    def height(self) -> float:
        """Length of the left side in pixels."""
        return float(np.linalg.norm(self.corners[3] - self.corners[0]))

    @property
    def centre(self) -> tuple[float, float]:
        """The middle, in pixels."""
        x, y = self.corners.mean(axis=0)
        return float(x), float(y)


@dataclass(frozen=True, slots=True)
class WrittenLine:
    """What a line says, as a network reads it. It may be wrong, and sure of it.

    Attributes:
        text: the characters. Left out of ``repr``: a document's text names a person.
        confidences: for each character what the network gives it, from 0 to 1. No probability of being
            right: it wasn't calibrated.
        places: for each character where its middle lies in the line, as a share of the line's width.
    """

    text: str = field(repr=False)
    confidences: tuple[float, ...] = field(repr=False)
    places: tuple[float, ...] = field(repr=False)

    @property
    def confidence(self) -> float:
        """The least of the characters' confidences; 0 where there is no character."""
        return min(self.confidences, default=0.0)


@dataclass(frozen=True, slots=True, eq=False)
class TextLine:
    """A line: where it is and what it says."""

    region: TextRegion
    written: WrittenLine

    @property
    def text(self) -> str:
        """The characters."""
        return self.written.text
