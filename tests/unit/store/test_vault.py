"""The vault: a value opens for its subject, purpose, context and deployment; destroyed is gone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from countenance.kernel import FixedClock, KeyProvider, PurposeId, SubjectId, canonical_json, new_id
from countenance.store import (
    DestroyedKey,
    ErasureUnfinished,
    RecordTampered,
    SealBroken,
    SealKeyDestroyed,
    Store,
)
from countenance.store import vault as vault_module
from countenance.store.sqlite import SqliteDatabase

Sql = Callable[..., list[tuple[object, ...]]]

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ANN, BEN = SubjectId("sub_ann"), SubjectId("sub_ben")
CHECKIN, ACCESS = PurposeId("pur_checkin"), PurposeId("pur_access")
CONTEXT = {"record": "decision"}

contexts = st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3)


def new_subject() -> SubjectId:
    return SubjectId(new_id("sub"))


@settings(deadline=None, max_examples=30)
@given(plaintext=st.binary(max_size=400), context=contexts)
def test_what_was_sealed_comes_back(shared_store: Store, plaintext: bytes, context: dict[str, str]) -> None:
    sealed = shared_store.vault.seal(ANN, CHECKIN, plaintext, context=context)
    assert shared_store.vault.open(ANN, CHECKIN, sealed, context=context) == plaintext


@settings(deadline=None, max_examples=30)
@given(one=contexts, other=contexts)
def test_another_context_opens_nothing(
    shared_store: Store, one: dict[str, str], other: dict[str, str]
) -> None:
    assume(one != other)
    sealed = shared_store.vault.seal(ANN, CHECKIN, b"secret", context=one)
    with pytest.raises(SealBroken):
        shared_store.vault.open(ANN, CHECKIN, sealed, context=other)


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_any_changed_bit_is_noticed(shared_store: Store, data: st.DataObject) -> None:
    blob = bytearray(shared_store.vault.seal(ANN, CHECKIN, b"secret", context=CONTEXT))
    bit = data.draw(st.integers(0, len(blob) * 8 - 1))
    blob[bit // 8] ^= 1 << (bit % 8)
    with pytest.raises(SealBroken):
        shared_store.vault.open(ANN, CHECKIN, bytes(blob), context=CONTEXT)


@settings(deadline=None, max_examples=60)
@given(blob=st.binary(max_size=80))
def test_arbitrary_bytes_never_open(shared_store: Store, blob: bytes) -> None:
    with pytest.raises(SealBroken):
        shared_store.vault.open(ANN, CHECKIN, blob, context=CONTEXT)


@pytest.mark.parametrize(
    ("subject", "purpose"),
    [(BEN, CHECKIN), (ANN, ACCESS), (BEN, ACCESS), (SubjectId("sub_none"), CHECKIN)],
)
@pytest.mark.parametrize("keys_made_before", [True, False])
def test_a_copied_blob_does_not_open(
    store: Store, subject: SubjectId, purpose: PurposeId, *, keys_made_before: bool
) -> None:
    if keys_made_before:
        store.vault.seal(subject, purpose, b"own", context=CONTEXT)
    sealed = store.vault.seal(ANN, CHECKIN, b"secret", context=CONTEXT)
    with pytest.raises(SealBroken):
        store.vault.open(subject, purpose, sealed, context=CONTEXT)


def test_a_blob_of_another_deployment_does_not_open(
    store: Store, tmp_path: Path, provider: KeyProvider, clock: FixedClock
) -> None:
    sealed = store.vault.seal(ANN, CHECKIN, b"secret", context=CONTEXT)
    with Store.create(tmp_path / "other", key_provider=provider, clock=clock) as other:
        other.vault.seal(ANN, CHECKIN, b"own", context=CONTEXT)
        with pytest.raises(SealBroken):
            other.vault.open(ANN, CHECKIN, sealed, context=CONTEXT)


def test_a_data_key_row_of_another_subject_does_not_open(store: Store, sql: Sql) -> None:
    """Who renames the key's row in the database still can't open one person's data as another's."""
    sealed = store.vault.seal(ANN, CHECKIN, b"secret", context=CONTEXT)
    sql("UPDATE data_keys SET subject = ?", BEN)
    with pytest.raises(SealBroken):
        store.vault.open(BEN, CHECKIN, sealed, context=CONTEXT)


def test_one_key_for_each_subject_and_purpose(store: Store, sql: Sql) -> None:
    for _ in range(3):
        for subject in (ANN, BEN):
            for purpose in (CHECKIN, ACCESS):
                store.vault.seal(subject, purpose, b"x", context=CONTEXT)
    assert sql("SELECT count(*) FROM data_keys") == [(4,)]


def test_destroying_erases_what_was_sealed(store: Store, clock: FixedClock) -> None:
    sealed = store.vault.seal(ANN, CHECKIN, b"secret", context=CONTEXT)
    assert store.vault.destroy(ANN, CHECKIN) is True
    with pytest.raises(SealKeyDestroyed):
        store.vault.open(ANN, CHECKIN, sealed, context=CONTEXT)
    (tombstone,) = store.vault.destroyed()
    assert tombstone == DestroyedKey(sealed[1:17].hex(), CHECKIN, clock.now())


def test_destroying_one_leaves_the_others(store: Store) -> None:
    kept = store.vault.seal(BEN, CHECKIN, b"ben", context=CONTEXT)
    also = store.vault.seal(ANN, ACCESS, b"ann", context=CONTEXT)
    store.vault.seal(ANN, CHECKIN, b"secret", context=CONTEXT)
    store.vault.destroy(ANN, CHECKIN)
    assert store.vault.open(BEN, CHECKIN, kept, context=CONTEXT) == b"ben"
    assert store.vault.open(ANN, ACCESS, also, context=CONTEXT) == b"ann"


def test_destroying_a_subject_takes_all_its_purposes(store: Store) -> None:
    blobs = {purpose: store.vault.seal(ANN, purpose, b"x", context=CONTEXT) for purpose in (CHECKIN, ACCESS)}
    assert store.vault.destroy_subject(ANN) == 2
    for purpose, sealed in blobs.items():
        with pytest.raises(SealKeyDestroyed):
            store.vault.open(ANN, purpose, sealed, context=CONTEXT)


def test_destroying_what_is_not_there_says_so(store: Store) -> None:
    assert store.vault.destroy(ANN, CHECKIN) is False
    assert store.vault.destroy_subject(ANN) == 0
    assert store.vault.destroyed() == ()


def test_a_destroyed_key_does_not_come_back(store: Store) -> None:
    old = store.vault.seal(ANN, CHECKIN, b"old", context=CONTEXT)
    store.vault.destroy(ANN, CHECKIN)
    new = store.vault.seal(ANN, CHECKIN, b"new", context=CONTEXT)
    assert store.vault.open(ANN, CHECKIN, new, context=CONTEXT) == b"new"
    with pytest.raises(SealKeyDestroyed):
        store.vault.open(ANN, CHECKIN, old, context=CONTEXT)


def test_no_byte_of_the_wrapped_key_is_left_in_the_folder(store: Store, folder: Path, sql: Sql) -> None:
    for _ in range(20):
        store.vault.seal(new_subject(), CHECKIN, b"x", context=CONTEXT)
    store.vault.seal(ANN, CHECKIN, b"secret", context=CONTEXT)
    ((wrapped,),) = sql("SELECT wrapped FROM data_keys WHERE subject = ?", ANN)
    assert isinstance(wrapped, bytes)
    needle = wrapped[10:42]
    assert any(needle in path.read_bytes() for path in folder.iterdir())
    store.vault.destroy(ANN, CHECKIN)
    assert not [path.name for path in folder.iterdir() if needle in path.read_bytes()]


def test_an_erasure_that_another_reader_hinders_says_so(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = store.vault.seal(ANN, CHECKIN, b"secret", context=CONTEXT)
    monkeypatch.setattr(SqliteDatabase, "truncate_write_ahead_log", lambda _: False)
    with pytest.raises(ErasureUnfinished):
        store.vault.destroy(ANN, CHECKIN)
    with pytest.raises(SealKeyDestroyed):
        store.vault.open(ANN, CHECKIN, sealed, context=CONTEXT)
    monkeypatch.undo()
    assert store.vault.destroy(ANN, CHECKIN) is False


def test_a_key_taken_out_by_hand_is_not_an_erasure(store: Store, sql: Sql) -> None:
    sealed = store.vault.seal(ANN, CHECKIN, b"secret", context=CONTEXT)
    sql("DELETE FROM data_keys")
    with pytest.raises(SealBroken, match="taken out"):
        store.vault.open(ANN, CHECKIN, sealed, context=CONTEXT)


def test_a_forged_tombstone_is_not_believed(store: Store, sql: Sql) -> None:
    sealed = store.vault.seal(ANN, CHECKIN, b"secret", context=CONTEXT)
    store.vault.destroy(ANN, CHECKIN)
    sql("UPDATE destroyed_keys SET destroyed_at = '2020-01-01T00:00:00.000000Z'")
    with pytest.raises(RecordTampered):
        store.vault.destroyed()
    with pytest.raises(RecordTampered):
        store.vault.open(ANN, CHECKIN, sealed, context=CONTEXT)


def test_threads_that_seal_first_share_one_key(store: Store, sql: Sql) -> None:
    blobs: list[bytes] = []
    barrier = threading.Barrier(12)

    def seal() -> None:
        barrier.wait()
        blobs.append(store.vault.seal(ANN, CHECKIN, b"x", context=CONTEXT))

    threads = [threading.Thread(target=seal) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({blob[1:17] for blob in blobs}) == 1
    assert len(blobs) == 12
    assert sql("SELECT count(*) FROM data_keys") == [(1,)]


def test_another_version_is_refused(store: Store) -> None:
    sealed = store.vault.seal(ANN, CHECKIN, b"secret", context=CONTEXT)
    with pytest.raises(SealBroken, match="form"):
        store.vault.open(ANN, CHECKIN, b"\x02" + sealed[1:], context=CONTEXT)


def test_the_stand_in_purpose_is_no_purpose_of_anybody(store: Store) -> None:
    assert store.purposes.all() == ()
    assert vault_module.UNBOUND.startswith("pur_")


def test_the_form_is_the_documented_one(store: Store, sql: Sql) -> None:
    """Opened by hand, with ``cryptography`` alone: what is written today must open tomorrow."""
    sealed = store.vault.seal(ANN, CHECKIN, b"secret", context=CONTEXT)
    ((key_id, wrapped),) = sql("SELECT key_id, wrapped FROM data_keys")
    assert isinstance(key_id, bytes)
    assert isinstance(wrapped, bytes)
    bound_to = {
        "context": None,
        "deployment": store.deployment.deployment_id,
        "key": key_id.hex(),
        "purpose": CHECKIN,
        "subject": ANN,
    }
    wrapping = AESGCM(store.vault._wrapping_key)
    data_key = wrapping.decrypt(wrapped[1:13], wrapped[13:], canonical_json(bound_to))
    assert sealed[:1] + key_id + b"\x01" == b"\x01" + sealed[1:17] + sealed[17:18]
    associated = canonical_json(bound_to | {"context": CONTEXT})
    assert AESGCM(data_key).decrypt(sealed[18:30], sealed[30:], associated) == b"secret"


def test_values_sealed_together_open_one_by_one(store: Store) -> None:
    contexts_ = [{"record": str(number)} for number in range(3)]
    values = [(f"value {number}".encode(), context) for number, context in enumerate(contexts_)]
    sealed = store.vault.seal_all(ANN, CHECKIN, values)
    for number, blob in enumerate(sealed):
        opened = store.vault.open(ANN, CHECKIN, blob, context=contexts_[number])
        assert opened == f"value {number}".encode()
        with pytest.raises(SealBroken):
            store.vault.open(ANN, CHECKIN, blob, context=contexts_[number - 1])
    assert len(set(sealed)) == 3


def test_what_is_sealed_together_goes_with_the_one_key(store: Store) -> None:
    sealed = store.vault.seal_all(ANN, CHECKIN, [(b"one", CONTEXT), (b"two", CONTEXT)])
    other = store.vault.seal(ANN, ACCESS, b"three", context=CONTEXT)
    store.vault.destroy(ANN, CHECKIN)
    for blob in sealed:
        with pytest.raises(SealKeyDestroyed):
            store.vault.open(ANN, CHECKIN, blob, context=CONTEXT)
    assert store.vault.open(ANN, ACCESS, other, context=CONTEXT) == b"three"
