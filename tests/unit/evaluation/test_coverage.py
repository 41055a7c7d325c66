"""Coverage: predictions that hold, predictions that don't, and the script that counts both."""

from __future__ import annotations

import importlib
import json
import math
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from countenance.decisions import ImpostorTail, TailGroup
from countenance.evaluation import (
    Coverage,
    ImpostorComparisons,
    OtherPeople,
    collect_impostors,
    measure_coverage,
)

ROOT = Path(__file__).resolve().parents[3]
NORMAL = ImpostorTail(
    # ln of the upper tail of a normal distribution of deviation 0.12, to a few per cent up to 0.55.
    floor=0.28,
    ceiling=0.5,
    coefficients=(-4.62, -22.4, -29.0),
    covariance=((0.0004, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
    groups=(TailGroup("even", 0.0, (0.0, 0.0, 0.0, 0.001)),),
    spread=0.3,
)
PEOPLE = 300


def other(words: str, *, shift: float = 0.0, seed: int = 1, people: int = PEOPLE) -> OtherPeople:
    generator = np.random.default_rng(seed)
    left, right = np.triu_indices(people, 1)
    scores = generator.normal(shift, 0.12, left.size)
    order = np.argsort(-scores, kind="stable")[: left.size // 2]
    comparisons = ImpostorComparisons(
        scores[order].astype(np.float32),
        left[order].astype(np.int32),
        right[order].astype(np.int32),
        np.ones(people, dtype=np.int64),
        np.empty((0, 2), dtype=np.int32),
        left.size,
    )
    return OtherPeople(words, comparisons, {"even": np.arange(people) % 2 == 0})


def covered(*others: OtherPeople, tail: ImpostorTail = NORMAL, **changed: Any) -> Coverage:
    values: dict[str, Any] = {"fitted": {"everybody": 500, "even": 250}, "rates": (1e-2, 1e-3), "seed": 1}
    return measure_coverage(tail, others=others, **{**values, **changed})


def test_what_is_predicted_for_people_drawn_alike_holds() -> None:
    coverage = covered(*(other(f"set {seed}", seed=seed) for seed in range(20)))
    assert len(coverage.cells) == 2 * 20 * 2
    assert coverage.share >= 0.95
    assert np.mean([cell.held_alike for cell in coverage.cells]) >= 0.9


def test_what_is_predicted_isnt_so_wide_that_it_holds_for_anybody() -> None:
    coverage = covered(other("others", shift=0.15), rates=(1e-2,))
    assert coverage.share == 0.0
    assert {cell.group for cell in coverage.exceptions} == {"everybody", "even"}
    assert all(cell.measured > cell.predicted.high for cell in coverage.exceptions)


def test_the_spread_is_for_people_who_arent_drawn_alike() -> None:
    coverage = covered(other("others", shift=0.025), rates=(1e-2,), tail=NORMAL)
    (everybody, _) = coverage.cells
    assert everybody.held
    assert not everybody.held_alike
    assert everybody.predicted.high > everybody.predicted_alike.high


def test_a_cell_says_what_was_counted() -> None:
    one = other("set 1")
    cell = next(cell for cell in covered(one).cells if cell.group == "even" and cell.asked == 1e-2)
    even = one.groups["even"]
    inside = even[one.comparisons.left] & even[one.comparisons.right]
    above = int((inside & (one.comparisons.scores >= cell.threshold)).sum())
    assert (cell.people, cell.pairs, cell.people_words) == (150, above, "set 1")
    assert cell.measured == pytest.approx(above / (150 * 149 / 2))
    assert cell.stated == NORMAL.fmr_of("even", cell.threshold)


def test_fewer_people_are_predicted_less_exactly() -> None:
    few, many = (covered(other("x", people=n), rates=(1e-2,)).cells[0] for n in (40, 300))
    assert (
        few.predicted.high / few.predicted_alike.low
        if few.predicted_alike.low
        else math.inf > (many.predicted.high / many.predicted_alike.low)
    )
    assert few.predicted.high > many.predicted.high


def test_several_pictures_of_a_pair_are_one_chance() -> None:
    """A person with many pictures makes the measured rate less exact than as many single ones."""
    single = covered(other("x"), rates=(1e-2,)).cells[0]
    generator = np.random.default_rng(1)
    images = np.where(np.arange(PEOPLE) < 3, 100, 1)
    one = other("x")
    total = round((float(images.sum()) ** 2 - float((images**2).sum())) / 2)
    keep = generator.permutation(one.comparisons.scores.size) < one.comparisons.scores.size
    heavy = ImpostorComparisons(
        one.comparisons.scores[keep],
        one.comparisons.left[keep],
        one.comparisons.right[keep],
        images.astype(np.int64),
        one.comparisons.excluded,
        total,
    )
    cell = covered(OtherPeople("x", heavy, one.groups), rates=(1e-2,)).cells[0]
    assert cell.predicted_alike.high > 1.5 * single.predicted_alike.high


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"rates": ()}, "nothing to cover"), ({"fitted": {}}, "nothing to cover")],
)
def test_nothing_isnt_covered(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        covered(other("x"), **changed)


def test_a_group_of_one_has_no_rate() -> None:
    one = other("x")
    alone = OtherPeople("x", one.comparisons, {"even": np.arange(PEOPLE) == 0})
    with pytest.raises(ValueError, match="no two people"):
        covered(alone)


def test_a_threshold_below_what_was_kept_is_refused() -> None:
    few = collect_impostors(np.eye(50, dtype=np.float32), np.arange(50), excluded=[], keep=5)
    raised = ImpostorComparisons(
        few.scores + np.float32(0.9), few.left, few.right, few.images, few.excluded, few.total
    )
    with pytest.raises(ValueError, match="below the scores"):
        covered(OtherPeople("x", raised, {"even": np.arange(50) % 2 == 0}))


class MadeUpPipeline:
    """Stands in for the networks: a picture's vector is drawn from what its file holds."""

    def __init__(self, **_: object) -> None:
        pass

    def embed(self, path: Path) -> dict[str, NDArray[np.float32]]:
        person = int(path.read_text(encoding="utf-8"))
        vector = np.random.default_rng(person).normal(size=24)
        return {"made-up": (vector / np.linalg.norm(vector)).astype(np.float32)}


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT))
    module = importlib.import_module("scripts.measure_coverage")
    monkeypatch.setattr(module, "Pipeline", MadeUpPipeline)
    monkeypatch.setattr(module, "RATES", (1e-2, 2e-3))
    monkeypatch.setattr(module, "TAIL_REPLICATES", 40)
    return module


@pytest.fixture
def folders(tmp_path: Path) -> list[str]:
    """450 people in three sets, and 120 others in two collections."""
    lfw, also = tmp_path / "lfw", tmp_path / "also"
    also.mkdir()
    people, pairs = ["name,gender,images"], ["set,name_a,n_a,name_b,n_b,same"]
    for number in range(450):
        name = f"Person_{number:03}"
        (lfw / name).mkdir(parents=True)
        (lfw / name / f"{name}_0001.jpg").write_text(str(number), encoding="utf-8")
        people.append(f"{name},{'female' if number % 2 else 'male'},1")
        pairs.append(f"{1 + number % 3},{name},1,{name},1,1")
    rows = ["file,person_id,gender,congress"]
    for number in range(120):
        (also / f"{number}.jpg").write_text(str(1000 + number), encoding="utf-8")
        rows.append(f"{number}.jpg,{number},{'F' if number % 2 else 'M'},{number % 4 // 2}")
    (lfw / "people.csv").write_text("\n".join(people), encoding="utf-8")
    (lfw / "pairs.csv").write_text("\n".join(pairs), encoding="utf-8")
    (also / "manifest.csv").write_text("\n".join(rows), encoding="utf-8")
    return [str(lfw), "--also", str(also), "--fit", "1,2"]


def test_the_script_fits_some_sets_and_tries_all_others(
    script: ModuleType, folders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    script.main(folders)
    lines = capsys.readouterr().out.splitlines()
    cells = [line for line in lines if line.startswith("| 0.0")]
    assert len(cells) == 2 * 3 * 3
    assert sum("set 3" in line for line in cells) == sum("collection 0" in line for line in cells) == 6
    assert not any("set 1" in line or "set 2" in line or "Person" in line for line in cells)
    script.main([*folders, "--json"])
    figures = json.loads(capsys.readouterr().out)["figures"]
    assert figures["cells"] == 18
    assert figures["held_percent"] == pytest.approx(100 * figures["held"] / 18)


def test_a_set_that_was_fitted_to_isnt_tried(script: ModuleType, folders: list[str]) -> None:
    with pytest.raises(SystemExit, match="others are left"):
        script.main([*folders[:-1], "1,2,3"])
