"""Rules, facts and rule sets for property tests: small made-up ones, and facts for the shipped packs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from hypothesis import strategies as st

from countenance.policy import (
    DutyStart,
    Effect,
    EvidenceNeed,
    EvidenceTerm,
    Facts,
    FactSource,
    Force,
    IssuerKind,
    Phase,
    Requirement,
    Rule,
    RulePack,
    RuleSet,
    Term,
    TriggerTerm,
    TrustMark,
    Vocabulary,
    evaluate,
    parse_pack,
    parse_vocabulary,
)

TODAY = date(2026, 11, 22)
TOMORROW = TODAY + timedelta(days=1)

OPERATIONS = ("capture", "verify")
PLACES = ("bank", "phone")
TRIGGERS = ("actor.private", "subject.child", "use.scores")
BEFORE = ("notice", "consent", "assessment", "sign")
DUTIES = ("erased", "reviewed", "filed")
STANDING = "filed"
JURISDICTIONS = ("AA", "AA/B", "AA/BC", "CC")


@cache
def shipped() -> tuple[RuleSet, Vocabulary]:
    """Return the packs and the vocabulary that lie in the package, read without ``authority``."""
    folder = files("countenance.policy")
    texts = [entry.read_text("utf-8") for entry in folder.joinpath("packs").iterdir()]
    words = folder.joinpath("vocabulary.toml").read_text("utf-8")
    return RuleSet.of(parse_pack(text) for text in texts), parse_vocabulary(words)


def vocabulary() -> Vocabulary:
    """Return the words of the made-up rules."""
    return Vocabulary(
        operations={name: Term(name, f"does {name}") for name in OPERATIONS},
        places={name: Term(name, f"a {name}") for name in PLACES},
        triggers={
            name: TriggerTerm(name, f"{name} is so", f"Is {name} so?", FactSource.OPERATOR)
            for name in TRIGGERS
        },
        evidence={term.key: term for term in (*map(_before, BEFORE), *map(_duty, DUTIES))},
    )


def _before(key: str) -> EvidenceTerm:
    return EvidenceTerm(key, f"Proof of {key}", f"File the {key}.", Phase.BEFORE, frozenset(IssuerKind))


def _duty(key: str) -> EvidenceTerm:
    return EvidenceTerm(
        key=key,
        words=f"Proof of {key}",
        supply=f"File the {key}.",
        phase=Phase.DUTY,
        issuers=frozenset({IssuerKind.SYSTEM}),
        within=timedelta(hours=1 + DUTIES.index(key)),
        within_source="house",
        counted_from=DutyStart.ACT,
        standing=key == STANDING,
    )


def need(key: str) -> EvidenceNeed:
    """Return a need for a made-up key, in its phase."""
    return EvidenceNeed(key, Phase.DUTY if key in DUTIES else Phase.BEFORE)


def rule(
    rule_id: str = "R-1",
    *,
    jurisdiction: str = "AA",
    effect: Effect = Effect.REQUIRE,
    evidence: Iterable[str] = ("notice",),
    operations: Iterable[str] = ("verify",),
    places: Iterable[str] = ("any",),
    trigger: str | None = None,
    applies_from: date | None = None,
    force: Force = Force.STATUTE,
    trust: TrustMark = TrustMark.READ,
) -> Rule:
    """Return a made-up rule; evidence as in a pack, ``a|b`` for alternatives."""
    lines = () if effect is Effect.BAN else evidence
    return Rule(
        rule_id=rule_id,
        jurisdiction=jurisdiction,
        citation=f"Act of {jurisdiction}, Art {rule_id}",
        force=force,
        effect=effect,
        text=f"What {rule_id} says",
        operations=frozenset(operations),
        places=frozenset(places),
        requirements=tuple(Requirement(tuple(need(key) for key in line.split("|"))) for line in lines),
        trigger=trigger,
        applies_from=applies_from,
        trust=trust,
    )


def rule_set(*rules: Rule, codes: Iterable[str] = ()) -> RuleSet:
    """Return rules in one pack for each jurisdiction; ``codes`` adds packs that may be empty."""
    names = sorted({r.jurisdiction for r in rules} | set(codes))
    return RuleSet.of(
        RulePack(code, f"Law of {code}", TODAY, tuple(r for r in rules if r.jurisdiction == code), "0" * 64)
        for code in names
    )


def facts(
    operation: str = "verify",
    *,
    place_kind: str = "bank",
    jurisdictions: tuple[str, ...] = ("AA",),
    at: date = TODAY,
    triggers: Mapping[str, bool] | None = None,
    evidence: Iterable[str] = (),
) -> Facts:
    """Return facts about the made-up world; each key of evidence has one record."""
    records = {key: (f"evd_{key}",) for key in evidence}
    return Facts(operation, place_kind, jurisdictions, at, triggers or {}, records)


_lines = st.lists(
    st.lists(st.sampled_from((*BEFORE, *DUTIES)), min_size=1, max_size=3, unique=True).map("|".join),
    min_size=1,
    max_size=3,
    unique=True,
)
_places = st.one_of(st.just(("any",)), st.sets(st.sampled_from(PLACES), min_size=1).map(tuple))


@st.composite
def rules(draw: st.DrawFn, rule_id: str) -> Rule:
    """Draw one made-up rule."""
    return rule(
        rule_id,
        jurisdiction=draw(st.sampled_from(("*", *JURISDICTIONS))),
        effect=draw(st.sampled_from((*Effect, Effect.REQUIRE, Effect.BAN_UNLESS))),
        evidence=draw(_lines),
        operations=draw(st.sets(st.sampled_from(OPERATIONS), min_size=1)),
        places=draw(_places),
        trigger=draw(st.sampled_from((None, None, *TRIGGERS))),
        applies_from=draw(st.sampled_from((None, None, TODAY, TOMORROW))),
    )


@st.composite
def rule_lists(draw: st.DrawFn, *, max_size: int = 6) -> tuple[Rule, ...]:
    """Draw a few made-up rules with identifiers of their own."""
    count = draw(st.integers(0, max_size))
    return tuple(draw(rules(f"R-{number}")) for number in range(count))


trigger_statements = st.dictionaries(st.sampled_from(TRIGGERS), st.booleans())
"""Some triggers stated, others not."""

complete_statements = st.fixed_dictionaries({name: st.booleans() for name in TRIGGERS})
"""Every trigger stated."""

evidence_keys = st.frozensets(st.sampled_from((*BEFORE, *DUTIES)))


@st.composite
def some_facts(
    draw: st.DrawFn, *, triggers: st.SearchStrategy[dict[str, bool]] = trigger_statements
) -> Facts:
    """Draw facts about the made-up world, at least one jurisdiction among them."""
    return facts(
        draw(st.sampled_from(OPERATIONS)),
        place_kind=draw(st.sampled_from(PLACES)),
        jurisdictions=tuple(draw(st.lists(st.sampled_from(JURISDICTIONS), min_size=1, unique=True))),
        triggers=draw(triggers),
        evidence=draw(evidence_keys),
    )


@st.composite
def permissible(draw: st.DrawFn) -> tuple[RuleSet, Facts]:
    """Draw rules and facts that evidence alone can make a yes: no ban bites, every fact is stated.

    A house rule speaks everywhere, so that no country is silent. Nothing is on file yet.
    """
    stated = draw(complete_statements)
    drawn = draw(rule_lists(max_size=5))
    kept = [r for r in drawn if r.effect is not Effect.BAN or (r.trigger and not stated[r.trigger])]
    base = rule("R-0", jurisdiction="*", evidence=draw(_lines), operations=OPERATIONS)
    kept = [replace(r, rule_id=f"R-{number}") for number, r in enumerate(kept, start=1)]
    asked = facts(
        draw(st.sampled_from(OPERATIONS)),
        place_kind=draw(st.sampled_from(PLACES)),
        jurisdictions=tuple(draw(st.lists(st.sampled_from(JURISDICTIONS), min_size=1, unique=True))),
        triggers=stated,
    )
    return rule_set(base, *kept, codes=("*", *JURISDICTIONS)), asked


@st.composite
def permitted(draw: st.DrawFn) -> tuple[RuleSet, Facts]:
    """Draw rules and facts whose answer is yes, on little or much evidence."""
    rules, asked = draw(permissible())
    filed = set(draw(evidence_keys))
    for entry in evaluate(rules, asked, vocabulary=vocabulary()).missing:
        if filed.isdisjoint(entry.alternatives):
            filed.add(draw(st.sampled_from(entry.alternatives)))
    return rules, replace(asked, evidence={key: (f"evd_{key}",) for key in sorted(filed)})


@st.composite
def facts_for(draw: st.DrawFn, rule_set: RuleSet, vocabulary: Vocabulary) -> Facts:
    """Draw complete facts for shipped packs: every trigger stated, some evidence, one or two countries.

    Mostly benign, because a permit over a hundred rules is too rare to be found by tossing coins.
    """
    names = sorted(vocabulary.triggers)
    stated = dict.fromkeys(names, False)
    stated |= dict.fromkeys(draw(st.lists(st.sampled_from(names), max_size=3)), True)
    held = dict.fromkeys(sorted(vocabulary.evidence), True)
    held |= dict.fromkeys(draw(st.lists(st.sampled_from(sorted(vocabulary.evidence)), max_size=6)), False)
    if draw(st.integers(0, 9)) == 0:
        held = dict.fromkeys(held, False)
    countries = sorted(rule_set.codes - {"*"})
    return Facts(
        operation=draw(st.sampled_from(sorted(vocabulary.operations))),
        place_kind=draw(st.sampled_from(sorted(vocabulary.places))),
        jurisdictions=tuple(draw(st.lists(st.sampled_from(countries), min_size=1, max_size=2, unique=True))),
        at=draw(st.sampled_from((date(2024, 1, 1), TODAY, date(2028, 1, 1)))),
        triggers=stated,
        evidence={key: (f"evd_{key}",) for key, there in held.items() if there},
    )
