from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from countenance.cli.app import app
from countenance.vision.registry import default_samples_folder, shipped_samples

NAMES = list(shipped_samples().names)


def run(*arguments: str, status: int = 0) -> str:
    result = CliRunner().invoke(app, ["samples", *arguments])
    assert result.exit_code == status, result.output
    return result.stdout


def run_json(*arguments: str, status: int = 0) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(run(*arguments, "--json", status=status))
    return answer


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path / "samples")


def test_list_names_the_photographs_and_their_terms_and_makes_nothing(folder: str) -> None:
    answer = run_json("list", "--folder", folder)
    assert [row["name"] for row in answer["samples"]] == NAMES
    assert {row["state"] for row in answer["samples"]} == {"missing"}
    assert "17 U.S.C. 105" in answer["licence"]
    assert not Path(folder).exists()


def test_list_in_words(folder: str) -> None:
    words = " ".join(run("list", "--folder", folder).split())
    for part in (*NAMES, "White House", "missing"):
        assert part in words


def test_a_folder_that_lacks_the_archive_is_told(folder: str, tmp_path: Path) -> None:
    (tmp_path / "usb").mkdir()
    (tmp_path / "usb" / "face_recognition-1.3.0.tar.gz").write_bytes(b"not it")
    answer = run_json("pull", "--folder", folder, "--from", str(tmp_path / "usb"), status=2)
    assert answer["error"]["code"] == "offline-file-missing"
    assert shipped_samples().package.archive_sha256 in answer["error"]["message"]


@pytest.mark.parametrize("option", ["--no-such-option", "--from"])
def test_bad_usage_is_status_two(option: str) -> None:
    run("pull", option, status=2)


@pytest.mark.models
class TestWithPhotographs:
    """From the folder that the first pull filled, so that no test needs the network."""

    def test_they_are_brought_and_listed_as_verified(self, folder: str) -> None:
        answer = run_json("pull", "--folder", folder, "--from", str(default_samples_folder()))
        assert [row["id"] for row in answer["samples"]] == NAMES
        assert all(Path(row["path"]).read_bytes().startswith(b"\xff\xd8") for row in answer["samples"])
        listed = run_json("list", "--folder", folder)
        assert {row["state"] for row in listed["samples"]} == {"verified"}
        assert "4 photographs verified, 0 of them new" in run("pull", "--folder", folder)

    def test_a_changed_photograph_is_told(self, folder: str) -> None:
        answer = run_json("pull", "--folder", folder, "--from", str(default_samples_folder()))
        Path(answer["samples"][0]["path"]).write_bytes(b"x")
        states = [row["state"] for row in run_json("list", "--folder", folder)["samples"]]
        assert states == ["wrong hash", "verified", "verified", "verified"]
