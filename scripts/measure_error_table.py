"""Measure the table that maps a false match rate to a threshold, on Labeled Faces in the Wild.

    python scripts/measure_error_table.py LFW_FOLDER [--also FOLDER] [--embedder ID] [--eight-bit]
        [--mirrored] [--detector ID ...] [--write PATH] [--json] [--review N]

A table belongs to its embedder, to whether its weights are rounded and mirrored vectors added, and to its
detectors. With several
``--detector`` each picture is read once with each, and a comparison is counted for every pair of them:
at a desk the portrait and the live face are found by different ones.

LFW_FOLDER holds a folder of pictures per name, ``people.csv`` (name, gender, images) and ``pairs.csv``
(set, name_a, n_a, name_b, n_b, same). A developer's tool: it is not part of the installed package. It
reads a data set made for this, compares no guest with anybody, and puts out aggregates alone; ``--review``
prints names without scores, to find names that are one person. Pictures and vectors stay in memory.

``--also`` names a folder with other people (``manifest.csv``: file, person_id), on whom the thresholds are
tried: a threshold that keeps its rate on the people that it was chosen on may not keep it on others.

Every picture goes through the product's own parts: decoding, detector, mesh in two passes, alignment,
embedding. ``docs/explanation/error-table.md`` says what the figures mean.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from countenance.capture import CaptureLimits, decode
from countenance.decisions import ErrorLevel, ErrorTable, ImpostorTail
from countenance.evaluation import (
    TAIL_SHARE,
    Elsewhere,
    Estimate,
    ImpostorComparisons,
    TooFewComparisons,
    collect_impostors,
    fit_impostor_tail,
    group_false_match_rates,
    measure_levels,
    render_error_table,
    resample_identities,
)
from countenance.kernel import Box, Frame, Material, sha256_hex
from countenance.vision.alignment import align
from countenance.vision.detection import (
    BlazeFaceFullRange,
    BlazeFaceShort,
    FaceDetector,
    UltraFaceRfb320,
)
from countenance.vision.embedding import (
    DlibResnet128,
    Embedder,
    FrFeature512,
    MobileFaceNet192,
    MobileFaceNet192EightBit,
)
from countenance.vision.embedding.mirrored import Mirrored
from countenance.vision.landmarks import FaceMesh468, five_points
from countenance.vision.registry import ModelStore, default_models_folder, shipped_manifest

RATES = (1e-3, 1e-4, 1e-5)
TAIL_REPLICATES = 500  # of the bootstrap; a covariance needs fewer than a percentile
LEAST_PRESENCE = 0.5
DETECTORS: dict[str, Callable[..., FaceDetector]] = {
    "blazeface-short-range": BlazeFaceShort,
    "blazeface-full-range-sparse": BlazeFaceFullRange,
    "ultraface-rfb-320": UltraFaceRfb320,
}
DESK = ("ultraface-rfb-320", "blazeface-short-range")  # what finds portraits, and live faces
EMBEDDERS: dict[str, Callable[..., Embedder]] = {
    "mobilefacenet-192": MobileFaceNet192,
    "fr-feature-512": FrFeature512,
    "dlib-resnet-128": DlibResnet128,
}
EIGHT_BIT: dict[str, Callable[..., Embedder]] = {"mobilefacenet-192": MobileFaceNet192EightBit}
KEPT_SHARE = 5  # times the impostor comparisons above the loosest threshold, and no less than the tail

# Two names of this set that are one person, or one picture under two names. Found by name and by looking at
# the most alike pairs of names (--review 75); they count neither as impostor nor as genuine comparisons.
ONE_PERSON = (
    ("Gabrielle_Rose", "Martha_Bowen", "one picture under two names"),
    ("Chyung_Dai-chul", "Dai_Chul_Chyung", "one man, name in two orders"),
    ("Hasan_Wirayuda", "Hassan_Wirajuda", "one man, two spellings"),
    ("Cristina_Fernandez", "Cristina_Kirchner", "one woman under her two surnames"),
    ("Joseph_Blatter", "Sepp_Blatter", "one man, first name and short name"),
    ("Nan_Wang", "Wang_Nan", "one woman, name in two orders"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What was read from the pictures.

    Attributes:
        embeddings: float32, shape (n, d), each of length 1; a picture has a row for each detector.
        rows: (name, number of picture, detector) -> row.
        people: names, sorted; an identity is its place here.
        identities: int64, shape (n,).
        pictures: how many were read.
        seconds: how long reading took.
    """

    embeddings: NDArray[np.float32]
    rows: dict[tuple[str, int, str], int]
    people: tuple[str, ...]
    identities: NDArray[np.int64]
    pictures: int
    seconds: float


class Pipeline:
    """The product's networks, without its quality gate and without a gallery."""

    def __init__(
        self,
        *,
        models_folder: Path,
        detectors: tuple[str, ...],
        embedder: str,
        mirrored: bool,
        eight_bit: bool = False,
    ) -> None:
        models = ModelStore(folder=models_folder, manifest=shipped_manifest())
        self._detectors = {name: DETECTORS[name](content=models.read(name)) for name in detectors}
        self._mesh = FaceMesh468(content=models.read("face-landmark-468"))
        kind = (EIGHT_BIT if eight_bit else EMBEDDERS)[embedder]
        self._embedder = kind(content=models.read(embedder))
        if mirrored:
            self._embedder = Mirrored(embedder=self._embedder)

    @property
    def model_id(self) -> str:
        """The embedding network, mirrored or not."""
        return self._embedder.model_id

    def embed(self, path: Path) -> dict[str, NDArray[np.float32]]:
        """Return the vector of the face that is meant in a picture, by the detector that found it."""
        data = path.read_bytes()
        frame = Frame(decode(data, limits=CaptureLimits()), Material(sha256_hex(data)))

        def prominence(box: Box) -> float:
            # As at the desk (countenance.vision.choose_face): size less distance to the middle.
            return box.width - math.dist((box.centre.x, box.centre.y), (frame.width / 2, frame.height / 2))

        crops: dict[str, NDArray[np.uint8]] = {}
        for name, detector in self._detectors.items():
            faces = detector.detect(frame)
            if faces:
                mesh = self._mesh.locate(frame, max(faces, key=lambda face: prominence(face.box)))
                if mesh.presence >= LEAST_PRESENCE:
                    crops[name] = align(frame.pixels, five_points(mesh.points))
        if not crops:
            return {}
        return dict(zip(crops, self._embedder.embed(np.stack(list(crops.values()))), strict=True))


def read_pictures(folder: Path, pipeline: Pipeline, console: Console) -> Measured:
    """Embed every picture of the folder."""
    started = time.perf_counter()
    files = sorted(folder.glob("*/*.jpg"))
    if not files:
        sys.exit(f"no pictures in {folder}")
    vectors: list[NDArray[np.float32]] = []
    rows: dict[tuple[str, int, str], int] = {}
    names: list[str] = []
    for path in track(files, "pictures", console=console):
        for detector, vector in pipeline.embed(path).items():
            rows[path.parent.name, int(path.stem.rsplit("_", 1)[1]), detector] = len(vectors)
            vectors.append(vector)
            names.append(path.parent.name)
    people, identities = np.unique(names, return_inverse=True)
    return Measured(
        embeddings=np.stack(vectors),
        rows=rows,
        people=tuple(str(name) for name in people),
        identities=identities.astype(np.int64),
        pictures=len(files),
        seconds=time.perf_counter() - started,
    )


def read_elsewhere(args: argparse.Namespace, pipeline: Pipeline, console: Console) -> Elsewhere | None:
    """Embed the pictures of other people, listed in a manifest."""
    if args.also is None:
        return None
    with (args.also / "manifest.csv").open(encoding="utf-8", newline="") as lines:
        listed = [(args.also / row["file"], row["person_id"]) for row in csv.DictReader(lines)]
    vectors, owners, seen = [], [], 0
    for path, person in track(listed, "other people", console=console):
        found = pipeline.embed(path)
        seen += bool(found)
        for vector in found.values():
            vectors.append(vector)
            owners.append(person)
    people, identities = np.unique(owners, return_inverse=True)
    comparisons = collect_impostors(np.stack(vectors), identities, excluded=[], keep=len(vectors) ** 2 // 2)
    drawn = resample_identities(len(people), replicates=args.replicates, seed=args.seed)
    words = f"{seen} {args.also_name} of {len(people)} people"
    return Elsewhere(words=words, comparisons=comparisons, drawn=drawn)


def known_pairs(people: tuple[str, ...]) -> list[tuple[int, int]]:
    """Return the pairs of identities of this set that are known to be one person."""
    place = {name: number for number, name in enumerate(people)}
    return [(place[a], place[b]) for a, b, _ in ONE_PERSON if a in place and b in place]


def genuine_scores(
    folder: Path, measured: Measured, detectors: tuple[str, ...]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the scores of the listed pairs of one person, for every pair of detectors, and whose."""
    scores, owners = [], []
    with (folder / "pairs.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["same"] != "1":
                continue
            for one, other in itertools.product(detectors, detectors):
                left = measured.rows.get((row["name_a"], int(row["n_a"]), one))
                right = measured.rows.get((row["name_b"], int(row["n_b"]), other))
                if left is not None and right is not None:
                    scores.append(float(measured.embeddings[left] @ measured.embeddings[right]))
                    owners.append(measured.identities[left])
    return np.array(scores, dtype=np.float32), np.array(owners, dtype=np.int64)


def genders(folder: Path, people: tuple[str, ...]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return who is listed as a woman and who as a man; nobody is both, some are neither."""
    with (folder / "people.csv").open(encoding="utf-8", newline="") as lines:
        listed = {row["name"]: row["gender"] for row in csv.DictReader(lines)}
    women = np.array([listed.get(name) == "female" for name in people])
    men = np.array([listed.get(name) == "male" for name in people])
    return women, men


def figures_of(
    levels: tuple[ErrorLevel, ...],
    groups: dict[str, tuple[NDArray[np.bool_], NDArray[np.bool_]]],
    comparisons: ImpostorComparisons,
    drawn: NDArray[np.int16],
) -> dict[str, float | int]:
    """Return flat names and numbers, the unit at the end of the name."""
    figures: dict[str, float | int] = {}
    for level in levels:
        name = f"fmr_1e{round(math.log10(level.asked))}"
        figures |= {
            f"{name}_threshold_cosine": level.threshold,
            f"{name}_threshold_low_cosine": level.threshold_interval.low,
            f"{name}_measured_rate": level.fmr,
            f"{name}_measured_low_rate": level.fmr_interval.low,
            f"{name}_measured_high_rate": level.fmr_interval.high,
            f"{name}_false_matches_count": level.false_matches,
            f"{name}_fnmr_rate": level.fnmr,
            f"{name}_fnmr_low_rate": level.fnmr_interval.low,
            f"{name}_fnmr_high_rate": level.fnmr_interval.high,
        }
        if level.elsewhere_fmr is not None and level.elsewhere_fmr_interval is not None:
            figures[f"{name}_elsewhere_rate"] = level.elsewhere_fmr
            figures[f"{name}_elsewhere_low_rate"] = level.elsewhere_fmr_interval.low
            figures[f"{name}_elsewhere_high_rate"] = level.elsewhere_fmr_interval.high
        rates: dict[str, Estimate] = {}
        for group, (one, other) in groups.items():
            rates[group] = group_false_match_rates(comparisons, level.threshold, drawn, one=one, other=other)
            key = group.replace(" ", "_")
            figures[f"{name}_{key}_rate"] = rates[group].value
            figures[f"{name}_{key}_low_rate"] = rates[group].low
            figures[f"{name}_{key}_high_rate"] = rates[group].high
            figures[f"{name}_{key}_count"] = rates[group].seen
        same = [rates["two women"].value, rates["two men"].value]
        if min(same) > 0:
            # NIST IR 8429: the worst group's rate over the geometric mean of the groups' rates.
            figures[f"{name}_worst_over_geometric_mean_ratio"] = max(same) / math.sqrt(math.prod(same))
    return figures


def conditions_of(
    args: argparse.Namespace, comparisons: ImpostorComparisons, model_id: str
) -> dict[str, str]:
    """Return how the figures were made."""
    libraries = ("ai-edge-litert", "numpy", "opencv-python-headless", "pillow")
    return {
        "pipeline": f"detector {' or '.join(args.detectors)}, mesh face-landmark-468 in two passes,"
        f" five-point similarity to 112 px, embedder {model_id}, one picture a face",
        "both_sides": "live-like photographs; each pair of pictures counts once for every pair of detectors",
        "face": "largest width less distance to the middle",
        "quality_gate": "not applied",
        "score": "cosine; a score that reaches the threshold is a match (ISO/IEC 19795-1)",
        "impostor_comparisons": f"all {comparisons.total} between pictures of different people",
        "interval": f"95 %, bootstrap: {args.replicates} replicates over people, seed {args.seed}",
        "threshold": "upper end of the interval of the measured threshold, rounded up to four decimals",
        "tail": f"parabola in the logarithm of the share above a score, highest {TAIL_SHARE:g} to rule of 30 "
        f"over pairs of people, bootstrap {TAIL_REPLICATES} replicates",
        "libraries": ", ".join(f"{name} {metadata.version(name)}" for name in libraries),
    }  # fmt: skip


def fit_tail(
    comparisons: ImpostorComparisons, drawn: NDArray[np.int16], groups: dict[str, NDArray[np.bool_]]
) -> ImpostorTail | None:
    """Return the model of the tail, or ``None`` and a word on why where there are too few people for one."""
    try:
        return fit_impostor_tail(comparisons, drawn=drawn[:TAIL_REPLICATES], groups=groups)
    except TooFewComparisons as error:
        print(f"no tail: {error.message}", file=sys.stderr)
        return None


def tail_figures(tail: ImpostorTail) -> dict[str, float | int]:
    """Return what the fitted tail supports."""
    return {
        "tail_floor_cosine": tail.floor,
        "tail_ceiling_cosine": tail.ceiling,
        "tail_supported_rate": tail.supported,
        "tail_spread_factor": math.exp(tail.spread),
        **{f"largest_gallery_fpir_1e{n}_people": tail.largest_gallery(fpir=10.0**n) for n in (-1, -2, -3)},
    }


def source_of(measured: Measured, excluded: int, genuine: int, women: int, men: int) -> dict[str, str]:
    """Return what the figures were measured on."""
    return {
        "name": "Labeled Faces in the Wild, deep-funnelled, 250 x 250 px, sets 1-5 of the official"
        " ten, without people who are or may be under 18",
        "pictures": f"{measured.pictures}, a face found in {len({key[:2] for key in measured.rows})}",
        "people": f"{len(measured.people)}: {women} women, {men} men by lists made with names",
        "genuine_comparisons": f"{genuine}: the listed pairs of one person, for every pair of detectors",
        "left_out": f"{excluded} pairs of names that are one person or share a picture",
    }


LIMITS = (
    "Press photographs of public figures, compared live to live: no portraits in documents, no desk cameras.",
    "Mostly men; gender from lists made with names. Age, skin tone and origin: not measured.",
    "The embedding network may have been trained on some of these people; its makers don't say.",
    "A threshold that keeps its rate on these people may not on yours: the interval is for such people.",
    "Searches: only among as many people as the tail's evidence supports, one reference a person.",
)


def build_table(
    args: argparse.Namespace,
    *,
    model_id: str,
    people: int,
    levels: tuple[ErrorLevel, ...],
    source: dict[str, str],
    conditions: dict[str, str],
    tail: ImpostorTail | None,
) -> ErrorTable:
    """Return the table of these figures."""
    return ErrorTable(
        model_id=model_id,
        detectors=tuple(args.detectors),
        mirrored=args.mirrored,
        label=args.label,
        measured_on=f"press photographs of {people:,} public figures ({args.set_name})",
        document_portraits="not measured",
        source=tuple(source.items()),
        conditions=tuple(conditions.items()),
        limits=LIMITS,
        measured_at=datetime.now(UTC).date(),
        levels=levels,
        tail=tail,
    )


def review(measured: Measured, comparisons: ImpostorComparisons, count: int) -> None:
    """Print the most alike pairs of names, without scores."""
    seen: list[tuple[str, str]] = []
    for left, right in zip(comparisons.left, comparisons.right, strict=True):
        pair = measured.people[left], measured.people[right]
        if pair not in seen:
            seen.append(pair)
            print(*pair)
        if len(seen) >= count:
            return


def parse_arguments() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(description="Measure the error table on Labeled Faces in the Wild.")
    parser.add_argument("folder", type=Path, help="the folder of the data set")
    parser.add_argument("--also", type=Path, metavar="FOLDER", help="other people to try the thresholds on")
    parser.add_argument("--also-name", default="official portraits", help="what their pictures are")
    parser.add_argument("--write", type=Path, help="write the table to this TOML file")
    parser.add_argument("--json", action="store_true", help="print one object with figures and conditions")
    parser.add_argument("--review", type=int, default=0, metavar="N", help="print the N most alike names")
    parser.add_argument("--replicates", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--label", default="development")
    parser.add_argument("--set-name", default="LFW sets 1-5", help="as every decision states it")
    parser.add_argument(
        "--detector",
        dest="detectors",
        action="append",
        choices=sorted(DETECTORS),
        help="finds the faces; more than once for a table over all of them",
    )
    parser.add_argument("--embedder", choices=sorted(EMBEDDERS), default="mobilefacenet-192")
    parser.add_argument("--mirrored", action="store_true", help="add the mirrored face's vector")
    parser.add_argument("--eight-bit", action="store_true", help="round the embedder's weights to eight bits")
    parser.add_argument("--models", type=Path, default=default_models_folder())
    arguments = parser.parse_args()
    if arguments.eight_bit and arguments.embedder not in EIGHT_BIT:
        parser.error(f"only {', '.join(EIGHT_BIT)} has weights of eight bits")
    arguments.detectors = tuple(dict.fromkeys(arguments.detectors or DESK))
    return arguments


def main() -> None:
    """Measure, print, write."""
    args = parse_arguments()
    console = Console(stderr=True)
    pipeline = Pipeline(
        models_folder=args.models,
        detectors=args.detectors,
        embedder=args.embedder,
        mirrored=args.mirrored,
        eight_bit=args.eight_bit,
    )
    measured = read_pictures(args.folder, pipeline, console)
    excluded = known_pairs(measured.people)
    keep = round(max(KEPT_SHARE * max(RATES), 1.2 * TAIL_SHARE) * len(measured.embeddings) ** 2 / 2)
    comparisons = collect_impostors(measured.embeddings, measured.identities, excluded=excluded, keep=keep)
    if args.review:
        review(measured, comparisons, args.review)
        return
    elsewhere = read_elsewhere(args, pipeline, console)
    drawn = resample_identities(len(measured.people), replicates=args.replicates, seed=args.seed)
    scores, owners = genuine_scores(args.folder, measured, args.detectors)
    women, men = genders(args.folder, measured.people)
    groups = {"two women": (women, women), "two men": (men, men), "a woman and a man": (women, men)}
    with console.status("thresholds and intervals"):
        levels = measure_levels(
            comparisons,
            rates=RATES,
            drawn=drawn,
            genuine_scores=scores,
            genuine_identities=owners,
            groups=groups,
            attributes={"gender": {"women": np.flatnonzero(women), "men": np.flatnonzero(men)}},
            elsewhere=elsewhere,
        )
        figures = figures_of(levels, groups, comparisons, drawn)
        tail = fit_tail(comparisons, drawn, {"two women": women, "two men": men})
        figures |= {} if tail is None else tail_figures(tail)
        figures["picture_mean_ms"] = 1000 * measured.seconds / measured.pictures
    source = source_of(measured, len(excluded), len(scores), int(women.sum()), int(men.sum()))
    conditions = conditions_of(args, comparisons, pipeline.model_id)
    table = build_table(
        args,
        model_id=pipeline.model_id,
        people=len(measured.people),
        levels=levels,
        source=source,
        conditions=conditions,
        tail=tail,
    )
    text = render_error_table(table, heading="Made by scripts/measure_error_table.py. Don't edit.")
    if args.write is not None:
        args.write.write_text(text, encoding="utf-8")
    if args.json:
        print(json.dumps({"figures": figures, "conditions": source | conditions}, indent=2))
    else:
        print(text)


if __name__ == "__main__":
    main()
