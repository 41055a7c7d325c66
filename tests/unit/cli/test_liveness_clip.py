"""`countenance liveness` says what each cue says of a clip, and draws it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import cv2
import pytest
from typer.testing import CliRunner

from countenance.cli import app
from scene_clips import clip_of, noise_frames, talking_portrait


def asked(folder: Path, *more: str) -> list[str]:
    return ["liveness", *more, "--demo", "--folder", str(folder / "demo")]


@pytest.mark.models
def test_a_clip_is_told_cue_by_cue_drawn_and_plotted(tmp_path: Path) -> None:
    clip = clip_of(tmp_path / "talks.avi", talking_portrait(seconds=2.0))
    drawn, plot = tmp_path / "drawn.avi", tmp_path / "time.svg"
    whole = asked(tmp_path, str(clip), "--annotated", str(drawn), "--timeline", str(plot))
    answer = CliRunner().invoke(app, [*whole, "--json"])
    said = json.loads(answer.stdout)
    assert said["outcome"] in {"inconclusive", "attack suspected"}
    assert answer.exit_code == (0 if said["outcome"] == "inconclusive" else 1)
    assert said["level"] == 0
    assert said["figures"]["frames"] == 30
    assert said["cues"]["frozen-frames"]["bearing"] == "silent"
    assert "isn't defended against" in said["said"]
    assert "a stream fed in behind the camera" in said["not_withstood"]
    film = cv2.VideoCapture(str(drawn))
    assert int(film.get(cv2.CAP_PROP_FRAME_COUNT)) == 30
    assert plot.read_text(encoding="utf-8").count("<svg") == 1
    assert {stat.S_IMODE(path.stat().st_mode) for path in (drawn, plot)} == {0o600}


@pytest.mark.models
def test_a_clip_without_a_face_says_so(tmp_path: Path) -> None:
    clip = clip_of(tmp_path / "wall.avi", noise_frames(6))
    answer = CliRunner().invoke(app, asked(tmp_path, str(clip)), env={"COLUMNS": "160"})
    assert (answer.exit_code, "No face was seen." in answer.stdout) == (1, True)
    assert "reported, not scored" in answer.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param((), id="nothing"),
        pytest.param(("a.mp4", "--camera", "0"), id="both"),
        pytest.param(("a.mp4", "--annotated", "b.gif"), id="another kind of clip"),
        pytest.param(("a.mp4", "--timeline", "b.pdf"), id="another kind of plot"),
    ],
)
def test_bad_usage_is_told_before_anything_is_opened(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    answer = CliRunner().invoke(app, [*asked(tmp_path, *arguments), "--json"])
    assert (answer.exit_code, json.loads(answer.stdout)["error"]["code"]) == (2, "bad-usage")
    assert not (tmp_path / "demo").exists()


@pytest.mark.models
def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    clip = clip_of(tmp_path / "wall.avi", noise_frames(6))
    whole = asked(tmp_path, str(clip), "--annotated", str(tmp_path / "none" / "b.avi"), "--json")
    answer = CliRunner().invoke(app, whole)
    assert (answer.exit_code, json.loads(answer.stdout)["error"]["code"]) == (2, "input-not-readable")
