"""Where frames come from, besides a single upload: one protocol, one pace, one account of the end."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

from countenance.capture.stream_errors import VideoTimesUnusable, VideoTooLong
from countenance.kernel import DeviceId, Frame, Material

__all__ = ["EndReason", "FrameSource", "Pace", "Skipped", "SourceEnd", "TimedFrame"]

_SLACK = 1e-6  # seconds; a time base of 1/90000 can't come nearer to a tenth of a second


@dataclass(frozen=True, slots=True, eq=False)
class TimedFrame:
    """A frame and its moment.

    Attributes:
        frame: the picture; whoever takes it wipes it.
        index: its number in the source, from 0; those that were passed over count.
        seconds: its media time from the source's first picture on, increasing strictly; its position
            where the source isn't timed.
    """

    frame: Frame
    index: int
    seconds: float


class EndReason(StrEnum):
    """Why a source gives no more."""

    END = "end"
    LENGTH = "length"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def words(self) -> str:
        """The reason for a reader."""
        return _WORDS[self]


_WORDS = {
    EndReason.END: "there is no more",
    EndReason.LENGTH: "it lasted as long as was asked for",
    EndReason.STOPPED: "whoever read it stopped",
    EndReason.FAILED: "it couldn't be read further",
}


@dataclass(frozen=True, slots=True)
class Skipped:
    """One picture of several that couldn't be taken in, by its number and never by its name."""

    index: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class SourceEnd:
    """How a source ended.

    Attributes:
        reason: why.
        given: how many frames it gave.
        seen: how many pictures it went through, those passed over and those skipped among them.
        seconds: the media time of the last picture that it went through.
        skipped: the pictures that couldn't be taken in.
        code: the stable code of the error, if it failed.
    """

    reason: EndReason
    given: int
    seen: int
    seconds: float
    skipped: tuple[Skipped, ...] = ()
    code: str | None = None


class FrameSource(Protocol):
    """Gives frames in the order of time, once. Making one opens nothing; entering it does.

    It is entered by the stream door alone. Leaving it closes what it opened, whatever happened.
    """

    @property
    def materials(self) -> tuple[Material, ...]:
        """What a request has to name so that a permit opens this source; sorted."""
        ...

    @property
    def device(self) -> DeviceId | None:
        """The registered device that a live source is declared for; ``None`` for what was recorded."""
        ...

    @property
    def timed(self) -> bool:
        """Whether ``seconds`` are times. Pictures of a folder have none, only positions."""
        ...

    @property
    def most_frames(self) -> int:
        """How many frames it can give at most; at least 1."""
        ...

    @property
    def ended(self) -> SourceEnd | None:
        """How it ended; ``None`` before that."""
        ...

    def __enter__(self) -> Self:
        """Open it.

        Raises:
            CallerError: if the file can't be taken in.
            OperatorError: if the camera can't be opened.
        """
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        ...

    def frames(self) -> Iterator[TimedFrame]:
        """Give the frames; may be called once, between entering and leaving.

        Raises:
            CallerError: if the file can't be read to its end; the frames before that were given.
            OperatorError: if the camera stops.
            RuntimeError: if it is called a second time, or outside.
        """
        ...


class Pace:
    """Says which pictures of a stream are kept, and where it is too long or its times make no sense.

    Kept is the first picture at or after each step of a grid of times, so what is kept doesn't depend on
    how many pictures lie between.

    Args:
        frames_per_second: how many of each second are kept at most.
        longest_seconds: how long it may last.
        most_frames: how many pictures it may have.
        every: of the pictures on the grid, each so manyth is kept, from the first on; at least 1.
    """

    __slots__ = ("_every", "_first", "_last", "_longest", "_most", "_on_grid", "_seen", "_step", "_steps")

    def __init__(
        self, *, frames_per_second: float, longest_seconds: float, most_frames: int, every: int = 1
    ) -> None:
        self._step = 1.0 / frames_per_second
        self._every = every
        self._on_grid = 0
        self._longest = longest_seconds
        self._most = most_frames
        self._first = 0.0
        self._last: float | None = None
        self._seen = 0
        self._steps = 0

    @property
    def seen(self) -> int:
        """How many pictures came by."""
        return self._seen

    @property
    def seconds(self) -> float:
        """The time of the last one since the first."""
        return 0.0 if self._last is None else self._last - self._first

    def keeps(self, seconds: float) -> bool:
        """Take note of the next picture's time and say whether it is kept.

        Raises:
            VideoTimesUnusable: if it isn't a time, or not later than the one before.
            VideoTooLong: if it lies beyond a limit.
        """
        if not math.isfinite(seconds) or (self._last is not None and seconds <= self._last):
            msg = f"The time of picture {self._seen} isn't later than that of the one before it."
            raise VideoTimesUnusable(msg)
        if self._last is None:
            self._first = seconds
        if self._seen >= self._most:
            msg = f"The video has more than {self._most} pictures."
            raise VideoTooLong(msg)
        self._last = seconds
        if self.seconds > self._longest:
            msg = f"The video lasts longer than {self._longest:g} seconds."
            raise VideoTooLong(msg)
        self._seen += 1
        if self.seconds + _SLACK < self._steps * self._step:
            return False
        self._steps = math.floor((self.seconds + _SLACK) / self._step) + 1
        self._on_grid += 1
        return (self._on_grid - 1) % self._every == 0
