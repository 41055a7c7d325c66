"""What the floors above may use: guarded services. Nothing here holds out a store, a network or a door."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self

from countenance.authority import Role
from countenance.decisions import check_receipt
from countenance.runtime.selfcheck import HealthFinding
from countenance.store import ProvedKeys, check_api_key, issue_api_key

if TYPE_CHECKING:
    from countenance.cases import IncidentDesk, RequestDesk
    from countenance.kernel import Clock, Signer
    from countenance.policy import RuleSet, Vocabulary
    from countenance.runtime.consents import ConsentDesk
    from countenance.runtime.duties import DutyDesk
    from countenance.runtime.enrolment import EnrolmentRoom
    from countenance.runtime.identification import IdentificationRoom
    from countenance.runtime.liveness import LivenessRoom
    from countenance.runtime.metrics import Metrics
    from countenance.runtime.notices import NoticeDesk
    from countenance.runtime.passes import PassOffice
    from countenance.runtime.people import PeopleDesk
    from countenance.runtime.records import RecordsDesk
    from countenance.runtime.setting_up import SetupDesk
    from countenance.runtime.settings import Settings
    from countenance.scenes import AttendedVerification
    from countenance.scenes.document_reading import AttendedDocument
    from countenance.store import ApiKeyRecord, Device, Place, Store

__all__ = ["ApiKeyDesk", "Directory", "ReceiptDesk", "Services"]


class Directory:
    """Lists what is registered, for a form to choose from.

    Args:
        store: where it is registered; never handed out.
    """

    __slots__ = ("_store",)

    def __init__(self, *, store: Store) -> None:
        self._store = store

    def places(self) -> tuple[Place, ...]:
        """Return every registered place, by id."""
        return tuple(sorted(self._store.places.all(), key=lambda place: place.place_id))

    def devices(self) -> tuple[Device, ...]:
        """Return every registered device, by id."""
        return tuple(sorted(self._store.devices.all(), key=lambda device: device.device_id))


class ApiKeyDesk:
    """Issues and checks API keys. A key is shown once; a hash of it is kept."""

    __slots__ = ("_clock", "_proved", "_store")

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._proved = ProvedKeys()

    def issue(self, *, name: str, roles: tuple[str, ...]) -> str:
        """Return a new key.

        Args:
            name: what the key is called in records: a desk or a program, never a person.
            roles: what it may do, such as ``("clerk",)``.

        Raises:
            ValueError: if the name is empty, no role is given, or one isn't in the table of roles.
        """
        if not {*roles} <= {role.value for role in Role}:
            msg = "an API key has roles of the table of roles"
            raise ValueError(msg)
        return issue_api_key(self._store, name, roles, self._clock)

    def replace(self, *, name: str, roles: tuple[str, ...]) -> str:
        """Return a new key and revoke every earlier one of that name."""
        for record in self._store.api_keys.all():
            if record.name == name and record.revoked_at is None:
                self._store.api_keys.revoke(record.prefix, at=self._clock.now())
        return self.issue(name=name, roles=roles)

    def check(self, presented: str) -> ApiKeyRecord:
        """Return the record of a key.

        Raises:
            ApiKeyRefused: if it isn't a key of this installation, or was revoked.
        """
        return check_api_key(self._store, presented, self._clock, proved=self._proved)


class ReceiptDesk:
    """Checks receipts and says under which public key anybody else can."""

    __slots__ = ("_signer",)

    def __init__(self, *, signer: Signer) -> None:
        self._signer = signer

    def check(self, token: str) -> Mapping[str, object]:
        """Return what a receipt states.

        Raises:
            ReceiptRefused: if this installation didn't sign it, or it was altered.
        """
        return check_receipt(self._signer, token).to_claims()

    def public_jwk(self) -> Mapping[str, str]:
        """Return the public key as a JWK (RFC 7517)."""
        return self._signer.public_jwk()


@dataclass(frozen=True, slots=True, eq=False)
class Services:
    """An installation, as pages, routes and commands see it.

    Attributes:
        settings: what it was told.
        clock: its time.
        demo: whether it is a demonstration; then nothing that it says is about a real guest.
        attended: the scenes that it carries out, by id.
        rules: the rules in force.
        vocabulary: the words of the rules.
        directory: registered places and devices.
        api_keys: issues and checks API keys.
        receipts: checks receipts.
        records: files, shows and withdraws what the rules read, under roles.
        notices: drafts, publishes and finds notices; makes and posts signs.
        consents: issues receipts of consents, opens bearers' receipts, takes consents back.
        incidents: opens incidents, whose clocks say who has to be told until when.
        duties: lists what is owed.
        enrolment: enrols people, lists and removes references.
        identification: searches for people who are enrolled, takes reviewers' words; likewise when asked for.
        passes: issues, checks and takes back holder passes; made when it is first asked for.
        setup: sets places up, and says how they stand.
        requests: takes people's requests, whose clocks say until when, and answers them.
        people: erases, holds, exports, sweeps, backs up.
        metrics: counts and measures, without a word about anybody.
        health: looks at the installation now.
        close: closes the database and forgets the keys.
        documents: reads documents apart from a check-in; ``None`` where the networks aren't here.
        liveness: holds liveness sessions; ``None`` where there are none.
    """

    settings: Settings
    clock: Clock
    demo: bool
    attended: Mapping[str, AttendedVerification]
    rules: RuleSet
    vocabulary: Vocabulary
    directory: Directory
    api_keys: ApiKeyDesk
    receipts: ReceiptDesk
    records: RecordsDesk
    notices: NoticeDesk
    consents: ConsentDesk
    incidents: IncidentDesk
    requests: RequestDesk
    duties: DutyDesk
    enrolment: EnrolmentRoom
    identification: Callable[[], IdentificationRoom] = field(repr=False)
    passes: Callable[[], PassOffice] = field(repr=False)
    setup: SetupDesk
    people: PeopleDesk
    metrics: Metrics
    health: Callable[[], tuple[HealthFinding, ...]] = field(repr=False)
    close: Callable[[], None] = field(repr=False)
    documents: AttendedDocument | None = None
    liveness: LivenessRoom | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
