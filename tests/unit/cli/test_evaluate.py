from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from countenance.cli import app
from countenance.evaluation.datasets import open_pair_dataset, shipped_provenance
from countenance.evaluation.protocol import VerificationEvaluation
from countenance.evaluation.report import ChartsNotInstalled, require_charts
from countenance.evaluation.resumption import Resumption
from countenance.runtime import load_settings, prepare_demo
from countenance.runtime.evaluation import EvaluationFolderForeign, prepare_evaluation, shipped_jurisdictions
from evaluation_folder import ask, make_dataset

STATED = ("--name", "Samples", "--origin", "official portraits", "--terms", "public domain")
CHARTS = importlib.util.find_spec("matplotlib") is not None


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return make_dataset(tmp_path / "set")


def run(
    dataset: Path, *arguments: str | Path, stated: tuple[str, ...] = STATED
) -> tuple[int, dict[str, Any]]:
    folder = dataset.parent / "records"
    return ask(
        "evaluate", "verification", dataset, "--folder", folder, "--replicates", "100", *stated, *arguments
    )


@pytest.mark.models
class TestMeasured:
    """On pictures whose answers are plain."""

    def test_the_figures_and_their_conditions(self, dataset: Path) -> None:
        status, said = run(dataset)
        figures = said["figures"]
        assert status == 0
        assert (figures["pairs"], figures["genuine_pairs"], figures["impostor_pairs"]) == (6, 2, 4)
        assert figures["accuracy_percent"] == 100.0
        assert (figures["pictures"], figures["people"]) == (5, 3)
        assert figures["pictures_without_template"] == 1
        assert figures["failure_to_acquire_percent"] == 20.0
        assert figures["failure_to_enrol_percent"] == 33.33
        assert figures["pairs_not_compared"] == 1
        assert figures["tar_at_fmr_1e3_supported"] is False
        assert "Not supported" in said["said"][0]
        assert said["conditions"]["data_set"]["name"] == "Samples"
        assert said["conditions"]["list_sha256"] == open_pair_dataset(dataset).sha256

    def test_nobody_is_named_and_nothing_is_left_behind(self, dataset: Path) -> None:
        _, said = run(dataset)
        text = json.dumps(said)
        for name in ("Ann", "Bob", "Nil", "_0001"):
            assert name not in text
        records = dataset.parent / "records"
        assert not list((records / "resume").rglob("*"))
        for file in records.rglob("*"):
            if file.is_file():
                assert b"Bob" not in file.read_bytes()

    def test_mirrored_is_another_network(self, dataset: Path) -> None:
        status, said = run(dataset, "--mirrored")
        assert status == 0
        assert said["conditions"]["pipeline"].endswith("mobilefacenet-192+int8+mirrored")

    @pytest.mark.parametrize("embedder", ["fr-feature-512", "dlib-resnet-128"])
    def test_other_networks_tell_them_apart_too(self, dataset: Path, embedder: str) -> None:
        status, said = run(dataset, "--embedder", embedder)
        assert status == 0
        assert said["conditions"]["pipeline"].endswith(embedder)
        assert said["figures"]["accuracy_percent"] == 100.0

    def test_protection_needs_people_enough(self, dataset: Path) -> None:
        status, said = run(dataset, "--protected")
        assert (status, said["error"]["code"]) == (2, "dataset-invalid")
        assert "--protected" in said["error"]["remedy"]

    def test_the_words_say_what_is_not_supported(self, dataset: Path) -> None:
        answer = CliRunner().invoke(
            app,
            ["evaluate", "verification", str(dataset), "--folder", str(dataset.parent / "r"), *STATED],
        )
        assert answer.exit_code == 0
        assert "accuracy_percent" in answer.stdout
        assert "rule of three" in answer.stdout.replace("\n", " ")

    def test_an_interrupted_run_goes_on(self, dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        whole = VerificationEvaluation._compare_all

        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(VerificationEvaluation, "_compare_all", interrupted)
        CliRunner().invoke(
            app,
            ["evaluate", "verification", str(dataset), "--folder", str(dataset.parent / "records"), *STATED],
        )
        assert list((dataset.parent / "records" / "resume").rglob("*.sealed"))
        monkeypatch.setattr(VerificationEvaluation, "_compare_all", whole)
        _, said = run(dataset)
        assert said["figures"]["pictures_resumed"] == 5
        assert said["figures"]["accuracy_percent"] == 100.0
        # And once it is over, the next one begins anew.
        assert run(dataset)[1]["figures"]["pictures_resumed"] == 0

    def test_batches_make_no_difference(self, dataset: Path) -> None:
        pairs = open_pair_dataset(dataset)
        found = []
        for batch in (2, 64):
            ready = prepare_evaluation(
                load_settings(overrides={}),
                folder=dataset.parent / f"records{batch}",
                dataset=pairs,
                provenance=shipped_provenance("lfw"),
            )
            with ready:
                ready.evaluation._batch = batch
                found.append(ready.evaluation.run(pairs, progress=Silent(), replicates=100))
        assert np.array_equal(found[0].accuracy.det, found[1].accuracy.det)
        assert found[0].permits > found[1].permits == 2

    @pytest.mark.skipif(not CHARTS, reason="the extra report isn't installed")
    def test_the_report_has_charts_of_aggregates(self, dataset: Path) -> None:
        folder = dataset.parent / "report"
        status, said = run(dataset, "--report", folder)
        assert status == 0
        assert sorted(file.name for file in folder.iterdir()) == [
            "det.svg",
            "report.html",
            "report.json",
            "report.pdf",
            "scores.svg",
            "verification.json",
        ]
        assert len(said["files"]) == 6
        for chart in ("det.svg", "scores.svg"):
            text = (folder / chart).read_text(encoding="utf-8")
            assert text.startswith("<?xml")
            assert "Ann" not in text
        assert json.loads((folder / "verification.json").read_text())["figures"] == said["figures"]
        page = (folder / "report.html").read_text(encoding="utf-8")
        assert page.count("data:image/svg+xml;base64") == 2
        assert "Ann" not in page


class Silent:
    """An evaluation's progress, for nobody."""

    def begins(self, part: str, steps: int) -> None: ...

    def moved(self, steps: int) -> None: ...


@pytest.mark.models
class TestRefused:
    """Before anything is looked at."""

    def test_without_provenance_no_picture_is_read(
        self, dataset: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kept: list[int] = []
        monkeypatch.setattr(Resumption, "keep", lambda _self, number, _batch: kept.append(number))
        status, said = run(dataset, stated=())
        assert status == 3
        assert said["outcome"] == "refused"
        assert [one["alternatives"] for one in said["verdict"]["missing"]] == [["dataset_provenance"]]
        assert kept == []

    def test_half_a_provenance_is_bad_input(self, dataset: Path) -> None:
        status, said = run(dataset, stated=("--name", "Samples"))
        assert (status, said["error"]["code"]) == (2, "dataset-invalid")

    def test_a_demonstrations_folder_is_not_used(self, dataset: Path, tmp_path: Path) -> None:
        prepare_demo(load_settings(overrides={}), folder=tmp_path / "demo").services.close()
        status, said = ask("evaluate", "verification", dataset, "--folder", tmp_path / "demo", *STATED)
        assert (status, said["error"]["code"]) == (2, EvaluationFolderForeign.code)

    def test_an_unknown_network_is_refused(self, dataset: Path) -> None:
        status, said = run(dataset, "--embedder", "nothing")
        assert (status, said["error"]["code"]) == (2, "model-unknown")


def test_a_folder_without_a_list_is_bad_input(tmp_path: Path) -> None:
    status, said = ask("evaluate", "verification", tmp_path, "--folder", tmp_path / "records", *STATED)
    assert (status, said["error"]["code"]) == (2, "dataset-invalid")
    assert not (tmp_path / "records").exists()


def test_charts_are_asked_for_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", absent)
    with pytest.raises(ChartsNotInstalled) as refused:
        require_charts()
    assert "countenance[report]" in refused.value.remedy


def test_every_jurisdiction_with_rules_holds_where_none_is_named() -> None:
    codes = shipped_jurisdictions()
    assert {"CN", "EU", "UK", "US/IL"} <= set(codes)
    assert "*" not in codes
