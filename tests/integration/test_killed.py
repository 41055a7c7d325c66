"""kill -9 in the middle of writing and of enrolling: nothing acknowledged is lost, nothing is half there.

``scripts/measure_kills.py`` does it some hundred times.
"""

from __future__ import annotations

import random
from contextlib import ExitStack
from pathlib import Path

import pytest

import killed_enrolment
from killed_enrolment import KilledEnrolment
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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("where", "who"),
    [
        pytest.param("sqlite", "enrolment", id="sqlite"),
        pytest.param("postgresql", "enrolment", id="postgresql", marks=needs_postgresql),
        pytest.param("postgresql", "server", id="postgresql-server", marks=needs_postgresql),
    ],
)
def test_nobody_who_was_told_so_is_not_enrolled(tmp_path: Path, where: str, who: str) -> None:
    with ExitStack() as running:
        cluster = running.enter_context(running_cluster()) if where == "postgresql" else None
        killed_enrolment.prepare(tmp_path, cluster.new() if cluster else None)
        seen, draw = KilledEnrolment(), random.Random(5)  # noqa: S311
        for _ in range(2):
            killed_enrolment.kill_once(tmp_path, draw, seen, cluster if who == "server" else None)
    assert (seen.kills, seen.lost, seen.half, seen.findings) == (2, 0, 0, 0)
    assert seen.acknowledged >= 2
    assert 0 <= seen.unacknowledged <= 2
