"""The three pictograms: one face against one picture, one face against many, people counted.

Drawn from circles and polygons; no picture of anybody stands behind them.
"""

from __future__ import annotations

import math
from typing import Final

from countenance.authority.notices.drawing import Circle, Line, Polygon, Rectangle, Shape
from countenance.authority.records import Pictogram

__all__ = ["SIDE", "pictogram"]

SIDE: Final = 100.0
"""A pictogram is drawn in a square of this side."""


def pictogram(kind: Pictogram, *, colour: str) -> tuple[Shape, ...]:
    """Return the pictogram of a kind of processing, in a square of :data:`SIDE`."""
    drawn = {Pictogram.VERIFY: _verify, Pictogram.IDENTIFY: _identify, Pictogram.COUNT: _count}[kind]
    return (Rectangle(3, 3, 94, 94, colour, rounding=12, stroke=4), *drawn(colour))


def _person(x: float, y: float, size: float, colour: str) -> tuple[Shape, ...]:
    """A head and shoulders; ``x`` is its middle, ``y`` the top of the head, ``size`` its height."""
    radius, width, base = size * 0.26, size * 0.46, y + size
    rise = size * 0.42
    arc = tuple(
        (x - width * math.cos(math.pi * step / 24), base - rise * math.sin(math.pi * step / 24))
        for step in range(25)
    )
    return (Circle(x, y + radius, radius, colour), Polygon(arc, colour))


def _verify(colour: str) -> tuple[Shape, ...]:
    """A person, an equals sign, and a document with a portrait."""
    return (
        *_person(27, 32, 38, colour),
        Line(46, 46, 55, 46, colour, 4),
        Line(46, 56, 55, 56, colour, 4),
        Rectangle(61, 24, 28, 54, colour, rounding=4, stroke=3.2),
        *_person(75, 32, 22, colour),
        Line(67, 62, 83, 62, colour, 2.4),
        Line(67, 69, 79, 69, colour, 2.4),
    )


def _identify(colour: str) -> tuple[Shape, ...]:
    """A person, an arrow, and many people."""
    crowd = [_person(x, y, 17, colour) for x in (64, 82) for y in (17, 41, 65)]
    return (
        *_person(26, 32, 38, colour),
        Line(43, 51, 52, 51, colour, 3.6),
        Line(52, 51, 48, 47, colour, 3.6),
        Line(52, 51, 48, 55, colour, 3.6),
        *(shape for person in crowd for shape in person),
    )


def _count(colour: str) -> tuple[Shape, ...]:
    """Three people and a tally of five."""
    people = [_person(x, 18, 30, colour) for x in (24, 50, 76)]
    strokes = [Line(x, 60, x, 84, colour, 4) for x in (34, 44, 54, 64)]
    return (*(shape for person in people for shape in person), *strokes, Line(28, 79, 70, 65, colour, 4))
