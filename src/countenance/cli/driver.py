"""`countenance driver VIDEO | --camera N`: warns a driver, on their own device, and keeps nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from countenance.authority import DEMO_JURISDICTIONS
from countenance.cli.analyse_stream import until_interrupted
from countenance.cli.attended import DEMO_GUEST
from countenance.cli.options import (
    DEFAULT_DEMO_FOLDER,
    DemoFlag,
    DemoFolderOption,
    JurisdictionOption,
    SetOption,
    SettingsOption,
    settings_of,
)
from countenance.cli.output import ExitStatus, exit_status, print_error, screen
from countenance.kernel import DeviceId, PlaceId
from countenance.liveness import NOT_VALIDATED
from countenance.runtime.driver import DriverInstallation, prepare_demo_driver, prepare_driver
from countenance.runtime.streams import camera_source, source_at
from countenance.scenes import AgeBand, DriverOrder, GuestStatement, NotADrive, StreamStop

if TYPE_CHECKING:
    from countenance.capture import FrameSource
    from countenance.runtime import Settings
    from countenance.scenes import DriverMoment, DriverResult

__all__ = ["driver"]

_MOST: Final = 100_000
_SECONDS: Final = 3600.0
_DRIVER: Final = "driver"


def driver(
    video: Annotated[
        Path | None, typer.Argument(metavar="[VIDEO]", help="A recording, to try it with.")
    ] = None,
    *,
    camera: Annotated[
        int | None, typer.Option("--camera", metavar="N", min=0, help="Declared camera N.")
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(
            "--seconds", metavar="S", min=1.0, help="How long at most, from the camera. Default 3600."
        ),
    ] = None,
    consent: Annotated[
        bool | None, typer.Option("--consent/--no-consent", help="What the driver said. No default.")
    ] = None,
    age_band: Annotated[AgeBand | None, typer.Option("--age-band", help="How old the driver is.")] = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="TAG", help="Language of the notice that was given.")
    ] = None,
    place: Annotated[
        str | None,
        typer.Option("--place", metavar="ID", help="The registered place: the driver's own device."),
    ] = None,
    device: Annotated[str | None, typer.Option("--device", metavar="ID", help="Its camera.")] = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    jurisdiction: JurisdictionOption = DEMO_JURISDICTIONS[0],
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object a warning, and how it went the last.")
    ] = False,
) -> None:
    """Warn a driver who switched it on when their eyes shut or leave the road. Not validated for safety."""
    said = _said(consent, age_band, language, demo=demo)
    settings = settings_of(settings_file, stated)
    source = _source(video, camera, seconds, settings)
    ready = (
        prepare_demo_driver(settings, folder=folder, jurisdiction=jurisdiction)
        if demo
        else prepare_driver(settings)
    )
    with ready, until_interrupted() as stop:
        order = DriverOrder(source, *_where(ready, place, device or source.device), said, _MOST)
        if not as_json:
            screen().print(Text(NOT_VALIDATED, "yellow"))
        began: list[bool] = []

        def tell(moment: DriverMoment) -> None:
            if moment.ready and not began and not as_json:
                began.append(True)
                screen().print(Text(f"{moment.seconds:7.1f} s  Your eyes are watched from now on."))
            for warning in moment.warnings:
                if as_json:
                    typer.echo(json.dumps({"seconds": round(moment.seconds, 2), "warning": warning.value}))
                else:
                    screen().print(Text(f"{moment.seconds:7.1f} s  {warning.words}", "bold red"))
                    screen().bell()

        result = ready.watching.run(order, tell=tell, stop=stop)
    _end(result, as_json=as_json)


def _end(result: DriverResult, *, as_json: bool) -> None:
    if as_json:
        document: dict[str, object] = {
            "outcome": "watched" if result.error is None else "failed",
            "stop": result.stop.value,
            "frames": result.frames,
            "not_validated": NOT_VALIDATED,
            "permit_id": result.permit_id,
            "log_index": result.log.index,
            "demo": result.demo,
        }
        if result.error is not None:
            error = result.error
            document["error"] = {"code": error.code, "message": error.message, "remedy": error.remedy}
        typer.echo(json.dumps(document))
    else:
        words = f"{result.frames} frames were looked at; {result.stop.words}. Nothing was kept."
        screen().print(Text(words))
        if result.error is not None:
            print_error(result.error, as_json=False)
    if result.error is not None:
        raise typer.Exit(int(exit_status(result.error)))
    interrupted = result.stop is StreamStop.INTERRUPTED
    raise typer.Exit(int(ExitStatus.NO if interrupted else ExitStatus.YES))


def _said(
    consent: bool | None, age_band: AgeBand | None, language: str | None, *, demo: bool
) -> GuestStatement:
    if demo and consent is None and age_band is None and language is None:
        return DEMO_GUEST
    if consent is None or age_band is None or language is None:
        raise typer.BadParameter(
            "state what the driver said: --consent or --no-consent, --age-band, --language"
        )
    return GuestStatement(consent, age_band, language, _DRIVER)


def _source(video: Path | None, camera: int | None, seconds: float | None, settings: Settings) -> FrameSource:
    if (video is None) == (camera is None):
        raise typer.BadParameter("name a video, or else a --camera")
    if camera is not None:
        longest = min(seconds or _SECONDS, settings.camera_longest_seconds)
        return camera_source(camera, seconds=longest, settings=settings)
    source = source_at(video, settings=settings) if video is not None else None
    if source is None:
        raise NotADrive("The file is no video.")
    return source


def _where(ready: DriverInstallation, place: str | None, device: str | None) -> tuple[PlaceId, DeviceId]:
    found = (
        ready.place if place is None else PlaceId(place),
        ready.device if device is None else DeviceId(device),
    )
    if found[0] is None or found[1] is None:
        raise typer.BadParameter("name the registered --place and --device")
    return found[0], found[1]
