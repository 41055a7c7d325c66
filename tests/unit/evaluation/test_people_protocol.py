"""Evaluations of one set of made-up people: a network that reads who it is from the first pixel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from countenance.authority import RefusedByRule
from countenance.decisions import ErrorTable, SearchNotMeasured, shipped_error_table
from countenance.evaluation.datasets import DatasetInvalid, DatasetProvenance
from countenance.evaluation.genuine import MOST_PAIRS, genuine_pairs, genuine_scores
from countenance.evaluation.people import PeopleSet, open_people
from countenance.evaluation.people_protocol import PeopleEvaluation
from countenance.evaluation.people_words import (
    identification_figures,
    identification_sentences,
    parity_figures,
    parity_sentences,
    quality_figures,
    quality_sentences,
)
from countenance.store import Store, create_root_key, key_provider
from pixel_people import BLANK, NOON, PROVENANCE, doors_of, picture
from progress_seen import ProgressSeen

TABLE = shipped_error_table("mobilefacenet-192+int8")


def make_set(folder: Path) -> PeopleSet:
    """Return four with three pictures each and three with one; F looks like A, and E gave no template."""
    for number, name in enumerate("ABCD"):
        for count in (1, 2, 3):
            picture(folder, name, count, number, badness=90 if (name, count) == ("D", 3) else 5)
    for name, who in (("E", BLANK), ("F", 0), ("G", 9)):
        picture(folder, name, 1, who)
    (folder / "people.csv").write_text("name,gender\nA,male\nB,male\nC,female\nD,female\nF,male\nG,female\n")
    return open_people(folder)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    uri = f"file:{tmp_path / 'key' / 'root.key'}"
    create_root_key(uri)
    with Store.create(tmp_path / "data", key_provider=key_provider(uri), clock=NOON) as made:
        yield made


@pytest.fixture
def people(tmp_path: Path) -> PeopleSet:
    return make_set(tmp_path / "set")


def evaluation_of(
    store: Store,
    tmp_path: Path,
    people: PeopleSet,
    *,
    table: ErrorTable = TABLE,
    provenance: DatasetProvenance | None = PROVENANCE,
) -> PeopleEvaluation:
    (reader,), comparison = doors_of(store, tmp_path, list_sha256=people.sha256, provenance=provenance)
    return PeopleEvaluation(reader=reader, comparison=comparison, table=table, replicates=100)


class TestParity:
    def test_false_matches_are_counted_within_groups(
        self, store: Store, tmp_path: Path, people: PeopleSet
    ) -> None:
        result = evaluation_of(store, tmp_path, people).parity(people, progress=ProgressSeen())
        first = result.levels[0]
        # F looks like A: three of A's pictures match it, of fifteen between two men with 3, 3 and 1.
        assert (first.groups["men"].false_matches.seen, first.groups["men"].false_matches.of) == (3, 15)
        assert first.groups["women"].false_matches.seen == 0
        assert (first.groups["men"].people, first.groups["women"].people) == (3, 3)
        assert first.between.seen == 0
        assert not first.bounded
        assert not first.within_limit
        assert (result.pictures, result.without_template, result.without_group) == (15, 1, 1)

    def test_misses_are_counted_too(self, store: Store, tmp_path: Path, people: PeopleSet) -> None:
        result = evaluation_of(store, tmp_path, people).parity(people, progress=ProgressSeen())
        missed = {name: group.false_non_matches for name, group in result.levels[0].groups.items()}
        assert missed["men"] is not None
        assert missed["women"] is not None
        assert (missed["men"].seen, missed["men"].of) == (0, 4)
        assert (missed["women"].seen, missed["women"].of) == (1, 4)

    def test_one_person_under_two_names_is_no_false_match(self, store: Store, tmp_path: Path) -> None:
        make_set(tmp_path / "set")
        (tmp_path / "set" / "one_person.csv").write_text("name_a,name_b\nA,F\nA,E\n")
        people = open_people(tmp_path / "set")
        result = evaluation_of(store, tmp_path, people).parity(people, progress=ProgressSeen())
        assert result.levels[0].groups["men"].false_matches.seen == 0

    def test_what_is_said_names_what_was_not_measured(
        self, store: Store, tmp_path: Path, people: PeopleSet
    ) -> None:
        result = evaluation_of(store, tmp_path, people).parity(people, progress=ProgressSeen())
        said = " ".join(parity_sentences(result))
        for words in ("age", "skin tone", "that fails", "not kept at 3 of 3 levels", "Of 1 people"):
            assert words in said
        figures = parity_figures(result)
        assert figures["fmr_1e3_men_rate"] == 0.2
        assert figures["fmr_1e3_women_rate"] == 0.0
        assert figures["fmr_1e3_largest_over_smallest_high_ratio"] is None
        assert figures["fmr_1e3_within_limit"] is False

    def test_a_woman_without_a_template_is_not_measured(self, store: Store, tmp_path: Path) -> None:
        make_set(tmp_path / "set")
        labels = "name,gender\nA,male\nB,male\nC,female\nE,female\n"
        (tmp_path / "set" / "people.csv").write_text(labels)
        people = open_people(tmp_path / "set")
        with pytest.raises(DatasetInvalid, match="two women"):
            evaluation_of(store, tmp_path, people).parity(people, progress=ProgressSeen())

    def test_without_labels_there_is_no_parity(self, store: Store, tmp_path: Path) -> None:
        make_set(tmp_path / "set")
        (tmp_path / "set" / "people.csv").unlink()
        people = open_people(tmp_path / "set")
        with pytest.raises(DatasetInvalid, match="two women"):
            evaluation_of(store, tmp_path, people).parity(people, progress=ProgressSeen())


class TestIdentification:
    def test_who_is_enrolled_and_what_happens(self, store: Store, tmp_path: Path, people: PeopleSet) -> None:
        seen = ProgressSeen()
        result = evaluation_of(store, tmp_path, people).identification(
            people, pictures=(1, 2), rates=(0.1,), progress=seen
        )
        assert (result.enrolled, result.probes, result.strangers) == (4, 4, 3)
        one = result.rows[0]
        assert one.threshold.predicted is not None
        # F is named as A; D's bad picture is missed; E gave no template and names nobody.
        assert one.fpir == pytest.approx(1 / 3)
        assert (one.fnir.seen, one.fnir.of) == (1, 4)
        assert [row.pictures for row in result.rows] == [1, 1, 2, 2]
        assert all(announced == done for announced, done in seen.parts.values())

    def test_thresholds_set_on_the_strangers_say_so(
        self, store: Store, tmp_path: Path, people: PeopleSet
    ) -> None:
        result = evaluation_of(store, tmp_path, people).identification(
            people, pictures=(2,), rates=(0.1,), progress=ProgressSeen()
        )
        own = result.rows[1]
        assert own.threshold.predicted is None
        assert own.fpir == 0.0
        figures = identification_figures(result)
        assert figures["references_2_fpir_1e1_evidence_fpir_percent"] == 33.333
        assert figures["references_2_fpir_1e1_on_strangers_fpir_percent"] == 0.0
        assert figures["largest_gallery_fpir_1e1_people"] == 6923
        said = identification_sentences(result)
        assert said[0].startswith("References of 2, one stranger in 10: 33.33 % of strangers named")
        assert "nobody has them at a desk" in said[-1]

    def test_enrolled_without_a_template_is_missed(self, store: Store, tmp_path: Path) -> None:
        make_set(tmp_path / "set")
        picture(tmp_path / "set", "A", 1, BLANK)
        people = open_people(tmp_path / "set")
        result = evaluation_of(store, tmp_path, people).identification(
            people, pictures=(1, 2), rates=(0.1,), progress=ProgressSeen()
        )
        assert [row.fnir.seen for row in result.rows if row.threshold.predicted] == [2, 1]

    def test_too_few_pictures_are_refused(self, store: Store, tmp_path: Path, people: PeopleSet) -> None:
        with pytest.raises(DatasetInvalid, match="more than 3 pictures"):
            evaluation_of(store, tmp_path, people).identification(
                people, pictures=(1, 3), rates=(0.1,), progress=ProgressSeen()
            )

    def test_without_a_tail_there_is_no_search(self, store: Store, tmp_path: Path, people: PeopleSet) -> None:
        evaluation = evaluation_of(store, tmp_path, people, table=replace(TABLE, tail=None))
        with pytest.raises(SearchNotMeasured):
            evaluation.identification(people, pictures=(1,), rates=(0.1,), progress=ProgressSeen())


class TestQuality:
    def test_leaving_out_the_worst_lowers_the_misses(
        self, store: Store, tmp_path: Path, people: PeopleSet
    ) -> None:
        result = evaluation_of(store, tmp_path, people).quality(people, progress=ProgressSeen())
        first = result.curves[0].points
        assert (result.pairs, result.not_compared) == (8, 0)
        assert (first[0].fnmr, first[0].kept) == (1 / 8, 8)
        assert (first[1].fnmr, first[1].kept) == (0.0, 7)
        figures = quality_figures(result)
        assert figures["fmr_1e3_discard_0_percent_fnmr_percent"] == 12.5
        assert figures["fmr_1e3_discard_20_percent_fnmr_percent"] == 0.0
        assert "lowers the misses: 12.50 % to 0.00 %" in quality_sentences(result)[0]

    def test_nobody_with_two_pictures_is_refused(self, store: Store, tmp_path: Path) -> None:
        picture(tmp_path / "one", "A", 1, 1)
        people = open_people(tmp_path / "one")
        with pytest.raises(DatasetInvalid, match="two pictures"):
            evaluation_of(store, tmp_path, people).quality(people, progress=ProgressSeen())


@pytest.mark.parametrize("kind", ["parity", "quality", "identification"])
def test_without_provenance_nothing_is_read(
    store: Store, tmp_path: Path, people: PeopleSet, kind: str
) -> None:
    evaluation = evaluation_of(store, tmp_path, people, provenance=None)
    more = {"pictures": (1,), "rates": (0.1,)} if kind == "identification" else {}
    with pytest.raises(RefusedByRule):
        getattr(evaluation, kind)(people, progress=ProgressSeen(), **more)


@pytest.mark.parametrize("kind", ["parity", "quality"])
def test_nothing_is_left_behind(store: Store, tmp_path: Path, people: PeopleSet, kind: str) -> None:
    getattr(evaluation_of(store, tmp_path, people), kind)(people, progress=ProgressSeen())
    assert not list((tmp_path / "resume").rglob("*.sealed"))


def test_nobody_is_the_measure_of_all(tmp_path: Path) -> None:
    for count in range(1, MOST_PAIRS + 5):
        picture(tmp_path / "set", "A", count, 1)
    picture(tmp_path / "set", "B", 1, 2)
    pairs = genuine_pairs(open_people(tmp_path / "set"))
    assert len(pairs) == MOST_PAIRS
    assert pairs[:2].tolist() == [[0, 1], [1, 2]]


def test_a_pair_without_a_template_is_no_match() -> None:
    vectors = np.array([[1, 0], [0.6, 0.8], [0, 0]], np.float32)
    scores = genuine_scores(np.array([[0, 1], [1, 2]]), vectors, np.array([True, True, False]))
    assert scores.tolist() == [pytest.approx(0.6), -np.inf]
