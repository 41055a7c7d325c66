"""`erase`, `certificate`, `hold`, `sweep`, `subject export`, `backup`, `restore` from the command line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from countenance.cli import app
from countenance.kernel import PurposeId, SubjectId, SystemClock
from countenance.runtime import create_installation, load_settings
from countenance.store import Store, key_provider
from held_people import keep

ANN, PURPOSE = "sub_annplantedmarker", PurposeId("pur_checkin")
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run commands on an installation in which somebody has something on file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COUNTENANCE_DATA_FOLDER", str(tmp_path / "data"))
    monkeypatch.setenv("COUNTENANCE_ROOT_KEY", f"file:{tmp_path / 'keys' / 'root.key'}")
    settings = load_settings()
    create_installation(settings)
    provider = key_provider(settings.root_key)
    with Store.open(settings.data_folder, key_provider=provider, clock=SystemClock()) as store:
        keep(store, SubjectId(ANN), PURPOSE, at=SystemClock().now())

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments])

    return invoke


def test_a_person_is_erased_and_the_certificate_verifies(run: Run, tmp_path: Path) -> None:
    done = run("erase", ANN, "--by", "officer", "--out", "certificate.json", "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert (said["outcome"], said["records"], said["decisions"]) == ("erased", 1, 1)
    assert (tmp_path / "certificate.html").is_file()
    assert run("certificate", "verify", "certificate.json").exit_code == 0
    key = json.loads((tmp_path / "certificate.json").read_text())["key"]
    (tmp_path / "key.json").write_text(json.dumps(key))
    checked = run("certificate", "verify", "certificate.json", "--key", "key.json", "--json")
    assert json.loads(checked.stdout)["key_compared"] is True
    again = run("erase", ANN, "--by", "officer", "--json")
    assert (again.exit_code, json.loads(again.stdout)["error"]["code"]) == (2, "subject-not-on-file")
    files = [path for path in (tmp_path / "data").iterdir() if ANN.encode() in path.read_bytes()]
    assert files == []


def test_an_altered_certificate_is_refused(run: Run, tmp_path: Path) -> None:
    run("erase", ANN, "--by", "officer", "--out", "certificate.json")
    path = tmp_path / "certificate.json"
    path.write_text(path.read_text().replace('"records": 1', '"records": 9'))
    done = run("certificate", "verify", "certificate.json", "--json")
    assert (done.exit_code, json.loads(done.stdout)["error"]["code"]) == (3, "certificate-refused")


@pytest.mark.parametrize("content", ["", "[]", "no JSON"])
def test_something_else_is_no_certificate(run: Run, tmp_path: Path, content: str) -> None:
    (tmp_path / "other.json").write_text(content)
    assert run("certificate", "verify", "other.json").exit_code in (2, 3)
    assert run("certificate", "verify", "missing.json").exit_code == 2


def test_one_purpose_is_erased_in_words(run: Run) -> None:
    done = run("erase", ANN, "--purpose", PURPOSE, "--by", "officer")
    assert done.exit_code == 0
    assert "1 records" in done.stdout
    assert "Certificate: del_" in done.stdout


def test_a_certificate_is_never_written_over(run: Run, tmp_path: Path) -> None:
    (tmp_path / "there.json").write_text("kept")
    assert run("erase", ANN, "--by", "officer", "--out", "there.json").exit_code == 2
    assert (tmp_path / "there.json").read_text() == "kept"
    assert run("subject", "export", ANN, "--by", "officer", "--out", "export").exit_code == 0


def test_a_role_that_may_not_is_refused(run: Run) -> None:
    for arguments in (
        ("erase", ANN, "--by", "clerk"),
        ("hold", "place", ANN, "--ground", "a ground", "--until", "2099-01-01", "--by", "clerk"),
        ("subject", "export", ANN, "--by", "clerk", "--out", "export"),
        ("backup", "backup.file", "--by", "clerk"),
    ):
        done = run(*arguments, "--json")
        assert (done.exit_code, json.loads(done.stdout)["error"]["code"]) == (3, "role-may-not")
    assert run("erase", ANN, "--by", "king").exit_code == 2


def test_a_hold_is_placed_listed_and_lifted(run: Run) -> None:
    until = SystemClock().now().date().replace(month=12, day=31).isoformat()
    place = ("hold", "place", ANN, "--ground", "court order 7", "--until", until, "--by", "officer")
    assert run(*place).exit_code == 0
    listed = run("hold", "list", "--by", "officer", "--json")
    assert [one["subject"] for one in json.loads(listed.stdout)["holds"]] == [ANN]
    refused = run("erase", ANN, "--by", "officer", "--json")
    assert (refused.exit_code, json.loads(refused.stdout)["error"]["code"]) == (3, "held-from-erasure")
    assert "lifted" in run("hold", "lift", ANN, "--by", "officer").stdout
    assert "Nobody" in run("hold", "list", "--by", "officer").stdout
    assert run("erase", ANN, "--by", "officer").exit_code == 0


def test_everything_about_a_person_is_written(run: Run, tmp_path: Path) -> None:
    done = run("subject", "export", ANN, "--by", "officer", "--out", "export", "--json")
    assert done.exit_code == 0
    assert json.loads((tmp_path / "export" / "export.json").read_text())["subject"] == ANN
    assert "export.html" in run("subject", "export", ANN, "--by", "officer", "--out", "second").stdout


def test_sweeping_says_what_went(run: Run) -> None:
    done = run("sweep", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["records"] == 0
    assert "0 records" in run("sweep").stdout
    assert run("sweep", "--confirm-date", "tomorrow").exit_code == 2


def test_a_backup_is_restored_and_the_erased_stay_erased(run: Run, tmp_path: Path) -> None:
    made = run("backup", "backup.file", "--by", "operator", "--json")
    assert made.exit_code == 0
    assert json.loads(made.stdout)["outcome"] == "backed up"
    assert run("erase", ANN, "--by", "officer").exit_code == 0
    assert run("restore", "backup.file", "--by", "operator").exit_code == 2
    shutil.rmtree(tmp_path / "data")
    done = run("restore", "backup.file", "--by", "operator", "--json")
    assert (done.exit_code, json.loads(done.stdout)["erased_again"]) == (0, 1)
    assert run("restore", "--replay", "--by", "operator").exit_code == 0
    assert run("sweep").exit_code == 0


def test_restore_wants_a_file_or_a_replay(run: Run) -> None:
    assert run("restore", "--by", "operator").exit_code == 2
    assert run("restore", "f", "--replay", "--by", "operator").exit_code == 2


def test_erasing_is_timed_with_its_conditions() -> None:
    done = CliRunner().invoke(app, ["bench", "erase", "--subjects", "20", "--erased", "6", "--json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["figures"]["erase_ms_median"] > 0
    assert said["figures"]["erase_count"] == 3
    assert said["figures"]["subjects"] == 20
    assert "synchronous=FULL" in said["conditions"]["erase"]
    assert CliRunner().invoke(app, ["bench", "erase", "--subjects", "10", "--erased", "20"]).exit_code == 2
