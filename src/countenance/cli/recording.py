"""What the commands about records, devices and bodies outside have in common: options, files, the desk."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from countenance.authority import Act, Author, Role, shipped_roles
from countenance.cli.options import InputNotReadable, settings_of
from countenance.kernel import DeviceId, PlaceId, PurposeId, SubjectId
from countenance.kernel.canonical import JsonValue
from countenance.runtime import DemoFolder, RecordsDesk, demo_settings, open_records_desk
from countenance.store import EvidenceScope

__all__ = [
    "ByOption",
    "DeviceOption",
    "PlaceOption",
    "PurposeOption",
    "SubjectOption",
    "author_of",
    "content_from",
    "jwk_from",
    "moment_of",
    "recorder_of",
    "records_desk",
    "scope_of",
    "text_from",
]

_LARGEST_FILE: Final = 200_000

ByOption = Annotated[
    str,
    typer.Option(
        "--by", metavar="ROLE", help=f"The role that acts: {', '.join(role.value for role in Role)}."
    ),
]
PlaceOption = Annotated[str | None, typer.Option("--place", metavar="ID", help="The place that it is about.")]
PurposeOption = Annotated[
    str | None, typer.Option("--purpose", metavar="ID", help="The purpose that it is about.")
]
DeviceOption = Annotated[
    str | None, typer.Option("--device", metavar="ID", help="The device that it is about.")
]
SubjectOption = Annotated[
    str | None, typer.Option("--subject", metavar="ID", help="The person that it is about, by pseudonym.")
]


@contextmanager
def records_desk(
    *, settings_file: Path | None, stated: Sequence[str] | None, demo: bool, folder: Path
) -> Iterator[RecordsDesk]:
    """Open the records of the installation, or of the demonstration.

    Raises:
        OperatorError: if the settings aren't right or the store can't be opened.
    """
    settings = settings_of(settings_file, stated)
    if demo:
        settings = demo_settings(settings, DemoFolder(folder.expanduser().absolute()))
    with open_records_desk(settings) as desk:
        yield desk


def recorder_of(role: str) -> str:
    """Return who wrote down what a person said, as an author.

    Raises:
        typer.BadParameter: if there is no such role.
        RoleMayNot: if the role doesn't attend.
    """
    author = author_of(role, option="--recorded-by")
    shipped_roles().require(author.role, Act.CARRY_OUT_SCENE)
    return str(author)


def author_of(role: str, *, option: str = "--by") -> Author:
    """Return who acts at this command line: a role, and no key.

    Args:
        role: what was typed.
        option: with which option, for the message.

    Raises:
        typer.BadParameter: if there is no such role.
    """
    try:
        return Author(Role(role))
    except ValueError:
        words = f"name one of: {', '.join(each.value for each in Role)}"
        raise typer.BadParameter(words, param_hint=option) from None


def scope_of(
    place: str | None = None,
    purpose: str | None = None,
    device: str | None = None,
    subject: str | None = None,
) -> EvidenceScope:
    """Return what a record is about; what isn't named stays open."""
    return EvidenceScope(
        place=None if place is None else PlaceId(place),
        purpose=None if purpose is None else PurposeId(purpose),
        device=None if device is None else DeviceId(device),
        subject=None if subject is None else SubjectId(subject),
    )


def moment_of(text: str | None, *, option: str, end_of_day: bool = False) -> datetime | None:
    """Return a moment: an ISO 8601 time with its zone, or a day, which is one in UTC.

    Args:
        text: what was typed; ``None`` if nothing was.
        option: the option's name, for the message.
        end_of_day: whether a day stands for its end.

    Raises:
        typer.BadParameter: if it is neither, or a time without a zone.
    """
    if text is None:
        return None
    try:
        moment: datetime | None = datetime.fromisoformat(text)
        if len(text) == len("2026-11-22"):
            day = date.fromisoformat(text) + timedelta(days=1 if end_of_day else 0)
            return datetime.combine(day, time.min, UTC)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise typer.BadParameter("write a day, or a time with its zone", param_hint=option)
    return moment


def text_from(path: Path, *, what: str) -> str:
    """Return the text of a small file.

    Raises:
        InputNotReadable: if it can't be read, is too large, or isn't text.
    """
    try:
        if path.stat().st_size > _LARGEST_FILE:
            msg = f"The file of the {what} is larger than {_LARGEST_FILE} bytes."
            raise InputNotReadable(msg)
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        msg = f"The file of the {what} can't be read as text."
        raise InputNotReadable(msg) from None


def content_from(path: Path) -> Mapping[str, JsonValue]:
    """Return the content of a record from a TOML file, or from a JSON file (by its ending).

    Raises:
        InputNotReadable: if it can't be read, or isn't one table.
    """
    content = _table(path, what="record's content")
    return {name: _plain(value) for name, value in content.items()}


def jwk_from(path: Path) -> Mapping[str, str]:
    """Return a public key from a JSON file that holds a JWK.

    Raises:
        InputNotReadable: if it can't be read, or isn't one object of texts.
    """
    jwk = _table(path, what="public key")
    if not all(isinstance(value, str) for value in jwk.values()):
        msg = "The file of the public key isn't a JWK."
        raise InputNotReadable(msg)
    return jwk


def _table(path: Path, *, what: str) -> dict[str, Any]:
    text = text_from(path, what=what)
    try:
        found = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (tomllib.TOMLDecodeError, json.JSONDecodeError, RecursionError):
        found = None
    if not isinstance(found, dict):
        msg = f"The file of the {what} isn't a table in TOML (.toml) or an object in JSON (.json)."
        raise InputNotReadable(msg, remedy="See docs/reference/records.md for what each form holds.")
    return found


def _plain(value: object) -> JsonValue:
    """Return a value of TOML as JSON has it: days and times as texts."""
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    return value  # type: ignore[return-value]  # TOML and JSON have nothing else
