"""The measuring script on a made-up data set: what it reads, leaves out and prints."""

from __future__ import annotations

import argparse
import importlib.util
import io
import json
import math
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray
from rich.console import Console

from countenance.decisions import parse_error_table

NEAR, FAR = "blazeface-short-range", "ultraface-rfb-320"
SCRIPT = Path(__file__).resolve().parents[3] / "scripts" / "measure_error_table.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("measure_error_table", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["measure_error_table"] = module
    spec.loader.exec_module(module)
    return module


class MadeUpPipeline:
    """Stands in for the networks: a picture's vector is drawn from what its file holds."""

    model_id = "made-up-8"

    def __init__(self, *, detectors: tuple[str, ...] = (NEAR,), **_: object) -> None:
        self.detectors = detectors

    def embed(self, path: Path) -> dict[str, NDArray[np.float32]]:
        written = path.read_text(encoding="utf-8")
        if written == "no face":
            return {}
        person, picture = (int(number) for number in written.split())
        vector = np.random.default_rng(person).normal(size=8)
        vector += 0.2 * np.random.default_rng([person, picture]).normal(size=8)
        unit = (vector / np.linalg.norm(vector)).astype(np.float32)
        return dict.fromkeys(self.detectors, unit)


@pytest.fixture
def data_set(tmp_path: Path) -> Path:
    """200 people, two pictures each; two of the names are one person, one picture has no face."""
    root = tmp_path / "set"
    root.mkdir()
    names = [f"Person_{number:03}" for number in range(198)] + ["Gabrielle_Rose", "Martha_Bowen"]
    people, pairs = ["name,gender,images"], ["set,name_a,n_a,name_b,n_b,same"]
    for number, name in enumerate(names):
        (root / name).mkdir()
        person = 198 if name == "Martha_Bowen" else number
        for picture in (1, 2):
            written = "no face" if (number, picture) == (5, 2) else f"{person} {picture}"
            (root / name / f"{name}_{picture:04}.jpg").write_text(written, encoding="utf-8")
        gender = "" if number == 0 else "female" if number % 4 == 0 else "male"
        people.append(f"{name},{gender},2")
        pairs += [f"1,{name},1,{name},2,1", f"1,{name},1,{names[number - 1]},1,0"]
    (root / "people.csv").write_text("\n".join(people), encoding="utf-8")
    (root / "pairs.csv").write_text("\n".join(pairs), encoding="utf-8")
    return root


def measured(script: ModuleType, data_set: Path) -> object:
    return script.read_pictures(data_set, MadeUpPipeline(), Console(file=io.StringIO()))


def test_every_picture_with_a_face_is_read_under_its_name_and_number(
    script: ModuleType, data_set: Path
) -> None:
    found = measured(script, data_set)
    assert (found.pictures, len(found.embeddings), len(found.people)) == (400, 399, 200)  # type: ignore[attr-defined]
    row = found.rows["Person_007", 2, NEAR]  # type: ignore[attr-defined]
    assert found.people[found.identities[row]] == "Person_007"  # type: ignore[attr-defined]
    assert ("Person_005", 2, NEAR) not in found.rows  # type: ignore[attr-defined]


def test_names_that_are_one_person_are_left_out_and_others_are_not_missed(
    script: ModuleType, data_set: Path
) -> None:
    people = measured(script, data_set).people  # type: ignore[attr-defined]
    ((one, other),) = script.known_pairs(people)
    assert {people[one], people[other]} == {"Gabrielle_Rose", "Martha_Bowen"}
    assert all(reason for _, _, reason in script.ONE_PERSON)


def test_only_listed_pairs_of_one_person_with_two_faces_are_genuine(
    script: ModuleType, data_set: Path
) -> None:
    scores, owners = script.genuine_scores(data_set, measured(script, data_set), (NEAR,))
    assert len(scores) == len(owners) == 199
    assert float(np.median(scores)) > 0.9


def test_who_is_listed_as_neither_is_in_neither_group(script: ModuleType, data_set: Path) -> None:
    people = measured(script, data_set).people  # type: ignore[attr-defined]
    women, men = script.genders(data_set, people)
    assert not (women & men).any()
    assert not (women | men)[people.index("Person_000")]
    assert int((women | men).sum()) == 199


@pytest.fixture
def run(script: ModuleType, data_set: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The command line for the made-up set, on which only high rates can be measured."""
    monkeypatch.setattr(script, "Pipeline", MadeUpPipeline)
    monkeypatch.setattr(script, "RATES", (1e-2, 1e-3))
    (tmp_path / "also").mkdir()
    rows = ["file,person_id"]
    for number in range(40):
        (tmp_path / "also" / f"{number}.jpg").write_text(f"{1000 + number} 1", encoding="utf-8")
        rows.append(f"{number}.jpg,{number}")
    (tmp_path / "also" / "manifest.csv").write_text("\n".join(rows), encoding="utf-8")
    return ["measure_error_table.py", str(data_set), "--replicates", "50", "--detector", NEAR]


def test_the_figures_and_the_file_agree(
    script: ModuleType,
    run: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    written = tmp_path / "table.toml"
    also = ["--also", str(tmp_path / "also"), "--json", "--write", str(written)]
    monkeypatch.setattr(sys, "argv", run + also)
    script.main()
    shown = json.loads(capsys.readouterr().out)
    table = parse_error_table(written.read_text(encoding="utf-8"))
    assert table.offered == (1e-2, 1e-3)
    assert table.label == "development"
    for level in table.levels:
        name = f"fmr_1e{round(math.log10(level.asked))}"
        assert shown["figures"][f"{name}_threshold_cosine"] == level.threshold
        assert shown["figures"][f"{name}_measured_rate"] == pytest.approx(level.fmr, rel=1e-3)
        assert level.elsewhere == "40 official portraits of 40 people"
    assert all(isinstance(figure, float | int) for figure in shown["figures"].values())
    # 399 pictures: all pairs less those of one person (199) and of the two names (4).
    assert f"all {399 * 398 // 2 - 199 - 4} between" in shown["conditions"]["impostor_comparisons"]
    assert shown["conditions"]["left_out"].startswith("1 pairs of names")


def test_each_comparison_counts_for_every_pair_of_detectors(
    script: ModuleType,
    run: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    written = tmp_path / "table.toml"
    monkeypatch.setattr(sys, "argv", [*run, "--detector", FAR, "--json", "--write", str(written)])
    script.main()
    shown = json.loads(capsys.readouterr().out)
    table = parse_error_table(written.read_text(encoding="utf-8"))
    assert table.detectors == (NEAR, FAR)
    assert not table.mirrored
    # Four for each pair of pictures of two people: either detector on either side.
    assert f"all {4 * (399 * 398 // 2 - 199 - 4)} between" in shown["conditions"]["impostor_comparisons"]
    assert shown["conditions"]["pictures"] == "400, a face found in 399"
    assert shown["conditions"]["genuine_comparisons"].startswith(f"{4 * 199}:")


def test_a_review_prints_names_and_no_score(
    script: ModuleType, run: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [*run, "--review", "5"])
    script.main()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(set(lines)) == 5
    assert all(len(line.split()) == 2 and "0." not in line for line in lines)


def test_an_empty_folder_is_said(script: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no pictures"):
        script.read_pictures(tmp_path, MadeUpPipeline(), Console(file=io.StringIO()))


def test_the_command_line_has_defaults_for_all_but_the_folder(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["measure_error_table.py", "somewhere"])
    args = script.parse_arguments()
    assert isinstance(args, argparse.Namespace)
    assert (args.replicates, args.label, args.mirrored) == (2000, "development", False)
    assert (args.detectors, args.embedder) == ((FAR, NEAR), "mobilefacenet-192")
