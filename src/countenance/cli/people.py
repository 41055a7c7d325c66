"""`countenance erase`, `certificate`, `hold`, `sweep`, `subject export`, `backup`, `restore`."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from countenance.authority import Author, Role
from countenance.cases import Certified, Swept, certificate_page, check_certificate, write_export
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
from countenance.kernel import CallerError, PurposeId, SubjectId
from countenance.runtime import DemoFolder as Folder
from countenance.runtime import Settings, demo_settings, open_people_desk, replay, restore
from countenance.store import LegalHold

__all__ = [
    "back_up",
    "certificate_app",
    "erase",
    "hold_app",
    "restore_backup",
    "subject_app",
    "sweep",
    "write_new",
]

certificate_app = typer.Typer(no_args_is_help=True)
hold_app = typer.Typer(no_args_is_help=True)
subject_app = typer.Typer(no_args_is_help=True)

SubjectArgument = Annotated[str, typer.Argument(metavar="SUBJECT", help="The person's pseudonym.")]
ByOption = Annotated[Role, typer.Option("--by", metavar="ROLE", help="The role in which you act.")]
_LARGEST_FILE = 16 * 1024 * 1024


@certificate_app.callback()
def _certificates() -> None:
    """Deletion certificates: verify."""


@subject_app.callback()
def _subjects() -> None:
    """What is held about a person: export."""


def erase(
    subject: SubjectArgument,
    *,
    by: ByOption,
    purpose: Annotated[
        str | None, typer.Option("--purpose", metavar="ID", help="For this purpose alone; all if left out.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where the certificate goes; a page lies beside it."),
    ] = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Erase a person: keys, rows, log statements; certify it. Exit status 1 if something is left."""
    if out is not None and out.exists():
        raise InputNotReadable("There is a file of that name.", remedy="Name a new file with --out.")
    wanted = None if purpose is None else PurposeId(purpose)
    with open_people_desk(_settings(settings_file, stated, demo=demo, folder=folder)) as desk:
        done = desk.erasures.erase(SubjectId(subject), wanted, author=Author(by))
    path = out or Path(f"{done.document['certificate']['id']}.json")
    page = path.with_suffix(".html")
    write_new(path, json.dumps(done.document, indent=2, ensure_ascii=False) + "\n")
    write_new(page, certificate_page(done.document["certificate"]))
    answer(
        {
            "outcome": "erased" if done.finished else "unfinished",
            "certificate": str(path),
            "page": str(page),
            **done.document["certificate"]["erased"],
            "files": done.document["certificate"]["files"],
        },
        lambda console: _say_erased(console, done, path, page),
        as_json=as_json,
        status=ExitStatus.YES if done.finished else ExitStatus.NO,
    )


def _say_erased(console: Console, done: Certified, path: Path, page: Path) -> None:
    erased = done.erased
    said = (
        f"Erased: {len(erased.keys)} data keys, {erased.records} records, {erased.decisions} decisions, "
        f"{len(erased.statements)} log statements."
    )
    console.print(Text(said, style="green"))
    looked = f"Searched {done.remains.scanned_bytes} bytes of the store; found: {done.remains.found}."
    if not done.remains.looked:
        looked = "The files are a database server's, out of reach; its tables were written anew."
    console.print(Text(looked))
    if not done.finished:
        console.print(Text(_unfinished(done), "red"))
    console.print(Text(f"Certificate: {path}, to read: {page}"), soft_wrap=True)


def _unfinished(done: Certified) -> str:
    if done.remains.looked:
        return "Another reader holds an old copy; run `countenance sweep` once it is gone."
    return "The database server may keep old segments of its write-ahead log: docs/how-to/postgresql.md."


@certificate_app.command("verify")
def verify_certificate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The certificate, a JSON file.")],
    *,
    key: Annotated[
        Path | None,
        typer.Option(
            "--key", metavar="FILE", help="The installation's public key, a JWK; else the file's own."
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Check a deletion certificate, offline: signature and log proof."""
    checked = check_certificate(_read(file), jwk=None if key is None else _read(key))
    words = (
        "The signature is of the key that you gave."
        if checked.key_compared
        else "The signature is of the key that the certificate names itself: compare its thumbprint."
    )
    document = {
        "outcome": "genuine",
        "key_id": checked.key_id,
        "key_compared": checked.key_compared,
        "certificate": dict(checked.claims),
    }

    def render(console: Console) -> None:
        claims = checked.claims
        console.print(Text(f"Genuine: {claims['id']}, {claims['erased_at']}", style="green"))
        console.print(Text(f"{words}\nKey {checked.key_id}"))

    answer(document, render, as_json=as_json, status=ExitStatus.YES)


@hold_app.command("place")
def place_hold(
    subject: SubjectArgument,
    *,
    ground: Annotated[str, typer.Option("--ground", metavar="WORDS", help="Why. Kept sealed.")],
    until: Annotated[
        datetime, typer.Option("--until", metavar="DAY", formats=["%Y-%m-%d"], help="Last day.")
    ],
    by: ByOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Hold a person's records back from erasure and sweeping, for a ground, until a day is over."""
    end = datetime.combine(until.date() + timedelta(days=1), time.min, UTC)
    with open_people_desk(_settings(settings_file, stated, demo=demo, folder=folder)) as desk:
        hold = desk.holds.place(SubjectId(subject), ground=ground, until=end, author=Author(by))
    _say_holds((hold,), "held", as_json=as_json)


@hold_app.command("lift")
def lift_hold(
    subject: SubjectArgument,
    *,
    by: ByOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Lift every hold on a person."""
    with open_people_desk(_settings(settings_file, stated, demo=demo, folder=folder)) as desk:
        lifted = desk.holds.lift(SubjectId(subject), author=Author(by))
    _say_holds(lifted, "lifted", as_json=as_json)


@hold_app.command("list")
def list_holds(
    *,
    by: ByOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """List the holds that count, the one that ends first in front."""
    with open_people_desk(_settings(settings_file, stated, demo=demo, folder=folder)) as desk:
        holds = desk.holds.all(author=Author(by))
    _say_holds(holds, "listed", as_json=as_json)


def _say_holds(holds: tuple[LegalHold, ...], outcome: str, *, as_json: bool) -> None:
    document = {
        "outcome": outcome,
        "holds": [
            {"hold": h.hold_id, "subject": h.subject, "ground": h.ground, "until": h.until.isoformat()}
            for h in holds
        ],
    }

    def render(console: Console) -> None:
        for h in holds:
            console.print(Text(f"{outcome}: {h.subject} until {h.until:%Y-%m-%d %H:%M} UTC ({h.ground})"))
        if not holds:
            console.print("Nobody's records are held back.")

    answer(document, render, as_json=as_json, status=ExitStatus.YES)


def sweep(
    *,
    confirmed: Annotated[
        datetime | None,
        typer.Option(
            "--confirm-date",
            metavar="DAY",
            formats=["%Y-%m-%d"],
            help="Today's date, after the clock jumped.",
        ),
    ] = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Let go of everything whose time is over, and say by which rule."""
    day = None if confirmed is None else confirmed.date()
    with open_people_desk(_settings(settings_file, stated, demo=demo, folder=folder)) as desk:
        swept = desk.sweeper.sweep(confirmed=day)
    answer(
        _swept(swept),
        lambda console: _say_swept(console, swept),
        as_json=as_json,
        status=ExitStatus.YES,
    )


def _swept(swept: Swept) -> dict[str, object]:
    return {
        "outcome": "swept",
        "at": swept.at.isoformat(),
        "records": swept.records,
        "decisions": swept.decisions,
        "data_keys": swept.people,
        "references": swept.references,
        "held": swept.held,
        "tampered": swept.tampered,
        "by_rule": dict(swept.by_rule),
    }


def _say_swept(console: Console, swept: Swept) -> None:
    gone = (
        f"{swept.records} records, {swept.decisions} decisions, {swept.people} data keys, "
        f"{swept.references} references went."
    )
    console.print(Text(gone))
    for name, count in swept.by_rule.items():
        console.print(Text(f"  {count}  {name}"))
    if swept.held:
        console.print(Text(f"A legal hold kept {swept.held}.", style="yellow"))
    if swept.tampered:
        console.print(Text(f"{swept.tampered} rows aren't as they were written, and stay.", style="red"))


@subject_app.command("export")
def export_subject(
    subject: SubjectArgument,
    *,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="A new folder for the export.")],
    by: ByOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Write everything that is held about a person: JSON with its schema, and a page to read."""
    with open_people_desk(_settings(settings_file, stated, demo=demo, folder=folder)) as desk:
        export = desk.exporter.export(SubjectId(subject), author=Author(by))
    files = write_export(export, out)
    document = {
        "outcome": "exported",
        "files": [str(path) for path in files],
        "records": len(export.records),
        "decisions": len(export.decisions),
        "statements": len(export.statements),
    }

    def render(console: Console) -> None:
        for path in files:
            console.print(Text(str(path)), soft_wrap=True)

    answer(document, render, as_json=as_json, status=ExitStatus.YES)


def back_up(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file for the backup.")],
    *,
    by: ByOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Write a sealed backup while the server goes on."""
    with open_people_desk(_settings(settings_file, stated, demo=demo, folder=folder)) as desk:
        made = desk.backups.back_up(file.absolute(), author=Author(by))
    document = {
        "outcome": "backed up",
        "backup": made.backup_id,
        "last_day": made.last_day.isoformat(),
        "sha256": made.sha256,
    }

    def render(console: Console) -> None:
        console.print(Text(f"{made.backup_id}  SHA-256 {made.sha256}"), soft_wrap=True)
        console.print(Text(f"Delete it when {made.last_day} is over: certificates say so."))

    answer(document, render, as_json=as_json, status=ExitStatus.YES)


def restore_backup(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="The backup.")] = None,
    *,
    by: ByOption,
    journal: Annotated[
        Path | None,
        typer.Option("--journal", metavar="FILE", help="The erasure journal; the settings' own if left out."),
    ] = None,
    replaying: Annotated[
        bool, typer.Option("--replay", help="Erase again in a store that was put back otherwise.")
    ] = False,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Put a backup back, with every later erasure carried out again before anything is served."""
    if (file is None) is not replaying:
        raise typer.BadParameter("give the backup's FILE, or --replay")
    settings = settings_of(settings_file, stated)
    if file is None:
        again = replay(settings, author=Author(by))
        words = f"Replayed: {again} people's purposes were erased again."
    else:
        done = restore(settings, file, author=Author(by), journal=journal)
        again = done.erased_again
        words = f"Restored {done.backup.backup_id}; {again} people's purposes were erased again."
    answer(
        {"outcome": "restored", "erased_again": again},
        lambda console: console.print(Text(words)),
        as_json=as_json,
        status=ExitStatus.YES,
    )


def _settings(file: Path | None, stated: list[str] | None, *, demo: bool, folder: Path) -> Settings:
    settings = settings_of(file, stated)
    return demo_settings(settings, Folder(folder.expanduser().absolute())) if demo else settings


def write_new(path: Path, text: str) -> None:
    """Write a certificate into a new file for its owner alone; print it if that can't be.

    Raises:
        InputNotReadable: if it can't be written.
    """
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
    except OSError as error:
        msg = f"The certificate can't be written ({error.strerror}); it was printed instead."
        typer.echo(text)
        raise InputNotReadable(msg, remedy="Keep what was printed: no copy is kept here.") from None


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise InputNotReadable("The file is larger than a certificate.")
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputNotReadable(
            "The file can't be read as JSON.", remedy="Give the file as it was handed out."
        ) from None
    if not isinstance(found, dict):
        raise CallerError("The file isn't a JSON object.")
    return found
