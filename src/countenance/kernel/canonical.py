"""One way to turn a value into bytes, so that a hash or a signature means the same everywhere."""

from __future__ import annotations

import hashlib
import json
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
            beyond 2**53 - 1), or a text isn't well-formed Unicode.
    """
    try:
        return _ENCODER.encode(value).encode() if _is_plain(value) else rfc8785.dumps(value)  # type: ignore[arg-type]
    except UnicodeEncodeError:
        msg = "a text holds an unpaired surrogate, so it can't be written in UTF-8"
        raise ValueError(msg) from None
    except rfc8785.CanonicalizationError as error:
        raise ValueError(str(error)) from error


_MOST = 2**53 - 1
_LEAVES = frozenset({str, bool, type(None)})
# For plain values (below) it writes what RFC 8785 asks for, some four times as fast as rfc8785 does.
_ENCODER = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)


def _is_plain(value: object) -> bool:
    """Return whether a value holds nothing in which the standard library's JSON differs from RFC 8785.

    It differs in floating point numbers, in large integers, in the order of keys beyond ASCII (RFC 8785
    sorts UTF-16), and in unpaired surrogates, which UTF-8 refuses as well.
    """
    kind = type(value)
    if kind in _LEAVES:
        return True
    if kind is int:
        return -_MOST <= value <= _MOST  # type: ignore[operator]
    if kind is dict:
        # Most of what is asked about are leaves of a mapping, so they cost no call.
        return all(
            type(key) is str and key.isascii() and (type(inner) in _LEAVES or _is_plain(inner))
            for key, inner in value.items()  # type: ignore[attr-defined]
        )
    if kind is list or kind is tuple:
        return all(map(_is_plain, value))  # type: ignore[call-overload]
    return False


def canonical_sha256(value: object) -> str:
    """Return the SHA-256 of a value's canonical JSON as 64 hexadecimal digits."""
    return sha256_hex(canonical_json(value))


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 of bytes as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
