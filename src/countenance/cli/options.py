"""Options that several commands share, and the settings that they lead to."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from countenance.authority import DEMO_JURISDICTIONS
from countenance.kernel import CallerError
from countenance.runtime import Settings, configure_logging, load_settings

__all__ = [
    "DEFAULT_DEMO_FOLDER",
    "DemoFlag",
    "DemoFolderOption",
    "InputNotReadable",
    "JsonFlag",
    "JurisdictionOption",
    "SetOption",
    "SettingsOption",
    "read_picture",
    "settings_of",
]

DEFAULT_DEMO_FOLDER = Path("var/demo")

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
SettingsOption = Annotated[
    Path | None,
    typer.Option("--settings", metavar="FILE", help="TOML file of settings. The environment stands over it."),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="One setting, over file and environment. Repeatable."),
]
DemoFlag = Annotated[
    bool,
    typer.Option(
        "--demo", help="Use the demonstration: its folder, its hotel, and a guest who doesn't exist."
    ),
]
DemoFolderOption = Annotated[
    Path, typer.Option("--folder", metavar="FOLDER", help="Where the demonstration lies.")
]
JurisdictionOption = Annotated[
    str,
    typer.Option(
        "--jurisdiction",
        metavar="CODE",
        help=f"Where the demonstration's hotel stands: {', '.join(DEMO_JURISDICTIONS)}.",
    ),
]


class InputNotReadable(CallerError):
    """A file that was named can't be read, is no plain file, or is larger than a picture may be."""

    code = "input-not-readable"
    default_remedy = (
        "Give the path of a picture that this user may read, a plain file within the limits of the settings."
    )


def settings_of(
    file: Path | None, stated: Sequence[str] | None, overrides: Mapping[str, Any] | None = None
) -> Settings:
    """Read the settings and set up the logs.

    Args:
        file: the TOML file, if one was named.
        stated: ``NAME=VALUE`` each; a value that begins with ``[`` is read as a JSON list.
        overrides: what options of their own say; they stand over ``stated``.

    Raises:
        SettingsInvalid: if a setting is unknown, of the wrong form or outside its limits.
        typer.BadParameter: if a ``--set`` isn't NAME=VALUE.
    """
    told: dict[str, Any] = {}
    for pair in stated or ():
        name, equals, value = pair.partition("=")
        if not equals or not name.isidentifier():
            raise typer.BadParameter("write it as NAME=VALUE", param_hint="--set")
        told[name] = _list_of(value) if value.startswith("[") else value
    told.update({name: value for name, value in (overrides or {}).items() if value is not None})
    settings = load_settings(file=file, overrides=told)
    configure_logging(settings)
    return settings


def _list_of(value: str) -> object:
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        raise typer.BadParameter("a list is written in JSON", param_hint="--set") from error


def read_picture(path: Path, *, role: str, largest_bytes: int) -> bytes:
    """Return the bytes of a picture file.

    Neither a device nor a pipe is read: one never ends, the other waits for a writer who may never come.

    Args:
        path: where it lies; never repeated in a message.
        role: which of the command's pictures it is, in words.
        largest_bytes: how many bytes it may have; no more than one over it are read.

    Raises:
        InputNotReadable: if it can't be read, isn't a plain file or is larger.
    """
    try:
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(number, "rb") as file:
            if not stat.S_ISREG(os.fstat(number).st_mode):
                msg = f"The file of the {role} isn't a plain file."
                raise InputNotReadable(msg)
            # Its size isn't asked first: a file may grow.
            content = file.read(largest_bytes + 1)
    except OSError as error:
        msg = f"The file of the {role} can't be read ({error.strerror})."
        raise InputNotReadable(msg) from None
    if len(content) > largest_bytes:
        msg = f"The file of the {role} is larger than {largest_bytes} bytes."
        raise InputNotReadable(msg)
    return content
