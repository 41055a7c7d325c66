"""The door behind which a stream is looked at for liveness: no permit, no challenge and no finding."""

from __future__ import annotations

from countenance.kernel import Door, Passage, PermitClaims, PermitToken, PermitVerifier, ProcessingRequest

__all__ = ["LIVENESS_OPERATION", "LivenessDoor"]

LIVENESS_OPERATION = "pad"
"""The operation that a permit has to name."""


class LivenessDoor:
    """Is passed twice in a session: when it opens and when its answer is judged.

    What a permit rests on may end in between, such as a consent; then nothing is found.

    Args:
        verifier: says whether the permit opens this door, and counts the passage.
    """

    __slots__ = ("_verifier",)

    def __init__(self, *, verifier: PermitVerifier) -> None:
        self._verifier = verifier

    def enter(self, *, permit: PermitToken, request: ProcessingRequest) -> PermitClaims:
        """Count one passage.

        Raises:
            PermitRefused: if the permit doesn't open this door.
        """
        return self._verifier.admit(permit, Passage(Door.ANALYSE, LIVENESS_OPERATION, request))
