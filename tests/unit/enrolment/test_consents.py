"""A list of consents: some hundred people at once on disk, each whole, and gone on with after a stop."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from countenance.authority import EvidenceNotAccepted, record_guest_consent
from countenance.enrolment import ConsentImport, ConsentListInvalid, import_consents, read_consents
from countenance.enrolment import consents as module
from countenance.enrolment.consents import ConsentLine
from countenance.kernel import SubjectId
from staff_door import StaffDoor

AT_ONCE = 3


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", AT_ONCE)


class Stopped(BaseException):
    """What a process that is ended in the middle leaves: nothing after this is done."""


def people(*names: str, language: str = "en") -> list[ConsentLine]:
    return [ConsentLine(SubjectId(f"sub_{name}"), "adult", language) for name in names]


def file(
    door: StaffDoor, lines: Iterator[ConsentLine] | list[ConsentLine], moved: Callable[[int], None] = print
) -> ConsentImport:
    return import_consents(
        door.hotel.desk,
        lines,
        place=door.door.place,
        purpose=door.door.purpose,
        stated_by="officer",
        valid_for=timedelta(days=30),
        moved=moved,
    )


def agreed(door: StaffDoor) -> list[str]:
    return sorted(str(record.scope.subject) for record in door.hotel.on_file("consent.record"))


def records_each(door: StaffDoor) -> set[int]:
    now = door.hotel.clock.now()
    subjects = [r.scope.subject for r in door.hotel.store.evidence.at(now) if r.scope.subject is not None]
    return {subjects.count(subject) for subject in subjects}


@pytest.mark.parametrize("count", [0, 1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, 2 * AT_ONCE])
def test_every_line_is_filed_and_logged(door: StaffDoor, count: int) -> None:
    names = [f"p{number}" for number in range(count)]
    assert file(door, people(*names)) == ConsentImport(count, 0)
    assert agreed(door) == [f"sub_{name}" for name in names]
    assert len(records_each(door)) == min(count, 1)
    assert door.hotel.store.log.verify().ok
    assert door.hotel.store.check_records() == ()


def test_who_stands_twice_in_a_list_is_filed_once(door: StaffDoor) -> None:
    assert file(door, people("a", "b", "a", "c", "a")) == ConsentImport(3, 2)
    assert agreed(door) == ["sub_a", "sub_b", "sub_c"]


def test_nobody_is_told_before_it_is_on_disk(door: StaffDoor, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    def moved(count: int) -> None:
        told.append((count, len(agreed(door))))
        # A second connection sees only what was kept.
        assert kept_elsewhere(tmp_path) > before + 3 * count

    before = kept_elsewhere(tmp_path)
    file(door, people("a", "b", "c", "d"), moved)
    assert told == [(3, 3), (4, 4)]


def kept_elsewhere(folder: Path) -> int:
    (file_,) = folder.rglob("*.db")
    with closing(sqlite3.connect(file_)) as connection:
        return int(connection.execute("SELECT count(*) FROM log_entries").fetchone()[0])


def test_a_stop_in_the_middle_leaves_whole_batches_and_is_gone_on_with(
    door: StaffDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, left = record_guest_consent, [5]

    def record(*args: object, **said: object) -> object:
        left[0] -= 1
        if left[0] == 0:
            raise Stopped
        return real(*args, **said)  # type: ignore[arg-type]

    told: list[int] = []
    everybody = people("a", "b", "c", "d", "e", "f", "g")
    monkeypatch.setattr(module, "record_guest_consent", record)
    with pytest.raises(Stopped):
        file(door, everybody, told.append)
    assert (agreed(door), told) == (["sub_a", "sub_b", "sub_c"], [3])
    assert file(door, everybody) == ConsentImport(4, 3)
    assert len(agreed(door)) == 7
    assert len(records_each(door)) == 1
    assert door.hotel.store.log.verify().ok


def test_a_language_that_is_none_stops_the_list_where_it_stands(door: StaffDoor) -> None:
    lines = [*people("a", "b", "c", "d"), *people("e", language="no language"), *people("f")]
    with pytest.raises(EvidenceNotAccepted, match="language"):
        file(door, lines)
    assert agreed(door) == ["sub_a", "sub_b", "sub_c", "sub_d"]
    assert records_each(door) == {len(door.hotel.store.evidence.about(SubjectId("sub_a")))}
    assert door.hotel.store.evidence.about(SubjectId("sub_e")) == ()


def test_a_line_that_isnt_one_stops_the_list_where_it_stands(door: StaffDoor, tmp_path: Path) -> None:
    path = tmp_path / "consents.csv"
    path.write_text(
        "subject,age_band,language\nsub_a,adult,en\nsub_b,adult,en\nsub_c,old,en\nsub_d,adult,en\n"
    )
    with pytest.raises(ConsentListInvalid, match="Line 4"):
        file(door, read_consents(path))
    assert agreed(door) == ["sub_a", "sub_b"]
