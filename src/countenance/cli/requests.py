"""`countenance request`: what people ask for as their right, until when, and the answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from countenance.cases import (
    Answered,
    RequestDesk,
    Right,
    RightsRequest,
    certificate_page,
    write_export,
)
from countenance.cli.options import (
    DEFAULT_DEMO_FOLDER,
    DemoFlag,
    DemoFolderOption,
    InputNotReadable,
    JsonFlag,
    SetOption,
    SettingsOption,
    settings_of,
)
from countenance.cli.output import ExitStatus, answer
from countenance.cli.people import write_new
from countenance.cli.recording import ByOption, author_of, moment_of
from countenance.kernel import CaseId, PlaceId, SubjectId
from countenance.runtime import DemoFolder as Folder
from countenance.runtime import demo_settings, open_people_desk

__all__ = ["request_app"]

request_app = typer.Typer(no_args_is_help=True)

RequestArgument = Annotated[
    str, typer.Argument(metavar="REQUEST", help="The request, as `request list` names it.")
]


@request_app.command("open")
def open_request(
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="Who asks, by pseudonym.")],
    *,
    right: Annotated[Right, typer.Option("--right", help="What is asked for.")],
    said: Annotated[str, typer.Option("--said", metavar="WORDS", help="What they ask. Kept sealed.")],
    by: ByOption,
    received: Annotated[
        str | None,
        typer.Option("--received", metavar="TIME", help="When it arrived, with its zone; now if left out."),
    ] = None,
    place: Annotated[
        str | None,
        typer.Option("--place", metavar="ID", help="Whose rules count; every place's if left out."),
    ] = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Take a person's request down: its clock runs from the moment at which it arrived."""
    with _desk(settings_file, stated, demo=demo, folder=folder) as desk:
        request = desk.open(
            right,
            SubjectId(subject),
            words=said,
            author=author_of(by),
            received_at=moment_of(received, option="--received"),
            place=None if place is None else PlaceId(place),
        )
    _answer((request,), "opened", as_json=as_json)


@request_app.command("extend")
def extend(
    request: RequestArgument,
    *,
    said: Annotated[str, typer.Option("--said", metavar="WORDS", help="Why, as the person was told.")],
    by: ByOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Extend a request's time once, as far as the rules allow."""
    with _desk(settings_file, stated, demo=demo, folder=folder) as desk:
        extended = desk.extend(CaseId(request), words=said, author=author_of(by))
    _answer((extended,), "extended", as_json=as_json)


@request_app.command("answer")
def answer_request(
    request: RequestArgument,
    *,
    said: Annotated[str, typer.Option("--said", metavar="WORDS", help="What the person is told.")] = "",
    refused: Annotated[bool, typer.Option("--refuse", help="It is refused; --said says why.")] = False,
    by: ByOption,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="PATH", help="New folder of the export, or file of the certificate."),
    ] = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Answer a request: access with the export, erasure with the certificate, the rest in words."""
    path = out or Path(request)
    if path.exists():
        raise InputNotReadable("There is something of that name.", remedy="Name a new one with --out.")
    with _desk(settings_file, stated, demo=demo, folder=folder) as desk:
        answered = desk.answer(CaseId(request), author=author_of(by), words=said, refused=refused)
    written = _handed_out(answered, path)
    _answer((answered.request,), "answered", as_json=as_json, files=written)


@request_app.command("list")
def list_requests(
    *,
    by: ByOption,
    answered: Annotated[bool, typer.Option("--all", help="Answered ones too.")] = False,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """List the open requests, the one due first in front. Exit status 1 if one is overdue."""
    with _desk(settings_file, stated, demo=demo, folder=folder) as desk:
        requests = desk.all(author=author_of(by), answered=answered)
    late = any(one.overdue_at(datetime.now(UTC)) for one in requests)
    _answer(requests, "overdue" if late else "in time", as_json=as_json, late=late)


def _handed_out(answered: Answered, path: Path) -> tuple[Path, ...]:
    if answered.export is not None:
        return write_export(answered.export, path)
    if answered.certified is None:
        return ()
    document = answered.certified.document
    file = path.with_suffix(".json")
    write_new(file, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    write_new(file.with_suffix(".html"), certificate_page(document["certificate"]))
    return file, file.with_suffix(".html")


def _answer(
    requests: Sequence[RightsRequest],
    outcome: str,
    *,
    as_json: bool,
    late: bool = False,
    files: Sequence[Path] = (),
) -> None:
    now = datetime.now(UTC)

    def render(console: Console) -> None:
        _render(console, requests, now)
        for file in files:
            console.print(Text(str(file)), soft_wrap=True)

    answer(
        {
            "outcome": outcome,
            "requests": [_document(one, now) for one in requests],
            "files": [str(file) for file in files],
        },
        render,
        as_json=as_json,
        status=ExitStatus.NO if late else ExitStatus.YES,
    )


def _document(request: RightsRequest, now: datetime) -> dict[str, object]:
    return {
        "request": request.request_id,
        "right": request.right.value,
        "subject": request.subject,
        "received_at": request.received_at.isoformat(),
        "due": request.due.isoformat(),
        "overdue": request.overdue_at(now),
        "rules": list(request.rules),
        "extendable_to": None if request.extendable_to is None else request.extendable_to.isoformat(),
        "answer": None if request.answer is None else request.answer.value,
        "answered_at": None if request.answered_at is None else request.answered_at.isoformat(),
        "export_sha256": request.export_sha256,
        "certificate": request.certificate,
        "certificate_sha256": request.certificate_sha256,
        "steps": [
            {"kind": step.kind, "at": step.at.isoformat(), "by": step.author, "words": step.words}
            for step in request.steps
        ],
    }


def _render(console: Console, requests: Sequence[RightsRequest], now: datetime) -> None:
    if not requests:
        console.print("No request is open.")
    for one in requests:
        due = f"{one.due:%Y-%m-%d %H:%M} UTC ({', '.join(one.rules)})"
        if one.answered_at is not None and one.answer is not None:
            mark = Text(f"{one.answer.value} {one.answered_at:%Y-%m-%d %H:%M} UTC", style="green")
        elif one.overdue_at(now):
            mark = Text(f"OVERDUE: an answer was due until {due}", style="bold red")
        else:
            mark = Text(f"answer until {due}", style="yellow")
        who = one.subject or "somebody who was erased"
        console.print(Text(f"{one.request_id}  {one.right.value} for {who}: ").append(mark), soft_wrap=True)
        attached = one.certificate or one.export_sha256
        if attached is not None:
            console.print(Text(f"  attached: {attached}"), soft_wrap=True)
        if one.answer is None and one.extendable_to is not None:
            console.print(Text(f"  can be extended to {one.extendable_to:%Y-%m-%d %H:%M} UTC"))


@contextmanager
def _desk(file: Path | None, stated: list[str] | None, *, demo: bool, folder: Path) -> Iterator[RequestDesk]:
    settings = settings_of(file, stated)
    if demo:
        settings = demo_settings(settings, Folder(folder.expanduser().absolute()))
    with open_people_desk(settings) as desk:
        yield desk.requests
