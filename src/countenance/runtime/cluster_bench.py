"""A gallery on a Ray cluster beside the same one in this process, and what a part's death costs.

Rules kept here:

* Two nodes on this machine, each with its own processes, as Ray's own test cluster makes them; made-up
  vectors.
* Every answer is compared with that of one process over the same store. What differs is counted, not
  averaged.
* A part is killed with SIGKILL while people are searched and enrolled, later a whole node. Whoever was
  acknowledged is looked for afterwards, in a gallery that is opened anew.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from countenance.evaluation.timing import Spread, spread_of
from countenance.gallery import ClusterGallery, NewReference, SealedGallery
from countenance.kernel import PurposeId, SubjectId, SystemClock, new_id
from countenance.runtime.drill_people import DIMENSIONS, MODEL, SINCE, new_store, pictures_of
from countenance.runtime.ray_gallery import RayNotInstalled, RayShards, ShardOpening
from countenance.runtime.ray_traces import files_holding, finds_a_marker
from countenance.store import Store
from countenance.templates import ReferenceTemplate

__all__ = ["ClusterTimes", "LoopbackCluster", "loopback_cluster", "time_cluster"]

_PURPOSE: Final = PurposeId("pur_bench")
_AT_ONCE: Final = 2000
_NODES: Final = 2
_PATIENCE: Final = 900.0
_OBJECTS: Final = 80 * 2**20
_MILLI: Final = 1e3
_THRESHOLD: Final = 0.5
_TOGETHER: Final = 200
_LOOKED_FOR: Final = 50
_NEEDLE: Final = 16


@dataclass(frozen=True, slots=True)
class ClusterTimes:
    """What was measured and counted.

    Attributes:
        load_seconds: until both parts had read their references.
        load_one_seconds: the same in one process.
        cluster_ms: milliseconds of a search on the cluster, none of them while a part was dead.
        one_ms: the same in one process.
        compared: answers that were compared with those of one process.
        wrong: how many of them differed, in candidates, order or score.
        searches: while people were enrolled and a part was killed.
        enrolments: acknowledged meanwhile.
        lost: how many of those weren't found afterwards.
        recovery_seconds: the longest that anybody waited from the kill of a part on.
        node_recovery_seconds: the same from the death of a node on.
        parts_on_lost_node: how many parts it held; with none, its death cost nothing.
        files_with_vectors: files and object stores of Ray in which a probe or a template was found.
        marker_found: whether a marker in an object store was found, so that the former says something.
    """

    load_seconds: float
    load_one_seconds: float
    cluster_ms: Spread
    one_ms: Spread
    compared: int
    wrong: int
    searches: int
    enrolments: int
    lost: int
    recovery_seconds: float
    node_recovery_seconds: float
    parts_on_lost_node: int
    files_with_vectors: int
    marker_found: bool


@dataclass(frozen=True, slots=True)
class LoopbackCluster:
    """A cluster on this machine.

    Attributes:
        folder: Ray's.
        head: identifier of the node that stays.
        lose_node: ends the last of the nodes, unasked and with all its processes.
    """

    folder: Path
    head: str
    lose_node: Callable[[], None]


@contextmanager
def loopback_cluster(*, nodes: int = _NODES) -> Iterator[LoopbackCluster]:
    """Start a Ray cluster of several nodes on this machine, with a token, and join it.

    Raises:
        RayNotInstalled: if it isn't.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ["RAY_AUTH_MODE"] = "token"
    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    try:
        import ray  # noqa: PLC0415 - an extra
        from ray.cluster_utils import Cluster  # noqa: PLC0415
    except ImportError:
        raise RayNotInstalled("A gallery on a cluster needs Ray.") from None
    # Ray's sockets lie below it, and a socket's path is short.
    folder = Path(tempfile.mkdtemp(prefix="cray-", dir="/tmp"))
    # Ray notes the cluster's address in its usual folder, which isn't there before Ray ran on a machine.
    usual = os.environ.get("RAY_TMPDIR") or os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 - Ray's own
    Path(usual, "ray").mkdir(parents=True, exist_ok=True)
    cluster: Any = Cluster()
    try:
        head = {"include_dashboard": False, "temp_dir": str(folder)}
        started = [
            cluster.add_node(num_cpus=1, object_store_memory=_OBJECTS, **(head if number == 0 else {}))
            for number in range(nodes)
        ]
        ray.init(
            address=cluster.address, namespace="countenance", log_to_driver=False, configure_logging=False
        )
        yield LoopbackCluster(
            folder,
            started[0].node_id,
            lambda: cluster.remove_node(started[-1], allow_graceful=False),
        )
    finally:
        ray.shutdown()
        cluster.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


def time_cluster(
    *, rows: int, probes: int, searches: int, enrolments: int, moved: Callable[[str, int], None]
) -> ClusterTimes:
    """Put made-up people into a new store and search them on two nodes and in one process.

    Args:
        rows: how many references.
        probes: how many searches are compared and timed before anything dies.
        searches: how many while people are enrolled and a part and a node are killed.
        enrolments: how many people are enrolled meanwhile.
        moved: called with what is being done, and how much of it is.

    Raises:
        RayNotInstalled: if it isn't.
        GalleryUnavailable: if a part doesn't come back.
    """
    root = Path(tempfile.mkdtemp(prefix="countenance-bench-"))
    try:
        with new_store(root, "here") as store, loopback_cluster() as nodes:
            vectors = _fill(store, rows, moved)
            return _Bench(store, root, nodes, vectors, moved).run(probes, searches, enrolments)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _fill(store: Store, rows: int, moved: Callable[[str, int], None]) -> NDArray[np.float32]:
    vectors: NDArray[np.float32] = pictures_of(rows, pictures=1, seed=20261123)[0]
    # It writes them and searches none, so it needn't hold them.
    writer = SealedGallery(
        store=store, model_id=MODEL, dimensions=DIMENSIONS, clock=SystemClock(), holds=lambda _: False
    )
    for start in range(0, rows, _AT_ONCE):
        some = vectors[start : start + _AT_ONCE]
        writer.enrol([_person(vector) for vector in some])
        moved("enrolled", start + len(some))
    writer.close()
    return vectors


def _person(vector: NDArray[np.float32]) -> NewReference:
    return NewReference(
        subject=SubjectId(new_id("sub")),
        purpose=_PURPOSE,
        template=ReferenceTemplate(vector.copy(), MODEL, 1, 80),
        valid_from=SINCE,
    )


class _Bench:
    """One cluster and one process over one store."""

    def __init__(
        self,
        store: Store,
        root: Path,
        nodes: LoopbackCluster,
        vectors: NDArray[np.float32],
        moved: Callable[[str, int], None],
    ) -> None:
        self._store = store
        self._nodes = nodes
        self._vectors = vectors
        self._moved = moved
        openings = [
            ShardOpening(
                data_folder=str(root / "here"),
                root_key=f"file:{root / 'here.key'}",
                database=None,
                model_id=MODEL,
                dimensions=DIMENSIONS,
                threads=1,
                number=number,
                of=_NODES,
            )
            for number in range(_NODES)
        ]
        deployment = store.deployment.deployment_id
        self._shards = RayShards(openings, deployment=deployment, patience=_PATIENCE)
        given = {"store": store, "model_id": MODEL, "dimensions": DIMENSIONS, "clock": SystemClock()}
        self._cluster = ClusterGallery(shards=self._shards, **given)  # type: ignore[arg-type]
        self._one = SealedGallery(**given)  # type: ignore[arg-type]
        self._compared = self._wrong = self._found = self._lost_parts = 0
        self._people: list[tuple[str, NDArray[np.float32]]] = []
        self._cluster_s: list[float] = []
        self._one_s: list[float] = []
        self._looked_for: list[bytes] = []
        self._source = np.random.default_rng(7)

    def run(self, probes: int, searches: int, enrolments: int) -> ClusterTimes:
        """Measure and count."""
        try:
            begun = time.perf_counter()
            self._cluster.search(_PURPOSE, self._vectors[0], at=SystemClock().now())
            load, begun = time.perf_counter() - begun, time.perf_counter()
            self._one.search(_PURPOSE, self._vectors[0], at=SystemClock().now())
            load_one = time.perf_counter() - begun
            for number in range(probes):
                self._compare(self._seen(), timed=True)
                self._moved("compared", number + 1)
            self._compare_together(max(probes, _TOGETHER))
            recovery, of_node = self._through_deaths(searches, enrolments)
            return ClusterTimes(
                load_seconds=load,
                load_one_seconds=load_one,
                cluster_ms=spread_of([_MILLI * one for one in self._cluster_s]),
                one_ms=spread_of([_MILLI * one for one in self._one_s]),
                compared=self._compared,
                wrong=self._wrong,
                searches=searches,
                enrolments=len(self._people),
                lost=self._lost(),
                recovery_seconds=recovery,
                node_recovery_seconds=of_node,
                parts_on_lost_node=self._lost_parts,
                files_with_vectors=self._found + self._in_clear(),
                marker_found=finds_a_marker(ray_folder=self._nodes.folder),
            )
        finally:
            self._one.close()
            self._shards.end()

    def _probe(self) -> NDArray[np.float32]:
        """Return somebody's made-up picture, or a stranger's."""
        if self._source.random() < 0.5:  # noqa: PLR2004 - as often the one as the other
            drawn = self._vectors[self._source.integers(len(self._vectors))]
            drawn = drawn + 0.06 * self._source.standard_normal(DIMENSIONS)
        else:
            drawn = self._source.standard_normal(DIMENSIONS)
        unit: NDArray[np.float32] = (drawn / np.linalg.norm(drawn)).astype(np.float32)
        return unit

    def _compare(self, probe: NDArray[np.float32], *, timed: bool) -> None:
        """Ask both the best ten, and all that reach a score; count what differs."""
        now = SystemClock().now()
        for most, at_least in ((10, None), (None, _THRESHOLD)):
            begun = time.perf_counter()
            spread_out = self._cluster.search(_PURPOSE, probe, at=now, most=most, at_least=at_least)
            between = time.perf_counter()
            one = self._one.search(_PURPOSE, probe, at=now, most=most, at_least=at_least)
            if timed and most is not None:
                self._cluster_s.append(between - begun)
                self._one_s.append(time.perf_counter() - between)
            self._compared += 1
            self._wrong += (spread_out.candidates, spread_out.compared) != (one.candidates, one.compared)

    def _compare_together(self, probes: int) -> None:
        """Ask with many probes at once: so long a question goes through Ray's object store."""
        several, now = np.stack([self._seen() for _ in range(probes)]), SystemClock().now()
        spread_out = self._cluster.search_many(_PURPOSE, several, at=now)
        one = self._one.search_many(_PURPOSE, several, at=now)
        self._compared += probes
        self._wrong += sum(a.candidates != b.candidates for a, b in zip(spread_out, one, strict=True))

    def _through_deaths(self, searches: int, enrolments: int) -> tuple[float, float]:
        """Search and enrol in turn; kill a part a third of the way, and a node after two thirds."""
        people = self._people
        deaths = {searches // 3: self._kill_part, 2 * searches // 3: self._lose_node}
        waits: list[float] = []
        for number in range(searches):
            begun = time.perf_counter()
            if number in deaths:
                begun = deaths[number]()
                waits.append(0.0)
            if len(people) * searches < enrolments * (number + 1):
                people.append(self._enrolled())
            self._compare(people[-1][1] if number % 2 else self._seen(), timed=False)
            if waits:
                # A part may still answer for a moment after its node died: the longest wait counts.
                waits[-1] = max(waits[-1], time.perf_counter() - begun)
            self._moved("searched", number + 1)
        return waits[0], waits[1]

    def _kill_part(self) -> float:
        # One of the node that stays, if it has one: the other node's is left for that node's death.
        places = sorted(self._shards.places(), key=lambda place: place.node != self._nodes.head)
        begun = time.perf_counter()
        os.kill(places[0].process, signal.SIGKILL)
        return begun

    def _lose_node(self) -> float:
        # Its object store is gone with it.
        self._found += self._in_clear()
        self._lost_parts = sum(place.node != self._nodes.head for place in self._shards.places())
        begun = time.perf_counter()
        self._nodes.lose_node()
        return begun

    def _seen(self) -> NDArray[np.float32]:
        """Return a probe whose bytes are looked for in Ray's files afterwards."""
        probe = self._probe()
        if len(self._looked_for) < _LOOKED_FOR:
            self._looked_for.append(probe.tobytes()[:_NEEDLE])
        return probe

    def _enrolled(self) -> tuple[str, NDArray[np.float32]]:
        """Enrol a stranger on the cluster; return the acknowledged reference and the vector."""
        drawn = self._source.standard_normal(DIMENSIONS)
        vector = (drawn / np.linalg.norm(drawn)).astype(np.float32)
        (record,) = self._cluster.enrol([_person(vector)])
        return record.reference_id, vector

    def _lost(self) -> int:
        """Return how many of the acknowledged aren't found, on the cluster or in a gallery opened anew."""
        lost = 0
        fresh = SealedGallery(store=self._store, model_id=MODEL, dimensions=DIMENSIONS, clock=SystemClock())
        for gallery in (self._cluster, fresh):
            for reference_id, vector in self._people:
                found = gallery.search(_PURPOSE, vector, at=SystemClock().now()).candidates
                lost += not found or found[0].reference_id != reference_id
        fresh.close()
        return lost

    def _in_clear(self) -> int:
        """Return in how many of Ray's files and object stores a probe or a reference lies in clear."""
        needles = [vector.tobytes()[:_NEEDLE] for _, vector in self._people[:_LOOKED_FOR]]
        needles += [row.tobytes()[:_NEEDLE] for row in self._vectors[:_LOOKED_FOR]]
        return files_holding([*needles, *self._looked_for], ray_folder=self._nodes.folder)
