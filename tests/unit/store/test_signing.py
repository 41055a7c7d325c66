"""Statements: signed in one form, verified by the public key alone, refused in every other form."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OctKey, OKPKey

from countenance.kernel import EvidenceError, Signer, canonical_json
from countenance.store import Ed25519Signer, PublicVerifier, SignatureRefused
from countenance.store.signing import new_signing_key

PERMIT = "countenance-permit+jws"
RECEIPT = "countenance-receipt+jws"
SEED = bytes(range(32))
RFC8037 = json.loads((Path(__file__).parents[2] / "vectors" / "log" / "published.json").read_text())["jwk"]

scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20)
claim_sets = st.dictionaries(
    st.text(max_size=10),
    scalars | st.lists(scalars, max_size=4) | st.dictionaries(st.text(max_size=5), scalars, max_size=3),
    max_size=6,
)


@pytest.fixture(scope="module")
def signer() -> Ed25519Signer:
    return Ed25519Signer(private_key=SEED)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token_of(header: Mapping[str, object], payload: bytes, *, seed: bytes = SEED) -> str:
    """A compact JWS put together by hand, to write what the signer never would."""
    signing_input = f"{b64(json.dumps(header).encode())}.{b64(payload)}"
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(signing_input.encode())
    return f"{signing_input}.{b64(signature)}"


@given(claims=claim_sets)
def test_what_was_signed_comes_back(claims: dict[str, object]) -> None:
    signer = Ed25519Signer(private_key=SEED)
    token = signer.sign(claims, kind=PERMIT)
    assert signer.verify(token, kind=PERMIT) == claims
    assert PublicVerifier(signer.public_jwk()).verify(token, kind=PERMIT) == claims


def test_the_form_is_that_of_the_standards(signer: Ed25519Signer) -> None:
    """Taken apart with ``cryptography`` alone: header, canonical payload, plain Ed25519 over both."""
    token = signer.sign({"b": 1, "a": [True, None]}, kind=PERMIT)
    header, payload, signature = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
    assert json.loads(header) == {"alg": "Ed25519", "kid": signer.key_id, "typ": PERMIT}
    assert payload == b'{"a":[true,null],"b":1}'
    public = Ed25519PublicKey.from_public_bytes(signer.public_bytes)
    public.verify(signature, token.rpartition(".")[0].encode())


def test_a_statement_has_one_form(signer: Ed25519Signer) -> None:
    assert signer.sign({"a": 1, "b": 2}, kind=PERMIT) == signer.sign({"b": 2, "a": 1}, kind=PERMIT)


def test_the_key_id_is_the_thumbprint_of_rfc_7638() -> None:
    verifier = PublicVerifier(RFC8037["key"])
    assert verifier.key_id == RFC8037["thumbprint"]
    assert verifier.public_jwk() == RFC8037["key"]


def test_the_signer_keeps_the_kernels_protocol(signer: Ed25519Signer) -> None:
    as_protocol: Signer = signer
    assert as_protocol.key_id == PublicVerifier(as_protocol.public_jwk()).key_id


def test_one_kind_never_verifies_as_another(signer: Ed25519Signer) -> None:
    with pytest.raises(SignatureRefused, match="kind"):
        signer.verify(signer.sign({"a": 1}, kind=RECEIPT), kind=PERMIT)


def test_another_installations_statement_is_refused(signer: Ed25519Signer) -> None:
    other = Ed25519Signer(private_key=new_signing_key())
    with pytest.raises(SignatureRefused):
        signer.verify(other.sign({"a": 1}, kind=PERMIT), kind=PERMIT)


@given(data=st.data())
def test_any_changed_character_is_noticed(data: st.DataObject) -> None:
    signer = Ed25519Signer(private_key=SEED)
    token = signer.sign({"a": 1, "b": "two"}, kind=PERMIT)
    # The last character of a part may carry unused bits; whatever decodes must still be refused.
    where = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda sign: sign != token[where]))
    changed = token[:where] + other + token[where + 1 :]
    try:
        claims = signer.verify(changed, kind=PERMIT)
    except SignatureRefused:
        return
    assert claims == {"a": 1, "b": "two"}
    assert where == len(token) - 1


@given(token=st.text(max_size=200))
def test_arbitrary_text_is_refused(token: str) -> None:
    with pytest.raises(SignatureRefused):
        Ed25519Signer(private_key=SEED).verify(token, kind=PERMIT)


def header(**changes: object) -> dict[str, object]:
    key_id = Ed25519Signer(private_key=SEED).key_id
    return {"alg": "Ed25519", "kid": key_id, "typ": PERMIT} | changes


GOOD = canonical_json({"a": 1})


def test_a_token_by_hand_verifies_when_all_is_right(signer: Ed25519Signer) -> None:
    assert signer.verify(token_of(header(), GOOD), kind=PERMIT) == {"a": 1}


@pytest.mark.parametrize(
    ("head", "payload"),
    [
        (header(alg="none"), GOOD),
        (header(alg="EdDSA"), GOOD),
        (header(alg="HS256"), GOOD),
        (header(alg=None), GOOD),
        (header(kid="another"), GOOD),
        (header(typ=PERMIT.upper()), GOOD),
        (header(crit=["b64"], b64=False), GOOD),
        (header(jwk={"kty": "OKP"}), GOOD),
        (header(cty="json"), GOOD),
        ({"alg": "Ed25519", "typ": PERMIT}, GOOD),
        ({"alg": "Ed25519"}, GOOD),
        (header(), b'{"a": 1}'),
        (header(), b'{"b":1,"a":1}'),
        (header(), b'{"a":1,"a":1}'),
        (header(), b'{"a":NaN}'),
        (header(), b"[1]"),
        (header(), b"1"),
        (header(), b""),
        (header(), b"\xff\xfe"),
        (header(), b"[" * 100_000),
        (header(), b'{"a":99999999999999999999}'),
    ],
    ids=[
        "alg none",
        "alg EdDSA",
        "alg HS256",
        "no alg",
        "kid",
        "typ in capitals",
        "crit",
        "key inside",
        "further member",
        "no kid",
        "alg alone",
        "space",
        "order",
        "repeated member",
        "NaN",
        "array",
        "number",
        "empty",
        "no UTF-8",
        "deep",
        "large integer",
    ],
)
def test_a_rightly_signed_token_of_another_form_is_refused(
    signer: Ed25519Signer, head: Mapping[str, object], payload: bytes
) -> None:
    with pytest.raises(SignatureRefused):
        signer.verify(token_of(head, payload), kind=PERMIT)


def test_the_public_key_is_no_password(signer: Ed25519Signer) -> None:
    """The classic confusion: the public key used as an HMAC key."""
    secret = OctKey.import_key(signer.public_bytes)
    token = jws.serialize_compact(
        {"alg": "HS256", "kid": signer.key_id, "typ": PERMIT}, GOOD, secret, algorithms=["HS256"]
    )
    with pytest.raises(SignatureRefused):
        signer.verify(token, kind=PERMIT)


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {"kty": "OKP", "crv": "X25519", "x": RFC8037["key"]["x"]},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "OKP", "crv": "Ed25519"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"},
        {"kty": "OKP", "crv": "Ed25519", "x": "???"},
        {"kty": "oct", "k": "AAAA"},
    ],
    ids=["empty", "X25519", "P-256", "no x", "short x", "no base64", "symmetric"],
)
def test_another_key_is_no_public_key(jwk: dict[str, str]) -> None:
    with pytest.raises(SignatureRefused):
        PublicVerifier(jwk)


def test_a_private_key_handed_to_the_verifier_is_not_kept() -> None:
    private = OKPKey.generate_key("Ed25519").as_dict(private=True)
    verifier = PublicVerifier({name: str(value) for name, value in private.items()})
    assert "d" not in verifier.public_jwk()


def test_nothing_shows_the_private_key(signer: Ed25519Signer) -> None:
    shown = repr(signer) + str(signer.public_jwk())
    assert b64(SEED) not in shown
    assert SEED.hex() not in shown


def test_a_refusal_is_the_officers_to_solve(signer: Ed25519Signer) -> None:
    with pytest.raises(EvidenceError) as refused:
        signer.verify("a.b.c", kind=PERMIT)
    assert refused.value.code == "signature-refused"


def test_new_keys_differ() -> None:
    assert len({new_signing_key() for _ in range(5)}) == 5
    assert len(new_signing_key()) == 32
