from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from countenance.runtime.verdict_bench import time_judgements

SEED = 7


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_every_guest_s_request_is_judged_on_what_is_on_file(room: Path) -> None:
    moved: list[int] = []
    times = time_judgements(subjects=12, judged=20, seed=SEED, moved=moved.append)
    assert moved == [12]
    assert times.gathered.count == 20
    assert times.looked.count == 2
    assert times.allowed == 20
    assert times.records > 40
    assert times.store_bytes > 100_000
    assert list(room.iterdir()) == []


def test_verdicts_take_time_and_a_look_takes_more(room: Path) -> None:
    times = time_judgements(subjects=3, judged=30, seed=SEED)
    assert 0 < times.gathered.low <= times.gathered.median <= times.gathered.high
    assert times.looked.low > times.gathered.low
    assert list(room.iterdir()) == []
