"""Passes are issued, shown and taken back by commands at the demonstration's pass desk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from countenance.cli import app
from countenance.runtime import Settings
from weights import sample_bytes

AGREES = ("--consent", "--age-band", "adult", "--language", "en")


class Desk:
    """A demonstration's folder, with pictures of two people beside it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def photograph(self, *names: str) -> None:
        for name in names:
            (self.root / f"{name}.jpg").write_bytes(sample_bytes(name))

    def at(self, name: str) -> str:
        return str(self.root / name)

    def ask(self, *arguments: str) -> tuple[int, dict[str, object]]:
        whole = [*arguments, "--demo", "--folder", self.at("demo"), "--json"]
        answer = CliRunner().invoke(app, whole)
        assert answer.stdout, answer.stderr or answer.exception
        found: dict[str, object] = json.loads(answer.stdout)
        return answer.exit_code, found

    def issue(self, out: str, *said: str) -> tuple[int, dict[str, object]]:
        return self.ask("pass", "issue", "sub_holder", self.at("obama.jpg"), "--out", self.at(out), *said)

    def check(self, shown: str, live: str, *more: str) -> tuple[int, dict[str, object]]:
        return self.ask("pass", "check", self.at(shown), self.at(f"{live}.jpg"), *more)


def code_of(found: dict[str, object]) -> object:
    error = found["error"]
    assert isinstance(error, dict)
    return error["code"]


@pytest.mark.models
def test_a_pass_from_issue_to_revocation(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.photograph("obama", "obama2", "biden")
    # Nobody agreed: no pass, and no file.
    status, refused = desk.issue("pass.png")
    assert (status, refused["outcome"]) == (3, "refused")
    assert not (tmp_path / "pass.png").exists()
    status, done = desk.issue("pass.png", *AGREES)
    assert (status, done["outcome"], done["pictures"]) == (0, "issued", 1)
    assert (tmp_path / "pass.png").stat().st_mode & 0o077 == 0
    # Its holder is recognised, somebody else isn't; the receipt is the holder's.
    status, same = desk.check("pass.png", "obama2")
    assert (status, same["outcome"], same["reissue"], same["demo"]) == (0, "match", False, True)
    assert "score" not in json.dumps(same)
    status, other = desk.check("pass.png", "biden")
    assert (status, other["outcome"]) == (1, "no match")
    # The key is replaced: the pass is taken and exchanged, and then void.
    status, _ = desk.ask("keys", "rekey", "pur_guestpass", "--by", "officer", "--grace-days", "30")
    assert status == 0
    status, exchanged = desk.check("pass.png", "obama2", "--out", desk.at("new.pass"))
    assert (status, exchanged["outcome"], exchanged["reissue"]) == (0, "match", True)
    renewed = exchanged["renewed"]
    assert isinstance(renewed, dict)
    assert (renewed["valid_until"], renewed["serial"] == done["serial"]) == (done["valid_until"], False)
    assert code_of(desk.check("pass.png", "obama2")[1]) == "pass-revoked"
    assert desk.check("new.pass", "obama2")[1]["outcome"] == "match"
    # The lost one is taken back by its serial.
    serial = str(renewed["serial"])
    status, found = desk.ask("pass", "revoke", serial, "--by", "clerk")
    assert (status, code_of(found)) == (3, "role-may-not")
    assert desk.ask("pass", "revoke", serial, "--by", "officer") == (0, {"outcome": "revoked"})
    assert code_of(desk.check("new.pass", "obama2")[1]) == "pass-revoked"


def test_a_pass_is_taken_back_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of networks is empty; nothing is brought, and none is missed."""
    monkeypatch.setenv("COUNTENANCE_MODELS_FOLDER", str(tmp_path / "none"))
    assert Settings().models_folder == tmp_path / "none"
    desk = Desk(tmp_path)
    serial = "5a" * 16
    for _ in range(2):
        assert desk.ask("pass", "revoke", serial, "--by", "officer") == (0, {"outcome": "revoked"})
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("issue", "Ann", "a.jpg", "--out", "new.png"), id="a-name"),
        pytest.param(("issue", "sub_ann", "a.jpg", "--out", "new.gif"), id="another-ending"),
        pytest.param(("issue", "sub_ann", "a.jpg", "--out", "new.png", "--no-consent"), id="who-says-no"),
        pytest.param(("issue", "sub_ann", "a.jpg", "--out", "new.png", "--consent"), id="no-age"),
        pytest.param(("check", "a.png", "a.jpg", "--out", "new.gif"), id="exchanged-for-another-ending"),
        pytest.param(("revoke", "12", "--by", "officer"), id="no-serial"),
    ],
)
def test_bad_usage_is_told_before_anything_is_opened(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    status, found = Desk(tmp_path).ask("pass", *arguments)
    assert (status, code_of(found)) == (2, "bad-usage")
    assert not (tmp_path / "demo").exists()
