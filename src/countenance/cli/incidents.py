"""`countenance incident`: what happened, who has to be told until when, and what was done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from countenance.cases import Addressee, DraftedNotice, Incident, IncidentDesk, IncidentKind
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
from countenance.cli.receipts import write_output
from countenance.cli.recording import ByOption, author_of, moment_of
from countenance.kernel import CaseId, PlaceId
from countenance.runtime import DemoFolder as Folder
from countenance.runtime import demo_settings, open_incident_desk

__all__ = ["draft_document", "incident_app", "incident_document"]

incident_app = typer.Typer(no_args_is_help=True)

IncidentArgument = Annotated[
    str, typer.Argument(metavar="INCIDENT", help="The incident, as `incident list` names it.")
]
SaidOption = Annotated[str, typer.Option("--said", metavar="WORDS", help="In words. No names.")]


@incident_app.command("open")
def open_incident(
    *,
    kind: Annotated[IncidentKind, typer.Option("--kind", help="What happened.")] = IncidentKind.LEAK,
    said: SaidOption,
    by: ByOption,
    aware: Annotated[
        str | None,
        typer.Option("--aware", metavar="TIME", help="When it became known, with its zone; now if left out."),
    ] = None,
    place: Annotated[
        list[str] | None,
        typer.Option("--place", metavar="ID", help="Where; every place if left out. Repeatable."),
    ] = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Open an incident: its clocks run from the moment at which it became known."""
    with _desk(settings_file, stated, demo=demo, folder=folder) as desk:
        incident = desk.open(
            kind,
            words=said,
            author=author_of(by),
            aware_at=moment_of(aware, option="--aware"),
            places=[PlaceId(one) for one in place or ()],
        )
    _answer((incident,), "opened", as_json=as_json)


@incident_app.command("note")
def note(
    incident: IncidentArgument,
    *,
    said: SaidOption,
    by: ByOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Write down what was found or done."""
    with _desk(settings_file, stated, demo=demo, folder=folder) as desk:
        noted = desk.note(CaseId(incident), words=said, author=author_of(by))
    _answer((noted,), "noted", as_json=as_json)


@incident_app.command("notify")
def notify(
    incident: IncidentArgument,
    *,
    to: Annotated[
        Addressee | None, typer.Option("--to", help="Who was told; with --draft, whom alone.")
    ] = None,
    said: Annotated[str | None, typer.Option("--said", metavar="WORDS", help="In words. No names.")] = None,
    by: ByOption,
    draft: Annotated[
        bool, typer.Option("--draft", help="Draft the words of every notice that is owed; nothing is sent.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FOLDER", help="With --draft: write each into a file here."),
    ] = None,
    sent: Annotated[
        str | None,
        typer.Option("--sent", metavar="TIME", help="When it was sent, with its zone; now if left out."),
    ] = None,
    needless: Annotated[
        bool, typer.Option("--not-needed", help="They needn't be told; --said says why.")
    ] = False,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Write down that somebody was told, or why they needn't be; closes the duties to tell them.

    With --draft, the words are drafted instead, by the contents that each law wants, in English and Chinese.
    """
    if draft:
        if said is not None or sent is not None or needless:
            raise typer.BadParameter("goes alone, or with --to and --out", param_hint="--draft")
        _draft(
            settings_file, stated, CaseId(incident), to, out, by=by, demo=demo, folder=folder, as_json=as_json
        )
        return
    if to is None or said is None or out is not None:
        raise typer.BadParameter("say --to and --said, or --draft with --out", param_hint="notify")
    with _desk(settings_file, stated, demo=demo, folder=folder) as desk:
        notified = desk.notify(
            CaseId(incident),
            to,
            words=said,
            author=author_of(by),
            sent_at=moment_of(sent, option="--sent"),
            needed=not needless,
        )
    _answer((notified,), "notified", as_json=as_json)


@incident_app.command("close")
def close(
    incident: IncidentArgument,
    *,
    said: SaidOption,
    by: ByOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Close an incident of which everybody was told. Exit status 3 while somebody has to be."""
    with _desk(settings_file, stated, demo=demo, folder=folder) as desk:
        closed = desk.close(CaseId(incident), words=said, author=author_of(by))
    _answer((closed,), "closed", as_json=as_json)


@incident_app.command("list")
def list_incidents(
    *,
    by: ByOption,
    closed: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """List the open incidents with what was done. Exit status 1 if a notice is overdue."""
    with _desk(settings_file, stated, demo=demo, folder=folder) as desk:
        incidents = desk.all(author=author_of(by), closed=closed)
    now = datetime.now(UTC)
    late = any(notice.overdue_at(now) for one in incidents for notice in one.notices)
    _answer(incidents, "overdue" if late else "in time", as_json=as_json, late=late)


def _draft(
    settings_file: Path | None,
    stated: list[str] | None,
    incident: CaseId,
    to: Addressee | None,
    out: Path | None,
    *,
    by: str,
    demo: bool,
    folder: Path,
    as_json: bool,
) -> None:
    """Draft the notices, write or print them, and leave."""
    with _desk(settings_file, stated, demo=demo, folder=folder) as desk:
        drafts = desk.draft(incident, author=author_of(by), to=to)
    names = {id(one): f"{one.rule}-{one.to}.{one.language}.txt" for one in drafts}
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for one in drafts:
            write_output(out / names[id(one)], one.text.encode())

    def render(console: Console) -> None:
        if not drafts:
            console.print("No notice is owed.")
        for one in drafts:
            if out is None:
                console.print(Text(one.text), soft_wrap=True)
            else:
                told = f"{names[id(one)]}: {len(one.gaps)} to fill in, due {one.due:%Y-%m-%d %H:%M} UTC"
                console.print(Text(told), soft_wrap=True)

    document = {"outcome": "drafted", "incident": incident, "drafts": [draft_document(one) for one in drafts]}
    answer(document, render, as_json=as_json, status=ExitStatus.YES)


def draft_document(drafted: DraftedNotice) -> dict[str, object]:
    """Return a drafted notice as plain JSON values."""
    return {
        "to": drafted.to.value,
        "rule": drafted.rule,
        "law": drafted.law,
        "language": drafted.language,
        "due": drafted.due.isoformat(),
        "gaps": list(drafted.gaps),
        "text": drafted.text,
    }


def incident_document(incident: Incident, *, now: datetime) -> dict[str, object]:
    """Return an incident as plain JSON values."""
    return {
        "incident": incident.incident_id,
        "kind": incident.kind.value,
        "places": list(incident.places),
        "aware_at": incident.aware_at.isoformat(),
        "closed_at": None if incident.closed_at is None else incident.closed_at.isoformat(),
        "notices": [
            {
                "duty": one.duty_id,
                "to": one.to.value,
                "place": one.place,
                "rule": one.rule,
                "within": one.within,
                "house": one.house,
                "source": one.source,
                "due": one.due.isoformat(),
                "done_at": None if one.done_at is None else one.done_at.isoformat(),
                "overdue": one.overdue_at(now),
            }
            for one in incident.notices
        ],
        "steps": [
            {
                "kind": step.kind,
                "at": step.at.isoformat(),
                "by": step.author,
                "words": step.words,
                "to": None if step.to is None else step.to.value,
                "sent_at": None if step.sent_at is None else step.sent_at.isoformat(),
                "needed": step.needed,
            }
            for step in incident.steps
        ],
    }


def _answer(incidents: Sequence[Incident], outcome: str, *, as_json: bool, late: bool = False) -> None:
    now = datetime.now(UTC)
    answer(
        {"outcome": outcome, "incidents": [incident_document(one, now=now) for one in incidents]},
        lambda console: _render(console, incidents, now),
        as_json=as_json,
        status=ExitStatus.NO if late else ExitStatus.YES,
    )


def _render(console: Console, incidents: Sequence[Incident], now: datetime) -> None:
    if not incidents:
        console.print("No incident is open.")
    for incident in incidents:
        known = f"{incident.kind.words} known since {incident.aware_at:%Y-%m-%d %H:%M} UTC"
        ended = "open" if incident.closed_at is None else f"closed {incident.closed_at:%Y-%m-%d %H:%M} UTC"
        console.print(Text(f"{incident.incident_id}  {known}, {ended}", style="bold"), soft_wrap=True)
        for notice in incident.notices:
            due = f"until {notice.due:%Y-%m-%d %H:%M} UTC ({notice.within}, {notice.rule})"
            told = f"{notice.to.words}, {notice.place}"
            if notice.done_at is not None:
                mark = Text(f"  done     {told}, {notice.done_at:%Y-%m-%d %H:%M} UTC", style="green")
            elif notice.overdue_at(now):
                mark = Text(f"  OVERDUE  tell {told}: it was due {due}", style="bold red")
            else:
                mark = Text(f"  owed     tell {told}, {due}", style="yellow")
            console.print(mark, soft_wrap=True)
        for step in incident.steps:
            told = "" if step.to is None else f" {step.to.words}{'' if step.needed else ' (not needed)'}"
            console.print(Text(f"  {step.at:%Y-%m-%d %H:%M}  {step.kind}{told}: {step.words}"))


@contextmanager
def _desk(file: Path | None, stated: list[str] | None, *, demo: bool, folder: Path) -> Iterator[IncidentDesk]:
    settings = settings_of(file, stated)
    if demo:
        settings = demo_settings(settings, Folder(folder.expanduser().absolute()))
    with open_incident_desk(settings) as desk:
        yield desk
