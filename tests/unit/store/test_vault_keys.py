"""Keys on a Vault server: the contract of every key provider, and what only a service can do wrong."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from contract.key_provider import CONTEXT, KEY, KeyProviderContract
from countenance.kernel import FixedClock, KeyProvider, PurposeId
from countenance.store import (
    CustodianRefused,
    CustodianUnreachable,
    KeyNotUnwrapped,
    KeyProviderUnknown,
    Store,
    create_root_key,
    key_provider,
)
from countenance.store.vault_keys import VaultKeyProvider
from transit_server import TOKEN, transit_server

NAMES = {"one": bytes(range(32)), "two": bytes(range(32, 64))}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    monkeypatch.setenv("VAULT_TOKEN", TOKEN)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "VAULT_ADDR", "VAULT_CACERT"):
        monkeypatch.delenv(name, raising=False)
    with transit_server(NAMES) as (address, _):
        yield address


class TestVaultKeyProvider(KeyProviderContract):
    @pytest.fixture
    def provider(self, server: str) -> KeyProvider:
        return key_provider(f"vault:{server}/transit/one")

    @pytest.fixture
    def another_provider(self, server: str) -> KeyProvider:
        return key_provider(f"vault:{server}/transit/two")

    @pytest.fixture
    def secrets_of_provider(self) -> Sequence[str]:
        return [TOKEN]

    def same_again(self, provider: KeyProvider) -> KeyProvider:
        return key_provider(provider.uri)


def test_a_store_opens_with_it_and_asks_for_one_key(server: str, tmp_path: Path, clock: FixedClock) -> None:
    provider = key_provider(f"vault:{server}/transit/one")
    with Store.create(tmp_path / "data", key_provider=provider, clock=clock) as store:
        store.purpose_keys.make(PurposeId("pur_gym"))
    with Store.open(tmp_path / "data", key_provider=provider, clock=clock) as again:
        assert again.purpose_keys.rotation_secret(PurposeId("pur_gym"), 1, model_id="m")
        assert again.check_records() == ()


def test_a_root_key_moves_from_a_file_to_the_server(server: str, tmp_path: Path, clock: FixedClock) -> None:
    create_root_key(f"file:{tmp_path / 'root.key'}")
    before, after = key_provider(f"file:{tmp_path / 'root.key'}"), key_provider(f"vault:{server}/transit/two")
    with Store.create(tmp_path / "data", key_provider=before, clock=clock) as store:
        assert store.root_key.rotate(after, by="operator") == 1
    (tmp_path / "root.key").unlink()
    Store.open(tmp_path / "data", key_provider=after, clock=clock).close()


@pytest.mark.parametrize("token", ["", "hvs.another"], ids=["none", "another"])
def test_without_its_token_nothing_is_wrapped(
    server: str, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = key_provider(f"vault:{server}/transit/one")
    wrapped = provider.wrap(KEY, context=CONTEXT)
    monkeypatch.setenv("VAULT_TOKEN", token)
    with pytest.raises(CustodianRefused) as refused:
        provider.wrap(KEY, context=CONTEXT)
    assert TOKEN not in str(refused.value)
    with pytest.raises(CustodianRefused):
        provider.unwrap(wrapped, context=CONTEXT)


def test_a_key_that_isnt_there_is_said(server: str) -> None:
    with pytest.raises(CustodianRefused):
        key_provider(f"vault:{server}/transit/three").wrap(KEY, context=CONTEXT)


def test_a_server_that_is_gone_is_said_without_its_address(server: str) -> None:
    provider = key_provider(f"vault:{server}/transit/one")
    gone = VaultKeyProvider(uri="vault:http://127.0.0.1:9/transit/one")
    with pytest.raises(CustodianUnreachable) as refused:
        gone.unwrap(provider.wrap(KEY, context=CONTEXT), context=CONTEXT)
    assert "127.0.0.1" not in str(refused.value)


def test_a_blob_of_a_file_s_key_is_none_of_a_server_s(server: str, tmp_path: Path) -> None:
    create_root_key(f"file:{tmp_path / 'root.key'}")
    wrapped = key_provider(f"file:{tmp_path / 'root.key'}").wrap(KEY, context=CONTEXT)
    with pytest.raises(KeyNotUnwrapped):
        key_provider(f"vault:{server}/transit/one").unwrap(wrapped, context=CONTEXT)


@pytest.mark.parametrize(
    "uri",
    [
        "vault:",
        "vault:https://host",
        "vault:https://host/key",
        "vault:http://vault.example/transit/key",
        "vault:https://user:secret@host/transit/key",
        "vault:https://host/transit/key?token=x",
        "vault:https://host/transit/../key",
        "vault:ftp://host/transit/key",
    ],
)
def test_a_uri_that_names_no_key_is_refused(uri: str) -> None:
    with pytest.raises(KeyProviderUnknown) as refused:
        key_provider(uri)
    assert "secret" not in str(refused.value)


def test_without_hvac_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hvac", None)
    with pytest.raises(KeyProviderUnknown) as refused:
        key_provider("vault:https://host/transit/key")
    assert "countenance[vault]" in refused.value.remedy


def test_its_key_isnt_made_from_here() -> None:
    with pytest.raises(KeyProviderUnknown) as refused:
        create_root_key("vault:https://host/transit/key")
    assert "vault write" in refused.value.remedy


def test_nothing_is_asked_before_a_key_is_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VAULT_TOKEN", TOKEN)
    with transit_server(NAMES) as (address, asked):
        key_provider(f"vault:{address}/transit/one")
        assert asked == []
    assert list(tmp_path.iterdir()) == []
