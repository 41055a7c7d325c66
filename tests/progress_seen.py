"""What an evaluation said of its progress."""

from __future__ import annotations

__all__ = ["ProgressSeen"]


class ProgressSeen:
    """Keeps how many steps of each part were announced, and how many were done."""

    def __init__(self) -> None:
        self.parts: dict[str, tuple[int, int]] = {}
        self._part = ""

    def begins(self, part: str, steps: int) -> None:
        """A part begins."""
        self._part = part
        self.parts[part] = (steps, 0)

    def moved(self, steps: int) -> None:
        """So many steps more are done."""
        announced, done = self.parts[self._part]
        self.parts[self._part] = (announced, done + steps)
