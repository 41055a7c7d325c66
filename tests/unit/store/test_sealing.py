"""Seals: what was sealed comes back, under the same key and purpose alone."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import assume, given
from hypothesis import strategies as st

from countenance.store import SealBroken
from countenance.store.sealing import KEY_BYTES, SEAL_OVERHEAD, derive_key, new_key, seal, unseal

keys = st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES)


@given(key=keys, plaintext=st.binary(max_size=500), associated=st.binary(max_size=100))
def test_what_was_sealed_comes_back(key: bytes, plaintext: bytes, associated: bytes) -> None:
    blob = seal(key, plaintext, associated=associated)
    assert unseal(key, blob, associated=associated) == plaintext
    assert len(blob) == len(plaintext) + SEAL_OVERHEAD


@given(key=keys, other=keys, plaintext=st.binary(max_size=100))
def test_another_key_opens_nothing(key: bytes, other: bytes, plaintext: bytes) -> None:
    assume(key != other)
    with pytest.raises(SealBroken):
        unseal(other, seal(key, plaintext, associated=b""), associated=b"")


@given(key=keys, one=st.binary(max_size=50), other=st.binary(max_size=50))
def test_another_purpose_opens_nothing(key: bytes, one: bytes, other: bytes) -> None:
    assume(one != other)
    with pytest.raises(SealBroken):
        unseal(key, seal(key, b"secret", associated=one), associated=other)


@given(key=keys, plaintext=st.binary(max_size=60), data=st.data())
def test_any_changed_bit_is_noticed(key: bytes, plaintext: bytes, data: st.DataObject) -> None:
    blob = bytearray(seal(key, plaintext, associated=b"for"))
    bit = data.draw(st.integers(0, len(blob) * 8 - 1))
    blob[bit // 8] ^= 1 << (bit % 8)
    with pytest.raises(SealBroken):
        unseal(key, bytes(blob), associated=b"for")


@given(key=keys, blob=st.binary(max_size=80))
def test_arbitrary_bytes_never_open(key: bytes, blob: bytes) -> None:
    with pytest.raises(SealBroken):
        unseal(key, blob, associated=b"")


def test_the_form_is_version_nonce_ciphertext_tag() -> None:
    key = new_key()
    blob = seal(key, b"twelve bytes", associated=b"for")
    assert blob[:1] == b"\x01"
    assert AESGCM(key).decrypt(blob[1:13], blob[13:], b"for") == b"twelve bytes"


def test_another_version_is_refused() -> None:
    key = new_key()
    blob = seal(key, b"x", associated=b"")
    with pytest.raises(SealBroken, match="form"):
        unseal(key, b"\x02" + blob[1:], associated=b"")


def test_the_same_value_seals_differently_each_time() -> None:
    key = new_key()
    assert len({seal(key, b"x", associated=b"") for _ in range(50)}) == 50


def test_derived_keys_depend_on_master_salt_and_label() -> None:
    base = derive_key(bytes(32), salt=b"dep_a", label="record-mac")
    others = [
        derive_key(bytes(31) + b"\x01", salt=b"dep_a", label="record-mac"),
        derive_key(bytes(32), salt=b"dep_b", label="record-mac"),
        derive_key(bytes(32), salt=b"dep_a", label="signing-key-wrapping"),
    ]
    assert len(base) == KEY_BYTES
    assert base == derive_key(bytes(32), salt=b"dep_a", label="record-mac")
    assert len({base, *others}) == 4


def test_derivation_is_pinned() -> None:
    """A store written today must open tomorrow: HKDF-SHA256 by hand, as RFC 5869 writes it."""
    extracted = hmac.digest(b"dep_a", bytes(32), hashlib.sha256)
    expected = hmac.digest(extracted, b"countenance/v1/record-mac\x01", hashlib.sha256)
    assert derive_key(bytes(32), salt=b"dep_a", label="record-mac") == expected
