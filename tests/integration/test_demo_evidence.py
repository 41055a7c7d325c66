"""Demonstration evidence permits no real guest, however it gets into a real installation."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from countenance.authority import seed_demo
from countenance.kernel import CountenanceError, FixedClock, PurposeId
from countenance.store import DemoEvidenceRefused, EvidenceScope, Store, create_root_key, key_provider
from front_desk import BUDGET, NOON, FrontDesk, new_desk
from front_desk import front_desk as open_front_desk

TABLES = ("purposes", "places", "devices", "evidence")


def real_store(folder: Path) -> Store:
    uri = f"file:{folder / 'real.key'}"
    create_root_key(uri)
    return Store.create(folder / "real", key_provider=key_provider(uri), clock=FixedClock(NOON))


def demo_hotel(folder: Path) -> FrontDesk:
    """A demonstration in which a guest has agreed; it was permitted there."""
    with open_front_desk(folder / "demo", fresh=True) as hotel:
        hotel.welcome()
        assert hotel.desk.judge(hotel.request()).allowed
        return hotel


def run_sql(path: Path, *statements: str, attached: Path | None = None) -> int:
    """Change a database as somebody with a shell could; return how many rows changed."""
    with closing(sqlite3.connect(path)) as database, database:
        if attached is not None:
            database.execute("ATTACH DATABASE ? AS demo", (str(attached),))
            database.commit()
        return sum(database.execute(statement).rowcount for statement in statements)


def permits(folder: Path, key: Path, hotel: FrontDesk) -> bool:
    """Return whether a guest would get a permit in an installation that may not even open."""
    clock = FixedClock(NOON)
    try:
        with Store.open(folder, key_provider=key_provider(f"file:{key}"), clock=clock) as store:
            new_desk(store, clock).permit(hotel.request(), budget=BUDGET)
    except CountenanceError:
        return False
    return True


def test_the_made_up_hotel_is_refused_whole(tmp_path: Path) -> None:
    with real_store(tmp_path) as store:
        with pytest.raises(DemoEvidenceRefused):
            seed_demo(new_desk(store, FixedClock(NOON)))
        assert not list(store.evidence.at(NOON))


def test_a_record_that_is_marked_demo_is_refused(tmp_path: Path) -> None:
    with real_store(tmp_path) as store:
        desk = new_desk(store, FixedClock(NOON))
        with pytest.raises(DemoEvidenceRefused):
            desk.record_evidence(
                key="purpose",
                content={"statement": "DEMO: compare once."},
                author="officer",
                scope=EvidenceScope(purpose=PurposeId("pur_checkin")),
                demo=True,
            )


@pytest.mark.parametrize("unmarked", [False, True], ids=["as they are", "with the mark taken off"])
def test_copied_rows_permit_nobody(tmp_path: Path, *, unmarked: bool) -> None:
    hotel = demo_hotel(tmp_path)
    real_store(tmp_path).close()
    statements = [f"INSERT INTO main.{table} SELECT * FROM demo.{table}" for table in TABLES]  # noqa: S608
    if unmarked:
        statements.append("UPDATE main.evidence SET demo = 0")
    real = tmp_path / "real"
    changed = run_sql(real / "countenance.db", *statements, attached=hotel.folder / "countenance.db")
    assert changed > 30
    assert not permits(real, tmp_path / "real.key", hotel)


def test_a_demonstration_that_calls_itself_real_permits_nobody(tmp_path: Path) -> None:
    hotel = demo_hotel(tmp_path)
    key = tmp_path / "demo" / "root.key"
    assert permits(hotel.folder, key, hotel)
    assert run_sql(hotel.folder / "countenance.db", "UPDATE deployment SET demo = 0") == 1
    assert not permits(hotel.folder, key, hotel)


def test_a_real_installation_that_calls_itself_a_demonstration_permits_nobody(tmp_path: Path) -> None:
    hotel = demo_hotel(tmp_path)
    real_store(tmp_path).close()
    database = tmp_path / "real" / "countenance.db"
    copies = [f"INSERT INTO main.{table} SELECT * FROM demo.{table}" for table in TABLES]  # noqa: S608
    run_sql(
        database, *copies, "UPDATE main.deployment SET demo = 1", attached=hotel.folder / "countenance.db"
    )
    assert not permits(tmp_path / "real", tmp_path / "real.key", hotel)
