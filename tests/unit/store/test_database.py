"""The database: its settings on every connection, its transactions, its migrations."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hatchling.builders.wheel import WheelBuilder
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from countenance.kernel import FixedClock, KeyProvider, PlaceId
from countenance.store import (
    Place,
    RecordExists,
    RecordUnknown,
    Store,
    StoreBusy,
    StoreExists,
    StoreExposed,
    StoreMissing,
    StoreNewer,
    StoreUnreadable,
)
from countenance.store._models import Base, EpochRow, PermitUseRow, UtcTime, Words
from countenance.store.database import MIGRATIONS, Database, errors_named
from countenance.store.sqlite import DATABASE_FILE, SqliteDatabase, check_modes, create_file

DIALECT = SQLiteDialect()


@pytest.fixture
def database(tmp_path: Path) -> Database:
    opened = SqliteDatabase(path=create_file(tmp_path / "data"), busy_seconds=0.2)
    opened.upgrade(fresh=True)
    return opened


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("secure_delete", 1),
        ("foreign_keys", 1),
        ("trusted_schema", 0),
        ("temp_store", 2),
        ("busy_timeout", 200),
    ],
)
def test_every_connection_has_the_settings(database: Database, pragma: str, value: object) -> None:
    def check() -> None:
        with database.read() as session:
            seen.append(session.execute(text(f"PRAGMA {pragma}")).scalar())
            barrier.wait(timeout=10)

    seen: list[object] = []
    barrier = threading.Barrier(12)  # more than the pool keeps, all at the same time
    threads = [threading.Thread(target=check) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [value] * 12


def test_models_and_migrations_agree(database: Database) -> None:
    with database.read() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_models_and_migrations_make_the_same_constraints(database: Database, tmp_path: Path) -> None:
    """What the comparison above doesn't look at: checks, uniqueness, references."""
    engine = create_engine(f"sqlite:///{tmp_path / 'models.db'}")
    Base.metadata.create_all(engine)
    engine.dispose()

    def shape(path: Path) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(path)) as connection:
            tables = sorted(
                name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
            )
            found: list[tuple[object, ...]] = []
            for table in tables:
                if table == "alembic_version":
                    continue
                ((statement,),) = connection.execute(
                    "SELECT sql FROM sqlite_master WHERE name=?", (table,)
                ).fetchall()
                clauses = [line.strip().rstrip(",") for line in statement.splitlines()[1:-1]]
                found.append((table, sorted(clauses)))
        return found

    assert shape(tmp_path / "data" / DATABASE_FILE) == shape(tmp_path / "models.db")


def test_an_upgraded_database_is_left_as_it_is(database: Database) -> None:
    with database.write() as session:
        session.add(EpochRow(id=1, epoch=7, mac=b"m"))
    database.upgrade()
    with database.read() as session:
        row = session.get(EpochRow, 1)
        assert row is not None
        assert row.epoch == 7


def test_a_newer_database_is_left_alone(database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'r9999'"))
    with pytest.raises(StoreNewer):
        database.upgrade()
    with database.read() as session:
        assert session.execute(text("SELECT version_num FROM alembic_version")).scalar() == "r9999"


@pytest.mark.parametrize("time_of_trying", range(5))
def test_two_processes_may_upgrade_at_once(tmp_path: Path, time_of_trying: int) -> None:
    path = create_file(tmp_path / f"data {time_of_trying}")
    databases = [SqliteDatabase(path=path) for _ in range(8)]
    threads = [threading.Thread(target=one.upgrade, kwargs={"fresh": True}) for one in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with databases[0].read() as session:
        assert session.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1
    for one in databases:
        one.close()


def test_a_connection_waits_while_another_turns_the_file_to_the_write_ahead_log(tmp_path: Path) -> None:
    path = create_file(tmp_path / "data")
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")
    release = threading.Timer(0.3, holder.rollback)
    release.start()
    one = SqliteDatabase(path=path, busy_seconds=5)
    one.upgrade(fresh=True)
    release.join()
    holder.close()
    one.close()


def test_a_connection_does_not_wait_for_ever(tmp_path: Path) -> None:
    path = create_file(tmp_path / "data")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    one = SqliteDatabase(path=path, busy_seconds=0.1)
    with pytest.raises(StoreBusy):
        one.upgrade(fresh=True)
    holder.close()
    one.close()


def test_the_wheel_takes_the_migrations_along() -> None:
    builder = WheelBuilder(str(Path(__file__).parents[3]))
    packed = {Path(file.distribution_path) for file in builder.recurse_included_files()}
    inside = Path("countenance/store/migrations")
    steps = {inside / "versions" / path.name for path in (MIGRATIONS / "versions").glob("r*.py")}
    assert steps
    assert steps | {inside / "env.py", inside / "script.py.mako", inside / "__init__.py"} <= packed


def test_a_folder_may_have_a_percent_sign_in_its_name(tmp_path: Path) -> None:
    one = SqliteDatabase(path=create_file(tmp_path / "100%(here)s data"))
    one.upgrade(fresh=True)
    one.close()


def test_a_change_that_fails_leaves_nothing(database: Database) -> None:
    def change_and_fail() -> None:
        with database.write() as session:
            session.add(EpochRow(id=1, epoch=1, mac=b"m"))
            session.flush()
            raise LookupError

    with pytest.raises(LookupError):
        change_and_fail()
    with database.read() as session:
        assert session.get(EpochRow, 1) is None


def test_what_a_reader_changes_is_dropped(database: Database) -> None:
    with database.read() as session:
        session.add(EpochRow(id=1, epoch=1, mac=b"m"))
        session.flush()
    with database.read() as session:
        assert session.get(EpochRow, 1) is None


def test_a_taken_key_and_a_missing_reference_have_names(database: Database) -> None:
    def add(*rows: Base) -> None:
        with database.write() as session:
            session.add_all(rows)

    add(EpochRow(id=1, epoch=1, mac=b"m"))
    with pytest.raises(RecordExists):
        add(EpochRow(id=1, epoch=2, mac=b"m"))
    with pytest.raises(RecordUnknown):
        add(PermitUseRow(permit_id="prm_none", door="capture", used=0))


def test_there_is_one_deployment_one_epoch_one_head(database: Database) -> None:
    with pytest.raises(RecordExists), database.write() as session:
        session.add(EpochRow(id=2, epoch=1, mac=b"m"))


def test_a_change_that_has_to_wait_too_long_says_so(database: Database, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "data" / DATABASE_FILE)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="SQLITE_BUSY"), database.write():
            pass
        other.execute("ROLLBACK")
    with database.write():
        pass


def test_a_change_inside_a_change_is_kept_with_it(database: Database) -> None:
    with database.write() as outer:
        outer.add(EpochRow(id=1, epoch=1, mac=b"m"))
        with database.write() as inner:
            found = inner.get(EpochRow, 1)
            assert found is not None
            found.epoch = 2
        with database.read() as reading:
            seen = reading.get(EpochRow, 1)
            assert seen is not None
            assert seen.epoch == 2
        assert elsewhere(database) is None
    assert elsewhere(database) == 2


def change_and_fail(database: Database, statement: str) -> None:
    with database.write() as session:
        session.execute(text(statement))
        raise LookupError


def change_in_two_steps_and_fail(database: Database) -> None:
    with database.write():
        with database.write() as inner:
            inner.add(EpochRow(id=1, epoch=1, mac=b"m"))
        raise LookupError


def test_a_change_inside_a_change_goes_with_it(database: Database) -> None:
    with pytest.raises(LookupError):
        change_in_two_steps_and_fail(database)
    assert elsewhere(database) is None


def test_what_fails_inside_a_change_can_be_caught_there(database: Database) -> None:
    with database.write() as outer:
        outer.add(EpochRow(id=1, epoch=1, mac=b"m"))
        with pytest.raises(LookupError):
            change_and_fail(database, "UPDATE evidence_epoch SET epoch = 7")
        with pytest.raises(RecordExists):
            change_and_fail(database, "INSERT INTO evidence_epoch VALUES (1, 7, 'm')")
    assert elsewhere(database) == 1


def test_after_a_change_the_thread_reads_for_itself_again(database: Database) -> None:
    with database.write() as outer:
        pass
    with database.read() as reading:
        assert reading is not outer


def test_a_change_of_another_thread_waits_its_turn(database: Database) -> None:
    order: list[str] = []
    inside = threading.Event()

    def other() -> None:
        inside.wait(10)
        with database.write():
            order.append("other")

    thread = threading.Thread(target=other)
    thread.start()
    with database.write():
        inside.set()
        with database.write():
            order.append("mine")
        order.append("mine to the end")
    thread.join(10)
    assert order == ["mine", "mine to the end", "other"]


def elsewhere(database: Database) -> int | None:
    """What another thread sees: what is kept."""
    seen: list[int | None] = []

    def look() -> None:
        with database.read() as session:
            row = session.get(EpochRow, 1)
            seen.append(None if row is None else row.epoch)

    thread = threading.Thread(target=look)
    thread.start()
    thread.join(10)
    return seen[0]


def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    with database.write() as writing:
        writing.add(EpochRow(id=1, epoch=1, mac=b"m"))
        writing.flush()
        assert elsewhere(database) is None


def epoch_seen(database: Database) -> int | None:
    with database.read() as session:
        found: int | None = session.scalar(text("SELECT epoch FROM evidence_epoch"))
        return found


def test_what_is_read_of_one_state_is_of_one_state(database: Database) -> None:
    with database.write() as writing:
        writing.add(EpochRow(id=1, epoch=1, mac=b"m"))
    with database.one_state():
        assert epoch_seen(database) == 1
        with database.write() as writing:
            writing.execute(text("UPDATE evidence_epoch SET epoch = 2"))
        assert elsewhere(database) == 2
        with database.one_state():
            assert epoch_seen(database) == 1
        assert epoch_seen(database) == 1
    assert epoch_seen(database) == 2


def test_inside_a_change_one_state_is_that_of_the_change(database: Database) -> None:
    with database.write() as writing:
        writing.add(EpochRow(id=1, epoch=1, mac=b"m"))
        with database.one_state():
            assert epoch_seen(database) == 1
            writing.execute(text("UPDATE evidence_epoch SET epoch = 2"))
            assert epoch_seen(database) == 2


def test_one_state_is_one_thread_s(database: Database) -> None:
    with database.write() as writing:
        writing.add(EpochRow(id=1, epoch=1, mac=b"m"))
    with database.one_state():
        assert epoch_seen(database) == 1
        with database.write() as writing:
            writing.execute(text("UPDATE evidence_epoch SET epoch = 2"))
        assert elsewhere(database) == 2


def test_after_an_error_in_one_state_the_thread_reads_for_itself_again(database: Database) -> None:
    with pytest.raises(LookupError), database.one_state():
        raise LookupError
    with database.read() as one, database.read() as other:
        assert one is not other


def test_an_error_of_the_database_does_not_quote_the_row(database: Database) -> None:
    insert = text("INSERT INTO evidence_epoch VALUES (1, 4711, 'marker')")
    with database.write() as session:
        session.execute(insert)
    with pytest.raises(RecordExists) as refused, database.write() as session:
        session.execute(insert)
    assert "marker" not in refused.value.diagnostics()
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (sqlite3.OperationalError("disk I/O error"), StoreBusy),
        (sqlite3.DatabaseError("malformed"), StoreUnreadable),
    ],
)
def test_errors_of_the_driver_have_names_too(error: Exception, kind: type[Exception]) -> None:
    """A checkpoint runs past SQLAlchemy, which then has no chance to wrap what the driver raises."""
    with pytest.raises(kind, match="no code"), errors_named():
        raise error


def test_the_write_ahead_log_can_be_emptied_unless_somebody_reads(database: Database, tmp_path: Path) -> None:
    log = tmp_path / "data" / f"{DATABASE_FILE}-wal"
    with database.write() as session:
        session.add(EpochRow(id=1, epoch=1, mac=b"m"))
    assert log.stat().st_size > 0
    with closing(sqlite3.connect(tmp_path / "data" / DATABASE_FILE)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM evidence_epoch").fetchall()
        with database.write() as session:
            session.merge(EpochRow(id=1, epoch=2, mac=b"m"))
        assert not database.truncate_write_ahead_log()
    assert database.truncate_write_ahead_log()
    assert log.stat().st_size == 0


def test_closing_leaves_the_database_file_alone(database: Database, tmp_path: Path) -> None:
    with database.write() as session:
        session.add(EpochRow(id=1, epoch=1, mac=b"m"))
    database.close()
    assert [path.name for path in (tmp_path / "data").iterdir()] == [DATABASE_FILE]


# --- files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_folder_and_files_are_private_under_any_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        one = SqliteDatabase(path=create_file(tmp_path / "data"))
        one.upgrade(fresh=True)
        modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "data").iterdir()}
        one.close()
    finally:
        os.umask(before)
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert modes == {DATABASE_FILE: 0o600, f"{DATABASE_FILE}-wal": 0o600, f"{DATABASE_FILE}-shm": 0o600}


def test_nothing_overwrites_a_database(tmp_path: Path) -> None:
    create_file(tmp_path / "data")
    with pytest.raises(StoreExists):
        create_file(tmp_path / "data")


def test_a_folder_that_can_not_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "blocker").write_text("a file where a folder should be")
    for folder in (tmp_path / "blocker", tmp_path / "blocker" / "data"):
        with pytest.raises(StoreMissing):
            create_file(folder)


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o770, 0o701, 0o777])
def test_a_folder_that_others_can_enter_is_refused(tmp_path: Path, mode: int) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(mode)
    with pytest.raises(StoreExposed, match=f"{mode:04o}"):
        create_file(tmp_path / "data")
    assert list((tmp_path / "data").iterdir()) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = create_file(tmp_path / "data")
    check_modes(tmp_path / "data")
    path.chmod(mode)
    with pytest.raises(StoreExposed, match=DATABASE_FILE):
        check_modes(tmp_path / "data")


@pytest.mark.parametrize(
    "content",
    [b"this is no database, but it is longer than a header " * 40, b"\x00" * 4096],
    ids=["words", "zeros"],
)
def test_a_file_that_is_no_database_is_refused(
    folder: Path, provider: KeyProvider, clock: FixedClock, content: bytes
) -> None:
    create_file(folder).write_bytes(content)
    with pytest.raises(StoreUnreadable):
        Store.open(folder, key_provider=provider, clock=clock)
    assert (folder / DATABASE_FILE).read_bytes() == content


def test_somebody_elses_database_is_refused_and_left_alone(
    folder: Path, provider: KeyProvider, clock: FixedClock
) -> None:
    path = create_file(folder)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE theirs (x)")
    with pytest.raises(StoreUnreadable, match="isn't a store"):
        Store.open(folder, key_provider=provider, clock=clock)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]


def test_a_damaged_database_is_refused(folder: Path, provider: KeyProvider, clock: FixedClock) -> None:
    with Store.create(folder, key_provider=provider, clock=clock) as store:
        store.places.add(Place(PlaceId("plc_a"), "x" * 3000, "hotel_lobby", ("CN",), "UTC"))
    path = folder / DATABASE_FILE
    content = bytearray(path.read_bytes())
    content[100:] = b"\xff" * (len(content) - 100)
    path.write_bytes(bytes(content))
    with pytest.raises(StoreUnreadable):
        Store.open(folder, key_provider=provider, clock=clock)


# --- column types ---------------------------------------------------------------------------------


@given(one=st.datetimes(timezones=st.just(UTC)), other=st.datetimes(timezones=st.just(UTC)))
def test_times_sort_as_text_as_they_do_as_moments(one: datetime, other: datetime) -> None:
    column = UtcTime()
    first, second = (column.process_bind_param(moment, DIALECT) for moment in (one, other))
    assert first is not None
    assert second is not None
    assert (first < second) == (one < other)
    assert len(first) == 27
    assert column.process_result_value(first, DIALECT) == one


def test_times_of_other_zones_are_written_in_utc() -> None:
    column = UtcTime()
    shanghai = datetime.fromisoformat("2026-11-22T20:00:00.000001+08:00")
    assert column.process_bind_param(shanghai, DIALECT) == "2026-11-22T12:00:00.000001Z"
    with pytest.raises(ValueError, match="without a zone"):
        column.process_bind_param(shanghai.replace(tzinfo=None), DIALECT)
    assert column.process_bind_param(None, DIALECT) is None
    assert column.process_result_value(None, DIALECT) is None


@given(words=st.lists(st.text(max_size=10), max_size=5))
def test_words_survive_the_journey(words: list[str]) -> None:
    column = Words()
    assert column.process_result_value(column.process_bind_param(tuple(words), DIALECT), DIALECT) == tuple(
        words
    )
    assert column.process_bind_param(None, DIALECT) is None
    assert column.process_result_value(None, DIALECT) is None
