"""Notices as signed JSON-LD."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from countenance.authority.notices import (
    LANGUAGES,
    DocumentAltered,
    NoticeHasGaps,
    Part,
    check_notice,
    notice_of,
    sign_notice,
)
from countenance.authority.notices.linked_data import DPV_TERMS, term
from countenance.authority.records import Pictogram, read_content
from countenance.kernel import canonical_sha256
from countenance.store import EvidenceScope, PublicVerifier
from drafted_notices import NOON, OTHER_SIGNER, SIGNER, filled, incomplete, signed

PUBLIC = PublicVerifier(SIGNER.public_jwk())


def terms_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "@type" in value:
            yield value["@type"]
        for name, inner in value.items():
            if name != "@context":
                yield from terms_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from terms_of(inner)


def test_a_notice_with_gaps_isnt_signed_and_every_gap_is_named() -> None:
    draft = incomplete()
    with pytest.raises(NoticeHasGaps) as refused:
        sign_notice(SIGNER, draft, deployment="dep_1", issued_at=NOON, demo=False)
    for gap in draft.gaps:
        assert f"{gap.part} ({gap.language})" in refused.value.message


@pytest.mark.parametrize("kind", list(Pictogram))
def test_terms_are_of_the_vocabulary_or_our_own(kind: Pictogram) -> None:
    document = signed(kind=kind).document
    found = set(terms_of(document)) - {document["proof"]["type"]}
    assert found
    assert all(name in DPV_TERMS or name.startswith("ctn:") for name in found), found
    prefixes = {name.split(":")[0] for name in found}
    assert prefixes <= set(document["@context"])
    assert document["@type"] == "dpv:ConsentNotice"


@pytest.mark.parametrize(
    ("wanted", "written"),
    [
        ("dpv:IdentityVerification", "dpv:IdentityVerification"),
        ("dpv:ServiceProvision", "ctn:ServiceProvision"),
        ("CrowdCount", "ctn:CrowdCount"),
    ],
)
def test_a_term_that_isnt_in_the_vocabulary_gets_our_namespace(wanted: str, written: str) -> None:
    assert term(wanted) == written


def test_the_version_is_the_hash_of_all_that_it_says() -> None:
    first, second = signed(), signed(version=2)
    assert re.fullmatch("[0-9a-f]{64}", first.version_id)
    assert first.version_id == signed().version_id != second.version_id
    content = {name: value for name, value in first.document.items() if name != "proof"}
    assert canonical_sha256(content) == first.version_id


def test_a_notice_is_made_again_from_its_statement_alone() -> None:
    notice = signed()
    again = notice_of(PUBLIC, notice.statement)
    assert again == notice
    assert check_notice(PUBLIC, json.loads(json.dumps(notice.document))) == notice
    assert (again.notice_id, again.version, again.kind) == ("notice-checkin", 1, Pictogram.VERIFY)


@pytest.mark.parametrize("statement", ["", "a", "a.b.c", "a.bnVsbA.c", signed(signer=OTHER_SIGNER).statement])
def test_another_statement_is_refused(statement: str) -> None:
    with pytest.raises(DocumentAltered):
        notice_of(PUBLIC, statement)


def test_a_signed_document_of_another_shape_isnt_a_notice() -> None:
    token = SIGNER.sign({"texts": {"en": {}}}, kind="countenance-notice+jws")
    with pytest.raises(DocumentAltered, match="form"):
        notice_of(SIGNER, token)


def test_its_record_has_the_form_with_the_hash_of_each_language() -> None:
    notice = signed()
    record = notice.to_record()
    read = read_content("notice", record, scope=EvidenceScope())
    assert read == record
    assert set(record.texts) == set(LANGUAGES)
    for language in LANGUAGES:
        assert record.texts[language] == canonical_sha256(notice.document["texts"][language])
    assert record.keeper == notice.text(Part.KEEPER, "en")
    assert record.statement == notice.statement


def test_a_demonstrations_notice_says_so() -> None:
    assert signed(demo=True).demo
    assert not signed().demo


def test_without_consent_it_isnt_a_notice_about_consent() -> None:
    draft = filled(incomplete())
    object.__setattr__(draft, "by_consent", False)
    document = sign_notice(SIGNER, draft, deployment="dep_1", issued_at=NOON, demo=False).document
    assert document["@type"] == "ctn:Notice"
    assert document["basis"]["@type"] == "ctn:OtherBasis"
