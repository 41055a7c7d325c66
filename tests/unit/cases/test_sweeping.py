"""What has to go goes, by its rule; a hold, a clock and a restart change that only as they should."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases_rights import OFFICER, Rights, rights_of
from countenance.cases import ClockJumped
from countenance.cases.sweeping import DECISION_SETTING
from countenance.kernel import PurposeId, SubjectId, new_id
from countenance.store import UNBOUND, EvidenceRecord, EvidenceScope, Issuer
from front_desk import GUEST, NOON, front_desk
from held_people import keep

OTHER = PurposeId("pur_other")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def go_on(rights: Rights, days: int) -> None:
    """Let days pass, with a sweep now and then, so that the clock never jumps."""
    while days > 0:
        step = min(days, 30)
        rights.hotel.wait(step * DAY)
        rights.sweeper.sweep()
        days -= step


def test_a_consent_goes_when_it_has_run_out(rights: Rights) -> None:
    keep(rights.hotel.store, GUEST, OTHER, decisions=0, statements=0)
    assert rights.sweeper.sweep().records == 0
    rights.hotel.wait(HOUR)
    swept = rights.sweeper.sweep()
    assert (swept.records, swept.decisions, swept.people) == (1, 0, 1)
    assert swept.by_rule == {"own-validity": 1}
    assert rights.hotel.store.retention.file_of(GUEST) == ()


def test_a_decision_goes_after_the_setting(rights: Rights) -> None:
    keep(rights.hotel.store, GUEST, OTHER, records=0, statements=0)
    go_on(rights, 179)
    assert len(rights.hotel.store.decisions.all_ids()) == 1
    rights.hotel.wait(DAY)
    assert rights.sweeper.sweep().by_rule == {DECISION_SETTING: 1}
    assert rights.hotel.store.decisions.all_ids() == ()


def test_an_officers_term_that_is_shorter_counts(rights: Rights) -> None:
    for purpose, days in ((OTHER, 10), (PurposeId("pur_third"), 400)):
        rights.hotel.desk.record_evidence(
            key="retention_until",
            content={"keeps": "sealed decisions", "days": days, "counted_from": "the act"},
            author="officer",
            scope=EvidenceScope(purpose=purpose),
        )
        keep(rights.hotel.store, GUEST, purpose, records=0)
    rights.hotel.wait(10 * DAY)
    swept = rights.sweeper.sweep()
    assert swept.decisions == 1
    assert [name.split()[0] for name in swept.by_rule] == ["retention_until"]
    assert len(rights.hotel.store.decisions.all_ids()) == 1


def test_a_rule_in_numbers_counts_where_its_place_is(tmp_path: Path) -> None:
    """Illinois: three years after the last contact, whatever the operator would like."""
    with front_desk(tmp_path, jurisdiction="US/IL") as hotel:
        rights = rights_of(hotel, tmp_path / "journal")
        keep(hotel.store, GUEST, OTHER, decisions=0, statements=0, valid_for=None)
        (held,) = rights.sweeper.timers(GUEST)
        assert held.timer.names == ("US-BIPA-15a",)
        assert held.timer.due == NOON.replace(year=2029)


def test_a_withdrawn_consent_takes_the_decisions_with_it(rights: Rights) -> None:
    rights.hotel.welcome()
    keep(rights.hotel.store, GUEST, rights.purpose, records=0)
    rights.hotel.desk.withdraw_consent(subject=GUEST, purpose=rights.purpose, by="clerk")
    swept = rights.sweeper.sweep()
    assert swept.decisions == 1
    assert swept.by_rule["consent-withdrawn"] == 1
    assert swept.records > 0


def test_what_the_log_says_stays_for_its_least_time(rights: Rights) -> None:
    """AI Act, Art 26(6): logs are kept for six months. Then the person's key goes, and the leaf stays."""
    held = keep(rights.hotel.store, GUEST, OTHER, decisions=0)
    go_on(rights, 183)
    assert rights.hotel.store.log.entry(held.statements[0]).entry is not None
    go_on(rights, 2)
    assert rights.hotel.store.log.entry(held.statements[0]).entry is None
    assert rights.hotel.store.retention.file_of(GUEST) == ()
    assert rights.hotel.store.log.verify().ok
    assert len(rights.journal.read().keys) == 1


def test_a_hold_keeps_and_its_end_lets_go(rights: Rights) -> None:
    keep(rights.hotel.store, GUEST, OTHER, decisions=0, statements=0)
    rights.holds.place(GUEST, ground="court order 7", until=NOON + 2 * DAY, author=OFFICER)
    rights.hotel.wait(DAY)
    swept = rights.sweeper.sweep()
    assert (swept.records, swept.held) == (0, 1)
    rights.hotel.wait(DAY)
    assert rights.sweeper.sweep().records == 1


def test_a_clock_set_back_extends_nothing(rights: Rights) -> None:
    keep(rights.hotel.store, GUEST, OTHER, decisions=0, statements=0, valid_for=2 * HOUR)
    rights.hotel.wait(HOUR)
    first = rights.sweeper.sweep()
    keep(rights.hotel.store, SubjectId("sub_late"), OTHER, decisions=0, statements=0, valid_for=HOUR)
    rights.hotel.clock.move_to(NOON - 30 * DAY)
    swept = rights.sweeper.sweep()
    assert swept.at == first.at
    assert swept.records == 1
    state = rights.hotel.store.retention.state()
    assert state is not None
    assert state.floor == first.at


def test_a_clock_that_jumps_ahead_asks_and_deletes_nothing(rights: Rights) -> None:
    keep(rights.hotel.store, GUEST, OTHER, decisions=0)
    rights.sweeper.sweep()
    rights.hotel.wait(36 * DAY)
    for confirmed in (None, date(2026, 11, 22), date(2027, 12, 28)):
        with pytest.raises(ClockJumped, match="36 days"):
            rights.sweeper.sweep(confirmed=confirmed)
    assert len(rights.hotel.store.evidence.about(GUEST)) == 1
    assert rights.sweeper.sweep(confirmed=date(2026, 12, 28)).records == 1
    assert rights.sweeper.sweep().records == 0


def test_a_restart_goes_on_where_it_stopped(rights: Rights, tmp_path: Path) -> None:
    rights.sweeper.sweep()
    rights.hotel.wait(36 * DAY)
    again = rights_of(rights.hotel, tmp_path / "journal")
    with pytest.raises(ClockJumped):
        again.sweeper.sweep()


def test_what_was_edited_by_hand_is_counted_and_stays(rights: Rights) -> None:
    import sqlite3  # noqa: PLC0415 - past the store, as somebody with the disk could
    from contextlib import closing  # noqa: PLC0415

    keep(rights.hotel.store, GUEST, OTHER, decisions=0, statements=0)
    with closing(sqlite3.connect(rights.hotel.folder / "countenance.db")) as database, database:
        database.execute(
            "UPDATE evidence SET valid_until = '2020-01-01T00:00:00.000000Z' WHERE subject = ?", (GUEST,)
        )
    swept = rights.sweeper.sweep()
    assert (swept.tampered, swept.records, swept.people) == (1, 0, 0)


def test_records_of_no_one_purpose_go_too(rights: Rights) -> None:
    keep(rights.hotel.store, GUEST, UNBOUND, decisions=0, statements=0)
    rights.hotel.wait(HOUR)
    assert rights.sweeper.sweep().people == 1


def test_records_about_nobody_stay(rights: Rights) -> None:
    store = rights.hotel.store
    store.evidence.add(
        EvidenceRecord.make(
            key="notice",
            content={"a": 1},
            author="officer",
            issuer=Issuer.PERSON,
            recorded_at=NOON,
            valid_until=NOON + HOUR,
        )
    )
    before = len(store.evidence.at(NOON))
    rights.hotel.wait(HOUR)
    rights.sweeper.sweep()
    assert len(store.evidence.at(NOON)) == before


@settings(max_examples=15, deadline=None)
@given(
    people=st.lists(
        st.tuples(st.integers(0, 200), st.integers(0, 2), st.integers(0, 72), st.booleans()),
        min_size=1,
        max_size=6,
    ),
    wait=st.integers(0, 34 * 24),
)
def test_after_a_sweep_nothing_is_left_whose_time_is_over(
    people: list[tuple[int, int, int, bool]], wait: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Random files, swept once: by their own timers, nothing that is left is over, nothing else is gone."""
    root = tmp_path_factory.mktemp("random")
    with front_desk(root) as hotel:
        rights = rights_of(hotel, root / "journal")
        expected = {}
        for age, decisions, hours, held in people:
            subject = SubjectId(new_id("sub"))
            keep(hotel.store, subject, OTHER, decisions=decisions, at=NOON - age * DAY,
                 valid_for=timedelta(hours=hours + 1))  # fmt: skip
            if held:
                rights.holds.place(subject, ground="a ground", until=NOON + 60 * DAY, author=OFFICER)
            expected[subject] = held
        hotel.wait(timedelta(hours=wait))
        now = hotel.clock.now()
        before = {subject: rights.sweeper.timers(subject) for subject in expected}
        rights.sweeper.sweep()
        for subject, held in expected.items():
            left = {item.item for item in rights.sweeper.timers(subject)}
            kept = {one.item for one in before[subject] if held or not one.timer.over_at(now)}
            assert left == kept
        assert hotel.store.log.verify().ok


def test_a_sweep_goes_through_everybody_however_many_are_held(
    rights: Rights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("countenance.cases.sweeping._AT_ONCE", 2)
    people = [SubjectId(f"sub_{number}") for number in range(9)]
    for person in people:
        keep(rights.hotel.store, person, OTHER, decisions=0, statements=0)
    for person in people[::2]:
        rights.holds.place(person, ground="a ground", until=NOON + DAY, author=OFFICER)
    rights.hotel.wait(HOUR)
    swept = rights.sweeper.sweep()
    assert (swept.records, swept.people, swept.held) == (4, 4, 5)
