"""The capture door: no permit, no pixels."""

from __future__ import annotations

from countenance.capture.decoding import decode
from countenance.capture.limits import CaptureLimits
from countenance.kernel import (
    Door,
    Frame,
    Material,
    Passage,
    PermitNotForThis,
    PermitToken,
    PermitVerifier,
    ProcessingRequest,
    sha256_hex,
)

__all__ = ["CaptureDoor"]


class CaptureDoor:
    """Turns the bytes that a permit names into a frame.

    Args:
        verifier: says whether the permit opens this door, and counts the passage.
        limits: how large a picture may be.
        operation: the one operation that this door serves; a permit for another doesn't open it.
    """

    __slots__ = ("_limits", "_operation", "_verifier")

    def __init__(
        self, *, verifier: PermitVerifier, limits: CaptureLimits, operation: str = "capture"
    ) -> None:
        self._verifier = verifier
        self._limits = limits
        self._operation = operation

    def open(self, data: bytes, *, permit: PermitToken, request: ProcessingRequest) -> Frame:
        """Check the permit, then decode the picture.

        The permit is asked first and decoding comes after it, so nothing of the picture is looked at
        without a permit. A picture that then turns out to be damaged has used up its passage.

        Args:
            data: the encoded picture, exactly the bytes whose SHA-256 the request names.
            permit: the permit as it was issued.
            request: what is being carried out.

        Returns:
            The decoded frame; the caller wipes it when done.

        Raises:
            PermitNotForThis: if these bytes aren't among the request's materials.
            PermitRefused: if the permit doesn't open this door.
            PictureRefused: if the bytes aren't a picture within the limits.
        """
        material = Material(sha256_hex(data))
        if material not in request.materials:
            msg = "This picture isn't one of those that the request names."
            raise PermitNotForThis(msg)
        passage = Passage(door=Door.CAPTURE, operation=self._operation, request=request, material=material)
        self._verifier.admit(permit, passage)
        return Frame(pixels=decode(data, limits=self._limits), material=material)
