"""kill -9 in the middle of writing: nothing acknowledged is lost, nothing is half there.

``scripts/measure_kills.py`` does it 500 times.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from killed_writer import Killed, kill_once, prepare
from postgresql_cluster import running_cluster, server_programs

needs_postgresql = pytest.mark.skipif(server_programs() is None, reason="PostgreSQL isn't installed")


@pytest.mark.slow
def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    prepare(tmp_path)
    seen, draw = Killed(), random.Random(4)  # noqa: S311
    for _ in range(6):
        kill_once(tmp_path, draw, seen)
    assert (seen.kills, seen.lost, seen.findings) == (6, 0, 0)
    assert seen.acknowledged >= 6
    assert 0 <= seen.unacknowledged <= 6


@pytest.mark.slow
@needs_postgresql
@pytest.mark.parametrize("who", ["writer", "server"])
def test_nothing_acknowledged_is_lost_on_postgresql(tmp_path: Path, who: str) -> None:
    with running_cluster() as cluster:
        prepare(tmp_path, cluster.new())
        seen, draw = Killed(), random.Random(4)  # noqa: S311
        for _ in range(4):
            kill_once(tmp_path, draw, seen, cluster if who == "server" else None)
    assert (seen.kills, seen.lost, seen.findings) == (4, 0, 0)
    assert seen.acknowledged >= 4
    assert 0 <= seen.unacknowledged <= 4
