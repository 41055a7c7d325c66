"""The command from a folder of pictures to the table that decides. The networks alone are made up here."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from countenance.cli import app
from countenance.cli import calibrate as command
from countenance.kernel import SystemClock
from countenance.runtime import load_settings
from countenance.runtime.error_tables import error_table_in_use
from countenance.runtime.evaluation import open_evaluation_store
from countenance.runtime.networks import choose_networks
from countenance.runtime.people_evaluation import PeopleEvaluationRoom
from countenance.runtime.settings import Settings
from countenance.store import Store, create_root_key, key_provider
from countenance.vision.registry import ModelStore
from evaluation_folder import ask, make_dataset
from pixel_people import NOON, doors_of, picture

STATED = ("--name", "Ours", "--origin", "volunteers", "--terms", "signed")
PEOPLE = 100


@pytest.fixture
def installation(tmp_path: Path) -> dict[str, str]:
    """Settings of an installation without anybody in it."""
    uri = f"file:{tmp_path / 'key' / 'root.key'}"
    create_root_key(uri)
    Store.create(tmp_path / "data", key_provider=key_provider(uri), clock=SystemClock()).close()
    return {"data_folder": str(tmp_path / "data"), "root_key": uri}


@pytest.fixture
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people") / "set"
    for number in range(PEOPLE):
        for count in (1, 2):
            picture(folder, f"p{number:03d}", count, number, badness=8)
    return folder


def made_up_room(settings: Settings, **wanted: Any) -> PeopleEvaluationRoom:
    """Return the room that the command works in, with a made-up network behind the real doors."""
    store = open_evaluation_store(wanted["folder"].absolute(), NOON)
    (near, far), comparison = doors_of(
        store,
        wanted["folder"],
        list_sha256=wanted["list_sha256"],
        readers=2,
        provenance=wanted["provenance"],
    )
    networks = choose_networks(settings, ModelStore(folder=settings.models_folder).manifest)
    return PeopleEvaluationRoom(near, far, comparison, networks, networks.template_model, store)


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "prepare_people_evaluation", made_up_room)


def calibrate(people: Path, installation: dict[str, str], *more: str) -> tuple[int, dict[str, Any]]:
    stated = [part for name, value in installation.items() for part in ("--set", f"{name}={value}")]
    records = ("--folder", str(people.parent / "records"), "--replicates", "200")
    return ask("calibrate", people, *records, *stated, *more)


def in_use(installation: dict[str, str]) -> Any:
    settings = load_settings(overrides=installation)
    networks = choose_networks(settings, ModelStore(folder=settings.models_folder).manifest)
    provider = key_provider(settings.root_key)
    with Store.open(settings.data_folder, key_provider=provider, clock=SystemClock()) as store:
        return error_table_in_use(networks, store, documents=True)


@pytest.mark.usefixtures("made_up")
def test_from_a_folder_to_the_table_that_decides_and_back(people: Path, installation: dict[str, str]) -> None:
    pytest.importorskip("matplotlib")
    assert in_use(installation).own is False
    report = people.parent / "report"
    status, said = calibrate(people, installation, *STATED, "--report", str(report))
    assert (status, said["outcome"]) == (0, "in use")
    assert said["figures"]["people"] == PEOPLE
    assert said["figures"]["impostor_comparisons"] == 16 * PEOPLE * (PEOPLE - 1) // 2
    assert {"report.html", "report.json", "calibration.svg"} <= {Path(file).name for file in said["files"]}
    assert "Offered now: one in 1,000" in (report / "report.html").read_text(encoding="utf-8")
    assert "p001" not in json.dumps(said)
    found = in_use(installation)
    assert found.own is True
    stated = found.table.threshold(1e-3).stated
    assert (stated.label, stated.measured_on) == ("calibrated", "own photographs (Ours), 100 people")
    assert found.table.measured_at == datetime.now(UTC).date()
    options = [part for name, value in installation.items() for part in ("--set", f"{name}={value}")]
    assert ask("calibrate", "--forget", *options)[1]["outcome"] == "forgotten"
    assert in_use(installation).own is False
    assert ask("calibrate", "--forget", *options)[1]["outcome"] == "nothing to forget"


@pytest.mark.usefixtures("made_up")
def test_a_plan_is_made_by_the_table_that_decides(people: Path, installation: dict[str, str]) -> None:
    options = [part for name, value in installation.items() for part in ("--set", f"{name}={value}")]
    asked = ("plan", "--passers-by", "1000", "--people", "1", "--reviewers", "9", "--fmr", "0.001", *options)
    assert ask(*asked)[1]["stated_error"]["label"] == "development"
    assert calibrate(people, installation, *STATED)[0] == 0
    # A hundred people are too few for a tail, so nothing is planned; the other table isn't taken instead.
    assert ask(*asked)[1]["error"]["code"] == "search-not-measured"


@pytest.mark.usefixtures("made_up")
def test_a_look_leaves_the_table_in_use_as_it_is(people: Path, installation: dict[str, str]) -> None:
    groups = people.parent / "groups.csv"
    rows = "".join(f"p{n:03d},{'young' if n % 3 else 'old'}\n" for n in range(PEOPLE))
    groups.write_text("person,age\n" + rows, encoding="utf-8")
    status, said = calibrate(people, installation, *STATED, "--look", "--groups", str(groups))
    assert (status, said["outcome"], said["log_index"]) == (0, "measured", None)
    assert said["groups"]["age"] == {"young": 66, "old": 34}
    assert "fmr_1e3_parity_age_ratio" in said["figures"]
    assert in_use(installation).own is False


@pytest.mark.usefixtures("made_up")
def test_without_provenance_the_rules_refuse_and_nothing_is_kept(
    people: Path, installation: dict[str, str]
) -> None:
    status, said = calibrate(people, installation)
    assert (status, said["error"]["code"]) == (3, "refused-by-rule")
    assert in_use(installation).own is False


@pytest.mark.models
def test_two_people_are_too_few(tmp_path: Path, installation: dict[str, str]) -> None:
    status, said = calibrate(make_dataset(tmp_path / "few" / "set"), installation, *STATED)
    assert (status, said["error"]["code"]) == (2, "dataset-invalid")
    assert "100 are needed" in said["error"]["message"]


@pytest.mark.parametrize("arguments", [(), ("somewhere", "--forget")])
def test_a_folder_or_to_forget_and_not_both(arguments: tuple[str, ...]) -> None:

    answer = CliRunner().invoke(app, ["calibrate", *arguments])
    assert answer.exit_code == 2
