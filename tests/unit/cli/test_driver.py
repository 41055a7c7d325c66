"""`countenance driver` warns on a recording as on a drive, and says what it isn't."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analysis_desk import portrait_video
from countenance.cli import app


@pytest.mark.models
def test_a_recording_is_watched(tmp_path: Path) -> None:
    drive = portrait_video(tmp_path / "drive.avi", ["obama"] * 3 + [None] * 20, rate=3.0)
    whole = ["driver", str(drive), "--demo", "--folder", str(tmp_path / "demo")]
    answer = CliRunner().invoke(app, [*whole, "--json"])
    *warnings, last = map(json.loads, answer.stdout.splitlines())
    assert [one["warning"] for one in warnings] == ["not-seen"]
    assert (answer.exit_code, last["outcome"], last["frames"], last["demo"]) == (0, "watched", 23, True)
    assert last["not_validated"].startswith("Not validated for safety")
    told = CliRunner().invoke(app, whole, env={"COLUMNS": "200"})
    assert "Not validated for safety" in told.stdout
    assert "Your face can't be seen, so nothing is watched." in told.stdout
    assert "Nothing was kept." in told.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param((), id="nothing"),
        pytest.param(("a.mp4", "--camera", "0"), id="both"),
    ],
)
def test_bad_usage_is_told_before_anything_is_opened(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    whole = ["driver", *arguments, "--demo", "--folder", str(tmp_path / "demo"), "--json"]
    answer = CliRunner().invoke(app, whole)
    assert (answer.exit_code, json.loads(answer.stdout)["error"]["code"]) == (2, "bad-usage")
    assert not (tmp_path / "demo").exists()


def test_what_the_driver_said_has_no_default(tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["driver", str(tmp_path / "a.mp4"), "--json"])
    assert (answer.exit_code, json.loads(answer.stdout)["error"]["code"]) == (2, "bad-usage")


def test_a_file_that_is_no_video_is_no_drive(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"words")
    whole = ["driver", str(tmp_path / "a.mp4"), "--demo", "--folder", str(tmp_path / "demo"), "--json"]
    answer = CliRunner().invoke(app, whole)
    assert (answer.exit_code, json.loads(answer.stdout)["error"]["code"]) == (2, "not-a-drive")
