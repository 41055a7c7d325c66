"""Records on a PostgreSQL server: which addresses and servers are used, what erasing leaves behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from countenance.kernel import FixedClock, KeyProvider, PurposeId, SubjectId, new_id
from countenance.store import (
    BackupElsewhere,
    BackupRecord,
    DatabaseUnfit,
    RootKeyWrong,
    Store,
    StoreExists,
    StoreExposed,
    StoreMissing,
    StoreUnreachable,
    StoreUnreadable,
    create_root_key,
    key_provider,
)
from countenance.store.postgresql import PostgresqlDatabase, postgresql_url
from countenance.store.sqlite import make_folder
from held_people import NOON, keep
from postgresql_cluster import Cluster, name_of, running_cluster

ANN, BOB = SubjectId("sub_annwhoisnotbob"), SubjectId("sub_bobwhoisnotann")
CHECKIN = PurposeId("pur_checkin")


@pytest.mark.parametrize(
    "written",
    [
        "postgresql://owner@/records?host=/run/postgresql",
        "postgresql:///records",
        "postgresql://owner@localhost:5433/records",
        "postgresql://owner@127.0.0.1/records?passfile=/etc/countenance/pgpass",
        "postgresql://owner@[::1]/records",
        "postgresql://owner@db.example/records?sslmode=verify-full&sslrootcert=/etc/ssl/ca.pem",
    ],
)
def test_addresses_that_are_used(written: str) -> None:
    assert postgresql_url(written).drivername == "postgresql+psycopg"


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("no address at all", "isn't a URL"),
        ("postgresql://owner@host:port/records", "isn't a URL"),
        ("mysql://owner@localhost/records", "names no PostgreSQL database"),
        ("postgresql+asyncpg://owner@localhost/records", "names no PostgreSQL database"),
        ("postgresql://owner@localhost", "names no PostgreSQL database"),
        ("postgresql://owner:secret@localhost/records", "holds a password"),
        ("postgresql://owner@localhost/records?password=secret", "a parameter"),
        ("postgresql://owner@localhost/records?options=-c%20fsync%3Doff", "a parameter"),
        ("postgresql://owner@localhost/records?host=a&host=b", "a parameter"),
        ("postgresql://owner@db.example/records", "without TLS"),
        ("postgresql://owner@db.example/records?sslmode=require", "without TLS"),
        ("postgresql://owner@10.0.0.7/records", "without TLS"),
        ("postgresql://owner@/records?host=db.example", "without TLS"),
    ],
)
def test_addresses_that_are_refused(written: str, why: str) -> None:
    with pytest.raises(DatabaseUnfit, match=why) as refused:
        postgresql_url(written)
    assert "secret" not in str(refused.value.diagnostics())
    assert "owner" not in str(refused.value.diagnostics())


def test_a_server_that_does_not_answer_is_named(
    tmp_path: Path, provider: KeyProvider, clock: FixedClock
) -> None:
    make_folder(tmp_path / "data")
    url = f"postgresql://owner@/records?host={tmp_path}"
    with pytest.raises(StoreUnreachable):
        Store.open(tmp_path / "data", key_provider=provider, clock=clock, database_url=url)


def test_a_folder_has_to_be_there(
    tmp_path: Path, provider: KeyProvider, clock: FixedClock, cluster: Cluster
) -> None:
    with pytest.raises(StoreMissing):
        Store.open(tmp_path / "data", key_provider=provider, clock=clock, database_url=cluster.new())


def test_an_empty_database_is_not_a_store(
    tmp_path: Path, provider: KeyProvider, clock: FixedClock, cluster: Cluster
) -> None:
    make_folder(tmp_path / "data")
    with pytest.raises(StoreUnreadable):
        Store.open(tmp_path / "data", key_provider=provider, clock=clock, database_url=cluster.new())


def test_a_store_is_made_once(
    tmp_path: Path, provider: KeyProvider, clock: FixedClock, cluster: Cluster
) -> None:
    url = cluster.new()
    Store.create(tmp_path / "one", key_provider=provider, clock=clock, database_url=url).close()
    with pytest.raises(StoreExists):
        Store.create(tmp_path / "two", key_provider=provider, clock=clock, database_url=url)
    with Store.open(tmp_path / "one", key_provider=provider, clock=clock, database_url=url) as store:
        assert store.log.verify().ok


def test_another_root_key_opens_nothing(
    tmp_path: Path, provider: KeyProvider, clock: FixedClock, cluster: Cluster
) -> None:
    url = cluster.new()
    Store.create(tmp_path / "data", key_provider=provider, clock=clock, database_url=url).close()
    create_root_key(f"file:{tmp_path / 'other.key'}")
    other = key_provider(f"file:{tmp_path / 'other.key'}")
    with pytest.raises(RootKeyWrong):
        Store.open(tmp_path / "data", key_provider=other, clock=clock, database_url=url)


def test_a_table_that_another_role_may_read_keeps_the_store_shut(
    tmp_path: Path, provider: KeyProvider, clock: FixedClock, cluster: Cluster
) -> None:
    url = cluster.new()
    Store.create(tmp_path / "data", key_provider=provider, clock=clock, database_url=url).close()
    cluster.sql("GRANT SELECT ON evidence TO PUBLIC", name=name_of(url))
    with pytest.raises(StoreExposed):
        Store.open(tmp_path / "data", key_provider=provider, clock=clock, database_url=url)
    cluster.sql("REVOKE SELECT ON evidence FROM PUBLIC", name=name_of(url))
    Store.open(tmp_path / "data", key_provider=provider, clock=clock, database_url=url).close()


@pytest.mark.parametrize("encoding", ["ENCODING 'SQL_ASCII' LOCALE 'C'", "ENCODING 'LATIN1' LOCALE 'C'"])
def test_a_database_in_another_encoding_is_refused(cluster: Cluster, encoding: str) -> None:
    name = f"other_{abs(hash(encoding))}"
    cluster.sql(f"CREATE DATABASE {name} TEMPLATE template0 {encoding}")
    database = PostgresqlDatabase(url=cluster.url(name))
    with pytest.raises(DatabaseUnfit, match="UTF-8"):
        database.require_fit()
    database.dispose()


def test_a_server_without_fsync_is_refused() -> None:
    with running_cluster({"fsync": "off"}) as careless:
        database = PostgresqlDatabase(url=careless.new())
        with pytest.raises(DatabaseUnfit, match="fsync"):
            database.require_fit()
        database.dispose()


@pytest.fixture
def opened(
    folder: Path, provider: KeyProvider, clock: FixedClock, cluster: Cluster, written_template: str
) -> Iterator[Store]:
    make_folder(folder)
    url = cluster.new(written_template)
    with Store.open(folder, key_provider=provider, clock=clock, database_url=url) as store:
        yield store


def test_what_was_erased_is_in_no_file_of_the_server(opened: Store, cluster: Cluster) -> None:
    """A byte scan over the whole of the server's folder, its write-ahead log included."""
    keep(opened, ANN, CHECKIN, records=3)
    kept = keep(opened, BOB, CHECKIN)
    cluster.sql("CHECKPOINT")
    assert cluster.files_with(ANN.encode())
    erased = opened.erasures.erase(ANN, None)
    assert erased.log_emptied
    remains = opened.erasures.look_for(erased.needles)
    assert (remains.looked, remains.compacted, remains.found) == (False, True, 0)
    assert cluster.files_with(ANN.encode()) == []
    for needle in erased.needles:
        assert cluster.files_with(needle) == []
    assert cluster.files_with(BOB.encode())
    assert [one.evidence_id for one in opened.evidence.about(BOB)] == [
        one.evidence_id for one in kept.records
    ]
    assert opened.check_records() == ()
    assert opened.log.verify().ok


def test_what_a_server_keeps_is_said(opened: Store) -> None:
    assert any("write-ahead log" in words for words in opened.erasures.not_covered)


def test_a_server_that_uses_its_segments_again_lets_nothing_go(
    tmp_path: Path, provider: KeyProvider, clock: FixedClock
) -> None:
    with running_cluster({"wal_recycle": "on"}) as keeps:
        url = keeps.new()
        with Store.create(tmp_path / "data", key_provider=provider, clock=clock, database_url=url) as store:
            keep(store, ANN, CHECKIN)
            assert store.erasures.erase(ANN, None).log_emptied is False


def test_a_backup_is_the_servers_own_matter(opened: Store, tmp_path: Path) -> None:
    with pytest.raises(BackupElsewhere) as refused:
        opened.back_up(tmp_path / "copy.cbk", BackupRecord(new_id("bak"), NOON, NOON.date()))
    assert "pg_dump" in refused.value.remedy
    assert not (tmp_path / "copy.cbk").exists()


def test_changes_of_several_openings_come_one_after_the_other(
    opened: Store, provider: KeyProvider, clock: FixedClock, folder: Path
) -> None:
    database = opened._database
    assert isinstance(database, PostgresqlDatabase)
    url = str(database._engine.url).replace("postgresql+psycopg", "postgresql")
    before = opened.log.size()

    def append(number: int) -> None:
        with Store.open(folder, key_provider=provider, clock=clock, database_url=url) as store:
            for entry in range(20):
                store.log.append("note", {"number": number, "entry": entry})

    threads = [threading.Thread(target=append, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened.log.size() == before + 80
    assert opened.log.verify().ok


def test_records_come_back_after_the_server_was_killed(
    tmp_path: Path, provider: KeyProvider, clock: FixedClock
) -> None:
    with running_cluster() as own:
        url = own.new()
        with Store.create(tmp_path / "data", key_provider=provider, clock=clock, database_url=url) as store:
            kept = keep(store, ANN, CHECKIN)
            own.kill()
            with pytest.raises(StoreUnreachable):
                store.log.append("note", {})
            own.start()
            assert store.evidence.get(kept.records[0].evidence_id) == kept.records[0]
            store.log.append("note", {})
            assert store.log.verify().ok
            assert store.check_records() == ()
