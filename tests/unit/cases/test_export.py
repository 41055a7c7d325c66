"""Everything about a person, in a shape that a program and a person can read."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from cases_rights import OFFICER, Rights
from countenance.authority import Author, Role, RoleMayNot
from countenance.cases import ExportNotWritten, SubjectExport, write_export
from countenance.kernel import PurposeId, SubjectId
from countenance.store import SubjectNotOnFile
from front_desk import GUEST, NOON
from held_people import keep

OTHER = PurposeId("pur_other")


def test_everything_is_in_it(rights: Rights) -> None:
    records = rights.hotel.welcome()
    rights.hotel.grant()
    held = keep(rights.hotel.store, GUEST, OTHER, records=2, decisions=2)
    rights.holds.place(GUEST, ground="court order 7", until=NOON + timedelta(days=3), author=OFFICER)
    keep(rights.hotel.store, SubjectId("sub_somebodyelse"), OTHER)
    export = rights.exporter.export(GUEST, author=OFFICER)
    filed = {record.evidence_id for record in (*records, *held.records)}
    assert {one.record for one in export.records} == filed
    assert {one.decision for one in export.decisions} == set(held.decisions)
    assert {"verdict", "evidence-recorded", "hold-placed", "subject-exported"} <= {
        one.kind for one in export.statements
    }
    assert set(export.purposes) == {OTHER, rights.purpose, "pur_unbound"}
    assert {one.item for one in export.timers} == filed | set(held.decisions)
    assert all(one.due and one.by for one in export.timers)
    assert [one.ground for one in export.holds] == ["court order 7"]
    assert export.templates == ()
    assert "sub_somebodyelse" not in export.model_dump_json()


def test_it_is_read_back_by_its_schema(rights: Rights, tmp_path: Path) -> None:
    rights.hotel.welcome()
    export = rights.exporter.export(GUEST, author=OFFICER)
    data, schema, page = write_export(export, tmp_path / "out")
    assert SubjectExport.model_validate_json(data.read_text()) == export
    assert set(json.loads(schema.read_text())["properties"]) == set(json.loads(data.read_text()))
    for path in (data, schema, page):
        assert path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700


def test_the_page_has_it_in_words_and_runs_nothing(rights: Rights, tmp_path: Path) -> None:
    rights.hotel.welcome()
    keep(rights.hotel.store, GUEST, OTHER)
    rights.holds.place(GUEST, ground="<script>x</script>", until=NOON + timedelta(days=3), author=OFFICER)
    page = write_export(rights.exporter.export(GUEST, author=OFFICER), tmp_path / "out")[2].read_text()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    for words in (GUEST, "consent.record", "goes by 2026-11-22 13:00", "own-validity", "score"):
        assert words in page


def test_it_is_logged_under_the_persons_key(rights: Rights) -> None:
    rights.hotel.welcome()
    rights.exporter.export(GUEST, author=OFFICER)
    assert ("subject-exported", {"by": "officer"}) in rights.hotel.log_entries()


@pytest.mark.parametrize("role", Role)
def test_who_may_export(rights: Rights, role: Role) -> None:
    rights.hotel.welcome()
    if role in (Role.OFFICER, Role.SUBJECT):
        assert rights.exporter.export(GUEST, author=Author(role)).subject == GUEST
    else:
        with pytest.raises(RoleMayNot):
            rights.exporter.export(GUEST, author=Author(role))


def test_nothing_is_exported_of_nobody_and_nobody_gets_a_key(rights: Rights) -> None:
    nobody = SubjectId("sub_nobody")
    with pytest.raises(SubjectNotOnFile):
        rights.exporter.export(nobody, author=OFFICER)
    assert rights.hotel.store.retention.file_of(nobody) == ()


def test_a_folder_that_is_there_is_not_written_into(rights: Rights, tmp_path: Path) -> None:
    rights.hotel.welcome()
    export = rights.exporter.export(GUEST, author=OFFICER)
    (tmp_path / "out").mkdir()
    with pytest.raises(ExportNotWritten):
        write_export(export, tmp_path / "out")
    with pytest.raises(ExportNotWritten):
        write_export(export, tmp_path / "missing" / "out")
