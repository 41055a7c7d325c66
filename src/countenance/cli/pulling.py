"""What `models` and `samples` share: the option of an offline folder, and the progress bars of a pull."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from countenance.cli.output import screen
from countenance.vision.registry import PulledFile

__all__ = ["OfflineFolderOption", "PullView", "pull_view", "pulled_rows"]

OfflineFolderOption = Annotated[
    Path | None,
    typer.Option("--from", metavar="FOLDER", help="Take archives or bare files from a folder, by SHA-256."),
]


class PullView:
    """Shows a pull as progress bars on standard error; implements ``PullProgress``."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None
        self._size = 0

    def waiting(self) -> None:
        """Say that another process holds the folder."""
        self._progress.console.print("Another process brings files into this folder; waiting for it.")

    def archive_started(self, words: str, size: int) -> None:
        """Begin a bar."""
        self._task = self._progress.add_task(words, total=size)
        self._size = size

    def archive_moved(self, done: int) -> None:
        """Move the bar; it isn't full before the archive is verified."""
        if self._task is not None:
            self._progress.update(self._task, completed=min(done, self._size))

    def archive_verified(self, words: str) -> None:
        """Fill the bar."""
        if self._task is not None:
            self._progress.update(self._task, completed=self._size, description=f"{words}, SHA-256 verified")
            self._task = None

    def file_ready(self, item_id: str, *, already_here: bool) -> None:
        """Name the file, unless it was here all along."""
        if not already_here:
            self._progress.console.print(f"  {item_id}: verified")


@contextmanager
def pull_view(*, quiet: bool) -> Iterator[PullView]:
    """Give a view for the time of one pull; a quiet one shows nothing."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    console = screen(error=True)
    console.quiet = quiet
    with Progress(*columns, console=console, disable=quiet) as progress:
        yield PullView(progress)


def pulled_rows(pulled: Sequence[PulledFile]) -> list[dict[str, str]]:
    """Return what a pull did, for JSON."""
    return [{"id": item.item_id, "path": str(item.path), "way": item.way.value} for item in pulled]
