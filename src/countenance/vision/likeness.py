"""Whether the face of a session stays the same face: it is compared with itself, and with nothing else.

Rules of this module:

* No permit, no comparison: the door is passed once for each session, for liveness and for nothing else.
* One vector stays in memory, of the first frame that counts, until the session ends; every other one is
  overwritten once it was compared. None leaves this module, so that none can become a template.
* What comes out is a similarity of a session's face to itself.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from countenance.kernel import Door, Frame, Passage, PermitToken, PermitVerifier, ProcessingRequest
from countenance.vision.alignment import PointsCoincide, align
from countenance.vision.embedding.base import Embedder
from countenance.vision.landmarks import five_points

__all__ = ["SelfLikeness", "SelfLikenessDoor"]


class SelfLikeness:
    """Compares the face of one session with itself.

    Args:
        embedder: the network.
    """

    __slots__ = ("_embedder", "_first")

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._first: NDArray[np.float32] | None = None

    def compare(self, frame: Frame, points: NDArray[np.float32]) -> float | None:
        """Return the similarity of a face to the first one that was compared, -1 to 1; 1 for that one.

        Args:
            frame: the picture.
            points: float32, shape (468, 3): the face's mesh in its pixels.

        Returns:
            ``None`` if the face can't be aligned.
        """
        try:
            aligned = align(frame.pixels, five_points(points))
        except PointsCoincide:
            return None
        vector = self._embedder.embed(aligned[None])[0]
        aligned[...] = 0
        if self._first is None:
            self._first = vector
            return 1.0
        alike = float(vector @ self._first)
        vector[...] = 0
        return alike

    def wipe(self) -> None:
        """Overwrite the vector that is kept."""
        if self._first is not None:
            self._first[...] = 0
            self._first = None


class SelfLikenessDoor:
    """Lets a session's face be compared with itself, when a permit allows it.

    Args:
        embedder: the network; the door gives nobody its vectors.
        verifier: says whether the permit opens this door, and counts the passage.
        operation: the one operation that this door serves; a permit for another doesn't open it.
    """

    __slots__ = ("_embedder", "_operation", "_verifier")

    def __init__(self, *, embedder: Embedder, verifier: PermitVerifier, operation: str = "pad") -> None:
        self._embedder = embedder
        self._verifier = verifier
        self._operation = operation

    @property
    def model_id(self) -> str:
        """The network's name in the registry."""
        return self._embedder.model_id

    def enter(self, *, permit: PermitToken, request: ProcessingRequest) -> SelfLikeness:
        """Count one passage, for one session.

        Args:
            permit: the permit as it was issued.
            request: what is being carried out.

        Raises:
            PermitRefused: if the permit doesn't open this door.
        """
        self._verifier.admit(permit, Passage(Door.ANALYSE, self._operation, request))
        return SelfLikeness(self._embedder)
