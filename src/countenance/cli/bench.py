"""`countenance bench`: how long a verdict takes, and a face from pixels to vector."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from countenance import __version__
from countenance.authority import shipped_rules
from countenance.cli.options import JsonFlag, SetOption, SettingsOption, read_picture, settings_of
from countenance.cli.output import ExitStatus, answer, screen
from countenance.evaluation.dlib_pipeline import DlibNotInstalled, DlibPipeline
from countenance.evaluation.timing import time_verdicts
from countenance.runtime import Settings
from countenance.runtime.benchmark import BATCH, PipelineBench, PipelineTimes
from countenance.runtime.verdict_bench import time_judgements
from countenance.vision.registry import SampleStore

__all__ = ["bench_app", "machine", "pipeline", "policy", "show"]

_SAMPLES: Final = ("obama", "obama2", "obama3", "biden")
_ENDINGS: Final = frozenset({".jpg", ".jpeg", ".png"})
_LIBRARIES: Final = ("ai-edge-litert", "onnxruntime", "opencv-python-headless", "numpy", "pillow")
_SEED: Final = 20261122
_JUDGED: Final = 1000
_GATHERED: Final = (
    "a demonstration's store on disk; 100 guests who agreed, in turn, each request new; place, purpose, "
    "device and evidence read of one state of the database, what is about the guest opened each time; "
    "'looked' looks at the system first, else the last look stands (setting observation_seconds)"
)

bench_app = typer.Typer(no_args_is_help=True, help="How long things take on this machine.")


@bench_app.callback()
def _root() -> None:
    """How long things take on this machine."""


@bench_app.command()
def policy(
    *,
    count: Annotated[
        int, typer.Option("--count", metavar="N", help="How many verdicts.", min=10, max=1_000_000)
    ] = 5000,
    subjects: Annotated[
        int,
        typer.Option(
            "--subjects", metavar="N", help="Also with facts gathered, of N people.", min=0, max=1_000_000
        ),
    ] = 0,
    as_json: JsonFlag = False,
) -> None:
    """Time verdicts over all rules, on contexts of which no two are alike."""
    rules, vocabulary = shipped_rules()
    spread, allowed = time_verdicts(rules, vocabulary, count=count, seed=_SEED)
    gathered = _gathered(subjects, quiet=as_json) if subjects else {}
    document: dict[str, object] = {
        "outcome": "measured",
        "figures": {
            "verdict_us_median": round(spread.median, 1),
            "verdict_us_p5": round(spread.low, 1),
            "verdict_us_p95": round(spread.high, 1),
            "verdicts": spread.count,
            "allowed_count": allowed,
            "rules": len(rules.rules),
            **gathered,
        },
        "conditions": {
            **({"facts gathered": _GATHERED} if gathered else {}),
            "contexts": f"all different, seed {_SEED}: any operation, kind of place, one to three "
            "jurisdictions, each trigger and each key of evidence on file or not; nothing is remembered",
            **machine(),
        },
    }
    answer(document, lambda console: show(console, document), as_json=as_json, status=ExitStatus.YES)


def _gathered(subjects: int, *, quiet: bool) -> dict[str, float | int]:
    with Progress(console=screen(error=True), disable=quiet) as progress:
        task = progress.add_task("people", total=subjects)
        times = time_judgements(
            subjects=subjects,
            judged=_JUDGED,
            seed=_SEED,
            moved=lambda done: progress.update(task, completed=done),
        )
    return {
        "gathered_ms_median": round(times.gathered.median, 2),
        "gathered_ms_p5": round(times.gathered.low, 2),
        "gathered_ms_p95": round(times.gathered.high, 2),
        "gathered_count": times.gathered.count,
        "gathered_allowed_count": times.allowed,
        "gathered_and_looked_ms_median": round(times.looked.median, 2),
        "gathered_and_looked_ms_p95": round(times.looked.high, 2),
        "records_of_a_request": times.records,
        "subjects": subjects,
        "store_mib": round(times.store_bytes / 2**20, 1),
    }


@bench_app.command()
def pipeline(
    *,
    rounds: Annotated[int, typer.Option("--rounds", metavar="N", help="How often.", min=1, max=1000)] = 10,
    threads: Annotated[
        int, typer.Option("--threads", metavar="N", help="Processor threads of our networks.", min=1)
    ] = 1,
    pictures: Annotated[
        Path | None,
        typer.Option("--pictures", metavar="FOLDER", help="Pictures of one face each; else the samples."),
    ] = None,
    embedder: Annotated[str | None, typer.Option("--embedder", metavar="ID", help="The network.")] = None,
    without_dlib: Annotated[bool, typer.Option("--without-dlib", help="Time ours alone.")] = False,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Time the way from pixels to vector, beside dlib's own pipeline on the same pictures."""
    settings = settings_of(settings_file, stated, {"threads": threads, "embedder": embedder})
    dlib, note = _dlib(without=without_dlib)
    bench = PipelineBench(settings=settings, dlib=dlib)
    chosen = bench.pictures_of(_encoded(pictures, settings))
    with Progress(console=screen(error=True), disable=as_json) as progress:
        task = progress.add_task("rounds", total=rounds + 1)
        times = bench.run(chosen, rounds=rounds, moved=lambda: progress.advance(task))
    document = _document(times, settings, rounds=rounds, own=pictures is not None, note=note)
    answer(document, lambda console: show(console, document), as_json=as_json, status=ExitStatus.YES)


def _dlib(*, without: bool) -> tuple[DlibPipeline | None, str]:
    if without:
        return None, "left out"
    try:
        return DlibPipeline(), "installed"
    except DlibNotInstalled as error:
        return None, f"{error.message} {error.remedy}"


def _encoded(folder: Path | None, settings: Settings) -> tuple[bytes, ...]:
    """Return the pictures of a folder, or the sample portraits."""
    if folder is None:
        samples = SampleStore()
        return tuple(samples.read(name) for name in _SAMPLES)
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in _ENDINGS)
    return tuple(
        read_picture(file, role="picture to time", largest_bytes=settings.capture_largest_bytes)
        for file in files
    )


def _document(
    times: PipelineTimes, settings: Settings, *, rounds: int, own: bool, note: str
) -> dict[str, object]:
    return {
        "outcome": "measured",
        "figures": _figures(times),
        "conditions": {
            "pictures": f"{'given' if own else 'sample portraits'}, cut to 250 x 250 px around the face "
            f"({times.pictures['small']}) and scaled to 1,000 px ({times.pictures['large']}), in memory",
            "pipeline": f"{times.networks.detector}, {times.networks.mesh} in two passes, alignment, "
            f"{times.networks.embedder}; decoding, pose and quality not in it, timed apart",
            "dlib": f"{times.dlib}: HOG, five points, ResNet; one thread" if times.dlib else note,
            "batch": f"embed_batch_of_{BATCH} is the time of one face of the batch",
            "rounds": f"{rounds}, pipelines in turn on every picture, each once untimed before",
            "threads": settings.threads,
            **machine(),
            "libraries": {name: metadata.version(name) for name in _LIBRARIES},
        },
    }


def _figures(times: PipelineTimes) -> dict[str, float | int]:
    """Return flat names and numbers, what is asked for most first."""
    medians = {step: spread.median for step, spread in times.steps.items()}
    figures: dict[str, float | int] = {
        "ms_per_face": round(medians["pipeline_small"], 2),
        "ms_per_face_large": round(medians["pipeline_large"], 2),
    }
    if times.dlib is not None:
        for upsample, name in ((1, ""), (0, "_without_upsampling")):
            for size, ending in (("small", ""), ("large", "_large")):
                ours = medians[f"pipeline_{size}"]
                ratio = medians[f"dlib_upsample_{upsample}_{size}"] / ours
                figures[f"times_faster_than_dlib{name}{ending}"] = round(ratio, 1)
    for size, ending in (("small", ""), ("large", "_large")):
        mixed = medians.get(f"dlib_in_onnxruntime_upsample_1_{size}")
        if mixed is not None:
            figures[f"times_faster_than_dlib_in_onnxruntime{ending}"] = round(
                mixed / medians[f"pipeline_{size}"], 1
            )
    for step, spread in times.steps.items():
        figures |= {
            f"{step}_ms_median": round(spread.median, 3),
            f"{step}_ms_p5": round(spread.low, 3),
            f"{step}_ms_p95": round(spread.high, 3),
        }
    for step, missed in times.missed_by_dlib.items():
        figures[f"{step}_no_face_count"] = missed
    return figures


def machine() -> dict[str, object]:
    """Return what the figures were measured on."""
    return {
        "processor": _processor(),
        "processors": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "countenance": __version__,
    }


def _processor() -> str:
    """Return the processor's name as Linux states it, else its architecture."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def show(console: Console, document: Mapping[str, object]) -> None:
    """Print figures and conditions as tables."""
    table = Table("figure", "value")
    figures: Mapping[str, object] = document["figures"]  # type: ignore[assignment]
    for name, figure in figures.items():
        table.add_row(name, str(figure))
    console.print(table)
    conditions: Mapping[str, object] = document["conditions"]  # type: ignore[assignment]
    for name, value in conditions.items():
        words = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, Mapping) else str(value)
        console.print(Text.assemble((f"{name}: ", "dim"), words))
