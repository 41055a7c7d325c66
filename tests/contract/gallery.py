"""What every gallery does. Subclass it, give ``make`` and a store, and it runs.

A gallery is fit when it answers as a full search over the plain templates does, when whatever it acknowledged
is there, and nothing that was erased, whoever changed the store and however the gallery came about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from countenance.gallery import Gallery, NewReference, ReferenceUnknown, VectorUnusable
from countenance.kernel import FixedClock, PlaceId, PurposeId, SubjectId, new_id
from countenance.store import RecordExists, Store, create_root_key, key_provider
from countenance.templates import ReferenceTemplate

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
GYM, DOOR = PurposeId("pur_gym"), PurposeId("pur_door")
NORTH, SOUTH = PlaceId("plc_north"), PlaceId("plc_south")
MODEL, DIMENSIONS = "net-a", 32

Make = Callable[[Store], Gallery]


def units(n: int, seed: int = 1) -> NDArray[np.float32]:
    """Return vectors of length 1, float32, shape (n, d)."""
    drawn = np.random.default_rng(seed).standard_normal((n, DIMENSIONS))
    rows: NDArray[np.float32] = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    return rows


def person(
    vector: NDArray[np.float32],
    *,
    purpose: PurposeId = GYM,
    subject: SubjectId | None = None,
    place: PlaceId | None = None,
    valid_from: datetime = NOON,
    valid_until: datetime | None = None,
    model_id: str = MODEL,
) -> NewReference:
    """Return somebody to enrol."""
    return NewReference(
        subject=subject or SubjectId(new_id("sub")),
        purpose=purpose,
        template=ReferenceTemplate(vector.copy(), model_id, 3, 70),
        valid_from=valid_from,
        valid_until=valid_until,
        place=place,
    )


class GalleryContract:
    """Fixture to give: ``make``, which opens a gallery over a store."""

    @pytest.fixture
    def make(self) -> Make:
        raise NotImplementedError

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        uri = f"file:{tmp_path / 'root.key'}"
        create_root_key(uri)
        provider = key_provider(uri)
        with Store.create(tmp_path / "data", key_provider=provider, clock=FixedClock(NOON)) as opened:
            yield opened

    @pytest.fixture
    def beside(self, store: Store, tmp_path: Path) -> Iterator[Store]:
        """The same store, as another process has it open."""
        assert not store.changing
        provider = key_provider(f"file:{tmp_path / 'root.key'}")
        with Store.open(tmp_path / "data", key_provider=provider, clock=FixedClock(NOON)) as opened:
            yield opened

    @pytest.fixture
    def gallery(self, make: Make, store: Store) -> Iterator[Gallery]:
        opened = make(store)
        yield opened
        opened.close()

    def test_the_best_are_those_of_a_full_search(self, gallery: Gallery) -> None:
        rows, probes = units(300), units(20, seed=2)
        people = [person(row) for row in rows]
        gallery.enrol(people)
        scores = probes.astype(np.float64) @ rows.astype(np.float64).T
        for probe, expected in zip(probes, scores, strict=True):
            answer = gallery.search(GYM, probe, at=NOON, most=5)
            order = np.argsort(-expected)[:5]
            assert [one.reference_id for one in answer.candidates] == [people[i].reference_id for i in order]
            np.testing.assert_allclose([one.score for one in answer.candidates], expected[order], atol=1e-6)
            assert (answer.certified, answer.compared) == (True, 300)

    def test_all_that_reach_a_score(self, gallery: Gallery) -> None:
        rows, probe = units(300), units(1, seed=2)[0]
        people = [person(row) for row in rows]
        gallery.enrol(people)
        reached = rows.astype(np.float64) @ probe >= 0.2
        answer = gallery.search(GYM, probe, at=NOON, most=None, at_least=0.2)
        expected = {one.reference_id for one, reaches in zip(people, reached, strict=True) if reaches}
        assert {one.reference_id for one in answer.candidates} == expected != set()

    def test_one_is_compared_with_one(self, gallery: Gallery) -> None:
        rows, probe = units(3), units(1, seed=2)[0]
        people = [person(row) for row in rows]
        gallery.enrol(people)
        for one, row in zip(people, rows, strict=True):
            score = gallery.verify(GYM, one.reference_id, probe, at=NOON)
            assert score.value == pytest.approx(float(row.astype(np.float64) @ probe), abs=1e-6)
            assert score.model_id == MODEL

    def test_what_was_enrolled_is_told_without_its_template(self, gallery: Gallery, store: Store) -> None:
        one = person(units(1)[0], place=NORTH, valid_until=NOON + timedelta(days=1))
        (record,) = gallery.enrol([one])
        assert record == store.references.get(one.reference_id)
        assert (record.subject, record.samples, record.place) == (one.subject, 3, NORTH)
        assert gallery.count(GYM) == 1

    def test_it_is_there_when_it_is_opened_again(self, make: Make, gallery: Gallery, store: Store) -> None:
        rows = units(5)
        people = [person(row) for row in rows]
        gallery.enrol(people)
        again = make(store)
        for one, row in zip(people, rows, strict=True):
            assert again.search(GYM, row, at=NOON).candidates[0].reference_id == one.reference_id
        again.close()

    def test_it_sees_what_another_process_enrolled_and_erased(
        self, make: Make, gallery: Gallery, beside: Store
    ) -> None:
        rows = units(3)
        people = [person(row) for row in rows]
        gallery.enrol(people[:1])
        elsewhere = make(beside)
        elsewhere.enrol(people[1:])
        assert gallery.search(GYM, rows[2], at=NOON).candidates[0].reference_id == people[2].reference_id
        elsewhere.erase([people[2].reference_id])
        answer = gallery.search(GYM, rows[2], at=NOON, most=3)
        assert {one.reference_id for one in answer.candidates} == {one.reference_id for one in people[:2]}
        elsewhere.close()

    def test_what_is_erased_is_in_no_answer(self, gallery: Gallery) -> None:
        rows = units(4)
        people = [person(row) for row in rows]
        gallery.enrol(people)
        gallery.erase([people[0].reference_id])
        assert gallery.search(GYM, rows[0], at=NOON, most=9).compared == 3
        with pytest.raises(ReferenceUnknown):
            gallery.verify(GYM, people[0].reference_id, rows[0], at=NOON)
        with pytest.raises(ReferenceUnknown):
            gallery.erase([people[1].reference_id, people[0].reference_id])
        assert gallery.count(GYM) == 3

    def test_a_person_is_erased_for_one_purpose(self, gallery: Gallery) -> None:
        rows, subject = units(3), SubjectId("sub_twice")
        gallery.enrol([person(row, subject=subject) for row in rows[:2]])
        gallery.enrol([person(rows[2], subject=subject, purpose=DOOR)])
        assert gallery.erase_subject(subject, GYM) == 2
        assert gallery.erase_subject(subject, GYM) == 0
        assert (gallery.count(GYM), gallery.count(DOOR)) == (0, 1)
        assert gallery.search(GYM, rows[0], at=NOON).candidates == ()

    def test_erasing_the_person_erases_the_references(self, gallery: Gallery, store: Store) -> None:
        rows = units(2)
        people = [person(row) for row in rows]
        gallery.enrol(people)
        assert store.erasures.erase(people[0].subject, None).references == 1
        answer = gallery.search(GYM, rows[0], at=NOON, most=2)
        assert [one.reference_id for one in answer.candidates] == [people[1].reference_id]

    def test_what_is_undone_was_never_there(self, gallery: Gallery, store: Store) -> None:
        rows = units(2)
        gallery.enrol([person(rows[0])])

        def interrupted() -> None:
            with store.together():
                gallery.enrol([person(rows[1])])
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            interrupted()
        assert gallery.search(GYM, rows[1], at=NOON, most=5).compared == 1
        with store.together():
            gallery.enrol([person(rows[1])])
        assert gallery.search(GYM, rows[1], at=NOON, most=5).compared == 2

    def test_inside_a_change_of_its_references_it_is_not_asked(self, gallery: Gallery, store: Store) -> None:
        row = units(1)[0]
        gallery.enrol([person(row)])
        with store.together():
            assert gallery.search(GYM, row, at=NOON).compared == 1
            gallery.enrol([person(row)])
            with pytest.raises(RuntimeError, match="inside"):
                gallery.search(GYM, row, at=NOON)
        assert gallery.search(GYM, row, at=NOON).compared == 2

    @pytest.mark.parametrize(
        ("at", "found"),
        [(NOON - timedelta(seconds=1), 0), (NOON, 1), (NOON + timedelta(hours=1), 0)],
        ids=["before", "within", "after"],
    )
    def test_what_is_not_valid_takes_no_part(self, gallery: Gallery, at: datetime, found: int) -> None:
        one = person(units(1)[0], valid_until=NOON + timedelta(hours=1))
        gallery.enrol([one])
        assert len(gallery.search(GYM, one.template.vector, at=at).candidates) == found
        if not found:
            with pytest.raises(ReferenceUnknown):
                gallery.verify(GYM, one.reference_id, one.template.vector, at=at)

    def test_places_are_told_apart(self, gallery: Gallery) -> None:
        rows = units(3)
        north, south, anywhere = (
            person(row, place=place) for row, place in zip(rows, (NORTH, SOUTH, None), strict=True)
        )
        gallery.enrol([north, south, anywhere])

        def found(*places: PlaceId) -> set[str]:
            answer = gallery.search(GYM, rows[0], at=NOON, most=9, places=places)
            return {one.reference_id for one in answer.candidates}

        assert found(NORTH) == {north.reference_id, anywhere.reference_id}
        assert found(NORTH, SOUTH) == {one.reference_id for one in (north, south, anywhere)}
        assert found() == found(PlaceId("plc_nowhere")) == {anywhere.reference_id}

    def test_purposes_are_told_apart(self, gallery: Gallery) -> None:
        row = units(1)[0]
        one = person(row)
        gallery.enrol([one])
        assert gallery.search(DOOR, row, at=NOON).candidates == ()
        gallery.enrol([person(row, purpose=DOOR)])
        assert gallery.search(DOOR, row, at=NOON).candidates[0].reference_id != one.reference_id
        with pytest.raises(ReferenceUnknown):
            gallery.verify(DOOR, one.reference_id, row, at=NOON)

    def test_another_model_is_refused(self, gallery: Gallery) -> None:
        with pytest.raises(VectorUnusable):
            gallery.enrol([person(units(1)[0]), person(units(1)[0], model_id="net-b")])
        assert gallery.count(GYM) == 0

    def test_all_are_taken_or_none(self, gallery: Gallery) -> None:
        rows = units(2)
        one = person(rows[0])
        gallery.enrol([one])
        with pytest.raises(RecordExists):
            gallery.enrol([person(rows[1]), one])
        assert gallery.count(GYM) == gallery.search(GYM, rows[1], at=NOON, most=5).compared == 1

    @pytest.mark.parametrize("wrong", [np.nan, np.inf])
    def test_a_probe_that_is_none_is_refused(self, gallery: Gallery, wrong: float) -> None:
        row = units(1)[0]
        one = person(row)
        gallery.enrol([one])
        for probe in (np.full(DIMENSIONS, wrong, dtype=np.float32), row[:-1], row.astype(np.float64)):
            with pytest.raises(VectorUnusable):
                gallery.search(GYM, probe, at=NOON)
            with pytest.raises(VectorUnusable):
                gallery.verify(GYM, one.reference_id, probe, at=NOON)

    def test_a_question_for_nothing_is_refused(self, gallery: Gallery) -> None:
        for _ in range(2):
            with pytest.raises(ValueError, match="at least one"):
                gallery.search(GYM, units(1)[0], at=NOON, most=None)
            gallery.enrol([person(units(1)[0])])

    def test_the_caller_keeps_its_template(self, gallery: Gallery) -> None:
        row = units(1)[0]
        one = person(row)
        gallery.enrol([one])
        gallery.search(GYM, row, at=NOON)
        np.testing.assert_array_equal(one.template.vector, row)
        np.testing.assert_array_equal(row, units(1)[0])
