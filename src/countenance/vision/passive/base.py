"""What a passive network is."""

from __future__ import annotations

from typing import Protocol

from countenance.kernel import Box, Frame

__all__ = ["PassiveNetwork"]


class PassiveNetwork(Protocol):
    """Looks at one face in one frame. Every implementation runs ``tests/contract/passive_network.py``."""

    @property
    def model_id(self) -> str:
        """The network's name in the registry."""
        ...

    def live(self, frame: Frame, box: Box) -> float | None:
        """Return how live a face looks to the network.

        Args:
            frame: at least as large as what the network sees around a face. It isn't changed.
            box: the face's, as the detector found it, in pixels of the frame.

        Returns:
            0 to 1, higher for a live face; no probability. ``None`` if the frame can't give the face with
            as much around it as the network was trained on.
        """
        ...
