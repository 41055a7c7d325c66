"""Passes are issued, shown and taken back by commands at the demonstration's staff door."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from countenance.cli import app
from weights import sample_bytes

pytestmark = pytest.mark.models

AGREES = ("--consent", "--age-band", "adult", "--language", "en")


class Desk:
    """A demonstration's folder and two pictures of one person beside it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("obama", "obama2"):
            (root / f"{name}.jpg").write_bytes(sample_bytes(name))

    def at(self, name: str) -> str:
        return str(self.root / name)

    def ask(self, *arguments: str) -> tuple[int, dict[str, object]]:
        whole = [*arguments, "--demo", "--folder", self.at("demo"), "--json"]
        answer = CliRunner().invoke(app, whole)
        assert answer.stdout, answer.stderr or answer.exception
        found: dict[str, object] = json.loads(answer.stdout)
        return answer.exit_code, found

    def issue(self, out: str) -> tuple[int, dict[str, object]]:
        return self.ask("pass", "issue", "sub_holder", self.at("obama.jpg"), "--out", self.at(out))


def code_of(found: dict[str, object]) -> object:
    error = found["error"]
    assert isinstance(error, dict)
    return error["code"]


def test_a_pass_from_issue_to_revocation(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    # Nobody agreed: no pass, and no file.
    status, refused = desk.issue("pass.png")
    assert (status, refused["outcome"]) == (3, "refused")
    assert not (tmp_path / "pass.png").exists()
    # The consent is filed with an enrolment; the pass rests on it.
    assert desk.ask("enrol", "sub_holder", desk.at("obama2.jpg"), *AGREES)[0] == 0
    status, done = desk.issue("pass.png")
    assert (status, done["outcome"], done["pictures"]) == (0, "issued", 1)
    assert (tmp_path / "pass.png").stat().st_mode & 0o077 == 0
    # This door isn't attended: the rules ask for a report on presentation attacks.
    show = ("pass", "check", desk.at("pass.png"), desk.at("obama2.jpg"))
    status, refused = desk.ask(*show)
    assert (status, refused["outcome"]) == (3, "refused")
    assert "HX-PAD" in json.dumps(refused)
    serial = str(done["serial"])
    status, found = desk.ask("pass", "revoke", serial, "--by", "clerk")
    assert (status, code_of(found)) == (3, "role-may-not")
    assert desk.ask("pass", "revoke", serial, "--by", "officer") == (0, {"outcome": "revoked"})
    status, found = desk.ask(*show)
    assert code_of(found) == "pass-revoked"


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("issue", "Ann", "a.jpg", "--out", "new.png"), id="a-name"),
        pytest.param(("issue", "sub_ann", "a.jpg", "--out", "new.gif"), id="another-ending"),
        pytest.param(("revoke", "12", "--by", "officer"), id="no-serial"),
    ],
)
def test_bad_usage_is_told_before_anything_is_opened(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    status, found = Desk(tmp_path).ask("pass", *arguments)
    assert (status, code_of(found)) == (2, "bad-usage")
    assert not (tmp_path / "demo").exists()
