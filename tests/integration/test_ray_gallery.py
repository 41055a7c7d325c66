"""Two real Ray nodes on this machine: the answers of one process, also when a part is killed."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from countenance.cli import app


@pytest.mark.slow
# Ray leaves sockets and files of its own to be collected.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_killed_part_costs_time_and_no_answer() -> None:
    told = ["--rows", "1000", "--probes", "10", "--searches", "30", "--enrolments", "6", "--json"]
    done = CliRunner().invoke(app, ["bench", "cluster", *told])
    assert done.exit_code == 0, done.output
    figures = json.loads(done.stdout)["figures"]
    assert figures["answers_compared"] == 2 * (10 + 30 + 1)
    assert (figures["wrong"], figures["lost"], figures["ray_files_with_vectors"]) == (0, 0, 0)
    assert figures["enrolments_around_death"] >= 5
    assert 0 < figures["recovery_seconds"] < 120
