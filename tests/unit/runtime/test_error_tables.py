"""Which table decides: the deployment's own for its networks and faces, and never another unasked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from countenance.decisions import ErrorTable, ErrorTableInvalid, shipped_error_table
from countenance.evaluation import render_error_table
from countenance.kernel import FixedClock
from countenance.runtime.error_tables import error_table_in_use, weights_in_source
from countenance.runtime.networks import Networks
from countenance.store import KeptErrorTable, RecordTampered, Store
from front_desk import NOON, new_store

NETWORKS = Networks(
    detector="blazeface-short-range",
    mesh="face-landmark-468",
    embedder="mobilefacenet-192",
    document_detector="ultraface-rfb-320",
    eight_bit=True,
)
SHIPPED = shipped_error_table(NETWORKS.template_model, NETWORKS.detectors)
OWN = replace(SHIPPED, label="calibrated", measured_on="our own guests", detectors=(NETWORKS.detector,))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path, demo=False, clock=FixedClock(NOON)) as opened:
        yield opened


def keep(store: Store, table: ErrorTable, *, model_id: str | None = None) -> None:
    text = render_error_table(table, heading="made up")
    store.error_tables.put(KeptErrorTable(model_id or table.model_id, text, NOON))


def test_without_one_of_its_own_the_one_that_came_along_decides(store: Store) -> None:
    for where in (store, None):
        found = error_table_in_use(NETWORKS, where, documents=True)
        assert (found.table, found.own) == (SHIPPED, False)


def test_its_own_decides_where_it_has_one(store: Store) -> None:
    keep(store, OWN)
    found = error_table_in_use(NETWORKS, store)
    assert (found.own, found.table.label, found.table.measured_on) == (True, "calibrated", "our own guests")
    assert error_table_in_use(NETWORKS, None).own is False


def test_a_desk_for_documents_needs_their_detector_measured(store: Store) -> None:
    keep(store, OWN)
    assert error_table_in_use(NETWORKS, store, documents=True).own is False
    keep(store, replace(OWN, detectors=NETWORKS.detectors))
    assert error_table_in_use(NETWORKS, store, documents=True).own is True


def test_one_of_another_network_doesnt_decide(store: Store) -> None:
    keep(store, replace(OWN, model_id="mobilefacenet-192"))
    assert error_table_in_use(NETWORKS, store).own is False
    keep(store, replace(OWN, model_id="mobilefacenet-192"), model_id=NETWORKS.template_model)
    with pytest.raises(ErrorTableInvalid, match="another embedding network"):
        error_table_in_use(NETWORKS, store)


WEIGHTS = tuple((model_id, f"{number:064x}") for number, model_id in enumerate(NETWORKS.ids))
PINNED = replace(NETWORKS, weights=WEIGHTS)


def measured_with(networks: Networks) -> ErrorTable:
    source = (*OWN.source, *weights_in_source(networks).items())
    return replace(OWN, source=source, detectors=NETWORKS.detectors)


def test_one_that_was_measured_with_these_very_weights_decides(store: Store) -> None:
    keep(store, measured_with(PINNED))
    for documents in (True, False):
        assert error_table_in_use(PINNED, store, documents=documents).own is True


@pytest.mark.parametrize("other", NETWORKS.ids)
def test_one_of_other_weights_under_the_same_name_doesnt_decide(store: Store, other: str) -> None:
    keep(store, measured_with(PINNED))
    swapped = tuple((model_id, "f" * 64 if model_id == other else digest) for model_id, digest in WEIGHTS)
    with pytest.raises(ErrorTableInvalid, match=f"other weights of {other}"):
        error_table_in_use(replace(NETWORKS, weights=swapped), store, documents=True)


def test_weights_that_no_face_of_a_desk_meets_dont_count(store: Store) -> None:
    """A search and a pass see live faces alone; what finds portraits may have changed."""
    keep(store, measured_with(PINNED))
    swapped = tuple(
        (model_id, "f" * 64 if model_id == NETWORKS.document_detector else digest)
        for model_id, digest in WEIGHTS
    )
    assert error_table_in_use(replace(NETWORKS, weights=swapped), store).own is True


def test_one_that_doesnt_say_with_which_weights_doesnt_decide(store: Store) -> None:
    keep(store, OWN)
    with pytest.raises(ErrorTableInvalid, match="other weights"):
        error_table_in_use(PINNED, store)


def test_the_label_of_a_table_says_nothing_of_whose_it_is(store: Store) -> None:
    keep(store, replace(OWN, label=SHIPPED.label))
    assert error_table_in_use(NETWORKS, store).own is True


def test_one_that_cannot_be_read_is_no_reason_to_take_another(store: Store) -> None:
    store.error_tables.put(KeptErrorTable(NETWORKS.template_model, "not a table", NOON))
    with pytest.raises(ErrorTableInvalid):
        error_table_in_use(NETWORKS, store)


def test_one_that_somebody_eased_is_told(tmp_path: Path, store: Store) -> None:
    keep(store, OWN)
    (database,) = tmp_path.rglob("*.db")
    with closing(sqlite3.connect(database)) as opened:
        eased = "replace(content, 'threshold = 0.4542', 'threshold = 0.1')"
        opened.execute(f"UPDATE error_tables SET content = {eased}")  # noqa: S608 - made up here
        opened.commit()
    with pytest.raises(RecordTampered):
        error_table_in_use(NETWORKS, store)


def test_one_that_was_brought_along_from_another_deployment_is_told(tmp_path: Path, store: Store) -> None:
    with new_store(tmp_path / "other", demo=False, clock=FixedClock(NOON)) as other:
        keep(other, OWN)
        (theirs,) = (tmp_path / "other").rglob("*.db")
        with closing(sqlite3.connect(theirs)) as opened:
            [row] = opened.execute("SELECT model_id, content, made_at, mac FROM error_tables").fetchall()
    ours = next(path for path in tmp_path.rglob("*.db") if path != theirs)
    with closing(sqlite3.connect(ours)) as opened:
        opened.execute("INSERT INTO error_tables (model_id, content, made_at, mac) VALUES (?, ?, ?, ?)", row)
        opened.commit()
    with pytest.raises(RecordTampered):
        error_table_in_use(NETWORKS, store)
