"""`countenance read-document`: what a document says of age and expiry, under a permit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from countenance.authority import DEMO_JURISDICTIONS
from countenance.cli.attended import DEMO_GUEST
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
from countenance.cli.output import ExitStatus, answer
from countenance.cli.recording import recorder_of
from countenance.kernel import DeviceId, PlaceId
from countenance.runtime.documents import DocumentInstallation, prepare_demo_documents, prepare_documents
from countenance.scenes import AgeBand, GuestStatement
from countenance.scenes.document_reading import DocumentOrder, DocumentResult

__all__ = ["document_result", "read_document", "render_document"]

_BANDS = {"adult": "18 or older", "14-17": "14 to 17", "under14": "younger than 14", "unknown": "not known"}
_EXPIRED = {True: "has passed", False: "has not passed", None: "not known"}
_AGREES = {True: "as stated", False: "NOT as stated", None: "can't be compared"}


def read_document(
    *,
    document: Annotated[Path, typer.Argument(help="Picture of the document's page.")],
    portrait: Annotated[
        bool,
        typer.Option(
            "--portrait/--no-portrait",
            help="Whether the page must show one. A card often has its lines on the back.",
        ),
    ] = True,
    place: Annotated[
        str | None,
        typer.Option("--place", metavar="ID", help="The registered place. The demo's desk with --demo."),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option("--device", metavar="ID", help="The registered device that took the picture."),
    ] = None,
    consent: Annotated[
        bool | None,
        typer.Option("--consent/--no-consent", help="What the holder said. No default."),
    ] = None,
    age_band: Annotated[AgeBand | None, typer.Option("--age-band", help="How old the holder is.")] = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="TAG", help="Language of the notice that was given.")
    ] = None,
    recorded_by: Annotated[
        str, typer.Option("--recorded-by", metavar="ROLE", help="The role that wrote down the consent.")
    ] = "clerk",
    signed: Annotated[
        bool | None,
        typer.Option("--signed/--not-signed", help="Whether the holder signed a written release too."),
    ] = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    jurisdiction: JurisdictionOption = DEMO_JURISDICTIONS[0],
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Read an identity document: kind, state, age band, expiry, check digits. Not whether it is genuine."""
    guest = _statement(consent, age_band, language, recorded_by, signed, demo=demo)
    settings = settings_of(settings_file, stated)
    ready = (
        prepare_demo_documents(settings, folder=folder, jurisdiction=jurisdiction)
        if demo
        else prepare_documents(settings)
    )
    with ready:
        where = _where(ready, place, device)
        data = read_picture(document, role="document", largest_bytes=settings.capture_largest_bytes)
        result = ready.documents.run(DocumentOrder(data, *where, guest, portrait=portrait))
    answer(
        document_result(result),
        lambda console: render_document(console, result),
        as_json=as_json,
        status=ExitStatus.NO if result.reading.wrong else ExitStatus.YES,
    )


def _statement(
    consent: bool | None,
    age_band: AgeBand | None,
    language: str | None,
    recorded_by: str,
    signed: bool | None,
    *,
    demo: bool,
) -> GuestStatement:
    """Return what the holder said.

    Raises:
        typer.BadParameter: if it isn't complete; only a demonstration's guest has answers of its own.
    """
    if demo and consent is None and age_band is None and language is None:
        return replace(DEMO_GUEST, signed=signed)
    if consent is None or age_band is None or language is None:
        msg = "state what the holder said: --consent or --no-consent, --age-band and --language"
        raise typer.BadParameter(msg)
    return GuestStatement(consent, age_band, language, recorder_of(recorded_by), signed)


def _where(ready: DocumentInstallation, place: str | None, device: str | None) -> tuple[PlaceId, DeviceId]:
    at = PlaceId(place) if place is not None else ready.place
    by = DeviceId(device) if device is not None else ready.device
    if at is None or by is None:
        raise typer.BadParameter("name the registered --place and --device")
    return at, by


def document_result(result: DocumentResult) -> dict[str, object]:
    """Return a result as one JSON object: no name, no number, no date."""
    return {
        "outcome": "checks failed" if result.reading.wrong else "read",
        "document": dict(result.reading.to_json()),
        "age_agrees": result.age_agrees,
        "permit": result.permit_id,
        "demo": result.demo,
        "verdict": result.verdict.to_json(),
        "log": {
            "index": result.log.index,
            "leaf_hash": result.log.leaf_hash,
            "tree_size": result.log.tree_size,
        },
    }


def render_document(console: Console, result: DocumentResult) -> None:
    """Print a result in words."""
    reading = result.reading
    table = Table(show_header=False, box=None)
    table.add_row("kind", reading.kind.value)
    table.add_row("issuing state", reading.issuing_state)
    table.add_row("holder", f"{_BANDS[reading.age_band.value]} ({_AGREES[result.age_agrees]})")
    table.add_row("day of expiry", _EXPIRED[reading.expired])
    table.add_row("portrait", "found" if reading.portrait is not None else "not looked for")
    for check in reading.checks:
        holds = Text("holds") if check.right else Text("DOESN'T HOLD", style="bold red")
        table.add_row(f"{check.kind.value} of {check.field}", holds)
    console.print(table)
    console.print(Text(reading.assurance, style="bold"))
