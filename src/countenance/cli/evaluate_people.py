"""`countenance evaluate identification | parity | quality`: on one folder of people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

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
from countenance.evaluation.charts import Chart, identification_chart, parity_chart, quality_chart
from countenance.evaluation.datasets import stated_provenance
from countenance.evaluation.people import PeopleSet, open_people
from countenance.evaluation.people_protocol import PeopleEvaluation
from countenance.evaluation.people_words import (
    identification_figures,
    identification_sentences,
    parity_figures,
    parity_sentences,
    quality_figures,
    quality_sentences,
)
from countenance.evaluation.report import require_charts
from countenance.evaluation.report_page import write_page
from countenance.runtime.people_evaluation import prepare_people_evaluation

__all__ = ["identification", "parity", "quality"]

_Said = tuple[Mapping[str, object], Sequence[str], Callable[[], Chart]]
_Measure = Callable[[PeopleEvaluation, PeopleSet, EvaluationBars], _Said]

FolderArgument = Annotated[
    Path,
    typer.Argument(
        metavar="FOLDER", help="manifest.csv, or a folder of pictures per person.", file_okay=False
    ),
]
ReplicatesOption = Annotated[
    int,
    typer.Option("--replicates", metavar="N", help="Of the bootstrap over people.", min=100, max=20000),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the three commands are asked alike."""

    dataset: Path
    name: str | None
    origin: str | None
    terms: str | None
    jurisdiction: list[str] | None
    overrides: dict[str, Any]
    mirrored: bool
    folder: Path
    fresh: bool
    report: Path | None
    replicates: int
    settings_file: Path | None
    stated: list[str] | None
    as_json: bool


def identification(
    *,
    dataset: FolderArgument,
    references: Annotated[
        list[int] | None,
        typer.Option(
            "--references", metavar="N", help="Pictures of a reference: 1, 2, 3, 5. Repeatable.", min=1
        ),
    ] = None,
    fpir: Annotated[
        list[float] | None,
        typer.Option(
            "--fpir",
            metavar="RATE",
            help="Share of strangers who may be named. Repeatable.",
            min=1e-6,
            max=0.5,
        ),
    ] = None,
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
    replicates: ReplicatesOption = 1000,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Enrol some people, search for others: who is named falsely, who is missed, do more pictures help?"""
    counts = tuple(sorted(set(references or (1, 2, 3, 5))))
    rates = tuple(fpir or (0.1, 0.01, 0.001))

    def measure(evaluation: PeopleEvaluation, people: PeopleSet, bars: EvaluationBars) -> _Said:
        result = evaluation.identification(people, pictures=counts, rates=rates, progress=bars)
        return (
            identification_figures(result),
            identification_sentences(result),
            partial(identification_chart, result),
        )

    asked = _Asked(
        dataset=dataset, name=name, origin=origin, terms=terms, jurisdiction=jurisdiction,
        overrides=_overrides(embedder, detector, threads), mirrored=mirrored, folder=folder, fresh=fresh,
        report=report, replicates=replicates, settings_file=settings_file, stated=stated, as_json=as_json,
    )  # fmt: skip
    _carry_out(
        asked,
        measure,
        title="Open-set search",
        protocol=f"enrolled are people with more than {max(counts)} pictures, with the mean of the first; "
        "the others are strangers, with one picture each",
    )


def parity(
    *,
    dataset: FolderArgument,
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
    replicates: ReplicatesOption = 1000,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Measure error rates of women and men, as the list says who is which, and how far apart they lie."""

    def measure(evaluation: PeopleEvaluation, people: PeopleSet, bars: EvaluationBars) -> _Said:
        result = evaluation.parity(people, progress=bars)
        said = parity_sentences(result)
        return parity_figures(result), said, partial(parity_chart, result)

    asked = _Asked(
        dataset=dataset, name=name, origin=origin, terms=terms, jurisdiction=jurisdiction,
        overrides=_overrides(embedder, detector, threads), mirrored=mirrored, folder=folder, fresh=fresh,
        report=report, replicates=replicates, settings_file=settings_file, stated=stated, as_json=as_json,
    )  # fmt: skip
    _carry_out(
        asked,
        measure,
        title="Parity",
        protocol="every picture against every picture of somebody else, at the error table's thresholds; "
        "misses on each picture with the next of the same person, twenty pairs of one at most",
    )


def quality(
    *,
    dataset: FolderArgument,
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
    """Measure whether leaving out pictures of low quality lowers the error (error versus discard)."""

    def measure(evaluation: PeopleEvaluation, people: PeopleSet, bars: EvaluationBars) -> _Said:
        result = evaluation.quality(people, progress=bars)
        said = quality_sentences(result)
        return quality_figures(result), said, partial(quality_chart, result)

    asked = _Asked(
        dataset=dataset, name=name, origin=origin, terms=terms, jurisdiction=jurisdiction,
        overrides=_overrides(embedder, detector, threads), mirrored=mirrored, folder=folder, fresh=fresh,
        report=report, replicates=1000, settings_file=settings_file, stated=stated, as_json=as_json,
    )  # fmt: skip
    _carry_out(
        asked,
        measure,
        title="Error versus discard",
        protocol="each picture with the next of the same person, twenty pairs of one at most; a pair is as "
        "good as the worse of its pictures (ISO/IEC 29794-1)",
    )


def _overrides(embedder: str | None, detector: str | None, threads: int | None) -> dict[str, Any]:
    return {"embedder": embedder, "detector": detector, "threads": threads_of(threads)}


def _carry_out(asked: _Asked, measure: _Measure, *, title: str, protocol: str) -> None:
    if asked.report is not None:
        require_charts()
    settings = settings_of(asked.settings_file, asked.stated, asked.overrides)
    people = open_people(asked.dataset)
    provenance = stated_provenance(asked.dataset, name=asked.name, origin=asked.origin, terms=asked.terms)
    room = prepare_people_evaluation(
        settings,
        folder=asked.folder,
        list_sha256=people.sha256,
        provenance=provenance,
        jurisdictions=tuple(asked.jurisdiction or ()),
        mirrored=asked.mirrored,
        fresh=asked.fresh,
    )
    with room, EvaluationBars(quiet=asked.as_json) as bars:
        table = room.error_table()
        evaluation = PeopleEvaluation(
            reader=room.reader, comparison=room.comparison, table=table, replicates=asked.replicates
        )
        figures, said, chart = measure(evaluation, people, bars)
    document: dict[str, object] = {
        "outcome": "measured",
        "figures": figures,
        "said": list(said),
        "conditions": {
            "data_set": provenance.model_dump() if provenance else {},
            "list_sha256": people.sha256,
            "people": people.people,
            "protocol": protocol,
            "error_table": f"{table.model_id}, {table.label}, measured on {table.measured_on}",
            "interval": f"95 %, bootstrap over people, {asked.replicates} replicates",
            **conditions_of(room.networks, room.model_id, threads=settings.threads),
        },
    }
    if asked.report is not None:
        files = write_page(document, title=title, charts=[chart()], folder=asked.report)
        document["files"] = [str(file) for file in files]
    answer(
        document,
        lambda console: render_evaluation(console, document, title=title),
        as_json=asked.as_json,
        status=ExitStatus.YES,
    )
