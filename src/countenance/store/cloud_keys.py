"""Keys held by a cloud's key service (AWS KMS, Google Cloud KMS), reached through Tink.

Rules kept here:

* ``awskms:arn:aws:kms:REGION:ACCOUNT:key/ID`` and
  ``gcpkms:projects/P/locations/L/keyRings/R/cryptoKeys/K``. The service's key never leaves it; keys to be
  wrapped travel there, under TLS.
* Credentials come from where the cloud's own tools look. None is in a setting, a message or ``repr``.
* The service keeps a log of what it was asked, in clear. What a key was wrapped for is told to it as a
  SHA-256 alone, which is bound to the wrapped key and names no purpose and no deployment.
* Nothing is called but when a key is wrapped or unwrapped, and never unless a URI names such a service.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from countenance.store.errors import (
    CustodianRefused,
    CustodianUnreachable,
    KeyNotUnwrapped,
    KeyProviderUnknown,
)
from countenance.store.sealing import KEY_BYTES

__all__ = ["CloudKeyProvider", "is_cloud_uri"]

_AWS_KEY: Final = re.compile(
    r"arn:aws(?:-[a-z]+)*:kms:([a-z0-9-]{1,40}):[0-9]{12}:(?:key|alias)/[A-Za-z0-9/_-]{1,250}"
)
_GCP_KEY: Final = re.compile(
    r"projects/[A-Za-z0-9:._-]{1,100}/locations/[A-Za-z0-9_-]{1,63}"
    r"/keyRings/[A-Za-z0-9_-]{1,63}/cryptoKeys/[A-Za-z0-9_-]{1,63}"
)
_WRAPPING: Final = b"countenance/v1/root-wrapping\x00"
_SECONDS: Final = 5
_NOT_OURS: Final = frozenset({"InvalidCiphertextException", "IncorrectKeyException", "InvalidArgument"})
"""What the services say of a wrapped key that another key, or nobody, made, or of another context."""


@dataclass(frozen=True, slots=True)
class _Service:
    """How one cloud's service is named and reached.

    Attributes:
        scheme: of the URI.
        words: what messages call it.
        key: what names a key.
        form: the first bytes of what it wrapped.
        prefix: of Tink's own URI.
        remedy: how its URI is written.
    """

    scheme: str
    words: str
    key: re.Pattern[str]
    form: bytes
    prefix: str
    remedy: str


_SERVICES: Final[Mapping[str, _Service]] = {
    "awskms": _Service(
        "awskms",
        "AWS KMS",
        _AWS_KEY,
        b"A\x01",
        "aws-kms://",
        "Write awskms:arn:aws:kms:REGION:ACCOUNT:key/ID, without credentials.",
    ),
    "gcpkms": _Service(
        "gcpkms",
        "Google Cloud KMS",
        _GCP_KEY,
        b"G\x01",
        "gcp-kms://",
        "Write gcpkms:projects/P/locations/L/keyRings/R/cryptoKeys/K, without credentials.",
    ),
}


def is_cloud_uri(uri: str) -> bool:
    """Say whether a URI names a key of a cloud's key service."""
    return uri.partition(":")[0] in _SERVICES


class CloudKeyProvider:
    """Wraps keys with a key of a cloud's key service.

    Args:
        uri: see the module.
        gcp_client: makes the client of Google's service (``kms_v1.KeyManagementServiceClient``); with the
            credentials that are at hand if left out.

    Raises:
        KeyProviderUnknown: if the URI isn't of that form, or the extra isn't installed.
    """

    def __init__(self, *, uri: str, gcp_client: Callable[[], Any] | None = None) -> None:
        scheme, _, self._key = uri.partition(":")
        service = _SERVICES.get(scheme)
        if service is None or service.key.fullmatch(self._key) is None:
            raise KeyProviderUnknown(
                "The URI names no key of a cloud's key service.",
                remedy=" ".join(one.remedy for one in _SERVICES.values() if service in (None, one)),
            )
        self._uri = uri
        self._service = service
        self._gcp_client = gcp_client
        self._client: Any = None
        try:
            self._tink: Any = import_module(f"tink.integration.{scheme}")
            self._error: type[Exception] = import_module("tink").TinkError
        except ImportError:
            msg = f"A key of {service.words} needs Tink."
            remedy = f"Install the extra: pip install countenance[{scheme}]."
            raise KeyProviderUnknown(msg, remedy=remedy) from None

    @property
    def uri(self) -> str:
        """The URI that names this provider; holds no secret."""
        return self._uri

    def wrap(self, key: bytes, *, context: bytes) -> bytes:
        """Return the key as the service encrypts it, bound to the context.

        Args:
            key: 32 bytes.
            context: what the key is for; the same bytes must be given to unwrap it.

        Raises:
            ValueError: if the key isn't 32 bytes.
            CustodianUnreachable: if the service doesn't answer.
            CustodianRefused: if it doesn't let us, or has no such key.
        """
        if len(key) != KEY_BYTES:
            msg = f"a key is {KEY_BYTES} bytes"
            raise ValueError(msg)
        return self._service.form + self._asked("encrypt", key, context)

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        """Return the key.

        Raises:
            KeyNotUnwrapped: if the blob was altered, or the context or the service's key is another one.
            CustodianUnreachable: if the service doesn't answer.
            CustodianRefused: if it doesn't let us.
        """
        form = self._service.form
        if not wrapped.startswith(form) or len(wrapped) == len(form):
            msg = f"The wrapped key isn't one of {self._service.words}."
            raise KeyNotUnwrapped(msg)
        key = self._asked("decrypt", wrapped[len(form) :], context)
        if len(key) != KEY_BYTES:
            raise KeyNotUnwrapped("The wrapped key doesn't have the length of a key.")
        return key

    def _asked(self, operation: str, content: bytes, context: bytes) -> bytes:
        try:
            # Made when first needed: making it reads credentials.
            self._client = self._client or self._new_client()
            aead = self._client.get_aead(self._service.prefix + self._key)
            answer: bytes = getattr(aead, operation)(content, hashlib.sha256(_WRAPPING + context).digest())
        except self._unanswered() as error:
            # What was said isn't told on: it may hold an address, an account or a part of a credential.
            said = _said(error)
            if said in _NOT_OURS and operation == "decrypt":
                msg = f"The key of {self._service.words} doesn't open this wrapped key."
                raise KeyNotUnwrapped(msg) from None
            if said is not None:
                msg = f"{self._service.words} doesn't let these credentials use the key, or has none such."
                raise CustodianRefused(msg) from None
            msg = f"{self._service.words} doesn't answer."
            raise CustodianUnreachable(msg) from None
        return answer

    def _new_client(self) -> Any:  # noqa: ANN401 - Tink's own
        named = self._service.prefix + self._key
        if self._service.scheme == "awskms":
            return self._tink.new_client(boto3_client=_boto3_client(self._key), key_uri=named)
        make = self._gcp_client or import_module("google.cloud.kms_v1").KeyManagementServiceClient
        return self._tink.new_client(kms_v1_client=make(), key_uri=named)

    def _unanswered(self) -> tuple[type[Exception], ...]:
        """Return what Tink and the libraries below it raise."""
        if self._service.scheme == "awskms":
            below: Any = import_module("botocore.exceptions")
            return (self._error, below.BotoCoreError, OSError)
        return (
            self._error,
            import_module("google.auth.exceptions").GoogleAuthError,
            import_module("google.api_core.exceptions").GoogleAPIError,
            OSError,
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(uri={self._uri!r})"


def _boto3_client(key: str) -> Any:  # noqa: ANN401 - boto3's own
    """Return a client for the region in which a key is; it gives up after some seconds."""
    region = _AWS_KEY.fullmatch(key)
    assert region is not None  # noqa: S101 - the provider was made with it
    config = import_module("botocore.config").Config(
        connect_timeout=_SECONDS, read_timeout=_SECONDS, retries={"total_max_attempts": 2}
    )
    session = import_module("boto3.session").Session(region_name=region.group(1))
    return session.client("kms", config=config)


def _said(error: Exception) -> str | None:
    """Return the kind of refusal that a service answered with; ``None`` if it has none, or can't just now."""
    cause = error.args[0] if error.args else None
    response = getattr(cause, "response", None)
    if isinstance(response, Mapping) and "Error" in response:
        code = str(response["Error"].get("Code", ""))
        status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500))
        return code if status < 500 and "Throttling" not in code else None  # noqa: PLR2004 - HTTP's own
    number: object = getattr(cause, "code", None)
    if isinstance(number, int) and 400 <= number < 500 and number != 429:  # noqa: PLR2004 - HTTP's own
        return type(cause).__name__
    return None
