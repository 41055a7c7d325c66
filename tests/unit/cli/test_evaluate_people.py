from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evaluation_folder import ask, make_dataset, small

STATED = ("--name", "Samples", "--origin", "official portraits", "--terms", "public domain")


def run(command: str, folder: Path, *arguments: str, stated: tuple[str, ...] = STATED) -> tuple[int, Any]:
    if not (folder / "set").is_dir():
        make_dataset(folder / "set")
        (folder / "set" / "Cy").mkdir()
        (folder / "set" / "Cy" / "Cy_0001.jpg").write_bytes(small("biden"))
        (folder / "set" / "Di").mkdir()
        (folder / "set" / "Di" / "Di_0001.jpg").write_bytes(small("obama"))
        (folder / "set" / "people.csv").write_text("name,gender\nAnn,F\nBob,M\nCy,M\nNil,F\nDi,F\n")
    return ask("evaluate", command, folder / "set", "--folder", folder / "records", *stated, *arguments)


@pytest.mark.models
def test_quality_is_measured(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    status, said = run("quality", tmp_path, "--report", str(tmp_path / "report"))
    assert status == 0
    assert [Path(file).name for file in said["files"]] == [
        "report.html",
        "report.json",
        "report.pdf",
        "quality.svg",
    ]
    assert said["figures"]["genuine_pairs"] == 2
    assert said["figures"]["fmr_1e5_discard_0_percent_fnmr_percent"] == 0.0
    assert 0 < said["figures"]["quality_median"] <= 100
    assert said["conditions"]["people"] == 5
    assert "Ann" not in json.dumps(said)


@pytest.mark.models
def test_parity_is_measured(tmp_path: Path) -> None:
    status, said = run("parity", tmp_path, "--replicates", "100")
    figures = said["figures"]
    assert status == 0
    # Bob's only picture is Cy's too, and Di's is one of Ann's three; Nil has no face.
    assert (figures["fmr_1e3_men_false_matches_count"], figures["fmr_1e3_men_rate"]) == (1, 1.0)
    assert (figures["fmr_1e3_women_false_matches_count"], figures["fmr_1e3_women_rate"]) == (3, 1.0)
    assert figures["fmr_1e3_between_rate"] == 0.0
    assert figures["fmr_1e3_within_limit"] is False
    assert "skin tone" in " ".join(said["said"])


@pytest.mark.models
def test_searches_are_measured(tmp_path: Path) -> None:
    make_dataset(tmp_path / "set")
    (tmp_path / "set" / "Cy").mkdir()
    for count in (1, 2):
        (tmp_path / "set" / "Cy" / f"Cy_000{count}.jpg").write_bytes(small("biden"))
    arguments = ("--references", "1", "--fpir", "0.05", "--replicates", "100")
    status, said = run("identification", tmp_path, *arguments)
    figures = said["figures"]
    assert status == 0
    assert (figures["enrolled_people"], figures["mated_searches"], figures["stranger_searches"]) == (2, 3, 2)
    assert figures["references_1_fpir_5e2_evidence_fnir_percent"] == 0.0
    # Bob is Cy: the one stranger with a face is named.
    assert figures["references_1_fpir_5e2_evidence_fpir_percent"] == 50.0


@pytest.mark.models
@pytest.mark.parametrize("command", ["identification", "quality", "parity"])
def test_without_provenance_the_rules_refuse(tmp_path: Path, command: str) -> None:
    more = ("--references", "1") if command == "identification" else ()
    make_dataset(tmp_path / "set")
    for name in ("Cy", "Di", "Nil"):
        (tmp_path / "set" / name).mkdir(exist_ok=True)
        for count in (1, 2):
            (tmp_path / "set" / name / f"{name}_000{count}.jpg").write_bytes(small("biden"))
    (tmp_path / "set" / "people.csv").write_text("name,gender\nAnn,F\nBob,M\nCy,M\nNil,F\n")
    status, said = run(command, tmp_path, *more, stated=())
    assert (status, said["error"]["code"]) == (3, "refused-by-rule")


@pytest.mark.parametrize("command", ["identification", "quality", "parity"])
def test_a_folder_without_people_is_refused(tmp_path: Path, command: str) -> None:
    (tmp_path / "set").mkdir()
    status, said = run(command, tmp_path)
    assert (status, said["error"]["code"]) == (2, "dataset-invalid")
