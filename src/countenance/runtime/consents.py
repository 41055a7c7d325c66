"""Receipts of consents: issued to the person, opened by whoever bears them, and the way to take one back.

Rules kept here:

* A bearer needs no key: the receipt, or the token, is the authority. It opens its one decision or consent
  and nothing else.
* Taking back asks for nothing but the token: no reason, no name, no account. It withdraws the one consent
  that the token names, with all that rests on it; one that was given anew since then isn't touched.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from countenance.authority import (
    Act,
    Author,
    AuthorityDesk,
    ConsentNotOnFile,
    Role,
    RoleTable,
    shipped_roles,
)
from countenance.authority.notices import (
    ConsentTold,
    WithdrawalToken,
    check_consent_receipt,
    read_withdrawal_token,
    sign_consent_receipt,
    sign_withdrawal_token,
)
from countenance.authority.records import (
    Assessment,
    Channel,
    Consent,
    Notice,
    StorageLocation,
    content_of,
)
from countenance.authority.resolver import Resolution
from countenance.decisions import RECEIPT_KIND, Receipt, ReceiptRefused
from countenance.kernel import (
    Clock,
    EvidenceError,
    EvidenceId,
    PlaceId,
    SubjectId,
)
from countenance.kernel.canonical import JsonValue
from countenance.runtime.opening import open_records
from countenance.runtime.settings import Settings
from countenance.store import EvidenceRecord, EvidenceScope, RecordUnknown, Store

__all__ = ["ConsentDesk", "ConsentState", "IssuedReceipt", "OpenedReceipt", "TakenBack", "open_consent_desk"]

_CONSENT_KEY: Final = "consent.record"
_CONSENT_FORM: Final = "consent"


@dataclass(frozen=True, slots=True)
class IssuedReceipt:
    """What a person gets for a consent.

    Attributes:
        document: the receipt, signed.
        token: takes the consent back; for the person alone.
        link: the same as an address, or as a URN where the installation has no public address.
    """

    document: Mapping[str, JsonValue]
    token: str = field(repr=False)
    link: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ConsentState:
    """How a consent stands.

    Attributes:
        state: the term of the DPV: given, withdrawn or expired.
        purpose: the purpose's title, in words.
        given_at: when it was given, UTC; ``None`` if it isn't on file any more.
    """

    state: str
    purpose: str
    given_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenedReceipt:
    """What a bearer's receipt opens.

    Attributes:
        kind: ``decision`` or ``consent``.
        claims: what the receipt says.
        state: how the consent stands now; ``None`` for a decision.
    """

    kind: str
    claims: Mapping[str, Any]
    state: str | None


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What taking a consent back did.

    Attributes:
        records: how many records stopped counting just now; 0 if it was taken back before.
        told: who let go of what rested on it.
        unfinished: who couldn't; asking again tells them again.
        log_index: where it stands in the log; ``None`` if nothing was left to do.
        certificates: of what was destroyed, for the person; not kept here.
    """

    records: int
    told: tuple[str, ...]
    unfinished: tuple[str, ...]
    log_index: int | None
    certificates: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)


class ConsentDesk:
    """Issues receipts of consents, opens bearers' receipts, and takes consents back.

    Args:
        store: what is on file; never handed out.
        authority: withdraws and logs.
        clock: says what time it is.
        roles: who may do what.
        public_url: where people reach this installation; ``None`` if nowhere.
    """

    __slots__ = ("_authority", "_clock", "_public_url", "_roles", "_store")

    def __init__(
        self,
        *,
        store: Store,
        authority: AuthorityDesk,
        clock: Clock,
        roles: RoleTable,
        public_url: str | None = None,
    ) -> None:
        self._store = store
        self._authority = authority
        self._clock = clock
        self._roles = roles
        self._public_url = public_url

    def receipt(self, evidence_id: EvidenceId, *, author: Author) -> IssuedReceipt:
        """Return the receipt of a consent, for the person who gave it.

        Args:
            evidence_id: any record of the consent.
            author: who hands it out; a role that may write consents down.

        Raises:
            RoleMayNot: if the author's role may not.
            RecordUnknown: if there is no such record.
            ConsentNotOnFile: if it isn't a consent, or no longer counts.
        """
        self._roles.require_file(author.role, _CONSENT_KEY)
        subject, purpose = self._authority.consent_of(evidence_id)
        record = self._store.evidence.get(evidence_id)
        consent = content_of(record.key, record.content)
        if not isinstance(consent, Consent) or not record.valid_at(self._clock.now()):
            msg = "This record isn't a consent that counts now."
            raise ConsentNotOnFile(msg)
        told = ConsentTold(
            subject=subject,
            deployment=self._store.deployment.deployment_id,
            demo=record.demo,
            purpose_term=self._store.purposes.get(purpose).dpv_term,
            **self._told(consent, record),
        )
        token = sign_withdrawal_token(
            self._store.signer, WithdrawalToken(consent.consent_id, subject, purpose)
        )
        document = sign_consent_receipt(self._store.signer, consent, told, issued_at=self._clock.now())
        return IssuedReceipt(document, token, self._link(token))

    def receipt_of(self, subject: SubjectId, *, author: Author) -> IssuedReceipt | None:
        """Return the receipt of a person's latest consent that counts now; ``None`` if there is none.

        Args:
            subject: whose, by pseudonym.
            author: who hands it out; a role that may write consents down.

        Raises:
            RoleMayNot: if the author's role may not.
        """
        self._roles.require_file(author.role, _CONSENT_KEY)
        now = self._clock.now()
        counting = [
            record
            for record in self._store.evidence.about(subject)
            if record.content.get("form") == _CONSENT_FORM and record.valid_at(now)
        ]
        return self.receipt(counting[-1].evidence_id, author=author) if counting else None

    def open(self, presented: str) -> OpenedReceipt:
        """Return what a bearer's receipt opens: its one decision, or its one consent with how it stands.

        Args:
            presented: a decision's receipt (a compact JWS) or a consent's (JSON), as it was issued.

        Raises:
            ReceiptRefused: if it isn't a receipt of this installation.
            DocumentAltered: if it is a consent's that was altered; the member is named.
        """
        if not presented.lstrip().startswith("{"):
            return OpenedReceipt("decision", self._decision(presented), None)
        try:
            document = json.loads(presented)
        except (ValueError, RecursionError):
            msg = "This is not a receipt that this installation signed."
            raise ReceiptRefused(msg) from None
        claims = check_consent_receipt(self._store.signer, document)
        records = self._records(str(claims["pii_principal_id"]), str(claims["record_id"]))
        return OpenedReceipt("consent", claims, self._state(records))

    def state(self, token: str) -> ConsentState:
        """Return how the consent of a withdrawal token stands; changes nothing.

        Raises:
            DocumentAltered: if it isn't a token of this installation.
        """
        named = read_withdrawal_token(self._store.signer, token)
        records = self._records(named.subject, named.consent_id)
        try:
            title = self._store.purposes.get(named.purpose).title
        except RecordUnknown:
            title = named.purpose
        given = min((record.valid_from for record in records), default=None)
        return ConsentState(self._state(records), title, given)

    def take_back(self, token: str) -> TakenBack:
        """Withdraw the one consent that a token names, with all that rests on it.

        Doing it again does no harm: whoever couldn't let go of something is told again, unless the person has
        consented anew by then.

        Raises:
            DocumentAltered: if it isn't a token of this installation.
            ConsentNotOnFile: if the consent was never on file here, or was erased.
        """
        author = Author(Role.SUBJECT)
        self._roles.require(author.role, Act.WITHDRAW_CONSENT)
        named = read_withdrawal_token(self._store.signer, token)
        mine = self._records(named.subject, named.consent_id)
        if not mine:
            msg = "There is nothing on file of this consent."
            raise ConsentNotOnFile(msg)
        if all(record.withdrawn_at is not None for record in mine) and self._consented_anew(named):
            return TakenBack(0, (), (), None)
        done = self._authority.withdraw_consent(subject=named.subject, purpose=named.purpose, by=author)
        return TakenBack(
            len(done.what.records), done.told, done.unfinished, done.log_index, done.certificates
        )

    def public_jwk(self) -> Mapping[str, str]:
        """Return the public key with which receipts are checked."""
        return self._store.signer.public_jwk()

    def _link(self, token: str) -> str:
        if self._public_url is None:
            return f"urn:countenance:withdrawal:{token}"
        return f"{self._public_url.rstrip('/')}/withdraw/{token}"

    def _decision(self, token: str) -> Mapping[str, object]:
        try:
            claims = self._store.signer.verify(token.strip(), kind=RECEIPT_KIND)
        except EvidenceError as error:
            msg = "This is not a receipt that this installation signed."
            raise ReceiptRefused(msg) from error
        receipt = Receipt.from_claims(claims)
        try:
            self._store.decisions.get(receipt.decision_id)
        except RecordUnknown:
            msg = "The decision of this receipt isn't on file any more."
            raise ReceiptRefused(msg, remedy="Its signature still holds; check it offline.") from None
        return receipt.to_claims()

    def _records(self, subject: str, consent_id: str) -> tuple[EvidenceRecord, ...]:
        """Return the records of one consent, withdrawn or not."""
        return tuple(
            record
            for record in self._store.evidence.about(SubjectId(subject))
            if record.content.get("form") == _CONSENT_FORM and record.content.get("consent_id") == consent_id
        )

    def _consented_anew(self, named: WithdrawalToken) -> bool:
        return any(
            record.withdrawn_at is None
            and record.scope.purpose == named.purpose
            and record.content.get("form") == _CONSENT_FORM
            and record.content.get("consent_id") != named.consent_id
            for record in self._store.evidence.about(named.subject)
        )

    def _state(self, records: tuple[EvidenceRecord, ...]) -> str:
        if not records:
            return "ctn:NotOnFile"
        if all(record.withdrawn_at is not None for record in records):
            return "dpv:ConsentWithdrawn"
        now = self._clock.now()
        return "dpv:ConsentGiven" if any(record.valid_at(now) for record in records) else "dpv:ConsentExpired"

    def _told(self, consent: Consent, record: EvidenceRecord) -> dict[str, Any]:
        """Return what else is on file for the receipt, from records alone."""
        place = PlaceId(consent.place) if consent.place is not None else record.scope.place
        scope = EvidenceScope(place=place, purpose=record.scope.purpose, subject=record.scope.subject)
        on_file = self._authority.on_file(scope=scope)
        notice = next(
            (
                each
                for each in _contents(on_file, "notice")
                if isinstance(each, Notice)
                and (each.notice_id, each.version) == (consent.notice_id, consent.notice_version)
            ),
            None,
        )
        channel = next((c for c in _contents(on_file, "withdrawal_channel") if isinstance(c, Channel)), None)
        assessment = next((a for a in _contents(on_file, "pia") if isinstance(a, Assessment)), None)
        storage = tuple(
            f"{each.country}: {each.site}"
            for each in _contents(on_file, "in_country_storage")
            if isinstance(each, StorageLocation)
        )
        return {
            "keeper": None if notice is None else notice.keeper,
            "retention": None if notice is None else notice.retention,
            "rights": None if notice is None else notice.rights,
            "withdrawal": None if channel is None else f"{channel.how} ({channel.address})",
            "assessment": None if assessment is None else assessment.assessment_id,
            "storage": storage,
            "place": None if place is None else self._store.places.get(place).title,
        }


def _contents(on_file: Resolution, key: str) -> tuple[object, ...]:
    return tuple(content_of(key, on_file.records[each].content) for each in on_file.evidence.get(key, ()))


@contextmanager
def open_consent_desk(settings: Settings, *, clock: Clock | None = None) -> Iterator[ConsentDesk]:
    """Open the installation's records, without networks, and yield the desk.

    Raises:
        ErasuresNotReplayed: if somebody put an earlier state of the store back.
        OperatorError: if the store can't be opened.
    """
    with open_records(settings, clock=clock) as opened:
        yield ConsentDesk(
            store=opened.store,
            authority=opened.authority,
            clock=opened.clock,
            roles=shipped_roles(),
            public_url=settings.public_url,
        )
