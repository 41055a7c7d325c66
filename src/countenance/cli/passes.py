"""`countenance pass`: templates that people carry themselves; issued, checked, taken back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.text import Text

from countenance.cli.options import (
    DEFAULT_DEMO_FOLDER,
    DemoFlag,
    DemoFolderOption,
    InputNotReadable,
    JsonFlag,
    JurisdictionOption,
    SetOption,
    SettingsOption,
    read_picture,
    settings_of,
)
from countenance.cli.output import ExitStatus, answer, screen
from countenance.cli.recording import ByOption, author_of
from countenance.decisions import CheckedPass, Outcome, PassCheckOrder, RenewedPass
from countenance.enrolment import (
    ConsentLine,
    EnrolmentOrder,
    IssuedPass,
    PassForm,
    is_pseudonym,
    require_printing,
)
from countenance.kernel import DeviceId, PlaceId, PurposeId, SubjectId
from countenance.runtime import DemoFolder, Settings, demo_settings
from countenance.runtime.demo_door import prepare_demo_pass_desk
from countenance.runtime.passes import PassOffice, open_pass_office, open_pass_recall
from countenance.scenes import AgeBand

__all__ = ["pass_app"]

pass_app = typer.Typer(no_args_is_help=True)

_SERIAL_BYTES: Final = 16

PurposeOption = Annotated[str | None, typer.Option("--purpose", metavar="ID", help="For what.")]
PlaceOption = Annotated[str | None, typer.Option("--place", metavar="ID", help="The registered place.")]
DeviceOption = Annotated[
    str | None, typer.Option("--device", metavar="ID", help="The device that took the pictures.")
]


@pass_app.callback()
def _passes() -> None:
    """Templates that people carry themselves: issue, check, revoke."""


@dataclass(frozen=True, slots=True)
class _Where:
    """For what, where and with what it happens."""

    purpose: PurposeId
    place: PlaceId
    device: DeviceId


@pass_app.command("issue")
def issue(
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="The person's pseudonym (sub_...).")],
    pictures: Annotated[
        list[Path], typer.Argument(metavar="PICTURE...", help="Pictures of that person alone.")
    ],
    *,
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="FILE", help="The new pass: .pdf (a card), .png or .svg (its code), or .pass."
        ),
    ],
    days: Annotated[
        int, typer.Option("--days", metavar="N", help="How long it holds.", min=1, max=3650)
    ] = 90,
    consent: Annotated[
        bool | None,
        typer.Option("--consent/--no-consent", help="What the person said; else it has to be on file."),
    ] = None,
    age_band: Annotated[AgeBand | None, typer.Option("--age-band", help="How old the person is.")] = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="TAG", help="Language of the notice that was given.")
    ] = None,
    consent_days: Annotated[
        int,
        typer.Option("--consent-days", metavar="DAYS", help="How long it counts.", min=1, max=3650),
    ] = 365,
    recorded_by: Annotated[
        str, typer.Option("--recorded-by", metavar="ROLE", help="The role that wrote down what was said.")
    ] = "clerk",
    purpose: PurposeOption = None,
    place: PlaceOption = None,
    device: DeviceOption = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    jurisdiction: JurisdictionOption = "EU",
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Issue a pass under a person's consent: the person takes it along, nothing of it is kept here."""
    if not is_pseudonym(subject):
        raise typer.BadParameter("call the person by a pseudonym: sub_ and small letters and digits")
    form = _form_of(out)
    said = _said(SubjectId(subject), consent, age_band, language)
    stated_by = author_of(recorded_by, option="--recorded-by")
    settings = settings_of(settings_file, stated)
    with _opened(
        settings, (purpose, place, device), demo=demo, folder=folder, jurisdiction=jurisdiction, quiet=as_json
    ) as (office, at):
        most = settings.capture_largest_bytes
        if said is not None:
            office.agree(
                said,
                place=at.place,
                purpose=at.purpose,
                author=stated_by,
                valid_for=timedelta(days=consent_days),
            )
        order = EnrolmentOrder(
            subject=SubjectId(subject),
            purpose=at.purpose,
            place=at.place,
            device=at.device,
            pictures=tuple(read_picture(one, role="person", largest_bytes=most) for one in pictures),
            error_target=office.error_target,
        )
        done = office.issue(order, valid_for=timedelta(days=days))
        drawn = office.draw(done, form)
    _write_new(out, drawn)
    answer(_issued(done), lambda console: _say_issued(console, done), as_json=as_json, status=ExitStatus.YES)


@pass_app.command("check")
def check(
    shown: Annotated[
        Path, typer.Argument(metavar="PASS", help="The pass: a picture of its code, or its .pass file.")
    ],
    picture: Annotated[Path, typer.Argument(metavar="PICTURE", help="The person who shows it.")],
    *,
    error_target: Annotated[
        float | None, typer.Option("--error-target", metavar="FMR", help="The false match rate asked for.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="Exchange a pass whose key is being replaced: the new one's file."
        ),
    ] = None,
    purpose: PurposeOption = None,
    place: PlaceOption = None,
    device: DeviceOption = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    jurisdiction: JurisdictionOption = "EU",
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Compare whoever shows a pass with what is in it, under the holder's consent and a permit."""
    form = None if out is None else _form_of(out)
    settings = settings_of(settings_file, stated)
    with _opened(
        settings, (purpose, place, device), demo=demo, folder=folder, jurisdiction=jurisdiction, quiet=as_json
    ) as (office, at):
        most = settings.capture_largest_bytes
        done = office.check(
            PassCheckOrder(
                text=office.read(read_picture(shown, role="pass", largest_bytes=most)),
                probe=read_picture(picture, role="person", largest_bytes=most),
                purpose=at.purpose,
                place=at.place,
                device=at.device,
                error_target=error_target or office.error_target,
                renew=out is not None,
            )
        )
        drawn = b"" if done.renewed is None or form is None else office.draw(done.renewed, form)
    if out is not None and drawn:
        _write_new(out, drawn)
    matches = done.verified.decision.outcome is Outcome.MATCH
    answer(
        _checked(done),
        lambda console: _say_checked(console, done),
        as_json=as_json,
        status=ExitStatus.YES if matches else ExitStatus.NO,
    )


@pass_app.command("revoke")
def revoke(
    serial: Annotated[
        str, typer.Argument(metavar="SERIAL", help="The serial that was handed out with it: 32 digits.")
    ],
    *,
    by: ByOption,
    purpose: PurposeOption = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    jurisdiction: JurisdictionOption = "EU",
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Take a pass back for good, by its serial."""
    try:
        digits = bytes.fromhex(serial)
    except ValueError:
        digits = b""
    if len(digits) != _SERIAL_BYTES:
        raise typer.BadParameter("a serial is 32 hexadecimal digits")
    settings = settings_of(settings_file, stated)
    author = author_of(by)
    if demo:
        desk = prepare_demo_pass_desk(settings, folder=folder, jurisdiction=jurisdiction)
        settings = demo_settings(settings, DemoFolder(folder.expanduser().absolute()))
        purpose = purpose or desk.purpose
    if purpose is None:
        raise typer.BadParameter("name the registered --purpose")
    with open_pass_recall(settings) as recall:
        recall.revoke(digits, purpose=PurposeId(purpose), author=author)
    answer(
        {"outcome": "revoked"},
        lambda console: console.print(Text("The pass was taken back.")),
        as_json=as_json,
        status=ExitStatus.YES,
    )


@contextmanager
def _opened(
    settings: Settings,
    named: tuple[str | None, str | None, str | None],
    *,
    demo: bool,
    folder: Path,
    jurisdiction: str,
    quiet: bool,
) -> Iterator[tuple[PassOffice, _Where]]:
    own: tuple[str | None, str | None, str | None] = (None, None, None)
    if demo:
        from countenance.cli.bringing import bring_what_the_demo_needs  # noqa: PLC0415 - pulls much with it

        bring_what_the_demo_needs(settings, console=screen(error=True), quiet=quiet)
        desk = prepare_demo_pass_desk(settings, folder=folder, jurisdiction=jurisdiction)
        settings = demo_settings(settings, DemoFolder(folder.expanduser().absolute()))
        own = (desk.purpose, desk.place, desk.device)
    purpose, place, device = (other if one is None else one for one, other in zip(named, own, strict=True))
    if purpose is None or place is None or device is None:
        raise typer.BadParameter("name the registered --purpose, and where it happens: --place and --device")
    with open_pass_office(settings) as office:
        yield office, _Where(PurposeId(purpose), PlaceId(place), DeviceId(device))


def _form_of(out: Path) -> PassForm:
    """Return the form that a file's ending names; the file must be a new one."""
    ending = out.suffix.lower().removeprefix(".")
    if ending not in {form.value for form in PassForm}:
        msg = f"a pass is written as {', '.join(f'.{form.value}' for form in PassForm)}"
        raise typer.BadParameter(msg)
    if out.exists():
        raise typer.BadParameter("--out names a file that is there already")
    if ending == PassForm.PDF:
        require_printing()
    return PassForm(ending)


def _said(
    subject: SubjectId, consent: bool | None, age_band: AgeBand | None, language: str | None
) -> ConsentLine | None:
    """Return what the person agreed to; ``None`` if it has to be on file."""
    if consent is None:
        return None
    if not consent:
        raise typer.BadParameter("who doesn't agree is given no pass")
    if age_band is None or language is None:
        raise typer.BadParameter("a consent is stated with --age-band and --language")
    return ConsentLine(subject, age_band.value, language)


def _write_new(path: Path, content: bytes) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        msg = f"The pass can't be written ({error.strerror}); it is lost, for no copy is kept."
        raise InputNotReadable(
            msg, remedy="Name a new file in a folder that this user may write to."
        ) from None


def _issued(done: IssuedPass) -> dict[str, object]:
    return {
        "outcome": "issued",
        "serial": done.serial,
        "purpose": done.purpose,
        "valid_from": done.valid_from.isoformat(),
        "valid_until": done.valid_until.isoformat(),
        "pictures": done.samples,
        "quality": done.quality,
        "left_out": [
            {"number": one.number, "codes": list(one.codes), "words": list(one.words)}
            for one in done.left_out
        ],
        "permit": done.permit_id,
        "log_index": done.log.index,
    }


def _say_issued(console: Console, done: IssuedPass) -> None:
    console.print(
        Text(f"Issued, from {done.samples} pictures, until {done.valid_until:%Y-%m-%d %H:%M} UTC.", "green")
    )
    console.print(Text(f"Serial {done.serial}: give it to the person; it takes the pass back if it is lost."))
    console.print(Text("The pass is in the file alone. Nothing of it is kept here."))
    for one in done.left_out:
        console.print(Text(f"Picture {one.number} isn't in it: {' '.join(one.words)}", "yellow"))


def _checked(done: CheckedPass) -> dict[str, object]:
    return {
        **done.verified.decision.to_json(),
        "receipt": done.verified.receipt,
        "log_index": done.verified.log.index,
        "reissue": done.reissue,
        "renewed": None if done.renewed is None else _renewed(done.renewed),
    }


def _renewed(new: RenewedPass) -> dict[str, object]:
    return {
        "serial": new.serial,
        "valid_from": new.valid_from.isoformat(),
        "valid_until": new.valid_until.isoformat(),
    }


def _say_checked(console: Console, done: CheckedPass) -> None:
    for sentence in done.verified.decision.words:
        console.print(Text(sentence))
    if done.renewed is not None:
        console.print(Text(f"Exchanged for a new pass, serial {done.renewed.serial}. The old one is void."))
    elif done.reissue:
        console.print(Text("The key of this pass is being replaced: give the person a new one.", "yellow"))
