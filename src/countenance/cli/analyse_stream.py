"""`countenance analyse FOLDER | VIDEO | --camera N`: a stream described frame by frame."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from countenance.cli.analysis_rows import (
    frame_line,
    render_frame,
    render_stream,
    stream_line,
)
from countenance.cli.output import ExitStatus, exit_status, print_error, screen
from countenance.runtime.streams import camera_source, source_at
from countenance.scenes import StreamStop

if TYPE_CHECKING:
    from countenance.capture import FrameSource
    from countenance.cli.drawn import DrawnFolder
    from countenance.runtime import AnalysisInstallation, Settings
    from countenance.scenes import FrameOutcome, StreamOrder, StreamResult

__all__ = ["MOST_FRAMES", "StreamWish", "analyse_stream", "until_interrupted"]

MOST_FRAMES: Final = 300
"""Frames that are looked at if nothing is said: ten seconds of an ordinary video."""

_SECONDS: Final = 10.0
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class StreamWish:
    """What the command line says about a stream; ``None`` where it says nothing.

    Attributes:
        camera: N of ``/dev/videoN``.
        seconds: how long to record from it.
        every: each so manyth frame.
        most: frames at most.
    """

    camera: int | None
    seconds: float | None
    every: int | None
    most: int | None

    @property
    def frames(self) -> int:
        """Frames at most."""
        return self.most or MOST_FRAMES

    def source(self, path: Path | None, settings: Settings) -> FrameSource | None:
        """Return the folder, video or camera that is meant; ``None`` for one picture.

        Raises:
            typer.BadParameter: if not exactly one thing is named, or one picture with what is for streams.
            CountenanceError: if the folder, video or camera can't be taken in.
        """
        if (path is None) == (self.camera is None):
            raise typer.BadParameter("name a picture, a folder or a video, or else a --camera")
        every = self.every or 1
        if self.camera is not None:
            return camera_source(
                self.camera, seconds=self.seconds or _SECONDS, settings=settings, every=every
            )
        if self.seconds is not None:
            raise typer.BadParameter("only a recording by a --camera has a length", param_hint="--seconds")
        source = source_at(path, settings=settings, every=every) if path is not None else None
        if source is None and (self.every is not None or self.most is not None):
            raise typer.BadParameter("--every and --most are for folders, videos and cameras")
        return source


@contextmanager
def until_interrupted() -> Iterator[Callable[[], bool]]:
    """Return what says whether somebody wants it to end: Ctrl-C, or a request to terminate.

    The first one lets the frame at hand be finished and everything be closed; the second one does what it
    always does.
    """
    asked = Event()

    def note(_: int, __: object) -> None:
        asked.set()
        for number, handler in before.items():
            signal.signal(number, handler)

    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number in _SIGNALS:
        signal.signal(number, note)
    try:
        yield asked.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def analyse_stream(
    ready: AnalysisInstallation, order: StreamOrder, *, drawn: DrawnFolder | None, as_json: bool
) -> None:
    """Analyse a stream, telling each frame as it comes, then how it went.

    Raises:
        typer.Exit: always, with 0 if a face was described and nothing stopped it, 1 if none was or it was
            interrupted, else as the error that stopped it.
        CountenanceError: if it isn't permitted.
    """
    # Rows on a terminal are the progress; a bar is drawn when they go elsewhere.
    quiet = sys.stdout.isatty() or not sys.stderr.isatty()
    columns = (TextColumn("frames"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with until_interrupted() as stop, Progress(*columns, console=screen(error=True), disable=quiet) as bar:
        task = bar.add_task("frames", total=order.frames)
        explained = False

        def tell(outcome: FrameOutcome) -> None:
            nonlocal explained
            if drawn is not None and outcome.picture is not None:
                drawn.take(outcome.index, outcome.picture)
            if as_json:
                typer.echo(frame_line(outcome))
            else:
                render_frame(screen(), outcome, explain=not explained)
                explained = explained or outcome.analysis is not None
            bar.advance(task)

        result = ready.streams.run(order, tell=tell, stop=stop)
    if as_json:
        typer.echo(stream_line(result))
    else:
        render_stream(screen(), result)
        if result.error is not None:
            print_error(result.error, as_json=False)
    raise typer.Exit(int(_status(result)))


def _status(result: StreamResult) -> ExitStatus:
    if result.error is not None:
        return exit_status(result.error)
    if result.stop is StreamStop.INTERRUPTED or not result.described:
        return ExitStatus.NO
    return ExitStatus.YES
