"""What `models` and `samples` share: the progress bar of a pull, errors told in words, one JSON object."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from countenance.kernel import CountenanceError
from countenance.vision.registry import PulledFile

__all__ = [
    "AsJson",
    "OfflineFolderOption",
    "PullView",
    "print_json",
    "pull_view",
    "pulled_rows",
    "telling_errors",
]

BAD_INPUT = 2

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
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
    with Progress(*columns, console=Console(stderr=True, quiet=quiet), disable=quiet) as progress:
        yield PullView(progress)


@contextmanager
def telling_errors(*, as_json: bool) -> Iterator[None]:
    """Turn an error of ours into words and exit status 2: bad usage, input or installation."""
    try:
        yield
    except CountenanceError as error:
        if as_json:
            print_json({"error": {"code": error.code, "message": error.message, "remedy": error.remedy}})
        else:
            Console(stderr=True, soft_wrap=True).print(error.diagnostics(), style="red", markup=False)
        raise typer.Exit(BAD_INPUT) from error


def print_json(value: Mapping[str, object]) -> None:
    """Print one JSON object on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def pulled_rows(pulled: Sequence[PulledFile]) -> list[dict[str, str]]:
    """Return what a pull did, for JSON."""
    return [{"id": item.item_id, "path": str(item.path), "way": item.way.value} for item in pulled]
