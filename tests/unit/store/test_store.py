"""The store as a whole: made once, opened with its own root key, closed without remnants."""

from __future__ import annotations

import base64
import os
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

import countenance.store
from countenance.kernel import (
    FixedClock,
    KeyProvider,
    OperatorError,
    PlaceId,
    PurposeId,
    Signer,
    SubjectId,
)
from countenance.store import (
    EvidenceRecord,
    EvidenceScope,
    Issuer,
    Place,
    RecordTampered,
    RootKeyInsideStore,
    RootKeyWrong,
    SealBroken,
    Store,
    StoreExists,
    StoreExposed,
    StoreMissing,
    StoreUnreadable,
    TamperedRow,
    create_root_key,
    key_provider,
)
from countenance.store import store as store_module

Sql = Callable[..., list[tuple[object, ...]]]

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ANN = SubjectId("sub_ann")
CHECKIN = PurposeId("pur_checkin")
LOBBY = Place(PlaceId("plc_lobby"), "Front desk", "hotel_lobby", ("CN",), "Asia/Shanghai")


def test_a_new_store_says_what_it_is(store: Store) -> None:
    assert re.fullmatch(r"dep_[a-z2-7]{26}", store.deployment.deployment_id)
    assert store.deployment.demo is False
    assert store.deployment.created_at == NOON
    assert store.check_records() == ()
    assert store.log.verify().ok


def test_a_store_is_opened_as_it_was_closed(folder: Path, provider: KeyProvider, clock: FixedClock) -> None:
    with Store.create(folder, key_provider=provider, clock=clock, demo=True) as store:
        before = store.deployment
        store.places.add(LOBBY)
        sealed = store.vault.seal(ANN, CHECKIN, b"secret", context={})
        token = store.signer.sign({"a": 1}, kind="x+jws")
    with Store.open(folder, key_provider=provider, clock=clock) as store:
        assert store.deployment == before
        assert store.places.all() == (LOBBY,)
        assert store.vault.open(ANN, CHECKIN, sealed, context={}) == b"secret"
        assert store.signer.verify(token, kind="x+jws") == {"a": 1}


def test_no_two_deployments_are_alike(tmp_path: Path, provider: KeyProvider, clock: FixedClock) -> None:
    seen = set()
    for name in ("a", "b"):
        with Store.create(tmp_path / name, key_provider=provider, clock=clock) as store:
            seen |= {store.deployment.deployment_id, store.signer.key_id}
    assert len(seen) == 4


def test_the_signer_keeps_the_kernels_protocol(store: Store) -> None:
    signer: Signer = store.signer
    assert signer.public_jwk()["crv"] == "Ed25519"


def test_nothing_overwrites_a_store(
    store: Store, folder: Path, provider: KeyProvider, clock: FixedClock
) -> None:
    with pytest.raises(StoreExists):
        Store.create(folder, key_provider=provider, clock=clock)
    assert store.check_records() == ()


def test_there_has_to_be_a_store(folder: Path, provider: KeyProvider, clock: FixedClock) -> None:
    with pytest.raises(StoreMissing):
        Store.open(folder, key_provider=provider, clock=clock)
    assert not folder.exists()


def test_another_root_key_opens_nothing(
    folder: Path, provider: KeyProvider, clock: FixedClock, tmp_path: Path
) -> None:
    Store.create(folder, key_provider=provider, clock=clock).close()
    create_root_key(f"file:{tmp_path / 'other.key'}")
    with pytest.raises(RootKeyWrong) as refused:
        Store.open(folder, key_provider=key_provider(f"file:{tmp_path / 'other.key'}"), clock=clock)
    assert isinstance(refused.value, OperatorError)
    assert "root key with which the store was created" in refused.value.remedy
    Store.open(folder, key_provider=provider, clock=clock).close()


@pytest.mark.parametrize("where", ["root.key", "sub/root.key", "../data/root.key"])
def test_the_root_key_does_not_lie_in_the_data_folder(folder: Path, clock: FixedClock, where: str) -> None:
    folder.mkdir(mode=0o700)
    path = folder / where
    create_root_key(f"file:{path}")
    inside = key_provider(f"file:{path}")
    with pytest.raises(RootKeyInsideStore):
        Store.create(folder, key_provider=inside, clock=clock)
    with pytest.raises(RootKeyInsideStore):
        Store.open(folder, key_provider=inside, clock=clock)
    assert not (folder / "countenance.db").exists()


def test_a_link_does_not_hide_that_the_key_lies_inside(
    folder: Path, clock: FixedClock, tmp_path: Path
) -> None:
    folder.mkdir(mode=0o700)
    create_root_key(f"file:{folder / 'root.key'}")
    (tmp_path / "link.key").symlink_to(folder / "root.key")
    with pytest.raises(RootKeyInsideStore):
        Store.create(folder, key_provider=key_provider(f"file:{tmp_path / 'link.key'}"), clock=clock)


def test_a_store_under_a_key_of_the_environment(
    folder: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTENANCE_ROOT_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
    for act in (Store.create, Store.open):
        with act(folder, key_provider=key_provider("env:COUNTENANCE_ROOT_KEY"), clock=clock) as store:
            assert store.deployment.demo is False


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE deployment SET demo = 1",
        "UPDATE deployment SET created_at = '2020-01-01T00:00:00.000000Z'",
        "UPDATE deployment SET mac = zeroblob(32)",
        "UPDATE deployment SET wrapped_signing_key = zeroblob(61)",
    ],
    ids=["made a demo's", "made older", "mac", "signing key"],
)
def test_a_deployment_changed_by_hand_is_not_opened(
    folder: Path, provider: KeyProvider, clock: FixedClock, sql: Sql, edit: str
) -> None:
    Store.create(folder, key_provider=provider, clock=clock).close()
    sql(edit)
    with pytest.raises(RecordTampered):
        Store.open(folder, key_provider=provider, clock=clock)


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE deployment SET deployment_id = 'dep_another'",
        "UPDATE deployment SET wrapped_master_key = zeroblob(61)",
    ],
    ids=["identifier", "master key"],
)
def test_a_master_key_of_something_else_is_not_unwrapped(
    folder: Path, provider: KeyProvider, clock: FixedClock, sql: Sql, edit: str
) -> None:
    Store.create(folder, key_provider=provider, clock=clock).close()
    sql(edit)
    with pytest.raises(RootKeyWrong):
        Store.open(folder, key_provider=provider, clock=clock)


def test_a_store_that_was_never_finished_is_not_opened(
    folder: Path, provider: KeyProvider, clock: FixedClock, sql: Sql
) -> None:
    Store.create(folder, key_provider=provider, clock=clock).close()
    sql("DELETE FROM deployment")
    with pytest.raises(StoreUnreadable, match="never finished"):
        Store.open(folder, key_provider=provider, clock=clock)


def test_a_creation_that_fails_leaves_nothing(
    folder: Path, provider: KeyProvider, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(store_module, "_new_deployment", fail)
    with pytest.raises(OSError):  # noqa: PT011
        Store.create(folder, key_provider=provider, clock=clock)
    assert list(folder.iterdir()) == []
    monkeypatch.undo()
    Store.create(folder, key_provider=provider, clock=clock).close()


def test_an_exposed_store_is_not_opened(folder: Path, provider: KeyProvider, clock: FixedClock) -> None:
    Store.create(folder, key_provider=provider, clock=clock).close()
    folder.chmod(0o755)
    with pytest.raises(StoreExposed):
        Store.open(folder, key_provider=provider, clock=clock)
    folder.chmod(0o700)
    (folder / "countenance.db").chmod(0o644)
    with pytest.raises(StoreExposed):
        Store.open(folder, key_provider=provider, clock=clock)


def test_closing_leaves_the_database_file_alone(store: Store, folder: Path) -> None:
    store.log.append("x", {})
    assert (folder / "countenance.db-wal").stat().st_size > 0
    store.close()
    assert [path.name for path in folder.iterdir()] == ["countenance.db"]


def test_tampered_rows_are_named(store: Store, sql: Sql) -> None:
    store.places.add(LOBBY)
    record = EvidenceRecord.make(
        key="notice", content={}, author="desk", issuer=Issuer.PERSON, recorded_at=NOON
    )
    store.evidence.add(record)
    store.vault.seal(ANN, CHECKIN, b"x", context={})
    store.vault.destroy(ANN, CHECKIN)
    sql("UPDATE places SET title = 'x'")
    sql("UPDATE evidence SET key = 'x'")
    sql("UPDATE destroyed_keys SET subject = 'sub_x'")
    ((key_id,),) = sql("SELECT hex(key_id) FROM destroyed_keys")
    assert store.check_records() == (
        TamperedRow("destroyed_keys", str(key_id).lower()),
        TamperedRow("evidence", record.evidence_id),
        TamperedRow("places", "plc_lobby"),
    )


def test_no_key_is_in_the_data_folder(store: Store, folder: Path, root_key_uri: str) -> None:
    """Neither root nor master nor derived nor signing key, in any spelling."""
    store.vault.seal(ANN, CHECKIN, b"x", context={})
    root = base64.b64decode(Path(root_key_uri.removeprefix("file:")).read_text())
    everything = b"".join(path.read_bytes() for path in folder.iterdir())
    held = [
        root,
        store.vault._wrapping_key,
        store.vault._row_mac._key,
        store.signer._private.private_bytes_raw(),
    ]
    for key in held:
        assert len(key) == 32
        for spelling in (key, key.hex().encode(), base64.b64encode(key), base64.urlsafe_b64encode(key)[:-1]):
            assert spelling not in everything


def test_reprs_show_no_key(store: Store) -> None:
    assert repr(store) == f"Store({store.deployment.deployment_id!r}, demo=False)"


def test_a_copied_folder_without_its_root_key_is_of_no_use(
    store: Store, folder: Path, tmp_path: Path, clock: FixedClock
) -> None:
    """The thief has the folder and a root key of his own."""
    sealed = store.vault.seal(ANN, CHECKIN, b"secret", context={})
    store.close()
    create_root_key(f"file:{tmp_path / 'thief.key'}")
    thief = key_provider(f"file:{tmp_path / 'thief.key'}")
    with pytest.raises(RootKeyWrong):
        Store.open(folder, key_provider=thief, clock=clock)
    with Store.create(tmp_path / "own", key_provider=thief, clock=clock) as own, pytest.raises(SealBroken):
        own.vault.open(ANN, CHECKIN, sealed, context={})


def test_many_threads_use_one_store(store: Store) -> None:
    """A mix of everything, as the thread pool of a server does it."""
    failures: list[BaseException] = []

    def work(number: int) -> None:
        subject = SubjectId(f"sub_{number}")
        try:
            for turn in range(4):
                record = EvidenceRecord.make(
                    key="consent",
                    content={"turn": turn},
                    author="desk",
                    issuer=Issuer.PERSON,
                    recorded_at=NOON,
                    scope=EvidenceScope(subject=subject),
                )
                store.evidence.add(record)
                store.log.append("consent", {"evidence": record.evidence_id}, subject=subject)
                assert record in store.evidence.at(NOON, scope=EvidenceScope(subject=subject))
                sealed = store.vault.seal(subject, CHECKIN, b"x", context={})
                assert store.vault.open(subject, CHECKIN, sealed, context={}) == b"x"
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert store.evidence.epoch() == 80
    assert store.log.verify().ok
    assert store.log.size() == 80


CRASH = """
import os, sys
from pathlib import Path
from countenance.kernel import SystemClock
from countenance.store import Store, key_provider
store = Store.open(Path(sys.argv[1]), key_provider=key_provider(sys.argv[2]), clock=SystemClock())
for number in range(10_000):
    receipt = store.log.append("x", {"number": number})
    print(receipt.index, receipt.leaf_hash, flush=True)
"""


def test_what_was_acknowledged_survives_a_kill(
    folder: Path, provider: KeyProvider, clock: FixedClock
) -> None:
    """A process killed (-9) in the middle of appending loses nothing that it had reported."""
    Store.create(folder, key_provider=provider, clock=clock).close()
    source = Path(countenance.store.__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", CRASH, str(folder), provider.uri],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(source)},
    ) as process:
        assert process.stdout is not None
        acknowledged = [process.stdout.readline().split() for _ in range(25)]
        process.kill()
        acknowledged += [
            line.split() for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")
        ]
    with Store.open(folder, key_provider=provider, clock=clock) as store:
        assert store.log.verify().ok
        assert store.log.size() >= len(acknowledged) >= 25
        for index, leaf in acknowledged:
            assert store.log.entry(int(index)).leaf_hash == leaf


def test_every_public_name_is_documented_and_there() -> None:
    names = countenance.store.__all__
    assert len(names) == len(set(names))
    assert [name for name in names if not getattr(getattr(countenance.store, name), "__doc__", None)] == []


def test_every_error_has_a_code_and_a_remedy_of_its_own() -> None:
    kinds = [
        kind
        for name in countenance.store.__all__
        if isinstance(kind := getattr(countenance.store, name), type) and issubclass(kind, Exception)
    ]
    assert len(kinds) > 20
    assert len({kind.code for kind in kinds}) == len(kinds)  # type: ignore[attr-defined]
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.code) for kind in kinds)  # type: ignore[attr-defined]
    assert all("default_remedy" in vars(kind) for kind in kinds)


def test_the_version_of_sqlite_is_one_that_returns_what_it_updates() -> None:
    assert sqlite3.sqlite_version_info >= (3, 35)
