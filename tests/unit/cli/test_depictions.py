"""`countenance depictions` says of each face what it is, and writes pictures that hide them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from countenance.capture import CaptureLimits, decode
from countenance.cli import app
from countenance.vision.rendering import CameraMotion, PosterKind
from scene_clips import clip_of, noise_frames, poster_frames


def asked(folder: Path, *more: str) -> list[str]:
    return ["depictions", *more, "--demo", "--folder", str(folder / "demo")]


@pytest.mark.models
def test_a_face_on_a_bus_is_a_depiction_and_nobody_is_there(tmp_path: Path) -> None:
    clip = clip_of(tmp_path / "bus.avi", poster_frames(PosterKind.BUS, CameraMotion.STILL))
    whole = asked(tmp_path, str(clip), "--drawn", str(tmp_path / "drawn"))
    answer = CliRunner().invoke(app, [*whole, "--json"])
    said = json.loads(answer.stdout)
    (face,) = said["faces"]
    assert (answer.exit_code, face["shown"]) == (1, "depiction")
    assert face["cues"]["surroundings ride along"] == "denies"
    assert said["figures"] == {"frames": 45, "persons": 0, "depictions": 1, "undetermined": 0}
    assert "may pass for a person" in said["said"]
    drawn = sorted((tmp_path / "drawn").iterdir())
    assert [path.name for path in drawn][:2] == ["frame-000000.png", "frame-000001.png"]
    assert decode(drawn[0].read_bytes(), limits=CaptureLimits()).shape == (480, 640, 3)
    told = CliRunner().invoke(app, asked(tmp_path, str(clip)), env={"COLUMNS": "160"})
    assert "It moves like a picture: surroundings ride along." in told.stdout


@pytest.mark.models
def test_a_scene_without_a_face_says_so(tmp_path: Path) -> None:
    clip = clip_of(tmp_path / "wall.avi", noise_frames(10))
    answer = CliRunner().invoke(app, asked(tmp_path, str(clip)))
    assert (answer.exit_code, "No face in 10 frames." in answer.stdout) == (1, True)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param((), id="nothing"),
        pytest.param(("a.mp4", "--camera", "0"), id="both"),
        pytest.param(("a.mp4", "--seconds", "3"), id="a length of a file"),
    ],
)
def test_bad_usage_is_told_before_anything_is_opened(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    answer = CliRunner().invoke(app, [*asked(tmp_path, *arguments), "--json"])
    assert (answer.exit_code, json.loads(answer.stdout)["error"]["code"]) == (2, "bad-usage")
    assert not (tmp_path / "demo").exists()


def test_a_file_that_is_no_video_is_no_clip(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"words")
    answer = CliRunner().invoke(app, [*asked(tmp_path, str(tmp_path / "a.mp4")), "--json"])
    assert (answer.exit_code, json.loads(answer.stdout)["error"]["code"]) == (2, "clip-without-times")


def test_what_whoever_passes_said_has_no_default(tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["depictions", str(tmp_path / "a.mp4"), "--json"])
    assert (answer.exit_code, json.loads(answer.stdout)["error"]["code"]) == (2, "bad-usage")
