"""How fast the certified search is, beside the memory it reads and beside other engines, in one run.

Rules kept here:

* One core, and everything in turn on the same probes: a busy machine is busy for all of it.
* The bound is this machine's memory: the same bytes are read just before each scan that is timed.
* Every answer is compared with a full scan in float64. A figure without its count of mismatches isn't given.
* Vectors are random: they say how fast a scan is, and nothing about faces.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import os
import resource
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from countenance.evaluation.report import require_charts
from countenance.evaluation.timing import Spread, Stopwatch
from countenance.gallery import CertifiedIndex, SearchAnswer, choose_kernel

__all__ = [
    "PEERS",
    "SearchTimes",
    "installed_peers",
    "one_core",
    "plot_search",
    "random_references",
    "time_search",
]

PEERS: Final[Mapping[str, str]] = {
    "faiss_flat": "faiss",
    "faiss_sq8": "faiss",
    "numpy": "numpy",
    "numkong_int8": "numkong",
}
"""What is timed beside ours, and the library that it is from."""

_ROWS_AT_ONCE: Final = 50_000
_MATED_NOISE: Final = 0.75
"""How much noise a probe of an enrolled vector carries: the cosine to its reference is about 0.8."""
_GIB: Final = 2**30


@dataclass(frozen=True, slots=True)
class SearchTimes:
    """What one size of gallery took.

    Attributes:
        rows: references.
        dimensions: of each.
        steps: milliseconds a probe, by what was timed.
        percent_of_bound: of the memory bandwidth that was read at just before, per certified search; medians.
        read_gb_per_second: that bandwidth.
        mismatches: answers that differ from the full float64 scan, of all our searches.
        answers: how many were compared.
        rescored: median references scored in full, of a search for the best one.
        peers_wrong: top-1 answers of each peer that differ from the full float64 scan.
        rss_gib: resident memory with our index alone.
        kernel: what scanned.
    """

    rows: int
    dimensions: int
    steps: Mapping[str, Spread]
    percent_of_bound: float
    read_gb_per_second: float
    mismatches: int
    answers: int
    rescored: float
    peers_wrong: Mapping[str, int]
    rss_gib: float
    kernel: str


def installed_peers() -> tuple[str, ...]:
    """Return the peers whose libraries are here."""
    return tuple(name for name, library in PEERS.items() if importlib.util.find_spec(library) is not None)


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process, and the libraries' threads where that can be told, on one core meanwhile."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    limits: Any = nullcontext()
    if importlib.util.find_spec("threadpoolctl") is not None:
        limits = importlib.import_module("threadpoolctl").threadpool_limits(1)
    try:
        with limits:
            yield
    finally:
        os.sched_setaffinity(0, before)


def random_references(rows: int, dimensions: int, *, seed: int) -> Iterator[NDArray[np.float32]]:
    """Yield unit vectors, float32, a few thousand at a time."""
    generator = np.random.default_rng(seed)
    for start in range(0, rows, _ROWS_AT_ONCE):
        part = generator.standard_normal((min(_ROWS_AT_ONCE, rows - start), dimensions), dtype=np.float32)
        yield part / np.linalg.norm(part, axis=1, keepdims=True)


def time_search(
    *,
    rows: int,
    dimensions: int,
    probes: int,
    batch: int,
    seed: int,
    peers: tuple[str, ...],
    moved: Callable[[str], None],
) -> SearchTimes:
    """Build an index of random references and time searches of it, beside other engines.

    Args:
        rows: how many references.
        dimensions: of each.
        probes: how many, half of them near a reference.
        batch: how many probes at once, besides.
        seed: of the vectors.
        peers: of :data:`PEERS`; none: the index alone is built and timed.
        moved: told what is done next.
    """
    moved(f"{rows:,} x {dimensions}: index")
    index = CertifiedIndex(dimensions=dimensions, kernel=choose_kernel())
    number = 0
    for part in random_references(rows, dimensions, seed=seed):
        index.add([f"{number + i:08}" for i in range(len(part))], part)
        number += len(part)
    gc.collect()
    rss = _resident_gib()
    vectors = _probes_of(index, probes, seed=seed)
    truth = _full_scan(rows, dimensions, vectors, seed=seed)
    engines = {}
    for name in peers:
        moved(f"{rows:,} x {dimensions}: {name}")
        engines[name] = _ENGINES[name](rows, dimensions, seed)
    moved(f"{rows:,} x {dimensions}: searches")
    times = _Timed(index, vectors, truth, engines)
    times.run(batch=batch)
    index.close()
    return times.result(rss=rss)


class _Timed:
    """The searches of one index, in turn with the others'."""

    def __init__(
        self,
        index: CertifiedIndex,
        probes: NDArray[np.float32],
        truth: NDArray[np.int64],
        engines: Mapping[str, Callable[[NDArray[np.float32]], int]],
    ) -> None:
        self._index, self._probes, self._truth, self._engines = index, probes, truth, engines
        self._watch = Stopwatch()
        self._wrong = dict.fromkeys(engines, 0)
        self._mismatches = self._answers = 0
        self._rescored: list[int] = []
        self._shares: list[float] = []
        self._speeds: list[float] = []
        width = -(-index.dimensions // 64) * 64
        self._rows = len(index)
        self._bytes = self._rows * (width + 8)  # codes, scales and residuals
        self._scanned = np.ones(self._bytes // 8, dtype=np.uint64)

    def run(self, *, batch: int) -> None:
        self._index.search(self._probes[0])  # once untimed
        for probe, true in zip(self._probes, self._truth, strict=True):
            self._one(np.ascontiguousarray(probe), int(true))
        together = np.resize(self._probes, (batch, self._index.dimensions))
        for _ in range(3):
            answers = self._watch.time(
                f"certified_top_1_batch_{batch}", partial(self._index.search_many, together), share=batch
            )
            for true, one in zip(np.resize(self._truth, batch), answers, strict=True):
                self._compare(one, int(true))

    def _one(self, probe: NDArray[np.float32], true: int) -> None:
        search, watch = self._index.search, self._watch
        read = self._read()
        best = watch.time("certified_top_1", partial(search, probe))
        self._shares.append(100 * read / watch.last("certified_top_1"))
        self._rescored.append(best.rescored)
        ten = watch.time("certified_top_10", partial(search, probe, most=10))
        floor = best.candidates[0].score
        some = watch.time("certified_threshold", partial(search, probe, most=None, at_least=floor))
        for answer in (best, ten, some):
            self._compare(answer, true)
        for name, engine in self._engines.items():
            self._wrong[name] += watch.time(name, partial(engine, probe)) != true

    def _compare(self, answer: SearchAnswer, true: int) -> None:
        self._answers += 1
        self._mismatches += int(answer.candidates[0].reference_id) != true

    def result(self, *, rss: float) -> SearchTimes:
        return SearchTimes(
            rows=self._rows,
            dimensions=self._index.dimensions,
            steps=self._watch.spreads(),
            percent_of_bound=float(np.median(self._shares)),
            read_gb_per_second=float(np.median(self._speeds)),
            mismatches=self._mismatches,
            answers=self._answers,
            rescored=float(np.median(self._rescored)),
            peers_wrong=self._wrong,
            rss_gib=rss,
            kernel=self._index.kernel.name,
        )

    def _read(self) -> float:
        """Read as many bytes as a scan does; the milliseconds."""
        self._watch.time("read", partial(np.bitwise_or.reduce, self._scanned))
        taken = self._watch.last("read")
        self._speeds.append(self._bytes / taken / 1e6)
        return taken


def _probes_of(index: CertifiedIndex, count: int, *, seed: int) -> NDArray[np.float32]:
    generator = np.random.default_rng(seed + 1)
    probes = generator.standard_normal((count, index.dimensions), dtype=np.float32)
    probes /= np.linalg.norm(probes, axis=1, keepdims=True)
    for one in range(0, count, 2):
        mate = index.vector(f"{generator.integers(len(index)):08}")
        probes[one] = mate + np.float32(_MATED_NOISE) * probes[one]
    lengths: NDArray[np.float32] = np.linalg.norm(probes, axis=1, keepdims=True)
    unit: NDArray[np.float32] = (probes / lengths).astype(np.float32)
    return unit


def _full_scan(rows: int, dimensions: int, probes: NDArray[np.float32], *, seed: int) -> NDArray[np.int64]:
    """Return the best row for each probe, by NumPy in float64: none of our search's code is in it."""
    wide = probes.astype(np.float64).T
    best = np.full(len(probes), -np.inf)
    where = np.zeros(len(probes), dtype=np.int64)
    start = 0
    for part in random_references(rows, dimensions, seed=seed):
        doubled = part.astype(np.float64)
        doubled /= np.linalg.norm(doubled, axis=1, keepdims=True)
        # What the index holds: unit length in float64, rounded to float32.
        scores = doubled.astype(np.float32).astype(np.float64) @ wide
        row = scores.argmax(axis=0)
        value = scores[row, np.arange(len(probes))]
        where = np.where(value > best, start + row, where)
        best = np.maximum(value, best)
        start += len(part)
    return where


def _faiss_flat(rows: int, dimensions: int, seed: int) -> Callable[[NDArray[np.float32]], int]:
    faiss = importlib.import_module("faiss")
    faiss.omp_set_num_threads(1)
    return _of_faiss(faiss.IndexFlatIP(dimensions), rows, dimensions, seed)


def _faiss_sq8(rows: int, dimensions: int, seed: int) -> Callable[[NDArray[np.float32]], int]:
    faiss = importlib.import_module("faiss")
    faiss.omp_set_num_threads(1)
    kind = faiss.ScalarQuantizer.QT_8bit
    index = faiss.IndexScalarQuantizer(dimensions, kind, faiss.METRIC_INNER_PRODUCT)
    index.train(next(random_references(min(rows, _ROWS_AT_ONCE), dimensions, seed=seed)))
    return _of_faiss(index, rows, dimensions, seed)


def _of_faiss(index: Any, rows: int, dimensions: int, seed: int) -> Callable[[NDArray[np.float32]], int]:  # noqa: ANN401
    for part in random_references(rows, dimensions, seed=seed):
        index.add(part)

    def search(probe: NDArray[np.float32]) -> int:
        return int(index.search(probe[None, :], 1)[1][0, 0])

    return search


def _numpy(rows: int, dimensions: int, seed: int) -> Callable[[NDArray[np.float32]], int]:
    held = np.concatenate(list(random_references(rows, dimensions, seed=seed)))

    def search(probe: NDArray[np.float32]) -> int:
        return int(np.argmax(held @ probe))

    return search


def _numkong(rows: int, dimensions: int, seed: int) -> Callable[[NDArray[np.float32]], int]:
    numkong = importlib.import_module("numkong")
    # One scale for all, as a plain int8 search has it.
    parts = list(random_references(rows, dimensions, seed=seed))
    scale = 127 / max(float(np.abs(part).max()) for part in parts)
    held = np.concatenate([np.rint(part * scale).astype(np.int8) for part in parts])
    del parts

    def search(probe: NDArray[np.float32]) -> int:
        coded = np.rint(probe * (127 / np.abs(probe).max())).astype(np.int8)
        return int(np.argmax(np.asarray(numkong.cdist(coded[None, :], held, "inner"))[0]))

    return search


_ENGINES: Final[Mapping[str, Callable[[int, int, int], Callable[[NDArray[np.float32]], int]]]] = {
    "faiss_flat": _faiss_flat,
    "faiss_sq8": _faiss_sq8,
    "numpy": _numpy,
    "numkong_int8": _numkong,
}


def _resident_gib() -> float:
    """Return what this process has in memory, GiB."""
    status = Path("/proc/self/statm")
    if status.exists():
        pages = int(status.read_text(encoding="ascii").split()[1])
        return pages * resource.getpagesize() / _GIB
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) / _GIB


def plot_search(found: Sequence[SearchTimes], path: Path) -> None:
    """Draw the milliseconds of each search, one panel a size, into a file.

    Args:
        found: the sizes.
        path: ends in ``.svg`` or ``.png``.

    Raises:
        ChartsNotInstalled: if the library that draws isn't here.
    """
    figure_of = require_charts().Figure
    figure = figure_of(figsize=(5.2 * len(found), 3.4), layout="constrained")
    for axes, one in zip(figure.subplots(1, len(found), squeeze=False)[0], found, strict=True):
        steps = {name: spread for name, spread in one.steps.items() if "batch" not in name}
        names = [name.replace("_", " ") for name in steps]
        medians = [spread.median for spread in steps.values()]
        low = [spread.median - spread.low for spread in steps.values()]
        high = [spread.high - spread.median for spread in steps.values()]
        colours = [_colour(name) for name in steps]
        axes.barh(names, medians, xerr=[low, high], color=colours, error_kw={"lw": 1})
        axes.invert_yaxis()
        axes.set_xlabel("ms a probe, one core (median, 5th to 95th percentile)")
        axes.set_title(f"{one.rows:,} x {one.dimensions}, {one.kernel}")
    figure.savefig(path)


def _colour(step: str) -> str:
    if step == "read":
        return "#b8b8b8"
    return "#1f6f5c" if step.startswith("certified") else "#8aa9c9"
