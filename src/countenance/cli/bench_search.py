"""`countenance bench search`: the certified search beside the memory it reads and beside other engines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn

from countenance.cli.bench import machine, show
from countenance.cli.options import JsonFlag
from countenance.cli.output import ExitStatus, answer, screen
from countenance.evaluation.search_check import QUERY_KINDS, CheckedSearch, check_search
from countenance.evaluation.search_peers import PEERS, installed_peers
from countenance.evaluation.search_timing import SearchTimes, plot_search, time_search

__all__ = ["search"]

_SEED: Final = 20261123
_WORDS: Final = ((1_000_000, "m"), (1000, "k"))
_WIDTHS: Final = (192, 512)


def search(
    *,
    rows: Annotated[
        int, typer.Option("--rows", metavar="N", help="References.", min=1000, max=50_000_000)
    ] = 1_000_000,
    dimensions: Annotated[
        list[int] | None,
        typer.Option("--dimensions", metavar="D", help="Of a reference, 2 to 1024; may be repeated."),
    ] = None,
    probes: Annotated[
        int, typer.Option("--probes", metavar="N", help="Searches of each kind.", min=2, max=1000)
    ] = 24,
    batch: Annotated[int, typer.Option("--batch", metavar="N", help="Probes at once.", min=1, max=256)] = 64,
    alone: Annotated[bool, typer.Option("--alone", help="Time ours alone.")] = False,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Draw the times into an SVG or PNG file.")
    ] = None,
    check: Annotated[
        int,
        typer.Option(
            "--check", metavar="N", help="Time nothing: compare N hard queries.", min=0, max=10_000_000
        ),
    ] = 0,
    as_json: JsonFlag = False,
) -> None:
    """Time exact searches of random references, on one core, and compare every answer with a full scan."""
    widths = tuple(dimensions or _WIDTHS)
    spinner = Progress(
        SpinnerColumn(), TextColumn("{task.description}"), console=screen(error=True), disable=as_json
    )
    with spinner as progress:
        task = progress.add_task("begins", total=None)
        if check:
            document = _checked(widths, check, progress, task)
        else:
            peers = () if alone else installed_peers()
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
                for width in widths
            ]
            document = _timed(found, peers, probes=probes, batch=batch)
    if plot is not None and not check:
        plot_search(found, plot)
    figures: dict[str, float | int] = document["figures"]  # type: ignore[assignment]
    status = ExitStatus.NO if figures["mismatches"] else ExitStatus.YES
    answer(document, lambda console: show(console, document), as_json=as_json, status=status)


def _timed(found: list[SearchTimes], peers: tuple[str, ...], *, probes: int, batch: int) -> dict[str, object]:
    first = found[0]
    return {
        "outcome": "measured",
        "figures": _figures(found),
        "conditions": {
            "references": f"{first.rows:,} random unit vectors, seed {_SEED}; they say nothing about faces",
            "probes": f"{probes}, every other one near a reference; {batch} at once, three times",
            "core": "one, everything in turn; a search's codes are read just before it. On all cores: "
            f"{first.cores}, ours alone, afterwards",
            "memory": "resident and peak: with ours alone, before the others are built",
            "answers": "each compared with NumPy's full scan in float64",
            "kernel": first.kernel,
            "left_out": ", ".join(sorted(set(PEERS) - set(peers))) or "nothing",
            **machine(),
        },
    }


def _figures(found: list[SearchTimes]) -> dict[str, float | int]:
    figures: dict[str, float | int] = {"mismatches": sum(one.mismatches for one in found)}
    for one in found:
        size = f"{_short(one.rows)}_{one.dimensions}"
        ours = one.steps["certified_top_1"].median
        figures[f"percent_of_bound_{size}"] = round(one.percent_of_bound, 1)
        for peer in one.peers_wrong:
            figures[f"times_faster_than_{peer}_{size}"] = round(one.steps[peer].median / ours, 2)
            figures[f"{peer}_wrong_answers_{size}_count"] = one.peers_wrong[peer]
        if one.percent_on_all_cores is not None:
            on_all = one.steps["certified_top_1_on_all_cores"].median
            figures[f"times_faster_on_{one.cores}_cores_{size}"] = round(ours / on_all, 2)
            figures[f"percent_of_bound_on_{one.cores}_cores_{size}"] = round(one.percent_on_all_cores, 1)
        for step, spread in one.steps.items():
            figures[f"{step}_{size}_ms_median"] = round(spread.median, 3)
            figures[f"{step}_{size}_ms_p5"] = round(spread.low, 3)
            figures[f"{step}_{size}_ms_p95"] = round(spread.high, 3)
        figures[f"read_{size}_gb_per_s"] = round(one.read_gb_per_second, 1)
        figures[f"rescored_{size}_count_median"] = one.rescored
        figures[f"answers_compared_{size}"] = one.answers
        figures[f"resident_{size}_gib"] = round(one.rss_gib, 2)
        figures[f"peak_{size}_gib"] = round(one.peak_gib, 2)
    return figures


def _checked(widths: tuple[int, ...], queries: int, progress: Progress, task: object) -> dict[str, object]:
    found = []
    for width in widths:

        def moved(done: int, width: int = width) -> None:
            progress.update(task, description=f"{done:,} queries at {width}")  # type: ignore[arg-type]

        found.append(check_search(dimensions=width, queries=queries, seed=_SEED, moved=moved))
    return {
        "outcome": "measured",
        "figures": _figures_of_check(found),
        "conditions": {
            "queries": f"{queries:,} a number of dimensions, seed {_SEED}, in turn: {', '.join(QUERY_KINDS)}",
            "asked": "the best one, the best ten, all that reach a score; the best ten again, 64 at once",
            "references": f"{found[0].references:,}: random ones, ties, duplicates, neighbours 1e-7 apart, "
            "opposites, axes; removals before",
            "answers": "identifiers, order and scores to the last bit, against a full scan in float64 of the "
            "float32 vectors",
            "plain_float32_worse": "probes for which NumPy's float32 product puts a worse reference first",
            "kernels": ", ".join(found[0].answers),
            **machine(),
        },
    }


def _figures_of_check(found: list[CheckedSearch]) -> dict[str, float | int]:
    figures: dict[str, float | int] = {"mismatches": sum(sum(one.mismatches.values()) for one in found)}
    for one in found:
        figures[f"queries_{one.dimensions}"] = one.queries
        figures[f"answers_compared_{one.dimensions}"] = sum(one.answers.values())
        for kernel, wrong in one.mismatches.items():
            words = kernel.lower().replace("-", "_").replace(" ", "_")
            figures[f"mismatches_{words}_{one.dimensions}"] = wrong
        for kind, wrong in one.by_kind.items():
            if wrong:
                figures[f"mismatches_{kind}_{one.dimensions}"] = wrong
        figures[f"scored_in_full_{one.dimensions}_count"] = one.all_scored
        figures[f"plain_float32_worse_{one.dimensions}_count"] = one.float32_worse
    return figures


def _short(rows: int) -> str:
    """Return 1000000 as ``1m``."""
    for unit, letter in _WORDS:
        if rows % unit == 0:
            return f"{rows // unit}{letter}"
    return str(rows)
