"""`countenance demo`: a guest is checked in, an impostor isn't, and a guest room's tablet is refused."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from countenance import __version__
from countenance.authority import DEMO_JURISDICTIONS, RefusedByRule
from countenance.cli.attended import DEMO_GUEST
from countenance.cli.bringing import Brought, bring_what_the_demo_needs
from countenance.cli.options import (
    DEFAULT_DEMO_FOLDER,
    DemoFolderOption,
    JsonFlag,
    JurisdictionOption,
    SetOption,
    SettingsOption,
    settings_of,
)
from countenance.cli.output import ExitStatus, answer, screen
from countenance.cli.pictures import comparison_picture, receipt_codes, refusal_page, write_pictures
from countenance.cli.results import render_result, result_document
from countenance.cli.verdicts import render_verdict
from countenance.kernel import DeviceId
from countenance.policy import Verdict
from countenance.runtime import DemoInstallation, prepare_demo
from countenance.scenes import AttendedOrder, AttendedResult, SceneProfile, draw_specimen_card
from countenance.vision.registry import SampleStore

__all__ = ["demo"]

_SCENE: Final = "hotel-checkin"
_REFUSED: Final = "refused"
_HEAD: Final = (0.325, 0.0, 0.752, 0.44)
"""Head and shoulders of the sample photograph ``obama``, as shares of its width and height."""


@dataclass(frozen=True, slots=True)
class _Case:
    """One thing that the demonstration tries."""

    key: str
    title: str
    live: str
    device: DeviceId
    expected: str


@dataclass(frozen=True, slots=True, eq=False)
class _Tried:
    """How it came out: a result, or a refusal."""

    case: _Case
    seconds: float
    result: AttendedResult | None
    refusal: Verdict | None

    @property
    def outcome(self) -> str:
        return self.result.decision.outcome.value if self.result is not None else _REFUSED

    @property
    def as_expected(self) -> bool:
        return self.outcome == self.case.expected

    def to_json(self) -> dict[str, object]:
        document: dict[str, object] = {
            "case": self.case.key,
            "title": self.case.title,
            "expected": self.case.expected,
            "outcome": self.outcome,
        }
        if self.result is not None:
            return {**document, **result_document(self.result)}
        return {**document, "verdict": self.refusal.to_json() if self.refusal is not None else None}


def demo(
    *,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    jurisdiction: JurisdictionOption = DEMO_JURISDICTIONS[0],
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Check a made-up guest in at a made-up hotel: a match, no match, and a refusal by rule."""
    begun = time.monotonic()
    settings = settings_of(settings_file, stated)
    brought = bring_what_the_demo_needs(settings, console=screen(error=True), quiet=as_json)
    samples = SampleStore()
    card = draw_specimen_card(samples.read("obama"), part=_HEAD)
    with prepare_demo(settings, folder=folder, jurisdiction=jurisdiction) as ready:
        profile = ready.services.attended[_SCENE].profile
        tried = tuple(_try(ready, case, card, samples) for case in _cases(ready))
        pictures = _draw(ready, tried, card, profile)
    document = _document(tried, brought, pictures, jurisdiction, time.monotonic() - begun)
    well = all(one.as_expected for one in tried)
    answer(
        document,
        lambda console: _render(console, tried, profile, document),
        as_json=as_json,
        status=ExitStatus.YES if well else ExitStatus.NO,
    )


def _cases(ready: DemoInstallation) -> tuple[_Case, ...]:
    desk, room = ready.site.desk_device, ready.site.room_device
    return (
        _Case("match", "The guest of the document stands at the desk", "obama2", desk, "match"),
        _Case("no-match", "Somebody else stands at the desk", "biden", desk, "no match"),
        _Case("refusal", "The same request from the tablet in guest room 204", "obama2", room, _REFUSED),
    )


def _try(ready: DemoInstallation, case: _Case, card: bytes, samples: SampleStore) -> _Tried:
    order = AttendedOrder(
        document=card,
        live=samples.read(case.live),
        place=ready.site.place,
        device=case.device,
        guest=DEMO_GUEST,
    )
    begun = time.monotonic()
    try:
        result = ready.services.attended[_SCENE].run(order)
    except RefusedByRule as refusal:
        return _Tried(case, time.monotonic() - begun, None, refusal.verdict)
    return _Tried(case, time.monotonic() - begun, result, None)


def _draw(
    ready: DemoInstallation, tried: Sequence[_Tried], card: bytes, profile: SceneProfile
) -> Sequence[Path]:
    """Draw what is to be looked at; wipe the previews."""
    pictures = {"specimen-card.png": card}
    for one in tried:
        if one.result is not None:
            pictures[f"{one.case.key}.png"] = comparison_picture(one.result, profile=profile)
            png, svg = receipt_codes(one.result.receipt)
            pictures |= {f"{one.case.key}-receipt.png": png, f"{one.case.key}-receipt.svg": svg}
            for preview in one.result.previews:
                preview.wipe()
        elif one.refusal is not None:
            pictures[f"{one.case.key}.html"] = refusal_page(one.refusal, asked=f"{one.case.title}.").encode()
    return write_pictures(ready.folder.pictures, pictures)


def _document(
    tried: Sequence[_Tried], brought: Brought, pictures: Sequence[Path], jurisdiction: str, seconds: float
) -> dict[str, object]:
    figures = {f"{one.case.key.replace('-', '_')}_s": round(one.seconds, 3) for one in tried}
    models = next((one.result.decision.models for one in tried if one.result is not None), ())
    return {
        "outcome": "as expected" if all(one.as_expected for one in tried) else "not as expected",
        "cases": [one.to_json() for one in tried],
        "pictures": [str(path) for path in pictures],
        "figures": {**figures, "demo_s": round(seconds, 2), "download_mib": round(brought.bytes / 2**20, 1)},
        "conditions": {
            "jurisdiction": jurisdiction,
            "models": list(models),
            "archives_brought": brought.archives,
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "machine": platform.machine(),
            "countenance": __version__,
        },
    }


def _render(
    console: Console, tried: Sequence[_Tried], profile: SceneProfile, document: dict[str, object]
) -> None:
    for number, one in enumerate(tried, 1):
        console.print(Rule(Text(f"{number}. {one.case.title}", style="bold"), align="left"))
        if one.result is not None:
            render_result(console, one.result, profile=profile, rules=number == 1)
        elif one.refusal is not None:
            render_verdict(console, one.refusal)
        if not one.as_expected:
            console.print(
                Text(f"Expected: {one.case.expected}. It came out as: {one.outcome}.", style="bold red")
            )
    console.print(Rule(Text(f"Came out {document['outcome']}", style="bold"), align="left"))
    console.print("Everything here is marked DEMO: no guest, no hotel. The portraits are published ones.")
    console.print("Drawn to be looked at:")
    for path in document["pictures"]:  # type: ignore[attr-defined]
        console.print(Text(f"  {path}"), soft_wrap=True)
    figures: dict[str, float] = document["figures"]  # type: ignore[assignment]
    console.print(
        Text(
            f"{figures['demo_s']} s, of which the check-in {figures['match_s']} s; "
            f"{figures['download_mib']} MiB brought."
        ),
    )
