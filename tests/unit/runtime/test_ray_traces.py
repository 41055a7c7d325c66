"""What is looked for in Ray's files is found: in its folder, and in files that were unlinked while open."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from countenance.runtime import ray_traces
from countenance.runtime.ray_traces import files_holding

NEEDLE = b"sixteen bytes of"
HOLDER = """
import os, sys
file = open(sys.argv[2], "w+b")
file.write(b"x" * 5_000_000 + sys.argv[3].encode())
file.flush()
os.unlink(sys.argv[2])
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A process that names Ray's folder and has an unlinked file open, as a node has its object store."""
    folder, memory = tmp_path / "ray", tmp_path / "memory"
    folder.mkdir()
    memory.mkdir()
    monkeypatch.setattr(ray_traces, "_STORES", (str(memory),))
    told = [sys.executable, "-c", HOLDER, str(folder), str(memory / "plasmaX"), NEEDLE.decode()]
    with subprocess.Popen(told, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == b"ready\n"
        yield folder
        process.stdin.close()


def test_a_file_in_the_folder_is_found(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/worker.out").write_bytes(b"..." + NEEDLE + b"...")
    (tmp_path / "spilled").write_bytes(b"nothing")
    assert files_holding([b"not there", NEEDLE], ray_folder=tmp_path) == 1
    assert files_holding([b"not there"], ray_folder=tmp_path) == 0


@pytest.mark.parametrize("before", [0, 2**20 - 8, 2**20 - 16, 2**20, 3 * 2**20 - 1])
def test_it_is_found_wherever_it_lies(before: int, tmp_path: Path) -> None:
    (tmp_path / "spilled").write_bytes(b"x" * before + NEEDLE + b"y")
    assert files_holding([NEEDLE], ray_folder=tmp_path) == 1


def test_links_are_not_followed_and_needles_of_a_byte_do(tmp_path: Path) -> None:
    (tmp_path / "ray").mkdir()
    (tmp_path / "other").write_bytes(NEEDLE)
    (tmp_path / "ray/session_latest").symlink_to(tmp_path / "other")
    assert files_holding([b"s"], ray_folder=tmp_path / "ray") == 0
    assert files_holding([b"s"], ray_folder=tmp_path) == 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="object stores are read through /proc")
def test_an_object_store_that_was_unlinked_is_found(node: Path) -> None:
    assert files_holding([NEEDLE], ray_folder=node) == 1
    assert files_holding([NEEDLE[::-1]], ray_folder=node) == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="object stores are read through /proc")
def test_processes_of_another_cluster_are_left_alone(node: Path) -> None:
    assert files_holding([NEEDLE], ray_folder=node.with_name("another")) == 0
