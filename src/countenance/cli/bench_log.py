"""`countenance bench log`: proofs among many leaves of the transparency log."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path
from typing import Annotated, Final

import typer

from countenance.cli.bench import machine, show
from countenance.cli.options import JsonFlag
from countenance.cli.output import ExitStatus, answer
from countenance.evaluation.timing import Spread, spread_of
from countenance.kernel import SystemClock
from countenance.store import (
    Store,
    create_root_key,
    fill_log,
    key_provider,
    open_checkpoint,
    verify_inclusion,
)

__all__ = ["log"]

_SEED: Final = 20261123
_MILLI: Final = 1e3


def log(
    *,
    leaves: Annotated[
        int, typer.Option("--leaves", metavar="N", help="Entries of the log.", min=100, max=10_000_000)
    ] = 1_000_000,
    proofs: Annotated[
        int, typer.Option("--proofs", metavar="N", help="Proofs of each kind.", min=10, max=100_000)
    ] = 500,
    as_json: JsonFlag = False,
) -> None:
    """Time proofs in a log of random leaves on disk; every one is checked against the signed head."""
    with tempfile.TemporaryDirectory() as folder:
        uri = f"file:{folder}/root.key"
        create_root_key(uri)
        provider = key_provider(uri)
        with Store.create(Path(folder) / "data", key_provider=provider, clock=SystemClock()) as store:
            fill_log(store, leaves, seed=_SEED)
        began = time.perf_counter()
        # Opened anew: nothing is remembered of the filling but what the operating system has of the file.
        with Store.open(Path(folder) / "data", key_provider=provider, clock=SystemClock()) as store:
            opening = (time.perf_counter() - began) * _MILLI
            inclusion, consistency, wrong = _time(store, leaves, proofs)
    document: dict[str, object] = {
        "outcome": "measured",
        "figures": {
            **_figures("inclusion_proof", inclusion),
            **_figures("consistency_proof", consistency),
            "first_opening_ms": round(opening, 1),
            "proofs_that_did_not_hold": wrong,
            "leaves": leaves,
        },
        "conditions": {
            "log": f"{leaves:,} random leaves, seed {_SEED}, in SQLite on disk; the file is in the cache",
            "proofs": f"{proofs} of each kind at random places; making one reads the database and checks it "
            "against the signed head, whose signature is checked too; each is then verified, untimed",
            **machine(),
        },
    }
    status = ExitStatus.NO if wrong else ExitStatus.YES
    answer(document, lambda console: show(console, document), as_json=as_json, status=status)


def _time(store: Store, leaves: int, proofs: int) -> tuple[Spread, Spread, int]:
    draw = random.Random(_SEED)  # noqa: S311 - nothing secret is drawn
    head = open_checkpoint(store.log.checkpoint(), key=store.log.key)
    inclusion, consistency, wrong = [], [], 0
    for _ in range(proofs):
        index, earlier = draw.randrange(leaves), draw.randrange(1, leaves)
        began = time.perf_counter()
        path = store.log.inclusion_proof(index, leaves)
        middle = time.perf_counter()
        store.log.consistency_proof(earlier, leaves)
        inclusion.append((middle - began) * _MILLI)
        consistency.append((time.perf_counter() - middle) * _MILLI)
        leaf = bytes.fromhex(store.log.entry(index).leaf_hash)
        wrong += not verify_inclusion(leaf=leaf, index=index, size=leaves, proof=path, root=head.root)
    return spread_of(inclusion), spread_of(consistency), wrong


def _figures(name: str, spread: Spread) -> dict[str, float]:
    return {
        f"{name}_ms_median": round(spread.median, 3),
        f"{name}_ms_p5": round(spread.low, 3),
        f"{name}_ms_p95": round(spread.high, 3),
    }
