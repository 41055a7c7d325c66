"""The root key is replaced in one change; what is open goes on, and the key before opens nothing any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from countenance.kernel import FixedClock, KeyProvider, PurposeId, SubjectId
from countenance.store import (
    KeyNotUnwrapped,
    RootKeyInsideStore,
    RootKeyMissing,
    RootKeySame,
    RootKeyWrong,
    Store,
    create_root_key,
    key_provider,
)

GYM, BANK = PurposeId("pur_gym"), PurposeId("pur_bank")
ANN = SubjectId("sub_ann")


def new_provider(path: Path) -> KeyProvider:
    create_root_key(f"file:{path}")
    return key_provider(f"file:{path}")


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory) -> KeyProvider:
    return new_provider(tmp_path_factory.mktemp("fresh") / "root.key")


def test_what_is_open_goes_on(store: Store, fresh: KeyProvider) -> None:
    sealed = store.vault.seal(ANN, GYM, b"said", context={"record": "test"})
    store.purpose_keys.make(GYM)
    secret = store.purpose_keys.rotation_secret(GYM, 1, model_id="m")
    assert store.root_key.rotate(fresh, by="operator") == 2
    assert store.root_key.uri == fresh.uri
    assert store.vault.open(ANN, GYM, sealed, context={"record": "test"}) == b"said"
    assert store.purpose_keys.rotation_secret(GYM, 1, model_id="m") == secret
    assert store.purpose_keys.active(GYM).custodian == fresh.uri
    entry = store.log.entry(store.log.size() - 1)
    assert (entry.kind, entry.entry) == ("root-key-rotated", {"keys": 2, "by": "operator"})
    assert store.check_records() == ()


def test_afterwards_the_new_key_opens_and_the_one_before_doesnt(
    folder: Path, provider: KeyProvider, fresh: KeyProvider, clock: FixedClock
) -> None:
    with Store.create(folder, key_provider=provider, clock=clock) as store:
        store.purpose_keys.make(GYM)
        secret = store.purpose_keys.rotation_secret(GYM, 1, model_id="m")
        store.root_key.rotate(fresh, by="operator")
    with pytest.raises(RootKeyWrong):
        Store.open(folder, key_provider=provider, clock=clock)
    with Store.open(folder, key_provider=fresh, clock=clock) as again:
        assert again.purpose_keys.rotation_secret(GYM, 1, model_id="m") == secret
        assert again.purpose_keys.make(BANK).custodian == fresh.uri


def test_a_purpose_with_a_custodian_of_its_own_stays_with_it(
    store: Store, fresh: KeyProvider, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bank = new_provider(tmp_path_factory.mktemp("bank") / "bank.key")
    store.purpose_keys.make(BANK, custodian=bank.uri)
    assert store.root_key.rotate(fresh, by="operator") == 1
    assert store.purpose_keys.active(BANK).custodian == bank.uri


def test_the_key_before_finds_nothing_of_it_in_the_files(
    folder: Path, provider: KeyProvider, fresh: KeyProvider, clock: FixedClock
) -> None:
    with Store.create(folder, key_provider=provider, clock=clock) as store:
        store.purpose_keys.make(GYM)
        before = wrapped_in(folder)
        assert len(before) == 2
        store.root_key.rotate(fresh, by="operator")
        written = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
        assert all(one not in written for one in before)
        for one in wrapped_in(folder):
            assert one in written
            with pytest.raises(KeyNotUnwrapped):
                provider.unwrap(one, context=b"any")


def wrapped_in(folder: Path) -> list[bytes]:
    import sqlite3  # noqa: PLC0415 - past the store, as somebody with the disk could
    from contextlib import closing  # noqa: PLC0415

    with closing(sqlite3.connect(folder / "countenance.db")) as database:
        rows = database.execute(
            "SELECT wrapped_master_key FROM deployment UNION ALL SELECT wrapped FROM purpose_keys"
        ).fetchall()
    return [bytes(row[0]) for row in rows]


class FailsAtTheSecond:
    """A custodian that wraps once and then doesn't answer."""

    uri = "file:/nowhere/fails.key"

    def __init__(self, provider: KeyProvider) -> None:
        self._provider = provider
        self._left = 1

    def wrap(self, key: bytes, *, context: bytes) -> bytes:
        if not self._left:
            raise RootKeyMissing("It doesn't answer.")
        self._left -= 1
        return self._provider.wrap(key, context=context)

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        return self._provider.unwrap(wrapped, context=context)


def test_a_failure_in_between_leaves_the_key_before(
    folder: Path, provider: KeyProvider, fresh: KeyProvider, clock: FixedClock
) -> None:
    with Store.create(folder, key_provider=provider, clock=clock) as store:
        store.purpose_keys.make(GYM)
        with pytest.raises(RootKeyMissing):
            store.root_key.rotate(FailsAtTheSecond(fresh), by="operator")
        assert store.root_key.uri == provider.uri
        assert store.check_records() == ()
    with Store.open(folder, key_provider=provider, clock=clock) as again:
        assert again.purpose_keys.rotation_secret(GYM, 1, model_id="m")


def test_another_process_that_is_open_goes_on_and_backs_up_under_the_new_key(
    folder: Path, provider: KeyProvider, fresh: KeyProvider, clock: FixedClock, tmp_path: Path
) -> None:
    with (
        Store.create(folder, key_provider=provider, clock=clock) as store,
        Store.open(folder, key_provider=provider, clock=clock) as other,
    ):
        store.purpose_keys.make(GYM)
        store.root_key.rotate(fresh, by="operator")
        # Its custodian's URI is on the row, so the other process finds the new one.
        assert other.purpose_keys.rotation_secret(GYM, 1, model_id="m")
        assert other.vault.seal(ANN, GYM, b"x", context={"record": "test"})


@pytest.mark.parametrize("place", ["same", "inside"])
def test_a_place_that_is_none_is_refused(
    store: Store, provider: KeyProvider, folder: Path, place: str
) -> None:
    if place == "same":
        with pytest.raises(RootKeySame):
            store.root_key.rotate(provider, by="operator")
    else:
        inside = new_provider(folder / "inside.key")
        with pytest.raises(RootKeyInsideStore):
            store.root_key.rotate(inside, by="operator")
    assert store.root_key.uri == provider.uri
