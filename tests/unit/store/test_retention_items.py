"""What is held about people is listed with its times, and how late it has been is remembered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from countenance.kernel import FixedClock, PurposeId, SubjectId
from countenance.store import UNBOUND, RecordTampered, RetentionState, Store
from held_people import NOON, keep

CHECKIN, ACCESS = PurposeId("pur_checkin"), PurposeId("pur_access")
ANN, BEN = SubjectId("sub_ann"), SubjectId("sub_ben")
LONG_AGO = NOON - timedelta(days=400)
Sql = Callable[..., list[tuple[object, ...]]]


def test_a_file_lists_what_is_held_for_each_purpose(store: Store) -> None:
    held = keep(store, ANN, CHECKIN, records=2, decisions=1, statements=2)
    keep(store, ANN, UNBOUND, decisions=0, statements=0)
    keep(store, BEN, CHECKIN)
    checkin, unbound = store.retention.file_of(ANN)
    assert (checkin.purpose, unbound.purpose) == (CHECKIN, UNBOUND)
    assert {r.evidence_id for r in checkin.records} == {r.evidence_id for r in held.records}
    assert [d.decision_id for d in checkin.decisions] == list(held.decisions)
    assert checkin.last_statement == held.statements[-1]
    assert unbound.last_statement is None
    assert store.retention.file_of(SubjectId("sub_nobody")) == ()


def test_a_statement_says_when(store: Store) -> None:
    held = keep(store, ANN, CHECKIN)
    assert store.retention.statement_time(held.statements[0]) == NOON
    store.erasures.erase(ANN, None)
    assert store.retention.statement_time(held.statements[0]) is None


@pytest.mark.parametrize(
    ("hours", "older_than", "found"),
    [(0, LONG_AGO, set()), (2, LONG_AGO, {ANN}), (0, NOON, {ANN, BEN})],
    ids=["nothing is over", "a consent ran out", "everything is old"],
)
def test_candidates_are_what_may_have_to_go(
    store: Store, hours: int, older_than: datetime, found: set[SubjectId]
) -> None:
    keep(store, ANN, CHECKIN)
    keep(store, BEN, CHECKIN, valid_for=None)
    now = NOON + timedelta(hours=hours)
    candidates = store.retention.candidates(now, older_than=older_than, statements_before=0, most=10)
    assert {one.subject for one in candidates} == found


def test_who_has_log_statements_alone_is_a_candidate(store: Store) -> None:
    held = keep(store, ANN, CHECKIN, records=0, decisions=0)
    for before, found in ((held.statements[0], []), (held.statements[0] + 1, [ANN])):
        candidates = store.retention.candidates(NOON, older_than=LONG_AGO, statements_before=before, most=10)
        assert [one.subject for one in candidates] == found


def test_statements_are_counted_by_their_time(store: Store, clock: FixedClock) -> None:
    for number in range(12):
        clock.move_to(NOON + timedelta(minutes=number))
        keep(store, SubjectId(f"sub_{number}"), CHECKIN, records=0, decisions=0)
    for erased in ("sub_3", "sub_4"):
        store.erasures.erase(SubjectId(erased), None)
    assert store.retention.statements_before(NOON) == 0
    assert store.retention.statements_before(NOON + timedelta(minutes=8)) == 8
    assert store.retention.statements_before(NOON + timedelta(hours=8)) == store.log.size()


def test_there_are_at_most_so_many(store: Store) -> None:
    for number in range(5):
        keep(store, SubjectId(f"sub_{number}"), CHECKIN, records=0, decisions=0)
    candidates = store.retention.candidates(
        NOON, older_than=LONG_AGO, statements_before=store.log.size(), most=3
    )
    assert len(candidates) == 3
    rest = store.retention.candidates(
        NOON,
        older_than=LONG_AGO,
        statements_before=store.log.size(),
        most=3,
        after=candidates[-1].key_id,
    )
    assert len({one.subject for one in (*candidates, *rest)}) == 5


def test_a_row_edited_by_hand_is_left_out_and_counted(store: Store, sql: Sql) -> None:
    keep(store, ANN, CHECKIN)
    sql("UPDATE evidence SET valid_until = '2020-01-01T00:00:00.000000Z'")
    (file,) = store.retention.file_of(ANN)
    assert (file.records, file.tampered) == ((), 1)


def test_how_late_it_has_been_is_remembered(store: Store, sql: Sql) -> None:
    assert store.retention.state() is None
    for hours in (0, 1):
        state = RetentionState(NOON + timedelta(hours=hours), NOON)
        store.retention.remember(state)
        assert store.retention.state() == state
    sql("UPDATE retention_state SET floor = '2020-01-01T00:00:00.000000Z'")
    with pytest.raises(RecordTampered):
        store.retention.state()
