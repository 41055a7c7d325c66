from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from countenance.gallery.errors import (
    PassEnded,
    PassForeign,
    PassNotYetValid,
    PassOfAnotherNetwork,
    PassRevoked,
)
from countenance.gallery.holder_passes import HolderPasses
from countenance.kernel import CallerError, FixedClock, PurposeId, SubjectId
from countenance.store import Store, create_root_key, key_provider
from countenance.templates import HolderPass, PassUnreadable
from qr_codes import read_code

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SUBJECT = SubjectId("sub_a2b3c4d5")
DOOR, GYM = PurposeId("pur_staffdoor"), PurposeId("pur_gym")
DAYS = timedelta(days=90)
NETWORK = "mobilefacenet-192+int8"


def unit(seed: int, dimensions: int = 192) -> Any:
    vector = np.random.default_rng(seed).normal(size=dimensions)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def store(tmp_path: Path, clock: FixedClock) -> Iterator[Store]:
    uri = f"file:{tmp_path / 'keys' / 'root.key'}"
    create_root_key(uri)
    with Store.create(tmp_path / "data", key_provider=key_provider(uri), clock=clock) as opened:
        yield opened


def desk(store: Store, clock: FixedClock, *, model_id: str = NETWORK) -> HolderPasses:
    return HolderPasses(
        deployment=store.deployment.deployment_id,
        model_id=model_id,
        keys=store.purpose_keys,
        revocations=store.pass_revocations,
        clock=clock,
    )


@pytest.fixture
def passes(store: Store, clock: FixedClock) -> HolderPasses:
    return desk(store, clock)


def made(passes: HolderPasses, *, seed: int = 1, purpose: PurposeId = DOOR) -> HolderPass:
    return passes.make(
        subject=SUBJECT, purpose=purpose, template=unit(seed), valid_from=NOON, valid_until=NOON + DAYS
    )


def score(passes: HolderPasses, text: str, seed: int) -> float:
    opened = passes.open(text, purpose=DOOR)
    return float(opened.reference @ passes.probe(opened, unit(seed), purpose=DOOR))


def test_scores_against_a_pass_are_those_of_the_templates(passes: HolderPasses) -> None:
    text = made(passes).to_text()
    assert score(passes, text, 1) == pytest.approx(1.0, abs=1e-3)
    for other in range(2, 12):
        assert score(passes, text, other) == pytest.approx(float(unit(1) @ unit(other)), abs=1e-3)


def test_it_says_whose_it_is_to_the_desk_alone(passes: HolderPasses) -> None:
    one = made(passes)
    opened = passes.open(one.to_text(), purpose=DOOR)
    assert opened.subject == SUBJECT
    assert not opened.reissue
    assert SUBJECT not in one.to_text()
    assert "reference" not in repr(opened)


def test_what_is_opened_is_not_the_plain_template(passes: HolderPasses) -> None:
    reference = passes.open(made(passes).to_text(), purpose=DOOR).reference
    assert abs(float(reference @ unit(1))) < 0.4


def test_no_two_passes_of_one_person_are_alike(passes: HolderPasses) -> None:
    one, two = made(passes), made(passes)
    assert one.header.serial != two.header.serial
    assert one.sealed != two.sealed


def test_nothing_is_kept_of_a_pass(store: Store, passes: HolderPasses, tmp_path: Path) -> None:
    one = made(passes)
    passes.open(one.to_text(), purpose=DOOR)
    kept = b"".join(file.read_bytes() for file in (tmp_path / "data").rglob("*") if file.is_file())
    assert one.header.serial not in kept
    assert SUBJECT.encode() not in kept
    assert one.sealed[:24] not in kept


def test_its_code_is_read_from_a_picture(passes: HolderPasses, tmp_path: Path) -> None:
    text = made(passes).to_text()
    file = tmp_path / "pass.png"
    segno.make(text, error="M", boost_error=False).save(str(file), scale=4, border=4)
    pixels = cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)
    assert pixels is not None
    assert read_code(pixels.astype(np.uint8)) == text


@pytest.mark.parametrize(
    ("later", "refusal"),
    [
        (timedelta(seconds=-1), PassNotYetValid),
        (timedelta(0), None),
        (DAYS - timedelta(seconds=1), None),
        (DAYS, PassEnded),
    ],
    ids=["before", "at-its-first-moment", "at-its-last", "after"],
)
def test_it_holds_in_its_time(
    passes: HolderPasses, clock: FixedClock, later: timedelta, refusal: type[CallerError] | None
) -> None:
    text = made(passes).to_text()
    clock.move_to(NOON + later)
    if refusal is None:
        assert passes.open(text, purpose=DOOR).subject == SUBJECT
    else:
        with pytest.raises(refusal):
            passes.open(text, purpose=DOOR)


def test_for_another_purpose_it_is_foreign(passes: HolderPasses) -> None:
    text = made(passes).to_text()
    made(passes, purpose=GYM)  # that purpose has a key, too
    with pytest.raises(PassForeign):
        passes.open(text, purpose=GYM)


def test_at_another_deployment_it_is_foreign(passes: HolderPasses, clock: FixedClock, tmp_path: Path) -> None:
    text = made(passes).to_text()
    uri = f"file:{tmp_path / 'keys' / 'root.key'}"
    with Store.create(tmp_path / "other", key_provider=key_provider(uri), clock=clock) as other:
        elsewhere = desk(other, clock)
        made(elsewhere)
        with pytest.raises(PassForeign):
            elsewhere.open(text, purpose=DOOR)


def test_of_another_network_it_is_not_compared(passes: HolderPasses, store: Store, clock: FixedClock) -> None:
    text = made(passes).to_text()
    with pytest.raises(PassOfAnotherNetwork):
        desk(store, clock, model_id="another-192").open(text, purpose=DOOR)


def test_taken_back_it_holds_no_more_after_a_restart_either(
    passes: HolderPasses, store: Store, clock: FixedClock
) -> None:
    text, other = made(passes).to_text(), made(passes).to_text()
    revoked = passes.revoke(text, purpose=DOOR)
    assert revoked.until == NOON + DAYS
    for one in (passes, desk(store, clock)):
        with pytest.raises(PassRevoked):
            one.open(text, purpose=DOOR)
    assert passes.open(other, purpose=DOOR).subject == SUBJECT


def test_a_lost_pass_is_taken_back_by_its_serial(passes: HolderPasses) -> None:
    one = made(passes)
    passes.revoke_serial(one.header.serial, purpose=DOOR)
    with pytest.raises(PassRevoked):
        passes.open(one.to_text(), purpose=DOOR)
    with pytest.raises(ValueError, match="16 bytes"):
        passes.revoke_serial(b"short", purpose=DOOR)


def test_only_a_pass_of_here_can_be_taken_back(passes: HolderPasses) -> None:
    text = made(passes).to_text()
    with pytest.raises(PassForeign):
        passes.revoke(text, purpose=GYM)
    with pytest.raises(PassUnreadable):
        passes.revoke("no pass", purpose=DOOR)


class TestAfterAReKey:
    def test_within_the_grace_it_holds_and_is_to_be_exchanged(
        self, passes: HolderPasses, store: Store, clock: FixedClock
    ) -> None:
        text = made(passes).to_text()
        store.purpose_keys.renew(DOOR, grace_until=NOON + timedelta(days=30))
        clock.move_to(NOON + timedelta(days=29))
        assert passes.open(text, purpose=DOOR).reissue
        assert score(passes, text, 1) == pytest.approx(1.0, abs=1e-3)
        fresh = made(passes)
        assert fresh.header.key_version == 2
        assert not passes.open(fresh.to_text(), purpose=DOOR).reissue

    def test_it_is_renewed_without_its_holder_s_picture(
        self, passes: HolderPasses, store: Store, clock: FixedClock
    ) -> None:
        """What the new pass holds is what a pass made anew from the same template holds."""
        old = passes.make(
            subject=SUBJECT, purpose=DOOR, template=unit(1), valid_from=NOON, valid_until=NOON + DAYS
        )
        store.purpose_keys.renew(DOOR, grace_until=NOON + timedelta(days=30))
        clock.move_to(NOON + timedelta(days=3))
        opened = passes.open(old.to_text(), purpose=DOOR)
        new = passes.renew(opened, purpose=DOOR)
        assert (new.header.valid_from, new.header.valid_until) == (clock.now(), NOON + DAYS)
        assert (new.header.key_version, new.header.serial == old.header.serial) == (2, False)
        again = passes.open(new.to_text(), purpose=DOOR)
        assert (again.subject, again.reissue) == (SUBJECT, False)
        for seed in (1, 2):
            before = float(opened.reference @ passes.probe(opened, unit(seed), purpose=DOOR))
            after = float(again.reference @ passes.probe(again, unit(seed), purpose=DOOR))
            assert after == pytest.approx(before, abs=1e-3)
        # Under another key it is another template.
        assert abs(float(opened.reference @ again.reference)) < 0.5
        # The old one holds until it is taken back.
        passes.take_back(opened, purpose=DOOR)
        with pytest.raises(PassRevoked):
            passes.open(old.to_text(), purpose=DOOR)

    def test_after_the_grace_it_has_ended(
        self, passes: HolderPasses, store: Store, clock: FixedClock
    ) -> None:
        text = made(passes).to_text()
        store.purpose_keys.renew(DOOR, grace_until=NOON + timedelta(days=30))
        clock.move_to(NOON + timedelta(days=30))
        with pytest.raises(PassEnded):
            passes.open(text, purpose=DOOR)

    def test_without_a_grace_it_has_ended_at_once(self, passes: HolderPasses, store: Store) -> None:
        text = made(passes).to_text()
        store.purpose_keys.renew(DOOR)
        with pytest.raises(PassEnded):
            passes.open(text, purpose=DOOR)

    def test_once_the_key_is_deleted_nothing_opens_it(self, passes: HolderPasses, store: Store) -> None:
        text = made(passes).to_text()
        store.purpose_keys.renew(DOOR, grace_until=NOON + timedelta(days=30))
        store.purpose_keys.end(DOOR, 1)
        with pytest.raises(PassEnded):
            passes.open(text, purpose=DOOR)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[HolderPasses, HolderPass]]:
    folder, clock = tmp_path_factory.mktemp("shared"), FixedClock(NOON)
    uri = f"file:{folder / 'keys' / 'root.key'}"
    create_root_key(uri)
    with Store.create(folder / "data", key_provider=key_provider(uri), clock=clock) as store:
        passes = desk(store, clock)
        yield passes, made(passes)


@settings(max_examples=150, deadline=None)
@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_changed_bit_goes_unnoticed(shared: tuple[HolderPasses, HolderPass], place: int, bit: int) -> None:
    passes, one = shared
    whole = bytearray(one.header.pack() + one.sealed)
    whole[place % len(whole)] ^= 1 << bit
    text = "CP1:" + base64.b32encode(bytes(whole)).decode().rstrip("=")
    with pytest.raises((PassForeign, PassUnreadable)):
        passes.open(text, purpose=DOOR)
