"""Files records and withdraws them: forms, sources, signatures; and what a withdrawal of consent ends.

Rules kept here:

* What the system can see, nobody files. What somebody outside vouches for is filed as it was signed.
* Content has the form of its key. A record that says itself until when it holds never counts longer.
* A statement comes from its trigger's one source. What the operator is, is signed as one statement.
* Withdrawing a consent withdraws every record that rests on it, and then tells whoever keeps something
  because of it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from countenance.authority.errors import ConsentNotOnFile, EvidenceNotAccepted, OutsideSignatureRefused
from countenance.authority.journal import Journal
from countenance.authority.outside import (
    DEPLOYMENT_KIND,
    SIGNATURE,
    SIGNED,
    Vouching,
    is_signed_trigger,
)
from countenance.authority.records import KEY_FORMS, RecordContent, earlier, read_content
from countenance.authority.resolver import DISCHARGES, SOURCE, acceptable
from countenance.authority.roles import Author
from countenance.authority.withdrawals import ConsentWithdrawn, Withdrawal, WithdrawalListener
from countenance.kernel import Clock, CountenanceError, EvidenceId, PurposeId, SubjectId
from countenance.kernel.canonical import JsonValue
from countenance.policy import FactSource, IssuerKind, Vocabulary
from countenance.store import EvidenceKind, EvidenceRecord, EvidenceScope, Issuer, Store

__all__ = ["FilingBook", "Said"]

_logger = logging.getLogger(__name__)
_CONSENT_FORMS: Final = frozenset({"consent", "guardian-consent"})
_CONSENT_TRIGGERS: Final = "consent."


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that a person said, before it is filed.

    Attributes:
        key: an evidence key or a trigger of the vocabulary.
        content: what it says, in the key's form; ``{"value": true}`` or false for a statement.
        source: where a statement comes from.
        valid_until: the moment from which it no longer counts; the content's own if left out.
    """

    key: str
    content: Mapping[str, JsonValue] | RecordContent
    source: FactSource = FactSource.OPERATOR
    valid_until: datetime | None = None


class FilingBook:
    """Files the records of one store.

    Args:
        store: where they are kept.
        vocabulary: the keys, the triggers and who may vouch for what.
        journal: writes the log.
        clock: says what time it is.
        vouching: looks whether signatures hold.
        listeners: told when a consent was withdrawn.
    """

    __slots__ = ("_clock", "_journal", "_listeners", "_store", "_vocabulary", "_vouching")

    def __init__(
        self,
        *,
        store: Store,
        vocabulary: Vocabulary,
        journal: Journal,
        clock: Clock,
        vouching: Vouching,
        listeners: Iterable[WithdrawalListener] = (),
    ) -> None:
        self._store = store
        self._vocabulary = vocabulary
        self._journal = journal
        self._clock = clock
        self._vouching = vouching
        self._listeners = tuple(listeners)

    def record(
        self,
        *,
        key: str,
        content: Mapping[str, JsonValue] | RecordContent,
        author: Author | str,
        scope: EvidenceScope,
        issuer: Issuer,
        source: FactSource,
        valid_from: datetime | None,
        valid_until: datetime | None,
        demo: bool,
    ) -> EvidenceRecord:
        """File a record; see :meth:`countenance.authority.AuthorityDesk.record_evidence`."""
        if issuer is not Issuer.PERSON:
            msg = "What the system says, it observes; what somebody outside says is filed as it was signed."
            raise EvidenceNotAccepted(msg)
        said, ends = self._read(key, content, scope=scope, source=source, valid_until=valid_until)
        return self._filed(
            self._made(
                key=key,
                content=said,
                author=author,
                issuer=issuer,
                scope=scope,
                demo=demo,
                valid_from=valid_from,
                valid_until=ends,
            )
        )

    def record_all(
        self, said: Iterable[Said], *, author: Author | str, scope: EvidenceScope
    ) -> tuple[EvidenceRecord, ...]:
        """File what one person said, whole or not at all; see the desk."""
        records = []
        for one in said:
            content, ends = self._read(
                one.key, one.content, scope=scope, source=one.source, valid_until=one.valid_until
            )
            records.append(
                self._made(
                    key=one.key,
                    content=content,
                    author=author,
                    issuer=Issuer.PERSON,
                    scope=scope,
                    demo=False,
                    valid_from=None,
                    valid_until=ends,
                )
            )
        self.file(*records)
        return tuple(records)

    def record_signed(self, token: str, *, author: Author | str, demo: bool = False) -> EvidenceRecord:
        """File a record that somebody outside signed.

        Args:
            token: the statement as a compact JWS (:class:`countenance.authority.OutsideStatement`).
            author: the role or key id that files it, never a name.
            demo: whether it is made up.

        Raises:
            OutsideSignatureRefused: if the signature, the body or the deployment isn't right, or its time is
                over.
            EvidenceNotAccepted: if its key isn't one for somebody outside, or its content hasn't the form.
        """
        now = self._clock.now()
        statement, _ = self._vouching.open(token, at=now)
        term = self._vocabulary.evidence.get(statement.key)
        if term is None or IssuerKind.OUTSIDE not in term.issuers:
            msg = "The key isn't one for which somebody outside vouches."
            raise EvidenceNotAccepted(msg)
        if statement.valid_until <= now:
            msg = "The time of what was signed is over."
            raise OutsideSignatureRefused(msg)
        read = read_content(statement.key, statement.content, scope=statement.scope)
        if read.to_content() != dict(statement.content):
            msg = "What was signed isn't the form's own JSON; sign what `records draft` prints."
            raise EvidenceNotAccepted(msg)
        begins, ends = read.begins(), read.ends()
        if (ends is not None and ends < statement.valid_until) or (
            begins is not None and statement.valid_from < begins
        ):
            msg = "The statement's validity reaches beyond what it says itself."
            raise EvidenceNotAccepted(msg)
        return self._filed(
            self._made(
                key=statement.key,
                content={**statement.content, SIGNATURE: token},
                author=author,
                issuer=Issuer.OUTSIDE,
                scope=statement.scope,
                demo=demo,
                valid_from=statement.valid_from,
                valid_until=statement.valid_until,
            )
        )

    def sign_deployment(
        self, facts: Mapping[str, bool], *, author: Author | str
    ) -> tuple[EvidenceRecord, ...]:
        """Sign what the operator is and file it, one record for each fact; see the desk."""
        wanted = {name for name in self._vocabulary.triggers if is_signed_trigger(name)}
        if not facts or set(facts) - wanted or not all(isinstance(v, bool) for v in facts.values()):
            msg = "A deployment's statement says yes or no to facts about the operator, and to nothing else."
            raise EvidenceNotAccepted(msg, remedy=f"The facts are: {', '.join(sorted(wanted))}.")
        now, stated = self._clock.now(), dict(sorted(facts.items()))
        token = self._store.signer.sign(
            {
                "author": str(author),
                "deployment": self._store.deployment.deployment_id,
                "facts": stated,
                "signed_at": now.isoformat(),
            },
            kind=DEPLOYMENT_KIND,
        )
        with self._store.together():
            for record in self._store.evidence.at(now, scope=EvidenceScope(), keys=wanted):
                self.withdraw(record.evidence_id, by=author, reason="the deployment was signed anew")
            return tuple(
                self._filed(
                    self._made(
                        key=name,
                        content={"value": value, SOURCE: FactSource.DEPLOYMENT.value, SIGNED: token},
                        author=author,
                        issuer=Issuer.PERSON,
                        scope=EvidenceScope(),
                        demo=False,
                        valid_from=None,
                        valid_until=None,
                    )
                )
                for name, value in stated.items()
            )

    def file(self, *records: EvidenceRecord) -> None:
        """Put records on file and log them, all or none; by itself for what the system observed."""
        with self._store.together():
            self._store.evidence.add_all(records)
            self._journal.recorded(records)

    def withdraw(self, evidence_id: EvidenceId, *, by: Author | str, reason: str) -> EvidenceRecord:
        """Withdraw a record from now on; see the desk."""
        with self._store.together():
            record = self._store.evidence.withdraw(
                evidence_id, at=self._clock.now(), by=str(by), reason=reason
            )
            self._journal.withdrawn(record)
        return record

    def withdraw_consent(self, *, subject: SubjectId, purpose: PurposeId, by: Author | str) -> Withdrawal:
        """Withdraw a person's consent to a purpose: all its records, at once, without a reason.

        Permits that rest on it open no door any more. Then the listeners let go of what they keep; one that
        can't is named in the answer, and is told again when this is called again.

        Args:
            subject: whose consent, by pseudonym.
            purpose: to which purpose.
            by: the role and key that withdraw it, never a name.

        Raises:
            ConsentNotOnFile: if there never was one.
        """
        held = [
            record
            for record in self._store.evidence.about(subject)
            if record.scope.purpose == purpose and _rests_on_consent(record)
        ]
        if not held:
            msg = "There is no consent of this person to this purpose."
            raise ConsentNotOnFile(msg)
        with self._store.together():
            gone = [
                self.withdraw(record.evidence_id, by=by, reason="the consent was withdrawn").evidence_id
                for record in held
                if record.withdrawn_at is None
            ]
        what = ConsentWithdrawn(subject, purpose, self._clock.now(), tuple(sorted(gone)))
        told, unfinished, certificates = self._tell(what)
        receipt = self._journal.consent_withdrawn(what, told=told, unfinished=unfinished)
        return Withdrawal(what, told, unfinished, receipt.index, certificates)

    def consent_of(self, evidence_id: EvidenceId) -> tuple[SubjectId, PurposeId]:
        """Return whose consent a record is part of, and to what.

        Raises:
            ConsentNotOnFile: if it isn't part of a consent.
            RecordUnknown: if there is no such record.
        """
        record = self._store.evidence.get(evidence_id)
        if not _rests_on_consent(record) or record.scope.subject is None or record.scope.purpose is None:
            msg = "This record isn't part of a consent."
            raise ConsentNotOnFile(msg)
        return record.scope.subject, record.scope.purpose

    def _tell(
        self, what: ConsentWithdrawn
    ) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Mapping[str, Any], ...]]:
        told, unfinished, certificates = [], [], []
        for listener in self._listeners:
            try:
                certificate = listener.consent_withdrawn(what)
            except CountenanceError as error:
                _logger.warning("after a withdrawal of consent, %s: %s", listener.name, error.code)
                unfinished.append(listener.name)
            else:
                told.append(listener.name)
                if certificate is not None:
                    certificates.append(certificate)
        return tuple(told), tuple(unfinished), tuple(certificates)

    def _read(
        self,
        key: str,
        content: Mapping[str, JsonValue] | RecordContent,
        *,
        scope: EvidenceScope,
        source: FactSource,
        valid_until: datetime | None,
    ) -> tuple[dict[str, JsonValue], datetime | None]:
        """Return what a record holds, in its key's form, and until when it counts."""
        if key in self._vocabulary.triggers:
            return self._statement(key, content, source), valid_until
        return self._evidence(key, content, scope, valid_until)

    def _statement(
        self, key: str, content: Mapping[str, JsonValue] | RecordContent, source: FactSource
    ) -> dict[str, JsonValue]:
        trigger = self._vocabulary.triggers[key]
        if is_signed_trigger(key):
            msg = "What the operator is, is signed as one statement when the deployment is set up."
            raise EvidenceNotAccepted(msg)
        if source is not trigger.source:
            msg = f"The fact {key} is {trigger.source.words}, not {source.words}."
            raise EvidenceNotAccepted(msg)
        if isinstance(content, RecordContent) or set(content) != {"value"}:
            msg = 'A statement says {"value": true} or {"value": false} and nothing else.'
            raise EvidenceNotAccepted(msg)
        return {"value": content["value"], SOURCE: source.value}

    def _evidence(
        self,
        key: str,
        content: Mapping[str, JsonValue] | RecordContent,
        scope: EvidenceScope,
        valid_until: datetime | None,
    ) -> tuple[dict[str, JsonValue], datetime | None]:
        term = self._vocabulary.evidence.get(key)
        if term is None or IssuerKind.PERSON not in term.issuers or key not in KEY_FORMS:
            msg = "The key isn't in the vocabulary, or isn't a person's to vouch for."
            raise EvidenceNotAccepted(msg)
        if not isinstance(content, RecordContent) and (not content or DISCHARGES in content):
            msg = "A record says something, and discharges no duty by itself."
            raise EvidenceNotAccepted(msg)
        read = read_content(key, content, scope=scope)
        return read.to_content(), earlier(read.ends(), valid_until)

    def _filed(self, record: EvidenceRecord) -> EvidenceRecord:
        self.file(record)
        return record

    def _made(
        self,
        *,
        key: str,
        content: Mapping[str, JsonValue],
        author: Author | str,
        issuer: Issuer,
        scope: EvidenceScope,
        demo: bool,
        valid_from: datetime | None,
        valid_until: datetime | None,
    ) -> EvidenceRecord:
        is_statement = key in self._vocabulary.triggers
        try:
            record = EvidenceRecord.make(
                key=key,
                content=content,
                author=str(author),
                issuer=issuer,
                recorded_at=self._clock.now(),
                scope=scope,
                kind=EvidenceKind.STATEMENT if is_statement else EvidenceKind.EVIDENCE,
                demo=demo or self._store.deployment.demo,
                valid_from=valid_from,
                valid_until=valid_until,
            )
        except ValueError as error:
            msg = f"The record can't be taken: {error}."
            raise EvidenceNotAccepted(msg) from error
        if not acceptable(record, self._vocabulary):
            msg = "The key isn't in the vocabulary, or isn't this issuer's to vouch for."
            raise EvidenceNotAccepted(msg)
        return record


def _rests_on_consent(record: EvidenceRecord) -> bool:
    """Return whether a record is a consent, or says how it was asked for."""
    if record.kind is EvidenceKind.STATEMENT:
        return record.key.startswith(_CONSENT_TRIGGERS)
    entry = KEY_FORMS.get(record.key)
    return entry is not None and entry.form.form in _CONSENT_FORMS
