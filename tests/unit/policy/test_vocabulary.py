"""The closed lists, and the check that rules use no other words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from countenance.kernel import CallerError, OperatorError
from countenance.policy import (
    EvidenceNeed,
    FactSource,
    Phase,
    Requirement,
    Rule,
    UnknownOperation,
    UnknownPlaceKind,
    VocabularyIncomplete,
)
from strategies.policy import BEFORE, DUTIES, rule, rule_set, shipped, vocabulary


def test_known_words_are_found() -> None:
    words = vocabulary()
    assert words.require_operation("verify").name == "verify"
    assert words.require_place("bank").words == "a bank"


@pytest.mark.parametrize("name", ["", "any", "VERIFY", "verify ", "bank"])
def test_an_unknown_operation_is_the_callers_mistake(name: str) -> None:
    with pytest.raises(UnknownOperation) as caught:
        vocabulary().require_operation(name)
    assert isinstance(caught.value, CallerError)
    assert caught.value.code == "unknown-operation"
    assert "capture, verify" in caught.value.remedy


@pytest.mark.parametrize("name", ["", "any", "lobby", "verify"])
def test_an_unknown_kind_of_place_is_the_callers_mistake(name: str) -> None:
    with pytest.raises(UnknownPlaceKind) as caught:
        vocabulary().require_place(name)
    assert caught.value.code == "unknown-place-kind"
    assert "bank, phone" in caught.value.remedy


def test_an_error_doesnt_repeat_what_a_caller_sent() -> None:
    with pytest.raises(UnknownOperation) as caught:
        vocabulary().require_operation("Mrs Smith's passport")
    assert "Smith" not in caught.value.diagnostics()


def test_rules_in_known_words_pass() -> None:
    vocabulary().check(rule_set(rule(evidence=[*BEFORE, *DUTIES], trigger="actor.private", places=["bank"])))


@pytest.mark.parametrize(
    ("strange", "gap"),
    [
        pytest.param(rule(operations=["sing"]), "operation sing", id="operation"),
        pytest.param(rule(places=["moon"]), "place moon", id="place"),
        pytest.param(rule(trigger="moon.full"), "trigger moon.full", id="trigger"),
        pytest.param(rule(evidence=["notice|amulet"]), "evidence amulet", id="evidence"),
        pytest.param(
            replace(rule(), requirements=(Requirement((EvidenceNeed("erased", Phase.BEFORE),)),)),
            "phase of erased",
            id="a duty taken for evidence",
        ),
        pytest.param(
            replace(rule(), requirements=(Requirement((EvidenceNeed("notice", Phase.DUTY),)),)),
            "phase of notice",
            id="evidence taken for a duty",
        ),
    ],
)
def test_a_rule_in_other_words_is_refused(strange: Rule, gap: str) -> None:
    with pytest.raises(VocabularyIncomplete, match=f"R-1: {gap}") as caught:
        vocabulary().check(rule_set(strange))
    assert isinstance(caught.value, OperatorError)


def test_every_source_is_explained() -> None:
    assert len({source.words for source in FactSource}) == len(FactSource)


def test_a_clerk_is_asked_for_little() -> None:
    """What the installation or the document can say isn't asked of whoever stands at the desk."""
    _, words = shipped()
    asked = {name for name, term in words.triggers.items() if term.source is FactSource.OPERATOR}
    assert asked == {"event.leak", "event.serious_incident"}


def test_questions_are_questions() -> None:
    _, words = shipped()
    for term in words.triggers.values():
        assert term.question.endswith("?"), term.name
        assert term.question[0].isupper(), term.name


def test_instructions_are_sentences() -> None:
    _, words = shipped()
    for term in words.evidence.values():
        assert term.supply.endswith("."), term.key
        assert term.supply[0].isupper(), term.key
        assert not term.words.endswith("."), term.key


def test_every_duty_has_a_deadline_with_a_source_and_nothing_else_has() -> None:
    _, words = shipped()
    for term in words.evidence.values():
        assert (term.within is not None) == (term.phase is Phase.DUTY), term.key
        assert bool(term.within_source) == (term.phase is Phase.DUTY), term.key
        assert not term.standing or term.phase is Phase.DUTY, term.key


@pytest.mark.parametrize(
    ("key", "hours"),
    [
        pytest.param("breach_notice", 72, id="GDPR Art 33"),
        pytest.param("log.kept_6m", 24 * 184, id="AI Act Art 26(6): at least six months"),
        pytest.param("pia.kept_3y", 24 * 1096, id="PIPL Art 56: at least three years"),
        pytest.param("explanation", 24 * 30, id="GDPR Art 12(3)"),
    ],
)
def test_deadlines_are_those_of_their_sources(key: str, hours: int) -> None:
    _, words = shipped()
    term = words.evidence[key]
    assert term.within is not None
    assert term.within.total_seconds() == hours * 3600
    assert term.within_source != "house"


@pytest.mark.parametrize(
    "key",
    ["encryption", "access_control", "audit_log", "second_factor", "gallery_n<=accuracy_n",
     "threshold_from_fpir", "device_registered", "image_deleted", "raw_deleted"],
)  # fmt: skip
def test_what_the_system_can_see_it_alone_vouches_for(key: str) -> None:
    _, words = shipped()
    assert {issuer.value for issuer in words.evidence[key].issuers} == {"system"}


@pytest.mark.parametrize("key", ["authorisation", "guardian_consent", "legal_order", "statutory_power"])
def test_what_another_must_vouch_for_no_clerk_can_type(key: str) -> None:
    _, words = shipped()
    assert {issuer.value for issuer in words.evidence[key].issuers} == {"outside"}
