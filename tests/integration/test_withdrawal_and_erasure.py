"""Over random deployments: a withdrawn consent leaves no way to a permit and nothing that was kept on it, an
erased person leaves no byte.

What is random: the country, how many people come, what each says and how old they are, who withdraws, who is
erased, for one purpose or all, who withdraws before and who after a permit, and when a backup is made.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audited_desk import Audited, audited_desk
from byte_scan import files_below, name_markers, scan
from cases_rights import OFFICER, Rights, rights_of
from countenance.authority import DEMO_JURISDICTIONS, RefusedByRule
from countenance.cases import KeptOnConsent, check_certificate
from countenance.cases.bases import is_consent
from countenance.kernel import Door, EvidenceError, Passage, PurposeId, SubjectId, new_id
from countenance.release import PackReport, check_store, export_pack, rule_texts, verify_pack
from countenance.store import (
    BackupRecord,
    JournaledBackup,
    SealKeyDestroyed,
    Store,
    key_provider,
    restore_backup,
)
from front_desk import DOCUMENT, FrontDesk, front_desk, new_desk
from held_people import keep

PERSON = st.fixed_dictionaries(
    {
        "age_band": st.sampled_from(["adult", "14-17", "under14"]),
        "consents": st.booleans(),
        "signed": st.booleans(),
        "comes_again": st.integers(0, 2),
        "asks_first": st.booleans(),
        "waits": st.integers(0, 50),
    }
)
DEPLOYMENTS = st.fixed_dictionaries(
    {
        "jurisdiction": st.sampled_from(DEMO_JURISDICTIONS),
        "people": st.lists(PERSON, min_size=1, max_size=4),
    }
)


def come(hotel: FrontDesk, subject: SubjectId, said: dict[str, object]) -> None:
    """A person says what they say, once or again."""
    for _ in range(1 + int(str(said["comes_again"]))):
        hotel.welcome(
            subject=subject,
            consents=bool(said["consents"]),
            age_band=str(said["age_band"]),
            signed=bool(said["signed"]),
        )


def permitted(hotel: FrontDesk, subject: SubjectId) -> bool:
    try:
        hotel.grant(hotel.request(subject=subject))
    except RefusedByRule:
        return False
    return True


@settings(max_examples=40, deadline=None)
@given(deployment=DEPLOYMENTS)
def test_withdrawing_leaves_no_path_to_a_permit(
    deployment: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No door opens under what was given before, and nothing that is asked afterwards is permitted.

    All that is asked: every operation of the vocabulary, at each place, from each device.
    """
    with front_desk(tmp_path_factory.mktemp("w"), jurisdiction=str(deployment["jurisdiction"])) as hotel:
        people = deployment["people"]
        assert isinstance(people, list)
        for said in people:
            subject = SubjectId(new_id("sub"))
            come(hotel, subject, said)
            request = hotel.request(subject=subject)
            before = None
            if permitted(hotel, subject):
                before = hotel.grant(request)
                hotel.wait(timedelta(seconds=int(said["waits"])))
            if not said["consents"]:
                assert before is None
                continue
            hotel.desk.withdraw_consent(subject=subject, purpose=hotel.site.purpose, by="clerk")
            if before is not None:
                with pytest.raises(EvidenceError):
                    hotel.desk.verifier.admit(
                        before.token, Passage(Door.CAPTURE, "capture", request, DOCUMENT)
                    )
            assert not permitted(hotel, subject)
            for place in (hotel.site.place, hotel.site.guest_room):
                for device in (hotel.site.desk_device, hotel.site.room_device):
                    asked = hotel.request(subject=subject, place=place, device=device)
                    with pytest.raises(RefusedByRule):
                        hotel.grant(asked)


def test_the_withdrawal_test_would_notice() -> None:
    """The people of the test above are permitted before they withdraw: else it would show nothing."""
    import tempfile  # noqa: PLC0415

    for jurisdiction in DEMO_JURISDICTIONS:
        with (
            tempfile.TemporaryDirectory() as root,
            front_desk(Path(root), jurisdiction=jurisdiction) as hotel,
        ):
            subject = SubjectId(new_id("sub"))
            hotel.welcome(subject=subject, signed=True)
            assert permitted(hotel, subject)


KEPT = st.lists(
    st.fixed_dictionaries(
        {
            "decisions": st.integers(0, 2),
            "other_decisions": st.integers(0, 1),
            "comes_again": st.integers(0, 1),
            "withdraws": st.booleans(),
            "again": st.booleans(),
        }
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=20, deadline=None)
@given(jurisdiction=st.sampled_from(DEMO_JURISDICTIONS), people=KEPT)
def test_after_a_withdrawal_nothing_that_was_kept_on_it_can_be_opened(
    jurisdiction: str, people: list[dict[str, object]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Nothing but the proof of the consent itself; neither here nor in a backup from before.

    The other person, and the same person's other purpose, aren't touched.
    """
    root = tmp_path_factory.mktemp("k")
    other = PurposeId("pur_other")
    with front_desk(root, jurisdiction=jurisdiction) as hotel:
        rights = rights_of(hotel, root / "journal")
        keeper = KeptOnConsent(store=hotel.store, erasures=rights.erasures, clock=hotel.clock)
        desk = new_desk(hotel.store, hotel.clock, listeners=(keeper,))
        held = []
        for said in people:
            subject = SubjectId(new_id("sub"))
            come(hotel, subject, {"consents": True, "age_band": "adult", "signed": True, **said})
            # Statements about how it was asked count as the consent's own; what the person is doesn't.
            mine = keep(hotel.store, subject, hotel.site.purpose, records=0,
                        decisions=int(str(said["decisions"])))  # fmt: skip
            theirs = keep(hotel.store, subject, other, decisions=int(str(said["other_decisions"])))
            sealed = [hotel.store.decisions.get(one).sealed for one in mine.decisions]
            held.append((subject, said, mine, theirs, sealed))
        back_up(rights, root)
        for subject, said, mine, _, _ in held:
            if not said["withdraws"]:
                continue
            done = desk.withdraw_consent(subject=subject, purpose=hotel.site.purpose, by="clerk")
            (certificate,) = done.certificates
            claims = check_certificate(certificate).claims
            assert claims["erased"]["decisions"] == len(mine.decisions)
            assert claims["files"]["found"] == 0
            if said["again"]:
                assert not desk.withdraw_consent(
                    subject=subject, purpose=hotel.site.purpose, by="clerk"
                ).certificates
            assert not permitted(hotel, subject)
        for subject, said, mine, theirs, sealed in held:
            check_kept(hotel.store, hotel.site.purpose, subject, sealed, gone=bool(said["withdraws"]))
            files = {file.purpose: file for file in hotel.store.retention.file_of(subject)}
            assert len(files[other].decisions) == len(theirs.decisions)
            assert hotel.store.log.entry(mine.statements[0]).entry is not None, "the log keeps its proof"
        assert hotel.store.log.verify().ok
        assert hotel.store.check_records() == ()
        assert hotel.store.population.fits()
    provider = key_provider(f"file:{root / 'root.key'}")
    restore_backup(root / "backup", folder=root / "again", journal=root / "journal", key_provider=provider,
                   clock=hotel.clock)  # fmt: skip
    with Store.open(root / "again", key_provider=provider, clock=hotel.clock) as again:
        for subject, said, _, _, sealed in held:
            check_kept(again, hotel.site.purpose, subject, sealed, gone=bool(said["withdraws"]))
        assert again.log.verify().ok
        assert again.check_records() == ()


def check_kept(
    store: Store, purpose: PurposeId, subject: SubjectId, sealed: list[bytes], *, gone: bool
) -> None:
    file = next((each for each in store.retention.file_of(subject) if each.purpose == purpose), None)
    if gone and file is not None:
        assert not file.decisions
        assert all(is_consent(record) and record.withdrawn_at is not None for record in file.records)
    if not gone:
        assert file is not None
        assert len(file.decisions) == len(sealed)
    for blob in sealed:
        if gone:
            with pytest.raises(SealKeyDestroyed):
                store.vault.open(subject, purpose, blob, context={"record": "decision"})
        else:
            assert store.vault.open(subject, purpose, blob, context={"record": "decision"})


def mentions(folder: Path, subject: SubjectId) -> list[str]:
    """Return table and index of every cell that names a person, and every file with such bytes."""
    found = []
    with closing(sqlite3.connect(folder / "countenance.db")) as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in database.execute(f"SELECT * FROM {table}"):  # noqa: S608 - names of our own tables
                found += [table for cell in row if subject in str(cell)]
    return found + scan(files_below(folder), name_markers([subject]))


ERASURES = st.lists(
    st.fixed_dictionaries(
        {
            "records": st.integers(0, 3),
            "decisions": st.integers(0, 2),
            "consents": st.booleans(),
            "erased": st.sampled_from(["before", "after", "no"]),
            "whole": st.booleans(),
        }
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25, deadline=None)
@given(jurisdiction=st.sampled_from(DEMO_JURISDICTIONS), people=ERASURES)
def test_erasing_leaves_nothing_and_a_backup_brings_nobody_back(
    jurisdiction: str, people: list[dict[str, object]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("e")
    with front_desk(root, jurisdiction=jurisdiction) as hotel:
        rights = rights_of(hotel, root / "journal")
        held = [(SubjectId(new_id("sub")), said) for said in people]
        for subject, said in held:
            hotel.welcome(subject=subject, consents=bool(said["consents"]))
            permitted(hotel, subject)
            keep(hotel.store, subject, hotel.site.purpose, records=int(str(said["records"])),
                 decisions=int(str(said["decisions"])))  # fmt: skip
            assert mentions(hotel.folder, subject), "there is something to find"
        erase(rights, held, "before")
        back_up(rights, root)
        erase(rights, held, "after")
        for subject, said in held:
            assert bool(mentions(hotel.folder, subject)) is (said["erased"] == "no")
            assert not (said["erased"] != "no" and permitted_then_erased(rights, subject))
        assert hotel.store.log.verify().ok
        assert hotel.store.check_records() == ()
    restored = restore_backup(
        root / "backup",
        folder=root / "again",
        journal=root / "journal",
        key_provider=key_provider(f"file:{root / 'root.key'}"),
        clock=hotel.clock,
    )
    assert restored.log_size > 0
    provider = key_provider(f"file:{root / 'root.key'}")
    with Store.open(root / "again", key_provider=provider, clock=hotel.clock) as again:
        for subject, said in held:
            assert bool(mentions(root / "again", subject)) is (said["erased"] == "no")
            assert bool(again.retention.file_of(subject)) is (said["erased"] == "no")
        assert again.log.verify().ok
        assert again.check_records() == ()


def erase(rights: Rights, held: list[tuple[SubjectId, dict[str, object]]], when: str) -> None:
    for subject, said in held:
        if said["erased"] != when:
            continue
        if said["whole"]:
            done = rights.erasures.erase(subject, None, author=OFFICER)
            assert done.finished
            continue
        # One purpose after the other comes to the same.
        for file in rights.hotel.store.retention.file_of(subject):
            rights.erasures.erase(subject, file.purpose, author=OFFICER)


def permitted_then_erased(rights: Rights, subject: SubjectId) -> bool:
    """Ask for a permit for somebody who was erased; the refusal's own trace is erased as well."""
    granted = permitted(rights.hotel, subject)
    rights.erasures.erase(subject, None, author=OFFICER)
    return granted


def back_up(rights: Rights, root: Path) -> None:
    store, now = rights.hotel.store, rights.hotel.clock.now()
    last_day = now.date() + timedelta(days=30)
    backup = BackupRecord(new_id("bak"), now, last_day)
    with store.together():
        store.backups.add(backup)
        rights.journal.backed_up(JournaledBackup(backup.backup_id, now, last_day))
    store.back_up(root / "backup", backup)


def test_an_auditor_finds_nothing_amiss_after_a_withdrawal(tmp_path: Path) -> None:
    """Neither in the store nor in a pack: what went is accounted for, the other decision is proved.

    One record more that is missing, of whomever, and nothing is excused.
    """
    with audited_desk(tmp_path, guests=2) as audited:
        hotel = audited.hotel
        rights = rights_of(hotel, tmp_path / "journal")
        keeper = KeptOnConsent(store=hotel.store, erasures=rights.erasures, clock=hotel.clock)
        desk = new_desk(hotel.store, hotel.clock, listeners=(keeper,))
        before = len(hotel.store.decisions.all_ids())
        done = desk.withdraw_consent(subject=SubjectId("sub_guest0"), purpose=hotel.site.purpose, by="clerk")
        assert check_certificate(done.certificates[0]).claims["erased"]["decisions"] == 1
        assert check_store(hotel.store, witnessed=[audited.checkpoint]) == ()
        report = report_on(audited)
        assert report.findings == ()
        assert report.unreached == 1
        (proof,) = report.decisions
        assert (len(report.decisions), proof.unreached) == (before - 1, False)
        assert "was permitted by these rules" in proof.words

        (other,) = hotel.store.retention.file_of(SubjectId("sub_guest1"))
        with closing(sqlite3.connect(hotel.folder / "countenance.db")) as database:
            named = (other.records[0].evidence_id,)
            database.execute("DELETE FROM evidence WHERE evidence_id = ?", named)
            database.commit()
        assert {one.code.value for one in check_store(hotel.store)} == {"record-missing"}
        report = report_on(audited)
        assert report.unreached == 0
        assert "verdict-differs" in {one.code.value for one in report.findings}


def test_a_decision_whose_consent_has_run_out_is_not_called_proved(tmp_path: Path) -> None:
    with audited_desk(tmp_path, guests=1) as audited:
        rights = rights_of(audited.hotel, tmp_path / "journal")
        audited.hotel.withdraw("retention_until")
        audited.hotel.wait(timedelta(hours=2))
        assert rights.sweeper.sweep().records
        report = report_on(audited)
        assert report.findings == ()
        (proof,) = report.decisions
        assert (proof.unreached, proof.to_json()["holds"], report.unreached) == (True, False, 1)
        assert "records that it rested on are gone" in proof.words


def report_on(audited: Audited) -> PackReport:
    pack = export_pack(audited.hotel.store, rule_texts=rule_texts(None), cosigned=[audited.checkpoint])
    return verify_pack(pack, key=audited.key, witnesses=[audited.witness.key])
