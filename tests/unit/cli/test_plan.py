"""`countenance plan` says what a search would bring, and refuses what nobody has time for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from countenance.cli import app

STATION = ("--passers-by", "20000", "--people", "20", "--listed", "2", "--reviewers", "2")


def ask(*arguments: str) -> tuple[int, dict[str, object]]:
    answer = CliRunner().invoke(app, ["plan", *STATION, *arguments, "--json"])
    assert answer.stdout, answer.stderr or answer.exception
    found: dict[str, object] = json.loads(answer.stdout)
    return answer.exit_code, found


def test_a_plan_that_fits() -> None:
    status, found = ask()
    assert (status, found["outcome"]) == (0, "fits")
    figures = found["figures"]
    assert isinstance(figures, dict)
    assert 0 < figures["false_alarms_a_day_low"] < figures["false_alarms_a_day"]
    assert figures["false_alarms_a_day"] < figures["false_alarms_a_day_high"]
    assert figures["review_hours_there"] == 16
    assert "error" not in found


@pytest.mark.parametrize(
    "others",
    [
        pytest.param(("--reviewers", "0"), id="nobody-looks"),
        pytest.param(("--fmr", "0.001"), id="a-borrowed-threshold"),
        pytest.param(("--searches-each", "1000"), id="a-thousand-cameras"),
    ],
)
def test_a_plan_that_nobody_has_time_for_is_refused(others: tuple[str, ...]) -> None:
    status, found = ask(*others)
    assert (status, found["outcome"]) == (3, "refused")
    error = found["error"]
    assert isinstance(error, dict)
    assert error["code"] == "plan-beyond-reviewers"


def test_a_refusal_names_the_rate_that_would_fit() -> None:
    _, found = ask("--fmr", "0.001")
    rate = found["fits_at"]
    assert isinstance(rate, float)
    assert ask("--fpir", str(rate))[0] == 0
    assert ask("--reviewers", "0")[1]["fits_at"] is None


@pytest.mark.parametrize(
    ("others", "code"),
    [
        pytest.param(("--people", "1000000"), "gallery-beyond-evidence", id="too-many-people"),
        pytest.param(("--fpir", "0.5"), "fpir-not-offered", id="half-of-all"),
        pytest.param(("--fmr", "0.3"), "error-target-not-offered", id="no-measured-level"),
        pytest.param(("--fpir", "0.01", "--fmr", "0.001"), "plan-not-possible", id="both"),
        pytest.param(("--hours", "30"), "plan-not-possible", id="a-long-day"),
    ],
)
def test_what_can_not_be_planned(others: tuple[str, ...], code: str) -> None:
    status, found = ask(*others)
    error = found["error"]
    assert isinstance(error, dict)
    assert (status, error["code"]) == (2, code)


def test_what_a_guard_may_do_meanwhile_is_nothing() -> None:
    said = ask("--walk", "50")[1]["said"]
    assert isinstance(said, list)
    assert "gone before the reviewers have spoken" in said[-2]
    assert "a guard does nothing" in said[-1]
    still = ask("--walk", "500")[1]["said"]
    assert isinstance(still, list)
    assert "still within reach" in still[-2]


@pytest.mark.parametrize(
    ("others", "words"),
    [
        pytest.param((), "The reviewers have time for it.", id="fits"),
        pytest.param(("--fmr", "0.001"), "It fits at --fpir", id="another-rate"),
        pytest.param(("--reviewers", "0"), "No rate within the evidence fits.", id="none"),
        pytest.param(("--people", "60"), "not measured", id="misses-not-measured"),
    ],
)
def test_it_is_told_in_words(others: tuple[str, ...], words: str) -> None:
    answer = CliRunner().invoke(app, ["plan", *STATION, *others], env={"COLUMNS": "200"})
    assert words in answer.stdout
    assert "strangers would be falsely named a day" in answer.stdout


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_it_is_drawn(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"plan.{suffix}"
    assert ask("--plot", str(path))[0] == 0
    head = path.read_bytes()[:200]
    assert (b"<?xml" in head) if suffix == "svg" else head.startswith(b"\x89PNG")


def test_nothing_is_drawn_where_no_rate_is_supported(tmp_path: Path) -> None:
    path = tmp_path / "plan.svg"
    status, found = ask("--people", "10000000", "--fmr", "0.001", "--plot", str(path))
    error = found["error"]
    assert isinstance(error, dict)
    assert (status, error["code"]) == (2, "gallery-beyond-evidence")
    assert not path.exists()
