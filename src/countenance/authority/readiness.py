"""What a place has, what it lacks and what runs out, for one scene. Pure: over a verdict and its records.

Rules kept here:

* What is asked of each person anew (consent, age) is supposed for an adult who agrees, and is listed as such.
  A verdict on that is never a permit: no record stands behind it.
* Nothing is called met that the verdict doesn't rest on, and nothing missing that no rule asks for.
* What the system looks at itself doesn't run out here: it is looked at anew before each permit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from countenance.authority.hypothetical import SUPPOSED
from countenance.authority.outside import is_signed_trigger
from countenance.authority.records import KEY_FORMS, OBSERVED_KEYS, Observation
from countenance.authority.resolver import Resolution, one_persons
from countenance.authority.roles import RoleTable
from countenance.kernel import DeviceId, EvidenceId, PlaceId, PurposeId
from countenance.policy import FactSource, IssuerKind, Status, Verdict, Vocabulary
from countenance.store import EvidenceRecord, Issuer

__all__ = ["Readiness", "ReadinessItem", "Remedies", "Standing", "for_an_adult_who_agrees", "readiness_of"]

_ASKED: Final = (
    "consent.explicit",
    "consent.informed",
    "consent.purpose_match",
    "consent.record",
    "consent.separate",
    "written_release",
)
"""What an attended scene can write down of a guest who agrees; nothing else is supposed."""
_STATE: Final = "Answer it in an answers file (`[facts]`) with `countenance init --answers FILE`"


class Standing(StrEnum):
    """How one thing that the rules ask for stands."""

    MET = "met"
    MISSING = "missing"
    EXPIRING = "expiring"


@dataclass(frozen=True, slots=True)
class ReadinessItem:
    """One thing that the rules ask for.

    Attributes:
        keys: evidence keys of which any one is enough, or the fact; for a rule that nothing satisfies, none.
        standing: whether it is there.
        rules: the rules that ask for it, sorted.
        words: what it proves, or the question that has to be answered.
        remedy: what to do about it; empty if nothing is to be done.
        records: the records on which it rests, sorted.
        until: when the last of them runs out; ``None`` if it doesn't.
        by_hand: whether only a person, here or outside, can supply it.
    """

    keys: tuple[str, ...]
    standing: Standing
    rules: tuple[str, ...]
    words: str
    remedy: str
    records: tuple[EvidenceId, ...] = ()
    until: datetime | None = None
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Readiness:
    """A place, looked at for a scene.

    Attributes:
        place: which place.
        scene: for which scene.
        items: what the rules ask for: missing first, then expiring, then met.
        asked_of_each: keys and facts that are asked of each person, supposed here.
        house_rules_only: whether no rule of the jurisdiction itself speaks.
    """

    place: PlaceId
    scene: str
    items: tuple[ReadinessItem, ...]
    asked_of_each: tuple[str, ...]
    house_rules_only: bool

    @property
    def ready(self) -> bool:
        """Whether nothing is missing."""
        return not self.of(Standing.MISSING)

    def of(self, standing: Standing) -> tuple[ReadinessItem, ...]:
        """Return what stands so."""
        return tuple(item for item in self.items if item.standing is standing)


@dataclass(frozen=True, slots=True)
class Remedies:
    """Says how each thing is put right at one place: with which command, and by whom.

    Attributes:
        place: where.
        purpose: what for.
        device: with what.
        vocabulary: the words.
        roles: who may file what.
    """

    place: PlaceId
    purpose: PurposeId
    device: DeviceId
    vocabulary: Vocabulary
    roles: RoleTable

    def for_evidence(self, key: str) -> str:
        """Return what to do so that a key has a record."""
        at = f"--place {self.place}"
        if key == "notice" or key in ("notice.necessity", "notice.impact"):
            return (
                f"`countenance notice draft --by officer {at} --purpose {self.purpose} "
                f"--device {self.device} --out notice.toml`, fill it in, "
                "then `countenance notice publish notice.toml --by officer`."
            )
        if key == "sign":
            return (
                f"`countenance sign make {at} --device {self.device} --out sign.svg`, put it up, then "
                "`countenance sign post sign.svg --by installer --position WORDS`."
            )
        supply = self.vocabulary.evidence[key].supply
        issuers = self.vocabulary.evidence[key].issuers
        if IssuerKind.PERSON in issuers and key in KEY_FORMS:
            by = next((role.value for role in self.roles.terms if self.roles.may_file(role, key)), "officer")
            about = f"--purpose {self.purpose}" if "purpose" in KEY_FORMS[key].form.about else at
            return (
                f"{supply} `countenance records form {key}` shows what to write, "
                f"`countenance records file {key} --by {by} --content FILE {about}` files it."
            )
        if IssuerKind.OUTSIDE in issuers:
            return (
                f"{supply} `countenance records draft` writes what they sign, "
                "`countenance records file-signed FILE --by officer` files it."
            )
        seen = OBSERVED_KEYS.get(key)
        if seen is not None and seen.how is Observation.NOT_YET:
            return f"Not to be had in this version: {seen.words}."
        return f"{supply} The system looks at it itself before each permit."

    def for_fact(self, trigger: str) -> str:
        """Return how a fact is stated."""
        if is_signed_trigger(trigger):
            return f"{_STATE}, or `countenance records sign-deployment` with every fact of its kind."
        return (
            f"{_STATE}, or `countenance records file {trigger} --yes --by officer --place {self.place}` "
            "(or --no)."
        )


def for_an_adult_who_agrees(resolution: Resolution, vocabulary: Vocabulary) -> Resolution:
    """Return the same as if an adult stood there who agrees, was asked apart, and signed.

    Args:
        resolution: what is on file, of nobody in particular.
        vocabulary: the words.
    """
    told = {name: False for name, term in vocabulary.triggers.items() if _of_a_person(term.source)}
    supposed = dict.fromkeys(_ASKED, (EvidenceId(SUPPOSED),))
    return replace(
        resolution,
        triggers={**told, **resolution.triggers},
        evidence={**supposed, **resolution.evidence},
    )


def readiness_of(
    verdict: Verdict,
    resolutions: Sequence[Resolution],
    *,
    scene: str,
    remedies: Remedies,
    now: datetime,
    within: timedelta,
) -> Readiness:
    """Sort what a verdict says into met, missing and expiring.

    Args:
        verdict: on the records, and on a supposed adult who agrees.
        resolutions: what the records say, one for each site.
        scene: for which scene.
        remedies: how each is put right.
        now: the moment, aware.
        within: what runs out before this time is over is expiring.
    """
    asking = _asking(verdict)
    records = {i: record for resolution in resolutions for i, record in resolution.records.items()}
    contradicted = {name for resolution in resolutions for name in resolution.contradicted}
    missing = [*_missing(verdict, remedies), *_unknown(verdict, remedies, contradicted)]
    if not verdict.allowed and not missing:
        missing = list(_obstacles(verdict))
    met = [
        _met(key, [records[EvidenceId(i)] for i in ids if i in records], asking, remedies, now + within)
        for key, ids in verdict.satisfied_by
        if SUPPOSED not in ids
    ]
    facts = [
        _stated((name, value), resolutions, asking, remedies.vocabulary)
        for name, value in verdict.stated
        if not _of_a_person(remedies.vocabulary.triggers[name].source)
    ]
    order = {Standing.MISSING: 0, Standing.EXPIRING: 1, Standing.MET: 2}
    asked = {key for key, ids in verdict.satisfied_by if SUPPOSED in ids}
    asked |= {t for t, _ in verdict.stated if _of_a_person(remedies.vocabulary.triggers[t].source)}
    return Readiness(
        place=remedies.place,
        scene=scene,
        items=tuple(sorted([*missing, *met, *facts], key=lambda item: (order[item.standing], item.keys))),
        asked_of_each=tuple(sorted(asked)),
        house_rules_only=verdict.house_rules_only,
    )


def _of_a_person(source: FactSource) -> bool:
    return source in (FactSource.DOCUMENT, FactSource.CONSENT_SCREEN)


def _asking(verdict: Verdict) -> Mapping[str, tuple[str, ...]]:
    """Return evidence key or fact -> the rules that fired and speak of it."""
    found: dict[str, set[str]] = {}
    for finding in verdict.findings:
        for name in (*finding.rule.keys, *([finding.rule.trigger] if finding.rule.trigger else [])):
            found.setdefault(name, set()).add(finding.rule_id)
    return {name: tuple(sorted(rules)) for name, rules in found.items()}


def _missing(verdict: Verdict, remedies: Remedies) -> Iterable[ReadinessItem]:
    for entry in verdict.missing:
        issuers = [remedies.vocabulary.evidence[key].issuers for key in entry.alternatives]
        yield ReadinessItem(
            keys=entry.alternatives,
            standing=Standing.MISSING,
            rules=entry.rule_ids,
            words="; or ".join(remedies.vocabulary.evidence[key].words for key in entry.alternatives),
            remedy=" Or: ".join(map(remedies.for_evidence, entry.alternatives)),
            by_hand=any(kinds - {IssuerKind.SYSTEM} for kinds in issuers)
            and not any(one_persons(key, remedies.vocabulary) for key in entry.alternatives),
        )


def _unknown(verdict: Verdict, remedies: Remedies, contradicted: set[str]) -> Iterable[ReadinessItem]:
    for fact in verdict.unknown:
        twice = fact.trigger in contradicted
        remedy = "Records disagree about it: withdraw the one that isn't so." if twice else ""
        yield ReadinessItem(
            keys=(fact.trigger,),
            standing=Standing.MISSING,
            rules=fact.rule_ids,
            words=fact.question,
            remedy=remedy or remedies.for_fact(fact.trigger),
            by_hand=True,
        )


def _obstacles(verdict: Verdict) -> Iterable[ReadinessItem]:
    for finding in verdict.refusing:
        banned = finding.status is Status.BANNED
        yield ReadinessItem(
            keys=(),
            standing=Standing.MISSING,
            rules=(finding.rule_id,),
            words=finding.rule.text,
            remedy="Nothing that could be filed changes this: it isn't done here."
            if banned
            else "The rule refuses this on the facts as they are stated.",
        )
    if not verdict.refusing:
        words = " ".join(verdict.notes) or "No rule permits this here."
        yield ReadinessItem(
            (), Standing.MISSING, (), words, "Choose a place and a scene that a rule speaks of."
        )


def _met(
    key: str,
    records: Sequence[EvidenceRecord],
    asking: Mapping[str, tuple[str, ...]],
    remedies: Remedies,
    soon: datetime,
) -> ReadinessItem:
    ends = [record.valid_until for record in records if record.issuer is not Issuer.SYSTEM]
    last = [end for end in ends if end is not None]
    until = max(last) if last and len(last) == len(records) else None
    expiring = until is not None and until <= soon
    return ReadinessItem(
        keys=(key,),
        standing=Standing.EXPIRING if expiring else Standing.MET,
        rules=asking.get(key, ()),
        words=remedies.vocabulary.evidence[key].words,
        remedy=f"Make it anew before it runs out. {remedies.for_evidence(key)}" if expiring else "",
        records=tuple(sorted(record.evidence_id for record in records)),
        until=until,
    )


def _stated(
    fact: tuple[str, bool],
    resolutions: Sequence[Resolution],
    asking: Mapping[str, tuple[str, ...]],
    vocabulary: Vocabulary,
) -> ReadinessItem:
    name, value = fact
    ids = {i for resolution in resolutions for i in resolution.statements.get(name, ())}
    return ReadinessItem(
        keys=(name,),
        standing=Standing.MET,
        rules=asking.get(name, ()),
        words=f"{vocabulary.triggers[name].question} {'Yes' if value else 'No'}.",
        remedy="",
        records=tuple(sorted(ids)),
    )
