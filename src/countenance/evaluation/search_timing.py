"""How fast the certified search is, beside the memory it reads and beside other engines, in one run.

Rules kept here:

* One core, and everything in turn on the same probes: a busy machine is busy for all of it. More cores are
  timed apart, ours alone.
* The bound is this machine's memory: the same bytes are read just before each scan that is timed.
* Every answer is compared with a full scan in float64. A figure without its count of mismatches isn't given.
"""

from __future__ import annotations

import contextlib
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
from countenance.evaluation.search_peers import Peer, build_peer, random_references
from countenance.evaluation.timing import Spread, Stopwatch
from countenance.gallery import CertifiedIndex, SearchAnswer, choose_kernel

__all__ = ["SearchTimes", "one_core", "plot_search", "time_search"]

_MATED_NOISE: Final = 0.75
"""How much noise a probe of an enrolled vector carries: the cosine to its reference is about 0.8."""
_BATCHES: Final = 3
_GIB: Final = 2**30


@dataclass(frozen=True, slots=True)
class SearchTimes:
    """What one size of gallery took.

    Attributes:
        rows: references.
        dimensions: of each.
        cores: how many there are beside the one that all but the steps ``..._on_all_cores`` run on.
        steps: milliseconds a probe, by what was timed.
        percent_of_bound: of the memory bandwidth that was read at just before, per certified search; medians.
        percent_on_all_cores: the same for a search on all cores; ``None`` where there is one.
        read_gb_per_second: that bandwidth, of one core.
        mismatches: answers that differ from the full float64 scan, of all our searches.
        answers: how many were compared.
        rescored: median references scored in full, of a search for the best one.
        peers_wrong: top-1 answers of each peer, one at a time, that differ from the full float64 scan.
        rss_gib: resident memory with our index alone.
        peak_gib: the most that it ever was until our index was built and had been searched.
        kernel: what scanned.
    """

    rows: int
    dimensions: int
    cores: int
    steps: Mapping[str, Spread]
    percent_of_bound: float
    percent_on_all_cores: float | None
    read_gb_per_second: float
    mismatches: int
    answers: int
    rescored: float
    peers_wrong: Mapping[str, int]
    rss_gib: float
    peak_gib: float
    kernel: str


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
        peers: what of :data:`~countenance.evaluation.search_peers.PEERS`; none: the index alone is built.
        moved: told what is done next.
    """
    with one_core():
        moved(f"{rows:,} x {dimensions}: index")
        _forget_peak()
        index = _index_of(rows, dimensions, seed)
        vectors = _probes_of(index, probes, seed=seed)
        index.search(vectors[0])
        index.search_many(np.resize(vectors, (batch, dimensions)))
        rss, peak = _resident_gib()
        truth = _full_scan(rows, dimensions, vectors, seed=seed)
        times = _Timed(index, vectors, truth)
        built = {}
        for name in peers:
            moved(f"{rows:,} x {dimensions}: {name}")
            built[name] = build_peer(name, rows=rows, dimensions=dimensions, seed=seed)
        moved(f"{rows:,} x {dimensions}: searches")
        times.run(built, batch=batch)
    built.clear()
    cores = len(os.sched_getaffinity(0))
    if cores > 1:
        moved(f"{rows:,} x {dimensions}: searches on {cores} cores")
        times.run_on(cores)
    index.close()
    return times.result(rss=rss, peak=peak, cores=cores)


class _Timed:
    """The searches of one index, in turn with the others'."""

    def __init__(self, index: CertifiedIndex, probes: NDArray[np.float32], truth: NDArray[np.int64]) -> None:
        self._index, self._probes, self._truth = index, probes, truth
        self._rows = len(index)
        self._watch = Stopwatch()
        self._wrong: dict[str, int] = {}
        self._mismatches = self._answers = 0
        self._rescored: list[int] = []
        self._shares: list[float] = []
        self._shares_of_all: list[float] = []
        self._speeds: list[float] = []

    def run(self, peers: Mapping[str, Peer], *, batch: int) -> None:
        """Time everything on one core; a batch three times."""
        self._wrong = dict.fromkeys(peers, 0)
        self._index.read_codes()  # once untimed
        for probe, true in zip(self._probes, self._truth, strict=True):
            self._one(np.ascontiguousarray(probe), int(true), peers)
        together = np.ascontiguousarray(np.resize(self._probes, (batch, self._index.dimensions)))
        for _ in range(_BATCHES):
            answers = self._watch.time(
                f"certified_top_1_batch_{batch}", partial(self._index.search_many, together), share=batch
            )
            for true, one in zip(np.resize(self._truth, batch), answers, strict=True):
                self._compare(one, int(true))
            for name, peer in peers.items():
                self._watch.time(f"{name}_batch_{batch}", partial(peer, together), share=batch)

    def run_on(self, cores: int) -> None:
        """Time reading and searching on several cores."""
        self._index.use_threads(cores)
        self._index.read_codes()
        for probe, true in zip(self._probes, self._truth, strict=True):
            self._watch.time("read_on_all_cores", self._index.read_codes)
            best = self._watch.time("certified_top_1_on_all_cores", partial(self._index.search, probe))
            self._compare(best, int(true))
            read, took = (
                self._watch.last(step) for step in ("read_on_all_cores", "certified_top_1_on_all_cores")
            )
            self._shares_of_all.append(100 * read / took)

    def _one(self, probe: NDArray[np.float32], true: int, peers: Mapping[str, Peer]) -> None:
        search, watch = self._index.search, self._watch
        size = watch.time("read", self._index.read_codes)
        self._speeds.append(size / watch.last("read") / 1e6)
        best = watch.time("certified_top_1", partial(search, probe))
        self._shares.append(100 * watch.last("read") / watch.last("certified_top_1"))
        self._rescored.append(best.rescored)
        ten = watch.time("certified_top_10", partial(search, probe, most=10))
        floor = best.candidates[0].score
        some = watch.time("certified_threshold", partial(search, probe, most=None, at_least=floor))
        for answer in (best, ten, some):
            self._compare(answer, true)
        for name, peer in peers.items():
            self._wrong[name] += int(watch.time(name, partial(peer, probe[None, :]))[0]) != true

    def _compare(self, answer: SearchAnswer, true: int) -> None:
        self._answers += 1
        self._mismatches += int(answer.candidates[0].reference_id) != true

    def result(self, *, rss: float, peak: float, cores: int) -> SearchTimes:
        return SearchTimes(
            rows=self._rows,
            dimensions=self._index.dimensions,
            cores=cores,
            steps=self._watch.spreads(),
            percent_of_bound=float(np.median(self._shares)),
            percent_on_all_cores=float(np.median(self._shares_of_all)) if self._shares_of_all else None,
            read_gb_per_second=float(np.median(self._speeds)),
            mismatches=self._mismatches,
            answers=self._answers,
            rescored=float(np.median(self._rescored)),
            peers_wrong=self._wrong,
            rss_gib=rss,
            peak_gib=peak,
            kernel=self._index.kernel.name,
        )


def _index_of(rows: int, dimensions: int, seed: int) -> CertifiedIndex:
    index = CertifiedIndex(dimensions=dimensions, kernel=choose_kernel())
    number = 0
    for part in random_references(rows, dimensions, seed=seed):
        index.add([f"{number + i:08}" for i in range(len(part))], part)
        number += len(part)
    gc.collect()
    return index


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


def _forget_peak() -> None:
    """Let the kernel count the most memory from now on, where it can."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _resident_gib() -> tuple[float, float]:
    """Return what this process has in memory and the most that it had, GiB."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text(encoding="ascii").splitlines())
        now, most = (int(lines[name].split()[0]) for name in ("VmRSS", "VmHWM"))
        return now * 1024 / _GIB, most * 1024 / _GIB
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    most = peak * (1 if sys.platform == "darwin" else 1024)
    return most / _GIB, most / _GIB


def plot_search(found: Sequence[SearchTimes], path: Path) -> None:
    """Draw the milliseconds of each search, one panel a size, into a file.

    Args:
        found: the sizes.
        path: ends in ``.svg`` or ``.png``.

    Raises:
        ChartsNotInstalled: if the library that draws isn't here.
    """
    figure_of = require_charts().Figure
    figure = figure_of(figsize=(5.2 * len(found), 4.6), layout="constrained")
    for axes, one in zip(figure.subplots(1, len(found), squeeze=False)[0], found, strict=True):
        names = [name.replace("_", " ") for name in one.steps]
        medians = [spread.median for spread in one.steps.values()]
        low = [spread.median - spread.low for spread in one.steps.values()]
        high = [spread.high - spread.median for spread in one.steps.values()]
        colours = [_colour(name) for name in one.steps]
        axes.barh(names, medians, xerr=[low, high], color=colours, error_kw={"lw": 1})
        axes.bar_label(axes.containers[-1], [f" {median:.1f}" for median in medians], fontsize=7)
        axes.margins(x=0.12)
        axes.invert_yaxis()
        axes.set_xlabel("ms a probe, one core unless stated")
        axes.set_title(f"{one.rows:,} x {one.dimensions}, {one.kernel}", fontsize=9)
    figure.savefig(path)


def _colour(step: str) -> str:
    if step.startswith("read"):
        return "#b8b8b8"
    return "#1f6f5c" if step.startswith("certified") else "#8aa9c9"
