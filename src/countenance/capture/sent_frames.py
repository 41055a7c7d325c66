"""Frames that a device sends one by one, while a permit holds.

A frame that is yet to be taken has no bytes that a request could name. What it names instead is the SHA-256
of the words that say which device sends for which session, so a permit for one session opens no other.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from countenance.capture.decoding import decode
from countenance.capture.limits import CaptureLimits
from countenance.kernel import (
    Clock,
    DeviceId,
    Door,
    Frame,
    Material,
    Passage,
    PermitExpired,
    PermitNotForThis,
    PermitToken,
    PermitVerifier,
    ProcessingRequest,
    canonical_sha256,
    sha256_hex,
)

__all__ = ["SentFrameDoor", "SentFrames", "sent_frames_material"]


def sent_frames_material(session: str, device: DeviceId) -> Material:
    """Return what a request names to take frames that a device sends.

    Args:
        session: a fresh id of the session that they are for; no secret.
        device: the registered device.
    """
    return Material(canonical_sha256({"device": device, "session": session, "source": "sent frames"}))


class SentFrames:
    """Decodes the frames of one session. It gives nothing after the permit's last moment.

    Args:
        limits: how large a frame may be.
        clock: says what time it is.
        not_after: the permit's last moment.
    """

    __slots__ = ("_limits", "_not_after", "_now")

    def __init__(self, *, limits: CaptureLimits, clock: Clock, not_after: datetime) -> None:
        self._limits = limits
        self._now: Callable[[], datetime] = clock.now
        self._not_after = not_after

    def take(self, data: bytes) -> Frame:
        """Return one frame; the caller wipes it.

        Args:
            data: the encoded picture.

        Returns:
            A frame whose material is the digest of these bytes.

        Raises:
            PermitExpired: if the permit's time is over; nothing is decoded then.
            PictureRefused: if the bytes aren't a picture within the limits.
        """
        if self._now() > self._not_after:
            msg = "The permit's time is over; no more frames are taken."
            raise PermitExpired(msg)
        return Frame(pixels=decode(data, limits=self._limits), material=Material(sha256_hex(data)))


class SentFrameDoor:
    """Opens a session's frames to whoever has a permit that names them. One opening is one passage.

    Args:
        verifier: says whether the permit opens this door, and counts the passage.
        limits: how large a frame may be.
        clock: says when the permit's time is over.
        operation: the one operation that this door serves.
    """

    __slots__ = ("_clock", "_limits", "_operation", "_verifier")

    def __init__(
        self, *, verifier: PermitVerifier, limits: CaptureLimits, clock: Clock, operation: str = "capture"
    ) -> None:
        self._verifier = verifier
        self._limits = limits
        self._clock = clock
        self._operation = operation

    def open(self, session: str, *, permit: PermitToken, request: ProcessingRequest) -> SentFrames:
        """Check the permit; what comes back decodes frames.

        Args:
            session: the id of which the request names the material.
            permit: the permit as it was issued.
            request: what is being carried out.

        Raises:
            PermitNotForThis: if the request names other frames than this session's of its own device.
            PermitRefused: if the permit doesn't open this door.
        """
        material = sent_frames_material(session, request.device)
        if material not in request.materials:
            msg = "These frames aren't those that the request names."
            raise PermitNotForThis(msg)
        claims = self._verifier.admit(permit, Passage(Door.CAPTURE, self._operation, request, material))
        return SentFrames(limits=self._limits, clock=self._clock, not_after=claims.not_after)
