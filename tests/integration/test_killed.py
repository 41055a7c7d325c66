"""kill -9 in the middle of writing: nothing acknowledged is lost, nothing is half there.

``scripts/measure_kills.py`` does it 500 times.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from killed_writer import Killed, kill_once, prepare


@pytest.mark.slow
def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    prepare(tmp_path)
    seen, draw = Killed(), random.Random(4)  # noqa: S311
    for _ in range(6):
        kill_once(tmp_path, draw, seen)
    assert (seen.kills, seen.lost, seen.findings) == (6, 0, 0)
    assert seen.acknowledged >= 6
    assert 0 <= seen.unacknowledged <= 6
