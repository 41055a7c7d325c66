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


@pytest.fixture
def store(folder: Path, provider: KeyProvider, clock: FixedClock) -> Iterator[Store]:
    with Store.create(folder, key_provider=provider, clock=clock) as opened:
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
