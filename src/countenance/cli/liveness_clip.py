"""`countenance liveness VIDEO | --camera N`: what each cue of liveness says of a clip, drawn and in time."""

from __future__ import annotations

import math
import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from countenance.authority import DEMO_JURISDICTIONS
from countenance.cli.clip_options import clip_source, said_before, where_at
from countenance.cli.options import (
    DEFAULT_DEMO_FOLDER,
    DemoFlag,
    DemoFolderOption,
    InputNotReadable,
    JsonFlag,
    JurisdictionOption,
    SetOption,
    SettingsOption,
    settings_of,
)
from countenance.cli.output import ExitStatus, answer, screen
from countenance.evaluation.report import require_charts
from countenance.evaluation.timeline_chart import draw_timeline
from countenance.liveness import CLIP_EVERY, Assurance, Outcome
from countenance.runtime.gate import prepare_demo_gate, prepare_passage
from countenance.scenes import AgeBand, ClipOrder
from countenance.vision.drawing import DrawnClip, LabelledFace, draw_faces

if TYPE_CHECKING:
    from countenance.runtime.gate import PassageInstallation
    from countenance.scenes import ClipMoment, ClipResult

__all__ = ["liveness"]

_FRAME_COLOUR: Final = (40, 60, 90)
_PLOTS: Final = (".svg", ".png")
_CLIP: Final = ".avi"
NOT_DEFENDED: Final = (
    "A clip answered no challenge, and a file may have been made: a stream that is fed in behind the camera "
    "isn't defended against here."
)
"""What is said with every answer."""


def liveness(
    video: Annotated[Path | None, typer.Argument(metavar="[VIDEO]", help="A clip of one person.")] = None,
    *,
    camera: Annotated[
        int | None, typer.Option("--camera", metavar="N", min=0, help="Declared camera N.")
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option("--seconds", metavar="S", min=1.0, help="How long, from the camera. Default 10."),
    ] = None,
    annotated: Annotated[
        Path | None,
        typer.Option("--annotated", metavar="FILE.avi", help="Write the clip with what was seen in it."),
    ] = None,
    show_faces: Annotated[
        bool,
        typer.Option("--show-faces", help="Leave the faces in what is drawn; they are hidden otherwise."),
    ] = False,
    timeline: Annotated[
        Path | None,
        typer.Option("--timeline", metavar="FILE", help="Draw what was measured over time: SVG or PNG."),
    ] = None,
    consent: Annotated[
        bool | None, typer.Option("--consent/--no-consent", help="What the person said. No default.")
    ] = None,
    age_band: Annotated[AgeBand | None, typer.Option("--age-band", help="How old they are.")] = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="TAG", help="Language of the notice that was given.")
    ] = None,
    recorded_by: Annotated[
        str, typer.Option("--recorded-by", metavar="ROLE", help="The role that wrote down what was said.")
    ] = "clerk",
    purpose: Annotated[str | None, typer.Option("--purpose", metavar="ID", help="For what.")] = None,
    place: Annotated[str | None, typer.Option("--place", metavar="ID", help="The registered place.")] = None,
    device: Annotated[str | None, typer.Option("--device", metavar="ID", help="Its camera.")] = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    jurisdiction: JurisdictionOption = DEMO_JURISDICTIONS[0],
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Say what each cue of liveness says of a clip; status 1 if an attack is suspected."""
    if annotated is not None and annotated.suffix.lower() != _CLIP:
        raise typer.BadParameter("the annotated clip is an .avi file", param_hint="--annotated")
    if timeline is not None:
        if timeline.suffix.lower() not in _PLOTS:
            raise typer.BadParameter("a timeline is an .svg or a .png file", param_hint="--timeline")
        require_charts()
    settings = settings_of(settings_file, stated)
    said = said_before(consent, age_band, language, recorded_by, demo=demo)
    source = clip_source(video, camera, seconds, settings)
    ready = (
        prepare_demo_gate(settings, folder=folder, jurisdiction=jurisdiction)
        if demo
        else prepare_passage(settings)
    )
    with ready:
        order = ClipOrder(source, *where_at(ready, (purpose, place, device or source.device)), said)
        result = _looked_at(ready, order, annotated, show_faces=show_faces)
    found = result.found
    if timeline is not None:
        _own(timeline)
        draw_timeline(found.timeline, timeline, title=f"{found.outcome.value}. {found.why}")
    suspected = found.outcome is Outcome.ATTACK_SUSPECTED
    status = ExitStatus.NO if suspected or not found.seen else ExitStatus.YES
    answer(_document(result), lambda console: _say(console, result), as_json=as_json, status=status)


def _looked_at(
    ready: PassageInstallation, order: ClipOrder, annotated: Path | None, *, show_faces: bool
) -> ClipResult:
    columns = (TextColumn("frames"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with ExitStack() as closing:
        bar = closing.enter_context(Progress(*columns, console=screen(error=True), transient=True))
        task = bar.add_task("frames", total=order.frames)
        drawn: DrawnClip | None = None
        if annotated is not None:
            _own(annotated)
            drawn = closing.enter_context(DrawnClip(annotated, rate=1 / CLIP_EVERY))

        def tell(moment: ClipMoment) -> None:
            bar.advance(task)
            if drawn is not None:
                drawn.take(draw_faces(moment.pixels, _labels(moment), hidden=not show_faces))

        return ready.clips().run(order, tell=tell)


def _labels(moment: ClipMoment) -> list[LabelledFace]:
    if moment.box is None or moment.pose is None:
        return []
    words = f"{moment.seconds:.1f} s  yaw {moment.pose.yaw:+.0f}  pitch {moment.pose.pitch:+.0f}"
    return [LabelledFace(moment.box, words, _FRAME_COLOUR)]


def _own(path: Path) -> None:
    """Make a file that only this user can read, before a library writes into it.

    Raises:
        InputNotReadable: if it can't be made.
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    except OSError as error:
        msg = f"The file can't be written ({error.strerror})."
        raise InputNotReadable(msg, remedy="Name a file in a folder that this user may write to.") from None


def _document(result: ClipResult) -> dict[str, object]:
    found = result.found
    return {
        "outcome": found.outcome.value,
        "why": found.why,
        "species": [species.value for species in found.species],
        "level": int(Assurance.NONE),
        "not_withstood": list(Assurance.NONE.does_not_withstand),
        "said": NOT_DEFENDED,
        "cues": {
            name: {
                "bearing": reading.bearing.value,
                "figure": None if math.isnan(reading.figure) else round(reading.figure, 4),
                "species": None if reading.species is None else reading.species.value,
                "advice": None if reading.advice is None else reading.advice.value,
            }
            for name, reading in found.readings.items()
        },
        "blinks": [
            {"at_seconds": round(one.at, 2), "seconds": round(one.seconds, 2), "depth": round(one.depth, 2)}
            for one in found.timeline.blinks
        ],
        "figures": {
            "frames": found.frames,
            "frames_with_face": found.seen,
            "blinks": len(found.timeline.blinks),
        },
        "models": list(result.models),
        "permit_id": result.permit_id,
        "log_index": result.log.index,
        "verdict": result.verdict.to_json(),
        "demo": result.demo,
    }


def _say(console: Console, result: ClipResult) -> None:
    found = result.found
    style = "red" if found.outcome is Outcome.ATTACK_SUSPECTED else "yellow"
    console.print(Text(f"{found.outcome.value}: {found.why}", style))
    table = Table("cue", "says", "figure", "what to do so that it can say more")
    for name, reading in found.readings.items():
        figure = "" if math.isnan(reading.figure) else f"{reading.figure:.3g}"
        advice = "" if reading.advice is None else reading.advice.value
        table.add_row(name, reading.bearing.value, figure, advice)
    console.print(table)
    blinks = len(found.timeline.blinks)
    console.print(
        Text(f"{found.seen} of {found.frames} frames show a face; {blinks} blinks (reported, not scored).")
    )
    console.print(Text(NOT_DEFENDED))
