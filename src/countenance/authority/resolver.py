"""Which facts are satisfied by which records, for one request at one moment. Pure.

Rules kept here:

* A record counts if it is valid at the moment, not withdrawn, scoped to this request or wider, and
  issued by someone who may issue its key.
* A key that only the system can observe counts only if the system issued it.
* Consent is one person's, for one purpose: a consent that names no person or no purpose counts for
  nobody. The same holds for what a person says of themselves on the consent screen.
* A demonstration record counts in a demonstration alone.
* A record written to discharge one duty of one permit proves nothing about the next request.
* Contradicting statements make a fact unknown; the rules then refuse and ask.
* What a person or somebody outside files has the form of its key, and is about what that form asks for.
* A statement counts if it comes from its trigger's one source. What somebody outside vouches for, and what
  the operator is, counts with its signature alone.
* An authorisation counts at its places and for its operations. A sign counts for the devices that it names,
  while the version of the notice to which it leads is the one on file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from countenance.authority.outside import is_signed_trigger
from countenance.authority.records import FORM, KEY_FORMS
from countenance.kernel import EvidenceId
from countenance.policy import FactSource, IssuerKind, Vocabulary
from countenance.store import EvidenceKind, EvidenceRecord, EvidenceScope, Issuer

__all__ = ["DISCHARGES", "SOURCE", "Resolution", "acceptable", "counts_alone", "one_persons", "resolve"]

DISCHARGES = "discharges"
"""Member of a record's content that names the one duty that the record discharges."""

SOURCE: Final = "source"
"""Member of a statement's content that names where it comes from."""

_ONE_PERSONS = frozenset({"age_check", "child_not_objecting", "guardian_consent", "written_release"})
_CONSENT = "consent."
_AUTHORISATION: Final = "authorisation"
_NOTICE: Final = "notice"
_SIGN: Final = "sign"
_AS_TERMS_NAME: Final = {issuer: IssuerKind(issuer.value) for issuer in Issuer}


@dataclass(frozen=True, slots=True)
class Resolution:
    """What the records say about a request.

    Attributes:
        evidence: evidence key -> ids of the records that satisfy it, sorted; a key without a record
            isn't in it.
        triggers: trigger -> what was stated; a trigger nobody stated isn't in it.
        statements: trigger -> ids of the records that state it, sorted; those of contradicted triggers
            are left out.
        contradicted: triggers about which valid records disagree, sorted; they aren't in ``triggers``.
        records: every record that counted, by id.
        limits: the operations to which a record is limited, by id; a record that isn't in it is limited to
            none.
    """

    evidence: Mapping[str, tuple[EvidenceId, ...]]
    triggers: Mapping[str, bool]
    statements: Mapping[str, tuple[EvidenceId, ...]]
    contradicted: tuple[str, ...]
    records: Mapping[EvidenceId, EvidenceRecord]
    limits: Mapping[EvidenceId, frozenset[str]] = field(default_factory=dict)

    def for_operation(self, operation: str) -> Resolution:
        """Return the same without the evidence that is limited to other operations."""
        out = {i for i, operations in self.limits.items() if operation not in operations}
        if not out:
            return self
        kept = {key: tuple(i for i in ids if i not in out) for key, ids in self.evidence.items()}
        return replace(self, evidence={key: ids for key, ids in kept.items() if ids})

    def counts(self, key: str, evidence_id: EvidenceId) -> bool:
        """Return whether that record satisfies that key, or states that trigger uncontradicted."""
        return evidence_id in self.evidence.get(key, ()) or evidence_id in self.statements.get(key, ())


def resolve(
    records: Iterable[EvidenceRecord],
    *,
    scope: EvidenceScope,
    at: datetime,
    vocabulary: Vocabulary,
    demo: bool,
    vouched: Callable[[EvidenceRecord], bool] | None = None,
) -> Resolution:
    """Sort the records that are about a request under the keys and triggers that they speak to.

    Args:
        records: records on file; those that don't count are left out here.
        scope: the request's place, purpose, device and subject.
        at: the moment, aware.
        vocabulary: the words that exist and who may issue what.
        demo: whether the deployment is a demonstration.
        vouched: returns whether the signature holds that a record needs; left out, none does.

    Returns:
        What they say; the order of the records doesn't matter.
    """
    statements: defaultdict[str, dict[EvidenceId, bool]] = defaultdict(dict)
    counted: dict[EvidenceId, EvidenceRecord] = {}
    for record in records:
        if not _counts(record, scope=scope, at=at, vocabulary=vocabulary, demo=demo):
            continue
        if _needs_signature(record) and not (vouched is not None and vouched(record)):
            continue
        counted[record.evidence_id] = record
        if record.kind is EvidenceKind.STATEMENT:
            statements[record.key][record.evidence_id] = record.content["value"] is True
    evidence = _evidence_of(counted)
    agreed = {key: stated for key, stated in statements.items() if len(set(stated.values())) == 1}
    return Resolution(
        evidence={key: tuple(sorted(evidence[key])) for key in sorted(evidence)},
        triggers={key: next(iter(agreed[key].values())) for key in sorted(agreed)},
        statements={key: tuple(sorted(agreed[key])) for key in sorted(agreed)},
        contradicted=tuple(sorted(statements.keys() - agreed.keys())),
        records=counted,
        limits={
            evidence_id: frozenset(map(str, _listed(counted[evidence_id], "operations")))
            for evidence_id in evidence.get(_AUTHORISATION, ())
        },
    )


def _evidence_of(counted: dict[EvidenceId, EvidenceRecord]) -> Mapping[str, set[EvidenceId]]:
    """Sort evidence by key; signs that lead to no notice on file are taken out of what counted."""
    evidence: defaultdict[str, set[EvidenceId]] = defaultdict(set)
    for evidence_id, record in counted.items():
        if record.kind is EvidenceKind.EVIDENCE:
            evidence[record.key].add(evidence_id)
    if _SIGN in evidence:
        notices = {
            (counted[i].content.get("notice_id"), counted[i].content.get("version"))
            for i in evidence.get(_NOTICE, ())
        }
        for evidence_id in tuple(evidence[_SIGN]):
            content = counted[evidence_id].content
            if (content.get("notice_id"), content.get("notice_version")) not in notices:
                evidence[_SIGN].discard(evidence_id)
                del counted[evidence_id]
        if not evidence[_SIGN]:
            del evidence[_SIGN]
    return evidence


def counts_alone(
    record: EvidenceRecord,
    *,
    at: datetime,
    vocabulary: Vocabulary,
    demo: bool,
    vouched: Callable[[EvidenceRecord], bool],
) -> bool:
    """Return whether a record counts for what it is about, as far as it depends on nothing else on file.

    A contradicting statement, or a sign whose notice isn't on file, shows with :func:`resolve` alone.
    Arguments as there.
    """
    if not _counts(record, scope=record.scope, at=at, vocabulary=vocabulary, demo=demo):
        return False
    return not _needs_signature(record) or vouched(record)


def acceptable(record: EvidenceRecord, vocabulary: Vocabulary) -> bool:
    """Return whether the vocabulary knows the record's key and its issuer may issue it."""
    if record.kind is EvidenceKind.STATEMENT:
        return record.key in vocabulary.triggers
    term = vocabulary.evidence.get(record.key)
    return term is not None and _AS_TERMS_NAME[record.issuer] in term.issuers


def one_persons(key: str, vocabulary: Vocabulary) -> bool:
    """Return whether only a record about one person can speak to the key or trigger."""
    trigger = vocabulary.triggers.get(key)
    if trigger is not None:
        return trigger.source in (FactSource.CONSENT_SCREEN, FactSource.DOCUMENT)
    return key.startswith(_CONSENT) or key in _ONE_PERSONS


def _counts(
    record: EvidenceRecord, *, scope: EvidenceScope, at: datetime, vocabulary: Vocabulary, demo: bool
) -> bool:
    if record.demo and not demo:
        return False
    if not record.valid_at(at) or not record.scope.covers(scope):
        return False
    if DISCHARGES in record.content or not acceptable(record, vocabulary):
        return False
    if one_persons(record.key, vocabulary) and not _is_one_persons(record):
        return False
    if record.kind is EvidenceKind.STATEMENT:
        return record.content.get(SOURCE) == vocabulary.triggers[record.key].source.value
    return record.issuer is Issuer.SYSTEM or _has_its_form(record, scope)


def _is_one_persons(record: EvidenceRecord) -> bool:
    is_consent = record.kind is EvidenceKind.EVIDENCE and record.key.startswith(_CONSENT)
    return record.scope.subject is not None and (record.scope.purpose is not None or not is_consent)


def _has_its_form(record: EvidenceRecord, scope: EvidenceScope) -> bool:
    """Return whether a record has its key's form, and holds for the scope by what it says itself.

    Fields were checked when it was filed; since then its MAC and its hash stand for them.
    """
    form = KEY_FORMS[record.key].form
    if record.content.get(FORM) != form.form:
        return False
    if any(getattr(record.scope, part) is None for part in form.about):
        return False
    if record.key == _AUTHORISATION:
        return scope.place is None or scope.place in _listed(record, "places")
    if record.key == _SIGN:
        return scope.device is None or scope.device in _listed(record, "devices")
    return True


def _listed(record: EvidenceRecord, member: str) -> tuple[object, ...]:
    listed = record.content.get(member)
    return tuple(listed) if isinstance(listed, list | tuple) else ()


def _needs_signature(record: EvidenceRecord) -> bool:
    if record.kind is EvidenceKind.STATEMENT:
        return is_signed_trigger(record.key)
    return record.issuer is Issuer.OUTSIDE
