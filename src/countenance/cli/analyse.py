"""`countenance analyse`: one consented picture, or a stream of them, described under a permit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from countenance.authority import DEMO_JURISDICTIONS, shipped_rules
from countenance.cli.analyse_stream import MOST_FRAMES, StreamWish, analyse_stream
from countenance.cli.analysis_results import analysis_document, render_analysis
from countenance.cli.attended import DEMO_GUEST
from countenance.cli.drawn import DRAWN_AS, DrawnFolder, write_picture
from countenance.cli.options import (
    DEFAULT_DEMO_FOLDER,
    DemoFlag,
    DemoFolderOption,
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
    StreamOrder,
    refusal_document,
    rules_against,
)
from countenance.vision.attributes import Attribute, AttributeNotComputed, attributes_asked

__all__ = ["analyse"]


@dataclass(frozen=True, slots=True)
class _Said:
    """What the command line says about the person; ``None`` where it says nothing."""

    consent: bool | None
    age_band: AgeBand | None
    language: str | None
    recorded_by: str
    signed: bool | None

    def statement(self, *, demo: bool) -> GuestStatement:
        """Return what the person said.

        Raises:
            typer.BadParameter: if it isn't complete; only a demonstration's person has answers of its own.
        """
        if demo and self.consent is None and self.age_band is None and self.language is None:
            return replace(DEMO_GUEST, signed=self.signed)
        if self.consent is None or self.age_band is None or self.language is None:
            msg = "state what the person said: --consent or --no-consent, --age-band and --language"
            raise typer.BadParameter(msg)
        by = recorder_of(self.recorded_by)
        return GuestStatement(self.consent, self.age_band, self.language, by, self.signed)


def analyse(
    *,
    image: Annotated[
        Path | None,
        typer.Argument(
            metavar="[IMAGE|FOLDER|VIDEO]",
            help="Picture, folder of pictures or video of one who agreed to it.",
        ),
    ] = None,
    camera: Annotated[
        int | None,
        typer.Option("--camera", metavar="N", min=0, help="Look at declared camera N instead of a file."),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option("--seconds", metavar="S", min=0.1, help="How long to record from it. Default 10."),
    ] = None,
    every: Annotated[
        int | None,
        typer.Option(
            "--every", metavar="N", min=1, max=10_000, help="Of a stream, each Nth frame. Default 1."
        ),
    ] = None,
    most: Annotated[
        int | None,
        typer.Option(
            "--most", metavar="N", min=1, max=100_000, help=f"Of a stream, N frames. Default {MOST_FRAMES}."
        ),
    ] = None,
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
        typer.Option(
            "--picture",
            metavar="OUT",
            help="Write the answers drawn on it; of a stream, into an empty folder.",
        ),
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
    signed: Annotated[
        bool | None,
        typer.Option("--signed/--not-signed", help="Whether the person signed a written release too."),
    ] = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    jurisdiction: JurisdictionOption = DEMO_JURISDICTIONS[0],
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print one JSON object; of a stream one a line, how it went the last."),
    ] = False,
) -> None:
    """Describe one face: pose, eyes, mouth, gaze, 106 points, quality, age and gender with their error."""
    try:
        asked = attributes_asked(attribute or ())
    except AttributeNotComputed as error:
        _refuse(error, as_json=as_json)
        return
    depicted = _Said(consent, age_band, language, recorded_by, signed).statement(demo=demo)
    settings = settings_of(settings_file, stated)
    wish = StreamWish(camera, seconds, every, most)
    source = wish.source(image, settings)
    out = _Out.of(picture, stream=source is not None)
    ready = (
        prepare_demo_analysis(settings, folder=folder, jurisdiction=jurisdiction)
        if demo
        else prepare_analysis(settings)
    )
    with ready:
        if source is not None:
            where = _where(ready, place, device or source.device)
            order = StreamOrder(source, *where, depicted, asked, wish.frames, drawn=out.folder is not None)
            analyse_stream(ready, order, drawn=out.folder, as_json=as_json)
        elif image is not None:
            where = _where(ready, place, device)
            data = read_picture(image, role="picture", largest_bytes=settings.capture_largest_bytes)
            one = AnalysisOrder(data, *where, depicted, asked, drawn=out.file is not None)
            _hand_over(ready.analysis.run(one), out.file, as_json=as_json)


@dataclass(frozen=True, slots=True)
class _Out:
    """Where drawn pictures go: one file, or for a stream a folder."""

    file: Path | None = None
    folder: DrawnFolder | None = None

    @classmethod
    def of(cls, path: Path | None, *, stream: bool) -> _Out:
        """Return where they go.

        Raises:
            typer.BadParameter: if one picture's file isn't of a kind that is written.
            InputNotReadable: if a stream's folder isn't empty.
        """
        if path is None:
            return cls()
        if stream:
            return cls(folder=DrawnFolder(path))
        if path.suffix.lower() not in DRAWN_AS:
            raise typer.BadParameter("the picture is written as .png or .jpg", param_hint="--picture")
        return cls(file=path)


def _where(ready: AnalysisInstallation, place: str | None, device: str | None) -> tuple[PlaceId, DeviceId]:
    at = PlaceId(place) if place is not None else ready.place
    by = DeviceId(device) if device is not None else ready.device
    if at is None or by is None:
        raise typer.BadParameter("name the registered --place and --device")
    return at, by


def _hand_over(result: AnalysisResult, picture: Path | None, *, as_json: bool) -> None:
    try:
        if picture is not None and result.picture is not None:
            write_picture(picture, result.picture)
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
