"""Notices and signs of an installation: drafted from its records, published, made, posted, looked up.

Rules kept here:

* Publishing files the signed notice and withdraws the version before it in the same step: from then on the
  signs that lead to the earlier one count for no device.
* A notice is about the place and purpose that are registered, as they are registered.
* A sign is posted by its file: what hangs there is what was made here, for the notice that is in force and
  for devices whose functions its picture shows.
* Whoever has a notice's identifier may read it, without a key; it is written for everybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from countenance.authority import (
    Act,
    Author,
    AuthorityDesk,
    RoleTable,
    UnknownDevice,
    UnknownPlace,
    UnknownPurpose,
    shipped_roles,
)
from countenance.authority.notices import (
    LANGUAGES,
    DocumentAltered,
    ErrorRates,
    NoticeDraft,
    NoticeFacts,
    NoticeFileInvalid,
    NoticeNotPublished,
    Part,
    SignedNotice,
    SignMade,
    SignNotCurrent,
    draft_notice,
    kind_of,
    notice_of,
    read_sign,
    sign_notice,
    sign_of,
)
from countenance.authority.records import (
    Alternative,
    Channel,
    LegalBasis,
    Necessity,
    NoticePassage,
    Pictogram,
    RecordContent,
    RetentionTerm,
    content_of,
)
from countenance.authority.records import Sign as SignRecord
from countenance.kernel import Clock, DeviceId, EvidenceId, PlaceId, PurposeId
from countenance.runtime.error_tables import error_table_in_use
from countenance.runtime.networks import choose_networks
from countenance.runtime.opening import open_records
from countenance.runtime.settings import Settings
from countenance.scenes import shipped_profiles
from countenance.store import (
    Device,
    EvidenceRecord,
    EvidenceScope,
    Place,
    Purpose,
    RecordUnknown,
    Store,
)
from countenance.vision.registry import ModelStore

__all__ = ["FoundNotice", "NoticeDesk", "PostedSign", "error_rates", "open_notice_desk"]

_PASSAGES: Final[Mapping[str, Part]] = {
    "notice.necessity": Part.NECESSITY,
    "notice.impact": Part.IMPACT,
}
"""Evidence key -> the part of the notice that is its proof."""
_Form = TypeVar("_Form", bound=RecordContent)


@dataclass(frozen=True, slots=True)
class FoundNotice:
    """A notice on file.

    Attributes:
        notice: what it says, signed.
        in_force: whether it counts now.
        link: what a sign's QR code holds.
        record: under which record it is filed.
    """

    notice: SignedNotice
    in_force: bool
    link: str
    record: EvidenceId


@dataclass(frozen=True, slots=True)
class PostedSign:
    """A sign that was put up.

    Attributes:
        sign_id: which sign.
        devices: of which devices it warns.
        record: under which record that is filed.
        posted_at: when it was put up, UTC.
    """

    sign_id: str
    devices: tuple[str, ...]
    record: EvidenceId
    posted_at: datetime


class NoticeDesk:
    """Drafts, publishes and finds notices, and makes and posts signs, under roles.

    Args:
        store: what is on file; never handed out.
        authority: files and logs.
        clock: says what time it is.
        roles: who may do what.
        errors: how often a comparison is wrong with the networks that are chosen.
        public_url: where people reach this installation; ``None`` if nowhere.
    """

    __slots__ = ("_authority", "_clock", "_errors", "_public_url", "_roles", "_store")

    def __init__(
        self,
        *,
        store: Store,
        authority: AuthorityDesk,
        clock: Clock,
        roles: RoleTable,
        errors: ErrorRates,
        public_url: str | None = None,
    ) -> None:
        self._store = store
        self._authority = authority
        self._clock = clock
        self._roles = roles
        self._errors = errors
        self._public_url = public_url

    def draft(self, *, author: Author, place: PlaceId, purpose: PurposeId, device: DeviceId) -> NoticeDraft:
        """Return a draft of a notice from what is on file; the next version, where there is one already.

        Args:
            author: who asks.
            place: where it is to hang.
            purpose: what for.
            device: whose functions say which kind of processing it is.

        Raises:
            RoleMayNot: if the author's role may not read records.
            UnknownPlace: if the place isn't registered; likewise for purpose and device.
        """
        self._roles.require(author.role, Act.READ_RECORDS)
        at, what = self._place(place), self._purpose(purpose)
        kind = kind_of(self._device(device).functions)
        scope = EvidenceScope(place=place, purpose=purpose, device=device)
        before = [
            notice
            for record, notice in self._filed()
            if record.scope.place == place and record.scope.purpose in (None, purpose)
        ]
        latest = max(before, key=lambda notice: notice.version, default=None)
        return draft_notice(
            notice_id=f"notice-{place}-{purpose}" if latest is None else latest.notice_id,
            version=1 if latest is None else latest.version + 1,
            place=at,
            purpose=what,
            kind=kind,
            facts=self._facts(scope, kind),
        )

    def publish(self, draft: NoticeDraft, *, author: Author) -> FoundNotice:
        """Sign a complete notice and file it; the version before it is no longer in force.

        Raises:
            RoleMayNot: if the author's role may not file notices.
            NoticeHasGaps: naming every gap.
            NoticeFileInvalid: if place or purpose aren't as they are registered, or the version isn't a later
                one.
        """
        self._roles.require_file(author.role, "notice")
        self._require_registered(draft)
        earlier = [record for record, notice in self._filed() if notice.notice_id == draft.notice_id]
        if any(self._notice(record).version >= draft.version for record in earlier):
            msg = "There is a version with this number, or a later one, already (member `version`)."
            raise NoticeFileInvalid(msg)
        notice = sign_notice(
            self._store.signer,
            draft,
            deployment=self._store.deployment.deployment_id,
            issued_at=self._clock.now(),
            demo=self._store.deployment.demo,
        )
        scope = EvidenceScope(place=PlaceId(draft.place), purpose=PurposeId(draft.purpose))
        contents: dict[str, RecordContent] = {"notice": notice.to_record()}
        contents |= {key: _passage(notice, part) for key, part in _PASSAGES.items()}
        with self._authority.together():
            self._withdraw_earlier(draft.notice_id, author)
            records = [
                self._authority.record_evidence(key=key, content=content, author=author, scope=scope)
                for key, content in contents.items()
            ]
        return FoundNotice(notice, in_force=True, link=self._link(notice), record=records[0].evidence_id)

    def find(self, identifier: str) -> FoundNotice:
        """Return a notice: by its version's SHA-256 that very version, by its id the one in force.

        Raises:
            NoticeNotPublished: if there is none.
        """
        now = self._clock.now()
        found = [
            FoundNotice(notice, record.valid_at(now), self._link(notice), record.evidence_id)
            for record, notice in self._filed()
            if identifier in (notice.version_id, notice.notice_id)
        ]
        if not found:
            msg = "There is no such notice here."
            raise NoticeNotPublished(msg)
        # A notice's id stands for the version in force, or the last one that was.
        return max(found, key=lambda each: (each.in_force, each.notice.version))

    def make_sign(
        self, *, author: Author, place: PlaceId, devices: tuple[DeviceId, ...], notice: str | None = None
    ) -> SignMade:
        """Return the sign of the notice in force at a place, for devices that stand there.

        Args:
            author: who makes it.
            place: where it is to hang.
            devices: of which devices it warns; at least one.
            notice: of which notice; may be left out where there is one alone.

        Raises:
            RoleMayNot: if the author's role may not file signs.
            NoticeNotPublished: if no notice is in force there, or several are and none is named.
            SignNotCurrent: if the notice tells of another kind of processing than the devices do.
        """
        self._roles.require_file(author.role, "sign")
        self._place(place)
        in_force = [
            each
            for record, each in self._filed()
            if record.valid_at(self._clock.now())
            and record.scope.place in (None, place)
            and notice in (None, each.notice_id, each.version_id)
        ]
        if len(in_force) != 1:
            several = "Several notices are" if in_force else "No notice is"
            msg = f"{several} in force at this place."
            raise NoticeNotPublished(msg)
        self._require_kind(in_force[0].kind, place, devices)
        return sign_of(
            self._store.signer,
            in_force[0],
            place=place,
            devices=devices,
            link=self._link(in_force[0]),
            made_at=self._clock.now(),
        )

    def post_sign(
        self,
        file: bytes,
        *,
        author: Author,
        position: str,
        posted_at: datetime | None = None,
        photograph_sha256: str | None = None,
    ) -> PostedSign:
        """File that a sign was put up; from then on its devices have one.

        Args:
            file: the sign's file, as it was made.
            author: who put it up.
            position: where it hangs, in words.
            posted_at: when; now if left out.
            photograph_sha256: SHA-256 of a photograph of it.

        Raises:
            RoleMayNot: if the author's role may not file signs.
            SignNotCurrent: if this installation didn't make it, its notice isn't in force, or its devices
                have other functions by now.
            EvidenceNotAccepted: if it was put up after now.
        """
        self._roles.require_file(author.role, "sign")
        sign = read_sign(self._store.signer, file)
        try:
            found = self.find(sign.version_id)
        except NoticeNotPublished:
            found = None
        if found is None or not found.in_force:
            msg = "The version of the notice to which the sign leads isn't in force."
            raise SignNotCurrent(msg)
        self._require_kind(sign.kind, PlaceId(sign.place), tuple(map(DeviceId, sign.devices)))
        at = posted_at or self._clock.now()
        if at > self._clock.now():
            msg = "A sign is posted once it hangs, not before."
            raise SignNotCurrent(msg, remedy="State when it was put up.")
        content = SignRecord(
            sign_id=sign.sign_id,
            notice_id=sign.notice_id,
            notice_version=sign.notice_version,
            pictogram=sign.kind,
            devices=sign.devices,
            posted_at=at,
            posted_by_role=author.role.value,
            position=position,
            photograph_sha256=photograph_sha256,
        )
        record = self._authority.record_evidence(
            key="sign", content=content, author=author, scope=EvidenceScope(place=PlaceId(sign.place))
        )
        return PostedSign(sign.sign_id, sign.devices, record.evidence_id, at)

    def public_jwk(self) -> Mapping[str, str]:
        """Return the public key with which notices and signs are checked."""
        return self._store.signer.public_jwk()

    def _link(self, notice: SignedNotice) -> str:
        if self._public_url is None:
            return f"urn:countenance:notice:{notice.version_id}"
        return f"{self._public_url.rstrip('/')}/notice/{notice.version_id}"

    def _filed(self) -> Iterator[tuple[EvidenceRecord, SignedNotice]]:
        """Return every notice that was published here, in force or not, the oldest first."""
        for record in self._store.evidence.under("notice"):
            statement = record.content.get("statement")
            if isinstance(statement, str):
                try:
                    yield record, notice_of(self._store.signer, statement)
                except DocumentAltered:
                    # Filed by hand, with a statement that this installation never signed.
                    continue

    def _notice(self, record: EvidenceRecord) -> SignedNotice:
        return notice_of(self._store.signer, str(record.content["statement"]))

    def _withdraw_earlier(self, notice_id: str, author: Author) -> None:
        now = self._clock.now()
        for key in ("notice", *_PASSAGES):
            for record in self._store.evidence.under(key):
                if record.valid_at(now) and record.content.get("notice_id") == notice_id:
                    self._authority.withdraw_evidence(
                        record.evidence_id, by=author, reason="a later version was published"
                    )

    def _require_registered(self, draft: NoticeDraft) -> None:
        place, purpose = self._place(PlaceId(draft.place)), self._purpose(PurposeId(draft.purpose))
        told = (draft.place_kind, draft.jurisdictions, draft.purpose_term)
        if told != (place.kind, tuple(sorted(place.jurisdictions)), purpose.dpv_term):
            msg = "The notice's place or purpose isn't as it is registered."
            raise NoticeFileInvalid(msg)

    def _require_kind(self, kind: Pictogram, place: PlaceId, devices: tuple[DeviceId, ...]) -> None:
        registered = [self._device(device) for device in devices]
        if any(device.place != place for device in registered):
            msg = "A device of the sign stands at another place."
            raise SignNotCurrent(msg)
        functions = sorted({function for device in registered for function in device.functions})
        if kind_of(functions) is not kind:
            msg = "The sign's notice tells of another kind of processing than its devices are declared for."
            raise SignNotCurrent(msg, remedy="Publish a notice of that kind, or declare other functions.")

    def _facts(self, scope: EvidenceScope, kind: Pictogram) -> NoticeFacts:
        resolution = self._authority.on_file(scope=scope)

        def filed(key: str, form: type[_Form]) -> tuple[_Form, ...]:
            read = (
                content_of(key, resolution.records[each].content) for each in resolution.evidence.get(key, ())
            )
            return tuple(content for content in read if isinstance(content, form))

        def only(key: str, form: type[_Form]) -> _Form | None:
            # Of several nobody but a person can say which one the notice is to tell.
            found = set(filed(key, form))
            return found.pop() if len(found) == 1 else None

        return NoticeFacts(
            basis=only("legal_basis", LegalBasis),
            retention=filed("retention_until", RetentionTerm),
            alternative=only("alternative_offered", Alternative),
            withdrawal=only("withdrawal_channel", Channel),
            appeal=only("appeal_channel", Channel),
            necessity=only("necessity_record", Necessity),
            errors=None if kind is Pictogram.COUNT else self._errors,
        )

    def _place(self, place: PlaceId) -> Place:
        try:
            return self._store.places.get(place)
        except RecordUnknown:
            raise UnknownPlace("The place isn't registered.") from None

    def _purpose(self, purpose: PurposeId) -> Purpose:
        try:
            return self._store.purposes.get(purpose)
        except RecordUnknown:
            raise UnknownPurpose("The purpose isn't registered.") from None

    def _device(self, device: DeviceId) -> Device:
        try:
            return self._store.devices.get(device)
        except RecordUnknown:
            raise UnknownDevice("A device isn't registered.") from None


def error_rates(settings: Settings, store: Store) -> ErrorRates:
    """Return the figures of the error table in use for the networks that the settings choose.

    Raises:
        OperatorError: if there is no table for them.
    """
    networks = choose_networks(settings, ModelStore(folder=settings.models_folder).manifest)
    asked = shipped_profiles()["hotel-checkin"].error_target
    table = error_table_in_use(networks, store, documents=True).table
    stated = table.threshold(min(asked, settings.error_target or asked)).stated
    return ErrorRates(stated.fmr, stated.high, stated.fnmr, stated.measured_on, stated.label)


@contextmanager
def open_notice_desk(settings: Settings, *, clock: Clock | None = None) -> Iterator[NoticeDesk]:
    """Open the installation's records, without networks, and yield the desk.

    Raises:
        ErasuresNotReplayed: if somebody put an earlier state of the store back.
        OperatorError: if the store can't be opened.
    """
    with open_records(settings, clock=clock) as opened:
        yield NoticeDesk(
            store=opened.store,
            authority=opened.authority,
            clock=opened.clock,
            roles=shipped_roles(),
            errors=error_rates(settings, opened.store),
            public_url=settings.public_url,
        )


def _passage(notice: SignedNotice, part: Part) -> NoticePassage:
    return NoticePassage(
        notice_id=notice.notice_id, version=notice.version, passage=notice.text(part, LANGUAGES[0])
    )
