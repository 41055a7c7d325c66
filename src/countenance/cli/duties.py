"""`countenance duties`: what is owed after an act or an incident, and a person's word that closes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from countenance.authority import Act, shipped_roles
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
from countenance.kernel import DutyId
from countenance.runtime import DemoFolder as Folder
from countenance.runtime import OpenDuty, demo_settings, open_duty_desk

__all__ = ["duties_app", "duty_document", "render_duties"]

duties_app = typer.Typer(no_args_is_help=True)


@duties_app.command("list")
def list_duties(
    *,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """List what is owed, the one due first in front. Exit status 1 if something is overdue."""
    settings = settings_of(settings_file, stated)
    if demo:
        settings = demo_settings(settings, Folder(folder.expanduser().absolute()))
    with open_duty_desk(settings) as desk:
        duties = desk.open()
    overdue = any(duty.overdue for duty in duties)
    answer(
        {"outcome": "overdue" if overdue else "in time", "duties": [duty_document(duty) for duty in duties]},
        lambda console: render_duties(console, duties),
        as_json=as_json,
        status=ExitStatus.NO if overdue else ExitStatus.YES,
    )


@duties_app.command("discharge")
def discharge(
    duty_id: Annotated[str, typer.Argument(metavar="DUTY", help="The duty, as `duties list` names it.")],
    *,
    said: Annotated[str, typer.Option("--said", metavar="WORDS", help="What was found or done. No names.")],
    by: ByOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Close an overdue duty with a person's word; record and log say that it is one."""
    author = author_of(by)
    shipped_roles().require(author.role, Act.DISCHARGE_DUTY)
    settings = settings_of(settings_file, stated)
    if demo:
        settings = demo_settings(settings, Folder(folder.expanduser().absolute()))
    with open_duty_desk(settings) as desk:
        desk.discharge(DutyId(duty_id), said=said.strip(), by=str(author))
    words = "Closed, as a person's word. The log says so."
    answer(
        {"outcome": "discharged", "words": words},
        lambda console: console.print(Text(words)),
        as_json=as_json,
        status=ExitStatus.YES,
    )


def duty_document(duty: OpenDuty) -> dict[str, object]:
    """Return a duty as plain JSON values."""
    return {
        "duty": duty.duty_id,
        "key": duty.key,
        "words": duty.words,
        "rule": duty.rule,
        "place": duty.place,
        "due": duty.due.isoformat(),
        "overdue": duty.overdue,
        "incident": duty.case,
    }


def render_duties(console: Console, duties: Sequence[OpenDuty]) -> None:
    """Print duties, overdue ones marked."""
    if not duties:
        console.print("Nothing is owed.")
    for duty in duties:
        mark = Text("overdue  ", style="bold red") if duty.overdue else Text("open     ", style="green")
        console.print(mark.append(f"{duty.words} ", style="default").append(f"({duty.key}, {duty.rule})"))
        of = duty.duty_id if duty.case is None else f"{duty.duty_id} of {duty.case}"
        console.print(Text(f"         {of}  {duty.place}  due {duty.due:%Y-%m-%d %H:%M} UTC"), soft_wrap=True)
