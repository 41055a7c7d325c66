"""`countenance depictions VIDEO | --camera N`: which faces in a scene are people, and which are pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from countenance.authority import DEMO_JURISDICTIONS
from countenance.cli.clip_options import clip_source, said_before, where_at
from countenance.cli.drawn import DrawnFolder
from countenance.cli.options import (
    DEFAULT_DEMO_FOLDER,
    DemoFlag,
    DemoFolderOption,
    JsonFlag,
    JurisdictionOption,
    SetOption,
    SettingsOption,
    settings_of,
)
from countenance.cli.output import ExitStatus, answer, screen
from countenance.liveness import Shown
from countenance.runtime.gate import PassageInstallation, prepare_demo_gate, prepare_passage
from countenance.scenes import AgeBand, PassageOrder
from countenance.vision.drawing import LabelledFace, draw_faces

if TYPE_CHECKING:
    from countenance.scenes import PassageMoment, PassageResult

__all__ = ["depictions"]

_MOST: Final = 100_000
_COLOURS: Final = {
    Shown.PERSON: (0, 114, 78),
    Shown.DEPICTION: (170, 60, 0),
    Shown.UNDETERMINED: (90, 90, 90),
}
_STYLES: Final = {Shown.PERSON: "green", Shown.DEPICTION: "red", Shown.UNDETERMINED: "yellow"}
NOT_ACTED_UPON: Final = (
    "In streets, at crossings and gates only a face that is shown to be a person's is acted upon. A screen "
    "that plays somebody who talks may pass for a person."
)
"""What is said with every answer."""


def depictions(
    video: Annotated[Path | None, typer.Argument(metavar="[VIDEO]", help="A clip of the scene.")] = None,
    *,
    camera: Annotated[
        int | None, typer.Option("--camera", metavar="N", min=0, help="Declared camera N.")
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option("--seconds", metavar="S", min=1.0, help="How long, from the camera. Default 10."),
    ] = None,
    drawn: Annotated[
        Path | None,
        typer.Option("--drawn", metavar="FOLDER", help="Write each frame with its faces framed and named."),
    ] = None,
    show_faces: Annotated[
        bool,
        typer.Option("--show-faces", help="Leave the faces in what is drawn; they are hidden otherwise."),
    ] = False,
    consent: Annotated[
        bool | None, typer.Option("--consent/--no-consent", help="What whoever passes said. No default.")
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
    """Tell people from depictions in a clip; status 1 if no face is shown to be a person's."""
    settings = settings_of(settings_file, stated)
    said = said_before(consent, age_band, language, recorded_by, demo=demo)
    source = clip_source(video, camera, seconds, settings)
    target = None if drawn is None else DrawnFolder(drawn)
    ready = (
        prepare_demo_gate(settings, folder=folder, jurisdiction=jurisdiction)
        if demo
        else prepare_passage(settings)
    )
    with ready:
        where = where_at(ready, (purpose, place, device or source.device))
        order = PassageOrder(source, *where, said, most=min(_MOST, source.most_frames))
        result = _watched(ready, order, target, show_faces=show_faces)
    status = ExitStatus.YES if result.persons else ExitStatus.NO
    answer(_document(result), lambda console: _say(console, result), as_json=as_json, status=status)


def _watched(
    ready: PassageInstallation, order: PassageOrder, target: DrawnFolder | None, *, show_faces: bool
) -> PassageResult:
    columns = (TextColumn("frames"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen(error=True), transient=True) as bar:
        task = bar.add_task("frames", total=order.frames)

        def tell(moment: PassageMoment) -> None:
            bar.advance(task)
            if target is not None:
                faces = [
                    LabelledFace(face.box, f"{face.number}: {shown.value}", _COLOURS[shown])
                    for face, shown in moment.faces
                ]
                target.take(moment.index, draw_faces(moment.pixels, faces, hidden=not show_faces))

        return ready.watching.run(order, tell=tell)


def _document(result: PassageResult) -> dict[str, object]:
    return {
        "outcome": "watched",
        "faces": [
            {
                "number": face.number,
                "first_seconds": round(face.first, 2),
                "last_seconds": round(face.last, 2),
                "shown": face.judgement.shown.value,
                "why": face.judgement.why,
                "cues": {cue.cue.value: cue.bearing.value for cue in face.judgement.cues},
            }
            for face in result.faces
        ],
        "figures": {
            "frames": result.frames,
            **{f"{shown.value}s" if shown is not Shown.UNDETERMINED else shown.value:
               sum(face.judgement.shown is shown for face in result.faces) for shown in Shown},
        },
        "said": NOT_ACTED_UPON,
        "models": list(result.models),
        "permit_id": result.permit_id,
        "log_index": result.log.index,
        "verdict": result.verdict.to_json(),
        "demo": result.demo,
    }  # fmt: skip


def _say(console: Console, result: PassageResult) -> None:
    if not result.faces:
        console.print(Text(f"No face in {result.frames} frames."))
        return
    table = Table("face", "from", "to", "shown to be", "why")
    for face in result.faces:
        shown = face.judgement.shown
        table.add_row(
            str(face.number),
            f"{face.first:.1f} s",
            f"{face.last:.1f} s",
            Text(shown.value, _STYLES[shown]),
            face.judgement.why,
        )
    console.print(table)
    console.print(Text(NOT_ACTED_UPON))
