"""`countenance identify` and `countenance review`: who stands there, and what people say about the answer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from countenance.authority import DemoDoor
from countenance.cases import ReviewState
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
from countenance.cli.recording import ByOption, author_of, recorder_of
from countenance.cli.results import OUTCOME_STYLE
from countenance.kernel import DecisionId, DeviceId, PlaceId, PurposeId
from countenance.runtime import DemoFolder, Settings, demo_settings
from countenance.runtime.demo_door import prepare_demo_door
from countenance.runtime.identification import open_identification
from countenance.runtime.streams import source_at
from countenance.scenes import AgeBand, GuestStatement, VisitOrder, VisitResult

__all__ = ["identify", "review"]


def identify(
    picture: Annotated[
        Path,
        typer.Argument(
            metavar="PICTURE",
            help="Whoever stands there; at a street or a gate a clip of two seconds and more.",
        ),
    ],
    *,
    consent: Annotated[
        bool | None,
        typer.Option("--consent/--no-consent", help="Whether the person agrees to be searched for."),
    ] = None,
    age_band: Annotated[AgeBand | None, typer.Option("--age-band", help="How old the person is.")] = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="TAG", help="Language of the notice that was given.")
    ] = None,
    recorded_by: Annotated[
        str, typer.Option("--recorded-by", metavar="ROLE", help="The role that wrote down what was said.")
    ] = "clerk",
    fpir: Annotated[
        float | None,
        typer.Option("--fpir", metavar="RATE", help="Share of strangers who may be falsely named."),
    ] = None,
    automatic: Annotated[
        bool, typer.Option("--automatic", help="Act on it without a person, where the rules allow it.")
    ] = False,
    purpose: Annotated[str | None, typer.Option("--purpose", metavar="ID", help="For what.")] = None,
    place: Annotated[str | None, typer.Option("--place", metavar="ID", help="The registered place.")] = None,
    device: Annotated[
        str | None, typer.Option("--device", metavar="ID", help="The device that took the picture.")
    ] = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    jurisdiction: JurisdictionOption = "EU",
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Search for whoever stands there among those who are enrolled, under consent and permit."""
    if consent is None or age_band is None or language is None:
        raise typer.BadParameter(
            "state what the person said: --consent or --no-consent, --age-band, --language"
        )
    settings, door = settings_of(settings_file, stated), None
    if demo:
        settings, door = _demo(settings, folder, jurisdiction, quiet=as_json)
    named = _where((purpose, place, device), door)
    clip = source_at(picture, settings=settings)
    probe = (
        b"" if clip else read_picture(picture, role="person", largest_bytes=settings.capture_largest_bytes)
    )
    order = VisitOrder(
        probe=probe,
        purpose=PurposeId(named[0]),
        place=PlaceId(named[1]),
        device=DeviceId(named[2]),
        guest=GuestStatement(consent, age_band, language, recorder_of(recorded_by)),
        fpir=fpir,
        automatic=automatic,
    )
    with open_identification(settings) as room:
        author = author_of(recorded_by, option="--recorded-by")
        result = (
            room.identify(order, author=author)
            if clip is None
            else room.identify_passing(order, clip, author=author)
        )
    for preview in result.identified.previews:
        preview.wipe()
    answer(
        _document(result),
        lambda console: _say(console, result),
        as_json=as_json,
        status=ExitStatus.YES if result.identified.decision.candidates else ExitStatus.NO,
    )


def review(
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="The decision's id (dec_...).")],
    *,
    right: Annotated[
        bool, typer.Option("--right/--wrong", help="Whether its answer is right, as far as you can see.")
    ],
    by: ByOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Say as a reviewer whether the answer to a search is right; status 1 until nobody's word is owed."""
    settings = settings_of(settings_file, stated)
    if demo:
        settings = demo_settings(settings, DemoFolder(folder.expanduser().absolute()))
    with open_identification(settings) as room:
        state = room.review(DecisionId(decision), right=right, author=author_of(by))
    done = state.confirmed is not None
    answer(
        {
            "outcome": "reviewed" if done else "another review is owed",
            "decision": state.decision_id,
            "given": state.given,
            "asked": state.asked,
            "confirmed": state.confirmed,
        },
        lambda console: _say_review(console, state),
        as_json=as_json,
        status=ExitStatus.YES if done else ExitStatus.NO,
    )


def _demo(settings: Settings, folder: Path, jurisdiction: str, *, quiet: bool) -> tuple[Settings, DemoDoor]:
    from countenance.cli.bringing import bring_what_the_demo_needs  # noqa: PLC0415 - pulls much with it

    bring_what_the_demo_needs(settings, console=screen(error=True), quiet=quiet)
    door = prepare_demo_door(settings, folder=folder, jurisdiction=jurisdiction)
    return demo_settings(settings, DemoFolder(folder.expanduser().absolute())), door


def _where(named: tuple[str | None, str | None, str | None], door: DemoDoor | None) -> tuple[str, str, str]:
    own = (None, None, None) if door is None else (door.purpose, door.place, door.device)
    purpose, place, device = (one or other for one, other in zip(named, own, strict=True))
    if purpose is None or place is None or device is None:
        raise typer.BadParameter("name the registered --purpose, --place and --device")
    return purpose, place, device


def _document(result: VisitResult) -> dict[str, object]:
    done = result.identified
    return {
        **done.decision.to_json(),
        "verdict": done.verdict.to_json(),
        "subject": result.subject,
        "receipt": done.receipt,
        "log_index": done.log.index,
    }


def _say(console: Console, result: VisitResult) -> None:
    decision = result.identified.decision
    first, *more = decision.words
    console.print(Text(first, OUTCOME_STYLE[decision.outcome]))
    for sentence in more:
        console.print(Text(sentence))
    for one in decision.candidates:
        console.print(Text(f"{one.subject} ({one.reference_id}). {one.odds}"))
    if decision.reviewers:
        owed = "A person has" if decision.reviewers == 1 else "Two people have"
        console.print(Text(f"{owed} to look at it: countenance review {decision.decision_id}"))


def _say_review(console: Console, state: ReviewState) -> None:
    if state.confirmed is None:
        console.print(Text(f"Taken down: {state.given} of {state.asked}. Another reviewer has to look."))
        return
    console.print(Text("The answer is confirmed." if state.confirmed else "The answer isn't confirmed."))
