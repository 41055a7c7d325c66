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
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from countenance.kernel import EvidenceId
from countenance.policy import FactSource, IssuerKind, Vocabulary
from countenance.store import EvidenceKind, EvidenceRecord, EvidenceScope

__all__ = ["DISCHARGES", "Resolution", "acceptable", "one_persons", "resolve"]

DISCHARGES = "discharges"
"""Member of a record's content that names the one duty that the record discharges."""

_ONE_PERSONS = frozenset({"age_check", "child_not_objecting", "guardian_consent", "written_release"})
_CONSENT = "consent."


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
    """

    evidence: Mapping[str, tuple[EvidenceId, ...]]
    triggers: Mapping[str, bool]
    statements: Mapping[str, tuple[EvidenceId, ...]]
    contradicted: tuple[str, ...]
    records: Mapping[EvidenceId, EvidenceRecord]

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
) -> Resolution:
    """Sort the records that are about a request under the keys and triggers that they speak to.

    Args:
        records: records on file; those that don't count are left out here.
        scope: the request's place, purpose, device and subject.
        at: the moment, aware.
        vocabulary: the words that exist and who may issue what.
        demo: whether the deployment is a demonstration.

    Returns:
        What they say; the order of the records doesn't matter.
    """
    evidence: defaultdict[str, set[EvidenceId]] = defaultdict(set)
    statements: defaultdict[str, dict[EvidenceId, bool]] = defaultdict(dict)
    counted: dict[EvidenceId, EvidenceRecord] = {}
    for record in records:
        if not _counts(record, scope=scope, at=at, vocabulary=vocabulary, demo=demo):
            continue
        counted[record.evidence_id] = record
        if record.kind is EvidenceKind.STATEMENT:
            statements[record.key][record.evidence_id] = record.content["value"] is True
        else:
            evidence[record.key].add(record.evidence_id)
    agreed = {key: stated for key, stated in statements.items() if len(set(stated.values())) == 1}
    return Resolution(
        evidence={key: tuple(sorted(evidence[key])) for key in sorted(evidence)},
        triggers={key: next(iter(agreed[key].values())) for key in sorted(agreed)},
        statements={key: tuple(sorted(agreed[key])) for key in sorted(agreed)},
        contradicted=tuple(sorted(statements.keys() - agreed.keys())),
        records=counted,
    )


def acceptable(record: EvidenceRecord, vocabulary: Vocabulary) -> bool:
    """Return whether the vocabulary knows the record's key and its issuer may issue it."""
    if record.kind is EvidenceKind.STATEMENT:
        return record.key in vocabulary.triggers
    term = vocabulary.evidence.get(record.key)
    return term is not None and IssuerKind(record.issuer.value) in term.issuers


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
    if one_persons(record.key, vocabulary):
        return record.scope.subject is not None and _names_its_purpose(record)
    return True


def _names_its_purpose(record: EvidenceRecord) -> bool:
    is_consent = record.kind is EvidenceKind.EVIDENCE and record.key.startswith(_CONSENT)
    return record.scope.purpose is not None or not is_consent
