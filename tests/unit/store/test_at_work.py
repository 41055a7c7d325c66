from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from countenance.store import StoreMissing
from countenance.store.at_work import AtWork

HOLDER = """
import sys, time
from pathlib import Path
from countenance.store.at_work import AtWork
AtWork(folder=Path(sys.argv[1]), shared=False).begin()
print("begun", flush=True)
time.sleep(60)
"""


def test_the_first_is_alone_and_the_second_isnt(tmp_path: Path) -> None:
    first, second = (AtWork(folder=tmp_path, shared=False) for _ in range(2))
    said: list[str] = []
    assert first.begin(lambda: said.append("first"))
    assert not second.begin(lambda: said.append("second"))
    assert said == ["first"]
    assert (tmp_path / "at-work.lock").stat().st_mode & 0o777 == 0o600


def test_it_is_begun_once(tmp_path: Path) -> None:
    work = AtWork(folder=tmp_path, shared=False)
    assert work.begin()
    assert not work.begin(lambda: pytest.fail("it takes part already"))


def test_who_ended_isnt_there(tmp_path: Path) -> None:
    first, second = (AtWork(folder=tmp_path, shared=False) for _ in range(2))
    first.begin()
    first.end()
    first.end()
    assert second.begin()


def test_on_a_database_server_nobody_is_alone(tmp_path: Path) -> None:
    assert not AtWork(folder=tmp_path, shared=True).begin(lambda: pytest.fail("others may be at work"))


def test_a_failure_while_alone_leaves_it_taking_part(tmp_path: Path) -> None:
    first, second = (AtWork(folder=tmp_path, shared=False) for _ in range(2))

    def fail() -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        first.begin(fail)
    assert not second.begin()


def test_a_folder_that_isnt_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing):
        AtWork(folder=tmp_path / "none", shared=False).begin()


def test_the_lock_ends_with_its_process_however_it_ends(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, env=environment
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"begun\n"
        beside = AtWork(folder=tmp_path, shared=False)
        assert not beside.begin()
        beside.end()
        holder.send_signal(signal.SIGKILL)
        holder.wait(30)
    assert AtWork(folder=tmp_path, shared=False).begin()
