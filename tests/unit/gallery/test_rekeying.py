"""A purpose is re-keyed while others search; stopped and started again it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from contract.gallery import DIMENSIONS, DOOR, GYM, MODEL, NOON, person, units
from countenance.gallery import NumpyKernel, SealedGallery
from countenance.gallery.rekeying import Rekeying
from countenance.kernel import FixedClock
from countenance.store import (
    KeyState,
    OpenedReference,
    PurposeKeyGone,
    PurposeKeyMissing,
    Store,
    create_root_key,
    key_provider,
)
from countenance.templates import ReferenceTemplate, decode_template

DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    create_root_key(f"file:{tmp_path / 'root.key'}")
    provider = key_provider(f"file:{tmp_path / 'root.key'}")
    with Store.create(tmp_path / "data", key_provider=provider, clock=FixedClock(NOON)) as made:
        yield made


def opened(store: Store, model_id: str = MODEL) -> SealedGallery:
    return SealedGallery(
        store=store, model_id=model_id, dimensions=DIMENSIONS, clock=FixedClock(NOON), kernel=NumpyKernel()
    )


@pytest.fixture
def gallery(store: Store) -> Iterator[SealedGallery]:
    made = opened(store)
    yield made
    made.close()


def contents(store: Store) -> dict[str, bytes]:
    return {one.record.reference_id: one.content for one in store.references.changed_since(GYM, 0)}


def test_scores_stay_and_templates_dont(gallery: SealedGallery, store: Store) -> None:
    rows, probes = units(700), units(20, seed=2)
    gallery.enrol([person(row) for row in rows])
    before = gallery.search_many(GYM, probes, at=NOON, most=10)
    kept = contents(store)
    steps: list[int] = []
    done = Rekeying(store=store).run(GYM, at=NOON, moved=steps.append)
    assert (done.moved, done.key.version, done.went_on, done.ended) == (700, 2, False, (1,))
    assert steps == [500, 700]
    now = contents(store)
    assert now.keys() == kept.keys()
    assert not set(now.values()) & set(kept.values())
    # The gallery that was open, and one that is opened now.
    fresh = opened(store)
    for asked in (gallery, fresh):
        for old, new in zip(before, asked.search_many(GYM, probes, at=NOON, most=10), strict=True):
            assert [one.reference_id for one in old.candidates] == [
                one.reference_id for one in new.candidates
            ]
            scores = [[one.score for one in answer.candidates] for answer in (old, new)]
            np.testing.assert_allclose(scores[0], scores[1], atol=1e-6)
    fresh.close()
    with pytest.raises(PurposeKeyGone):
        store.purpose_keys.rotation_secret(GYM, 1, model_id=MODEL)
    assert store.check_records() == ()


def test_other_purposes_are_left_alone(gallery: SealedGallery, store: Store) -> None:
    gallery.enrol([person(units(1)[0]), person(units(1)[0], purpose=DOOR)])
    Rekeying(store=store).run(GYM, at=NOON)
    assert store.purpose_keys.active(DOOR).version == 1
    assert store.purpose_keys.counts() == {(GYM, 2): 1, (DOOR, 1): 1}


def test_templates_of_several_networks_are_turned_each_by_its_own(store: Store) -> None:
    rows = units(3)
    before = []
    for model in (MODEL, "net-b"):
        gallery = opened(store, model)
        gallery.enrol([person(row, model_id=model) for row in rows])
        before.append(gallery.search(GYM, rows[1], at=NOON, most=3).candidates)
        gallery.close()
    Rekeying(store=store).run(GYM, at=NOON)
    for model, known in zip((MODEL, "net-b"), before, strict=True):
        gallery = opened(store, model)
        now = gallery.search(GYM, rows[1], at=NOON, most=3).candidates
        assert [one.reference_id for one in now] == [one.reference_id for one in known]
        gallery.close()


class Stopped(Exception):
    """Somebody pulled the plug."""


def test_stopped_in_between_it_goes_on_with_the_key_that_it_made(
    gallery: SealedGallery, store: Store
) -> None:
    rows = units(1200)
    gallery.enrol([person(row) for row in rows])

    def stop(done: int) -> None:
        if done >= 500:
            raise Stopped

    with pytest.raises(Stopped):
        Rekeying(store=store).run(GYM, at=NOON, moved=stop)
    assert store.purpose_keys.counts() == {(GYM, 1): 700, (GYM, 2): 500}
    found = gallery.search_many(GYM, rows[:50], at=NOON, most=1)
    assert all(answer.candidates[0].score > 0.999999 for answer in found)
    done = Rekeying(store=store).run(GYM, at=NOON)
    assert (done.moved, done.went_on, done.key.version, done.ended) == (700, True, 2, (1,))
    assert store.purpose_keys.counts() == {(GYM, 2): 1200}


def test_who_is_enrolled_meanwhile_is_under_the_new_key(gallery: SealedGallery, store: Store) -> None:
    gallery.enrol([person(row) for row in units(600)])
    came = person(units(1, seed=9)[0])

    def meanwhile(done: int) -> None:
        if done == 500:
            gallery.enrol([came])

    Rekeying(store=store).run(GYM, at=NOON, moved=meanwhile)
    assert store.purpose_keys.counts() == {(GYM, 2): 601}
    assert gallery.verify(GYM, came.reference_id, units(1, seed=9)[0], at=NOON).value > 0.999999


def test_a_key_in_its_grace_stays_for_passes_and_then_goes(gallery: SealedGallery, store: Store) -> None:
    gallery.enrol([person(units(1)[0])])
    done = Rekeying(store=store).run(GYM, at=NOON, grace_until=NOON + DAY)
    assert done.ended == ()
    assert [(one.version, one.state) for one in done.retiring] == [(1, KeyState.RETIRING)]
    keys = store.purpose_keys
    assert keys.end_retired(at=NOON + DAY - timedelta(seconds=1)) == ()
    assert [one.version for one in keys.end_retired(at=NOON + DAY)] == [1]
    assert keys.end_retired(at=NOON + DAY) == ()


def test_to_another_custodian_who_is_then_needed(
    gallery: SealedGallery, store: Store, tmp_path: Path
) -> None:
    row = units(1)[0]
    gallery.enrol([person(row), person(row, purpose=DOOR)])
    bank = tmp_path / "bank.key"
    create_root_key(f"file:{bank}")
    Rekeying(store=store).run(GYM, at=NOON, custodian=f"file:{bank}")
    gallery.close()
    root, clock = key_provider(f"file:{tmp_path / 'root.key'}"), FixedClock(NOON)
    bank.rename(tmp_path / "elsewhere.key")
    with Store.open(tmp_path / "data", key_provider=root, clock=clock) as again:
        asked = opened(again)
        assert len(asked.search(DOOR, row, at=NOON).candidates) == 1
        with pytest.raises(Exception, match="can't be read"):
            asked.search(GYM, row, at=NOON)
        asked.close()


def test_a_purpose_without_a_key_has_nothing_to_rekey(store: Store) -> None:
    with pytest.raises(PurposeKeyMissing):
        Rekeying(store=store).run(GYM, at=NOON)


def test_what_was_read_is_overwritten(
    gallery: SealedGallery, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    gallery.enrol([person(row) for row in units(3)])
    seen = []

    def watched(content: bytes) -> ReferenceTemplate:
        template = decode_template(content)
        seen.append(template.vector)
        return template

    monkeypatch.setattr("countenance.gallery.rekeying.decode_template", watched)
    Rekeying(store=store).run(GYM, at=NOON)
    assert len(seen) == 3
    assert all(not vector.any() for vector in seen)


def test_opened_references_show_nothing(gallery: SealedGallery, store: Store) -> None:
    one = person(units(1)[0])
    gallery.enrol([one])
    assert "content" not in repr(store.references.open(one.reference_id))
    assert OpenedReference.__dataclass_fields__["content"].repr is False
