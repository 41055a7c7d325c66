"""`incident` from the command line, and what `duties` and `doctor --place` say of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from countenance.cli import app
from countenance.kernel import PlaceId, SystemClock
from countenance.runtime import create_installation, load_settings
from countenance.store import Place, Store, key_provider

Run = Callable[..., Result]
DESK = "plc_frontdesk"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run commands on an installation with one place in the EU."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COUNTENANCE_DATA_FOLDER", str(tmp_path / "data"))
    monkeypatch.setenv("COUNTENANCE_ROOT_KEY", f"file:{tmp_path / 'keys' / 'root.key'}")
    settings = load_settings()
    create_installation(settings)
    provider = key_provider(settings.root_key)
    with Store.open(settings.data_folder, key_provider=provider, clock=SystemClock()) as store:
        store.places.add(Place(PlaceId(DESK), "Front desk", "hotel_lobby", ("EU",), "Europe/Berlin"))

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments])

    return invoke


def opened(run: Run, *, hours_ago: int = 1) -> str:
    aware = (datetime.now(UTC) - timedelta(hours=hours_ago)).isoformat()
    done = said(
        run("incident", "open", "--said", "a disk was lost", "--aware", aware, "--by", "officer", "--json")
    )
    name: str = done["incidents"][0]["incident"]
    return name


def said(result: Result, status: int = 0) -> dict[str, Any]:
    assert result.exit_code == status, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def tell(run: Run, incident: str, to: str, *more: str) -> Result:
    return run("incident", "notify", incident, "--to", to, "--said", "by letter", "--by", "officer", *more)


def test_from_opening_to_closing(run: Run) -> None:
    incident = opened(run)
    duties = said(run("duties", "list", "--json"))["duties"]
    assert {duty["incident"] for duty in duties} == {incident}
    assert all(duty["words"].startswith("Tell the ") for duty in duties)
    refused = run("incident", "close", incident, "--said", "over", "--by", "officer", "--json")
    assert said(refused, 3)["error"]["code"] == "notices-owed"
    assert run("incident", "note", incident, "--said", "was sealed", "--by", "operator").exit_code == 0
    assert tell(run, incident, "authority").exit_code == 0
    assert tell(run, incident, "people", "--not-needed").exit_code == 0
    assert run("incident", "close", incident, "--said", "found", "--by", "officer").exit_code == 0
    assert run("duties", "list").stdout.strip() == "Nothing is owed."
    assert "No incident is open." in run("incident", "list", "--by", "auditor").stdout
    listed = run("incident", "list", "--all", "--by", "auditor").stdout
    assert "notified the people concerned (not needed): by letter" in listed
    assert "closed: found" in listed


def test_what_is_overdue_is_said_everywhere(run: Run) -> None:
    incident = opened(run, hours_ago=73)
    listed = run("incident", "list", "--by", "officer")
    assert (listed.exit_code, "OVERDUE  tell the authority" in listed.stdout) == (1, True)
    duties = run("duties", "list")
    assert (duties.exit_code, incident in duties.stdout) == (1, True)
    told = said(run("doctor", "--place", DESK, "--json"), 1)
    assert {duty["incident"] for duty in told["owed"]} == {incident}
    assert all(duty["overdue"] for duty in told["owed"])
    words = run("doctor", "--place", DESK).stdout
    assert "what is overdue stops every permit" in words
    assert "Tell the authority of the leak" in " ".join(words.split())


def test_a_place_without_incidents_owes_nothing(run: Run) -> None:
    assert said(run("doctor", "--place", DESK, "--json"), 1)["owed"] == []


def test_a_place_owes_what_is_its_own(run: Run) -> None:
    opened(run, hours_ago=73)
    settings = load_settings()
    provider = key_provider(settings.root_key)
    with Store.open(settings.data_folder, key_provider=provider, clock=SystemClock()) as store:
        store.places.add(Place(PlaceId("plc_bar"), "Bar", "hotel_lobby", ("EU",), "Europe/Berlin"))
    assert said(run("doctor", "--place", "plc_bar", "--json"), 1)["owed"] == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("open", "--said", " ", "--by", "officer"), "incident-not-possible"),
        (("open", "--said", "x", "--by", "officer", "--place", "plc_nowhere"), "unknown-place"),
        (("open", "--said", "x", "--by", "clerk"), "role-may-not"),
        (("note", "inc_none", "--said", "x", "--by", "officer"), "record-unknown"),
        (("list", "--by", "clerk"), "role-may-not"),
    ],
)
def test_what_cannot_be_is_refused(run: Run, arguments: tuple[str, ...], code: str) -> None:
    done = run("incident", *arguments, "--json")
    assert done.exit_code in (2, 3)
    assert json.loads(done.stdout)["error"]["code"] == code


def test_a_time_needs_its_zone(run: Run) -> None:
    done = run("incident", "open", "--said", "x", "--by", "officer", "--aware", "2026-01-01T12:00")
    assert done.exit_code == 2


def test_the_words_of_a_notice_are_drafted(run: Run, tmp_path: Path) -> None:
    incident = opened(run)
    drafts = said(run("incident", "notify", incident, "--draft", "--by", "officer", "--json"))["drafts"]
    assert {(one["to"], one["language"]) for one in drafts} == {
        (to, language) for to in ("authority", "people") for language in ("en", "zh")
    }
    assert all(one["gaps"] and "a disk was lost" in one["text"] for one in drafts)
    printed = run("incident", "notify", incident, "--draft", "--to", "people", "--by", "officer")
    assert "What happened to your data" in printed.stdout
    assert "To the competent authority" not in printed.stdout
    folder = tmp_path / "drafts"
    written = run("incident", "notify", incident, "--draft", "--out", str(folder), "--by", "officer")
    assert written.exit_code == 0, written.output
    assert len(list(folder.iterdir())) == 4
    assert (folder / "EU-GDPR-33-people.en.txt").read_text(encoding="utf-8") in [
        one["text"] for one in drafts
    ]
    assert "owed" in run("incident", "list", "--by", "officer").stdout, "a draft tells nobody"


@pytest.mark.parametrize(
    "told",
    [
        (),
        ("--to", "people"),
        ("--said", "by letter"),
        ("--draft", "--said", "by letter"),
        ("--draft", "--not-needed"),
        ("--to", "people", "--said", "by letter", "--out", "somewhere"),
    ],
)
def test_a_notice_is_written_down_or_drafted(run: Run, told: tuple[str, ...]) -> None:
    incident = opened(run)
    assert run("incident", "notify", incident, *told, "--by", "officer").exit_code == 2


def test_nothing_owed_is_said_so(run: Run) -> None:
    incident = opened(run)
    for to in ("authority", "people"):
        assert tell(run, incident, to).exit_code == 0
    assert "No notice is owed" in run("incident", "notify", incident, "--draft", "--by", "officer").stdout
