"""`countenance bench search`: the certified search beside the memory it reads and beside other engines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn

from countenance.cli.bench import machine, show
from countenance.cli.options import JsonFlag
from countenance.cli.output import ExitStatus, answer, screen
from countenance.evaluation.search_timing import (
    PEERS,
    SearchTimes,
    installed_peers,
    one_core,
    plot_search,
    time_search,
)

__all__ = ["search"]

_SEED: Final = 20261123
_WORDS: Final = ((1_000_000, "m"), (1000, "k"))


def search(
    *,
    rows: Annotated[
        int, typer.Option("--rows", metavar="N", help="References.", min=1000, max=50_000_000)
    ] = 1_000_000,
    dimensions: Annotated[
        list[int] | None,
        typer.Option("--dimensions", metavar="D", help="Of a reference, 1 to 1024; may be repeated."),
    ] = None,
    probes: Annotated[
        int, typer.Option("--probes", metavar="N", help="Searches of each kind.", min=2, max=1000)
    ] = 24,
    batch: Annotated[int, typer.Option("--batch", metavar="N", help="Probes at once.", min=1, max=256)] = 64,
    alone: Annotated[bool, typer.Option("--alone", help="Time ours alone.")] = False,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Draw the times into an SVG or PNG file.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Time exact searches of random references, on one core, and compare every answer with a full scan."""
    peers = () if alone else installed_peers()
    spinner = Progress(
        SpinnerColumn(), TextColumn("{task.description}"), console=screen(error=True), disable=as_json
    )
    with one_core(), spinner as progress:
        task = progress.add_task("begins", total=None)
        found = [
            time_search(
                rows=rows,
                dimensions=width,
                probes=probes,
                batch=batch,
                seed=_SEED,
                peers=peers,
                moved=lambda words: progress.update(task, description=words),
            )
            for width in dimensions or [192, 512]
        ]
    if plot is not None:
        plot_search(found, plot)
    document: dict[str, object] = {
        "outcome": "measured",
        "figures": _figures(found),
        "conditions": {
            "references": f"{rows:,} random unit vectors, seed {_SEED}; they say nothing about faces",
            "probes": f"{probes}, every other one near a reference; {batch} at once, three times",
            "core": "one, everything in turn; the same bytes are read just before each certified search",
            "answers": "each compared with NumPy's full scan in float64",
            "kernel": found[0].kernel,
            "left_out": ", ".join(sorted(set(PEERS) - set(peers))) or "nothing",
            **machine(),
        },
    }
    wrong = any(one.mismatches for one in found)
    status = ExitStatus.NO if wrong else ExitStatus.YES
    answer(document, lambda console: show(console, document), as_json=as_json, status=status)


def _figures(found: list[SearchTimes]) -> dict[str, float | int]:
    figures: dict[str, float | int] = {"mismatches": sum(one.mismatches for one in found)}
    for one in found:
        size = f"{_short(one.rows)}_{one.dimensions}"
        ours = one.steps["certified_top_1"].median
        figures[f"percent_of_bound_{size}"] = round(one.percent_of_bound, 1)
        for peer in one.peers_wrong:
            figures[f"times_faster_than_{peer}_{size}"] = round(one.steps[peer].median / ours, 2)
            figures[f"{peer}_wrong_answers_{size}_count"] = one.peers_wrong[peer]
        for step, spread in one.steps.items():
            figures[f"{step}_{size}_ms_median"] = round(spread.median, 3)
            figures[f"{step}_{size}_ms_p5"] = round(spread.low, 3)
            figures[f"{step}_{size}_ms_p95"] = round(spread.high, 3)
        figures[f"read_{size}_gb_per_s"] = round(one.read_gb_per_second, 1)
        figures[f"rescored_{size}_count_median"] = one.rescored
        figures[f"answers_compared_{size}"] = one.answers
        figures[f"resident_{size}_gib"] = round(one.rss_gib, 2)
    return figures


def _short(rows: int) -> str:
    """Return 1000000 as ``1m``."""
    for unit, letter in _WORDS:
        if rows % unit == 0:
            return f"{rows // unit}{letter}"
    return str(rows)
