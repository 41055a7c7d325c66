"""`countenance evaluate`: how often is comparison wrong, on a data set?"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, Final, Self

import typer
from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from countenance import __version__
from countenance.cli.options import JsonFlag, SetOption, SettingsOption, settings_of
from countenance.cli.output import ExitStatus, answer, screen
from countenance.evaluation.datasets import DatasetProvenance, open_pair_dataset, stated_provenance
from countenance.evaluation.protocol import VerificationResult
from countenance.evaluation.report import require_charts, verification_figures, words_of, write_report
from countenance.runtime.evaluation import EvaluationInstallation, prepare_evaluation

__all__ = ["evaluate_app", "verification"]

_LIBRARIES: Final = ("ai-edge-litert", "onnxruntime", "opencv-python-headless", "numpy", "pillow")

_PROTECTION: Final = (
    "Protection is a rotation under a key. D_sys beside its null says whether scores link templates of two "
    "keys; it proves nothing about turning a template back into a face. Who has the key has the vector."
)

evaluate_app = typer.Typer(no_args_is_help=True, help="Measure how often comparison is wrong, on a data set.")


@evaluate_app.callback()
def _root() -> None:
    """Measure how often comparison is wrong, on a data set."""


class _Bars:
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


@evaluate_app.command()
def verification(
    *,
    dataset: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="pairs.csv and a folder of pictures per name.", file_okay=False
        ),
    ],
    name: Annotated[str | None, typer.Option("--name", help="What the data set is called.")] = None,
    origin: Annotated[str | None, typer.Option("--origin", help="Who made it, and from what.")] = None,
    terms: Annotated[str | None, typer.Option("--terms", help="On what terms it may be used.")] = None,
    jurisdiction: Annotated[
        list[str] | None,
        typer.Option(
            "--jurisdiction",
            metavar="CODE",
            help="Whose rules hold, such as EU; else all. Repeatable.",
        ),
    ] = None,
    embedder: Annotated[str | None, typer.Option("--embedder", metavar="ID", help="The network.")] = None,
    detector: Annotated[str | None, typer.Option("--detector", metavar="ID", help="Finds the faces.")] = None,
    mirrored: Annotated[bool, typer.Option("--mirrored", help="Add the mirrored face's vector.")] = False,
    threads: Annotated[
        int | None,
        typer.Option("--threads", metavar="N", help="Processor threads; 0 means every core.", min=0),
    ] = None,
    protected: Annotated[
        bool,
        typer.Option("--protected", help="Compare once more under a key; say what that gives away."),
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FOLDER", help="Write JSON, DET curve and histograms of scores."),
    ] = None,
    folder: Annotated[
        Path, typer.Option("--folder", metavar="FOLDER", help="Where the evaluation keeps its own records.")
    ] = Path("var/evaluation"),
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew; forget an interrupted run.")] = False,
    replicates: Annotated[
        int,
        typer.Option("--replicates", metavar="N", help="Of the bootstrap over people.", min=100, max=20000),
    ] = 1000,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Compare the pairs of a data set, 1:1, and say how often that is wrong. Aggregates come out, alone."""
    if report is not None:
        require_charts()
    overrides: dict[str, Any] = {"embedder": embedder, "detector": detector, "threads": _threads(threads)}
    settings = settings_of(settings_file, stated, overrides)
    pairs = open_pair_dataset(dataset)
    provenance = stated_provenance(dataset, name=name, origin=origin, terms=terms)
    ready = prepare_evaluation(
        settings,
        folder=folder,
        dataset=pairs,
        provenance=provenance,
        jurisdictions=tuple(jurisdiction or ()),
        mirrored=mirrored,
        fresh=fresh,
    )
    with ready, _Bars(quiet=as_json) as bars:
        result = ready.evaluation.run(pairs, progress=bars, replicates=replicates, protected=protected)
    document = _document(
        result, ready, provenance, list_sha256=pairs.sha256, threads=settings.threads, replicates=replicates
    )
    if report is not None:
        title = f"{provenance.name if provenance else 'data set'}: {len(pairs)} pairs"
        document["files"] = [
            str(file) for file in write_report(result, document=document, folder=report, title=title)
        ]
    answer(document, lambda console: _render(console, document), as_json=as_json, status=ExitStatus.YES)


def _threads(stated: int | None) -> int | None:
    return (os.cpu_count() or 1) if stated == 0 else stated


def _document(
    result: VerificationResult,
    ready: EvaluationInstallation,
    provenance: DatasetProvenance | None,
    *,
    list_sha256: str,
    threads: int,
    replicates: int,
) -> dict[str, object]:
    return {
        "outcome": "measured",
        "figures": verification_figures(result),
        "said": [words_of(rate) for rate in result.accuracy.true_match_rates]
        + ([_PROTECTION] if result.protection is not None else []),
        "conditions": {
            "data_set": provenance.model_dump() if provenance else {},
            "list_sha256": list_sha256,
            "protocol": f"{result.accuracy.accuracy.folds} sets, each judged at the threshold of the others; "
            "a pair without a template is no match",
            "pipeline": f"{ready.networks.detector}, {ready.networks.mesh} in two passes, five-point "
            f"similarity to 112 px, {ready.model_id}",
            "face": "largest width less distance to the middle",
            "quality_gate": "not applied",
            "interval": f"95 %, bootstrap over people, {replicates} replicates",
            "permit": "operation evaluate; one permit for each batch; aggregates alone come out",
            "threads": threads,
            "processors": os.cpu_count(),
            "load": round(os.getloadavg()[0], 2),
            "python": platform.python_version(),
            "countenance": __version__,
            "libraries": {name: metadata.version(name) for name in _LIBRARIES},
        },
    }


def _render(console: Console, document: Mapping[str, object]) -> None:
    figures: Mapping[str, object] = document["figures"]  # type: ignore[assignment]
    table = Table("figure", "value", title="1:1 verification", title_justify="left")
    for name, figure in figures.items():
        table.add_row(name, str(figure))
    console.print(table)
    said: Sequence[str] = document["said"]  # type: ignore[assignment]
    console.print(Panel(Text("\n".join(said)), title="What the pairs can show", title_align="left"))
    conditions: Mapping[str, object] = document["conditions"]  # type: ignore[assignment]
    for name, value in conditions.items():
        words = ", ".join(f"{k}: {v}" for k, v in value.items()) if isinstance(value, Mapping) else str(value)
        console.print(Text.assemble((f"{name}: ", "dim"), words))
    for file in document.get("files", ()):  # type: ignore[attr-defined]
        console.print(Text(f"written: {file}"), soft_wrap=True)
