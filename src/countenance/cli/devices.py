"""`countenance devices` and `countenance issuers`: who takes pictures here, and who outside vouches."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from countenance.cli.options import (
    DEFAULT_DEMO_FOLDER,
    DemoFlag,
    DemoFolderOption,
    JsonFlag,
    SetOption,
    SettingsOption,
)
from countenance.cli.output import ExitStatus, answer
from countenance.cli.recording import ByOption, author_of, jwk_from, records_desk
from countenance.kernel import DeviceId, PlaceId
from countenance.runtime import EnrolledDevice
from countenance.store import DeviceStatus, OutsideIssuer, OutsideKind

__all__ = ["devices_app", "issuers_app"]

devices_app = typer.Typer(no_args_is_help=True)
issuers_app = typer.Typer(no_args_is_help=True)

_DeviceArgument = Annotated[str, typer.Argument(metavar="DEVICE", help="The device's identifier.")]
_PublicKey = Annotated[
    Path | None,
    typer.Option(
        "--public-key", metavar="FILE", help="Its Ed25519 public key as a JWK; left out, a pair is made."
    ),
]


@devices_app.command("list")
def list_devices(
    *,
    by: ByOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """List the registered devices with place, functions, key and status."""
    with records_desk(settings_file=settings_file, stated=stated, demo=demo, folder=folder) as desk:
        found = desk.devices(author=author_of(by))
    answer(
        {"outcome": "listed", "devices": [_device(device) for device in found]},
        lambda console: _render_devices(console, found),
        as_json=as_json,
        status=ExitStatus.YES,
    )


@devices_app.command("add")
def add_device(
    device: _DeviceArgument,
    *,
    by: ByOption,
    title: Annotated[str, typer.Option("--title", metavar="WORDS", help="What it is, in a few words.")],
    place: Annotated[str, typer.Option("--place", metavar="ID", help="Where it stands.")],
    functions: Annotated[
        list[str],
        typer.Option("--function", metavar="OPERATION", help="For what it is declared. Repeatable."),
    ],
    public_key: _PublicKey = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Register a device with its key. A private key that is made here is shown once and kept nowhere."""
    jwk = None if public_key is None else jwk_from(public_key)
    with records_desk(settings_file=settings_file, stated=stated, demo=demo, folder=folder) as desk:
        added = desk.add_device(
            author=author_of(by),
            device_id=DeviceId(device),
            title=title,
            place=PlaceId(place),
            functions=tuple(functions),
            jwk=jwk,
        )
    document = {"outcome": "registered", "device": _device(added)}
    if added.private_key is not None:
        document["private_key"] = added.private_key

    def render(console: Console) -> None:
        _render_devices(console, (added,))
        if added.private_key is not None:
            console.print(Text("Its private key, shown once; put it into the device and nowhere else:"))
            console.print(Text(added.private_key), soft_wrap=True)

    answer(document, render, as_json=as_json, status=ExitStatus.YES)


@devices_app.command("suspend")
def suspend(
    device: _DeviceArgument,
    *,
    by: ByOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Suspend a device: from now on it takes no pictures, whatever was permitted before."""
    with records_desk(settings_file=settings_file, stated=stated, demo=demo, folder=folder) as desk:
        changed = desk.set_device_status(DeviceId(device), DeviceStatus.SUSPENDED, author=author_of(by))
    _answer_changed(changed, as_json=as_json)


@devices_app.command("activate")
def activate(
    device: _DeviceArgument,
    *,
    by: ByOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Put a suspended device back into use."""
    with records_desk(settings_file=settings_file, stated=stated, demo=demo, folder=folder) as desk:
        changed = desk.set_device_status(DeviceId(device), DeviceStatus.ACTIVE, author=author_of(by))
    _answer_changed(changed, as_json=as_json)


@devices_app.command("retire")
def retire(
    device: _DeviceArgument,
    *,
    by: ByOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Retire a device for good."""
    with records_desk(settings_file=settings_file, stated=stated, demo=demo, folder=folder) as desk:
        changed = desk.set_device_status(DeviceId(device), DeviceStatus.RETIRED, author=author_of(by))
    _answer_changed(changed, as_json=as_json)


@issuers_app.command("list")
def list_issuers(
    *,
    by: ByOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """List the bodies outside that may vouch for records, revoked ones too."""
    with records_desk(settings_file=settings_file, stated=stated, demo=demo, folder=folder) as desk:
        found = desk.issuers(author=author_of(by))
    answer(
        {"outcome": "listed", "issuers": [_issuer(issuer) for issuer in found]},
        lambda console: _render_issuers(console, found),
        as_json=as_json,
        status=ExitStatus.YES,
    )


@issuers_app.command("add")
def add_issuer(
    *,
    by: ByOption,
    name: Annotated[
        str, typer.Option("--name", metavar="WORDS", help="The body's name; for a guardian, a pseudonym.")
    ],
    kind: Annotated[OutsideKind, typer.Option("--kind", help="What sort of body it is.")],
    public_key: Annotated[
        Path, typer.Option("--public-key", metavar="FILE", help="Its public key as a JWK: Ed25519 or P-256.")
    ],
    keys: Annotated[
        list[str],
        typer.Option("--key", metavar="KEY", help="An evidence key for which it may vouch. Repeatable."),
    ],
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Register a body outside with its public key, so that what it signs can be filed."""
    with records_desk(settings_file=settings_file, stated=stated, demo=demo, folder=folder) as desk:
        added = desk.add_issuer(
            author=author_of(by), name=name, kind=kind, jwk=jwk_from(public_key), keys=tuple(keys)
        )
    answer(
        {"outcome": "registered", "issuer": _issuer(added)},
        lambda console: _render_issuers(console, (added,)),
        as_json=as_json,
        status=ExitStatus.YES,
    )


@issuers_app.command("revoke")
def revoke_issuer(
    key_id: Annotated[
        str, typer.Argument(metavar="KEY-ID", help="The body's key, as `issuers list` names it.")
    ],
    *,
    by: ByOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Revoke a body's key for good: what it vouched for stops counting now."""
    with records_desk(settings_file=settings_file, stated=stated, demo=demo, folder=folder) as desk:
        gone = desk.revoke_issuer(key_id, author=author_of(by))
    answer(
        {"outcome": "revoked", "issuer": _issuer(gone)},
        lambda console: _render_issuers(console, (gone,)),
        as_json=as_json,
        status=ExitStatus.YES,
    )


def _answer_changed(changed: EnrolledDevice, *, as_json: bool) -> None:
    answer(
        {"outcome": changed.status.value, "device": _device(changed)},
        lambda console: _render_devices(console, (changed,)),
        as_json=as_json,
        status=ExitStatus.YES,
    )


def _device(enrolled: EnrolledDevice) -> dict[str, object]:
    device = enrolled.device
    return {
        "device": device.device_id,
        "title": device.title,
        "place": device.place,
        "functions": list(device.functions),
        "status": enrolled.status.value,
        "key_id": enrolled.key_id,
    }


def _render_devices(console: Console, found: tuple[EnrolledDevice, ...]) -> None:
    if not found:
        console.print("No device is registered.")
    for enrolled in found:
        device = enrolled.device
        active = enrolled.status is DeviceStatus.ACTIVE
        mark = Text(f"{enrolled.status.value:<10}", style="green" if active else "bold red")
        console.print(mark.append(f"{device.device_id}  {device.title}", style="default"))
        key = enrolled.key_id or "none"
        console.print(Text(f"          at {device.place}, for {', '.join(device.functions)}; key {key}"))


def _issuer(issuer: OutsideIssuer) -> dict[str, object]:
    return {
        "key_id": issuer.key_id,
        "name": issuer.name,
        "kind": issuer.kind.value,
        "keys": list(issuer.keys),
        "registered_by": issuer.registered_by,
        "registered_at": issuer.registered_at.isoformat(),
        "revoked_at": None if issuer.revoked_at is None else issuer.revoked_at.isoformat(),
    }


def _render_issuers(console: Console, found: tuple[OutsideIssuer, ...]) -> None:
    if not found:
        console.print("No body outside is registered.")
    for issuer in found:
        good = issuer.revoked_at is None
        mark = Text("good      " if good else "revoked   ", style="green" if good else "bold red")
        console.print(mark.append(f"{issuer.name} ({issuer.kind.value})", style="default"))
        console.print(Text(f"          {issuer.key_id}  for {', '.join(issuer.keys)}"))
