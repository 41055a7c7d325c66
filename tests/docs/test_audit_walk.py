"""The auditor's walk is run as its page writes it; the auditor has three files and nothing else."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from command_line import Answer, run_countenance

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "audit.md"
AUDITORS = ("pack.zip", "public.json", "council.key.pub")


def commands(part: str) -> list[list[str]]:
    """The commands of the parts of the page whose heading begins so, in order."""
    found = []
    for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        if section.startswith(part):
            for block in re.findall(r"```sh\n(.*?)```", section, re.DOTALL):
                found += [line.split()[1:] for line in block.splitlines() if line.startswith("countenance ")]
    return found


def run(lines: list[list[str]], home: Path) -> list[Answer]:
    answers = []
    for line in lines:
        answers.append(run_countenance(*line, home=home))
        assert answers[-1].status == 0, (line, answers[-1].out, answers[-1].err)
    return answers


def test_every_command_of_the_page_is_run() -> None:
    parts = ("At the installation", "At the witness", "Back at", "At the auditor", "A single proof")
    written = [
        line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("countenance ")
    ]
    assert sum(len(commands(part)) for part in parts) == len(written) >= 13


@pytest.mark.models
@pytest.mark.slow
def test_from_a_pack_alone_to_this_decision_was_permitted(tmp_path: Path) -> None:
    installation, auditor = tmp_path / "installation", tmp_path / "auditor"
    for part in ("At the installation", "At the witness", "Back at", "A single proof"):
        if part == "A single proof":
            auditor.mkdir()
            for name in AUDITORS:
                shutil.move(installation / name, auditor / name)
            shutil.copy(auditor / "public.json", installation / "public.json")
        run(commands(part), installation)
    shutil.rmtree(installation)
    (line,) = commands("At the auditor")
    (said,) = run([line], auditor)
    assert said.out.replace("\n", " ").count("was permitted by these rules on this evidence") >= 2
    assert "Witness works-council saw" in said.out
    assert "Everything holds." in said.out
    (document,) = [answer.document for answer in run([[*line, "--json"]], auditor)]
    assert document["findings"] == []
    assert all(
        decision["holds"] and decision["rules"] and decision["evidence"] for decision in document["decisions"]
    )
    pack = auditor / "pack.zip"
    pack.write_bytes(pack.read_bytes().replace(b'"outcome":"permitted"', b'"outcome":"refused!!"', 1))
    assert run_countenance(*line, home=auditor).status == 1
