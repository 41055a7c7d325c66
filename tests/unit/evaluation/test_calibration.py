"""A table from made-up people of this deployment: what it offers, and what it says was not measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from countenance.authority import RefusedByRule
from countenance.decisions import parse_error_table, shipped_error_table
from countenance.evaluation import render_error_table
from countenance.evaluation.calibration import (
    LEAST_PEOPLE,
    RATES,
    Calibration,
    CalibrationOrder,
    CalibrationResult,
)
from countenance.evaluation.calibration_words import calibration_figures, calibration_sentences
from countenance.evaluation.charts import calibration_chart
from countenance.evaluation.datasets import DatasetInvalid, DatasetProvenance
from countenance.evaluation.people import PeopleSet, open_people
from countenance.evaluation.people_groups import people_groups
from countenance.store import Store, create_root_key, key_provider
from pixel_people import BLANK, NOON, PROVENANCE, doors_of, picture
from progress_seen import ProgressSeen

PEOPLE = 180
ORDER = CalibrationOrder(
    model_id="pixels",
    detectors=("near", "far"),
    mirrored=False,
    measured_on="photographs of our own",
    measured_at=date(2026, 11, 24),
    conditions={"pipeline": "pixels"},
    source={"name": "Ours"},
)
Attributes = Mapping[str, Mapping[str, Sequence[int]]]


def make(folder: Path, *, people: int = PEOPLE, pictures: int = 2) -> PeopleSet:
    for number in range(people):
        for count in range(1, pictures + 1):
            picture(folder, f"P{number:03}", count, number, badness=8)
    return open_people(folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("set")
    make(root)
    return root


def store_in(root: Path) -> Store:
    uri = f"file:{root / 'key' / 'root.key'}"
    create_root_key(uri)
    return Store.create(root / "data", key_provider=key_provider(uri), clock=NOON)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with store_in(tmp_path) as made:
        yield made


def calibrated(
    store: Store,
    root: Path,
    people: PeopleSet,
    *,
    attributes: Attributes | None = None,
    readers: int = 2,
    provenance: DatasetProvenance | None = PROVENANCE,
) -> CalibrationResult:
    made, comparison = doors_of(
        store, root, list_sha256=people.sha256, readers=readers, provenance=provenance
    )
    calibration = Calibration(readers=made, comparison=comparison, replicates=200)
    return calibration.run(people, ORDER, attributes=attributes or {}, progress=ProgressSeen())


@pytest.fixture(scope="module")
def result(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> CalibrationResult:
    root = tmp_path_factory.mktemp("records")
    halves = {"gender": {"women": range(0, PEOPLE, 2), "men": range(1, PEOPLE, 2)}}
    with store_in(root) as opened:
        return calibrated(opened, root, open_people(folder), attributes=halves)


def test_it_offers_what_the_data_can_measure_and_says_what_not(result: CalibrationResult) -> None:
    assert result.table.offered == (1e-3,)
    assert result.not_offered == (1e-4, 1e-5)
    assert any("one in 10,000" in limit for limit in result.table.limits)
    level = result.table.levels[0]
    # Strangers' vectors of 128 dimensions: a cosine of three standard deviations is one in a thousand.
    assert 2.5 / np.sqrt(128) < level.threshold < 4 / np.sqrt(128)
    assert level.fmr <= 1e-3
    assert level.fmr_interval.low <= level.fmr <= level.fmr_interval.high


def test_a_comparison_counts_for_every_pair_of_detectors(result: CalibrationResult) -> None:
    pictures = 2 * 2
    pairs = PEOPLE * (PEOPLE - 1) // 2
    assert result.impostor_comparisons == pairs * pictures**2
    assert result.genuine_comparisons == PEOPLE * 2 * 2
    assert (result.people, result.pictures, result.without_template) == (PEOPLE, 2 * PEOPLE, 0)


def test_the_table_is_read_back_as_it_was_written(result: CalibrationResult) -> None:
    table = result.table
    read = parse_error_table(render_error_table(table, heading="made up"))
    assert (read.label, read.measured_on, read.detectors) == (
        "calibrated",
        "photographs of our own, 180 people",
        ORDER.detectors,
    )
    assert read.document_portraits == "not measured"
    assert [level.threshold for level in read.levels] == [level.threshold for level in table.levels]
    assert (read.tail is None) is (table.tail is None)


def test_groups_are_measured_and_the_others_are_named_as_not(result: CalibrationResult) -> None:
    (gender,) = result.table.levels[0].parity
    assert (gender.attribute, gender.groups) == ("gender", ("women", "men"))
    assert 1.0 <= gender.low <= gender.ratio <= gender.high
    assert any("age, origin: not measured" in limit for limit in result.table.limits)
    assert result.groups == {"gender": {"women": 90, "men": 90}}


def test_its_words_say_what_stands_against_an_adverse_use(result: CalibrationResult) -> None:
    said = " ".join(calibration_sentences(result))
    assert "Offered now: one in 1,000" in said
    assert "Groups by age were not measured" in said
    assert "other people" not in said, "they are the deployment's own"
    figures = calibration_figures(result)
    assert (figures["people"], figures["levels_offered"]) == (PEOPLE, 1)
    assert figures["fmr_1e3_low"] <= 1e-3


def test_its_words_say_how_far_searches_are_supported_and_what_is_an_extrapolation(
    result: CalibrationResult,
) -> None:
    tail = shipped_error_table("mobilefacenet-192+int8").tail
    assert tail is not None
    said = " ".join(calibration_sentences(replace(result, table=replace(result.table, tail=tail))))
    assert f"{tail.largest_gallery(fpir=0.01):,} people at one in 100" in said
    assert "an extrapolation, and is refused" in said
    without = " ".join(calibration_sentences(replace(result, table=replace(result.table, tail=None))))
    assert "none is carried out" in without
    assert "extrapolation" not in without


def test_it_is_drawn(result: CalibrationResult) -> None:
    pytest.importorskip("matplotlib")
    chart = calibration_chart(result)
    assert chart.name == "calibration"
    assert "</svg>" in chart.svg


def test_with_too_few_people_there_is_none(store: Store, tmp_path: Path) -> None:
    people = make(tmp_path / "few", people=LEAST_PEOPLE - 1, pictures=1)
    with pytest.raises(DatasetInvalid, match=str(LEAST_PEOPLE)):
        calibrated(store, tmp_path, people)


def test_people_without_a_template_dont_count(store: Store, tmp_path: Path) -> None:
    people = make(tmp_path / "some", people=LEAST_PEOPLE - 1, pictures=1)
    picture(tmp_path / "some", "Nobody", 1, BLANK)
    people = open_people(tmp_path / "some")
    assert people.people == LEAST_PEOPLE
    with pytest.raises(DatasetInvalid, match=f"{LEAST_PEOPLE - 1} people"):
        calibrated(store, tmp_path, people, readers=1)


def test_where_nobody_has_two_pictures_misses_cant_be_measured(store: Store, tmp_path: Path) -> None:
    people = make(tmp_path / "single", people=LEAST_PEOPLE, pictures=1)
    with pytest.raises(DatasetInvalid, match="two pictures"):
        calibrated(store, tmp_path, people, readers=1)


def test_without_provenance_nobody_is_looked_at(store: Store, tmp_path: Path, folder: Path) -> None:
    with pytest.raises(RefusedByRule):
        calibrated(store, tmp_path, open_people(folder), provenance=None)


def test_interrupted_it_goes_on_and_afterwards_nothing_is_kept(
    store: Store, tmp_path: Path, folder: Path
) -> None:
    class Interrupted(ProgressSeen):
        def moved(self, steps: int) -> None:
            super().moved(steps)
            if self.parts["pictures"][1] >= PEOPLE:
                raise KeyboardInterrupt

    people = open_people(folder)
    made, comparison = doors_of(store, tmp_path, list_sha256=people.sha256, readers=2)
    calibration = Calibration(readers=made, comparison=comparison, replicates=200)
    with pytest.raises(KeyboardInterrupt):
        calibration.run(people, ORDER, attributes={}, progress=Interrupted())
    assert list(tmp_path.rglob("*.sealed"))
    resumed = calibration.run(people, ORDER, attributes={}, progress=ProgressSeen())
    assert not list(tmp_path.rglob("*.sealed"))
    other = tmp_path / "other"
    with store_in(other) as fresh:
        at_once = calibrated(fresh, other, people)
    assert resumed.permits < at_once.permits, "what was read before the interruption isn't read again"
    assert resumed.table == at_once.table
    assert "Groups by age, gender, origin: not measured." in resumed.table.limits


def test_two_names_of_one_person_are_no_strangers(store: Store, tmp_path: Path, folder: Path) -> None:
    people = replace(open_people(folder), one_person=((0, 1),))
    found = calibrated(store, tmp_path, people, readers=1)
    assert found.impostor_comparisons == (PEOPLE * (PEOPLE - 1) // 2 - 1) * 4


def test_every_rate_that_may_be_offered_is_one_that_tables_offer() -> None:
    assert RATES == (1e-3, 1e-4, 1e-5)


class TestGroups:
    """The list of groups."""

    def read(self, folder: Path, text: str) -> dict[str, dict[str, list[int]]]:
        path = folder.parent / "groups.csv"
        path.write_text(text, encoding="utf-8")
        return people_groups(open_people(folder), path)

    def test_each_column_is_an_attribute(self, folder: Path) -> None:
        found = self.read(
            folder, "person,age,gender\nP000,adult,woman\nP002,,man\nP001,child,woman\nX,old,man\n"
        )
        assert found == {"age": {"adult": [0], "child": [1]}, "gender": {"woman": [0, 1], "man": [2]}}

    def test_without_a_list_the_sets_own_gender_counts(self, tmp_path: Path) -> None:
        for name in ("A", "B", "C"):
            picture(tmp_path / "set", name, 1, 3)
        (tmp_path / "set" / "people.csv").write_text("name,gender\nA,F\nB,M\nC,M\n")
        assert people_groups(open_people(tmp_path / "set"), None) == {"gender": {"women": [0], "men": [1, 2]}}
        (tmp_path / "set" / "people.csv").write_text("name,gender\nA,F\n")
        assert people_groups(open_people(tmp_path / "set"), None) == {}

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("name,age\nP000,adult\n", "column person"),
            ("person\nP000\n", "column person"),
            ("person,age\nX,adult\n", "nobody of the set"),
            ("person,age\nP000,adult\nP000,child\n", "second time"),
            ("person,age\n" + "".join(f"P{n:03},{n}\n" for n in range(13)), "13 groups by age"),
        ],
    )
    def test_what_is_no_such_list_is_refused(self, folder: Path, text: str, said: str) -> None:
        with pytest.raises(DatasetInvalid, match=said):
            self.read(folder, text)

    def test_a_list_that_isnt_there_is_refused(self, folder: Path) -> None:
        with pytest.raises(DatasetInvalid, match="can't be read"):
            people_groups(open_people(folder), folder / "none.csv")
