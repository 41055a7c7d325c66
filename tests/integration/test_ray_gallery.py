"""Real Ray nodes on this machine: the answers of one process, also when a part or a node is killed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from countenance.cli import app
from countenance.gallery import ClusterGallery, GalleryUnavailable
from countenance.kernel import PurposeId, SystemClock
from countenance.runtime.cluster_bench import loopback_cluster
from countenance.runtime.drill_people import DIMENSIONS, MODEL, new_store
from countenance.runtime.ray_gallery import RayShards, ShardOpening

pytestmark = [
    pytest.mark.slow,
    # Ray leaves sockets and files of its own to be collected.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]


def test_a_killed_part_and_a_lost_node_cost_time_and_no_answer() -> None:
    told = ["--rows", "1000", "--probes", "10", "--searches", "30", "--enrolments", "6", "--json"]
    done = CliRunner().invoke(app, ["bench", "cluster", *told])
    assert done.exit_code == 0, done.output
    figures = json.loads(done.stdout)["figures"]
    assert figures["answers_compared"] == 2 * (10 + 30) + 200
    assert (figures["wrong"], figures["lost"], figures["ray_files_with_vectors"]) == (0, 0, 0)
    assert figures["marker_found_in_object_store"] is True
    assert figures["enrolments_around_death"] == 6
    assert 0 < figures["recovery_seconds"] < 120
    assert figures["parts_on_lost_node"] >= 1
    assert 0 < figures["node_recovery_seconds"] < 120


def test_a_part_that_cannot_open_its_records_says_so_at_once_and_tries_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path / "never"))  # as on a machine where Ray never ran
    key, away = tmp_path / "here.key", tmp_path / "away.key"
    with new_store(tmp_path, "here") as store, loopback_cluster(nodes=1):
        opening = ShardOpening(
            data_folder=str(tmp_path / "here"),
            root_key=f"file:{key}",
            database=None,
            model_id=MODEL,
            dimensions=DIMENSIONS,
            threads=1,
            number=0,
            of=1,
        )
        shards = RayShards([opening], deployment=store.deployment.deployment_id, patience=600)
        gallery = ClusterGallery(
            store=store, shards=shards, model_id=MODEL, dimensions=DIMENSIONS, clock=SystemClock()
        )
        probe = np.eye(1, DIMENSIONS, dtype=np.float32)[0]
        key.rename(away)
        with pytest.raises(GalleryUnavailable, match="root-key-missing"):
            gallery.search(PurposeId("pur_bench"), probe, at=SystemClock().now())
        away.rename(key)
        assert gallery.search(PurposeId("pur_bench"), probe, at=SystemClock().now()).candidates == ()
        shards.end()
