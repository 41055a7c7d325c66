"""What every source does alike: opened once, read once, paced, and its end told."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from countenance.capture.errors import PictureRefused
from countenance.capture.limits import StreamLimits
from countenance.capture.source import EndReason, Pace, Skipped, SourceEnd, TimedFrame
from countenance.capture.stream_errors import FileChanged, FileUnreadable
from countenance.kernel import CountenanceError, DeviceId, Frame, Material

__all__ = ["Moment", "Reading"]


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """A picture that could be decoded now.

    Attributes:
        seconds: its time by the source.
        load: decodes it: uint8, shape (height, width, 3), RGB, upright, shared with nobody.
        material: the SHA-256 that stands for it in a request.
    """

    seconds: float
    load: Callable[[], NDArray[np.uint8]]
    material: Material


class Reading(ABC):
    """The part of a :class:`countenance.capture.FrameSource` that doesn't depend on the kind of source.

    Args:
        limits: how much it may give.
        longest_seconds: how long it may last.
        most_frames: how many pictures it may have.
        frames_per_second: how many of each second are kept; the limits' own if left out.
    """

    __slots__ = ("_began", "_end", "_given", "_inside", "_limits", "_pace", "_skipped")

    def __init__(
        self,
        *,
        limits: StreamLimits,
        longest_seconds: float,
        most_frames: int,
        frames_per_second: float | None = None,
    ) -> None:
        self._limits = limits
        self._pace = Pace(
            frames_per_second=frames_per_second or limits.frames_per_second,
            longest_seconds=longest_seconds,
            most_frames=most_frames,
            every=limits.every,
        )
        self._inside = False
        self._began = False
        self._given = 0
        self._skipped: list[Skipped] = []
        self._end: SourceEnd | None = None

    @property
    @abstractmethod
    def materials(self) -> tuple[Material, ...]:
        """What a request has to name."""

    @property
    def device(self) -> DeviceId | None:
        """The registered device of a live source."""
        return None

    @property
    def timed(self) -> bool:
        """Whether ``seconds`` are times."""
        return True

    @property
    @abstractmethod
    def most_frames(self) -> int:
        """How many frames it can give at most."""

    @property
    def ended(self) -> SourceEnd | None:
        """How it ended; ``None`` before that."""
        return self._end

    def __enter__(self) -> Self:
        """Open it.

        Raises:
            CountenanceError: if it can't be opened; nothing stays open then.
            RuntimeError: if it was entered before.
        """
        if self._inside or self._end is not None:
            msg = "a source is entered once"
            raise RuntimeError(msg)
        self._inside = True
        try:
            self._open()
        except BaseException as error:
            self._inside = False
            self._close()
            self._conclude(EndReason.FAILED, error)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self._inside = False
        self._close()
        self._conclude(EndReason.STOPPED)

    def frames(self) -> Iterator[TimedFrame]:
        """Give the frames; see the protocol."""
        if not self._inside or self._began:
            msg = "the frames of a source are read once, between entering and leaving it"
            raise RuntimeError(msg)
        self._began = True
        return self._frames()

    def _frames(self) -> Iterator[TimedFrame]:
        try:
            for moment in self._moments():
                if not self._pace.keeps(moment.seconds):
                    continue
                frame = self._loaded(moment)
                if frame is not None:
                    self._given += 1
                    yield TimedFrame(frame, self._pace.seen - 1, self._pace.seconds)
        except CountenanceError as error:
            self._conclude(EndReason.FAILED, error)
            raise
        self._conclude(self._reason())

    def _loaded(self, moment: Moment) -> Frame | None:
        try:
            return Frame(pixels=moment.load(), material=moment.material)
        except (PictureRefused, FileUnreadable, FileChanged) as error:
            if not self._forgives():
                raise
            self._skipped.append(Skipped(self._pace.seen - 1, error.code, error.message))
            return None

    def _conclude(self, reason: EndReason, error: BaseException | None = None) -> None:
        if self._end is None:
            code = error.code if isinstance(error, CountenanceError) else None
            self._end = SourceEnd(
                reason, self._given, self._pace.seen, self._pace.seconds, tuple(self._skipped), code
            )

    def _forgives(self) -> bool:
        """Whether a picture that can't be taken in is skipped rather than the end."""
        return False

    def _reason(self) -> EndReason:
        """Why there was no more."""
        return EndReason.END

    @abstractmethod
    def _open(self) -> None:
        """Open it, and look at what it says about itself."""

    @abstractmethod
    def _close(self) -> None:
        """Close what was opened; may be called when nothing is."""

    @abstractmethod
    def _moments(self) -> Iterator[Moment]:
        """Go through the pictures."""
