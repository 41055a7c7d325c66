from __future__ import annotations

import json
from pathlib import Path

import pytest

from evaluation_folder import ask
from rendered_heads import portraits_folder

STATED = ("--name", "Sample", "--origin", "a public-domain portrait", "--terms", "public domain")


def measure(folder: Path, *arguments: str) -> tuple[int, dict[str, object]]:
    return ask(
        "evaluate", "liveness", "--portraits", folder / "people", "--identities", "2", "--processes", "1",
        "--folder", folder / "records", *arguments,
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("liveness")
    portraits_folder(made / "people")
    return made


@pytest.mark.models
def test_without_a_stated_origin_nothing_is_read(folder: Path) -> None:
    status, said = measure(folder)
    assert status == 3, said
    assert not (folder / "records" / "liveness").exists()


@pytest.mark.models
def test_it_reports_simulated_rates_goes_on_where_it_stopped_and_writes_a_page(folder: Path) -> None:
    two = ("--instrument", "bona fide", "--instrument", "flat print")
    status, said = measure(folder, *STATED, *two, "--report", str(folder / "report"))
    assert status == 0, said
    figures = said["figures"]
    assert isinstance(figures, dict)
    assert figures["apcer_worst_percent"] == 0.0
    assert figures["apcer_worst_upper_percent"] > 70  # of two attempts nothing is known
    assert figures["bona_fide_attempts"] == 2
    assert 0 <= figures["bpcer_percent"] <= 100
    assert figures["guess_probability"] == pytest.approx(1 / 1296)
    page = (folder / "report" / "report.html").read_text(encoding="utf-8")
    assert "Simulated" in page
    assert "data:image/svg+xml" in page
    assert "Ann" not in page
    (kept,) = (folder / "records" / "liveness").glob("*.jsonl")
    lines = kept.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 4
    # The first portrait is finished; the second begins anew.
    kept.write_text("\n".join(lines[:2]) + "\n", encoding="utf-8")
    marked = json.loads(lines[0]) | {"frames": 1}
    kept.write_text("\n".join([json.dumps(marked), lines[1]]) + "\n", encoding="utf-8")
    _, again = measure(folder, *STATED, *two)
    assert again["figures"] == figures
    assert json.loads(kept.read_text(encoding="utf-8").splitlines()[0])["frames"] == 1


@pytest.mark.models
def test_one_portrait_is_too_few(folder: Path) -> None:
    status, said = measure(folder, *STATED, "--part", "check", "--fresh")
    assert status == 2
    assert said["error"]["code"] == "dataset-invalid"  # type: ignore[index]
