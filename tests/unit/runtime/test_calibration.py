"""A deployment's own table on file: in use at once, logged, named by decisions, and taken off again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from countenance.decisions import shipped_error_table
from countenance.evaluation import render_error_table
from countenance.kernel import FixedClock, sha256_hex
from countenance.release import FindingCode, check_store
from countenance.runtime.calibration import forget_own_table, keep_own_table
from countenance.runtime.error_tables import error_table_in_use
from countenance.runtime.networks import Networks
from countenance.store import Store
from front_desk import NOON, FrontDesk, front_desk, new_store
from verification_desk import MadeUpAnalyser, MadeUpEmbedder, MadeUpFace, counter_with, picture_of

NETWORKS = Networks(detector="blazeface-short-range", mesh="face-landmark-468", embedder="mobilefacenet-192")
OWN = replace(
    shipped_error_table(NETWORKS.template_model, NETWORKS.detectors),
    label="calibrated",
    measured_on="our own volunteers",
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path, demo=False, clock=FixedClock(NOON)) as opened:
        yield opened


@pytest.fixture
def hotel(tmp_path: Path) -> Iterator[FrontDesk]:
    with front_desk(tmp_path) as opened:
        opened.welcome()
        yield opened


def test_a_table_that_was_kept_decides_at_once_and_the_log_says_which(store: Store) -> None:
    receipt = keep_own_table(store, OWN, clock=FixedClock(NOON), author="officer")
    found = error_table_in_use(NETWORKS, store, documents=True)
    assert (found.own, found.table) == (True, OWN)
    kept = store.error_tables.get(OWN.model_id)
    logged = store.log.entry(receipt.index)
    assert kept is not None
    assert logged.kind == "calibration"
    assert logged.entry == {
        "outcome": "kept",
        "model": OWN.model_id,
        "sha256": sha256_hex(kept.content.encode()),
        "levels": [level.asked for level in OWN.levels],
        "by": "officer",
    }
    assert kept.content.startswith("# Made by countenance calibrate")
    assert render_error_table(OWN, heading="x").partition("\n")[2] in kept.content


def test_forgotten_the_one_that_came_along_decides_again(store: Store) -> None:
    keep_own_table(store, OWN, clock=FixedClock(NOON), author="officer")
    assert forget_own_table(store, OWN.model_id, author="officer")
    assert error_table_in_use(NETWORKS, store).own is False
    last = store.log.entry(store.log.size() - 1)
    assert (last.kind, last.entry and last.entry["outcome"]) == ("calibration", "forgotten")


def test_nothing_to_forget_is_not_logged(store: Store) -> None:
    before = store.log.size()
    assert not forget_own_table(store, OWN.model_id, author="officer")
    assert store.log.size() == before


def test_a_decision_names_the_table_the_people_and_the_interval(hotel: FrontDesk) -> None:
    keep_own_table(hotel.store, OWN, clock=hotel.clock, author="officer")
    table = error_table_in_use(NETWORKS, hotel.store, documents=True).table
    counter = counter_with(hotel, analyser=MadeUpAnalyser(), embedder=MadeUpEmbedder(), table=table)
    card = picture_of(MadeUpFace(angle=0.0), seed=1)
    done = counter.desk.verify(counter.order(card, picture_of(MadeUpFace(angle=0.1), seed=2)))
    stated = done.decision.stated_error
    assert (stated.label, stated.measured_on) == ("calibrated", "our own volunteers")
    assert stated.low <= stated.fmr <= stated.high
    assert counter.decisions_logged()


def changed(tmp_path: Path, statement: str, *values: object) -> None:
    (database,) = tmp_path.rglob("*.db")
    with closing(sqlite3.connect(database)) as opened:
        opened.execute(statement, values)
        opened.commit()


def tables_found(store: Store) -> list[FindingCode]:
    return [one.code for one in check_store(store) if one.where == "error_tables"]


def test_an_audit_finds_nothing_against_a_table_that_was_kept_replaced_or_forgotten(store: Store) -> None:
    keep_own_table(store, OWN, clock=FixedClock(NOON), author="officer")
    assert check_store(store) == ()
    keep_own_table(store, replace(OWN, measured_on="others"), clock=FixedClock(NOON), author="officer")
    assert check_store(store) == ()
    forget_own_table(store, OWN.model_id, author="officer")
    assert check_store(store) == ()


def test_an_audit_finds_a_table_that_somebody_took_away(tmp_path: Path, store: Store) -> None:
    """The one that came along would decide in its place, and every decision would name that one."""
    keep_own_table(store, OWN, clock=FixedClock(NOON), author="officer")
    changed(tmp_path, "DELETE FROM error_tables")
    assert error_table_in_use(NETWORKS, store).own is False
    assert tables_found(store) == [FindingCode.RECORD_MISSING]


def test_an_audit_finds_an_earlier_table_that_somebody_put_back(tmp_path: Path, store: Store) -> None:
    keep_own_table(store, OWN, clock=FixedClock(NOON), author="officer")
    (database,) = tmp_path.rglob("*.db")
    with closing(sqlite3.connect(database)) as opened:
        (row,) = opened.execute("SELECT content, made_at, mac FROM error_tables").fetchall()
    keep_own_table(store, replace(OWN, measured_on="others"), clock=FixedClock(NOON), author="officer")
    changed(tmp_path, "UPDATE error_tables SET content = ?, made_at = ?, mac = ?", *row)
    assert error_table_in_use(NETWORKS, store).own is True, "its MAC is this installation's own"
    assert tables_found(store) == [FindingCode.RECORD_NOT_LOGGED]


def test_an_audit_finds_a_forgotten_table_that_somebody_put_back(tmp_path: Path, store: Store) -> None:
    keep_own_table(store, OWN, clock=FixedClock(NOON), author="officer")
    (database,) = tmp_path.rglob("*.db")
    with closing(sqlite3.connect(database)) as opened:
        (row,) = opened.execute("SELECT model_id, content, made_at, mac FROM error_tables").fetchall()
    forget_own_table(store, OWN.model_id, author="officer")
    insert = "INSERT INTO error_tables (model_id, content, made_at, mac) VALUES (?, ?, ?, ?)"
    changed(tmp_path, insert, *row)
    assert tables_found(store) == [FindingCode.RECORD_NOT_LOGGED]


def test_an_audit_finds_a_table_that_somebody_eased(tmp_path: Path, store: Store) -> None:
    keep_own_table(store, OWN, clock=FixedClock(NOON), author="officer")
    changed(tmp_path, "UPDATE error_tables SET content = replace(content, '0.4', '0.1')")
    assert set(tables_found(store)) == {FindingCode.ROW_ALTERED, FindingCode.RECORD_NOT_LOGGED}
