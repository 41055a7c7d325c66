"""One way to turn a value into bytes, so that a hash or a signature means the same everywhere."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import rfc8785

__all__ = ["JsonValue", "canonical_json", "canonical_sha256", "sha256_hex"]

_Scalar = None | bool | int | float | str
JsonValue = _Scalar | Sequence["JsonValue"] | Mapping[str, "JsonValue"]


def canonical_json(value: object) -> bytes:
    """Return the canonical JSON of a value (RFC 8785, JSON Canonicalization Scheme).

    Args:
        value: ``None``, booleans, numbers, strings, lists or tuples, and mappings with string keys.

    Returns:
        UTF-8 bytes: keys sorted, no spaces, numbers as ECMAScript writes them.

    Raises:
        TypeError: if the value holds something that JSON can't express.
        ValueError: if a number is outside what JSON can express exactly (NaN, infinities, integers
            beyond 2**53 - 1).
    """
    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]
    except rfc8785.CanonicalizationError as error:
        raise ValueError(str(error)) from error


def canonical_sha256(value: object) -> str:
    """Return the SHA-256 of a value's canonical JSON as 64 hexadecimal digits."""
    return sha256_hex(canonical_json(value))


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 of bytes as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
