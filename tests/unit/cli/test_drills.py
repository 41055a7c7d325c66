from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from countenance.cli import app
from evaluation_folder import ask


def test_a_theft_in_figures() -> None:
    status, said = ask("drill", "theft", "--people", "20")
    figures = said["figures"]
    assert (status, said["outcome"], figures["people"]) == (0, "measured", 20)
    assert figures["thief_1_names_percent"] == figures["thief_1_gym_percent"] == 0.0
    assert figures["thief_1_linked_by_pseudonym_percent"] == 100.0
    assert figures["thief_2_gym_percent"] == 100.0
    assert figures["thief_2_bank_percent"] == 0.0
    assert figures["thief_4_bank_percent"] == 100.0
    assert figures["second_deployment_opened_with_first_keys_percent"] == 0.0
    assert "made up" in said["conditions"]["vectors"]


def test_a_theft_in_words() -> None:
    answer = CliRunner().invoke(app, ["drill", "theft", "--people", "20"])
    said = " ".join(answer.stdout.split())
    assert answer.exit_code == 0
    assert "Who learns what" in said
    assert "16 people known in both" in said


def test_a_reissue_in_figures() -> None:
    status, said = ask("drill", "reissue", "--people", "20")
    figures = said["figures"]
    assert status == 0
    assert figures["old_key_gone"] is True
    assert figures["found_after_percent"] == figures["found_before_percent"]
    assert figures["leaked_with_old_key_finds_its_person_percent"] == 100.0
    assert figures["old_copy_opened_with_root_key_percent"] == 100.0
    assert figures["by_chance_percent"] == 5.0


@pytest.mark.parametrize("command", ["theft", "reissue"])
def test_too_few_people_are_refused(command: str) -> None:
    assert ask("drill", command, "--people", "19")[0] == 2


def test_nothing_is_left_in_the_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert ask("drill", "theft", "--people", "20")[0] == 0
    assert ask("drill", "reissue", "--people", "20")[0] == 0
    assert list(tmp_path.iterdir()) == []
