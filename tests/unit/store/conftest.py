"""A store in a temporary folder, and a way to its database past the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from countenance.kernel import FixedClock, KeyProvider, PlaceId
from countenance.store import Place, Store, create_root_key, key_provider
from countenance.store.sqlite import make_folder
from postgresql_cluster import Cluster, name_of, running_cluster, server_programs

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def root_key_uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    uri = f"file:{tmp_path_factory.mktemp('keys') / 'root.key'}"
    create_root_key(uri)
    return uri


@pytest.fixture(scope="session")
def provider(root_key_uri: str) -> KeyProvider:
    return key_provider(root_key_uri)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server of this session's own."""
    if server_programs() is None:
        pytest.skip("PostgreSQL isn't installed")
    with running_cluster() as running:
        yield running


@pytest.fixture(scope="session")
def written_template(
    cluster: Cluster, provider: KeyProvider, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The name of a database with an empty store in it, to be copied for each test."""
    url, folder = cluster.new(), tmp_path_factory.mktemp("template") / "data"
    Store.create(folder, key_provider=provider, clock=FixedClock(NOON), database_url=url).close()
    return name_of(url)


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str | None:
    """Where a test's records are: ``None`` for SQLite; a test that takes ``store`` runs on both."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return None
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.new(request.getfixturevalue("written_template"))


ON_BOTH = [
    "acts",
    "api_keys",
    "case_steps",
    "comparison_dues",
    "directory",
    "enrolments",
    "error_tables",
    "evidence",
    "holds",
    "known_rows",
    "liveness_attempts",
    "log",
    "look_alikes",
    "log_follow",
    "outside",
    "pass_revocations",
    "population",
    "purpose_keys",
    "references",
    "retention_items",
    "root_key",
    "vault",
]
"""The modules whose tests look at records through the store."""
FILES_ALONE = {"folder", "monkeypatch", "sql", "tmp_path"}
"""What looks at SQLite's file, past the store or as two openings of it, takes one of these."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what looks at records through the store alone on both databases."""
    stated = metafunc.function.__code__.co_varnames[: metafunc.function.__code__.co_argcount]
    both = metafunc.module.__name__.rpartition(".")[2].removeprefix("test_") in ON_BOTH
    if both and "store" in metafunc.fixturenames and not FILES_ALONE & set(stated):
        metafunc.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def store(
    folder: Path, provider: KeyProvider, clock: FixedClock, database_url: str | None
) -> Iterator[Store]:
    if database_url is None:
        opened = Store.create(folder, key_provider=provider, clock=clock)
    else:
        make_folder(folder)
        opened = Store.open(folder, key_provider=provider, clock=clock, database_url=database_url)
    with opened:
        yield opened


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory: pytest.TempPathFactory, provider: KeyProvider) -> Iterator[Store]:
    """One store for a whole module's property tests; each example brings its own identifiers."""
    folder = tmp_path_factory.mktemp("shared") / "data"
    with Store.create(folder, key_provider=provider, clock=FixedClock(NOON)) as opened:
        yield opened


@pytest.fixture
def lobby(store: Store) -> Place:
    place = Place(PlaceId("plc_lobby"), "Front desk", "hotel_lobby", ("CN",), "Asia/Shanghai")
    store.places.add(place)
    return place


Sql = Callable[..., list[tuple[object, ...]]]


@pytest.fixture
def sql(folder: Path) -> Sql:
    """Run statements on the database file past the store, as somebody with the disk could."""

    def run(statement: str, *values: object) -> list[tuple[object, ...]]:
        with raw(folder) as connection:
            return connection.execute(statement, values).fetchall()

    return run


@contextmanager
def raw(folder: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(folder / "countenance.db", timeout=10)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        yield connection
