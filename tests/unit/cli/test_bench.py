from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from countenance.cli import app
from countenance.evaluation.dlib_pipeline import DlibNotInstalled, DlibPipeline
from countenance.runtime.benchmark import LARGE_SIDE, SMALL_SIDE, NoFaceToTime, bench_pictures
from countenance.vision.detection import BlazeFaceShort
from evaluation_folder import ask, small
from weights import model_bytes

DLIB = all(importlib.util.find_spec(name) is not None for name in ("dlib", "face_recognition_models"))
OURS = ("ms_per_face", "ms_per_face_large")
RATIOS = ("times_faster_than_dlib", "times_faster_than_dlib_large")


def test_verdicts_over_all_rules_are_timed() -> None:
    status, said = ask("bench", "policy", "--count", "50")
    figures = said["figures"]
    assert status == 0
    assert figures["verdicts"] == 50
    assert figures["rules"] >= 160
    assert 0 < figures["verdict_us_p5"] <= figures["verdict_us_median"] <= figures["verdict_us_p95"]
    assert "all different" in said["conditions"]["contexts"]


def test_with_people_the_facts_are_gathered_too() -> None:
    status, said = ask("bench", "policy", "--count", "10", "--subjects", "5")
    assert status == 0
    figures = said["figures"]
    assert figures["subjects"] == 5
    assert figures["gathered_count"] == figures["gathered_allowed_count"] == 1000
    assert 0 < figures["gathered_ms_median"] < figures["gathered_and_looked_ms_median"]
    assert "facts gathered" in said["conditions"]


def test_words_name_the_figure_and_the_machine() -> None:
    answer = CliRunner().invoke(app, ["bench", "policy", "--count", "10"])
    assert answer.exit_code == 0
    assert "verdict_us_median" in answer.stdout
    assert "processor" in answer.stdout


@pytest.mark.models
class TestPipeline:
    """From pixels to vector."""

    def test_ours_alone(self) -> None:
        status, said = ask("bench", "pipeline", "--rounds", "1", "--without-dlib")
        figures = said["figures"]
        assert status == 0
        assert all(figures[name] > 0 for name in OURS)
        assert not any(name.startswith("times_faster") for name in figures)
        assert said["conditions"]["dlib"] == "left out"
        steps = (
            "decode_small",
            "decode_large",
            "detect_small",
            "mesh_two_passes",
            "align",
            "embed_batch_of_8",
        )
        for step in steps:
            assert 0 < figures[f"{step}_ms_p5"] <= figures[f"{step}_ms_median"] <= figures[f"{step}_ms_p95"]

    @pytest.mark.skipif(not DLIB, reason="the extra bench isn't installed")
    def test_beside_dlib(self) -> None:
        _, said = ask("bench", "pipeline", "--rounds", "1")
        figures = said["figures"]
        for name, size in zip(RATIOS, ("small", "large"), strict=True):
            expected = figures[f"dlib_upsample_1_{size}_ms_median"] / figures[f"pipeline_{size}_ms_median"]
            assert figures[name] == pytest.approx(expected, abs=0.1)
            # dlib's way with its network in onnxruntime costs less than with its own.
            mixed = figures[f"dlib_in_onnxruntime_upsample_1_{size}_ms_median"]
            assert mixed < figures[f"dlib_upsample_1_{size}_ms_median"]

    def test_pictures_of_ones_own(self, tmp_path: Path) -> None:
        (tmp_path / "one.jpg").write_bytes(small("biden"))
        (tmp_path / "notes.txt").write_text("no picture")
        status, said = ask("bench", "pipeline", "--rounds", "1", "--without-dlib", "--pictures", tmp_path)
        assert status == 0
        assert said["conditions"]["pictures"].startswith("given")

    def test_pictures_without_a_face_are_bad_input(self, tmp_path: Path) -> None:
        Image.new("RGB", (300, 300), "grey").save(tmp_path / "one.png")
        status, said = ask("bench", "pipeline", "--pictures", tmp_path, "--without-dlib")
        assert (status, said["error"]["code"]) == (2, NoFaceToTime.code)

    def test_each_picture_comes_in_two_sizes(self) -> None:
        made = bench_pictures(
            [small("obama")], detector=BlazeFaceShort(content=model_bytes("blazeface-short-range"))
        )
        assert [one.size for one in made] == ["small", "large"]
        assert made[0].pixels.shape == (SMALL_SIDE, SMALL_SIDE, 3)
        assert max(made[1].pixels.shape) == LARGE_SIDE


def test_without_dlib_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", absent)
    with pytest.raises(DlibNotInstalled) as refused:
        DlibPipeline()
    assert "countenance[bench]" in refused.value.remedy
