"""Where the root key comes from: a file or an environment variable, named by a URI.

Rules kept here:

* ``file:/absolute/path``: 32 random bytes in base64, mode 0600. A key that others can read is refused.
* ``env:NAME``: the same text in an environment variable, for containers whose platform keeps secrets.
* ``vault:``, ``awskms:`` and ``gcpkms:`` name a key that a server holds.
* The root key wraps one key of each store and is used for nothing else. It never enters the data
  folder (the store refuses a key file inside it), a log or a message.
* A wrapped key is a sealed blob whose associated data is the context it was wrapped for.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from countenance.kernel import KeyProvider
from countenance.store.cloud_keys import CloudKeyProvider, is_cloud_uri
from countenance.store.errors import (
    KeyNotUnwrapped,
    KeyProviderUnknown,
    RootKeyExists,
    RootKeyExposed,
    RootKeyMalformed,
    RootKeyMissing,
    SealBroken,
)
from countenance.store.sealing import KEY_BYTES, new_key, seal, unseal
from countenance.store.vault_keys import VaultKeyProvider, is_vault_uri

__all__ = ["EnvKeyProvider", "FileKeyProvider", "create_root_key", "key_file_of", "key_provider"]

_WRAPPING = b"countenance/v1/root-wrapping\x00"
_LONGEST_KEY_TEXT = 256
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class _WrapsUnderRootKey:
    """What both providers share: wrapping under a root key that is at hand."""

    def __init__(self, *, uri: str, root_key: bytes) -> None:
        self._uri = uri
        self._root_key = root_key

    @property
    def uri(self) -> str:
        """The URI that names this provider; holds no secret."""
        return self._uri

    def wrap(self, key: bytes, *, context: bytes) -> bytes:
        """Return the key encrypted and authenticated under the root key, bound to the context.

        Args:
            key: 32 bytes.
            context: what the key is for; the same bytes must be given to unwrap it.

        Raises:
            ValueError: if the key isn't 32 bytes.
        """
        if len(key) != KEY_BYTES:
            msg = f"a key is {KEY_BYTES} bytes"
            raise ValueError(msg)
        return seal(self._root_key, key, associated=_WRAPPING + context)

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        """Return the key.

        Raises:
            KeyNotUnwrapped: if the blob was altered, the context is another one, or the root key is
                another one.
        """
        try:
            key = unseal(self._root_key, wrapped, associated=_WRAPPING + context)
        except SealBroken:
            raise KeyNotUnwrapped("The root key doesn't open this wrapped key.") from None
        if len(key) != KEY_BYTES:
            raise KeyNotUnwrapped("The wrapped key doesn't have the length of a key.")
        return key

    def __repr__(self) -> str:
        return f"{type(self).__name__}(uri={self._uri!r})"


class FileKeyProvider(_WrapsUnderRootKey):
    """Keeps the root key in a file that only its owner can read.

    Args:
        path: absolute path of the key file.

    Raises:
        RootKeyMissing: if there is no such file, or this user can't read it.
        RootKeyExposed: if group or others can read or change it.
        RootKeyMalformed: if it doesn't hold 32 bytes in base64.
    """

    def __init__(self, *, path: Path) -> None:
        super().__init__(uri=f"file:{path}", root_key=_root_key_in(path))


class EnvKeyProvider(_WrapsUnderRootKey):
    """Takes the root key from an environment variable.

    Args:
        name: the variable's name.
        environ: the environment; the process's own if left out.

    Raises:
        RootKeyMissing: if the variable isn't set or is empty.
        RootKeyMalformed: if it doesn't hold 32 bytes in base64.
    """

    def __init__(self, *, name: str, environ: Mapping[str, str] | None = None) -> None:
        written = (os.environ if environ is None else environ).get(name, "")
        if not written:
            msg = f"The environment variable {name} isn't set."
            raise RootKeyMissing(msg)
        super().__init__(uri=f"env:{name}", root_key=_decoded(written))


def key_provider(uri: str) -> KeyProvider:
    """Return the key provider that a URI names.

    Args:
        uri: ``file:/absolute/path`` (or ``file:///absolute/path``), ``env:NAME``,
            ``vault:https://HOST:PORT/MOUNT/KEY`` (see :class:`VaultKeyProvider`), or ``awskms:`` and
            ``gcpkms:`` (see :class:`CloudKeyProvider`).

    Raises:
        KeyProviderUnknown: if the URI names no provider of this version.
        RootKeyMissing: if there is no root key.
        RootKeyExposed: if others can read it.
        RootKeyMalformed: if it isn't 32 bytes in base64.
    """
    path = key_file_of(uri)
    if path is not None:
        return FileKeyProvider(path=path)
    if is_vault_uri(uri):
        return VaultKeyProvider(uri=uri)
    if is_cloud_uri(uri):
        return CloudKeyProvider(uri=uri)
    return EnvKeyProvider(name=_variable_of(uri))


def create_root_key(uri: str) -> None:
    """Make a new root key at the place that a URI names.

    Args:
        uri: ``file:/absolute/path``. Its folder is made (0700) where it is missing.

    Raises:
        KeyProviderUnknown: if the URI names no provider, or one that can't keep a new key (``env:``).
        RootKeyExists: if there is something already; it is left alone.
        RootKeyMissing: if the file can't be written.
    """
    path = key_file_of(uri)
    if is_vault_uri(uri):
        raise KeyProviderUnknown(
            "A key on a Vault server is made there.",
            remedy="Make one with: vault write -f MOUNT/keys/KEY type=aes256-gcm96.",
        )
    if is_cloud_uri(uri):
        raise KeyProviderUnknown(
            "A key of a cloud's key service is made there.",
            remedy="Make a symmetric key for encryption with the cloud's own tools, and name it.",
        )
    if path is None:
        _variable_of(uri)
        raise KeyProviderUnknown(
            "A root key can't be put into an environment variable from here.",
            remedy="Make one with: head -c 32 /dev/urandom | base64 -w 0, and set the variable to it.",
        )
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists() or path.is_symlink():
            raise RootKeyExists("There is something at the place of the root key already.")
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as error:
        msg = f"The root key's file can't be written ({error.strerror})."
        raise RootKeyMissing(msg, remedy="Name a file in a folder that this user may write to.") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(new_key()) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def key_file_of(uri: str) -> Path | None:
    """Return the key file that a ``file:`` URI names, or ``None`` for a URI of another scheme.

    Raises:
        KeyProviderUnknown: if the path isn't absolute.
    """
    if not uri.startswith("file:"):
        return None
    written = uri.removeprefix("file:")
    path = Path(written.removeprefix("//") if written.startswith("///") else written)
    if not path.is_absolute() or (written.startswith("//") and not written.startswith("///")):
        raise KeyProviderUnknown(
            "The path of a file: key provider is absolute, such as file:/etc/countenance/root.key."
        )
    return path


def _variable_of(uri: str) -> str:
    scheme, separator, name = uri.partition(":")
    if scheme != "env" or not separator or not _ENV_NAME.fullmatch(name):
        raise KeyProviderUnknown("The key provider's URI isn't one that this version knows.")
    return name


def _root_key_in(path: Path) -> bytes:
    try:
        file = path.open("rb")
    except OSError as error:
        msg = f"The root key's file can't be read ({error.strerror})."
        raise RootKeyMissing(msg) from None
    # Mode and content come from the same open file, so that it can't be exchanged in between.
    with file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise RootKeyMalformed("The root key's file isn't a regular file.")
        if stat.S_IMODE(status.st_mode) & 0o077:
            msg = f"The root key's file has mode {stat.S_IMODE(status.st_mode):04o}, so others can use it."
            raise RootKeyExposed(msg)
        written = file.read(_LONGEST_KEY_TEXT)
    try:
        return _decoded(written.decode("ascii"))
    except UnicodeDecodeError:
        raise RootKeyMalformed("The root key isn't base64 text.") from None


def _decoded(written: str) -> bytes:
    try:
        key = base64.b64decode(written.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise RootKeyMalformed("The root key isn't base64 text.") from None
    if len(key) != KEY_BYTES:
        msg = f"The root key has {len(key)} bytes in place of {KEY_BYTES}."
        raise RootKeyMalformed(msg)
    return key
