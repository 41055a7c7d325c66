"""`countenance evaluate liveness`: simulated attacks and persons through real sessions."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from countenance.cli.evaluating import (
    EvaluationBars,
    FreshFlag,
    JurisdictionsOption,
    NameOption,
    OriginOption,
    RecordsOption,
    ReportOption,
    TermsOption,
    machine_of,
    render_evaluation,
)
from countenance.cli.options import JsonFlag, SetOption, SettingsOption, settings_of
from countenance.cli.output import ExitStatus, answer
from countenance.evaluation.datasets import stated_provenance
from countenance.evaluation.liveness_attempts import rates_of
from countenance.evaluation.liveness_words import liveness_figures, liveness_sentences
from countenance.evaluation.people import open_people
from countenance.evaluation.presentations import Instrument
from countenance.evaluation.report import require_charts
from countenance.evaluation.report_page import write_page
from countenance.runtime.liveness_desk import FRAME_EVERY
from countenance.runtime.liveness_evaluation import (
    LivenessRun,
    Part,
    evaluate_liveness,
    read_portraits,
    sample_strip,
)

__all__ = ["liveness"]

_TITLE: Final = "Simulated liveness"
_SAMPLE: Final = "obama"


def liveness(
    *,
    portraits: Annotated[
        Path,
        typer.Option(
            "--portraits",
            metavar="FOLDER",
            help="manifest.csv, or a folder of pictures per person; the first portrait of each is taken.",
            file_okay=False,
        ),
    ],
    identities: Annotated[
        int, typer.Option("--identities", metavar="N", help="How many people.", min=2, max=5000)
    ] = 60,
    part: Annotated[
        Part, typer.Option("--part", help="Of the list: every other person is for development.")
    ] = Part.ALL,
    instrument: Annotated[
        list[Instrument] | None,
        typer.Option("--instrument", help="What is presented; all if left out. Repeatable."),
    ] = None,
    processes: Annotated[
        int, typer.Option("--processes", metavar="N", help="0 means every core.", min=0, max=256)
    ] = 0,
    name: NameOption = None,
    origin: OriginOption = None,
    terms: TermsOption = None,
    jurisdiction: JurisdictionsOption = None,
    folder: RecordsOption = Path("var/evaluation"),
    fresh: FreshFlag = False,
    report: ReportOption = None,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Show rendered persons and attacks to real liveness sessions, and count how often that is wrong."""
    if report is not None:
        require_charts()
    settings = settings_of(settings_file, stated, {})
    people = open_people(portraits)
    provenance = stated_provenance(portraits, name=name, origin=origin, terms=terms)
    heads = read_portraits(
        settings,
        people=people,
        identities=identities,
        part=part,
        folder=folder,
        provenance=provenance,
        jurisdictions=tuple(jurisdiction or ()),
    )
    run = LivenessRun(
        instruments=tuple(instrument or Instrument),
        folder=folder / "liveness",
        processes=processes or os.cpu_count() or 1,
        fresh=fresh,
    )
    with EvaluationBars(quiet=as_json) as bars:
        attempts = evaluate_liveness(settings, portraits=heads, run=run, progress=bars)
    rates = rates_of(attempts)
    document: dict[str, object] = {
        "outcome": "measured",
        "figures": liveness_figures(rates),
        "said": list(liveness_sentences(rates)),
        "table_title": "Species by species",
        "table": [dict(one.row) for one in rates],
        "conditions": {
            "data_set": provenance.model_dump() if provenance else {},
            "list_sha256": people.sha256,
            "people": f"{len(heads)} of the part {part.value}; {heads.left_out} others had no portrait that "
            "looks straight into the camera, alone",
            "presented": f"rendered, 640 by 480 pixels, a frame each {FRAME_EVERY} s of the session's clock, "
            "JPEG, noise, blur, drift of exposure; one attempt of each person and instrument",
            "session": "the product's own, at a demonstration's desk: permit, challenge, judge, cues; its "
            "clock set by hand",
            "error": "a person who isn't found bona fide, whether suspected, asked again or unanswered; an "
            "attack that is",
            "interval": "95 %, exact (Clopper and Pearson), over people",
            **machine_of(),
        },
    }
    if report is not None:
        strip = sample_strip(settings, sample=_SAMPLE)
        files = write_page(document, title=_TITLE, charts=[strip], folder=report)
        document["files"] = [str(file) for file in files]
    answer(
        document,
        lambda console: render_evaluation(console, document, title=_TITLE),
        as_json=as_json,
        status=ExitStatus.YES,
    )
