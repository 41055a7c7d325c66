"""Whatever is flipped, dropped, reordered, truncated or replayed is detected and named.

``scripts/measure_tampering.py`` makes 1,000 attempts in the same way.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from audited_desk import (
    STORED,
    THINGS,
    WAYS,
    Audited,
    TamperedStore,
    audited_desk,
    copied,
    findings_of,
    tamper_store,
    tampered_pack,
)
from countenance.release import PackUnreadable

CASES = [(thing, way) for thing in THINGS for way in WAYS]
STORE_CASES = [(thing, way) for thing in STORED for way in WAYS]


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    with audited_desk(tmp_path_factory.mktemp("hotel")) as made:
        yield made


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """An installation that nobody has open, and a checkpoint that a witness keeps."""
    root = tmp_path_factory.mktemp("closed")
    with audited_desk(root) as made:
        checkpoint = made.checkpoint
    return root, checkpoint


def test_nothing_is_found_where_nothing_was_done(
    audited: Audited, closed: tuple[Path, str], tmp_path: Path
) -> None:
    assert findings_of(audited, audited.pack) == []
    root, checkpoint = closed
    assert TamperedStore(copied(root, tmp_path / "copy"), checkpoint).findings() == []


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("thing", "way"), CASES)
def test_in_the_pack_it_is_named(audited: Audited, thing: str, way: str, seed: int) -> None:
    changed, member = tampered_pack(audited.pack, thing, way, random.Random(f"{thing} {way} {seed}"))  # noqa: S311
    assert changed != audited.pack
    assert member in {where for _, where in findings_of(audited, changed)}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("thing", "way"), STORE_CASES)
def test_in_the_database_it_is_found(
    closed: tuple[Path, str], tmp_path: Path, thing: str, way: str, seed: int
) -> None:
    root, checkpoint = closed
    copy = copied(root, tmp_path / "copy")
    done = tamper_store(copy, thing, way, random.Random(f"{thing} {way} {seed}"))  # noqa: S311
    assert TamperedStore(copy, checkpoint).findings(), done


@pytest.mark.parametrize("seed", range(8))
def test_no_byte_of_the_file_can_be_changed(audited: Audited, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311
    at = draw.randrange(len(audited.pack))
    changed = bytearray(audited.pack)
    changed[at] ^= 1 << draw.randrange(8)
    try:
        assert findings_of(audited, bytes(changed))
    except PackUnreadable:
        assert at > 0
