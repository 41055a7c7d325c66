"""Statements put together once read what the session reads, typed as SQLAlchemy types it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Engine, bindparam, create_engine, event, select, union_all
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from countenance.store._models import Base, EvidenceRow, UtcTime
from countenance.store.errors import RecordTampered
from countenance.store.prepared import Prepared

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TABLE = EvidenceRow.__table__
BY_ID = Prepared(select(TABLE).where(EvidenceRow.evidence_id == bindparam("wanted")))
BEGUN = Prepared(
    select(EvidenceRow.evidence_id)
    .where(EvidenceRow.valid_from <= bindparam("moment", type_=UtcTime), EvidenceRow.key == "notice")
    .order_by(EvidenceRow.evidence_id)
)
BOTH = Prepared(
    union_all(
        *(
            select(EvidenceRow.evidence_id, EvidenceRow.valid_from).where(
                EvidenceRow.demo.is_(demo), EvidenceRow.place == bindparam("place")
            )
            for demo in (False, True)
        )
    )
)


def a_row(
    name: str, *, begins: datetime = NOON, demo: bool = False, place: str | None = "plc_a"
) -> EvidenceRow:
    return EvidenceRow(
        evidence_id=name,
        key="notice",
        place=place,
        purpose=None,
        device=None,
        subject=None,
        body=b"\x00\xff",
        content_hash="0" * 64,
        issuer="person",
        kind="evidence",
        demo=demo,
        valid_from=begins,
        valid_until=None,
        withdrawn_at=None,
        withdrawal=None,
        recorded_at=NOON,
        mac=b"m" * 32,
    )


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = create_engine("sqlite://", poolclass=StaticPool)

    def _let_go(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None

    event.listen(engine, "connect", _let_go)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        session.add_all(
            [
                a_row("evd_a"),
                a_row("evd_b", begins=NOON + timedelta(hours=1), demo=True),
                a_row("evd_c", place=None),
            ]
        )
        session.commit()
        yield session


def test_columns_are_typed_as_sqlalchemy_types_them(session: Session) -> None:
    expected = [dict(row._mapping) for row in session.execute(select(TABLE)).all()]
    assert [BY_ID.columns(session, wanted=row["evidence_id"])[0] for row in expected] == expected
    (found,) = BY_ID.columns(session, wanted="evd_b")
    assert (found["demo"], found["valid_from"], found["valid_until"]) == (
        True,
        NOON + timedelta(hours=1),
        None,
    )
    assert found["demo"] is True
    assert found["body"] == b"\x00\xff"


def test_rows_are_in_the_order_of_the_columns(session: Session) -> None:
    (row,) = BY_ID.rows(session, wanted="evd_a")
    assert row == tuple(session.execute(select(TABLE).where(EvidenceRow.evidence_id == "evd_a")).one())


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        (NOON - timedelta(microseconds=1), []),
        (NOON, ["evd_a", "evd_c"]),
        (NOON + timedelta(hours=1), ["evd_a", "evd_b", "evd_c"]),
        (datetime(2026, 11, 22, 21, tzinfo=timezone(timedelta(hours=8))), ["evd_a", "evd_b", "evd_c"]),
    ],
)
def test_what_is_bound_is_written_by_its_type(session: Session, moment: datetime, found: list[str]) -> None:
    assert [name for (name,) in BEGUN.rows(session, moment=moment)] == found


def test_a_naive_moment_is_refused(session: Session) -> None:
    with pytest.raises(ValueError, match=r"UTC|aware|zone"):
        BEGUN.rows(session, moment=NOON.replace(tzinfo=None))


def test_a_union_binds_each_name_once(session: Session) -> None:
    assert BOTH.rows(session, place="plc_a") == [("evd_a", NOON), ("evd_b", NOON + timedelta(hours=1))]
    assert BOTH.rows(session, place=None) == []


@pytest.mark.parametrize("wanted", ["' OR 1=1 --", "evd_%", "", ":wanted", "%(wanted)s"])
def test_a_value_is_never_part_of_the_text(session: Session, wanted: str) -> None:
    assert BY_ID.rows(session, wanted=wanted) == []


def test_a_value_that_is_left_out_finds_nothing(session: Session) -> None:
    assert BY_ID.rows(session) == []


def test_it_reads_what_its_session_changed_and_no_other_does_later(session: Session, engine: Engine) -> None:
    session.add(a_row("evd_d"))
    assert BY_ID.rows(session, wanted="evd_d") == [], "it flushes nothing"
    session.flush()
    assert len(BY_ID.rows(session, wanted="evd_d")) == 1
    session.rollback()
    with Session(engine) as later:
        assert BY_ID.rows(later, wanted="evd_d") == []


def test_it_makes_no_objects(session: Session) -> None:
    session.expunge_all()
    BY_ID.columns(session, wanted="evd_a")
    assert not session.identity_map


def test_an_altered_time_is_named(session: Session) -> None:
    session.connection().exec_driver_sql(
        "UPDATE evidence SET valid_from = 'noon' WHERE evidence_id = 'evd_a'"
    )
    with pytest.raises(RecordTampered, match="time"):
        BY_ID.rows(session, wanted="evd_a")


def test_a_damaged_statement_shows_as_the_drivers_error(session: Session) -> None:
    session.connection().exec_driver_sql("DROP TABLE evidence")
    with pytest.raises(sqlite3.OperationalError):
        BY_ID.rows(session, wanted="evd_a")


def test_another_database_is_read_through_sqlalchemy(
    session: Session, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = BY_ID.columns(session, wanted="evd_b"), BEGUN.rows(session, moment=NOON)
    session.rollback()
    monkeypatch.setattr(engine.dialect, "name", "another")
    with Session(engine) as other:
        through = BY_ID.columns(other, wanted="evd_b"), BEGUN.rows(other, moment=NOON)
    assert through == past
