"""What the commands that measure share: their options, a progress bar, their conditions, their table."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Annotated, Final, Self

import typer
from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from countenance import __version__
from countenance.cli.output import screen
from countenance.runtime.networks import Networks

__all__ = [
    "DetectorOption",
    "EmbedderOption",
    "EvaluationBars",
    "FreshFlag",
    "JurisdictionsOption",
    "MirroredFlag",
    "NameOption",
    "OriginOption",
    "RecordsOption",
    "ReportOption",
    "TermsOption",
    "ThreadsOption",
    "conditions_of",
    "machine_of",
    "render_evaluation",
    "threads_of",
]

_LIBRARIES: Final = ("ai-edge-litert", "onnxruntime", "opencv-python-headless", "numpy", "pillow")

NameOption = Annotated[str | None, typer.Option("--name", help="What the data set is called.")]
OriginOption = Annotated[str | None, typer.Option("--origin", help="Who made it, and from what.")]
TermsOption = Annotated[str | None, typer.Option("--terms", help="On what terms it may be used.")]
JurisdictionsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--jurisdiction",
        metavar="CODE",
        help="Whose rules hold, such as EU; else all. Repeatable.",
    ),
]
EmbedderOption = Annotated[str | None, typer.Option("--embedder", metavar="ID", help="The network.")]
DetectorOption = Annotated[str | None, typer.Option("--detector", metavar="ID", help="Finds the faces.")]
MirroredFlag = Annotated[bool, typer.Option("--mirrored", help="Add the mirrored face's vector.")]
ThreadsOption = Annotated[
    int | None,
    typer.Option("--threads", metavar="N", help="Processor threads; 0 means every core.", min=0),
]
RecordsOption = Annotated[
    Path, typer.Option("--folder", metavar="FOLDER", help="Where the evaluation keeps its own records.")
]
ReportOption = Annotated[
    Path | None,
    typer.Option(
        "--report", metavar="FOLDER", help="Write a page with charts, its figures as JSON, and SVG."
    ),
]
FreshFlag = Annotated[bool, typer.Option("--fresh", help="Begin anew; forget an interrupted run.")]


class EvaluationBars:
    """A progress bar for each part of an evaluation; an ``EvaluationProgress``."""

    def __init__(self, *, quiet: bool) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=screen(error=True),
            disable=quiet,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def begins(self, part: str, steps: int) -> None:
        """Begin a bar."""
        self._task = self._progress.add_task(part, total=steps)

    def moved(self, steps: int) -> None:
        """Move it."""
        if self._task is not None:
            self._progress.advance(self._task, steps)


def threads_of(stated: int | None) -> int | None:
    """Return how many threads are meant; 0 means every core."""
    return (os.cpu_count() or 1) if stated == 0 else stated


def conditions_of(networks: Networks, model_id: str, *, threads: int) -> dict[str, object]:
    """Return under which conditions figures were made."""
    return {
        "pipeline": f"{networks.detector}, {networks.mesh} in two passes, five-point "
        f"similarity to 112 px, {model_id}",
        "face": "largest width less distance to the middle",
        "quality_gate": "not applied",
        "permit": "operation evaluate; one permit for each batch; aggregates alone come out",
        "threads": threads,
        **machine_of(),
    }


def machine_of() -> dict[str, object]:
    """Return on what machine and with which libraries figures were made."""
    return {
        "processors": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "countenance": __version__,
        "libraries": {name: metadata.version(name) for name in _LIBRARIES},
    }


def render_evaluation(console: Console, document: Mapping[str, object], *, title: str) -> None:
    """Print figures, what they can show, and their conditions."""
    figures: Mapping[str, object] = document["figures"]  # type: ignore[assignment]
    table = Table("figure", "value", title=title, title_justify="left")
    for name, figure in figures.items():
        table.add_row(name, str(figure))
    console.print(table)
    said: Sequence[str] = document["said"]  # type: ignore[assignment]
    console.print(Panel(Text("\n".join(said)), title="What this can show", title_align="left"))
    conditions: Mapping[str, object] = document["conditions"]  # type: ignore[assignment]
    for name, value in conditions.items():
        words = ", ".join(f"{k}: {v}" for k, v in value.items()) if isinstance(value, Mapping) else str(value)
        console.print(Text.assemble((f"{name}: ", "dim"), words))
    for file in document.get("files", ()):  # type: ignore[attr-defined]
        console.print(Text(f"written: {file}"), soft_wrap=True)
