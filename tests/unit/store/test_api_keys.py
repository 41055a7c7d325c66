"""API keys: shown once, kept as a hash, refused in one way whatever is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from countenance.kernel import CallerError, FixedClock
from countenance.store import (
    ApiKeyRefused,
    ProvedKeys,
    RecordExists,
    RecordTampered,
    RecordUnknown,
    Store,
    check_api_key,
    issue_api_key,
)
from countenance.store import api_keys as api_keys_module

Sql = Callable[..., list[tuple[object, ...]]]

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def key(store: Store, clock: FixedClock) -> str:
    return issue_api_key(store, "front desk", ("clerk", "auditor", "clerk"), clock)


def prefix_of(key: str) -> str:
    return key.split("_")[1]


def test_an_issued_key_is_known(store: Store, key: str, clock: FixedClock) -> None:
    record = check_api_key(store, key, clock)
    assert (record.name, record.roles, record.created_at) == ("front desk", ("auditor", "clerk"), NOON)
    assert record.prefix == prefix_of(key)
    assert store.api_keys.all() == (record,)


def test_a_key_has_its_form(key: str) -> None:
    assert re.fullmatch(r"cnt_[a-z2-7]{8}_[a-z2-7]{52}", key)


def test_keys_differ(store: Store, clock: FixedClock) -> None:
    keys = {issue_api_key(store, "desk", ("clerk",), clock) for _ in range(4)}
    assert len({key.split("_")[2] for key in keys}) == 4


def test_the_key_is_not_in_the_store(store: Store, key: str, folder: Path) -> None:
    secret = key.split("_")[2]
    everything = b"".join(path.read_bytes() for path in folder.iterdir())
    assert secret.encode() not in everything
    assert b"$argon2id$" in everything
    (record,) = store.api_keys.all()
    assert record.hashed not in repr(record)


@pytest.mark.parametrize(
    "change",
    [
        lambda _: "",
        lambda key: key[:-1],
        lambda key: key + "a",
        lambda key: key[:-1] + ("a" if key[-1] != "a" else "b"),
        lambda key: key.upper(),
        lambda key: f" {key}",
        lambda key: f"{key}\n",
        lambda key: key.replace("cnt_", "xyz_"),
        lambda key: f"cnt_{'a' * 8}_{key.split('_')[2]}",
        lambda key: f"cnt_{key.split('_')[1]}_{'a' * 52}",
        lambda key: key.replace("_", "-"),
        lambda _: "x" * 100_000,
        lambda _: "密钥",
    ],
    ids=[
        "empty",
        "cut",
        "longer",
        "last character",
        "capitals",
        "space",
        "newline",
        "other kind",
        "other prefix",
        "other secret",
        "dashes",
        "long",
        "not ASCII",
    ],
)
def test_any_other_key_is_refused_in_the_same_words(
    store: Store, key: str, clock: FixedClock, change: Callable[[str], str]
) -> None:
    with pytest.raises(ApiKeyRefused) as refused:
        check_api_key(store, change(key), clock)
    assert refused.value.message == "The API key isn't known here."
    assert isinstance(refused.value, CallerError)


def test_a_revoked_key_is_refused_in_the_same_words(store: Store, key: str, clock: FixedClock) -> None:
    revoked = store.api_keys.revoke(prefix_of(key), at=NOON)
    assert revoked.revoked_at == NOON
    with pytest.raises(ApiKeyRefused, match="isn't known"):
        check_api_key(store, key, clock)


def test_a_revocation_stands(store: Store, key: str) -> None:
    first = store.api_keys.revoke(prefix_of(key), at=NOON)
    assert store.api_keys.revoke(prefix_of(key), at=NOON + timedelta(hours=1)) == first


def test_a_revocation_may_lie_ahead(store: Store, key: str, clock: FixedClock) -> None:
    store.api_keys.revoke(prefix_of(key), at=NOON + timedelta(hours=1))
    assert check_api_key(store, key, clock).prefix == prefix_of(key)
    clock.move_to(NOON + timedelta(hours=1))
    with pytest.raises(ApiKeyRefused):
        check_api_key(store, key, clock)


def test_unknown_prefixes(store: Store) -> None:
    assert store.api_keys.find("aaaaaaaa") is None
    with pytest.raises(RecordUnknown):
        store.api_keys.revoke("aaaaaaaa", at=NOON)


@pytest.mark.parametrize(
    "edit",
    [
        "roles = '[\"admin\"]'",
        "revoked_at = NULL",
        "hashed = '$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAA'",
        "name = 'x'",
    ],
    ids=["further role", "revocation taken back", "another secret", "name"],
)
def test_editing_the_database_gives_nobody_a_key(
    store: Store, sql: Sql, key: str, clock: FixedClock, edit: str
) -> None:
    store.api_keys.revoke(prefix_of(key), at=NOON + timedelta(days=1))
    sql(f"UPDATE api_keys SET {edit}")  # noqa: S608
    with pytest.raises(RecordTampered):
        check_api_key(store, key, clock)
    with pytest.raises(RecordTampered):
        store.api_keys.all()


def test_an_unknown_prefix_costs_a_hash_as_well(
    store: Store, key: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time must not tell known prefixes from unknown ones: both verify one hash."""
    verified = []

    def counting(hashed: str, secret: str) -> bool:
        verified.append(hashed)
        return before(hashed, secret)

    before = api_keys_module._matches
    monkeypatch.setattr(api_keys_module, "_matches", counting)
    almost = f"{key[:-2]}{'bb' if key.endswith('aa') else 'aa'}"
    for presented in (f"cnt_{'a' * 8}_{'a' * 52}", almost, "no key at all"):
        with pytest.raises(ApiKeyRefused):
            check_api_key(store, presented, clock)
    assert len(verified) == 3


def test_a_prefix_serves_once(store: Store, key: str) -> None:
    (record,) = store.api_keys.all()
    with pytest.raises(RecordExists):
        store.api_keys.add(record)
    assert prefix_of(key) == record.prefix


@pytest.mark.parametrize(("name", "roles"), [("", ("clerk",)), ("desk", ())])
def test_a_key_has_a_name_and_a_role(
    store: Store, clock: FixedClock, name: str, roles: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match="at least one role"):
        issue_api_key(store, name, roles, clock)
    assert store.api_keys.all() == ()


def test_the_hash_says_which_setting_it_was_made_with(store: Store, key: str) -> None:
    (record,) = store.api_keys.all()
    assert record.hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


class TestProvedKeys:
    """A key that was proved is believed for a minute; what would refuse it is looked at all the same."""

    @pytest.fixture
    def hashings(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Every hash that was verified."""
        seen: list[str] = []
        real = api_keys_module._matches

        def counted(hashed: str, secret: str) -> bool:
            seen.append(hashed)
            return real(hashed, secret)

        monkeypatch.setattr(api_keys_module, "_matches", counted)
        return seen

    def test_it_is_hashed_once_a_minute(
        self, store: Store, key: str, clock: FixedClock, hashings: list[str]
    ) -> None:
        proved = ProvedKeys()
        for _ in range(3):
            assert check_api_key(store, key, clock, proved=proved).name == "front desk"
        assert len(hashings) == 1
        clock.move_to(clock.now() + timedelta(seconds=60))
        check_api_key(store, key, clock, proved=proved)
        assert len(hashings) == 2

    def test_without_a_memory_it_is_hashed_each_time(
        self, store: Store, key: str, clock: FixedClock, hashings: list[str]
    ) -> None:
        for _ in range(2):
            check_api_key(store, key, clock)
        assert len(hashings) == 2

    def test_a_wrong_secret_is_hashed_and_refused_each_time(
        self, store: Store, key: str, clock: FixedClock, hashings: list[str]
    ) -> None:
        proved = ProvedKeys()
        check_api_key(store, key, clock, proved=proved)
        wrong = key[:-1] + ("a" if key[-1] != "a" else "b")
        for _ in range(2):
            with pytest.raises(ApiKeyRefused):
                check_api_key(store, wrong, clock, proved=proved)
        assert len(hashings) == 3

    def test_a_revocation_counts_at_once(self, store: Store, key: str, clock: FixedClock) -> None:
        proved = ProvedKeys()
        check_api_key(store, key, clock, proved=proved)
        store.api_keys.revoke(prefix_of(key), at=clock.now())
        with pytest.raises(ApiKeyRefused, match="isn't known"):
            check_api_key(store, key, clock, proved=proved)

    def test_a_changed_row_counts_at_once(self, store: Store, key: str, clock: FixedClock, sql: Sql) -> None:
        proved = ProvedKeys()
        check_api_key(store, key, clock, proved=proved)
        sql("update api_keys set roles = '[\"officer\"]'")
        with pytest.raises(RecordTampered):
            check_api_key(store, key, clock, proved=proved)

    def test_a_secret_is_proved_for_its_own_hash_alone(self, clock: FixedClock) -> None:
        proved = ProvedKeys()
        proved.remember("hash one", "secret", now=clock.now())
        assert proved.knows("hash one", "secret", now=clock.now())
        assert not proved.knows("hash two", "secret", now=clock.now())
        assert not ProvedKeys().knows("hash one", "secret", now=clock.now())

    def test_a_clock_that_goes_back_proves_nothing(self, clock: FixedClock) -> None:
        proved = ProvedKeys()
        proved.remember("hash", "secret", now=clock.now())
        assert not proved.knows("hash", "secret", now=clock.now() - timedelta(seconds=1))

    def test_the_oldest_proof_goes_first(self, clock: FixedClock) -> None:
        proved = ProvedKeys(most=2)
        for secret in ("a", "b", "c"):
            proved.remember("hash", secret, now=clock.now())
        assert [proved.knows("hash", secret, now=clock.now()) for secret in "abc"] == [False, True, True]

    def test_no_secret_is_held(self, store: Store, key: str, clock: FixedClock) -> None:
        proved = ProvedKeys()
        check_api_key(store, key, clock, proved=proved)
        secret = key.split("_")[2]
        held = [getattr(proved, name) for name in ProvedKeys.__slots__]
        assert secret not in repr(held)

    @pytest.mark.parametrize("limits", [{"lifetime": timedelta(0)}, {"most": 0}])
    def test_limits_are_positive(self, limits: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match="at least"):
            ProvedKeys(**limits)
