from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from countenance.evaluation.resumption import EmbeddedBatch, Resumption
from countenance.kernel import FixedClock, Material, PurposeId, sha256_hex
from countenance.store import Store, create_root_key, key_provider

MATERIALS = tuple(Material(sha256_hex(text)) for text in (b"one", b"two"))
VECTORS = np.random.default_rng(1).normal(size=(2, 64)).astype(np.float32)
QUALITY = np.array([71.0, np.nan], np.float32)
BATCH = EmbeddedBatch(MATERIALS, VECTORS, np.array([True, False]), QUALITY)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    uri = f"file:{tmp_path / 'key' / 'root.key'}"
    create_root_key(uri)
    clock = FixedClock(datetime(2026, 11, 22, tzinfo=UTC))
    with Store.create(tmp_path / "data", key_provider=key_provider(uri), clock=clock) as made:
        yield made


def resumption(store: Store, folder: Path, **run: str) -> Resumption:
    return Resumption(
        folder=folder / "resume", vault=store.vault, purpose=PurposeId("pur_x"), run=run or {"list": "1"}
    )


def test_a_batch_comes_back_as_it_was_kept(store: Store, tmp_path: Path) -> None:
    kept = resumption(store, tmp_path)
    kept.keep(3, BATCH)
    loaded = resumption(store, tmp_path).load(3, MATERIALS)
    assert loaded is not None
    assert loaded.materials == MATERIALS
    assert np.array_equal(loaded.vectors, VECTORS)
    assert loaded.found.tolist() == [True, False]
    assert np.array_equal(loaded.quality, QUALITY, equal_nan=True)


def test_nothing_of_it_lies_in_the_clear(store: Store, tmp_path: Path) -> None:
    resumption(store, tmp_path).keep(0, BATCH)
    files = [file for file in (tmp_path / "resume").rglob("*") if file.is_file()]
    assert len(files) == 1
    for file in [*files, *(tmp_path / "data").iterdir()]:
        data = file.read_bytes()
        for row in VECTORS:
            assert row[:4].tobytes() not in data
        assert MATERIALS[0].encode() not in data
    assert files[0].stat().st_mode & 0o077 == 0
    assert files[0].parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("number", "materials", "run"),
    [
        (1, MATERIALS, {"list": "1"}),
        (0, MATERIALS[::-1], {"list": "1"}),
        (0, MATERIALS[:1], {"list": "1"}),
        (0, MATERIALS, {"list": "2"}),
        (0, MATERIALS, {"list": "1", "networks": "others"}),
    ],
)
def test_another_batch_picture_or_run_is_read_anew(
    store: Store, tmp_path: Path, number: int, materials: tuple[Material, ...], run: dict[str, str]
) -> None:
    resumption(store, tmp_path).keep(0, BATCH)
    assert resumption(store, tmp_path).load(0, MATERIALS) is not None
    assert resumption(store, tmp_path, **run).load(number, materials) is None


def test_an_altered_file_is_read_anew(store: Store, tmp_path: Path) -> None:
    kept = resumption(store, tmp_path)
    kept.keep(0, BATCH)
    (file,) = (tmp_path / "resume").rglob("*.sealed")
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    assert kept.load(0, MATERIALS) is None


def test_a_batch_moved_to_another_number_is_read_anew(store: Store, tmp_path: Path) -> None:
    kept = resumption(store, tmp_path)
    kept.keep(0, BATCH)
    (file,) = (tmp_path / "resume").rglob("*.sealed")
    file.rename(file.with_name("000001.sealed"))
    assert kept.load(1, MATERIALS) is None


def test_what_is_forgotten_opens_with_nothing(store: Store, tmp_path: Path) -> None:
    kept = resumption(store, tmp_path)
    kept.keep(0, BATCH)
    (file,) = (tmp_path / "resume").rglob("*.sealed")
    copy = file.read_bytes()
    kept.forget()
    assert not list((tmp_path / "resume").rglob("*"))
    file.parent.mkdir()
    file.write_bytes(copy)
    assert kept.load(0, MATERIALS) is None


def test_forgetting_nothing_is_no_error(store: Store, tmp_path: Path) -> None:
    resumption(store, tmp_path).forget()
