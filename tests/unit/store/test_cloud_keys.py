"""Keys of cloud services: the contract of every key provider, and what only a service can do wrong."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from cloud_key_servers import ACCESS_KEY, SECRET_KEY, aws_kms_server, gcp_client_of, gcp_kms_server
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
from countenance.store.cloud_keys import CloudKeyProvider

ARN = "arn:aws:kms:eu-central-1:123456789012:key/{}"
RING = "projects/made-up/locations/europe-west3/keyRings/countenance/cryptoKeys/{}"
KEYS = {"one": bytes(range(32)), "two": bytes(range(32, 64)), "ill": b""}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[dict[str, object]]]:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with aws_kms_server({ARN.format(name): key for name, key in KEYS.items()}) as (address, asked):
        monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", address)
        yield asked


@pytest.fixture
def gcp() -> Iterator[tuple[str, list[object]]]:
    with gcp_kms_server({RING.format(name): key for name, key in KEYS.items()}) as served:
        yield served


def aws_key(name: str) -> KeyProvider:
    return key_provider("awskms:" + ARN.format(name))


def gcp_key(name: str, address: str) -> KeyProvider:
    return CloudKeyProvider(uri="gcpkms:" + RING.format(name), gcp_client=partial(gcp_client_of, address))


@pytest.mark.usefixtures("aws")
class TestAwsKeys(KeyProviderContract):
    @pytest.fixture
    def provider(self) -> KeyProvider:
        return aws_key("one")

    @pytest.fixture
    def another_provider(self) -> KeyProvider:
        return aws_key("two")

    @pytest.fixture
    def secrets_of_provider(self) -> Sequence[str]:
        return [ACCESS_KEY, SECRET_KEY]

    def same_again(self, provider: KeyProvider) -> KeyProvider:
        return key_provider(provider.uri)


class TestGoogleKeys(KeyProviderContract):
    @pytest.fixture
    def provider(self, gcp: tuple[str, list[object]]) -> KeyProvider:
        return gcp_key("one", gcp[0])

    @pytest.fixture
    def another_provider(self, gcp: tuple[str, list[object]]) -> KeyProvider:
        return gcp_key("two", gcp[0])

    @pytest.fixture
    def secrets_of_provider(self, gcp: tuple[str, list[object]]) -> Sequence[str]:
        return [gcp[0]]

    def same_again(self, provider: KeyProvider) -> KeyProvider:
        assert isinstance(provider, CloudKeyProvider)
        return CloudKeyProvider(uri=provider.uri, gcp_client=provider._gcp_client)


@pytest.mark.parametrize("cloud", ["aws", "gcp"])
def test_a_store_opens_with_it(
    cloud: str, aws: object, gcp: tuple[str, list[object]], tmp_path: Path, clock: FixedClock
) -> None:
    provider = aws_key("one") if cloud == "aws" else gcp_key("one", gcp[0])
    with Store.create(tmp_path / "data", key_provider=provider, clock=clock) as store:
        store.purpose_keys.make(PurposeId("pur_gym"))
    with Store.open(tmp_path / "data", key_provider=provider, clock=clock) as again:
        assert again.purpose_keys.rotation_secret(PurposeId("pur_gym"), 1, model_id="m")
        assert again.check_records() == ()


@pytest.mark.usefixtures("aws")
def test_two_purposes_have_two_custodians(tmp_path: Path, clock: FixedClock) -> None:
    create_root_key(f"file:{tmp_path / 'root.key'}")
    root = key_provider(f"file:{tmp_path / 'root.key'}")
    with Store.create(tmp_path / "data", key_provider=root, clock=clock) as store:
        for name in ("one", "two"):
            store.purpose_keys.make(PurposeId(f"pur_{name}"), custodian="awskms:" + ARN.format(name))
        made = {key.custodian for key in store.purpose_keys.all()}
    assert made == {"awskms:" + ARN.format(name) for name in ("one", "two")}


def test_the_service_is_told_no_purpose(aws: list[dict[str, object]], gcp: tuple[str, list[object]]) -> None:
    for provider in (aws_key("one"), gcp_key("one", gcp[0])):
        provider.unwrap(provider.wrap(KEY, context=CONTEXT), context=CONTEXT)
    told = repr(aws) + repr(gcp[1])
    assert len(aws) == len(gcp[1]) == 2
    assert "dep_a" not in told
    assert CONTEXT.hex() not in told
    assert len({str(one["EncryptionContext"]) for one in aws}) == 1


def test_what_one_service_wrapped_another_does_not_take(aws: object, gcp: tuple[str, list[object]]) -> None:
    with pytest.raises(KeyNotUnwrapped):
        gcp_key("one", gcp[0]).unwrap(aws_key("one").wrap(KEY, context=CONTEXT), context=CONTEXT)


@pytest.mark.parametrize("name", ["three", "denied"])
def test_a_key_that_is_not_there_or_not_ours_is_said(
    name: str, aws: object, gcp: tuple[str, list[object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "denied":
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDSOMEBODYELSE")
    with pytest.raises(CustodianRefused) as refused:
        aws_key("one" if name == "denied" else name).wrap(KEY, context=CONTEXT)
    assert "123456789012" not in str(refused.value)
    with pytest.raises(CustodianRefused) as refused:
        gcp_key("ill" if name == "denied" else name, gcp[0]).wrap(KEY, context=CONTEXT)
    assert "made-up" not in str(refused.value)


@pytest.mark.usefixtures("aws")
def test_a_service_that_fails_does_not_answer() -> None:
    with pytest.raises(CustodianUnreachable):
        aws_key("ill").wrap(KEY, context=CONTEXT)


@pytest.mark.usefixtures("aws")
def test_a_service_that_is_not_there_is_said_without_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", "http://127.0.0.1:9")
    with pytest.raises(CustodianUnreachable) as refused:
        aws_key("one").wrap(KEY, context=CONTEXT)
    assert "127.0.0.1" not in str(refused.value)


@pytest.mark.usefixtures("aws")
def test_without_credentials_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(CustodianUnreachable):
        aws_key("one").wrap(KEY, context=CONTEXT)


@pytest.mark.parametrize(
    "uri",
    [
        "awskms:",
        "awskms:alias/key",
        "awskms:arn:aws:s3:eu-central-1:123456789012:key/one",
        "awskms:arn:aws:kms:eu-central-1:secret@123456789012:key/one",
        "awskms:" + ARN.format("one") + "?x=y",
        "gcpkms:",
        "gcpkms:projects/p/locations/l/keyRings/r",
        "gcpkms:" + RING.format("one") + "/cryptoKeyVersions/1",
        "gcpkms:" + RING.format("..") + "/x",
    ],
)
def test_a_uri_that_names_no_key_is_refused(uri: str) -> None:
    with pytest.raises(KeyProviderUnknown) as refused:
        key_provider(uri)
    assert "secret" not in str(refused.value)
    assert uri[:7] in refused.value.remedy


@pytest.mark.parametrize("uri", ["awskms:" + ARN.format("one"), "gcpkms:" + RING.format("one")])
def test_without_tink_it_says_what_to_install(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, f"tink.integration.{uri[:6]}", None)
    with pytest.raises(KeyProviderUnknown) as refused:
        key_provider(uri)
    assert f"countenance[{uri[:6]}]" in refused.value.remedy


@pytest.mark.parametrize("uri", ["awskms:" + ARN.format("one"), "gcpkms:" + RING.format("one")])
def test_its_key_is_not_made_from_here(uri: str) -> None:
    with pytest.raises(KeyProviderUnknown, match="made there"):
        create_root_key(uri)


def test_nothing_is_asked_before_a_key_is_needed(
    aws: list[dict[str, object]], gcp: tuple[str, list[object]]
) -> None:
    aws_key("one")
    gcp_key("one", gcp[0])
    assert aws == gcp[1] == []
