"""Other engines over the same random references: what the certified search is timed beside.

Rules kept here:

* A peer is used as its own documentation has it, with everything built beforehand; only the search is timed.
* Vectors are random: they say how fast a scan is, and nothing about faces.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["PEERS", "Peer", "build_peer", "installed_peers", "random_references"]

Probes = NDArray[np.float32]
Peer = Callable[[Probes], NDArray[np.int64]]
"""Finds the best row for each of one or more probes, float32, shape (m, d); int64, shape (m,)."""

PEERS: Final[Mapping[str, str]] = {
    "faiss_flat": "faiss",
    "faiss_sq8": "faiss",
    "numpy": "numpy",
    "numkong_int8": "numkong",
}
"""What is timed beside ours, and the library that it is from."""

_ROWS_AT_ONCE: Final = 50_000


def installed_peers() -> tuple[str, ...]:
    """Return the peers whose libraries are here."""
    return tuple(name for name, library in PEERS.items() if importlib.util.find_spec(library) is not None)


def build_peer(name: str, *, rows: int, dimensions: int, seed: int) -> Peer:
    """Return an engine that holds random references.

    Args:
        name: of :data:`PEERS`.
        rows: how many references.
        dimensions: of each.
        seed: of the references.

    Raises:
        KeyError: if there is no such peer.
    """
    return _BUILT[name](rows, dimensions, seed)


def random_references(rows: int, dimensions: int, *, seed: int) -> Iterator[NDArray[np.float32]]:
    """Yield unit vectors, float32, a few thousand at a time."""
    generator = np.random.default_rng(seed)
    for start in range(0, rows, _ROWS_AT_ONCE):
        part = generator.standard_normal((min(_ROWS_AT_ONCE, rows - start), dimensions), dtype=np.float32)
        yield part / np.linalg.norm(part, axis=1, keepdims=True)


def _faiss_flat(rows: int, dimensions: int, seed: int) -> Peer:
    faiss = importlib.import_module("faiss")
    faiss.omp_set_num_threads(1)
    return _of_faiss(faiss.IndexFlatIP(dimensions), rows, dimensions, seed)


def _faiss_sq8(rows: int, dimensions: int, seed: int) -> Peer:
    faiss = importlib.import_module("faiss")
    faiss.omp_set_num_threads(1)
    kind = faiss.ScalarQuantizer.QT_8bit
    index = faiss.IndexScalarQuantizer(dimensions, kind, faiss.METRIC_INNER_PRODUCT)
    index.train(next(random_references(min(rows, _ROWS_AT_ONCE), dimensions, seed=seed)))
    return _of_faiss(index, rows, dimensions, seed)


def _of_faiss(index: Any, rows: int, dimensions: int, seed: int) -> Peer:  # noqa: ANN401 - another's class
    for part in random_references(rows, dimensions, seed=seed):
        index.add(part)

    def search(probes: Probes) -> NDArray[np.int64]:
        return np.asarray(index.search(probes, 1)[1][:, 0], dtype=np.int64)

    return search


def _numpy(rows: int, dimensions: int, seed: int) -> Peer:
    held = np.concatenate(list(random_references(rows, dimensions, seed=seed)))

    def search(probes: Probes) -> NDArray[np.int64]:
        if len(probes) == 1:  # a product with a vector, not with a thin matrix
            return np.array([np.argmax(held @ probes[0])], dtype=np.int64)
        return np.asarray(np.argmax(probes @ held.T, axis=1), dtype=np.int64)

    return search


def _numkong(rows: int, dimensions: int, seed: int) -> Peer:
    numkong = importlib.import_module("numkong")
    # One scale for all, as a plain int8 search has it.
    parts = list(random_references(rows, dimensions, seed=seed))
    scale = 127 / max(float(np.abs(part).max()) for part in parts)
    held = np.concatenate([np.rint(part * scale).astype(np.int8) for part in parts])
    del parts

    def search(probes: Probes) -> NDArray[np.int64]:
        coded = np.rint(probes * (127 / np.abs(probes).max(axis=1, keepdims=True))).astype(np.int8)
        if len(probes) == 1:
            found = np.asarray(numkong.cdist(coded, held, "inner"))
            return np.asarray(found.argmax(axis=1), dtype=np.int64)
        found = np.asarray(numkong.dots_packed(held, numkong.dots_pack(coded)))
        return np.asarray(found.argmax(axis=0), dtype=np.int64)

    return search


_BUILT: Final[Mapping[str, Callable[[int, int, int], Peer]]] = {
    "faiss_flat": _faiss_flat,
    "faiss_sq8": _faiss_sq8,
    "numpy": _numpy,
    "numkong_int8": _numkong,
}
