"""What somebody outside signed counts exactly as it was signed, while its key is good; nothing else does."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from countenance.authority import EvidenceNotAccepted, OutsideSignatureRefused, OutsideStatement
from countenance.authority.records import read_content
from countenance.kernel import (
    DeploymentId,
    EvidenceError,
    PlaceId,
    PurposeId,
    SubjectId,
    canonical_json,
)
from countenance.store import EvidenceKind, EvidenceRecord, EvidenceScope, Issuer, OutsideKind
from front_desk import NOON, FrontDesk
from outside_bodies import Body
from record_examples import content_for

DAY = timedelta(days=1)
COURT = Body.p256(7)
LABORATORY = Body.ed25519(8, name="A laboratory", kind=OutsideKind.LABORATORY)
STRANGER = Body.ed25519(9)


@dataclass(frozen=True)
class Outside:
    """The made-up hotel with a court and a laboratory registered."""

    hotel: FrontDesk

    def statement(self, key: str = "authorisation", **changes: Any) -> OutsideStatement:
        scope = EvidenceScope(place=self.hotel.site.place)
        about = changes.get("scope", scope)
        good = "content" not in changes and about == scope
        content = read_content(key, content_for(key), scope=scope).to_content() if good else {}
        whole = OutsideStatement(
            deployment=self.hotel.store.deployment.deployment_id,
            key=key,
            scope=scope,
            content=content,
            valid_from=NOON - DAY,
            valid_until=NOON + DAY,
        )
        return replace(whole, **changes)

    def token(self, *, body: Body = COURT, **changes: Any) -> str:
        return body.sign(self.statement(**changes).to_claims())

    def file(self, token: str | None = None) -> EvidenceRecord:
        return self.hotel.desk.record_signed(token or self.token(), author="officer")

    def counts(self, record: EvidenceRecord, *, place: PlaceId | None = None) -> bool:
        where = EvidenceScope(place or self.hotel.site.place, self.hotel.site.purpose)
        return self.hotel.desk.on_file(scope=where).counts(record.key, record.evidence_id)


@pytest.fixture
def outside(hotel: FrontDesk) -> Outside:
    register = hotel.desk.registrar.add_issuer
    register(
        name=COURT.name,
        kind=COURT.kind,
        jwk=COURT.jwk,
        keys=("authorisation", "legal_order"),
        author="officer",
    )
    register(
        name=LABORATORY.name,
        kind=LABORATORY.kind,
        jwk=LABORATORY.jwk,
        keys=("pad_report",),
        author="officer",
    )
    return Outside(hotel)


def test_what_was_signed_is_filed_and_counts(outside: Outside) -> None:
    record = outside.file()
    assert record.issuer is Issuer.OUTSIDE
    assert record.kind is EvidenceKind.EVIDENCE
    assert (record.valid_from, record.valid_until) == (NOON - DAY, NOON + DAY)
    assert record.author == "officer"
    assert outside.counts(record)
    assert outside.hotel.log_entries()[-1][0] == "evidence-recorded"


def test_a_second_look_finds_the_same(outside: Outside) -> None:
    record = outside.file()
    assert [outside.counts(record) for _ in range(3)] == [True] * 3


def test_it_counts_until_its_end_and_at_its_places(outside: Outside) -> None:
    record = outside.file()
    assert not outside.counts(record, place=PlaceId("plc_elsewhere"))
    outside.hotel.wait(DAY)
    assert not outside.counts(record)


def test_it_counts_for_its_operations_alone(outside: Outside) -> None:
    outside.file()
    here = EvidenceScope(outside.hotel.site.place, outside.hotel.site.purpose)
    found = outside.hotel.desk.on_file(scope=here)
    assert "authorisation" in found.for_operation("identify_live").evidence
    assert "authorisation" not in found.for_operation("watchlist").evidence


def test_it_may_be_about_several_places(outside: Outside) -> None:
    here, there = outside.hotel.site.place, PlaceId("plc_hall")
    content = {**outside.statement().content, "places": [here, there]}
    record = outside.file(outside.token(scope=EvidenceScope(), content=content))
    assert outside.counts(record)
    assert outside.counts(record, place=there)
    assert not outside.counts(record, place=PlaceId("plc_elsewhere"))


def test_a_revoked_key_vouches_for_nothing(outside: Outside) -> None:
    record, token = outside.file(), outside.token()
    assert outside.counts(record)
    outside.hotel.desk.registrar.revoke_issuer(COURT.key_id, author="officer")
    assert not outside.counts(record)
    with pytest.raises(OutsideSignatureRefused, match="revoked"):
        outside.file(token)


REFUSED: dict[str, tuple[Callable[[Outside], str], type[EvidenceError | Exception], str]] = {
    "a key that isn't registered": (
        lambda o: o.token(body=STRANGER),
        OutsideSignatureRefused,
        "isn't registered here",
    ),
    "a key that may not vouch for this": (
        lambda o: o.token(body=LABORATORY),
        OutsideSignatureRefused,
        "may vouch",
    ),
    "for another installation": (
        lambda o: o.token(deployment=DeploymentId("dep_other")),
        OutsideSignatureRefused,
        "another installation",
    ),
    "over already": (
        lambda o: o.token(valid_until=NOON),
        OutsideSignatureRefused,
        "is over",
    ),
    "ends before it begins": (
        lambda o: o.token(valid_from=NOON + DAY, valid_until=NOON + DAY / 2),
        EvidenceNotAccepted,
        "ends after it begins",
    ),
    "beyond what it says itself": (
        lambda o: o.token(valid_until=NOON + 30 * DAY),
        EvidenceNotAccepted,
        "reaches beyond",
    ),
    "before what it says itself": (
        lambda o: o.token(valid_from=NOON - 60 * DAY),
        EvidenceNotAccepted,
        "reaches beyond",
    ),
    "content of another form": (
        lambda o: o.token(content={"form": "word", **content_for("minimised")}),
        EvidenceNotAccepted,
        "authorisation",
    ),
    "content without its form": (
        lambda o: o.token(content=content_for("authorisation")),
        EvidenceNotAccepted,
        "own JSON",
    ),
    "one member more": (
        lambda o: COURT.sign({**o.statement().to_claims(), "extra": 1}),
        OutsideSignatureRefused,
        "isn't a statement",
    ),
    "one member less": (
        lambda o: COURT.sign({k: v for k, v in o.statement().to_claims().items() if k != "scope"}),
        OutsideSignatureRefused,
        "isn't a statement",
    ),
    "a time without a zone": (
        lambda o: COURT.sign({**o.statement().to_claims(), "valid_until": "2026-12-01T00:00:00"}),
        OutsideSignatureRefused,
        "isn't a statement",
    ),
    "a scope with another part": (
        lambda o: COURT.sign({**o.statement().to_claims(), "scope": {"city": "x"}}),
        OutsideSignatureRefused,
        "isn't a statement",
    ),
    "a scope that isn't one": (
        lambda o: COURT.sign({**o.statement().to_claims(), "scope": {"place": 7}}),
        OutsideSignatureRefused,
        "isn't a statement",
    ),
    "not a token": (lambda _: "nothing", OutsideSignatureRefused, "compact JWS"),
}


@pytest.mark.parametrize(("make", "error", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_filed(
    outside: Outside, make: Callable[[Outside], str], error: type[Exception], words: str
) -> None:
    before = outside.hotel.store.evidence.epoch()
    with pytest.raises(error, match=words):
        outside.file(make(outside))
    assert outside.hotel.store.evidence.epoch() == before


@pytest.fixture(scope="module")
def changed_tokens() -> list[tuple[int, str]]:
    """Where to change a token, and to what. The last character holds bits of no meaning, so it stays."""
    dice = random.Random(4)  # noqa: S311 - chooses cases, no keys
    return [(dice.randrange(10_000), dice.choice("ABCxyz019-_")) for _ in range(200)]


def test_a_changed_character_anywhere_is_refused(
    outside: Outside, changed_tokens: list[tuple[int, str]]
) -> None:
    token = outside.token()
    for place, character in changed_tokens:
        at = place % (len(token) - 1)
        changed = token[:at] + character + token[at + 1 :]
        if changed != token:
            with pytest.raises((OutsideSignatureRefused, EvidenceNotAccepted)):
                outside.file(changed)


@pytest.mark.parametrize("issuer", [Issuer.OUTSIDE, Issuer.SYSTEM])
def test_nobody_files_for_somebody_outside_without_a_signature(hotel: FrontDesk, issuer: Issuer) -> None:
    with pytest.raises(EvidenceNotAccepted):
        hotel.desk.record_evidence(
            key="authorisation",
            content=content_for("authorisation"),
            author="officer",
            issuer=issuer,
            scope=EvidenceScope(place=hotel.site.place),
        )


def planted(outside: Outside, **changes: Any) -> EvidenceRecord:
    """A record put into the store past the desk, as a part of the program that was turned could."""
    good = outside.file()
    told: dict[str, Any] = {
        "key": good.key,
        "content": good.content,
        "author": "officer",
        "issuer": Issuer.OUTSIDE,
        "recorded_at": NOON,
        "scope": good.scope,
        "demo": True,
        "valid_from": good.valid_from,
        "valid_until": good.valid_until,
    }
    record = EvidenceRecord.make(**(told | changes))
    outside.hotel.store.evidence.add(record)
    return record


def test_the_same_record_twice_counts_twice(outside: Outside) -> None:
    assert outside.counts(planted(outside))


PLANTED: dict[str, Callable[[Outside], dict[str, Any]]] = {
    "longer than it was signed": lambda _: {"valid_until": NOON + 5 * DAY},
    "without an end": lambda _: {"valid_until": None},
    "earlier than it was signed": lambda _: {"valid_from": NOON - 3 * DAY},
    "for another key": lambda _: {"key": "legal_order"},
    "for a purpose as well": lambda o: {
        "scope": EvidenceScope(place=o.hotel.site.place, purpose=o.hotel.site.purpose)
    },
    "for more operations": lambda o: {
        "content": {**o.file().content, "operations": ["identify_live", "watchlist"]}
    },
    "without the signature": lambda o: {"content": dict(o.statement().content)},
    "with somebody's signature": lambda o: {
        "content": {**o.statement().content, "outside_signature": o.token(body=STRANGER)}
    },
    "with no signature at all": lambda o: {"content": {**o.statement().content, "outside_signature": "x"}},
}


@pytest.mark.parametrize("change", PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_record_does_not_count(
    outside: Outside, change: Callable[[Outside], dict[str, Any]]
) -> None:
    assert not outside.counts(planted(outside, **change(outside)))


def test_a_body_vouches_for_keys_that_somebody_outside_may_vouch_for(hotel: FrontDesk) -> None:
    for keys in ((), ("notice",), ("authorisation", "audit_log"), ("wishful_thinking",)):
        with pytest.raises(EvidenceNotAccepted):
            hotel.desk.registrar.add_issuer(
                name="A body", kind=OutsideKind.COURT, jwk=COURT.jwk, keys=keys, author="officer"
            )
    with pytest.raises(EvidenceNotAccepted):
        hotel.desk.registrar.add_issuer(
            name=" ", kind=OutsideKind.COURT, jwk=COURT.jwk, keys=("authorisation",), author="officer"
        )
    assert hotel.desk.registrar.issuers() == ()


def test_registering_and_revoking_a_body_is_logged(outside: Outside) -> None:
    outside.hotel.desk.registrar.revoke_issuer(LABORATORY.key_id, author="officer")
    changes = [entry for kind, entry in outside.hotel.log_entries() if kind == "issuer-changed"]
    assert [(c["key_id"], c["revoked"]) for c in changes] == [
        (COURT.key_id, False),
        (LABORATORY.key_id, False),
        (LABORATORY.key_id, True),
    ]
    assert COURT.name not in str(changes)


def test_a_guardians_consent_is_about_one_child_and_one_purpose(outside: Outside) -> None:
    hotel = outside.hotel
    guardian = Body.ed25519(11, name="sub_guardian", kind=OutsideKind.GUARDIAN)
    hotel.desk.registrar.add_issuer(
        name=guardian.name,
        kind=guardian.kind,
        jwk=guardian.jwk,
        keys=("guardian_consent",),
        author="officer",
    )
    scope = EvidenceScope(purpose=hotel.site.purpose, subject=SubjectId("sub_child"))
    content = read_content(
        "guardian_consent", content_for("guardian_consent", purpose=hotel.site.purpose), scope=scope
    ).to_content()
    record = outside.file(outside.token(body=guardian, key="guardian_consent", scope=scope, content=content))
    child = EvidenceScope(hotel.site.place, hotel.site.purpose, subject=SubjectId("sub_child"))
    other = EvidenceScope(hotel.site.place, hotel.site.purpose, subject=SubjectId("sub_other"))
    assert "guardian_consent" in hotel.desk.on_file(scope=child).evidence
    assert "guardian_consent" not in hotel.desk.on_file(scope=other).evidence
    hotel.desk.withdraw_consent(
        subject=SubjectId("sub_child"), purpose=PurposeId(hotel.site.purpose), by="clerk"
    )
    assert "guardian_consent" not in hotel.desk.on_file(scope=child).evidence
    assert hotel.store.evidence.get(record.evidence_id).withdrawn_at == NOON


def test_the_payload_is_what_anybody_can_make(outside: Outside) -> None:
    """The bytes to be signed, spelt out: RFC 8785 sorts members and writes no spaces."""
    statement = outside.statement()
    payload = canonical_json(statement.to_claims())
    assert payload.startswith(b'{"content":{"area":"The hall before the counters."')
    assert b'"scope":{"place":"plc_frontdesk"}' in payload
    assert OutsideStatement.from_claims(statement.to_claims()) == statement
