"""`countenance bench cluster`: a gallery on two Ray nodes beside the same one in one process."""

from __future__ import annotations

import contextlib
import sys
from typing import Annotated

import typer
from rich.progress import Progress

from countenance.cli.bench import machine, show
from countenance.cli.options import JsonFlag
from countenance.cli.output import ExitStatus, answer, screen
from countenance.runtime.cluster_bench import time_cluster

__all__ = ["cluster"]


def cluster(
    *,
    rows: Annotated[
        int, typer.Option("--rows", metavar="N", help="References.", min=100, max=10_000_000)
    ] = 200_000,
    probes: Annotated[
        int, typer.Option("--probes", metavar="N", help="Searches compared first.", min=2, max=100_000)
    ] = 200,
    searches: Annotated[
        int,
        typer.Option(
            "--searches", metavar="N", help="Searches with two deaths among them.", min=6, max=100_000
        ),
    ] = 1000,
    enrolments: Annotated[
        int, typer.Option("--enrolments", metavar="N", help="People enrolled meanwhile.", min=1, max=10_000)
    ] = 200,
    as_json: JsonFlag = False,
) -> None:
    """Search made-up people on two Ray nodes here, kill a part and a node, and count what went wrong."""
    # Ray tells of a part that died on standard output.
    with (
        Progress(console=screen(error=True), disable=as_json) as progress,
        contextlib.redirect_stdout(sys.stderr),
    ):
        totals = {"enrolled": rows, "compared": probes, "searched": searches}
        tasks = {name: progress.add_task(name, total=total) for name, total in totals.items()}
        times = time_cluster(
            rows=rows,
            probes=probes,
            searches=searches,
            enrolments=enrolments,
            moved=lambda what, done: progress.update(tasks[what], completed=done),
        )
    document: dict[str, object] = {
        "outcome": "measured",
        "figures": {
            "references": rows,
            "answers_compared": times.compared,
            "wrong": times.wrong,
            "searches_around_death": times.searches,
            "enrolments_around_death": times.enrolments,
            "lost": times.lost,
            "recovery_seconds": round(times.recovery_seconds, 2),
            "node_recovery_seconds": round(times.node_recovery_seconds, 2),
            "parts_on_lost_node": times.parts_on_lost_node,
            "load_seconds": round(times.load_seconds, 2),
            "load_one_process_seconds": round(times.load_one_seconds, 2),
            "cluster_ms_median": round(times.cluster_ms.median, 2),
            "cluster_ms_p95": round(times.cluster_ms.high, 2),
            "one_process_ms_median": round(times.one_ms.median, 2),
            "one_process_ms_p95": round(times.one_ms.high, 2),
            "ray_files_with_vectors": times.files_with_vectors,
            "marker_found_in_object_store": times.marker_found,
        },
        "conditions": {
            "cluster": "two Ray nodes on this machine (ray.cluster_utils.Cluster), a part on each, a token, "
            "no dashboard, no usage statistics; SQLite",
            "compared": "the best ten and all from 0.5 on: identifiers, order, scores and how many took "
            "part, with one process over the same store",
            "death": "SIGKILL of a part's process a third of the way, of a whole node after two thirds; "
            "recovery: the longest wait for an answer from then on",
            "lost": "acknowledged enrolments that the cluster, or a gallery opened anew, doesn't find first",
            **machine(),
        },
    }
    wrong = times.wrong or times.lost or times.files_with_vectors or not times.marker_found
    answer(
        document,
        lambda console: show(console, document),
        as_json=as_json,
        status=ExitStatus.NO if wrong else ExitStatus.YES,
    )
