"""The limit on attempts at liveness, and the single use of a result, hold over processes and restarts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import liveness_attempter
from countenance.kernel import SystemClock
from countenance.liveness import SUBJECT
from countenance.store import Store, create_root_key, key_provider


def prepare(root: Path) -> None:
    uri = f"file:{root / 'root.key'}"
    create_root_key(uri)
    Store.create(root / "data", key_provider=key_provider(uri), clock=SystemClock()).close()


def start(root: Path, tries: int, result: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, str(Path(liveness_attempter.__file__)), str(root), str(tries), result],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def told(process: subprocess.Popen[bytes]) -> dict[str, int]:
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return dict(json.loads(output))


def test_two_processes_share_one_limit_and_one_use_and_a_restart_changes_nothing(tmp_path: Path) -> None:
    prepare(tmp_path)
    running = [start(tmp_path, 12, "lvs_one") for _ in range(2)]
    said = [told(process) for process in running]
    assert sum(each["allowed"] for each in said) == SUBJECT.free
    assert sorted(each["used"] for each in said) == [False, True]
    assert liveness_attempter.run(tmp_path, 3, "lvs_one") == {"allowed": 0, "used": False}
    assert liveness_attempter.run(tmp_path, 3, "lvs_two") == {"allowed": 0, "used": True}
