"""The commands about API keys, over a demonstration's store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from countenance.authority import Role
from countenance.cli import app
from countenance.kernel import PurposeId, SystemClock
from countenance.runtime import ApiKeyDesk
from countenance.store import ApiKeyRefused, Store, key_provider
from front_desk import front_desk as open_front_desk


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with open_front_desk(tmp_path) as hotel:
        hotel.store.close()
    return tmp_path


def arguments(folder: Path, *told: str) -> list[str]:
    return [
        "keys", *told, "--set", f"data_folder={folder / 'data'}",
        "--set", f"root_key=file:{folder / 'root.key'}",
    ]  # fmt: skip


def run(folder: Path, *told: str, status: int = 0) -> dict[str, Any]:
    done = CliRunner().invoke(app, [*arguments(folder, *told), "--json"])
    assert done.exit_code == status, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def open_store(folder: Path) -> Store:
    provider = key_provider(f"file:{folder / 'root.key'}")
    return Store.open(folder / "data", key_provider=provider, clock=SystemClock())


def test_a_key_is_issued_listed_and_revoked(folder: Path) -> None:
    told = ("--role", "reviewer", "--role", "officer", "--by", "operator")
    issued = run(folder, "issue", "Front office", *told)
    assert issued["key"]["roles"] == ["officer", "reviewer"]
    prefix = issued["key"]["key"]
    assert issued["api_key"].split("_")[1] == prefix
    with open_store(folder) as store:
        desk = ApiKeyDesk(store=store, clock=SystemClock())
        assert desk.check(issued["api_key"]).roles == ("officer", "reviewer")
    listed = run(folder, "list", "--by", "officer")
    assert [key["key"] for key in listed["keys"]] == [prefix]
    assert issued["api_key"] not in json.dumps(listed)
    assert run(folder, "revoke", prefix, "--by", "officer")["key"]["revoked_at"]
    with open_store(folder) as store, pytest.raises(ApiKeyRefused):
        ApiKeyDesk(store=store, clock=SystemClock()).check(issued["api_key"])


def test_it_is_logged_without_the_key_and_its_name(folder: Path) -> None:
    issued = run(folder, "issue", "Front office", "--role", "clerk", "--by", "operator")
    run(folder, "revoke", issued["key"]["key"], "--by", "officer")
    with open_store(folder) as store:
        entries = [store.log.entry(index) for index in range(store.log.size() - 2, store.log.size())]
        assert [entry.kind for entry in entries] == ["key-issued", "key-revoked"]
        for entry, by in zip(entries, ("operator", "officer"), strict=True):
            assert entry.entry == {"key": issued["key"]["key"], "roles": ["clerk"], "by": by}


@pytest.mark.parametrize("role", [r.value for r in Role if r not in (Role.OFFICER, Role.OPERATOR)])
def test_no_other_role_issues_keys(folder: Path, role: str) -> None:
    for told in (("issue", "x", "--role", "clerk"), ("list",), ("revoke", "x")):
        refused = run(folder, *told, "--by", role, status=3)
        assert refused["error"]["code"] == "role-may-not"


@pytest.mark.parametrize(
    "told",
    [
        ("issue", " ", "--role", "clerk", "--by", "operator"),
        ("issue", "x", "--role", "king", "--by", "operator"),
        ("issue", "x", "--by", "operator"),
        ("revoke", "none", "--by", "operator"),
    ],
    ids=" ".join,
)
def test_bad_input_is_two(folder: Path, told: tuple[str, ...]) -> None:
    assert CliRunner().invoke(app, arguments(folder, *told)).exit_code == 2


def test_it_is_told_in_words_too(folder: Path) -> None:
    words = CliRunner().invoke(app, arguments(folder, "list", "--by", "officer")).output
    assert "No key was issued." in words
    words = (
        CliRunner()
        .invoke(app, arguments(folder, "issue", "Desk", "--role", "clerk", "--by", "operator"))
        .output
    )
    assert "cnt_" in words
    assert "Desk  (clerk)" in words


class TestTheKeysThatHoldEverything:
    """The root key replaced, a purpose re-keyed, both listed."""

    def test_listed_with_who_holds_them(self, folder: Path) -> None:
        found = run(folder, "list", "--by", "officer")
        assert found["root"] == f"file:{folder / 'root.key'}"
        assert found["purposes"] == []

    def test_the_root_key_is_replaced_and_the_one_before_opens_nothing(self, folder: Path) -> None:
        new = f"file:{folder / 'next' / 'root.key'}"
        done = run(folder, "rotate", "--to", new, "--by", "operator")
        assert (done["outcome"], done["root"], done["keys"]) == ("rotated", new, 1)
        assert done["keep_until"] is None
        assert run(folder, "list", "--by", "officer", status=2)["error"]["code"] == "root-key-wrong"
        told = ["keys", "list", "--by", "officer", "--set", f"data_folder={folder / 'data'}"]
        again = CliRunner().invoke(app, [*told, "--set", f"root_key={new}"])
        assert again.exit_code == 0
        assert new in again.stdout.replace("\n", "")

    def test_the_same_place_is_refused(self, folder: Path) -> None:
        same = f"file:{folder / 'root.key'}"
        found = run(folder, "rotate", "--to", same, "--by", "operator", status=2)
        assert found["error"]["code"] == "root-key-same"

    @pytest.mark.parametrize("command", [("rotate", "--to", "env:NEXT"), ("rekey", "pur_gym")])
    def test_a_clerk_may_not(self, folder: Path, command: tuple[str, ...]) -> None:
        assert run(folder, *command, "--by", "clerk", status=3)["error"]["code"] == "role-may-not"

    def test_a_purpose_nobody_is_enrolled_for_has_no_key(self, folder: Path) -> None:
        found = run(folder, "rekey", "pur_gym", "--by", "operator", status=2)
        assert found["error"]["code"] == "purpose-key-missing"

    def test_a_purpose_is_rekeyed(self, folder: Path) -> None:
        provider = key_provider(f"file:{folder / 'root.key'}")
        with Store.open(folder / "data", key_provider=provider, clock=SystemClock()) as store:
            store.purpose_keys.make(PurposeId("pur_gym"))
        done = run(folder, "rekey", "pur_gym", "--by", "operator")
        assert (done["version"], done["ended"], done["references"]) == (2, [1], 0)
        words = CliRunner().invoke(
            app, arguments(folder, "rekey", "pur_gym", "--by", "officer", "--grace-days", "3")
        )
        assert words.exit_code == 0
        assert "takes holder passes until" in " ".join(words.stdout.split())
        states = {one["version"]: one["state"] for one in run(folder, "list", "--by", "officer")["purposes"]}
        assert states == {1: "gone", 2: "retiring", 3: "active"}
