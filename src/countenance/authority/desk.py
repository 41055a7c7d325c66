"""The desk: gathers facts, asks the rules, writes the log, signs permits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from countenance.authority.check import PERMIT_KIND, PermitCheck
from countenance.authority.counting import ActCounter, Uncounted, counting
from countenance.authority.duties import DutyBook, claims_of
from countenance.authority.errors import DutyOverdue, RefusedByRule
from countenance.authority.filing import FilingBook, Said
from countenance.authority.filing_due import FilingDue
from countenance.authority.gathering import Gathering
from countenance.authority.grants import Granted, last_moment, rests_on
from countenance.authority.journal import Journal
from countenance.authority.judging import verdict_on
from countenance.authority.observers import Observer
from countenance.authority.outside import OutsideStatement
from countenance.authority.records import RecordContent
from countenance.authority.registrar import Registrar
from countenance.authority.resolver import Resolution
from countenance.authority.roles import Author
from countenance.authority.sites import sites_of
from countenance.authority.withdrawals import Withdrawal, WithdrawalListener
from countenance.authority.witness import Witness
from countenance.kernel import (
    Clock,
    Door,
    DutyId,
    EvidenceClaim,
    EvidenceId,
    PermitClaims,
    PermitId,
    PermitToken,
    PermitVerifier,
    ProcessingRequest,
    PurposeId,
    SubjectId,
    new_id,
)
from countenance.kernel.canonical import JsonValue
from countenance.policy import FactSource, RuleSet, Verdict, Vocabulary
from countenance.store import (
    EvidenceRecord,
    EvidenceScope,
    Issuer,
    PermitRecord,
    Store,
)

__all__ = ["AuthorityDesk", "Granted"]


@dataclass(frozen=True, slots=True)
class _Judged:
    """A verdict and what it was reached on."""

    verdict: Verdict
    resolutions: tuple[Resolution, ...]
    now: datetime
    epoch: int


class AuthorityDesk:
    """The one place where a permit comes from.

    Args:
        store: where everything is on record.
        rules: the rules in use.
        vocabulary: their words, and who may issue what.
        clock: says what time it is.
        observers: what the system can see about itself.
        permit_lifetime: how long a permit holds; positive.
        honour_early: rules to keep before they are in force; ``None`` for the house's own choice.
        listeners: told when a consent was withdrawn.
        counter: counts what was permitted and refused.
        look_every: how long a look at the system stands, at most the permits' lifetime; every request looks
            if left out.

    Raises:
        ValueError: if the lifetime isn't positive.
    """

    __slots__ = ("_check", "_clock", "_counter", "_duties", "_filing", "_filing_due", "_gathering",
                 "_honour_early", "_journal", "_lifetime", "_registrar", "_rules", "_store", "_vocabulary",
                 "_witness")  # fmt: skip

    def __init__(
        self,
        *,
        store: Store,
        rules: RuleSet,
        vocabulary: Vocabulary,
        clock: Clock,
        observers: Iterable[Observer],
        permit_lifetime: timedelta,
        honour_early: frozenset[str] | None = None,
        listeners: Iterable[WithdrawalListener] = (),
        counter: ActCounter | None = None,
        look_every: timedelta = timedelta(0),
    ) -> None:
        if permit_lifetime <= timedelta(0):
            msg = "a permit holds for some time"
            raise ValueError(msg)
        self._store = store
        self._rules = rules
        self._vocabulary = vocabulary
        self._clock = clock
        self._lifetime = permit_lifetime
        self._honour_early = honour_early
        self._journal = Journal(store=store)
        self._gathering = Gathering(store=store, vocabulary=vocabulary)
        self._counter = counter or Uncounted()
        self._check = PermitCheck(
            store=store, rules=rules, vocabulary=vocabulary, clock=clock, counter=self._counter
        )
        self._duties = DutyBook(store=store, vocabulary=vocabulary, journal=self._journal, clock=clock)
        self._filing_due = FilingDue(store=store, rules=rules, vocabulary=vocabulary, duties=self._duties)
        self._registrar = Registrar(store=store, vocabulary=vocabulary, journal=self._journal, clock=clock)
        self._filing = FilingBook(
            store=store,
            vocabulary=vocabulary,
            journal=self._journal,
            clock=clock,
            vouching=self._gathering.vouching,
            listeners=listeners,
        )
        self._witness = Witness(
            store=store,
            clock=clock,
            observers=observers,
            renew_before=permit_lifetime,
            look_every=look_every,
            file=self._filing.file,
            withdraw=self._withdraw_own,
        )

    @property
    def verifier(self) -> PermitVerifier:
        """What is injected into the doors."""
        return self._check

    @property
    def registrar(self) -> Registrar:
        """The register of purposes, places and devices."""
        return self._registrar

    def together(self) -> AbstractContextManager[None]:
        """Return a context in which this thread's records are kept at once, at its end, or not at all."""
        return self._store.together()

    @property
    def demo(self) -> bool:
        """Whether this is a demonstration, and nothing here is about a real person."""
        return self._store.deployment.demo

    @property
    def now(self) -> datetime:
        """The desk's time, UTC."""
        return self._clock.now()

    @property
    def vocabulary(self) -> Vocabulary:
        """The words of the rules in use."""
        return self._vocabulary

    def judge(self, request: ProcessingRequest) -> Verdict:
        """Ask the rules about every operation, at the place and at the device's own place.

        Looks at the system first, so that what it can see is on file. Signs nothing.

        Args:
            request: what is asked.

        Raises:
            CallerError: if place, device, purpose or an operation isn't known, or the device wasn't
                declared for an operation.
        """
        return self._judge(request).verdict

    def permit(
        self, request: ProcessingRequest, *, budget: Mapping[Door, int], largest_gallery: int = 0
    ) -> Granted:
        """Return a permit for exactly this request.

        The verdict, yes or no, is in the log before anything is signed.

        Args:
            request: what is asked.
            budget: how often each door may be passed; a door that isn't named stays shut.
            largest_gallery: how many people may be searched at most; nobody if left out.

        Raises:
            RefusedByRule: if the rules say no.
            DutyOverdue: if a duty of an earlier permit at this place for this purpose is overdue.
            CallerError: as :meth:`judge`.
            ValueError: if the budget is empty, a count isn't positive, or fewer than nobody may be searched.
        """
        if not budget or min(budget.values()) < 1 or largest_gallery < 0:
            msg = "a budget names at least one door, each at least once"
            raise ValueError(msg)
        with counting(self._counter, request):
            judged = self._judge(request)
            if not judged.verdict.allowed:
                self._journal.verdict(request, judged.verdict, at=judged.now, permit=None)
                raise RefusedByRule(judged.verdict)
            self._require_no_overdue(request, judged)
            return self._grant(request, judged, budget, largest_gallery)

    def require_standing(self, granted: Granted, request: ProcessingRequest) -> None:
        """See that a permit still stands, before what came of it is kept; see :class:`PermitCheck`.

        Raises:
            PermitRevoked: if a record that it rests on no longer counts, such as a withdrawn consent.
        """
        self._check.require_standing(granted.claims, request)

    def record_evidence(
        self,
        *,
        key: str,
        content: Mapping[str, JsonValue] | RecordContent,
        author: Author | str,
        scope: EvidenceScope | None = None,
        issuer: Issuer = Issuer.PERSON,
        source: FactSource = FactSource.OPERATOR,
        valid_from: datetime | None = None,
        valid_until: datetime | None = None,
        demo: bool = False,
    ) -> EvidenceRecord:
        """File a record: evidence, or a statement if the key is a trigger.

        Args:
            key: an evidence key or a trigger of the vocabulary.
            content: what it says, in the key's form (:data:`countenance.authority.records.KEY_FORMS`);
                ``{"value": true}`` or false for a statement.
            author: the role and key that record it, never a name.
            scope: what it speaks about; everything if left out.
            issuer: who vouches for it. Only ``PERSON`` is accepted: what the system says, it observes, and
                what somebody outside says is filed with :meth:`record_signed`.
            source: where a statement comes from; each trigger has one.
            valid_from: from when it counts; now if left out.
            valid_until: the moment from which it no longer counts; no end if left out, or the one that the
                content states.
            demo: whether it is made up. Everything in a demonstration is marked so.

        Raises:
            EvidenceNotAccepted: if the key isn't a person's to vouch for, the content hasn't the key's form
                (the field is named, no value), or the statement comes from another source.
            DemoEvidenceRefused: if it is made up and this isn't a demonstration.
        """
        return self._filing.record(
            key=key,
            content=content,
            author=author,
            scope=scope if scope is not None else EvidenceScope(),
            issuer=issuer,
            source=source,
            valid_from=valid_from,
            valid_until=valid_until,
            demo=demo,
        )

    def record_all(
        self, said: Iterable[Said], *, author: Author | str, scope: EvidenceScope
    ) -> tuple[EvidenceRecord, ...]:
        """File what one person said, whole or not at all, under one signed head of the log.

        Args:
            said: evidence and statements, as :meth:`record_evidence` takes each.
            author: the role and key that record it, never a name.
            scope: whom and what all of it is about.

        Raises:
            EvidenceNotAccepted: as :meth:`record_evidence`; nothing is filed then.
        """
        return self._filing.record_all(said, author=author, scope=scope)

    def record_signed(self, token: str, *, author: Author | str, demo: bool = False) -> EvidenceRecord:
        """File what somebody outside signed; see :meth:`FilingBook.record_signed`."""
        return self._filing.record_signed(token, author=author, demo=demo)

    def read_signed(self, token: str) -> OutsideStatement:
        """Return what somebody outside signed, before it is filed; see :meth:`Vouching.open`."""
        return self._gathering.vouching.open(token, at=self._clock.now())[0]

    def sign_deployment(self, facts: Mapping[str, bool], author: Author | str) -> tuple[EvidenceRecord, ...]:
        """Sign what the operator of this deployment is, and file it; an earlier statement is withdrawn.

        Args:
            facts: every fact of the vocabulary whose name begins with ``actor.``, or those that are known;
                one that is left out stays unknown.
            author: the role and key that state it, never a name.

        Returns:
            One record for each fact. They count for the whole deployment.

        Raises:
            EvidenceNotAccepted: if a fact is of another kind, or nothing is stated.
        """
        return self._filing.sign_deployment(facts, author=author)

    def withdraw_evidence(self, evidence_id: EvidenceId, *, by: Author | str, reason: str) -> EvidenceRecord:
        """Withdraw a record from now on. Permits that rest on it open no door any more.

        Args:
            evidence_id: which record.
            by: the role and key that withdraw it, never a name.
            reason: why, in a few words.

        Raises:
            RecordUnknown: if there is none.
        """
        return self._filing.withdraw(evidence_id, by=by, reason=reason)

    def withdraw_consent(self, *, subject: SubjectId, purpose: PurposeId, by: Author | str) -> Withdrawal:
        """Withdraw a person's consent to a purpose, whole; see :meth:`FilingBook.withdraw_consent`."""
        return self._filing.withdraw_consent(subject=subject, purpose=purpose, by=by)

    def consent_of(self, evidence_id: EvidenceId) -> tuple[SubjectId, PurposeId]:
        """Return whose consent a record is part of, and to what; see :meth:`FilingBook.consent_of`."""
        return self._filing.consent_of(evidence_id)

    def discharge(
        self,
        duty_id: DutyId,
        *,
        content: Mapping[str, JsonValue],
        author: str,
        issuer: Issuer = Issuer.SYSTEM,
    ) -> EvidenceRecord:
        """Close a duty with a record of how it was done; see :meth:`DutyBook.discharge`.

        The part of the system that did it vouches for it, if nobody else is named.
        """
        return self._duties.discharge(duty_id, content=content, author=author, issuer=issuer)

    def on_file(self, *, scope: EvidenceScope) -> Resolution:
        """Return what the records say now about a request of a scope; for whoever shows or completes it."""
        return self._resolution(scope, self._clock.now())

    def _judge(self, request: ProcessingRequest) -> _Judged:
        for operation in request.operations:
            self._vocabulary.require_operation(operation)
        self._witness.look()
        now = self._clock.now()
        with self._store.one_state():
            sites = sites_of(request, store=self._store, now=now)
            # The epoch of the state that is judged: a withdrawal after it makes the doors look again.
            epoch = self._store.evidence.epoch()
            resolutions = tuple(self._resolution(site.scope, now) for site in sites)
        verdict = verdict_on(
            request.operations,
            sites,
            resolutions,
            rules=self._rules,
            vocabulary=self._vocabulary,
            honour_early=self._honour_early,
        )
        return _Judged(verdict, resolutions, now, epoch)

    def _resolution(self, scope: EvidenceScope, now: datetime) -> Resolution:
        return self._gathering.resolution(scope, at=now)

    def _require_no_overdue(self, request: ProcessingRequest, judged: _Judged) -> None:
        self._filing_due.stop(request, judged.resolutions)
        overdue = self._duties.overdue(request, now=judged.now)
        if overdue:
            self._journal.verdict(request, judged.verdict, at=judged.now, permit=None, overdue=overdue)
            raise DutyOverdue(overdue, self._duties.words(overdue))

    def _grant(
        self, request: ProcessingRequest, judged: _Judged, budget: Mapping[Door, int], largest_gallery: int
    ) -> Granted:
        permit_id = PermitId(new_id("prm"))
        verdict, now = judged.verdict, judged.now
        records = rests_on(verdict, judged.resolutions, operations=request.operations)
        duties = self._duties.plan(verdict, request, permit=permit_id, now=now)
        claims = PermitClaims(
            permit_id=permit_id,
            deployment=self._store.deployment.deployment_id,
            operations=request.operations,
            purpose=request.purpose,
            place=request.place,
            device=request.device,
            request_digest=request.digest(),
            budget=dict(budget),
            largest_gallery=largest_gallery,
            error_target=request.error_target,
            rule_set=verdict.rule_set,
            epoch=judged.epoch,
            evidence=tuple(EvidenceClaim(key, r.evidence_id, r.content_hash) for key, r in records),
            duties=claims_of(duties),
            issued_at=now,
            not_after=last_moment(now + self._lifetime, [record for _, record in records]),
            house_rules_only=verdict.house_rules_only,
            demo=self.demo,
        )
        with self._store.together():
            receipt = self._journal.verdict(
                request, verdict, at=now, permit=permit_id, evidence=claims.evidence, duties=claims.duties
            )
            self._store.permits.record(
                PermitRecord(
                    permit_id, claims.request_digest, claims.epoch, claims.issued_at, claims.not_after
                )
            )
            self._duties.file(duties, permit=permit_id)
            self._filing_due.start(request, verdict, judged.resolutions, permit=permit_id, now=now)
        token = PermitToken(self._store.signer.sign(claims.to_claims(), kind=PERMIT_KIND))
        return Granted(token, claims, verdict, receipt)

    def _withdraw_own(self, record: EvidenceRecord, reason: str) -> None:
        self.withdraw_evidence(record.evidence_id, by="countenance", reason=reason)
