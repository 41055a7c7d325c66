"""Many people: left out with why, gone on with after a stop, in flat memory."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from countenance.authority import UnknownPlace
from countenance.enrolment import (
    BulkEnrolment,
    ConsentListInvalid,
    PeopleListInvalid,
    import_consents,
    people_in_folder,
    people_in_list,
    read_consents,
    report_document,
    report_page,
)
from countenance.kernel import PlaceId
from staff_door import RULE, StaffDoor, face_at


def bulk(door: StaffDoor, **changes: object) -> BulkEnrolment:
    fields: dict[str, object] = {
        "desk": door.desk,
        "read": Path.read_bytes,
        "purpose": door.door.purpose,
        "place": door.door.place,
        "device": door.door.device,
        "error_target": 1e-4,
    }
    return BulkEnrolment(**(fields | changes))  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ann, Ben who is close to her, Cid who didn't agree, Dan without a picture, and a name."""
    root = tmp_path / "people"
    faces = {"sub_ann": (0.0, 0.1), "sub_ben": (0.5,), "sub_cid": (2.0,), "sub_dan": (), "A_Name": (1.0,)}
    for place, (name, angles) in enumerate(faces.items()):
        (root / name).mkdir(parents=True)
        for number, angle in enumerate(angles):
            (root / name / f"{number}.png").write_bytes(face_at(angle, seed=10 * place + number))
    return root


def test_who_was_left_out_is_reported_with_why(door: StaffDoor, folder: Path) -> None:
    for subject in ("sub_ann", "sub_ben", "sub_dan"):
        door.agree(subject)
    report = bulk(door).run(people_in_folder(folder))
    assert (report.tally.seen, report.tally.enrolled, report.tally.left_out) == (5, 1, 4)
    assert [(one.subject, one.code) for one in report.left_out] == [
        (None, "not-a-pseudonym"),
        ("sub_ben", "close-to-another"),
        ("sub_cid", "refused-by-rule"),
        ("sub_dan", "no-picture"),
    ]
    assert report.left_out[2].rules
    assert report.close_by_chance == pytest.approx(RULE.fmr)
    document, page = report_document(report), report_page(report)
    assert document["why_left_out"] == dict.fromkeys(
        ("not-a-pseudonym", "close-to-another", "refused-by-rule", "no-picture"), 1
    )
    assert "A_Name" not in page + str(document)
    assert "sub_ben" in page
    assert "http" not in page


def test_a_second_run_goes_on_where_the_first_was_stopped(door: StaffDoor, folder: Path) -> None:
    door.agree("sub_ann")
    seen: list[int] = []

    class Stopped(Exception):
        pass

    def stop(tally: object) -> None:
        seen.append(1)
        if len(seen) == 2:
            raise Stopped

    with pytest.raises(Stopped):
        bulk(door).run(people_in_folder(folder), moved=stop)
    door.agree("sub_cid")
    report = bulk(door).run(people_in_folder(folder))
    assert (report.tally.already, report.tally.enrolled) == (1, 1)
    assert door.gallery.count(door.door.purpose) == 2


def test_what_stops_everybody_stops_the_run(door: StaffDoor, folder: Path) -> None:
    door.agree("sub_ann")
    with pytest.raises(UnknownPlace):
        bulk(door, place=PlaceId("plc_nowhere")).run(people_in_folder(folder))


def test_no_more_pictures_are_used_than_allowed(door: StaffDoor, folder: Path) -> None:
    door.agree("sub_ann")
    report = bulk(door, most_samples=1).run(people_in_folder(folder))
    assert report.tally.pictures == 1
    with pytest.raises(ValueError, match="at least one sample"):
        bulk(door, most_samples=0)


def test_a_list_names_files_below_its_own_folder(folder: Path) -> None:
    path = folder / "people.csv"
    path.write_text("subject,file\nsub_ann,sub_ann/0.png\nsub_ann,sub_ann/1.png\nsub_ben,sub_ben/0.png\n")
    people = list(people_in_list(path))
    assert [(one.number, one.subject, len(one.files)) for one in people] == [
        (2, "sub_ann", 2),
        (4, "sub_ben", 1),
    ]


@pytest.mark.parametrize(
    "text", ["who,file\na,b\n", "subject,file\nsub_a,../../secret.png\n", "subject,file\nsub_a,\n"]
)
def test_a_list_that_isnt_one_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text(text)
    with pytest.raises(PeopleListInvalid) as refused:
        list(people_in_list(path))
    assert "secret" not in refused.value.diagnostics()


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(PeopleListInvalid):
            list(people_in_folder(path))


def test_consents_are_filed_once_and_count(door: StaffDoor, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "consents.csv"
    path.write_text("subject,age_band,language\nsub_ann,adult,en\nsub_cid,adult,en\n")

    def file() -> tuple[int, int]:
        done = import_consents(
            door.hotel.desk,
            read_consents(path),
            place=door.door.place,
            purpose=door.door.purpose,
            stated_by="officer",
            valid_for=timedelta(days=30),
        )
        return done.filed, done.already

    assert (file(), file()) == ((2, 0), (0, 2))
    assert {one.author for one in door.hotel.on_file("consent.record")} == {"officer"}
    assert bulk(door).run(people_in_folder(folder)).tally.enrolled == 2


@pytest.mark.parametrize("line", ["A Name,adult,en", "sub_a,old,en", "sub_a,adult,"])
def test_a_consent_that_isnt_complete_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "consents.csv"
    path.write_text(f"subject,age_band,language\n{line}\n")
    with pytest.raises(ConsentListInvalid, match="Line 2"):
        list(read_consents(path))
