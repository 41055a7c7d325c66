"""The gallery of one process: the contract, and what is its own."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from contract.gallery import DIMENSIONS, DOOR, GYM, MODEL, NOON, GalleryContract, Make, person, units
from countenance.gallery import Gallery, IndexFull, NumpyKernel, SealedGallery
from countenance.kernel import FixedClock
from countenance.store import RecordTampered, SealBroken, Store


def opened(store: Store, *, model_id: str = MODEL, largest: int = 10_000) -> SealedGallery:
    return SealedGallery(
        store=store,
        model_id=model_id,
        dimensions=DIMENSIONS,
        clock=FixedClock(NOON),
        kernel=NumpyKernel(),
        largest=largest,
    )


class TestSealedGallery(GalleryContract):
    @pytest.fixture
    def make(self) -> Make:
        return opened

    def test_no_template_lies_in_clear_on_disk(self, gallery: Gallery, store: Store, tmp_path: Path) -> None:
        rows = units(3)
        gallery.enrol([person(row) for row in rows])
        files = [path for path in (tmp_path / "data").iterdir() if path.is_file()]
        written = b"".join(path.read_bytes() for path in files)
        assert len(written) > 1000
        for row in rows:
            assert row.tobytes()[:16] not in written
        for record in store.references.changed_since(GYM, 0):
            assert record.content[-16:] not in written

    def test_what_is_kept_is_turned(self, gallery: Gallery, store: Store) -> None:
        row = units(1)[0]
        one = person(row)
        gallery.enrol([one])
        assert row.tobytes() not in store.references.open(one.reference_id).content

    def test_two_purposes_are_turned_apart(self, gallery: Gallery, store: Store) -> None:
        rows = units(50)
        kept = []
        for purpose in (GYM, DOOR):
            people = [person(row, purpose=purpose) for row in rows]
            gallery.enrol(people)
            content = (store.references.open(one.reference_id).content for one in people)
            kept.append(np.stack([np.frombuffer(one[-4 * DIMENSIONS :], "<f4") for one in content]))
        assert abs(np.einsum("ij,ij->i", *kept).mean()) < 0.15
        assert np.einsum("ij,ij->i", kept[0], rows).mean() < 0.15

    def test_a_row_that_was_edited_stops_the_purpose(self, gallery: Gallery, tmp_path: Path) -> None:
        rows = units(2)
        people = [person(row) for row in rows]
        gallery.enrol(people)
        with closing(sqlite3.connect(tmp_path / "data" / "countenance.db")) as database, database:
            database.execute(
                "UPDATE biometric_references SET subject = 'sub_other' WHERE reference_id = ?",
                (people[0].reference_id,),
            )
            database.execute("UPDATE reference_states SET changes = 9")
        with pytest.raises(RecordTampered):
            gallery.search(GYM, rows[1], at=NOON)

    def test_a_template_moved_to_another_row_does_not_open(
        self, make: Make, gallery: Gallery, store: Store, tmp_path: Path
    ) -> None:
        people = [person(row) for row in units(2)]
        gallery.enrol(people)
        with closing(sqlite3.connect(tmp_path / "data" / "countenance.db")) as database, database:
            database.execute(
                "UPDATE biometric_references SET sealed = (SELECT sealed FROM biometric_references "
                "WHERE reference_id = ?) WHERE reference_id = ?",
                (people[0].reference_id, people[1].reference_id),
            )
        again = make(store)
        with pytest.raises((RecordTampered, SealBroken)):
            again.search(GYM, units(1)[0], at=NOON)
        again.close()

    def test_references_of_another_network_are_left_alone(self, gallery: Gallery, store: Store) -> None:
        other = opened(store, model_id="net-b")
        other.enrol([person(units(1)[0], model_id="net-b")])
        gallery.enrol([person(units(1)[0])])
        assert (gallery.count(GYM), other.count(GYM)) == (1, 1)
        assert gallery.search(GYM, units(1)[0], at=NOON, most=5).compared == 1
        other.close()

    def test_it_does_not_grow_beyond_what_it_may(self, store: Store) -> None:
        small = opened(store, largest=2)
        small.enrol([person(units(1)[0])])
        with pytest.raises(IndexFull):
            small.enrol([person(row) for row in units(2)])
        assert small.count(GYM) == 1
        small.close()

    def test_it_is_brought_into_memory_before_the_first_question(
        self, gallery: Gallery, store: Store
    ) -> None:
        gallery.enrol([person(row) for row in units(4)])
        again = opened(store)
        assert again.open(GYM) == 4
        again.close()

    def test_several_probes_are_answered_as_one_by_one(self, store: Store) -> None:
        gallery, probes = opened(store), units(6, seed=5)
        gallery.enrol([person(row) for row in units(100)])
        together = gallery.search_many(GYM, probes, at=NOON, most=3)
        one_by_one = tuple(gallery.search(GYM, probe, at=NOON, most=3) for probe in probes)
        assert [one.candidates for one in together] == [one.candidates for one in one_by_one]
        assert len(gallery.search_many(DOOR, probes, at=NOON)) == 6
        gallery.close()

    def test_closing_empties_it(self, store: Store) -> None:
        gallery = opened(store)
        gallery.enrol([person(units(1)[0])])
        gallery.close()
        gallery.close()
        # What comes after is no business of a closed gallery, and breaks nothing.
        later = opened(store)
        later.enrol([person(units(1)[0])])
        assert later.count(GYM) == 2
        later.close()

    def test_searches_while_people_come_and_go(self, store: Store) -> None:
        gallery, rows = opened(store), units(60)
        kept = [person(row) for row in rows[:20]]
        gallery.enrol(kept)
        wrong: list[object] = []
        done = threading.Event()

        def ask() -> None:
            while not done.is_set():
                for one, row in zip(kept, rows[:20], strict=True):
                    best = gallery.search(GYM, row, at=NOON).candidates[0].reference_id
                    if best != one.reference_id:
                        wrong.append(best)

        asking = [threading.Thread(target=ask) for _ in range(2)]
        for thread in asking:
            thread.start()
        for row in rows[20:]:
            come = person(row)
            gallery.enrol([come])
            assert gallery.search(GYM, row, at=NOON).candidates[0].reference_id == come.reference_id
            gallery.erase([come.reference_id])
            assert all(
                one.reference_id != come.reference_id
                for one in gallery.search(GYM, row, at=NOON, most=99).candidates
            )
        done.set()
        for thread in asking:
            thread.join()
        assert wrong == []
        gallery.close()
