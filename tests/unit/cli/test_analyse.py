from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from typer.testing import CliRunner

from countenance.cli.app import app
from countenance.vision.registry import SampleStore


def run(*arguments: str | Path) -> tuple[int, dict[str, Any]]:
    answer = CliRunner().invoke(app, ["analyse", *map(str, arguments), "--json"])
    return answer.exit_code, json.loads(answer.stdout)


@pytest.fixture
def portrait() -> Path:
    return SampleStore().path("obama")


@pytest.mark.parametrize(
    ("name", "rule_id"),
    [("mood", "HX-EMOTION-BAN"), ("attractiveness", "HX-BEAUTY"), ("ethnicity", "HX-RACE")],
)
def test_what_is_not_computed_is_answered_with_the_rule_and_status_3(
    tmp_path: Path, name: str, rule_id: str
) -> None:
    status, said = run(tmp_path / "there is no picture", "--attribute", name)
    assert (status, said["outcome"], said["error"]["code"]) == (3, "refused", "attribute-not-computed")
    assert said["verdict"]["allowed"] is False
    assert rule_id in {rule["id"] for rule in said["verdict"]["rules"]}


def test_an_unknown_attribute_is_bad_usage(tmp_path: Path) -> None:
    status, said = run(tmp_path / "x", "--attribute", "shoe-size")
    assert (status, said["error"]["code"]) == (2, "unknown-attribute")


def test_without_a_demonstration_nobody_has_answers_of_his_own(tmp_path: Path) -> None:
    status, said = run(tmp_path / "x")
    assert (status, said["error"]["code"]) == (2, "bad-usage")


@pytest.mark.models
class TestAWrittenRelease:
    """Illinois asks for one; whoever writes down the consent says whether it was signed."""

    SAID = ("--consent", "--age-band", "adult", "--language", "en")

    @pytest.mark.parametrize(
        ("signed", "status"), [(("--signed",), 0), (("--not-signed",), 3), ((), 0)], ids=str
    )
    @pytest.mark.parametrize("said", [SAID, ()], ids=["stated", "the demonstration's"])
    def test_it_counts_as_it_was_stated(
        self, tmp_path: Path, portrait: Path, said: tuple[str, ...], signed: tuple[str, ...], status: int
    ) -> None:
        where = ("--demo", "--folder", tmp_path, "--jurisdiction", "US/IL", "--attribute", "pose")
        found, answer = run(portrait, *where, *said, *signed)
        assert found == status
        if status:
            missing = json.dumps(answer["verdict"])
            assert "written_release" in missing


@pytest.mark.models
class TestOnAPhotograph:
    @pytest.mark.parametrize("jurisdiction", ["CN", "EU", "UK", "US/IL"])
    def test_everything_is_said_with_its_error(
        self, tmp_path: Path, portrait: Path, jurisdiction: str
    ) -> None:
        drawn = tmp_path / "drawn.png"
        status, said = run(
            portrait,
            "--demo",
            "--folder",
            tmp_path / "demo",
            "--jurisdiction",
            jurisdiction,
            "--picture",
            drawn,
        )
        assert (status, said["outcome"], said["demo"]) == (0, "analysed", True)
        face = said["face"]
        assert len(face["points_106"]["points"]) == 106
        assert "derived" in face["points_106"]["note"]
        assert "not validated" in face["gaze_degrees"]["note"]
        for name in ("age", "gender"):
            assert all("UTKFace, 598 faces" in fact["conditions"] for fact in face[name]["error"])
            assert face[name]["error"]
        assert {"pose_degrees", "openness", "quality"} <= set(face)
        assert said["verdict"]["allowed"] is True
        with Image.open(drawn) as picture, Image.open(portrait) as original:
            assert picture.size == original.size
        assert stat.S_IMODE(drawn.stat().st_mode) == 0o600

    def test_who_did_not_agree_is_not_analysed(self, tmp_path: Path, portrait: Path) -> None:
        status, said = run(
            portrait,
            "--demo",
            "--folder",
            tmp_path,
            "--no-consent",
            "--age-band",
            "adult",
            "--language",
            "en",
        )
        assert (status, said["outcome"]) == (3, "refused")
        assert "CN-PIPL-29" in {rule["id"] for rule in said["verdict"]["rules"]}
        assert "face" not in said

    def test_at_the_hotels_desk_it_is_banned(self, tmp_path: Path, portrait: Path) -> None:
        status, said = run(
            portrait, "--demo", "--folder", tmp_path, "--place", "plc_frontdesk", "--attribute", "age"
        )
        assert status == 3
        assert "HX-ATTR" in {rule["id"] for rule in said["verdict"]["rules"]}

    def test_only_what_was_asked_for_is_said(self, tmp_path: Path, portrait: Path) -> None:
        status, said = run(portrait, "--demo", "--folder", tmp_path, "--attribute", "pose")
        assert (status, set(said["face"])) == (0, {"box", "pose_degrees"})
        assert "age-v1" not in said["models"]
