"""Which lines of text may be a machine readable zone or a citizen number, and in which length.

Rules kept here:

* Only lines of the right shape are read. What else stands on the document isn't.
* A network joins neighbours that look alike, so a run of fillers can come out too short or too long. The
  longest run in a line is brought to the length that makes the line complete: the layout says how long a line
  is, so this is counting, not guessing. It is done only if few fillers account for the difference.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from countenance.vision.documents.check_digits import FILLER
from countenance.vision.documents.zone import ZoneFormat
from countenance.vision.text import TextRegion, WrittenLine

__all__ = ["ReadLine", "bands", "complete", "in_blocks", "zones_among"]

_SLIMNESS = 5.0
_MOST_BANDS = 12
_SAME_LEVEL = 0.5
_LIKE_HEIGHT = 2.2
_WIDEST_GAP = 8.0
_MOST_MISSING = 8
_LEAST_RUN = 3
_LIKE_WIDTH = 0.12
_NEXT_LINE = 4.0
_SAME_LEFT = 0.06
_LEAST_PART = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class ReadLine:
    """A line of the right shape and what it says."""

    region: TextRegion
    written: WrittenLine


def bands(regions: Sequence[TextRegion]) -> tuple[TextRegion, ...]:
    """Return the long lines of level writing, the widest first; pieces of one line are joined.

    Args:
        regions: pieces of text whose writing is about level.

    Returns:
        At most twelve, each at least five times as wide as high. A line that begins where a wider neighbour
        begins is taken to its width: the faint run of fillers at its end isn't always found.
    """
    joined: list[list[TextRegion]] = []
    for region in sorted(regions, key=lambda region: region.centre[0]):
        for band in joined:
            if _continues(band[-1], region):
                band.append(region)
                break
        else:
            joined.append([region])
    whole = [_around(band) for band in joined]
    slim = [region for region in whole if region.width >= _SLIMNESS * region.height]
    widest = sorted(slim, key=lambda region: region.width, reverse=True)[:_MOST_BANDS]
    taken = [_as_wide_as_neighbours(region, widest) for region in widest]
    return tuple(sorted(taken, key=lambda region: region.width, reverse=True))


def _continues(left: TextRegion, right: TextRegion) -> bool:
    lower, higher = sorted((left.height, right.height))
    # Where the left one ends, and how far above or below the right one begins.
    end, start = (left.corners[1] + left.corners[2]) / 2, (right.corners[0] + right.corners[3]) / 2
    gap, step = float(start[0] - end[0]), abs(float(start[1] - end[1]))
    return (
        higher <= _LIKE_HEIGHT * lower
        and step <= _SAME_LEVEL * higher
        and -lower <= gap <= _WIDEST_GAP * higher
    )


def _around(band: Sequence[TextRegion]) -> TextRegion:
    """Return the rectangle around the pieces of one line."""
    if len(band) == 1:
        return band[0]
    tallest = max(piece.height for piece in band)
    start, end = (band[0].corners[[0, 3]].mean(axis=0), band[-1].corners[[1, 2]].mean(axis=0))
    return _strip(start, end - start, tallest, min(piece.score for piece in band))


def _strip(
    start: NDArray[np.floating], along: NDArray[np.floating], height: float, score: float
) -> TextRegion:
    """Return the rectangle of this height whose left side has its middle at the start."""
    across = np.array([-along[1], along[0]]) / np.hypot(*along) * height / 2
    corners = [start - across, start + along - across, start + along + across, start + across]
    return TextRegion(corners=np.array(corners, np.float32), score=score)


def _as_wide_as_neighbours(region: TextRegion, widest: Sequence[TextRegion]) -> TextRegion:
    for wider in widest:
        if wider.width <= region.width or region.width < _LEAST_PART * wider.width:
            continue
        start, goal = region.corners[[0, 3]].mean(axis=0), wider.corners[[0, 3]].mean(axis=0)
        begins = abs(float(start[0] - goal[0])) <= _SAME_LEFT * wider.width
        near = 0 < abs(float(start[1] - goal[1])) <= _NEXT_LINE * wider.height
        alike = region.height <= _LIKE_HEIGHT * wider.height and wider.height <= _LIKE_HEIGHT * region.height
        if begins and near and alike:
            return _strip(start, wider.corners[1] - wider.corners[0], region.height, region.score)
    return region


def in_blocks(lines: Sequence[TextRegion]) -> tuple[TextRegion, ...]:
    """Return the lines that have another of about their width and height close above or below.

    A zone has two or three such lines; a heading or the fields of a form rarely do. Nothing is read for it.

    Args:
        lines: lines of level writing; their order is kept.
    """
    return tuple(line for line in lines if any(_paired(line, other) for other in lines if other is not line))


def _paired(line: TextRegion, other: TextRegion) -> bool:
    narrow, wide = sorted((line.width, other.width))
    low, high = sorted((line.height, other.height))
    step = abs(float(line.centre[1] - other.centre[1]))
    return narrow >= (1.0 - _LIKE_WIDTH) * wide and high <= _LIKE_HEIGHT * low and step <= _NEXT_LINE * high


def complete(text: str, length: int) -> str | None:
    """Return a line with its longest run of fillers brought to the length that completes it.

    Args:
        text: a line of a zone.
        length: how many characters it must have.

    Returns:
        The line, or ``None`` if no run accounts for the difference.
    """
    missing = length - len(text)
    if missing == 0:
        return text
    runs = sorted(re.finditer(f"{FILLER}+", text), key=lambda run: len(run.group()), reverse=True)
    if not runs or abs(missing) > _MOST_MISSING:
        return None
    longest = len(runs[0].group())
    alone = len(runs) == 1 or len(runs[1].group()) < longest
    if not alone or longest < _LEAST_RUN or longest + missing < _LEAST_RUN:
        return None
    start, end = runs[0].span()
    return text[:start] + FILLER * (longest + missing) + text[end:]


def zones_among(lines: Sequence[ReadLine]) -> tuple[tuple[ZoneFormat, tuple[ReadLine, ...]], ...]:
    """Return the neighbouring lines that have the number and about the length of a layout's.

    Args:
        lines: read lines of level writing, in any order.

    Returns:
        Each layout and its lines from top to bottom; those that need the fewest fillers added come first.
    """
    ordered = sorted(lines, key=lambda line: line.region.centre[1])
    found = []
    for layout in ZoneFormat:
        for start in range(len(ordered) - layout.lines + 1):
            group = ordered[start : start + layout.lines]
            off = sum(abs(len(line.written.text) - layout.length) for line in group)
            if off <= _MOST_MISSING * layout.lines and _one_block(group):
                found.append((off, layout, tuple(group)))
    found.sort(key=lambda item: item[0])
    return tuple((layout, group) for _, layout, group in found)


def _one_block(group: Sequence[ReadLine]) -> bool:
    widths = [line.region.width for line in group]
    height = float(np.median([line.region.height for line in group]))
    steps = np.diff([line.region.centre[1] for line in group])
    alike = min(widths) >= (1.0 - _LIKE_WIDTH) * max(widths)
    return bool(alike and (steps > 0).all() and (steps <= _NEXT_LINE * height).all())
