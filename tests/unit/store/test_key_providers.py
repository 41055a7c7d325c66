"""Key providers: both keep the contract; a key that is missing, exposed or malformed is refused."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from contract.key_provider import KeyProviderContract
from countenance.kernel import KeyProvider
from countenance.store import (
    EnvKeyProvider,
    FileKeyProvider,
    KeyNotUnwrapped,
    KeyProviderUnknown,
    RootKeyError,
    RootKeyExists,
    RootKeyExposed,
    RootKeyMalformed,
    RootKeyMissing,
    create_root_key,
    key_provider,
)
from countenance.store.sealing import seal

KEY_TEXT = base64.b64encode(bytes(range(100, 132))).decode()
OTHER_TEXT = base64.b64encode(bytes(range(50, 82))).decode()


class TestFileKeyProvider(KeyProviderContract):
    @pytest.fixture
    def provider(self, tmp_path: Path) -> KeyProvider:
        create_root_key(f"file:{tmp_path / 'root.key'}")
        return key_provider(f"file:{tmp_path / 'root.key'}")

    @pytest.fixture
    def another_provider(self, tmp_path: Path) -> KeyProvider:
        create_root_key(f"file:{tmp_path / 'other.key'}")
        return key_provider(f"file:{tmp_path / 'other.key'}")

    @pytest.fixture
    def secrets_of_provider(self, provider: KeyProvider) -> Sequence[str]:
        return [Path(provider.uri.removeprefix("file:")).read_text().strip()]

    def same_again(self, provider: KeyProvider) -> KeyProvider:
        return key_provider(provider.uri)


class TestEnvKeyProvider(KeyProviderContract):
    @pytest.fixture
    def provider(self, monkeypatch: pytest.MonkeyPatch) -> KeyProvider:
        monkeypatch.setenv("COUNTENANCE_ROOT_KEY", KEY_TEXT)
        return key_provider("env:COUNTENANCE_ROOT_KEY")

    @pytest.fixture
    def another_provider(self) -> KeyProvider:
        return EnvKeyProvider(name="OTHER", environ={"OTHER": OTHER_TEXT})

    @pytest.fixture
    def secrets_of_provider(self) -> Sequence[str]:
        return [KEY_TEXT]

    def same_again(self, provider: KeyProvider) -> KeyProvider:
        return key_provider(provider.uri)


def test_both_kinds_are_interchangeable(tmp_path: Path) -> None:
    uri = f"file:{tmp_path / 'root.key'}"
    create_root_key(uri)
    as_file = key_provider(uri)
    as_env = EnvKeyProvider(name="KEY", environ={"KEY": (tmp_path / "root.key").read_text()})
    assert as_env.unwrap(as_file.wrap(bytes(32), context=b"c"), context=b"c") == bytes(32)


def test_a_new_key_is_32_bytes_that_only_the_owner_can_read(tmp_path: Path) -> None:
    path = tmp_path / "etc" / "root.key"
    create_root_key(f"file:{path}")
    assert len(base64.b64decode(path.read_text())) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_new_key_is_private_under_any_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        create_root_key(f"file:{tmp_path / 'root.key'}")
    finally:
        os.umask(before)
    assert (tmp_path / "root.key").stat().st_mode & 0o777 == 0o600


def test_two_new_keys_differ(tmp_path: Path) -> None:
    for name in ("a", "b"):
        create_root_key(f"file:{tmp_path / name}")
    assert (tmp_path / "a").read_text() != (tmp_path / "b").read_text()


def test_nothing_overwrites_a_root_key(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    create_root_key(f"file:{path}")
    before = path.read_text()
    with pytest.raises(RootKeyExists):
        create_root_key(f"file:{path}")
    assert path.read_text() == before


def test_a_key_that_can_not_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "blocker").write_text("a file where a folder should be")
    with pytest.raises(RootKeyMissing, match="can't be written"):
        create_root_key(f"file:{tmp_path / 'blocker' / 'root.key'}")


def test_no_key_is_made_in_the_environment() -> None:
    with pytest.raises(KeyProviderUnknown) as refused:
        create_root_key("env:COUNTENANCE_ROOT_KEY")
    assert "base64" in refused.value.remedy


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601, 0o620, 0o644, 0o666])
def test_a_key_that_others_can_use_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "root.key"
    create_root_key(f"file:{path}")
    path.chmod(mode)
    with pytest.raises(RootKeyExposed, match=f"{mode:04o}"):
        FileKeyProvider(path=path)


def test_a_key_that_only_its_owner_can_read_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    create_root_key(f"file:{path}")
    path.chmod(0o400)
    assert FileKeyProvider(path=path).uri == f"file:{path}"


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"not base64 at all",
        base64.b64encode(bytes(31)),
        base64.b64encode(bytes(33)),
        base64.b64encode(bytes(300)),
        bytes(range(200, 232)),
    ],
    ids=["empty", "words", "31 bytes", "33 bytes", "300 bytes", "raw bytes"],
)
def test_a_malformed_key_is_refused(tmp_path: Path, written: bytes) -> None:
    path = tmp_path / "root.key"
    path.write_bytes(written)
    path.chmod(0o600)
    with pytest.raises(RootKeyMalformed):
        FileKeyProvider(path=path)
    with pytest.raises((RootKeyMalformed, RootKeyMissing)):
        EnvKeyProvider(name="KEY", environ={"KEY": written.decode("latin-1")})


def test_a_folder_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "root.key").mkdir(mode=0o700)
    with pytest.raises(RootKeyMissing, match="can't be read"):
        FileKeyProvider(path=tmp_path / "root.key")


def test_a_device_is_no_key() -> None:
    with pytest.raises(RootKeyMalformed, match="regular file"):
        FileKeyProvider(path=Path(os.devnull))


def test_a_dangling_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "root.key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RootKeyExists):
        create_root_key(f"file:{tmp_path / 'root.key'}")
    assert not (tmp_path / "elsewhere").exists()


def test_a_wrapped_value_that_is_no_key_is_refused() -> None:
    root = bytes(range(100, 132))
    provider = EnvKeyProvider(name="KEY", environ={"KEY": KEY_TEXT})
    wrapped = seal(root, b"short", associated=b"countenance/v1/root-wrapping\x00c")
    with pytest.raises(KeyNotUnwrapped, match="length"):
        provider.unwrap(wrapped, context=b"c")


def test_a_missing_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RootKeyMissing):
        key_provider(f"file:{tmp_path / 'none'}")
    with pytest.raises(RootKeyMissing, match="KEY"):
        EnvKeyProvider(name="KEY", environ={})
    with pytest.raises(RootKeyMissing):
        EnvKeyProvider(name="KEY", environ={"KEY": ""})


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "file",
        "file:",
        "file:relative/path",
        "file://host/path",
        "env",
        "env:",
        "env:1X",
        "env:A B",
        "vault:x",
        "/p",
    ],
)
def test_an_unknown_uri_is_refused(uri: str) -> None:
    with pytest.raises(KeyProviderUnknown):
        key_provider(uri)
    with pytest.raises(KeyProviderUnknown):
        create_root_key(uri)


def test_a_file_uri_may_have_three_slashes(tmp_path: Path) -> None:
    create_root_key(f"file://{tmp_path / 'root.key'}")
    assert key_provider(f"file://{tmp_path / 'root.key'}").uri == f"file:{tmp_path / 'root.key'}"


def test_all_of_these_are_the_operators_to_solve() -> None:
    kinds = (KeyProviderUnknown, RootKeyMissing, RootKeyExists, RootKeyMalformed, RootKeyExposed)
    assert all(issubclass(kind, RootKeyError) and kind.default_remedy for kind in kinds)
