from __future__ import annotations

from datetime import date

import pytest

from countenance.authority import UnknownFactName, hypothetical
from countenance.authority.hypothetical import SUPPOSED
from countenance.policy import RuleSet, UnknownOperation, UnknownPlaceKind, Verdict, Vocabulary
from front_desk import FrontDesk

TODAY = date(2026, 11, 22)


def ask(
    rules: RuleSet,
    vocabulary: Vocabulary,
    *,
    operation: str = "verify",
    place_kind: str = "hotel_lobby",
    jurisdictions: tuple[str, ...] = ("CN",),
    at: date = TODAY,
    **facts: bool,
) -> Verdict:
    return hypothetical(
        rules,
        vocabulary,
        operation=operation,
        place_kind=place_kind,
        jurisdictions=jurisdictions,
        at=at,
        facts={name.replace("__", "."): value for name, value in facts.items()},
    )


def completed(
    rules: RuleSet, vocabulary: Vocabulary, *, jurisdiction: str
) -> tuple[Verdict, dict[str, bool]]:
    """Do what each verdict asks for until nothing is asked any more."""
    facts: dict[str, bool] = {}
    for _ in range(10):
        verdict = hypothetical(
            rules,
            vocabulary,
            operation="verify",
            place_kind="hotel_lobby",
            jurisdictions=(jurisdiction,),
            at=TODAY,
            facts=facts,
        )
        if not verdict.missing and not verdict.unknown:
            break
        facts |= {missing.alternatives[0]: True for missing in verdict.missing}
        facts |= {u.trigger: u.trigger == "actor.private" for u in verdict.unknown}
    return verdict, facts


def test_nothing_supposed_is_refused_and_asks(rules: RuleSet, vocabulary: Vocabulary) -> None:
    verdict = ask(rules, vocabulary)
    assert not verdict.allowed
    assert verdict.missing
    assert verdict.unknown


@pytest.mark.parametrize("jurisdiction", ["CN", "EU", "UK", "US/IL"])
def test_supplying_what_is_asked_for_ends_in_a_yes(
    rules: RuleSet, vocabulary: Vocabulary, jurisdiction: str
) -> None:
    verdict, facts = completed(rules, vocabulary, jurisdiction=jurisdiction)
    assert verdict.allowed, verdict.words()
    assert {ids for _, ids in verdict.satisfied_by} == {(SUPPOSED,)}
    for key in [key for key, _ in verdict.satisfied_by]:
        without = hypothetical(
            rules,
            vocabulary,
            operation="verify",
            place_kind="hotel_lobby",
            jurisdictions=(jurisdiction,),
            at=TODAY,
            facts=facts | {key: False},
        )
        assert not without.allowed, key


def test_a_false_fact_is_no_evidence(rules: RuleSet, vocabulary: Vocabulary) -> None:
    assert ask(rules, vocabulary, notice=False).missing == ask(rules, vocabulary).missing
    assert ("notice",) not in {m.alternatives for m in ask(rules, vocabulary, notice=True).missing}


def test_a_false_trigger_is_an_answer(rules: RuleSet, vocabulary: Vocabulary) -> None:
    asked = {u.trigger for u in ask(rules, vocabulary).unknown}
    answered = {u.trigger for u in ask(rules, vocabulary, consent__coerced=False).unknown}
    assert asked - answered == {"consent.coerced"}


def test_a_guest_room_is_refused_whatever_is_supposed(rules: RuleSet, vocabulary: Vocabulary) -> None:
    everything = dict.fromkeys(vocabulary.evidence, True)
    verdict = hypothetical(
        rules,
        vocabulary,
        operation="capture",
        place_kind="private_space",
        jurisdictions=("EU",),
        at=TODAY,
        facts=everything | dict.fromkeys(vocabulary.triggers, False),
    )
    assert not verdict.allowed
    assert [finding.rule_id for finding in verdict.refusing] == ["HX-PRIVATE"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("concent.separate", "consent.separate"),
        ("notices", "notice"),
        ("subject.under_14", "subject.under14"),
        ("alternative-offered", "alternative_offered"),
    ],
)
def test_a_misspelt_fact_is_refused_with_what_was_meant(
    rules: RuleSet, vocabulary: Vocabulary, name: str, meant: str
) -> None:
    with pytest.raises(UnknownFactName) as refused:
        hypothetical(
            rules,
            vocabulary,
            operation="verify",
            place_kind="hotel_lobby",
            jurisdictions=("CN",),
            at=TODAY,
            facts={name: True},
        )
    assert meant in refused.value.remedy
    assert name not in refused.value.message


def test_a_fact_like_no_other_is_refused(rules: RuleSet, vocabulary: Vocabulary) -> None:
    with pytest.raises(UnknownFactName) as refused:
        ask(rules, vocabulary, zzzzzzzz=True)
    assert refused.value.remedy == UnknownFactName.default_remedy


def test_unknown_words_are_refused(rules: RuleSet, vocabulary: Vocabulary) -> None:
    with pytest.raises(UnknownOperation):
        ask(rules, vocabulary, operation="guess")
    with pytest.raises(UnknownPlaceKind):
        ask(rules, vocabulary, place_kind="moon")


def test_an_unknown_country_is_refused(rules: RuleSet, vocabulary: Vocabulary) -> None:
    verdict = ask(rules, vocabulary, jurisdictions=("ZZ",))
    assert not verdict.allowed
    assert any("ZZ" in note for note in verdict.notes)


def test_what_is_supposed_leaves_nothing_on_file(
    hotel: FrontDesk, rules: RuleSet, vocabulary: Vocabulary
) -> None:
    before = (hotel.store.evidence.epoch(), hotel.store.log.size())
    verdict, _ = completed(rules, vocabulary, jurisdiction="CN")
    assert verdict.allowed
    assert (hotel.store.evidence.epoch(), hotel.store.log.size()) == before
    assert not hotel.desk.judge(hotel.request()).allowed
