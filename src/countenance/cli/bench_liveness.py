"""`countenance bench liveness`: what a frame costs, and whether a full house is held without a loss."""

from __future__ import annotations

from typing import Annotated, Final

import typer
from rich.progress import Progress

from countenance.cli.bench import machine, show
from countenance.cli.options import JsonFlag, SetOption, SettingsOption, settings_of
from countenance.cli.output import ExitStatus, answer, screen
from countenance.runtime.liveness_bench import FRAME_SIZE, noisy_frames, time_liveness
from countenance.vision.registry import SampleStore

__all__ = ["liveness"]

_SAMPLE: Final = "obama"
_SEED: Final = 20261123
_FRAMES: Final = 120


def liveness(
    *,
    sessions: Annotated[
        int, typer.Option("--sessions", metavar="N", help="Sessions at once.", min=1, max=200)
    ] = 20,
    rate: Annotated[
        float, typer.Option("--rate", metavar="R", help="Frames a second of each.", min=1, max=30)
    ] = 5.0,
    seconds: Annotated[
        float, typer.Option("--seconds", metavar="S", help="How long they send.", min=1, max=18)
    ] = 12.0,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Hold a full house of liveness sessions at a demonstration's desk, and count what is lost."""
    settings = settings_of(settings_file, stated, {"threads": 1})
    frames = noisy_frames(SampleStore().read(_SAMPLE), count=_FRAMES, seed=_SEED)
    with Progress(console=screen(error=True), disable=as_json) as progress:
        task = progress.add_task("frames", total=sessions * int(rate * seconds))
        times = time_liveness(
            settings,
            frames=frames,
            sessions=sessions,
            rate=rate,
            seconds=seconds,
            moved=lambda done: progress.update(task, completed=done),
        )
    document: dict[str, object] = {
        "outcome": "measured",
        "figures": {
            "frame_ms_median": round(times.frame.median, 2),
            "frame_ms_p95": round(times.frame.high, 2),
            "frame_processor_ms_median": round(times.processor.median, 2),
            "frame_processor_ms_p95": round(times.processor.high, 2),
            "sessions": times.sessions,
            "frames_sent": times.frames,
            "frames_refused": times.refused,
            "sessions_lost": times.lost,
            "answered_ms_median": round(times.answered.median, 1),
            "answered_ms_p95": round(times.answered.high, 1),
            "one_too_many_waits_seconds": times.retry_after,
            "grown_mib": round(times.resident / 2**20, 1),
        },
        "conditions": {
            "frames": f"a sample photograph as JPEG of {FRAME_SIZE[0]} by {FRAME_SIZE[1]}, noise of its own "
            "in each; decoded, looked at with detector and mesh (one thread), noted",
            "at once": f"{rate:g} frames a second of each session for {seconds:g} seconds; two threads look, "
            "as in the server; answered: from when a frame was due",
            "grown": "by how much the process grew meanwhile; a session never holds more than 1.8 MB",
            **machine(),
        },
    }
    wrong = times.refused or times.lost or times.retry_after is None
    answer(
        document,
        lambda console: show(console, document),
        as_json=as_json,
        status=ExitStatus.NO if wrong else ExitStatus.YES,
    )
