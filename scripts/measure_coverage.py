"""Hold what the tail of an error table predicts against what is then measured on people it wasn't fitted to.

    python -m scripts.measure_coverage LFW_FOLDER --also FOLDER [--fit 1,2,3] [--embedder ID] [--eight-bit]
        [--mirrored] [--detector ID ...] [--json]

The tail is fitted to the people of some sets of LFW_FOLDER (``pairs.csv`` says who is in which; nobody is in
two), its thresholds for each level are then tried on each of the other sets, and on each collection of the
folder ``--also`` (``manifest.csv``: file, person_id, gender F or M, congress). A developer's tool, as
``measure_error_table.py`` is: aggregates alone come out.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from scripts.measure_error_table import (
    DESK,
    DETECTORS,
    EMBEDDERS,
    RATES,
    TAIL_REPLICATES,
    Measured,
    Pipeline,
    genders,
    known_pairs,
    read_pictures,
)

from countenance.decisions import EVERYBODY
from countenance.evaluation import (
    TAIL_SHARE,
    Coverage,
    CoverageCell,
    ImpostorComparisons,
    OtherPeople,
    collect_impostors,
    fit_impostor_tail,
    measure_coverage,
    resample_identities,
)
from countenance.vision.registry import default_models_folder

WOMEN, MEN = "two women", "two men"


def sets_of(folder: Path) -> dict[str, set[str]]:
    """Return the names of each set."""
    found: dict[str, set[str]] = defaultdict(set)
    with (folder / "pairs.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            found[row["set"]] |= {row["name_a"], row["name_b"]}
    return dict(sorted(found.items()))


def people_of(
    embeddings: NDArray[np.float32],
    owners: Sequence[str],
    women: set[str],
    men: set[str],
    words: str,
) -> OtherPeople:
    """Compare everybody of a set with everybody else of it."""
    people, identities = np.unique(np.asarray(owners), return_inverse=True)
    names = tuple(str(name) for name in people)
    comparisons: ImpostorComparisons = collect_impostors(
        embeddings,
        identities.astype(np.int64),
        excluded=known_pairs(names),
        keep=max(200, round(2 * TAIL_SHARE * len(embeddings) ** 2)),
    )
    groups = {
        WOMEN: np.array([name in women for name in names]),
        MEN: np.array([name in men for name in names]),
    }
    return OtherPeople(words, comparisons, groups)


def part_of(folder: Path, measured: Measured, names: set[str], words: str) -> OtherPeople:
    """Return the comparisons of some people of what was read."""
    women, men = genders(folder, measured.people)
    kept = np.isin(measured.identities, [n for n, name in enumerate(measured.people) if name in names])
    return people_of(
        measured.embeddings[kept],
        [measured.people[number] for number in measured.identities[kept]],
        {name for name, is_one in zip(measured.people, women, strict=True) if is_one},
        {name for name, is_one in zip(measured.people, men, strict=True) if is_one},
        words,
    )


def collections_of(folder: Path, pipeline: Pipeline, console: Console) -> list[OtherPeople]:
    """Return the comparisons within each collection of a manifest."""
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    found: dict[str, tuple[list[NDArray[np.float32]], list[str]]] = defaultdict(lambda: ([], []))
    for row in track(rows, "other people", console=console):
        vectors, owners = found[row["congress"]]
        for vector in pipeline.embed(folder / row["file"]).values():
            vectors.append(vector)
            owners.append(row["person_id"])
    women, men = ({row["person_id"] for row in rows if row["gender"] == letter} for letter in "FM")
    return [
        people_of(np.stack(vectors), owners, women, men, f"portraits, collection {name}")
        for name, (vectors, owners) in sorted(found.items())
    ]


def figures_of(coverage: Coverage) -> dict[str, float | int]:
    """Return flat names and numbers."""
    cells = coverage.cells
    return {
        "cells": len(cells),
        "held": sum(cell.held for cell in cells),
        "held_percent": 100.0 * coverage.share,
        "held_without_spread_percent": 100.0 * sum(cell.held_alike for cell in cells) / len(cells),
        "not_above_stated_percent": 100.0
        * sum(cell.measured <= cell.stated.high for cell in cells)
        / len(cells),
    }


def line_of(cell: CoverageCell) -> str:
    """Return a cell as a line of a table."""
    asked = f"{cell.asked:g}{' (extrapolated)' if cell.extrapolated else ''}"
    predicted = f"[{cell.predicted.low:.1e}, {cell.predicted.high:.1e}]"
    stated = f"[{cell.stated.low:.1e}, {cell.stated.high:.1e}]"
    rest = f"{cell.measured:.1e} ({cell.pairs}) | {'yes' if cell.held else '**no**'}"
    return (
        f"| {asked} | {cell.people_words} | {cell.group} ({cell.people}) | {stated} | {predicted} | {rest} |"
    )


def parse_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(description="Hold the tail's predictions against other people.")
    parser.add_argument("folder", type=Path, help="the folder of the data set")
    parser.add_argument(
        "--also", type=Path, required=True, metavar="FOLDER", help="portraits of other people"
    )
    parser.add_argument("--fit", default="1,2,3", help="the sets that the tail is fitted to")
    parser.add_argument("--detector", dest="detectors", action="append", choices=sorted(DETECTORS))
    parser.add_argument("--embedder", choices=sorted(EMBEDDERS), default="mobilefacenet-192")
    parser.add_argument("--mirrored", action="store_true", help="add the mirrored face's vector")
    parser.add_argument("--eight-bit", action="store_true", help="round the embedder's weights to eight bits")
    parser.add_argument("--models", type=Path, default=default_models_folder())
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--json", action="store_true", help="print the figures as one object")
    return parser.parse_args(given)


def covered(args: argparse.Namespace, pipeline: Pipeline, console: Console) -> Coverage:
    """Fit, predict and measure."""
    sets = sets_of(args.folder)
    chosen = set(args.fit.split(","))
    if not chosen < set(sets):
        sys.exit(f"the sets are {', '.join(sets)}; fit to some, so that others are left")
    measured = read_pictures(args.folder, pipeline, console)
    fitted = part_of(args.folder, measured, set().union(*(sets[name] for name in chosen)), "fitted")
    tail = fit_impostor_tail(
        fitted.comparisons,
        drawn=resample_identities(fitted.comparisons.images.size, replicates=TAIL_REPLICATES, seed=args.seed),
        groups=fitted.groups,
    )
    others = [
        part_of(args.folder, measured, names, f"press photographs, set {name}")
        for name, names in sets.items()
        if name not in chosen
    ]
    return measure_coverage(
        tail,
        fitted={EVERYBODY: fitted.comparisons.images.size}
        | {group: int(who.sum()) for group, who in fitted.groups.items()},
        rates=RATES,
        others=[*others, *collections_of(args.also, pipeline, console)],
        seed=args.seed,
    )


def main(given: Sequence[str] | None = None) -> None:
    """Measure and print."""
    args = parse_arguments(given)
    pipeline = Pipeline(
        models_folder=args.models,
        detectors=tuple(dict.fromkeys(args.detectors or DESK)),
        embedder=args.embedder,
        mirrored=args.mirrored,
        eight_bit=args.eight_bit,
    )
    coverage = covered(args, pipeline, Console(stderr=True))
    if args.json:
        print(json.dumps({"figures": figures_of(coverage)}, indent=2))
        return
    print("| level | people | group | stated | predicted on so many | measured (pairs of people) | held |")
    print("|---|---|---|---|---|---|---|")
    for cell in coverage.cells:
        print(line_of(cell))
    for name, figure in figures_of(coverage).items():
        print(f"{name}: {figure:g}")


if __name__ == "__main__":
    main()
