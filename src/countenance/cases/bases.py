"""On what something is kept about a person: on the consent alone, or on a provision of law as well.

Rules kept here:

* A contract or an interest keeps nothing once a consent is withdrawn: on these no face is kept. What does is
  a provision of law that demands or empowers, or an authorisation, while it counts.
* It has to name the purpose, or the person. What is said of the whole installation keeps nobody's data.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from countenance.kernel import PurposeId, SubjectId
from countenance.store import EvidenceScope, HeldRecord, Store

__all__ = ["is_consent", "kept_otherwise", "references_of"]

_CONSENTS: Final = frozenset({"guardian_consent", "written_release"})
_PROVISIONS: Final = ("authorisation", "legal_obligation", "statutory_basis", "statutory_power")


def is_consent(record: HeldRecord) -> bool:
    """Say whether a record is part of a consent, or says how it was asked for."""
    return record.key.startswith("consent.") or record.key in _CONSENTS


def references_of(store: Store, subject: SubjectId, purpose: PurposeId) -> tuple[str, ...]:
    """Return the identifiers of a person's enrolled references for a purpose, edited by hand or not."""
    wanted = store.references.identifiers(purpose, subject=subject)
    return tuple(sorted(wanted))


def kept_otherwise(store: Store, subject: SubjectId, purpose: PurposeId, *, at: datetime) -> bool:
    """Say whether a provision on file keeps what is held about a person for a purpose.

    Args:
        store: whose records.
        subject: about whom, by pseudonym.
        purpose: for which purpose.
        at: the moment, aware.
    """
    return any(_names(record.scope, subject, purpose) for record in store.evidence.at(at, keys=_PROVISIONS))


def _names(scope: EvidenceScope, subject: SubjectId, purpose: PurposeId) -> bool:
    if scope.purpose is None and scope.subject is None:
        return False
    return scope.purpose in (None, purpose) and scope.subject in (None, subject)
