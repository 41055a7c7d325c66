"""Shapes and lines of text in millimetres, from which SVG and PDF are written alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final
from xml.sax.saxutils import escape, quoteattr

__all__ = [
    "DARK",
    "RED",
    "Circle",
    "Line",
    "Polygon",
    "Rectangle",
    "Shape",
    "TextLine",
    "moved",
    "to_svg_shapes",
]

DARK: Final = "#12233d"
RED: Final = "#b3261e"


@dataclass(frozen=True, slots=True)
class Circle:
    """A filled disc, or a ring where a stroke is given."""

    x: float
    y: float
    radius: float
    colour: str
    stroke: float = 0.0


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A filled rectangle, or a frame where a stroke is given; its corner is at the top left."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    rounding: float = 0.0
    stroke: float = 0.0


@dataclass(frozen=True, slots=True)
class Polygon:
    """A filled polygon."""

    points: tuple[tuple[float, float], ...]
    colour: str


@dataclass(frozen=True, slots=True)
class Line:
    """A straight stroke with round ends."""

    x1: float
    y1: float
    x2: float
    y2: float
    colour: str
    stroke: float


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of text; its base line is at ``y``.

    Attributes:
        x: where it begins.
        y: its base line.
        size: height of the letters' body.
        width: how wide it may be drawn at most; a font that is wider is pressed together.
        text: what it says.
        language: its language (BCP 47).
        colour: of the letters.
        bold: whether it is a heading.
    """

    x: float
    y: float
    size: float
    width: float
    text: str
    language: str
    colour: str = DARK
    bold: bool = False


Shape = Circle | Rectangle | Polygon | Line


def moved(shapes: Iterable[Shape], *, x: float, y: float, scale: float) -> tuple[Shape, ...]:
    """Return shapes at another place, in another size."""
    return tuple(_moved(shape, x, y, scale) for shape in shapes)


def _moved(shape: Shape, x: float, y: float, s: float) -> Shape:
    if isinstance(shape, Polygon):
        return replace(shape, points=tuple((x + px * s, y + py * s) for px, py in shape.points))
    if isinstance(shape, Line):
        return replace(
            shape,
            x1=x + shape.x1 * s,
            y1=y + shape.y1 * s,
            x2=x + shape.x2 * s,
            y2=y + shape.y2 * s,
            stroke=shape.stroke * s,
        )
    x, y, stroke = x + shape.x * s, y + shape.y * s, shape.stroke * s
    if isinstance(shape, Circle):
        return replace(shape, x=x, y=y, stroke=stroke, radius=shape.radius * s)
    width, height, rounding = shape.width * s, shape.height * s, shape.rounding * s
    return replace(shape, x=x, y=y, stroke=stroke, width=width, height=height, rounding=rounding)


def to_svg_shapes(shapes: Iterable[Shape]) -> str:
    """Return shapes as elements of SVG; one unit is one millimetre, or what the view box says."""
    return "".join(map(_svg, shapes))


def _svg(shape: Shape) -> str:
    colour = quoteattr(escape(shape.colour))
    if isinstance(shape, Polygon):
        points = " ".join(f"{x:.3f},{y:.3f}" for x, y in shape.points)
        return f'<polygon points="{points}" fill={colour}/>'
    if isinstance(shape, Line):
        return (
            f'<line x1="{shape.x1:.3f}" y1="{shape.y1:.3f}" x2="{shape.x2:.3f}" y2="{shape.y2:.3f}" '
            f'stroke={colour} stroke-width="{shape.stroke:.3f}" stroke-linecap="round"/>'
        )
    paint = (
        f'fill="none" stroke={colour} stroke-width="{shape.stroke:.3f}"' if shape.stroke else f"fill={colour}"
    )
    if isinstance(shape, Circle):
        return f'<circle cx="{shape.x:.3f}" cy="{shape.y:.3f}" r="{shape.radius:.3f}" {paint}/>'
    return (
        f'<rect x="{shape.x:.3f}" y="{shape.y:.3f}" width="{shape.width:.3f}" '
        f'height="{shape.height:.3f}" rx="{shape.rounding:.3f}" {paint}/>'
    )
