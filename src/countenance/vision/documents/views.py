"""A document as it is looked at: level, one way up, with its long lines, and what was read of it so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.vision.documents.rectification import turn
from countenance.vision.text import TextRegion, WrittenLine, cut_line

__all__ = ["Ledger", "View", "Written", "on_its_head"]

_SAME_WIDTH: Final = 0.05
_SAME_SPOT: Final = 0.5


@dataclass(frozen=True, slots=True)
class Written:
    """What a line says as a line of a zone, freely, and as a citizen number."""

    as_zone: WrittenLine
    freely: WrittenLine
    as_number: WrittenLine


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The document, level, one way up.

    Attributes:
        pixels: uint8, shape (height, width, 3), RGB.
        lines: its long lines, the widest first.
        likely: false if the writing says that it stands on its head.
        place: which picture it is of (1 if flattened, else 0), and whether turned over: views of two looks
            with the same place have their lines at the same spots.
        written: what was read of it, by the identity of the line.
    """

    pixels: NDArray[np.uint8] = field(repr=False)
    lines: tuple[TextRegion, ...]
    likely: bool = True
    place: tuple[int, bool] = (0, False)
    written: dict[int, Written] = field(default_factory=dict, repr=False)

    def cut(self, region: TextRegion) -> NDArray[np.uint8]:
        """Return a line's pixels, level, fresh."""
        return cut_line(self.pixels, region.corners)


@dataclass(slots=True)
class Ledger:
    """How many lines may still be read of this picture, and which were read in vain.

    Attributes:
        lines: how many may still be read.
        vain: the place of the view and the line.
    """

    lines: int
    vain: list[tuple[tuple[int, bool], TextRegion]] = field(default_factory=list)

    def take(self, view: View, wanted: Sequence[TextRegion]) -> list[TextRegion]:
        """Return those that may be read and weren't in vain already, and count them.

        A line is read in the picture as it is, so one that a coarse look found says the same when a thorough
        look finds it again.
        """
        new = [region for region in wanted if not self._known(view, region)][: self.lines]
        self.lines -= len(new)
        return new

    def note(self, view: View, region: TextRegion) -> None:
        """Remember that nothing came of a line."""
        self.vain.append((view.place, region))

    def _known(self, view: View, region: TextRegion) -> bool:
        return any(place == view.place and _same_line(region, other) for place, other in self.vain)


def _same_line(one: TextRegion, other: TextRegion) -> bool:
    """Say whether two looks found the same line: as wide, and in the same spot."""
    apart = np.hypot(one.centre[0] - other.centre[0], one.centre[1] - other.centre[1])
    return bool(
        abs(one.width - other.width) <= _SAME_WIDTH * max(one.width, other.width)
        and apart <= _SAME_SPOT * min(one.height, other.height)
    )


def on_its_head(view: View) -> View:
    """Return the view turned by half a turn, in fresh pixels; nothing was read of it."""
    height, width = view.pixels.shape[:2]
    edge = np.array([width - 1, height - 1], np.float32)
    lines = tuple(
        TextRegion(corners=np.roll(edge - line.corners, 2, axis=0), score=line.score) for line in view.lines
    )
    source, over = view.place
    return View(pixels=turn(view.pixels, 180.0), lines=lines, place=(source, not over))
