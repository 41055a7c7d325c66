"""`countenance keys`: API keys for roles, and the keys that hold everything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.text import Text

from countenance.authority import Role
from countenance.cli.held_keys import held_document, render_held, render_rekeyed
from countenance.cli.options import (
    DEFAULT_DEMO_FOLDER,
    DemoFlag,
    DemoFolderOption,
    JsonFlag,
    SetOption,
    SettingsOption,
    settings_of,
)
from countenance.cli.output import ExitStatus, answer, screen
from countenance.cli.recording import ByOption, author_of
from countenance.kernel import PurposeId
from countenance.runtime import DemoFolder, RoleKeyDesk, demo_settings, open_key_desk
from countenance.runtime.key_care import KeyCareDesk, open_key_care
from countenance.store import ApiKeyRecord

__all__ = ["keys_app"]

keys_app = typer.Typer(no_args_is_help=True)


@contextmanager
def _desk(
    settings_file: Path | None, stated: Sequence[str] | None, folder: Path | None
) -> Iterator[RoleKeyDesk]:
    settings = settings_of(settings_file, stated)
    if folder is not None:
        settings = demo_settings(settings, DemoFolder(folder.expanduser().absolute()))
    with open_key_desk(settings) as desk:
        yield desk


@contextmanager
def _care(
    settings_file: Path | None, stated: Sequence[str] | None, folder: Path | None
) -> Iterator[KeyCareDesk]:
    settings = settings_of(settings_file, stated)
    if folder is not None:
        settings = demo_settings(settings, DemoFolder(folder.expanduser().absolute()))
    with open_key_care(settings) as desk:
        yield desk


@keys_app.command("issue")
def issue(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The workplace or program that uses it; no person's name.")
    ],
    *,
    by: ByOption,
    roles: Annotated[
        list[Role], typer.Option("--role", metavar="ROLE", help="What it may act as. Repeatable.")
    ],
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Issue an API key for one or more roles. It is shown once; a hash of it is kept."""
    if not name.strip():
        raise typer.BadParameter("say which workplace or program uses it", param_hint="NAME")
    with _desk(settings_file, stated, folder if demo else None) as desk:
        key, record = desk.issue(name=name.strip(), roles=tuple(roles), author=author_of(by))

    def render(console: Console) -> None:
        _render(console, (record,))
        console.print(Text("The key, shown once:"))
        console.print(Text(key), soft_wrap=True)

    answer(
        {"outcome": "issued", "api_key": key, "key": _document(record)},
        render,
        as_json=as_json,
        status=ExitStatus.YES,
    )


@keys_app.command("list")
def list_keys(
    *,
    by: ByOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """List the API keys by their public part, revoked ones too, and who holds the other keys."""
    with _desk(settings_file, stated, folder if demo else None) as desk:
        found = desk.keys(author=author_of(by))
    with _care(settings_file, stated, folder if demo else None) as care:
        held = care.held(author=author_of(by))

    def render(console: Console) -> None:
        _render(console, found)
        render_held(console, held)

    answer(
        {"outcome": "listed", "keys": [_document(record) for record in found], **held_document(held)},
        render,
        as_json=as_json,
        status=ExitStatus.YES,
    )


@keys_app.command("rotate")
def rotate(
    *,
    to: Annotated[
        str,
        typer.Option("--to", metavar="URI", help="Who holds the new root key; a new file: is made."),
    ],
    by: ByOption,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Replace the root key: everything that it wraps is wrapped anew, while the server goes on."""
    with _care(settings_file, stated, None) as care:
        done = care.rotate(to, author=author_of(by))
    until = None if done.keep_until is None else done.keep_until.isoformat()
    words = f'{done.keys} keys are wrapped by the new root key. Set root_key = "{done.uri}" now.'
    kept = (
        "No backup was made under the key before: destroy it."
        if until is None
        else f"Backups open with {done.before}: keep it until {until} is over, then destroy it."
    )
    answer(
        {
            "outcome": "rotated",
            "root": done.uri,
            "before": done.before,
            "keys": done.keys,
            "keep_until": until,
        },
        lambda console: console.print(Text(f"{words}\n{kept}"), soft_wrap=True),
        as_json=as_json,
        status=ExitStatus.YES,
    )


@keys_app.command("rekey")
def rekey(
    purpose: Annotated[str, typer.Argument(metavar="PURPOSE", help="The purpose, by its id.")],
    *,
    by: ByOption,
    custodian: Annotated[
        str | None,
        typer.Option("--custodian", metavar="URI", help="Who holds the new key; as before if left out."),
    ] = None,
    grace_days: Annotated[
        int | None,
        typer.Option(
            "--grace-days", metavar="DAYS", help="Holder passes of before are taken so long.", min=1, max=3650
        ),
    ] = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Give a purpose a new key and move its references to it; nobody has to come again."""
    with (
        _care(settings_file, stated, folder if demo else None) as care,
        Progress(console=screen(error=True), disable=as_json) as progress,
    ):
        author = author_of(by)
        known = care.held(author=author).references
        total = sum(count for (whose, _), count in known.items() if whose == purpose)
        task = progress.add_task("references", total=total)
        done = care.rekey(
            PurposeId(purpose),
            author=author,
            custodian=custodian,
            grace=None if grace_days is None else timedelta(days=grace_days),
            moved=lambda count: progress.update(task, completed=count),
        )
    answer(
        {
            "outcome": "re-keyed",
            "purpose": purpose,
            "version": done.key.version,
            "custodian": done.key.custodian,
            "references": done.moved,
            "went_on": done.went_on,
            "ended": list(done.ended),
            "retiring": [one.version for one in done.retiring],
        },
        lambda console: render_rekeyed(console, done),
        as_json=as_json,
        status=ExitStatus.YES,
    )


@keys_app.command("revoke")
def revoke(
    prefix: Annotated[
        str, typer.Argument(metavar="KEY", help="The key's public part, as `keys list` names it.")
    ],
    *,
    by: ByOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Revoke an API key for good."""
    with _desk(settings_file, stated, folder if demo else None) as desk:
        gone = desk.revoke(prefix, author=author_of(by))
    answer(
        {"outcome": "revoked", "key": _document(gone)},
        lambda console: _render(console, (gone,)),
        as_json=as_json,
        status=ExitStatus.YES,
    )


def _document(record: ApiKeyRecord) -> dict[str, object]:
    return {
        "key": record.prefix,
        "name": record.name,
        "roles": list(record.roles),
        "created_at": record.created_at.isoformat(),
        "revoked_at": None if record.revoked_at is None else record.revoked_at.isoformat(),
    }


def _render(console: Console, found: tuple[ApiKeyRecord, ...]) -> None:
    if not found:
        console.print("No key was issued.")
    for record in found:
        good = record.revoked_at is None
        mark = Text("good      " if good else "revoked   ", style="green" if good else "bold red")
        console.print(
            mark.append(f"{record.prefix}  {record.name}  ({', '.join(record.roles)})", style="default")
        )
