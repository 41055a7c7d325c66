"""`countenance bench erase`: how long erasing one person takes in a store of many."""

from __future__ import annotations

from typing import Annotated, Final

import typer
from rich.progress import Progress

from countenance.cli.bench import machine, show
from countenance.cli.options import JsonFlag
from countenance.cli.output import ExitStatus, answer, screen
from countenance.runtime.erasure_bench import time_erasures

__all__ = ["erase"]

_SEED: Final = 20261123


def erase(
    *,
    subjects: Annotated[
        int, typer.Option("--subjects", metavar="N", help="People in the store.", min=10, max=1_000_000)
    ] = 100_000,
    erased: Annotated[
        int, typer.Option("--erased", metavar="N", help="How many are erased.", min=4, max=10_000)
    ] = 100,
    as_json: JsonFlag = False,
) -> None:
    """Fill a new store with made-up people, erase some, and look for what is left of each."""
    if erased > subjects:
        raise typer.BadParameter("no more can be erased than are there", param_hint="--erased")
    with Progress(console=screen(error=True), disable=as_json) as progress:
        task = progress.add_task("people", total=subjects)
        times = time_erasures(
            subjects=subjects,
            erased=erased,
            seed=_SEED,
            moved=lambda done: progress.update(task, completed=done),
        )
    figures: dict[str, float | int] = {}
    for step, spread in times.steps.items():
        figures[f"{step}_ms_median"] = round(spread.median, 2)
        figures[f"{step}_ms_p5"] = round(spread.low, 2)
        figures[f"{step}_ms_p95"] = round(spread.high, 2)
        figures[f"{step}_count"] = spread.count
    document: dict[str, object] = {
        "outcome": "measured",
        "figures": {
            **figures,
            "rewritten_count": times.rewritten,
            "subjects": subjects,
            "store_mib": round(times.store_bytes / 2**20, 1),
            "log_leaves": times.log_size,
        },
        "conditions": {
            "each person": "one statement, one sealed decision, one log statement, under a data key",
            "erase": "keys, rows and log statement in one transaction on disk (synchronous=FULL), the "
            "erasure journal flushed, the log's own entry signed, the write-ahead log emptied",
            "search": "every byte of the store's files, read for the pseudonym and the wrapped keys",
            "certified": "erase and search, and the certificate signed with the log's proof",
            "rewritten": "a copy was found that SQLite had left when it split a page, and the file was "
            "written anew; these searches aren't in the medians",
            "chosen": f"at random, seed {_SEED}; one after the other, nothing else at work on the store",
            **machine(),
        },
    }
    answer(document, lambda console: show(console, document), as_json=as_json, status=ExitStatus.YES)
