"""`request` from the command line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from countenance.cli import app
from countenance.kernel import PlaceId, PurposeId, SubjectId, SystemClock
from countenance.runtime import create_installation, load_settings
from countenance.store import Place, Store, key_provider
from held_people import keep

ANN = "sub_annplantedmarker"
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run commands on an installation in the EU in which somebody has something on file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COUNTENANCE_DATA_FOLDER", str(tmp_path / "data"))
    monkeypatch.setenv("COUNTENANCE_ROOT_KEY", f"file:{tmp_path / 'keys' / 'root.key'}")
    settings = load_settings()
    create_installation(settings)
    provider = key_provider(settings.root_key)
    with Store.open(settings.data_folder, key_provider=provider, clock=SystemClock()) as store:
        store.places.add(Place(PlaceId("plc_desk"), "Desk", "hotel_lobby", ("EU",), "Europe/Berlin"))
        keep(store, SubjectId(ANN), PurposeId("pur_checkin"), at=SystemClock().now())

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["request", *arguments])

    return invoke


def said(result: Result, status: int = 0) -> dict[str, Any]:
    assert result.exit_code == status, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def opened(run: Run, right: str, *more: str) -> str:
    done = said(run("open", ANN, "--right", right, "--said", "please", "--by", "clerk", *more, "--json"))
    name: str = done["requests"][0]["request"]
    return name


def test_access_is_answered_with_files(run: Run, tmp_path: Path) -> None:
    request = opened(run, "access")
    done = said(run("answer", request, "--by", "officer", "--out", "export", "--json"))
    data = tmp_path / "export" / "export.json"
    assert done["files"][0] == "export/export.json"
    assert hashlib.sha256(data.read_bytes()).hexdigest() == done["requests"][0]["export_sha256"]
    assert "No request is open." in run("list", "--by", "officer").stdout
    assert "exported" in run("list", "--all", "--by", "auditor").stdout


def test_erasure_is_answered_with_a_certificate_that_verifies(run: Run, tmp_path: Path) -> None:
    request = opened(run, "erasure")
    done = said(run("answer", request, "--by", "officer", "--json"))
    file = tmp_path / f"{request}.json"
    assert done["files"] == [file.name, f"{request}.html"]
    assert CliRunner().invoke(app, ["certificate", "verify", str(file)]).exit_code == 0
    assert json.loads(file.read_text())["certificate"]["id"] == done["requests"][0]["certificate"]
    listed = run("list", "--all", "--by", "officer").stdout
    assert "somebody who was erased" in listed
    assert ANN not in listed


def test_something_is_never_written_over(run: Run, tmp_path: Path) -> None:
    request = opened(run, "access")
    (tmp_path / "export").mkdir()
    refused = said(run("answer", request, "--by", "officer", "--out", "export", "--json"), 2)
    assert refused["error"]["code"] == "input-not-readable"
    assert said(run("list", "--by", "officer", "--json"))["requests"][0]["answer"] is None


def test_an_overdue_one_is_said_to_be(run: Run) -> None:
    received = (datetime.now(UTC) - timedelta(days=40)).isoformat()
    request = opened(run, "objection", "--received", received)
    listed = run("list", "--by", "officer")
    assert (listed.exit_code, "OVERDUE: an answer was due until" in listed.stdout) == (1, True)
    assert run("answer", request, "--said", "we stopped", "--by", "officer").exit_code == 0
    assert run("list", "--by", "officer").exit_code == 0


def test_extending_and_refusing(run: Run) -> None:
    request = opened(run, "rectification")
    before = said(run("list", "--by", "officer", "--json"))["requests"][0]
    after = said(run("extend", request, "--said", "much to do", "--by", "officer", "--json"))["requests"][0]
    assert after["due"] == before["extendable_to"] > before["due"]
    done = said(
        run("answer", request, "--refuse", "--said", "it is right as it is", "--by", "officer", "--json")
    )
    assert done["requests"][0]["answer"] == "refused"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("open", ANN, "--right", "access", "--said", " ", "--by", "officer"), "request-not-possible"),
        (("open", ANN, "--right", "access", "--said", "x", "--by", "reviewer"), "role-may-not"),
        (
            ("open", ANN, "--right", "access", "--said", "x", "--by", "clerk", "--place", "plc_no"),
            "unknown-place",
        ),
        (("extend", "req_none", "--said", "x", "--by", "officer"), "record-unknown"),
        (("answer", "req_none", "--said", "x", "--by", "officer"), "record-unknown"),
        (("list", "--by", "clerk"), "role-may-not"),
    ],
)
def test_what_cannot_be_is_refused(run: Run, arguments: tuple[str, ...], code: str) -> None:
    done = run(*arguments, "--json")
    assert done.exit_code in (2, 3)
    assert json.loads(done.stdout)["error"]["code"] == code
