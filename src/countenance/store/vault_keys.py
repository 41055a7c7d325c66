"""Keys held by a Vault server (HashiCorp Vault or OpenBao): its transit engine wraps them.

Rules kept here:

* ``vault:https://HOST:PORT/MOUNT/KEY``. The server's key never leaves it; keys to be wrapped travel there.
  TLS, or loopback.
* The token comes from where Vault's own tools look: ``VAULT_TOKEN`` or ``~/.vault-token``; the certificate
  authority from ``VAULT_CACERT``. Neither is in a setting, a message or ``repr``.
* What a key was wrapped for is the associated data of the server's own authenticated encryption, so its key
  has to be an AEAD one (aes256-gcm96, the default).
* Nothing is called but when a key is wrapped or unwrapped, and never unless a URI names such a server.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from importlib import import_module
from typing import Any, Final
from urllib.parse import urlsplit

from countenance.store.errors import (
    CustodianRefused,
    CustodianUnreachable,
    KeyNotUnwrapped,
    KeyProviderUnknown,
)
from countenance.store.sealing import KEY_BYTES

__all__ = ["VaultKeyProvider", "is_vault_uri"]

_SCHEME: Final = "vault:"
_FORM: Final = b"V\x01"
_VERSION_BYTES: Final = 4
_CIPHERTEXT: Final = re.compile(r"vault:v([1-9][0-9]{0,8}):([A-Za-z0-9+/]+={0,2})")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_WRAPPING: Final = b"countenance/v1/root-wrapping\x00"
_SECONDS: Final = 5


def is_vault_uri(uri: str) -> bool:
    """Say whether a URI names a key on a Vault server."""
    return uri.startswith(_SCHEME)


class VaultKeyProvider:
    """Wraps keys with a key of a Vault server's transit engine.

    Args:
        uri: ``vault:https://HOST:PORT/MOUNT/KEY``; ``http:`` for loopback alone.

    Raises:
        KeyProviderUnknown: if the URI isn't of that form, or the extra ``vault`` isn't installed.
    """

    def __init__(self, *, uri: str) -> None:
        self._uri = uri
        self._address, self._mount, self._key = _parsed(uri)
        try:
            self._hvac: Any = import_module("hvac")
        except ImportError:
            raise KeyProviderUnknown(
                "A key on a Vault server needs hvac.",
                remedy="Install the extra: pip install countenance[vault].",
            ) from None

    @property
    def uri(self) -> str:
        """The URI that names this provider; holds no secret."""
        return self._uri

    def wrap(self, key: bytes, *, context: bytes) -> bytes:
        """Return the key as the server encrypts it, bound to the context.

        Args:
            key: 32 bytes.
            context: what the key is for; the same bytes must be given to unwrap it.

        Raises:
            ValueError: if the key isn't 32 bytes.
            CustodianUnreachable: if the server doesn't answer.
            CustodianRefused: if it doesn't let us.
        """
        if len(key) != KEY_BYTES:
            msg = f"a key is {KEY_BYTES} bytes"
            raise ValueError(msg)
        answer = self._asked("encrypt_data", plaintext=_text(key), associated_data=_text(_WRAPPING + context))
        return _packed(str(answer["data"]["ciphertext"]))

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        """Return the key.

        Raises:
            KeyNotUnwrapped: if the blob was altered, or the context or the server's key is another one.
            CustodianUnreachable: if the server doesn't answer.
            CustodianRefused: if it doesn't let us.
        """
        answer = self._asked(
            "decrypt_data", ciphertext=_unpacked(wrapped), associated_data=_text(_WRAPPING + context)
        )
        try:
            key = base64.b64decode(str(answer["data"]["plaintext"]), validate=True)
        except (binascii.Error, ValueError):
            raise KeyNotUnwrapped("The Vault server didn't answer with a key.") from None
        if len(key) != KEY_BYTES:
            raise KeyNotUnwrapped("The wrapped key doesn't have the length of a key.")
        return key

    def _asked(self, operation: str, **told: str) -> dict[str, Any]:
        errors = self._hvac.exceptions
        try:
            client = self._hvac.Client(url=self._address, timeout=_SECONDS)
            transit = client.secrets.transit
            answer: dict[str, Any] = getattr(transit, operation)(
                name=self._key, mount_point=self._mount, **told
            )
        except (errors.Forbidden, errors.Unauthorized):
            raise CustodianRefused("The Vault server doesn't let this token use the key.") from None
        except (errors.InvalidRequest, errors.InvalidPath):
            if operation == "decrypt_data":
                raise KeyNotUnwrapped("The Vault server's key doesn't open this wrapped key.") from None
            raise CustodianRefused("The Vault server has no such key, or it isn't an AEAD key.") from None
        except (errors.VaultError, OSError):
            # What was said isn't told on: it may hold an address or a part of a token.
            raise CustodianUnreachable("The Vault server doesn't answer.") from None
        return answer

    def __repr__(self) -> str:
        return f"{type(self).__name__}(uri={self._uri!r})"


def _parsed(uri: str) -> tuple[str, str, str]:
    """Return address, mount and name of the key."""
    parts = urlsplit(uri.removeprefix(_SCHEME))
    mount, _, key = parts.path.strip("/").rpartition("/")
    plain = parts.scheme == "http" and _is_loopback(parts.hostname or "")
    names = [*mount.split("/"), key]
    if (
        not (parts.scheme == "https" or plain)
        or not parts.hostname
        or parts.username is not None
        or parts.query
        or parts.fragment
        or not all(_NAME.fullmatch(name) for name in names)
    ):
        raise KeyProviderUnknown(
            "The URI names no key on a Vault server.",
            remedy="Write vault:https://HOST:PORT/MOUNT/KEY, without a token; http: for loopback alone.",
        )
    return f"{parts.scheme}://{parts.netloc}", mount, key


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _packed(ciphertext: str) -> bytes:
    """Return the server's text as bytes in one form alone, so that every changed byte is noticed."""
    read = _CIPHERTEXT.fullmatch(ciphertext)
    if read is None:
        raise CustodianUnreachable("What the Vault server answered isn't a wrapped key.")
    version, text = read.groups()
    return _FORM + int(version).to_bytes(_VERSION_BYTES, "big") + base64.b64decode(text)


def _unpacked(wrapped: bytes) -> str:
    start = len(_FORM) + _VERSION_BYTES
    if not wrapped.startswith(_FORM) or len(wrapped) <= start:
        raise KeyNotUnwrapped("The wrapped key isn't one of a Vault server.")
    version = int.from_bytes(wrapped[len(_FORM) : start], "big")
    return f"vault:v{version}:{_text(wrapped[start:])}"


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
