"""What was enrolled and erased is nowhere in the data folder: markers planted before are looked for after.

Each backend of the records has its own folder to look in. The scan is seen to find the same markers first.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from byte_scan import chunks, files_below, scan, vector_markers
from contract.gallery import DIMENSIONS, DOOR, GYM, MODEL, NOON, person, units
from countenance.gallery import NumpyKernel, SealedGallery
from countenance.kernel import FixedClock, PurposeId, SubjectId, new_id
from countenance.store import Store, create_root_key, key_provider

PIECE = 32
GONE, STAYS = SubjectId(new_id("sub")), SubjectId(new_id("sub"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    uri = f"file:{tmp_path / 'root.key'}"
    create_root_key(uri)
    with Store.create(tmp_path / "data", key_provider=key_provider(uri), clock=FixedClock(NOON)) as opened:
        yield opened


@pytest.fixture
def gallery(store: Store) -> Iterator[SealedGallery]:
    opened = SealedGallery(
        store=store, model_id=MODEL, dimensions=DIMENSIONS, clock=FixedClock(NOON), kernel=NumpyKernel()
    )
    yield opened
    opened.close()


def sealed_rows(folder: Path, subject: SubjectId) -> list[bytes]:
    with closing(sqlite3.connect(folder / "countenance.db")) as database:
        found = database.execute("SELECT sealed FROM biometric_references WHERE subject = ?", (subject,))
        return [row[0] for row in found]


def markers_of(store: Store, folder: Path, subject: SubjectId) -> dict[str, bytes]:
    """What would betray a person: the sealed blobs, piece by piece, pseudonym and references' names."""
    markers = {"pseudonym": subject.encode()}
    for record in store.references.of(subject):
        markers[f"reference {record.purpose}"] = record.reference_id.encode()
    for number, sealed in enumerate(sealed_rows(folder, subject)):
        starts = range(0, len(sealed) - PIECE, PIECE)
        markers |= {f"sealed {number} at {start}": sealed[start : start + PIECE] for start in starts}
    return markers


def seen(folder: Path, markers: dict[str, bytes]) -> set[str]:
    return {found.split(" in ")[0] for found in scan(files_below(folder), markers)}


def enrolled(gallery: SealedGallery, purposes: tuple[PurposeId, ...] = (GYM, DOOR)) -> None:
    rows = iter(units(60))
    crowd = [SubjectId(new_id("sub")) for _ in range(20)]
    for purpose in purposes:
        everybody = [*crowd[:10], GONE, STAYS, *crowd[10:]]
        gallery.enrol([person(next(rows), subject=one, purpose=purpose) for one in everybody])


def test_an_erased_person_is_nowhere_in_the_files(
    gallery: SealedGallery, store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    enrolled(gallery)
    markers = markers_of(store, folder, GONE)
    assert len(markers) > 10
    # The scan finds every one of them while he is enrolled, so it would find what was left.
    assert seen(folder, markers) == set(markers)
    others = markers_of(store, folder, STAYS)
    erased = store.erasures.erase(GONE, None)
    assert erased.references == 2
    store.erasures.look_for([*erased.needles, *markers.values()])
    assert scan(files_below(folder), markers) == []
    assert seen(folder, others) == set(others)


def test_no_file_holds_what_lies_in_memory(gallery: SealedGallery, store: Store, tmp_path: Path) -> None:
    enrolled(gallery)
    assert gallery.search(GYM, units(1)[0], at=NOON).compared == 22
    markers: dict[str, bytes] = {}
    for number, vector in enumerate(units(60)):
        markers |= vector_markers(f"plain {number}", vector)
    for reference in store.references.changed_since(GYM, 0):
        markers |= chunks("turned", reference.content[-4 * DIMENSIONS :])
    gallery.close()
    assert scan(files_below(tmp_path), markers) == []


def test_the_index_has_forgotten_who_was_erased(gallery: SealedGallery, store: Store) -> None:
    enrolled(gallery)
    # He was enrolled as the eleventh, for either purpose.
    probes = {GYM: units(60)[10], DOOR: units(60)[32]}
    for purpose, probe in probes.items():
        best = gallery.search(purpose, probe, at=NOON).candidates[0]
        assert store.references.get(best.reference_id).subject == GONE
    store.erasures.erase(GONE, None)
    for purpose, probe in probes.items():
        answer = gallery.search(purpose, probe, at=NOON, most=99)
        assert answer.compared == 21
        assert max(one.score for one in answer.candidates) < 0.9
        assert gallery.count(purpose) == 21


def test_one_purpose_is_erased_and_the_other_stays(
    gallery: SealedGallery, store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    enrolled(gallery)
    before = markers_of(store, folder, GONE)
    (name,) = (name for name in before if str(GYM) in name)
    gym = {name: before[name]}
    assert seen(folder, gym) == {name}
    erased = store.erasures.erase(GONE, GYM)
    store.erasures.look_for([*erased.needles, *gym.values()])
    assert scan(files_below(folder), gym) == []
    assert [record.purpose for record in store.references.of(GONE)] == [DOOR]
    assert gallery.search(DOOR, units(60)[32], at=NOON).candidates[0].score > 0.99
