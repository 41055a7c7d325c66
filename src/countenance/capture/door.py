"""The capture door: no permit, no pixels for anybody."""

from __future__ import annotations

from countenance.capture.decoding import decode
from countenance.capture.limits import CaptureLimits
from countenance.capture.pending import PendingPicture
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
    """Checks that bytes are a picture, and turns the one that a permit names into a frame.

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

    def check(self, data: bytes) -> PendingPicture:
        """See whether bytes are a picture within the limits: all that can be said without looking at it.

        It takes no permit and gives no pixels.

        Args:
            data: the encoded picture.

        Returns:
            The picture, for :meth:`open` alone; whoever has it overwrites it.

        Raises:
            PictureRefused: if the bytes aren't a picture within the limits.
        """
        return PendingPicture(pixels=decode(data, limits=self._limits), material=Material(sha256_hex(data)))

    def open(self, picture: PendingPicture, *, permit: PermitToken, request: ProcessingRequest) -> Frame:
        """Check the permit, then give out the pixels.

        Args:
            picture: what :meth:`check` found to be one.
            permit: the permit as it was issued.
            request: what is being carried out.

        Returns:
            The frame; the caller wipes it when done. Its pixels are the pending picture's own.

        Raises:
            PermitNotForThis: if the picture's bytes aren't among the request's materials.
            PermitRefused: if the permit doesn't open this door.
            RuntimeError: if the picture was opened or overwritten before.
        """
        material = picture.material
        if material not in request.materials:
            msg = "This picture isn't one of those that the request names."
            raise PermitNotForThis(msg)
        passage = Passage(door=Door.CAPTURE, operation=self._operation, request=request, material=material)
        self._verifier.admit(permit, passage)
        return Frame(pixels=picture.hand_over(), material=material)
