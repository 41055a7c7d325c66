"""What is filed, and by whom: records, devices and bodies outside, under a role of the table.

Rules kept here:

* Every act names its author, a role and a key where there is one, and is asked of the table of roles first.
* A statement comes from its trigger's source; whether the author's role speaks for that source is the
  table's matter.
* What a record says about a person is shown to a role that may read records, and is never listed with
  what concerns nobody in particular.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from countenance.authority import (
    Act,
    Author,
    AuthorityDesk,
    OutsideStatement,
    RoleTable,
    Vouching,
    Withdrawal,
    counts_alone,
    shipped_roles,
)
from countenance.authority.records import KEY_FORMS, read_content
from countenance.kernel import (
    Clock,
    DeviceId,
    EvidenceId,
    PlaceId,
    PurposeId,
    SubjectId,
    canonical_json,
)
from countenance.kernel.canonical import JsonValue
from countenance.policy import FactSource, Vocabulary
from countenance.runtime.filed import EnrolledDevice, FiledRecord, enrolled, is_about, shown
from countenance.runtime.opening import open_records
from countenance.runtime.settings import Settings
from countenance.store import (
    Device,
    DeviceStatus,
    EvidenceRecord,
    EvidenceScope,
    OutsideIssuer,
    OutsideKind,
    PublicVerifier,
    RecordExists,
    Store,
    new_device_key,
)

__all__ = ["RecordsDesk", "open_records_desk"]

_CONSENT_RECORD = "consent.record"


class RecordsDesk:
    """Files, shows and withdraws under roles.

    Args:
        store: what is on file; never handed out.
        authority: files and logs.
        vocabulary: the keys and triggers.
        clock: says what time it is.
        roles: who may do what.
    """

    __slots__ = ("_authority", "_clock", "_roles", "_store", "_vocabulary", "_vouching")

    def __init__(
        self,
        *,
        store: Store,
        authority: AuthorityDesk,
        vocabulary: Vocabulary,
        clock: Clock,
        roles: RoleTable,
    ) -> None:
        self._store = store
        self._authority = authority
        self._vocabulary = vocabulary
        self._clock = clock
        self._roles = roles
        self._vouching = Vouching(store=store)

    def file(
        self,
        *,
        key: str,
        content: Mapping[str, JsonValue],
        author: Author,
        scope: EvidenceScope,
        valid_from: datetime | None = None,
        valid_until: datetime | None = None,
    ) -> FiledRecord:
        """File a record, or a statement if the key is a trigger.

        Args:
            key: an evidence key or a trigger.
            content: what it says, in the key's form; ``{"value": true}`` or false for a statement.
            author: who files it.
            scope: what it is about.
            valid_from: from when it counts; now if left out.
            valid_until: until when; no end, or the content's own, if left out.

        Raises:
            RoleMayNot: if the author's role may not file this.
            EvidenceNotAccepted: if the content hasn't the key's form, or the key isn't one to be filed.
        """
        trigger = self._vocabulary.triggers.get(key)
        if trigger is not None:
            self._roles.require_state(author.role, trigger.source)
        elif key in KEY_FORMS:
            self._roles.require_file(author.role, key)
        else:
            self._roles.require(author.role, Act.FILE_RECORD)
        record = self._authority.record_evidence(
            key=key,
            content=content,
            author=author,
            scope=scope,
            valid_from=valid_from,
            valid_until=valid_until,
            source=FactSource.OPERATOR if trigger is None else trigger.source,
        )
        return self._shown(record)

    def file_signed(self, token: str, *, author: Author) -> FiledRecord:
        """File what somebody outside signed.

        Raises:
            RoleMayNot: if the author's role may not file under its key.
            OutsideSignatureRefused: if the signature isn't good here.
            EvidenceNotAccepted: if the content hasn't the key's form.
        """
        self._roles.require(author.role, Act.FILE_RECORD)
        key = self._authority.read_signed(token).key
        self._roles.require_file(author.role, key)
        return self._shown(self._authority.record_signed(token, author=author))

    def file_consent(
        self, content: Mapping[str, JsonValue], *, subject: SubjectId, author: Author
    ) -> tuple[FiledRecord, ...]:
        """File one consent under every key that it satisfies, and under no other.

        Args:
            content: the consent, in its form; it names its one purpose.
            subject: whose it is, by pseudonym.
            author: who wrote it down.

        Raises:
            RoleMayNot: if the author's role may not file consents.
            EvidenceNotAccepted: if the content isn't a consent to one purpose.
        """
        self._roles.require_file(author.role, _CONSENT_RECORD)
        scope = EvidenceScope(purpose=PurposeId(str(content.get("purpose", ""))), subject=subject)
        consent = read_content(_CONSENT_RECORD, content, scope=scope)
        form = KEY_FORMS[_CONSENT_RECORD].form
        keys = [k for k, e in KEY_FORMS.items() if e.form is form and e.wanting(consent) is None]
        return tuple(
            self._shown(self._authority.record_evidence(key=key, content=consent, author=author, scope=scope))
            for key in keys
        )

    def draft_for_outside(
        self,
        *,
        key: str,
        content: Mapping[str, JsonValue],
        scope: EvidenceScope,
        valid_until: datetime,
        valid_from: datetime | None = None,
    ) -> bytes:
        """Return the bytes that a body outside has to sign as the payload of a JWS. Files nothing.

        Raises:
            EvidenceNotAccepted: if the content hasn't the key's form.
        """
        statement = OutsideStatement(
            deployment=self._store.deployment.deployment_id,
            key=key,
            scope=scope,
            content=read_content(key, content, scope=scope).to_content(),
            valid_from=valid_from if valid_from is not None else self._clock.now(),
            valid_until=valid_until,
        )
        return canonical_json(statement.to_claims())

    def sign_deployment(self, facts: Mapping[str, bool], *, author: Author) -> tuple[FiledRecord, ...]:
        """Sign what the operator is, under a role that may; see :meth:`AuthorityDesk.sign_deployment`."""
        self._roles.require(author.role, Act.SIGN_DEPLOYMENT)
        return tuple(map(self._shown, self._authority.sign_deployment(facts, author)))

    def records(
        self, *, author: Author, scope: EvidenceScope | None = None, key: str | None = None
    ) -> tuple[FiledRecord, ...]:
        """Return what is valid now, oldest first. What is about one person is listed with that person alone.

        Args:
            author: who reads.
            scope: of what they are about; records about everything, or about a place, purpose or device,
                if left out.
            key: only those with this key.

        Raises:
            RoleMayNot: if the author's role may not read records.
        """
        self._roles.require(author.role, Act.READ_RECORDS)
        keys = None if key is None else (key,)
        now = self._clock.now()
        if scope is not None and scope.subject is not None:
            found = tuple(r for r in self._store.evidence.about(scope.subject) if r.valid_at(now))
        else:
            found = tuple(
                r
                for r in self._store.evidence.at(now, scope=None, keys=keys)
                if r.scope.subject is None and (scope is None or is_about(r.scope, scope))
            )
        return tuple(self._shown(record) for record in found if key is None or record.key == key)

    def record(self, evidence_id: EvidenceId, *, author: Author) -> FiledRecord:
        """Return one record, valid or not.

        Raises:
            RoleMayNot: if the author's role may not read records.
            RecordUnknown: if there is none.
        """
        self._roles.require(author.role, Act.READ_RECORDS)
        return self._shown(self._store.evidence.get(evidence_id))

    def withdraw(self, evidence_id: EvidenceId, *, author: Author, reason: str) -> FiledRecord:
        """Withdraw a record from now on.

        Raises:
            RoleMayNot: if the author's role may not.
            RecordUnknown: if there is none.
        """
        self._roles.require(author.role, Act.WITHDRAW_RECORD)
        return self._shown(self._authority.withdraw_evidence(evidence_id, by=author, reason=reason))

    def withdraw_consent(self, *, author: Author, subject: SubjectId, purpose: PurposeId) -> Withdrawal:
        """Withdraw a person's consent to a purpose, whole.

        Raises:
            RoleMayNot: if the author's role may not.
            ConsentNotOnFile: if there never was one.
        """
        self._roles.require(author.role, Act.WITHDRAW_CONSENT)
        return self._authority.withdraw_consent(subject=subject, purpose=purpose, by=author)

    def withdraw_consent_of(self, evidence_id: EvidenceId, *, author: Author) -> Withdrawal:
        """Withdraw the consent that a record is part of.

        Raises:
            RoleMayNot: if the author's role may not.
            ConsentNotOnFile: if the record isn't part of one.
            RecordUnknown: if there is no such record.
        """
        self._roles.require(author.role, Act.WITHDRAW_CONSENT)
        subject, purpose = self._authority.consent_of(evidence_id)
        return self._authority.withdraw_consent(subject=subject, purpose=purpose, by=author)

    def devices(self, *, author: Author) -> tuple[EnrolledDevice, ...]:
        """Return the registered devices with key and status, to a role that may list them."""
        self._roles.require(author.role, Act.READ_DIRECTORY)
        enrolments = self._authority.registrar.enrolments()
        return tuple(
            enrolled(device, enrolments.get(device_id))
            for device_id, device in sorted(self._authority.registrar.devices().items())
        )

    def add_device(
        self,
        *,
        author: Author,
        device_id: DeviceId,
        title: str,
        place: PlaceId,
        functions: tuple[str, ...],
        jwk: Mapping[str, str] | None = None,
    ) -> EnrolledDevice:
        """Register a device with its key.

        Args:
            author: who registers it.
            device_id: its identifier.
            title: a few words.
            place: where it stands.
            functions: the operations for which it is declared.
            jwk: its Ed25519 public key; left out, a pair is made, and the private key is shown once.

        Raises:
            RoleMayNot: if the author's role may not.
            UnknownOperation: if a function isn't in the vocabulary.
            RecordUnknown: if the place isn't registered.
            RecordExists: if the identifier or the key is taken.
            SignatureRefused: if it isn't an Ed25519 public key.
        """
        self._roles.require(author.role, Act.REGISTER_DEVICE)
        private, public = (None, jwk) if jwk is not None else new_device_key()
        # Looked at first, so that no device is left behind without the key it came with.
        key_id = PublicVerifier(public).key_id
        if key_id in {each.key_id for each in self._authority.registrar.enrolments().values()}:
            raise RecordExists("The key belongs to another device.")
        device = Device(device_id, title, place, tuple(sorted(set(functions))), self._clock.now())
        self._authority.registrar.add_device(device)
        enrolment = self._authority.registrar.enrol_device(device_id, public, author=author)
        return EnrolledDevice(device, enrolment.status, enrolment.key_id, private)

    def set_device_status(
        self, device_id: DeviceId, status: DeviceStatus, *, author: Author
    ) -> EnrolledDevice:
        """Put a device into use, suspend or retire it.

        Raises:
            RoleMayNot: if the author's role may not.
            RecordUnknown: if the device isn't registered.
            RecordExists: if it was retired.
        """
        self._roles.require(author.role, Act.CHANGE_DEVICE)
        enrolment = self._authority.registrar.set_device_status(device_id, status, author=author)
        return enrolled(self._store.devices.get(device_id), enrolment)

    def issuers(self, *, author: Author) -> tuple[OutsideIssuer, ...]:
        """Return the bodies outside, revoked ones too, to a role that may read records."""
        self._roles.require(author.role, Act.READ_RECORDS)
        return self._authority.registrar.issuers()

    def add_issuer(
        self,
        *,
        author: Author,
        name: str,
        kind: OutsideKind,
        jwk: Mapping[str, str],
        keys: tuple[str, ...],
    ) -> OutsideIssuer:
        """Register a body outside; see :meth:`Registrar.add_issuer`.

        Raises:
            RoleMayNot: if the author's role may not.
            EvidenceNotAccepted: if a key isn't one for somebody outside.
            SignatureRefused: if the public key is of another kind.
            RecordExists: if the key is registered already.
        """
        self._roles.require(author.role, Act.REGISTER_ISSUER)
        return self._authority.registrar.add_issuer(name=name, kind=kind, jwk=jwk, keys=keys, author=author)

    def revoke_issuer(self, key_id: str, *, author: Author) -> OutsideIssuer:
        """Revoke a body's key for good.

        Raises:
            RoleMayNot: if the author's role may not.
            RecordUnknown: if no such key is registered.
        """
        self._roles.require(author.role, Act.REVOKE_ISSUER)
        return self._authority.registrar.revoke_issuer(key_id, author=author)

    def _shown(self, record: EvidenceRecord) -> FiledRecord:
        now = self._clock.now()
        counts = counts_alone(
            record,
            at=now,
            vocabulary=self._vocabulary,
            demo=self._store.deployment.demo,
            vouched=lambda it: self._vouching.vouched(it, at=now),
        )
        return shown(record, vocabulary=self._vocabulary, counts=counts)


@contextmanager
def open_records_desk(settings: Settings, *, clock: Clock | None = None) -> Iterator[RecordsDesk]:
    """Open the installation's records, without networks, and yield the desk.

    Raises:
        ErasuresNotReplayed: if somebody put an earlier state of the store back.
        OperatorError: if the store can't be opened.
    """
    with open_records(settings, clock=clock) as opened:
        yield RecordsDesk(
            store=opened.store,
            authority=opened.authority,
            vocabulary=opened.vocabulary,
            clock=opened.clock,
            roles=shipped_roles(),
        )
