"""Tried in processes of their own, since it can't be taken back."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path


def run(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    # As much as is allowed: whoever opened a store before, in this process, has lowered it for good.
    begin = (
        "import contextlib, resource\n"
        "with contextlib.suppress(ValueError):\n"
        "    resource.setrlimit(resource.RLIMIT_CORE, (-1, -1))\n"
    )
    return subprocess.run(
        [sys.executable, "-c", begin + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )


def test_a_process_that_dies_leaves_no_core(tmp_path: Path) -> None:
    done = run(
        """
        import os, signal
        from countenance.runtime.memory_guard import is_kept_off_disks, keep_memory_off_disks
        assert not is_kept_off_disks()
        child = os.fork()
        if not child:
            assert keep_memory_off_disks() and is_kept_off_disks()
            os.kill(os.getpid(), signal.SIGSEGV)
        _, status = os.waitpid(child, 0)
        print(os.WTERMSIG(status) == signal.SIGSEGV, os.WCOREDUMP(status))
        """,
        tmp_path,
    )
    assert done.stdout.split() == ["True", "False"], done.stderr
    assert list(tmp_path.iterdir()) == []


def test_whoever_opens_a_store_has_none(tmp_path: Path) -> None:
    done = run(
        """
        from countenance.cli import app
        from countenance.runtime.memory_guard import is_kept_off_disks
        from typer.testing import CliRunner
        told = ["--set", "data_folder=data", "--set", "root_key=file:$PWD/key/root.key"]
        assert CliRunner().invoke(app, ["init", *told]).exit_code == 0
        assert not is_kept_off_disks()
        assert CliRunner().invoke(app, ["keys", "list", "--by", "officer", *told]).exit_code == 0
        print(is_kept_off_disks())
        """.replace("$PWD", str(tmp_path)),
        tmp_path,
    )
    assert done.stdout.split() == ["True"], done.stderr
