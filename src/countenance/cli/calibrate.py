"""`countenance calibrate`: the deployment's own error table, from its own photographs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from countenance.authority import Role
from countenance.cli.evaluating import (
    EvaluationBars,
    FreshFlag,
    JurisdictionsOption,
    NameOption,
    OriginOption,
    RecordsOption,
    ReportOption,
    TermsOption,
    conditions_of,
    render_evaluation,
)
from countenance.cli.options import JsonFlag, SetOption, SettingsOption, settings_of
from countenance.cli.output import ExitStatus, answer
from countenance.evaluation.calibration import Calibration, CalibrationOrder, CalibrationResult
from countenance.evaluation.calibration_words import calibration_figures, calibration_sentences
from countenance.evaluation.charts import calibration_chart
from countenance.evaluation.datasets import DatasetProvenance, stated_provenance
from countenance.evaluation.people import PeopleSet, open_people
from countenance.evaluation.people_groups import people_groups
from countenance.evaluation.report import require_charts
from countenance.evaluation.report_page import write_page
from countenance.runtime import Settings
from countenance.runtime.calibration import forget_own_table, keep_own_table
from countenance.runtime.error_tables import weights_in_source
from countenance.runtime.networks import choose_networks
from countenance.runtime.opening import open_records
from countenance.runtime.people_evaluation import PeopleEvaluationRoom, prepare_people_evaluation
from countenance.vision.registry import ModelStore

__all__ = ["calibrate"]

_BY = Role.OFFICER


def calibrate(
    dataset: Annotated[
        Path | None,
        typer.Argument(
            metavar="FOLDER",
            help="manifest.csv, or a folder of pictures per person; 100 people at least.",
            file_okay=False,
        ),
    ] = None,
    *,
    groups: Annotated[
        Path | None,
        typer.Option(
            "--groups",
            metavar="CSV",
            help="Who is in which group: columns person, age, gender, origin, or others.",
            dir_okay=False,
        ),
    ] = None,
    measured_on: Annotated[
        str | None,
        typer.Option("--measured-on", help="Whose photographs these are, as every decision says it."),
    ] = None,
    name: NameOption = None,
    origin: OriginOption = None,
    terms: TermsOption = None,
    jurisdiction: JurisdictionsOption = None,
    folder: RecordsOption = Path("var/evaluation"),
    fresh: FreshFlag = False,
    report: ReportOption = None,
    replicates: Annotated[
        int,
        typer.Option("--replicates", metavar="N", help="Of the bootstrap over people.", min=200, max=20000),
    ] = 2000,
    look: Annotated[
        bool, typer.Option("--look", help="Measure, and leave the table in use as it is.")
    ] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="Go back to the table that came along, without a folder.")
    ] = False,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Measure this deployment's error table on its own people, and decide by it from then on."""
    settings = settings_of(settings_file, stated)
    if forget or dataset is None:
        if dataset is not None or not forget:
            raise typer.BadParameter("Give a folder, or --forget without one.")
        _forget(settings, as_json=as_json)
        return
    if report is not None:
        require_charts()
    people = open_people(dataset)
    attributes = people_groups(people, groups)
    provenance = stated_provenance(dataset, name=name, origin=origin, terms=terms)
    room = prepare_people_evaluation(
        settings,
        folder=folder,
        list_sha256=people.sha256,
        provenance=provenance,
        jurisdictions=tuple(jurisdiction or ()),
        fresh=fresh,
    )
    with room, EvaluationBars(quiet=as_json) as bars:
        readers = [room.reader, *([] if room.document_reader is None else [room.document_reader])]
        calibration = Calibration(readers=readers, comparison=room.comparison, replicates=replicates)
        order = _order(
            room, people, provenance, settings=settings, measured_on=measured_on, replicates=replicates
        )
        result = calibration.run(people, order, attributes=attributes, progress=bars)
    kept = None if look else _keep(settings, result)
    document: dict[str, object] = {
        "outcome": "measured" if kept is None else "in use",
        "figures": calibration_figures(result),
        "said": calibration_sentences(result),
        "log_index": kept,
        "groups": {attribute: dict(own) for attribute, own in result.groups.items()},
        "conditions": {
            "data_set": provenance.model_dump() if provenance else {},
            "list_sha256": people.sha256,
            **conditions_of(room.networks, room.model_id, threads=settings.threads),
            "detectors": list(order.detectors),
            "interval": f"95 %, bootstrap over people, {replicates} replicates",
        },
    }
    if report is not None:
        charts = [calibration_chart(result)]
        files = write_page(document, title="Calibration", charts=charts, folder=report)
        document["files"] = [str(file) for file in files]
    answer(
        document,
        lambda console: render_evaluation(console, document, title="Calibration"),
        as_json=as_json,
        status=ExitStatus.YES,
    )


def _order(
    room: PeopleEvaluationRoom,
    people: PeopleSet,
    provenance: DatasetProvenance | None,
    *,
    settings: Settings,
    measured_on: str | None,
    replicates: int,
) -> CalibrationOrder:
    networks = room.networks
    detectors = (networks.detector, networks.document_detector)
    said = conditions_of(networks, room.model_id, threads=settings.threads)
    whose = provenance.name if provenance is not None else "unnamed photographs"
    return CalibrationOrder(
        model_id=room.model_id,
        detectors=tuple(dict.fromkeys(detectors)),
        mirrored=networks.mirrored,
        measured_on=measured_on or f"own photographs ({whose})",
        measured_at=datetime.now(UTC).date(),
        conditions={
            "pipeline": str(said["pipeline"]),
            "quality_gate": "not applied",
            "score": "cosine; a score that reaches the threshold is a match (ISO/IEC 19795-1)",
            "interval": f"95 %, bootstrap: {replicates} replicates over people",
            "threshold": "upper end of the interval of the measured threshold, rounded up to four decimals",
            "countenance": str(said["countenance"]),
        },
        source={
            "name": whose,
            "list_sha256": people.sha256,
            "pictures": str(len(people.pictures)),
            **weights_in_source(networks),
        },
    )


def _keep(settings: Settings, result: CalibrationResult) -> int:
    with open_records(settings) as opened:
        kept = keep_own_table(opened.store, result.table, clock=opened.clock, author=_BY.value)
    return kept.index


def _forget(settings: Settings, *, as_json: bool) -> None:
    networks = choose_networks(settings, ModelStore(folder=settings.models_folder).manifest)
    with open_records(settings) as opened:
        there = forget_own_table(opened.store, networks.template_model, author=_BY.value)
    words = "The table that came along is in use again." if there else "There was no table of its own."
    answer(
        {"outcome": "forgotten" if there else "nothing to forget", "model": networks.template_model},
        lambda console: console.print(words),
        as_json=as_json,
        status=ExitStatus.YES,
    )
