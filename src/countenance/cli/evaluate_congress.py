"""`countenance evaluate congress`: who of one set of people is falsely named in another?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from countenance.cli.evaluating import (
    DetectorOption,
    EmbedderOption,
    EvaluationBars,
    FreshFlag,
    JurisdictionsOption,
    MirroredFlag,
    NameOption,
    OriginOption,
    RecordsOption,
    ReportOption,
    TermsOption,
    ThreadsOption,
    conditions_of,
    render_evaluation,
    threads_of,
)
from countenance.cli.options import JsonFlag, SetOption, SettingsOption, settings_of
from countenance.cli.output import ExitStatus, answer
from countenance.decisions import SearchNotMeasured
from countenance.evaluation.charts import congress_chart
from countenance.evaluation.congress_protocol import CongressExercise
from countenance.evaluation.congress_words import congress_figures, congress_rows, congress_sentences
from countenance.evaluation.datasets import DatasetProvenance, stated_provenance
from countenance.evaluation.people import joint_provenance, joint_sha256, open_people
from countenance.evaluation.report import require_charts
from countenance.evaluation.report_page import write_page
from countenance.runtime.people_evaluation import prepare_people_evaluation

__all__ = ["congress"]

_RATES: Final = (0.1, 0.05, 0.01, 0.001)
_PROTOCOL: Final = (
    "each portrait of somebody who is in the gallery under no name is one search; a reference is the mean of "
    "a person's pictures; a true match is the first portrait of the last collection against that of the first"
)


def congress(
    *,
    probes: Annotated[
        Path,
        typer.Option("--probes", metavar="FOLDER", help="Who is searched for.", exists=True, file_okay=False),
    ],
    gallery: Annotated[
        Path,
        typer.Option("--gallery", metavar="FOLDER", help="Who is searched.", exists=True, file_okay=False),
    ],
    fpir: Annotated[
        float,
        typer.Option(
            "--fpir", metavar="RATE", help="Share of strangers who may be named.", min=1e-6, max=0.5
        ),
    ] = 0.01,
    name: NameOption = None,
    origin: OriginOption = None,
    terms: TermsOption = None,
    jurisdiction: JurisdictionsOption = None,
    embedder: EmbedderOption = None,
    detector: DetectorOption = None,
    mirrored: MirroredFlag = False,
    threads: ThreadsOption = None,
    folder: RecordsOption = Path("var/evaluation"),
    fresh: FreshFlag = False,
    report: ReportOption = None,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Search people in a gallery that they aren't in, at a threshold from evidence and at borrowed ones."""
    if report is not None:
        require_charts()
    overrides: dict[str, Any] = {"embedder": embedder, "detector": detector, "threads": threads_of(threads)}
    settings = settings_of(settings_file, stated, overrides)
    strangers, enrolled = open_people(probes), open_people(gallery)
    provenance = _provenance(probes, gallery, name=name, origin=origin, terms=terms)
    digest = joint_sha256(strangers, enrolled)
    room = prepare_people_evaluation(
        settings,
        folder=folder,
        list_sha256=digest,
        provenance=provenance,
        jurisdictions=tuple(jurisdiction or ()),
        mirrored=mirrored,
        fresh=fresh,
    )
    with room, EvaluationBars(quiet=as_json) as bars:
        table = room.error_table()
        if table.tail is None:
            raise SearchNotMeasured("The error table of these networks says nothing about a search.")
        exercise = CongressExercise(
            reader=room.reader, comparison=room.comparison, tail=table.tail, model_id=room.model_id
        )
        rates = (fpir, *(rate for rate in _RATES if rate != fpir))
        result = exercise.run(strangers, enrolled, rates=rates, progress=bars)
    document: dict[str, object] = {
        "outcome": "measured",
        "figures": congress_figures(result),
        "said": congress_sentences(result, table),
        "table": congress_rows(result),
        "conditions": {
            "data_set": provenance.model_dump() if provenance else {},
            "list_sha256": digest,
            "protocol": _PROTOCOL,
            "fpir_asked": fpir,
            "error_table": f"{table.model_id}, {table.label}, measured on {table.measured_on}",
            "interval": "95 %, exact (Clopper and Pearson), over people",
            **conditions_of(room.networks, room.model_id, threads=settings.threads),
        },
    }
    if report is not None:
        files = write_page(
            document, title="The Congress exercise", charts=[congress_chart(result)], folder=report
        )
        document["files"] = [str(file) for file in files]
    answer(document, lambda console: _render(console, document), as_json=as_json, status=ExitStatus.YES)


def _provenance(
    probes: Path, gallery: Path, *, name: str | None, origin: str | None, terms: str | None
) -> DatasetProvenance | None:
    if name and origin and terms:
        return DatasetProvenance(name=name, origin=origin, terms=terms)
    return joint_provenance(
        stated_provenance(probes, name=name, origin=origin, terms=terms), stated_provenance(gallery)
    )


def _render(console: Console, document: Mapping[str, object]) -> None:
    rows: list[dict[str, object]] = document["table"]  # type: ignore[assignment]
    table = Table(title="Falsely named, and missed", title_justify="left")
    heads = (
        "threshold",
        "predicted %",
        "people falsely named",
        "of people %, at most",
        "true match %",
        "missed",
    )
    for head in heads:
        table.add_column(head, justify="left" if head == "threshold" else "right")
    for row in rows:
        predicted: list[float] | None = row["predicted_fpir_percent"]  # type: ignore[assignment]
        table.add_row(
            str(row["threshold"]),
            "-" if predicted is None else f"{predicted[0]:g} to {predicted[1]:g}",
            str(row["people_falsely_named"]),
            f"{row['people_falsely_named_percent']}, {row['people_upper_percent']}",
            str(row["true_match_percent"]),
            str(row["missed_pairs"]),
        )
    console.print(table)
    render_evaluation(console, document, title="The Congress exercise")
