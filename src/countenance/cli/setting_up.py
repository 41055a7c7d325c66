"""`countenance init`: an installation, and a place in it set up from answers; how a place stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.prompt import Confirm, Prompt
from rich.table import Table
from rich.text import Text

from countenance.authority import Author, Readiness, Standing, shipped_rules, shipped_scene_forms
from countenance.cli.options import JsonFlag, SetOption, SettingsOption, settings_of
from countenance.cli.output import ExitStatus, answer, screen
from countenance.cli.receipts import write_output
from countenance.cli.recording import ByOption, author_of, text_from
from countenance.runtime import (
    Answers,
    Settings,
    SetUp,
    SetupDesk,
    create_installation,
    open_setup_desk,
    read_answers,
)
from countenance.scenes import shipped_profiles
from countenance.store import StoreExists

__all__ = ["WithinOption", "init", "readiness_document", "render_readiness"]

_MARKS: Final = {
    Standing.MET: ("met", "green"),
    Standing.MISSING: ("missing", "bold red"),
    Standing.EXPIRING: ("expiring", "yellow"),
}

WithinOption = Annotated[
    int, typer.Option("--within", metavar="DAYS", min=0, help="What runs out in so many days is expiring.")
]


def init(
    *,
    answers_file: Annotated[
        Path | None,
        typer.Option("--answers", metavar="FILE", help="Set a place up from this answers file (TOML)."),
    ] = None,
    guided: Annotated[
        bool, typer.Option("--guided", help="Ask for place, device and facts, and draft the answers file.")
    ] = False,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FILE", help="Where to write the answers with what is still wanted."),
    ] = Path("setup.toml"),
    by: ByOption = "officer",
    within: WithinOption = 30,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Make the root key and an empty data folder; with answers, set a place up. Run again, it goes on."""
    settings = settings_of(settings_file, stated)
    if answers_file is None and not guided:
        create_installation(settings)
        words = (
            "Made: an empty data folder, its root key elsewhere. No place and no evidence is registered yet."
        )
        answer(
            {"outcome": "created", "words": words},
            lambda console: console.print(Text(words)),
            as_json=as_json,
            status=ExitStatus.YES,
        )
    author = author_of(by)
    told = (
        _asked(screen(error=True))
        if answers_file is None
        else read_answers(text_from(answers_file, what="answers"))
    )
    _create_once(settings)
    with open_setup_desk(settings) as desk:
        done = desk.apply(told, author=author, within=timedelta(days=within))
        if answers_file is None:
            told, done = _facts_asked(desk, told, done, author=author, within=within)
        if not done.readiness.ready:
            write_output(out, desk.draft(told, done.readiness).encode())
    answer(
        _document(done),
        lambda console: _render(console, done, out),
        as_json=as_json,
        status=ExitStatus.YES if done.readiness.ready else ExitStatus.NO,
    )


def _create_once(settings: Settings) -> None:
    try:
        create_installation(settings)
    except StoreExists:
        # A set-up goes on where it stopped.
        return


def _asked(console: Console) -> Answers:
    """Ask for what has to be known first."""
    profiles, rules = shipped_profiles(), shipped_rules()
    scene = Prompt.ask("Scene", choices=list(profiles), default=next(iter(profiles)), console=console)
    codes = Prompt.ask(
        f"Whose rules hold there (codes, commas between: {', '.join(shipped_scene_forms().jurisdictions)})",
        console=console,
    )
    kinds = Text(f"Kinds of place: {', '.join(rules[1].places)}")
    console.print(kinds)
    profile = profiles[scene]
    ask = {
        "place": {
            "id": Prompt.ask("Identifier of the place", default="plc_frontdesk", console=console),
            "title": Prompt.ask("What the place is called", console=console),
            "kind": Prompt.ask("Kind of place", default=profile.place_kinds[0], console=console),
            "jurisdictions": [code.strip() for code in codes.split(",") if code.strip()],
            "time_zone": Prompt.ask("Time zone, such as Asia/Shanghai", console=console),
        },
        "device": {
            "id": Prompt.ask("Identifier of the camera", default="dev_deskcamera", console=console),
            "title": Prompt.ask("What the camera is", console=console),
        },
        "purpose": {
            "title": Prompt.ask("The purpose, in a few words", default=profile.title, console=console),
            "description": Prompt.ask("The purpose, in a sentence", console=console),
        },
    }
    return Answers.model_validate({"schema": 1, "scene": scene, **ask})


def _facts_asked(
    desk: SetupDesk, told: Answers, done: SetUp, *, author: Author, within: int
) -> tuple[Answers, SetUp]:
    """Ask each question on which a rule waits, until none waits."""
    triggers = shipped_rules()[1].triggers
    facts = dict(told.facts)
    while questions := [
        item for item in done.readiness.of(Standing.MISSING) if set(item.keys) & set(triggers)
    ]:
        for item in questions:
            facts[item.keys[0]] = Confirm.ask(item.words, console=screen(error=True))
        told = told.model_copy(update={"facts": facts})
        done = desk.apply(told, author=author, within=timedelta(days=within))
        if {item.keys[0] for item in questions} & {
            key for item in done.readiness.of(Standing.MISSING) for key in item.keys
        }:
            # Records contradict what was answered; that isn't asked again and again.
            break
    return told, done


def readiness_document(stands: Readiness) -> dict[str, object]:
    """Return how a place stands as plain JSON values."""
    return {
        "place": stands.place,
        "scene": stands.scene,
        "ready": stands.ready,
        "house_rules_only": stands.house_rules_only,
        "asked_of_each": list(stands.asked_of_each),
        "items": [
            {
                "keys": list(item.keys),
                "standing": item.standing.value,
                "rules": list(item.rules),
                "words": item.words,
                "remedy": item.remedy,
                "by_hand": item.by_hand,
                "records": list(item.records),
                "until": None if item.until is None else item.until.isoformat(),
            }
            for item in stands.items
        ],
    }


def render_readiness(console: Console, stands: Readiness) -> None:
    """Print what is missing, what runs out and what is met, each with its rules."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for item in stands.items:
        word, style = _MARKS[item.standing]
        words = Text(f"{' or '.join(item.keys)}: {item.words}" if item.keys else item.words)
        if item.until is not None:
            words.append(f" Until {item.until:%Y-%m-%d %H:%M} UTC.")
        if item.rules:
            words.append(f"\n{', '.join(item.rules)}", style="dim")
        if item.remedy:
            words.append(f"\n{item.remedy}", style="yellow")
        table.add_row(Text(word, style=style), words)
    console.print(table)
    if stands.asked_of_each:
        console.print(Text(f"Asked of each person anew: {', '.join(stands.asked_of_each)}"))
    counts = [f"{len(stands.of(standing))} {_MARKS[standing][0]}" for standing in Standing]
    console.print(Text(f"{stands.place}, {stands.scene}: {', '.join(counts)}."))
    if stands.house_rules_only:
        console.print("House rules alone speak here; no rule of the jurisdiction does.")


def _document(done: SetUp) -> dict[str, object]:
    document: dict[str, object] = {
        "outcome": "ready" if done.readiness.ready else "not ready",
        "filed": list(done.filed),
        "on_file": list(done.on_file),
        "waiting": {name: list(wanted) for name, wanted in done.waiting.items()},
        "readiness": readiness_document(done.readiness),
    }
    if done.device_key is not None:
        document["device_private_key"] = done.device_key
    return document | ({"api_keys": dict(done.api_keys)} if done.api_keys else {})


def _render(console: Console, done: SetUp, out: Path) -> None:
    console.print(Text(f"Filed: {', '.join(done.filed) or 'nothing new'}."))
    for name, wanted in done.waiting.items():
        console.print(Text(f"  to fill in  {name}: {'; '.join(wanted)}"))
    secrets: Sequence[tuple[str, str]] = [
        *([("The device's private key", done.device_key)] if done.device_key is not None else []),
        *((f"The API key of {name}", key) for name, key in done.api_keys.items()),
    ]
    for what, secret in secrets:
        console.print(Text(f"{what}, shown once:"))
        console.print(Text(secret), soft_wrap=True)
    render_readiness(console, done.readiness)
    place = done.readiness.place
    if not done.readiness.ready:
        console.print(Text(f"What is still wanted stands in {out}: fill it in, then"))
        console.print(Text(f"  countenance init --answers {out}"), soft_wrap=True)
    console.print(Text(f"Look again at any time: countenance doctor --place {place}"), soft_wrap=True)
