"""`countenance checkin` and `countenance verify`: two photographs, attended, under a permit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from countenance.authority import DEMO_JURISDICTIONS
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
from countenance.cli.results import render_result, result_document
from countenance.decisions import Outcome
from countenance.kernel import DeviceId, PlaceId
from countenance.runtime import Services, Settings, build, prepare_demo
from countenance.scenes import AgeBand, AttendedOrder, GuestStatement

__all__ = ["DEMO_GUEST", "checkin", "verify"]

DEMO_GUEST = GuestStatement(consents=True, age_band=AgeBand.ADULT, language="en", stated_by="DEMO clerk")
"""What the demonstration's guest says. Nobody real said it, and every record of it is marked DEMO."""

Place = Annotated[
    str | None,
    typer.Option("--place", metavar="ID", help="The registered place. The demo's desk with --demo."),
]
Device = Annotated[
    str | None, typer.Option("--device", metavar="ID", help="The registered device that took the pictures.")
]
Consent = Annotated[
    bool | None,
    typer.Option(
        "--consent/--no-consent", help="What the guest said. There is no default but the demo's guest."
    ),
]
Age = Annotated[AgeBand | None, typer.Option("--age-band", help="How old the guest is.")]
Language = Annotated[
    str | None,
    typer.Option("--language", metavar="TAG", help="Language of the notice that the guest was given."),
]
RecordedBy = Annotated[
    str, typer.Option("--recorded-by", metavar="ROLE", help="The role that wrote down what the guest said.")
]
Signed = Annotated[
    bool | None, typer.Option("--signed/--not-signed", help="Whether the guest signed a written release too.")
]


@dataclass(frozen=True, slots=True)
class _Said:
    """What the command line says about the guest; ``None`` where it says nothing."""

    consent: bool | None
    age_band: AgeBand | None
    language: str | None
    recorded_by: str
    signed: bool | None

    def statement(self, *, demo: bool) -> GuestStatement:
        """Return the guest's statement.

        Raises:
            typer.BadParameter: if it isn't complete; only a demonstration's guest has answers of its own.
        """
        if demo and self.consent is None and self.age_band is None and self.language is None:
            return replace(DEMO_GUEST, signed=self.signed)
        if self.consent is None or self.age_band is None or self.language is None:
            msg = "state what the guest said: --consent or --no-consent, --age-band and --language"
            raise typer.BadParameter(msg)
        by = recorder_of(self.recorded_by)
        return GuestStatement(self.consent, self.age_band, self.language, by, self.signed)


def checkin(
    *,
    document: Annotated[Path, typer.Argument(help="Picture of the document's page with the portrait.")],
    live: Annotated[Path, typer.Argument(help="Photograph of the guest, taken at the desk.")],
    place: Place = None,
    device: Device = None,
    consent: Consent = None,
    age_band: Age = None,
    language: Language = None,
    recorded_by: RecordedBy = "clerk",
    signed: Signed = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    jurisdiction: JurisdictionOption = DEMO_JURISDICTIONS[0],
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Check a guest in: compare the document's portrait with the guest, under a permit."""
    said = _Said(consent, age_band, language, recorded_by, signed)
    guest = said.statement(demo=demo)
    settings = settings_of(settings_file, stated)
    with _opened(settings, demo=demo, folder=folder, jurisdiction=jurisdiction) as (services, desk):
        _carry_out(
            services,
            "hotel-checkin",
            (document, live),
            where=(place, device),
            desk=desk,
            guest=guest,
            as_json=as_json,
        )


def verify(
    *,
    first: Annotated[Path, typer.Argument(metavar="A", help="Photograph that is known to show the person.")],
    second: Annotated[
        Path, typer.Argument(metavar="B", help="Photograph that is said to show the same person.")
    ],
    place: Place = None,
    device: Device = None,
    consent: Consent = None,
    age_band: Age = None,
    language: Language = None,
    recorded_by: RecordedBy = "clerk",
    signed: Signed = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    jurisdiction: JurisdictionOption = DEMO_JURISDICTIONS[0],
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Compare two photographs of whoever is present, under a permit."""
    said = _Said(consent, age_band, language, recorded_by, signed)
    guest = said.statement(demo=demo)
    settings = settings_of(settings_file, stated)
    with _opened(settings, demo=demo, folder=folder, jurisdiction=jurisdiction) as (services, desk):
        _carry_out(
            services,
            "portrait-verification",
            (first, second),
            where=(place, device),
            desk=desk,
            guest=guest,
            as_json=as_json,
        )


@contextmanager
def _opened(
    settings: Settings, *, demo: bool, folder: Path, jurisdiction: str
) -> Iterator[tuple[Services, tuple[PlaceId, DeviceId] | None]]:
    """Open the installation; with a demonstration, say where its desk is."""
    if demo:
        with prepare_demo(settings, folder=folder, jurisdiction=jurisdiction) as ready:
            yield ready.services, (ready.site.place, ready.site.desk_device)
    else:
        with build(settings) as services:
            yield services, None


def _carry_out(
    services: Services,
    scene_id: str,
    files: tuple[Path, Path],
    *,
    where: tuple[str | None, str | None],
    desk: tuple[PlaceId, DeviceId] | None,
    guest: GuestStatement,
    as_json: bool,
) -> None:
    """Run the scene and answer."""
    scene = services.attended[scene_id]
    place, device = where
    if desk is None and (place is None or device is None):
        raise typer.BadParameter("name the registered --place and --device")
    titles = (scene.profile.reference.title.lower(), scene.profile.probe.title.lower())
    largest = services.settings.capture_largest_bytes
    document, live = (
        read_picture(file, role=title, largest_bytes=largest)
        for file, title in zip(files, titles, strict=True)
    )
    result = scene.run(
        AttendedOrder(
            document=document,
            live=live,
            place=PlaceId(place) if place is not None else desk[0] if desk else PlaceId(""),
            device=DeviceId(device) if device is not None else desk[1] if desk else DeviceId(""),
            guest=guest,
        )
    )
    for preview in result.previews:
        preview.wipe()
    answer(
        result_document(result),
        lambda console: render_result(console, result, profile=scene.profile),
        as_json=as_json,
        status=ExitStatus.YES if result.decision.outcome is Outcome.MATCH else ExitStatus.NO,
    )
