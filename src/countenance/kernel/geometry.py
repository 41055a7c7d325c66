"""Points, boxes and angles. Pixels: x to the right, y down, the top left corner is (0, 0)."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Box", "HeadPose", "Point"]


@dataclass(frozen=True, slots=True)
class Point:
    """A point in pixels of the frame; fractions are meant."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle in pixels of the frame. It may reach beyond the frame.

    Raises:
        ValueError: if its right isn't right of its left, or its bottom not below its top.
    """

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        if not (self.right > self.left and self.bottom > self.top):
            msg = "a box has a positive width and height"
            raise ValueError(msg)

    @property
    def width(self) -> float:
        """Width in pixels; positive."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height in pixels; positive."""
        return self.bottom - self.top

    @property
    def area(self) -> float:
        """Area in square pixels; positive."""
        return self.width * self.height

    @property
    def centre(self) -> Point:
        """The middle of the box."""
        return Point((self.left + self.right) / 2, (self.top + self.bottom) / 2)

    def intersection_over_union(self, other: Box) -> float:
        """Return the shared area over the joint area, from 0 (apart) to 1 (the same box)."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        if width <= 0 or height <= 0:
            return 0.0
        shared = width * height
        return shared / (self.area + other.area - shared)


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Where a head points, in degrees; (0, 0, 0) looks straight into the camera.

    Attributes:
        yaw: positive when the face turns towards the right edge of the image.
        pitch: positive when the face tilts down.
        roll: positive when the head leans clockwise as seen in the image.
    """

    yaw: float
    pitch: float
    roll: float
