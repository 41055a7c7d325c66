"""The script that measures detectors, on a data folder of two sample photographs and a blank picture."""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest

from countenance.kernel import Box, Point
from weights import sample_bytes

SCRIPT = Path(__file__).resolve().parents[4] / "scripts" / "measure_detection.py"
FACE = Box(10.0, 10.0, 50.0, 60.0)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("measure_detection", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["measure_detection"] = module
    spec.loader.exec_module(module)
    return module


def blank() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.full((96, 128, 3), 200, np.uint8)


@pytest.mark.parametrize(
    ("found", "counts"),
    [
        pytest.param([], (1, 0, 0), id="nothing"),
        pytest.param([FACE], (1, 1, 0), id="the face"),
        pytest.param([Box(12, 12, 54, 66)], (1, 1, 0), id="about the face"),
        pytest.param([Box(70, 10, 110, 60)], (1, 0, 1), id="elsewhere"),
        pytest.param([FACE, FACE], (1, 1, 1), id="the face twice"),
    ],
)
def test_a_box_is_one_face_or_a_false_find(
    script: ModuleType, found: list[Box], counts: tuple[int, int, int]
) -> None:
    count = script.Count()
    count.add(script.Scene(pixels=blank(), boxes=(FACE,)), found)
    assert (count.faces, count.found, count.false) == counts


def test_a_box_that_holds_a_nose_is_a_find_and_two_noses_need_two(script: ModuleType) -> None:
    count = script.Count()
    noses = (Point(30.0, 30.0), Point(35.0, 30.0), Point(100.0, 80.0))
    count.add(script.Scene(pixels=blank(), points=noses), [FACE])
    assert (count.faces, count.found, count.false) == (3, 1, 0)


@pytest.mark.parametrize("width", [20, 80, 150])
def test_a_grids_faces_have_the_width_that_is_said(script: ModuleType, width: int) -> None:
    pixels = np.zeros((300, 300, 3), np.uint8)
    pixels[100:220, 110:210] = 255
    face = (pixels, Box(110.0, 100.0, 210.0, 220.0))
    scene = script.grid([face], width=width, size=(640, 480), start=0, most=4)
    assert scene.pixels.shape == (480, 640, 3)
    assert 1 <= len(scene.boxes) <= 4
    for box in scene.boxes:
        assert box.width == pytest.approx(width, abs=0.51)
        # What is white in the portrait lies where the box says.
        inside = scene.pixels[
            round(box.top) + 2 : round(box.bottom) - 2, round(box.left) + 2 : round(box.right) - 2
        ]
        assert inside.mean() > 235


def test_a_card_has_one_face(script: ModuleType) -> None:
    face = (np.full((300, 300, 3), 90, np.uint8), Box(100.0, 100.0, 200.0, 220.0))
    scene = script.card(face, width=100)
    (box,) = scene.boxes
    assert scene.pixels.shape == (638, 1012, 3)
    assert box.width == pytest.approx(100, abs=0.51)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder that the script takes, as small as can be."""
    for name in ("congress", "groups", "not_faces"):
        (tmp_path / name).mkdir()
    for name in ("obama", "biden"):
        (tmp_path / "congress" / f"{name}.jpg").write_bytes(sample_bytes(name))
    write(tmp_path / "congress" / "manifest.csv", ["file"], [["obama.jpg"], ["biden.jpg"]])
    cv2.imwrite(str(tmp_path / "groups" / "none.png"), blank())
    rows = [["none.png", "1", "64:48"], ["none.png", "2", "64:48"]]
    write(tmp_path / "groups" / "labels.csv", ["file", "faces", "nose_points"], rows)
    cv2.imwrite(str(tmp_path / "not_faces" / "wall.png"), blank())
    rows = [["wall.png", "no"], ["wall.png", "yes"]]
    write(tmp_path / "not_faces" / "not_faces.csv", ["file", "depicts_human_face"], rows)
    return tmp_path


def write(path: Path, head: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])


@pytest.mark.models
def test_a_small_run(
    script: ModuleType, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(script, "WIDTHS", (100,))
    monkeypatch.setattr(script, "CARD_WIDTHS", (150,))
    monkeypatch.setattr(script, "LARGE", (800, 600))
    every = script.detectors

    def few(*arguments: object, **named: object) -> dict[str, object]:
        made = every(*arguments, **named)
        return {name: made[name] for name in ("short", "short_then_ultraface")}

    monkeypatch.setattr(script, "detectors", few)
    monkeypatch.setattr(sys, "argv", ["measure_detection.py", str(data), "--grids", "1", "--json"])
    assert script.main() == 0
    report = json.loads(capsys.readouterr().out)
    figures, counted = report["figures"], report["conditions"]["data"]
    # The group whose noses aren't all marked and the picture that depicts a face are left out.
    assert counted["groups"] == "1 pictures, 1 faces"
    assert counted["not_faces"] == "1 pictures, 0 faces"
    assert counted["card_150px"] == "2 pictures, 2 faces"
    assert figures["short_card_150px_found_percent"] == 100.0
    assert figures["short_groups_found_percent"] == 0.0
    assert figures["short_not_faces_false_finds"] == 0
    assert "short_not_faces_found_percent" not in figures
    assert figures["short_then_ultraface_grid640_100px_found_percent"] >= 50.0
    assert all(value > 0 for name, value in figures.items() if name.endswith("_ms_median"))


def test_it_prints_a_table(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def measured(arguments: argparse.Namespace) -> dict[str, object]:
        return {"figures": {"grids": arguments.grids}, "conditions": {"threads": arguments.threads}}

    monkeypatch.setattr(script, "measure", measured)
    monkeypatch.setattr(sys, "argv", ["measure_detection.py", "folder", "--grids", "3", "--threads", "2"])
    assert script.main() == 0
    assert capsys.readouterr().out.split() == ["figures", "grids", "3", "conditions", "threads", "2"]
