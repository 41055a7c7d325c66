"""`countenance bench enrol`: many people from a folder, with a kill -9 in the middle."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.progress import Progress

from countenance.cli.bench import machine, show
from countenance.cli.options import InputNotReadable, JsonFlag, SetOption, SettingsOption, settings_of
from countenance.cli.output import ExitStatus, answer, screen
from countenance.runtime.enrolment_bench import time_enrolment

__all__ = ["enrol"]

_ENDINGS: Final = frozenset({".jpg", ".jpeg", ".png"})


def enrol(
    pictures: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="Pictures of faces, in folders or not; names aren't used."),
    ],
    *,
    people: Annotated[
        int, typer.Option("--people", metavar="N", help="How many are enrolled.", min=20, max=1_000_000)
    ] = 10_000,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Time `countenance enrol` over many people, kill it in the middle, and let it go on."""
    files = sorted(path for path in pictures.rglob("*") if path.suffix.lower() in _ENDINGS)
    if not files:
        raise InputNotReadable("There is no picture in the folder.", remedy="Give a folder with photographs.")
    settings = settings_of(settings_file, stated)
    with Progress(console=screen(error=True), disable=as_json) as progress:
        task = progress.add_task("people", total=people)
        times = time_enrolment(
            settings, files, people=people, moved=lambda done: progress.update(task, completed=done)
        )
    lost = max(0, times.before_kill - times.after_kill)
    document: dict[str, object] = {
        "outcome": "measured",
        "figures": {
            "people": times.people,
            "enrolled": times.enrolled,
            "left_out": sum(times.left_out.values()),
            "enrolled_per_second": round(times.enrolled / times.seconds, 2) if times.seconds else None,
            "enrolling_seconds": round(times.seconds, 1),
            "start_and_consents_seconds": round(times.consents_seconds, 1),
            "memory_mib": round(times.memory_mib, 1),
            "memory_growth_mib": round(times.memory_mib - times.memory_early_mib, 1),
            "acknowledged_before_kill": times.before_kill,
            "lost_by_kill": lost,
            "went_on_with": times.went_on_with,
            "resume_seconds": round(times.resume_seconds, 1),
            "findings": times.findings,
            "store_mib": round(times.store_mib, 1),
            **{f"left_out_{code.replace('-', '_')}": count for code, count in times.left_out.items()},
        },
        "conditions": {
            "each person": "one picture, a consent on file, a verdict and a permit, detection, two mesh "
            "passes, embedding, an exact search of all who are enrolled, sealed, logged, flushed to disk",
            "pictures": f"{len(files)} files; used again mirrored and turned up to 9 degrees where they are "
            "too few, each as another person, so the run states that a reviewer looked at who is close",
            "memory": "resident, of the second process: at the end, and its growth since a quarter of its "
            "work",
            "kill": "SIGKILL at 40 % of the people; the same command again, without the consents",
            **machine(),
        },
    }
    wrong = lost or times.findings
    answer(
        document,
        lambda console: show(console, document),
        as_json=as_json,
        status=ExitStatus.NO if wrong else ExitStatus.YES,
    )
