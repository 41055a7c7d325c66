"""`countenance analyse`: one consented picture described under a permit."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from countenance.authority import DEMO_JURISDICTIONS, shipped_rules
from countenance.cli.analysis_results import analysis_document, render_analysis
from countenance.cli.attended import DEMO_GUEST
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
from countenance.cli.output import ExitStatus, answer
from countenance.cli.recording import recorder_of
from countenance.kernel import DeviceId, PlaceId
from countenance.runtime import AnalysisInstallation, prepare_analysis, prepare_demo_analysis
from countenance.scenes import (
    AgeBand,
    AnalysisOrder,
    AnalysisResult,
    GuestStatement,
    refusal_document,
    rules_against,
)
from countenance.vision.attributes import Attribute, AttributeNotComputed, attributes_asked

__all__ = ["analyse"]

_DRAWN_AS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}


def analyse(
    *,
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="Picture of one person who agreed to it.")],
    attribute: Annotated[
        list[str] | None,
        typer.Option(
            "--attribute",
            metavar="NAME",
            help=f"What to say: {', '.join(Attribute)}. Repeatable; all if left out.",
        ),
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option("--picture", metavar="OUT", help="Write the picture with the answers drawn on it."),
    ] = None,
    place: Annotated[
        str | None,
        typer.Option("--place", metavar="ID", help="The registered place. The demo's desk with --demo."),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option("--device", metavar="ID", help="The registered device that the picture came by."),
    ] = None,
    consent: Annotated[
        bool | None,
        typer.Option("--consent/--no-consent", help="What the person in the picture said. No default."),
    ] = None,
    age_band: Annotated[AgeBand | None, typer.Option("--age-band", help="How old the person is.")] = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="TAG", help="Language of the notice that was given.")
    ] = None,
    recorded_by: Annotated[
        str, typer.Option("--recorded-by", metavar="ROLE", help="The role that wrote down the consent.")
    ] = "clerk",
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    jurisdiction: JurisdictionOption = DEMO_JURISDICTIONS[0],
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Describe one face: pose, eyes, mouth, gaze, 106 points, quality, age and gender with their error."""
    try:
        asked = attributes_asked(attribute or ())
    except AttributeNotComputed as error:
        _refuse(error, as_json=as_json)
        return
    if picture is not None and picture.suffix.lower() not in _DRAWN_AS:
        raise typer.BadParameter("the picture is written as .png or .jpg", param_hint="--picture")
    depicted = _statement(consent, age_band, language, recorded_by, demo=demo)
    settings = settings_of(settings_file, stated)
    ready = (
        prepare_demo_analysis(settings, folder=folder, jurisdiction=jurisdiction)
        if demo
        else prepare_analysis(settings)
    )
    with ready:
        where = _where(ready, place, device)
        data = read_picture(image, role="picture", largest_bytes=settings.capture_largest_bytes)
        order = AnalysisOrder(data, *where, depicted, asked, drawn=picture is not None)
        result = ready.analysis.run(order)
    _hand_over(result, picture, as_json=as_json)


def _statement(
    consent: bool | None, age_band: AgeBand | None, language: str | None, recorded_by: str, *, demo: bool
) -> GuestStatement:
    """Return what the person said.

    Raises:
        typer.BadParameter: if it isn't complete; only a demonstration's person has answers of its own.
    """
    if demo and consent is None and age_band is None and language is None:
        return DEMO_GUEST
    if consent is None or age_band is None or language is None:
        msg = "state what the person said: --consent or --no-consent, --age-band and --language"
        raise typer.BadParameter(msg)
    return GuestStatement(consent, age_band, language, recorder_of(recorded_by))


def _where(ready: AnalysisInstallation, place: str | None, device: str | None) -> tuple[PlaceId, DeviceId]:
    at = PlaceId(place) if place is not None else ready.place
    by = DeviceId(device) if device is not None else ready.device
    if at is None or by is None:
        raise typer.BadParameter("name the registered --place and --device")
    return at, by


def _hand_over(result: AnalysisResult, picture: Path | None, *, as_json: bool) -> None:
    try:
        if picture is not None and result.picture is not None:
            _write(picture, result.picture)
        answer(
            analysis_document(result),
            lambda console: render_analysis(console, result),
            as_json=as_json,
            status=ExitStatus.YES,
        )
    finally:
        result.analysis.wipe()
        if result.picture is not None:
            result.picture.fill(0)


def _write(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Write a picture that only this user can read.

    Raises:
        InputNotReadable: if it can't be written.
    """
    encoded = io.BytesIO()
    Image.fromarray(pixels).save(encoded, format=_DRAWN_AS[path.suffix.lower()])
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(number, "wb") as file:
            file.write(encoded.getvalue())
    except OSError as error:
        msg = f"The drawn picture can't be written ({error.strerror})."
        raise InputNotReadable(msg, remedy="Name a file in a folder that this user may write to.") from None


def _refuse(error: AttributeNotComputed, *, as_json: bool) -> None:
    """Answer with the rules that speak against what was asked."""
    rules, _ = shipped_rules()
    document = {
        "outcome": "refused",
        "verdict": refusal_document(error.operation, rules),
        "error": {"code": error.code, "message": error.message, "remedy": error.remedy},
    }

    def render(console: Console) -> None:
        console.print(Panel(Text(error.message), title="Refused", title_align="left", border_style="red"))
        for rule in rules_against(error.operation, rules):
            words = Text.assemble((rule.citation, "bold"), (f"  {rule.rule_id}\n", "dim"), f"{rule.text}.")
            console.print(Padding(words, (0, 0, 0, 2)))

    answer(document, render, as_json=as_json, status=ExitStatus.REFUSED)
