from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from countenance.vision.registry import default_models_folder, default_samples_folder
from countenance.vision.registry.folders import (
    adopt,
    archives_folder,
    folder_lock,
    incoming_folder,
    is_content,
    place,
    sha256_of_file,
)

EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # FIPS 180-4, no message


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        pytest.param({"COUNTENANCE_MODELS_FOLDER": "/srv/nets"}, Path("/srv/nets"), id="stated"),
        pytest.param(
            {"COUNTENANCE_MODELS_FOLDER": "/srv/nets", "XDG_CACHE_HOME": "/c"},
            Path("/srv/nets"),
            id="stated-wins",
        ),
        pytest.param({"XDG_CACHE_HOME": "/c"}, Path("/c/countenance/models"), id="xdg"),
        pytest.param(
            {"XDG_CACHE_HOME": "relative"}, Path.home() / ".cache/countenance/models", id="xdg-relative"
        ),
        pytest.param(
            {"COUNTENANCE_MODELS_FOLDER": ""}, Path.home() / ".cache/countenance/models", id="neither"
        ),
    ],
)
def test_where_the_weights_lie(environment: dict[str, str], expected: Path) -> None:
    assert default_models_folder(environment) == expected
    assert default_samples_folder(environment) == expected.parent / "samples"


def test_a_tilde_is_the_home_folder() -> None:
    assert default_models_folder({"COUNTENANCE_MODELS_FOLDER": "~/nets"}) == Path.home() / "nets"


def test_a_file_is_placed_whole_and_readable(tmp_path: Path) -> None:
    target = tmp_path / "new" / "net"
    place(b"weights", target)
    assert target.read_bytes() == b"weights"
    assert target.stat().st_mode & 0o777 == 0o644
    assert list(target.parent.iterdir()) == [target]


def test_placing_replaces_in_one_step(tmp_path: Path) -> None:
    target = tmp_path / "net"
    place(b"old", target)
    with target.open("rb") as reader:
        place(b"new", target)
        assert reader.read() == b"old"  # whoever had it open reads the old file to its end
    assert target.read_bytes() == b"new"


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "net"
    place(b"old", target)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="full"):
        place(b"new", target)
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_an_archive_is_adopted_by_moving(tmp_path: Path) -> None:
    brought = tmp_path / "brought"
    brought.write_bytes(b"archive")
    adopt(brought, tmp_path / "archives" / "kept")
    assert not brought.exists()
    assert (tmp_path / "archives" / "kept").read_bytes() == b"archive"


@pytest.mark.parametrize(
    ("content", "size", "same"),
    [
        pytest.param(b"", 0, True, id="same"),
        pytest.param(b"", 1, False, id="other-size-stated"),
        pytest.param(b"x", 0, False, id="longer"),
        pytest.param(b"x", 1, False, id="same-size-other-bytes"),
    ],
)
def test_content_is_compared_by_size_and_hash(tmp_path: Path, content: bytes, size: int, same: bool) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert is_content(path, sha256=EMPTY_SHA256, size=size) is same


def test_what_is_no_file_has_no_content(tmp_path: Path) -> None:
    assert not is_content(tmp_path / "none", sha256=EMPTY_SHA256, size=0)
    assert not is_content(tmp_path, sha256=EMPTY_SHA256, size=tmp_path.stat().st_size)


def test_the_hash_of_a_file_is_the_standards(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "abc").write_bytes(b"abc")
    assert sha256_of_file(tmp_path / "empty") == EMPTY_SHA256
    assert sha256_of_file(tmp_path / "abc") == (  # FIPS 180-4's example
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def test_one_holds_the_folder_and_the_next_waits(tmp_path: Path) -> None:
    order: list[str] = []
    held, waits = threading.Event(), threading.Event()

    def second() -> None:
        held.wait(5)
        with folder_lock(tmp_path, waiting=waits.set):
            order.append("second")

    other = threading.Thread(target=second)
    other.start()
    with folder_lock(tmp_path, waiting=lambda: order.append("first had to wait")):
        held.set()
        assert waits.wait(5)
        order.append("first")
    other.join(5)
    assert order == ["first", "second"]


def test_an_error_releases_the_folder(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), folder_lock(tmp_path, waiting=lambda: None):
        raise RuntimeError
    with folder_lock(tmp_path, waiting=lambda: pytest.fail("still held")):
        pass


def test_the_incoming_folder_is_gone_afterwards_also_after_an_error(tmp_path: Path) -> None:
    def fails() -> None:
        with incoming_folder(tmp_path) as incoming:
            (incoming / "half").write_bytes(b"x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".incoming-dead").mkdir()
    (tmp_path / ".incoming-dead" / "half").write_bytes(b"x")
    archives_folder(tmp_path).mkdir()
    (archives_folder(tmp_path) / ".incoming-half").write_bytes(b"x")
    (archives_folder(tmp_path) / "kept.whl").write_bytes(b"x")
    with incoming_folder(tmp_path) as incoming:
        assert {path.name for path in tmp_path.iterdir()} == {incoming.name, "archives"}
    assert [path.name for path in archives_folder(tmp_path).iterdir()] == ["kept.whl"]
