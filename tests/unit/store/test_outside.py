"""Bodies outside: their keys on file, and their signatures in no form but the one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from countenance.kernel import FixedClock, KeyProvider, canonical_json
from countenance.store import (
    OUTSIDE_KIND,
    OutsideVerifier,
    RecordExists,
    RecordTampered,
    RecordUnknown,
    SignatureRefused,
    Store,
)
from outside_bodies import Body, b64

HOUR = timedelta(hours=1)
CLAIMS = {"key": "authorisation", "content": {"number": "7"}}
BODIES = {"Ed25519": Body.ed25519(), "P-256": Body.p256()}
bodies = pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())


@bodies
def test_what_a_body_signed_comes_back(body: Body) -> None:
    token = body.sign(CLAIMS)
    assert OutsideVerifier(body.jwk).verify(token) == CLAIMS
    assert OutsideVerifier.key_id_of(token) == body.key_id


def header(body: Body, **changes: object) -> dict[str, object]:
    whole: dict[str, object] = {"alg": body.algorithm, "kid": body.key_id, "typ": OUTSIDE_KIND}
    return {name: value for name, value in (whole | changes).items() if value is not None}


BAD: dict[str, Callable[[Body], str]] = {
    "another kind": lambda b: b.sign(CLAIMS, header=header(b, typ="countenance-permit+jws")),
    "another key's id": lambda b: b.sign(CLAIMS, header=header(b, kid="x")),
    "no key id": lambda b: b.sign(CLAIMS, header=header(b, kid=None)),
    "one member more": lambda b: b.sign(CLAIMS, header=header(b, jku="nowhere")),
    "no algorithm": lambda b: b.sign(CLAIMS, header=header(b, alg="none")),
    "an algorithm of other keys": lambda b: b.sign(CLAIMS, header=header(b, alg="PS256")),
    "a shared secret's algorithm": lambda b: b.sign(CLAIMS, header=header(b, alg="HS256")),
    "not canonical": lambda b: b.sign(CLAIMS, payload=b'{"key": "authorisation"}'),
    "not an object": lambda b: b.sign(CLAIMS, payload=canonical_json([1])),
    "not JSON": lambda b: b.sign(CLAIMS, payload=b"\xff"),
    "signed by another": lambda b: Body.ed25519(9).sign(CLAIMS, header=header(b)),
    "payload changed": lambda b: ".".join(
        (*b.sign(CLAIMS).split(".")[:1], b64(canonical_json({"key": "x"})), b.sign(CLAIMS).split(".")[2])
    ),
    "signature cut": lambda b: b.sign(CLAIMS)[:-4],
    "no signature": lambda b: b.sign(CLAIMS).rsplit(".", 1)[0] + ".",
    "two parts": lambda b: b.sign(CLAIMS).rsplit(".", 1)[0],
    "nothing": lambda _: "",
    "too long": lambda b: b.sign({"text": "x" * 300_000}),
}


@bodies
@pytest.mark.parametrize("make", BAD.values(), ids=BAD.keys())
def test_no_other_form_is_taken(body: Body, make: Callable[[Body], str]) -> None:
    with pytest.raises(SignatureRefused):
        OutsideVerifier(body.jwk).verify(make(body))


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "é.é.é", b64(b'{"kid":7}') + ".e30.e30"])
def test_a_token_that_names_no_key(token: str) -> None:
    with pytest.raises(SignatureRefused):
        OutsideVerifier.key_id_of(token)


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {"kty": "oct", "k": "AAAA"},
        {"kty": "OKP", "crv": "X25519", "x": "AAAA"},
        {"kty": "OKP", "crv": "Ed25519"},
        {"kty": "EC", "crv": "P-384", "x": "AAAA", "y": "AAAA"},
        {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"},
    ],
)
def test_other_keys_are_refused(jwk: dict[str, str]) -> None:
    with pytest.raises(SignatureRefused):
        OutsideVerifier(jwk)


@bodies
def test_a_private_member_is_not_kept(store: Store, clock: FixedClock, body: Body) -> None:
    issuer = body.issuer("authorisation", at=clock.now())
    store.issuers.add(
        type(issuer)(
            **{f: getattr(issuer, f) for f in issuer.__slots__} | {"jwk": {**body.jwk, "d": "secret"}}
        )
    )
    assert "d" not in store.issuers.get(body.key_id).jwk


@bodies
def test_a_body_is_on_file_after_opening_again(
    store: Store, clock: FixedClock, provider: KeyProvider, folder: object, body: Body
) -> None:
    issuer = body.issuer("legal_order", "authorisation", at=clock.now())
    store.issuers.add(issuer)
    found = store.issuers.get(body.key_id)
    assert found.keys == ("authorisation", "legal_order")
    assert (found.name, found.kind, found.jwk, found.revoked_at) == (body.name, body.kind, body.jwk, None)
    assert store.issuers.all() == (found,)
    store.close()
    with Store.open(folder, key_provider=provider, clock=clock) as again:  # type: ignore[arg-type]
        assert again.issuers.all() == (found,)


def test_a_key_is_registered_once(store: Store, clock: FixedClock) -> None:
    body = Body.ed25519()
    store.issuers.add(body.issuer("authorisation", at=clock.now()))
    store.issuers.revoke(body.key_id, at=clock.now(), by="officer")
    with pytest.raises(RecordExists):
        store.issuers.add(body.issuer("authorisation", at=clock.now()))


def test_a_key_is_revoked_once_for_good(store: Store, clock: FixedClock) -> None:
    body = Body.ed25519()
    store.issuers.add(body.issuer("authorisation", at=clock.now()))
    first = store.issuers.revoke(body.key_id, at=clock.now() + HOUR, by="officer")
    epoch = store.evidence.epoch()
    again = store.issuers.revoke(body.key_id, at=clock.now() + 2 * HOUR, by="operator")
    assert first == again
    assert first.revoked_at == clock.now() + HOUR
    assert store.evidence.epoch() == epoch


def test_registering_and_revoking_raise_the_epoch(store: Store, clock: FixedClock) -> None:
    body, before = Body.ed25519(), store.evidence.epoch()
    store.issuers.add(body.issuer("authorisation", at=clock.now()))
    assert store.evidence.epoch() == before + 1
    store.issuers.revoke(body.key_id, at=clock.now(), by="officer")
    assert store.evidence.epoch() == before + 2


def test_an_identifier_that_is_not_the_keys_is_refused(store: Store, clock: FixedClock) -> None:
    issuer = Body.ed25519().issuer("authorisation", at=clock.now())
    with pytest.raises(SignatureRefused):
        store.issuers.add(replace(issuer, key_id="x"))
    assert store.issuers.all() == ()


def test_an_unknown_key(store: Store, clock: FixedClock) -> None:
    with pytest.raises(RecordUnknown):
        store.issuers.get("x")
    with pytest.raises(RecordUnknown):
        store.issuers.revoke("x", at=clock.now(), by="officer")


EDITS = (
    "UPDATE outside_issuers SET name = 'High court'",
    "UPDATE outside_issuers SET keys = '[\"pad_report\"]'",
    "UPDATE outside_issuers SET jwk = '{}'",
    "UPDATE outside_issuers SET kind = 'laboratory'",
    "UPDATE outside_issuers SET revoked_at = NULL",
    "UPDATE outside_issuers SET registered_by = 'nobody'",
)


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_row_is_not_believed(
    store: Store, clock: FixedClock, sql: Callable[..., object], edit: str
) -> None:
    body = Body.ed25519()
    store.issuers.add(body.issuer("authorisation", at=clock.now()))
    store.issuers.revoke(body.key_id, at=clock.now(), by="officer")
    sql(edit)
    with pytest.raises(RecordTampered):
        store.issuers.get(body.key_id)
    assert [row.table for row in store.check_records()] == ["outside_issuers"]
