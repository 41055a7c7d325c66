"""`countenance enrol` and `countenance gallery`: who is enrolled, from which pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from countenance.authority import Author, DemoDoor
from countenance.cli.options import (
    DEFAULT_DEMO_FOLDER,
    DemoFlag,
    DemoFolderOption,
    JsonFlag,
    JurisdictionOption,
    SetOption,
    SettingsOption,
    read_picture,
    settings_of,
)
from countenance.cli.output import ExitStatus, answer, screen
from countenance.cli.people import write_new
from countenance.cli.recording import ByOption, author_of
from countenance.enrolment import (
    BulkReport,
    ConsentLine,
    Enrolled,
    EnrolmentOrder,
    PersonToEnrol,
    is_pseudonym,
    people_in_folder,
    people_in_list,
    read_consents,
    report_document,
    report_page,
)
from countenance.kernel import DeviceId, PlaceId, PurposeId, SubjectId
from countenance.runtime import DemoFolder, Settings, demo_settings
from countenance.runtime.demo_door import prepare_demo_door
from countenance.runtime.enrolment import EnrolmentRoom, PurposeGallery, open_enrolment
from countenance.scenes import AgeBand
from countenance.store import ReferenceRecord

__all__ = ["enrol", "gallery_app"]

gallery_app = typer.Typer(no_args_is_help=True)


@gallery_app.callback()
def _galleries() -> None:
    """Who is enrolled: status, list, remove."""


@dataclass(frozen=True, slots=True)
class _Desk:
    """What enrols, for what, and where and with what it happens."""

    room: EnrolmentRoom
    settings: Settings
    purpose: PurposeId
    place: PlaceId
    device: DeviceId

    def read(self, path: Path) -> bytes:
        """Return the bytes of a picture."""
        return read_picture(path, role="person", largest_bytes=self.settings.capture_largest_bytes)


@dataclass(frozen=True, slots=True)
class _Used:
    """How many pictures of each are used, and who has looked at those who are close to somebody."""

    most_pictures: int
    looked_at_by: Author | None


def enrol(
    subject: Annotated[
        str | None, typer.Argument(metavar="[SUBJECT", help="The person's pseudonym (sub_...).")
    ] = None,
    pictures: Annotated[
        list[Path] | None, typer.Argument(metavar="PICTURE...]", help="Pictures of that person alone.")
    ] = None,
    *,
    people: Annotated[
        Path | None,
        typer.Option("--people", metavar="FOLDER", help="Many people: a folder for each pseudonym."),
    ] = None,
    people_list: Annotated[
        Path | None,
        typer.Option("--list", metavar="CSV", help="Many people: the columns subject, file."),
    ] = None,
    consents: Annotated[
        Path | None,
        typer.Option(
            "--consents",
            metavar="CSV",
            help="File consents that were taken down elsewhere first: subject, age_band, language.",
        ),
    ] = None,
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
    looked_at_by: Annotated[
        str | None,
        typer.Option(
            "--looked-at-by",
            metavar="ROLE",
            help="The role that looked at whoever is close, and says that they are two people.",
        ),
    ] = None,
    most_pictures: Annotated[
        int,
        typer.Option("--most-pictures", metavar="N", help="Pictures used of each of many.", min=1, max=50),
    ] = 5,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="A new page about who was left out, and why."),
    ] = None,
    purpose: Annotated[str | None, typer.Option("--purpose", metavar="ID", help="For what.")] = None,
    place: Annotated[str | None, typer.Option("--place", metavar="ID", help="The registered place.")] = None,
    device: Annotated[
        str | None, typer.Option("--device", metavar="ID", help="The device that took the pictures.")
    ] = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    jurisdiction: JurisdictionOption = "EU",
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Enrol a person, or many, for one purpose: under consent and permit, searched for twice, sealed."""
    many = _many(subject, pictures, people, people_list)
    if many is not None and consent is not None:
        raise typer.BadParameter("the consents of many come as a list: --consents")
    looked = None if looked_at_by is None else author_of(looked_at_by, option="--looked-at-by")
    with _opened(
        settings_file, stated, demo=demo, folder=folder, jurisdiction=jurisdiction, quiet=as_json
    ) as (room, settings, door):
        at = _desk(room, settings, (purpose, place, device), door)
        said = _said(subject, consent, age_band, language)
        if consents is not None or said is not None:
            lines = read_consents(consents) if consents is not None else iter((said,) if said else ())
            _file(at, lines, recorded_by=recorded_by, days=consent_days, quiet=as_json or said is not None)
        if many is None:
            _enrol_one(at, SubjectId(subject or ""), pictures or [], looked, as_json=as_json)
        total = None if people is None else sum(1 for one in people.iterdir() if one.is_dir())
        used = _Used(most_pictures, looked)
        done = _enrol_many(at, many or iter(()), used, total=total, quiet=as_json)
    _answer_many(done, report, as_json=as_json)


def _many(
    subject: str | None, pictures: list[Path] | None, people: Path | None, people_list: Path | None
) -> Iterator[PersonToEnrol] | None:
    """Return the people of a folder or list; ``None`` for the one of the arguments."""
    ways = [subject is not None, people is not None, people_list is not None]
    if sum(ways) != 1 or (subject is not None and not pictures):
        raise typer.BadParameter("give a SUBJECT with pictures, or --people, or --list")
    if subject is not None and not is_pseudonym(subject):
        raise typer.BadParameter("call the person by a pseudonym: sub_ and small letters and digits")
    if people is not None:
        return people_in_folder(people)
    return None if people_list is None else people_in_list(people_list)


@contextmanager
def _opened(
    file: Path | None,
    stated: list[str] | None,
    *,
    demo: bool,
    folder: Path,
    jurisdiction: str,
    quiet: bool,
) -> Iterator[tuple[EnrolmentRoom, Settings, DemoDoor | None]]:
    settings, door = settings_of(file, stated), None
    if demo:
        from countenance.cli.bringing import bring_what_the_demo_needs  # noqa: PLC0415 - pulls much with it

        bring_what_the_demo_needs(settings, console=screen(error=True), quiet=quiet)
        door = prepare_demo_door(settings, folder=folder, jurisdiction=jurisdiction)
        settings = demo_settings(settings, DemoFolder(folder.expanduser().absolute()))
    with open_enrolment(settings) as room:
        yield room, settings, door


def _desk(
    room: EnrolmentRoom,
    settings: Settings,
    named: tuple[str | None, str | None, str | None],
    door: DemoDoor | None,
) -> _Desk:
    own = (None, None, None) if door is None else (door.purpose, door.place, door.device)
    purpose, place, device = (one or other for one, other in zip(named, own, strict=True))
    if purpose is None or place is None or device is None:
        raise typer.BadParameter("name the registered --purpose, --place and --device")
    return _Desk(room, settings, PurposeId(purpose), PlaceId(place), DeviceId(device))


def _said(
    subject: str | None, consent: bool | None, age_band: AgeBand | None, language: str | None
) -> ConsentLine | None:
    """Return what one person agreed to; ``None`` where it is on file, or the person didn't agree."""
    if not consent:
        return None
    if subject is None or age_band is None or language is None:
        raise typer.BadParameter("state what the person said: --age-band and --language")
    return ConsentLine(SubjectId(subject), age_band.value, language)


def _file(at: _Desk, lines: Iterator[ConsentLine], *, recorded_by: str, days: int, quiet: bool) -> None:
    columns = (TextColumn("{task.description}"), TextColumn("{task.completed}"))
    with Progress(*columns, console=screen(error=True), disable=quiet) as progress:
        task = progress.add_task("consents", total=None)
        at.room.import_consents(
            lines,
            place=at.place,
            purpose=at.purpose,
            author=author_of(recorded_by, option="--recorded-by"),
            valid_for=timedelta(days=days),
            moved=lambda done: progress.update(task, completed=done),
        )


def _enrol_one(
    at: _Desk, subject: SubjectId, pictures: list[Path], looked: Author | None, *, as_json: bool
) -> None:
    done = at.room.enrol(
        EnrolmentOrder(
            subject=subject,
            purpose=at.purpose,
            place=at.place,
            device=at.device,
            pictures=tuple(at.read(path) for path in pictures),
            error_target=at.room.error_target,
            looked_at_by=None if looked is None else at.room.looked(looked),
        )
    )
    answer(
        _enrolled(done), lambda console: _say_enrolled(console, done), as_json=as_json, status=ExitStatus.YES
    )


def _enrolled(done: Enrolled) -> dict[str, object]:
    return {
        "outcome": "enrolled",
        "reference": done.reference_id,
        "subject": done.subject,
        "pictures": done.samples,
        "quality": done.quality,
        "left_out": [
            {"number": one.number, "codes": list(one.codes), "words": list(one.words)}
            for one in done.left_out
        ],
        "valid_until": None if done.valid_until is None else done.valid_until.isoformat(),
        "compared": done.compared,
        "look_alikes": done.look_alikes,
        "permit": done.permit_id,
        "log_index": done.log.index,
    }


def _say_enrolled(console: Console, done: Enrolled) -> None:
    until = (
        "until it is erased" if done.valid_until is None else f"until {done.valid_until:%Y-%m-%d %H:%M} UTC"
    )
    console.print(Text(f"Enrolled: {done.reference_id}, from {done.samples} pictures, {until}.", "green"))
    near = (
        f"{done.look_alikes} look alike, and a search that finds one of them is never a match."
        if done.look_alikes
        else "nobody is close."
    )
    console.print(Text(f"Compared with {done.compared} others of the purpose; {near}"))
    for one in done.left_out:
        console.print(Text(f"Picture {one.number} isn't in it: {' '.join(one.words)}", "yellow"))


def _enrol_many(
    at: _Desk, people: Iterator[PersonToEnrol], used: _Used, *, total: int | None, quiet: bool
) -> BulkReport:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[words]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=screen(error=True), disable=quiet) as progress:
        task = progress.add_task("people", total=total, words="")
        return at.room.enrol_many(
            people,
            read=at.read,
            purpose=at.purpose,
            place=at.place,
            device=at.device,
            most_samples=used.most_pictures,
            looked_at_by=used.looked_at_by,
            moved=lambda tally: progress.update(
                task,
                completed=tally.seen,
                words=f"{tally.enrolled} enrolled, {tally.already} before, {tally.left_out} left out",
            ),
        )


def _answer_many(done: BulkReport, report: Path | None, *, as_json: bool) -> None:
    document = {"outcome": "some left out" if done.left_out else "enrolled", **report_document(done)}
    if report is not None:
        write_new(report, report_page(done))
        write_new(report.with_suffix(".json"), json.dumps(document, indent=2) + "\n")
    answer(
        document,
        lambda console: _say_many(console, done, report),
        as_json=as_json,
        status=ExitStatus.NO if done.left_out else ExitStatus.YES,
    )


def _say_many(console: Console, done: BulkReport, report: Path | None) -> None:
    tally = done.tally
    console.print(
        Text(
            f"{tally.enrolled} people enrolled from {tally.pictures} pictures, {tally.already} were before, "
            f"{tally.left_out} left out.",
            "green" if not done.left_out else "yellow",
        )
    )
    table = Table("Line", "Pseudonym", "Code", "Why, and what to do")
    for one in done.left_out[:20]:
        table.add_row(str(one.number), one.subject or "none", one.code, f"{one.words} {one.remedy}")
    if done.left_out:
        console.print(table)
    if len(done.left_out) > 20 and report is None:  # noqa: PLR2004 - as many as are shown
        console.print(Text("The first 20 are shown; --report FILE writes all of them down."))
    if report is not None:
        console.print(Text(f"Report: {report}"), soft_wrap=True)


@gallery_app.command("status")
def status(
    *,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Say how many references each purpose has, of which network, and what searches them."""
    with open_enrolment(_settings(settings_file, stated, demo=demo, folder=folder)) as room:
        found, scan = room.galleries(), room.scan
    document: dict[str, object] = {
        "outcome": "listed",
        "scan": scan,
        "galleries": [
            {
                "purpose": one.purpose,
                "title": one.title,
                "model": one.model_id,
                "references": one.references,
                "key_version": one.key_version,
            }
            for one in found
        ],
    }
    answer(
        document,
        lambda console: _say_galleries(console, found, scan),
        as_json=as_json,
        status=ExitStatus.YES,
    )


def _say_galleries(console: Console, found: tuple[PurposeGallery, ...], scan: str) -> None:
    table = Table("Purpose", "References", "Network", "Key")
    for one in found:
        table.add_row(f"{one.purpose}  {one.title}", str(one.references), one.model_id, str(one.key_version))
    console.print(table if found else Text("Nobody is enrolled."))
    console.print(Text(f"Searched by: {scan}"))


@gallery_app.command("list")
def list_references(
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="The person's pseudonym.")],
    *,
    by: ByOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """List a person's references, without what is in them."""
    with open_enrolment(_settings(settings_file, stated, demo=demo, folder=folder)) as room:
        found = room.references(SubjectId(subject), author=author_of(by))
    answer(
        {"outcome": "listed", "references": [_reference(one) for one in found]},
        lambda console: _say_references(console, found),
        as_json=as_json,
        status=ExitStatus.YES,
    )


def _reference(one: ReferenceRecord) -> dict[str, object]:
    return {
        "reference": one.reference_id,
        "purpose": one.purpose,
        "model": one.model_id,
        "pictures": one.samples,
        "key_version": one.key_version,
        "place": one.place,
        "added_at": one.added_at.isoformat(),
        "valid_until": None if one.valid_until is None else one.valid_until.isoformat(),
        "permit": one.permit_id,
        "consent": one.consent_id,
    }


def _say_references(console: Console, found: tuple[ReferenceRecord, ...]) -> None:
    table = Table("Reference", "Purpose", "Network", "Pictures", "Until")
    for one in found:
        until = "erased" if one.valid_until is None else f"{one.valid_until:%Y-%m-%d %H:%M}"
        table.add_row(one.reference_id, one.purpose, one.model_id, str(one.samples), until)
    console.print(table if found else Text("There is no reference of this person."))


@gallery_app.command("remove")
def remove(
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="The person's pseudonym.")],
    *,
    purpose: Annotated[str, typer.Option("--purpose", metavar="ID", help="For this purpose.")],
    by: ByOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Take a person out of a gallery. Consent and decisions stay: `erase` takes all of it."""
    with open_enrolment(_settings(settings_file, stated, demo=demo, folder=folder)) as room:
        gone = room.remove(SubjectId(subject), PurposeId(purpose), author=author_of(by))
    words = f"{gone} references removed." if gone else "There was no reference of this person."
    answer(
        {"outcome": "removed" if gone else "nothing", "references": gone},
        lambda console: console.print(Text(words)),
        as_json=as_json,
        status=ExitStatus.YES if gone else ExitStatus.NO,
    )


def _settings(file: Path | None, stated: list[str] | None, *, demo: bool, folder: Path) -> Settings:
    settings = settings_of(file, stated)
    return demo_settings(settings, DemoFolder(folder.expanduser().absolute())) if demo else settings
