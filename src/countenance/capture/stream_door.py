"""The capture door for what gives more than one picture: no permit, nothing opened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from types import TracebackType
from typing import Self

from countenance.capture.source import FrameSource, SourceEnd, TimedFrame
from countenance.kernel import (
    Clock,
    Door,
    Passage,
    PermitExpired,
    PermitNotForThis,
    PermitToken,
    PermitVerifier,
    ProcessingRequest,
)

__all__ = ["PermittedStream", "StreamDoor"]


class PermittedStream:
    """A source that a permit opened. A context manager; entering it opens the source.

    It gives nothing after the permit's last moment, however long the source goes on.

    Args:
        source: where the frames come from.
        clock: says what time it is.
        not_after: the permit's last moment.
    """

    __slots__ = ("_clock", "_not_after", "_source")

    def __init__(self, *, source: FrameSource, clock: Clock, not_after: datetime) -> None:
        self._source = source
        self._clock = clock
        self._not_after = not_after

    @property
    def timed(self) -> bool:
        """Whether ``seconds`` are times."""
        return self._source.timed

    @property
    def ended(self) -> SourceEnd | None:
        """How the source ended; ``None`` before that."""
        return self._source.ended

    def __enter__(self) -> Self:
        """Open the source.

        Raises:
            PermitExpired: if the permit's time is over by now; nothing is opened then.
            CountenanceError: if the source can't be opened.
        """
        self._require_time()
        self._source.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the source."""
        self._source.__exit__(kind, error, trace)

    def frames(self) -> Iterator[TimedFrame]:
        """Give the source's frames while the permit holds.

        Raises:
            PermitExpired: when its time is over; a frame that came later is wiped and not given.
            CountenanceError: as the source's own.
        """
        for timed in self._source.frames():
            try:
                self._require_time()
            except PermitExpired:
                timed.frame.wipe()
                raise
            yield timed

    def _require_time(self) -> None:
        if self._clock.now() > self._not_after:
            msg = "The permit's time is over; the stream ends here."
            raise PermitExpired(msg)


class StreamDoor:
    """Opens the source whose materials a permit names.

    One opening is one passage, however many frames come. What is done with each frame has doors of its
    own, which count.

    Args:
        verifier: says whether the permit opens this door, and counts the passage.
        clock: says when its time is over.
        operation: the one operation that this door serves; a permit for another doesn't open it.
    """

    __slots__ = ("_clock", "_operation", "_verifier")

    def __init__(self, *, verifier: PermitVerifier, clock: Clock, operation: str = "capture") -> None:
        self._verifier = verifier
        self._clock = clock
        self._operation = operation

    def open(
        self, source: FrameSource, *, permit: PermitToken, request: ProcessingRequest
    ) -> PermittedStream:
        """Check the permit; what comes back opens the source when it is entered.

        Args:
            source: where the frames come from; not entered yet.
            permit: the permit as it was issued.
            request: what is being carried out.

        Raises:
            PermitNotForThis: if the request doesn't name all that the source reads, or is for another
                device than the one that the camera is declared for.
            PermitRefused: if the permit doesn't open this door.
        """
        materials = source.materials
        if not materials or not set(materials) <= set(request.materials):
            msg = "This source reads something that the request doesn't name."
            raise PermitNotForThis(msg)
        if source.device is not None and source.device != request.device:
            msg = "This camera is declared for another device than the request's."
            raise PermitNotForThis(msg)
        passage = Passage(
            door=Door.CAPTURE,
            operation=self._operation,
            request=request,
            material=materials[0] if len(materials) == 1 else None,
        )
        claims = self._verifier.admit(permit, passage)
        return PermittedStream(source=source, clock=self._clock, not_after=claims.not_after)
