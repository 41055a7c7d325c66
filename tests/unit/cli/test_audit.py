"""The audit commands on a real installation: what they write, whom they refuse, what they answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from audited_desk import audited_desk
from countenance.cli.app import app


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hotel")
    with audited_desk(folder, guests=2):
        pass
    return folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, root: Path | None = None, status: int = 0) -> dict[str, Any]:
    given = list(arguments)
    if root is not None:
        given += ["--set", f"data_folder={root / 'data'}", "--set", f"root_key=file:{root / 'root.key'}"]
    answer = CliRunner().invoke(app, [*given, "--json"])
    assert answer.exit_code == status, answer.output
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def prepared(root: Path) -> None:
    run("audit", "key", "--out", "public.json", root=root)
    run("audit", "witness-key", "council", "--out", "council.key")


def test_a_pack_is_exported_and_verified(root: Path, here: Path) -> None:
    prepared(root)
    exported = run("audit", "export", "pack.zip", "--by", "auditor", root=root)
    assert exported["bytes"] == (here / "pack.zip").stat().st_size
    assert (here / "pack.zip").stat().st_mode & 0o077 == 0
    report = run("audit", "verify", "pack.zip", "--key", "public.json")
    assert (report["outcome"], report["witnesses"]) == ("holds", [])
    assert len(report["decisions"]) == 2


def test_another_key_verifies_nothing(root: Path, here: Path) -> None:
    prepared(root)
    run("audit", "export", "pack.zip", "--by", "officer", root=root)
    jwk = json.loads((here / "public.json").read_text(encoding="utf-8"))
    jwk["x"] = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    (here / "other.json").write_text(json.dumps(jwk), encoding="utf-8")
    report = run("audit", "verify", "pack.zip", "--key", "other.json", status=1)
    codes = {finding["code"] for finding in report["findings"]}
    assert {"manifest-forged", "checkpoint-forged"} <= codes
    assert not any(decision["holds"] for decision in report["decisions"])


def test_a_witness_cosigns_and_the_pack_says_so(root: Path, here: Path) -> None:
    prepared(root)
    run("audit", "checkpoint", "--out", "checkpoint.txt", root=root)
    signs = ("--key", "council.key", "--log", "public.json", "--memory", "memory.txt")
    run("audit", "cosign", "checkpoint.txt", *signs)
    run("audit", "keep", "checkpoint.txt", "--witness", "council.key.pub", "--by", "auditor", root=root)
    run("audit", "export", "pack.zip", "--by", "auditor", root=root)
    report = run("audit", "verify", "pack.zip", "--key", "public.json", "--witness", "council.key.pub")
    assert [seen["witness"] for seen in report["witnesses"]] == ["council"]


def test_what_no_witness_signed_is_not_kept(root: Path, here: Path) -> None:
    prepared(root)
    run("audit", "checkpoint", "--out", "checkpoint.txt", root=root)
    refused = run(
        "audit",
        "keep",
        "checkpoint.txt",
        "--witness",
        "council.key.pub",
        "--by",
        "auditor",
        root=root,
        status=3,
    )
    assert refused["error"]["code"] == "signature-refused"


def test_a_log_that_grew_has_to_prove_it_to_the_witness(root: Path, here: Path) -> None:
    prepared(root)
    signs = ("--key", "council.key", "--log", "public.json", "--memory", "memory.txt")
    run("audit", "checkpoint", "--out", "one.txt", root=root)
    run("audit", "cosign", "one.txt", *signs)
    run("keys", "issue", "till", "--role", "operator", "--by", "officer", root=root)
    run("audit", "checkpoint", "--out", "two.txt", root=root)
    assert run("audit", "cosign", "two.txt", *signs, status=2)["error"]["code"] == "proof-not-possible"
    run(
        "audit",
        "prove",
        "growth",
        "--since",
        "memory.txt",
        "--out",
        "growth.json",
        "--by",
        "auditor",
        root=root,
    )
    run("audit", "cosign", "two.txt", *signs, "--proof", "growth.json")
    assert "continues" in run("audit", "verify", "growth.json", "--key", "public.json")["words"]


def test_an_entry_is_proved_by_number_and_by_decision(root: Path, here: Path) -> None:
    prepared(root)
    run("audit", "export", "pack.zip", "--by", "auditor", root=root)
    report = run("audit", "verify", "pack.zip", "--key", "public.json")
    decision = report["decisions"][0]["decision"]
    for which in ("3", decision):
        run("audit", "prove", which, "--out", "proof.json", "--by", "auditor", root=root)
        seen = run("audit", "verify", "proof.json", "--key", "public.json")
        assert seen["outcome"] == "holds"
    assert seen["statement"]["entry"]["decision"] == decision
    proof = json.loads((here / "proof.json").read_text(encoding="utf-8"))
    proof["statement"]["entry"]["outcome"] = (
        "no match" if seen["statement"]["entry"]["outcome"] == "match" else "match"
    )
    (here / "proof.json").write_text(json.dumps(proof), encoding="utf-8")
    assert (
        run("audit", "verify", "proof.json", "--key", "public.json", status=3)["error"]["code"]
        == "proof-refused"
    )


def test_nothing_is_proved_about_what_is_not_in_the_log(root: Path, here: Path) -> None:
    refused = run("audit", "prove", "dec_nothing", "--out", "p.json", "--by", "auditor", root=root, status=2)
    assert refused["error"]["code"] == "nothing-to-prove"


def test_the_check_finds_nothing_in_a_whole_installation(root: Path) -> None:
    assert run("audit", "check", "--by", "auditor", root=root)["findings"] == []


@pytest.mark.parametrize("command", [["export", "p.zip"], ["check"], ["prove", "0", "--out", "p.json"]])
def test_a_role_that_may_not_read_records_gets_nothing(root: Path, here: Path, command: list[str]) -> None:
    refused = run("audit", *command, "--by", "device", root=root, status=3)
    assert refused["error"]["code"] == "role-may-not"
    assert not list(here.glob("p.*"))


def test_a_range_leaves_out_what_was_earlier(root: Path, here: Path) -> None:
    prepared(root)
    run("audit", "export", "later.zip", "--from", "2027-01-01", "--by", "auditor", root=root)
    report = run("audit", "verify", "later.zip", "--key", "public.json")
    assert (report["outcome"], report["decisions"]) == ("holds", [])
