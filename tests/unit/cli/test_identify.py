"""People are enrolled and searched for by commands, at the demonstration's staff door."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from countenance.cli import app
from countenance.vision.rendering import CameraMotion, PosterKind
from scene_clips import clip_of, poster_frames, talking_portrait
from weights import sample_bytes

AGREES = ("--consent", "--age-band", "adult", "--language", "en")


def ask(root: Path, *arguments: str) -> tuple[int, dict[str, object]]:
    whole = [*arguments, "--demo", "--folder", str(root / "demo"), "--json"]
    answer = CliRunner().invoke(app, whole)
    assert answer.stdout, answer.stderr or answer.exception
    found: dict[str, object] = json.loads(answer.stdout)
    return answer.exit_code, found


def code_of(found: dict[str, object]) -> object:
    error = found["error"]
    assert isinstance(error, dict)
    return error["code"]


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """One person with a folder of their own, and what they agreed to."""
    (tmp_path / "people" / "sub_ann").mkdir(parents=True)
    (tmp_path / "people" / "sub_ann" / "1.jpg").write_bytes(sample_bytes("obama"))
    (tmp_path / "consents.csv").write_text("subject,age_band,language\nsub_ann,adult,en\n")
    for name in ("obama2", "biden"):
        (tmp_path / f"{name}.jpg").write_bytes(sample_bytes(name))
    return tmp_path


@pytest.mark.models
def test_from_enrolment_to_review(people: Path) -> None:
    probe, other = str(people / "obama2.jpg"), str(people / "biden.jpg")
    assert code_of(ask(people, "identify", probe, *AGREES)[1]) == "gallery-empty"
    status, enrolled = ask(
        people, "enrol", "--people", str(people / "people"), "--consents", str(people / "consents.csv")
    )
    assert (status, enrolled["people"]) == (0, {**enrolled["people"], "enrolled": 1})  # type: ignore[dict-item]
    # Whoever doesn't agree isn't searched for.
    status, refused = ask(people, "identify", probe, "--no-consent", *AGREES[1:])
    assert (status, refused["outcome"]) == (3, "refused")
    status, lead = ask(people, "identify", probe, *AGREES)
    assert (status, lead["outcome"], lead["demo"]) == (0, "lead", True)
    candidates = lead["candidates"]
    assert isinstance(candidates, list)
    assert [one["subject"] for one in candidates] == ["sub_ann"]
    assert "score" not in json.dumps(lead)
    status, unknown = ask(people, "identify", other, *AGREES)
    assert (status, unknown["outcome"], unknown["candidates"]) == (1, "unknown", [])
    # A reviewer looks, and nobody's word is owed any more.
    decision = str(lead["decision_id"])
    status, found = ask(people, "review", decision, "--right", "--by", "clerk")
    assert (status, code_of(found)) == (3, "role-may-not")
    status, done = ask(people, "review", decision, "--right", "--by", "reviewer")
    assert (status, done["confirmed"]) == (0, True)
    assert code_of(ask(people, "review", decision, "--wrong", "--by", "reviewer")[1]) == "nothing-to-review"


@pytest.mark.models
def test_a_clip_is_searched_for_whoever_is_shown_to_be_there_and_not_for_a_poster(people: Path) -> None:
    """The camera sees a bus pass with somebody enrolled on it, then that person, who talks."""
    (people / "people" / "sub_ann" / "1.jpg").write_bytes(sample_bytes("biden"))
    whole = ("enrol", "--people", str(people / "people"), "--consents", str(people / "consents.csv"))
    assert ask(people, *whole)[0] == 0
    bus = poster_frames(PosterKind.BUS, CameraMotion.STILL, name="biden")
    passing, talking = clip_of(people / "bus.avi", bus), clip_of(people / "talks.avi", talking_portrait())
    status, refused = ask(people, "identify", str(passing), *AGREES)
    assert (status, code_of(refused)) == (2, "not-shown-to-be-a-person")
    assert "surroundings ride along" in json.dumps(refused)
    status, lead = ask(people, "identify", str(talking), *AGREES)
    assert (status, lead["outcome"]) == (0, "lead")
    status, asked = ask(people, "identify", str(talking), "--no-consent", *AGREES[1:])
    assert (status, asked["outcome"]) == (3, "refused")


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("identify", "a.jpg"), id="nothing-said"),
        pytest.param(("identify", "a.jpg", "--consent", "--age-band", "adult"), id="no-language"),
        pytest.param(("identify", "a.jpg", *AGREES, "--age-band", "old"), id="no-age-band"),
        pytest.param(("review", "dec_x", "--by", "reviewer"), id="no-word"),
    ],
)
def test_bad_usage_is_told_before_anything_is_opened(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    status, found = ask(tmp_path, *arguments)
    assert (status, code_of(found)) == (2, "bad-usage")
    assert not (tmp_path / "demo").exists()
