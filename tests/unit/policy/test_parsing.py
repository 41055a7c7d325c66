"""Packs and the vocabulary as TOML text: what is read, and what is refused."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.kernel import OperatorError, sha256_hex
from countenance.policy import (
    DutyStart,
    Effect,
    EvidenceNeed,
    FactSource,
    Force,
    IssuerKind,
    Phase,
    Requirement,
    RulePackInvalid,
    TrustMark,
    VocabularyInvalid,
    parse_pack,
    parse_vocabulary,
)

PACK = """
schema = 1
code = "US/IL"
title = "Illinois"
version = 2026-11-22

[[rule]]
id = "X-1"
citation = "Act, s. 1"
force = "statute"
effect = "ban_unless"
text = "Do it well"
operations = ["verify", "enrol"]
places = ["any"]
evidence = ["notice", "raw_deleted (duty) | consent.written", "retention_until<=last_contact+3y"]
trust = "V2"
trigger = "actor.private"
applies_from = 2027-12-02
"""

VOCABULARY = """
schema = 1
[operations]
verify = "compare"
[places]
bank = "a bank"
[triggers."actor.private"]
words = "a private party acts"
question = "Is the operator private?"
source = "deployment"
[evidence.notice]
words = "A notice"
supply = "Write it."
phase = "before"
issuers = ["person", "outside"]
[evidence.audit_report]
words = "An audit"
supply = "File it."
phase = "duty"
issuers = ["outside"]
within_seconds = 3600
within_source = "house"
counted_from = "event"
standing = true
"""


def test_a_pack_is_read_completely() -> None:
    pack = parse_pack(PACK)
    assert (pack.code, pack.title, pack.version) == ("US/IL", "Illinois", date(2026, 11, 22))
    assert pack.sha256 == sha256_hex(PACK.encode())
    (rule,) = pack.rules
    assert rule.rule_id == "X-1"
    assert rule.jurisdiction == "US/IL"
    assert rule.citation == "Act, s. 1"
    assert rule.force is Force.STATUTE
    assert rule.effect is Effect.BAN_UNLESS
    assert rule.text == "Do it well"
    assert rule.operations == {"verify", "enrol"}
    assert rule.places == {"any"}
    assert rule.requirements == (
        Requirement((EvidenceNeed("notice", Phase.BEFORE),)),
        Requirement((EvidenceNeed("raw_deleted", Phase.DUTY), EvidenceNeed("consent.written", Phase.BEFORE))),
        Requirement((EvidenceNeed("retention_until<=last_contact+3y", Phase.BEFORE),)),
    )
    assert rule.trigger == "actor.private"
    assert rule.applies_from == date(2027, 12, 2)
    assert rule.trust is TrustMark.SECONDARY


def test_trigger_and_day_may_be_left_out() -> None:
    text = PACK.replace('trigger = "actor.private"\n', "").replace("applies_from = 2027-12-02\n", "")
    (rule,) = parse_pack(text).rules
    assert rule.trigger is None
    assert rule.applies_from is None


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param("schema = 1", "schema = 2", "schema 2", id="another schema"),
        pytest.param("schema = 1\n", "", "lacks schema", id="no schema"),
        pytest.param('title = "Illinois"\n', "", "lacks title", id="no title"),
        pytest.param('code = "US/IL"', 'code = "us/il"', "isn't a jurisdiction", id="small letters"),
        pytest.param('code = "US/IL"', 'code = ""', "isn't a jurisdiction", id="empty code"),
        pytest.param('code = "US/IL"', "code = 7", "isn't a str", id="a number for a code"),
        pytest.param("2026-11-22", '"2026-11-22"', "version isn't a date", id="a text for a day"),
        pytest.param("2026-11-22", "2026-11-22T00:00:00Z", "version isn't a date", id="a time for a day"),
        pytest.param("trigger =", "triger =", "unknown triger", id="a misspelt trigger"),
        pytest.param('text = "Do it well"\n', "", "lacks text", id="no text"),
        pytest.param('"ban_unless"', '"ban"', "a ban lists no evidence", id="a ban with evidence"),
        pytest.param('"ban_unless"', '"forbid"', "forbid", id="an unknown effect"),
        pytest.param('"statute"', '"law"', "law", id="an unknown force"),
        pytest.param('"V2"', '"sure"', "sure", id="an unknown mark"),
        pytest.param('["verify", "enrol"]', "[]", "no operation", id="no operations"),
        pytest.param('["verify", "enrol"]', '["verify", "verify"]', "twice", id="an operation twice"),
        pytest.param('["verify", "enrol"]', '"verify"', "isn't a list", id="a text for a list"),
        pytest.param('["verify", "enrol"]', "[1]", "isn't a str", id="a number for an operation"),
        pytest.param('["any"]', '["any", "bank"]', "every place", id="any and one more"),
        pytest.param('"notice",', '"notice|sign",', "isn't an evidence key", id="no spaces around the bar"),
        pytest.param('"notice",', '"notice (dutty)",', "isn't an evidence key", id="a misspelt phase"),
        pytest.param('"notice",', '"",', "isn't an evidence key", id="an empty requirement"),
        pytest.param('"notice",', "3,", "isn't a str", id="a number for evidence"),
        pytest.param('"actor.private"', "true", "isn't a str", id="a truth value for a trigger"),
        pytest.param("[[rule]]", "[[rules]]", "rules", id="a misspelt list"),
        pytest.param("[[rule]]", "[rule]", "isn't a list", id="one table for a list"),
        pytest.param("schema = 1", "schema = ", "Invalid", id="no TOML"),
        pytest.param('id = "X-1"\n', "", "id of a rule", id="a rule without an identifier"),
    ],
)
def test_a_pack_that_isnt_understood_is_refused(old: str, new: str, words: str) -> None:
    assert old in PACK
    with pytest.raises(RulePackInvalid, match=words) as caught:
        parse_pack(PACK.replace(old, new, 1))
    assert isinstance(caught.value, OperatorError)
    assert caught.value.code == "rule-pack-invalid"


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    with pytest.raises(RulePackInvalid):
        parse_pack(text)
    with pytest.raises(VocabularyInvalid):
        parse_vocabulary(text)


def test_a_vocabulary_is_read_completely() -> None:
    words = parse_vocabulary(VOCABULARY)
    assert words.operations["verify"].words == "compare"
    assert words.places["bank"].words == "a bank"
    trigger = words.triggers["actor.private"]
    assert (trigger.question, trigger.source) == ("Is the operator private?", FactSource.DEPLOYMENT)
    notice = words.evidence["notice"]
    assert notice.phase is Phase.BEFORE
    assert notice.issuers == {IssuerKind.PERSON, IssuerKind.OUTSIDE}
    assert (notice.within, notice.within_source, notice.standing) == (None, None, False)
    audit = words.evidence["audit_report"]
    assert audit.phase is Phase.DUTY
    assert audit.within == timedelta(hours=1)
    assert (audit.within_source, audit.counted_from, audit.standing) == ("house", DutyStart.EVENT, True)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param("schema = 1", "schema = 0", "schema 0", id="another schema"),
        pytest.param("[places]", "[sites]", "lacks places", id="no places"),
        pytest.param('verify = "compare"', "verify = 1", "isn't a str", id="a number for words"),
        pytest.param('question = "Is the operator private?"\n', "", "lacks question", id="no question"),
        pytest.param('"deployment"', '"rumour"', "rumour", id="an unknown source"),
        pytest.param("within_seconds = 3600\n", "", "lacks within_seconds", id="a duty without a deadline"),
        pytest.param("within_seconds = 3600", "within_seconds = 0", "after the act", id="no time at all"),
        pytest.param("within_seconds = 3600", "within_seconds = true", "isn't a int", id="a truth value"),
        pytest.param('within_source = "house"\n', "", "lacks within_source", id="a deadline out of nowhere"),
        pytest.param('phase = "before"', 'phase = "later"', "later", id="an unknown phase"),
        pytest.param(
            'phase = "before"', 'phase = "before"\nstanding = true', "standing", id="standing evidence"
        ),
        pytest.param('["person", "outside"]', "[]", "nobody may issue", id="no issuer"),
        pytest.param('["person", "outside"]', '["anyone"]', "anyone", id="an unknown issuer"),
        pytest.param("standing = true", 'standing = "yes"', "isn't a bool", id="a text for a truth value"),
        pytest.param("[evidence.notice]", "[evidence.notice", "Expected", id="no TOML"),
    ],
)
def test_a_vocabulary_that_isnt_understood_is_refused(old: str, new: str, words: str) -> None:
    assert old in VOCABULARY
    with pytest.raises(VocabularyInvalid, match=words) as caught:
        parse_vocabulary(VOCABULARY.replace(old, new, 1))
    assert caught.value.code == "vocabulary-invalid"
