"""`countenance doctor`: look whether an installation, or a place in it, is ready."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from countenance.cli.duties import duty_document, render_duties
from countenance.cli.options import (
    DEFAULT_DEMO_FOLDER,
    DemoFlag,
    DemoFolderOption,
    JsonFlag,
    SetOption,
    SettingsOption,
    settings_of,
)
from countenance.cli.output import ExitStatus, answer
from countenance.cli.recording import ByOption, author_of
from countenance.cli.setting_up import WithinOption, init, readiness_document, render_readiness
from countenance.kernel import CountenanceError, PlaceId
from countenance.runtime import DemoFolder as Folder
from countenance.runtime import (
    HealthFinding,
    Settings,
    build,
    demo_settings,
    examine_settings,
    open_duty_desk,
    open_setup_desk,
)
from countenance.scenes import shipped_profiles

__all__ = ["doctor", "init"]


def doctor(
    *,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    place: Annotated[
        str | None,
        typer.Option("--place", metavar="ID", help="Look at this place instead: met, missing, expiring."),
    ] = None,
    scene: Annotated[
        str, typer.Option("--scene", metavar="ID", help="For which scene, with --place.")
    ] = "hotel-checkin",
    within: WithinOption = 30,
    by: ByOption = "officer",
    as_json: JsonFlag = False,
) -> None:
    """Look whether the installation, or a place, is complete, and say how to put right what isn't."""
    settings = settings_of(settings_file, stated)
    if demo:
        settings = demo_settings(settings, Folder(folder.expanduser().absolute()))
    if place is not None:
        _place(settings, place, scene=scene, within=within, by=by, as_json=as_json)
    findings = examine_settings(settings)
    if all(finding.ok for finding in findings):
        # Only now can the store be opened, and its records and log looked at too.
        findings = _examine_store(settings, findings)
    ready = all(finding.lets_serve for finding in findings)
    well = all(finding.ok for finding in findings)
    document = {
        "outcome": "ready" if ready else "not ready",
        "findings": [{"name": f.name, "ok": f.ok, "words": f.words, "remedy": f.remedy} for f in findings],
    }
    answer(
        document,
        lambda console: _render(console, findings),
        as_json=as_json,
        status=ExitStatus.BAD if not ready else ExitStatus.YES if well else ExitStatus.NO,
    )


def _place(settings: Settings, place: str, *, scene: str, within: int, by: str, as_json: bool) -> None:
    """Say how a place stands, and leave: 0 if nothing is missing or overdue, else 1."""
    if scene not in shipped_profiles():
        words = f"name one of: {', '.join(shipped_profiles())}"
        raise typer.BadParameter(words, param_hint="--scene")
    with open_setup_desk(settings) as desk:
        stands = desk.readiness.look(
            author=author_of(by), place=PlaceId(place), scene=scene, within=timedelta(days=within)
        )
    with open_duty_desk(settings) as duties:
        owed = duties.owed_at(PlaceId(place))
    ready = stands.ready and not any(duty.overdue for duty in owed)
    document = {**readiness_document(stands), "owed": [duty_document(duty) for duty in owed]}

    def render(console: Console) -> None:
        render_readiness(console, stands)
        if owed:
            console.print("Owed here; what is overdue stops every permit at the place:")
            render_duties(console, owed)

    answer(
        {"outcome": "ready" if ready else "not ready", **document},
        render,
        as_json=as_json,
        status=ExitStatus.YES if ready else ExitStatus.NO,
    )


def _examine_store(settings: Settings, findings: tuple[HealthFinding, ...]) -> tuple[HealthFinding, ...]:
    """Open the store and look at it; what keeps it from opening is a finding too."""
    try:
        with build(settings) as services:
            return services.health()
    except CountenanceError as error:
        return (*findings, HealthFinding("store", ok=False, words=error.message, remedy=error.remedy))


def _render(console: Console, findings: Sequence[HealthFinding]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for finding in findings:
        mark = Text("ok", style="green") if finding.ok else Text("no", style="bold red")
        words = Text(finding.words)
        if not finding.ok:
            words.append(f"\n{finding.remedy}", style="yellow")
        table.add_row(mark, finding.name, words)
    console.print(table)
