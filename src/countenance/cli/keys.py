"""`countenance keys`: API keys for the roles that act over REST and on the pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from countenance.authority import Role
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
from countenance.runtime import DemoFolder, RoleKeyDesk, demo_settings, open_key_desk
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
    """List the API keys by their public part, revoked ones too."""
    with _desk(settings_file, stated, folder if demo else None) as desk:
        found = desk.keys(author=author_of(by))
    answer(
        {"outcome": "listed", "keys": [_document(record) for record in found]},
        lambda console: _render(console, found),
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
