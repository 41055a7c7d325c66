from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from countenance.cli import app
from evaluation_folder import ask, small

STATED = ("--name", "Samples", "--origin", "official portraits", "--terms", "public domain")


def sets(folder: Path) -> tuple[Path, Path]:
    """Return one searched person with two portraits, and a gallery of another."""
    for name in ("obama", "obama2"):
        (folder / "probes" / name).mkdir(parents=True)
        (folder / "probes" / name / "a.jpg").write_bytes(small(name))
    (folder / "probes" / "manifest.csv").write_text(
        "file,person_id,name,collection\nobama/a.jpg,1,Ann Bee,2009\nobama2/a.jpg,1,Ann Bee,2012\n"
    )
    (folder / "gallery" / "Cy_Dee").mkdir(parents=True)
    (folder / "gallery" / "Cy_Dee" / "Cy_Dee_0001.jpg").write_bytes(small("biden"))
    return folder / "probes", folder / "gallery"


def run(folder: Path, *arguments: str, stated: tuple[str, ...] = STATED) -> tuple[int, dict[str, Any]]:
    probes, gallery = sets(folder)
    records = ("--folder", folder / "records")
    return ask(
        "evaluate", "congress", "--probes", probes, "--gallery", gallery, *records, *stated, *arguments
    )


@pytest.mark.models
class TestMeasured:
    def test_the_figures_and_their_conditions(self, tmp_path: Path) -> None:
        status, said = run(tmp_path, "--fpir", "0.05")
        figures = said["figures"]
        assert status == 0
        assert (figures["false_matches"], figures["probes"], figures["gallery_people"]) == (0, 2, 1)
        assert (figures["true_match_percent"], figures["genuine_pairs"]) == (100.0, 1)
        assert figures["fpir_asked_percent"] == 5.0
        assert figures["fpir_people_upper_percent"] == 95.0
        assert figures["threshold_extrapolated"] is False
        assert said["table"][0]["threshold"] == "one stranger in 20, worked out for 1 people"
        assert [row["predicted_fpir_percent"] is None for row in said["table"]] == [False] * 4 + [True] * 3
        assert said["conditions"]["data_set"]["name"] == "Samples"
        assert said["conditions"]["fpir_asked"] == 0.05
        assert "mobilefacenet-192+int8" in said["conditions"]["error_table"]

    def test_nobody_is_named_and_nothing_is_left_behind(self, tmp_path: Path) -> None:
        _, said = run(tmp_path)
        for name in ("Ann", "Cy_Dee", "obama"):
            assert name not in json.dumps(said)
        assert not list((tmp_path / "records" / "resume").rglob("*"))

    def test_the_words_show_the_table(self, tmp_path: Path) -> None:
        probes, gallery = sets(tmp_path)
        where = ["--probes", str(probes), "--gallery", str(gallery), "--folder", str(tmp_path / "r")]
        answer = CliRunner().invoke(app, ["evaluate", "congress", *where, *STATED])
        assert answer.exit_code == 0
        assert "Falsely named, and missed" in answer.stdout
        assert "set for another network" in " ".join(answer.stdout.split())

    def test_the_report_is_a_page_with_a_picture(self, tmp_path: Path) -> None:
        pytest.importorskip("matplotlib")
        status, said = run(tmp_path, "--report", str(tmp_path / "report"))
        assert status == 0
        names = ["report.html", "report.json", "report.pdf", "congress.svg"]
        assert [Path(file).name for file in said["files"]] == names
        assert "data:image/svg+xml" in (tmp_path / "report" / "report.html").read_text()
        assert json.loads((tmp_path / "report" / "report.json").read_text())["figures"] == said["figures"]

    def test_without_provenance_the_rules_refuse(self, tmp_path: Path) -> None:
        status, said = run(tmp_path, stated=())
        assert (status, said["error"]["code"]) == (3, "refused-by-rule")

    def test_networks_without_a_model_of_the_tail_have_no_exercise(self, tmp_path: Path) -> None:
        status, said = run(tmp_path, "--embedder", "fr-feature-512")
        assert (status, said["error"]["code"]) == (2, "search-not-measured")


def test_a_name_without_origin_and_terms_is_no_provenance(tmp_path: Path) -> None:
    status, said = run(tmp_path, stated=("--name", "Samples"))
    assert (status, said["error"]["code"]) == (2, "dataset-invalid")


def test_a_folder_that_holds_no_people_is_refused(tmp_path: Path) -> None:
    probes, _ = sets(tmp_path)
    (tmp_path / "empty").mkdir()
    status, said = ask("evaluate", "congress", "--probes", probes, "--gallery", tmp_path / "empty")
    assert (status, said["error"]["code"]) == (2, "dataset-invalid")
    assert "manifest.csv" in said["error"]["remedy"]
