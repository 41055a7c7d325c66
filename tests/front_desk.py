"""A made-up hotel's front desk on a real store on disk, with the shipped rules: for tests of permits."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from countenance.authority import (
    AccessControlObserver,
    AuthorityDesk,
    DemoSite,
    DeviceObserver,
    Granted,
    LogObserver,
    Observer,
    PopulationObserver,
    QualityGateObserver,
    SealObserver,
    Transport,
    WithdrawalListener,
    record_guest_consent,
    seed_demo,
    shipped_rules,
)
from countenance.kernel import (
    Clock,
    DeviceId,
    Door,
    FixedClock,
    Material,
    PlaceId,
    ProcessingRequest,
    PurposeId,
    RequestId,
    SubjectId,
    new_id,
    sha256_hex,
)
from countenance.store import EvidenceRecord, LogReceipt, Store, create_root_key, key_provider

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIFETIME = timedelta(minutes=2)
DOCUMENT = Material(sha256_hex(b"document"))
LIVE = Material(sha256_hex(b"live"))
GUEST = SubjectId("sub_guest")
BUDGET = {Door.CAPTURE: 2, Door.EXTRACT: 2, Door.COMPARE: 1}


@dataclass(frozen=True)
class FrontDesk:
    """Everything that a test of the desk needs."""

    store: Store
    desk: AuthorityDesk
    clock: FixedClock
    site: DemoSite
    folder: Path
    consents: list[EvidenceRecord] = field(default_factory=list)

    def request(
        self,
        *,
        operations: tuple[str, ...] = ("capture", "verify"),
        purpose: PurposeId | None = None,
        place: PlaceId | None = None,
        device: DeviceId | None = None,
        materials: tuple[Material, ...] = (DOCUMENT, LIVE),
        subject: SubjectId | None = GUEST,
        request_id: RequestId | None = None,
    ) -> ProcessingRequest:
        return ProcessingRequest(
            request_id=request_id or RequestId(new_id("req")),
            operations=operations,
            purpose=purpose or self.site.purpose,
            place=place or self.site.place,
            device=device or self.site.desk_device,
            materials=tuple(sorted(materials)),
            error_target=1e-4,
            subject=subject,
            scene="hotel-checkin",
        )

    def welcome(
        self,
        *,
        subject: SubjectId = GUEST,
        consents: bool = True,
        age_band: str = "adult",
        signed: bool | None = None,
    ) -> tuple[EvidenceRecord, ...]:
        """Take down what the guest says."""
        records = record_guest_consent(
            self.desk,
            subject=subject,
            place=self.site.place,
            purpose=self.site.purpose,
            consents=consents,
            age_band=age_band,
            language="en",
            stated_by="clerk at the desk",
            signed=signed,
        )
        self.consents.extend(records)
        return records

    def grant(
        self, request: ProcessingRequest | None = None, *, budget: Mapping[Door, int] = BUDGET
    ) -> Granted:
        return self.desk.permit(request or self.request(), budget=budget)

    def wait(self, time: timedelta) -> None:
        self.clock.move_to(self.clock.now() + time)

    def on_file(self, key: str) -> tuple[EvidenceRecord, ...]:
        return tuple(record for record in self.store.evidence.at(self.clock.now()) if record.key == key)

    def withdraw(self, key: str) -> None:
        for record in self.on_file(key):
            self.desk.withdraw_evidence(record.evidence_id, by="officer", reason="no longer so")

    def log_entries(self) -> list[tuple[str, Mapping[str, object]]]:
        found = []
        for index in range(self.store.log.size()):
            entry = self.store.log.entry(index)
            if entry.kind is not None and entry.entry is not None:
                found.append((entry.kind, entry.entry))
        return found

    def logged(self, receipt: LogReceipt) -> Mapping[str, object]:
        entry = self.store.log.entry(receipt.index).entry
        assert entry is not None
        return entry


def system_observers(store: Store, clock: Clock) -> tuple[Observer, ...]:
    """What a server on this machine's own interface sees about itself."""
    return (
        SealObserver(store=store, transport=Transport.LOOPBACK),
        LogObserver(store=store, clock=clock),
        AccessControlObserver(enforced=True, how="API keys, hashed"),
        DeviceObserver(store=store),
        PopulationObserver(store=store, clock=clock),
        QualityGateObserver(limits={"unified": 40}),
    )


def new_store(root: Path, *, demo: bool, clock: Clock) -> Store:
    uri = f"file:{root / 'root.key'}"
    create_root_key(uri)
    return Store.create(root / "data", key_provider=key_provider(uri), clock=clock, demo=demo)


def new_desk(
    store: Store,
    clock: Clock,
    *,
    observers: tuple[Observer, ...] | None = None,
    lifetime: timedelta = LIFETIME,
    look_every: timedelta = timedelta(0),
    listeners: tuple[WithdrawalListener, ...] = (),
) -> AuthorityDesk:
    rules, vocabulary = shipped_rules()
    return AuthorityDesk(
        store=store,
        rules=rules,
        vocabulary=vocabulary,
        clock=clock,
        observers=system_observers(store, clock) if observers is None else observers,
        permit_lifetime=lifetime,
        look_every=look_every,
        listeners=listeners,
    )


@contextmanager
def front_desk(root: Path, *, jurisdiction: str = "CN", fresh: bool = False) -> Iterator[FrontDesk]:
    """Open a demonstration hotel in a folder.

    It is a copy of one that is made once for each jurisdiction, keys and all, unless it has to be a
    deployment of its own.
    """
    clock = FixedClock(NOON)
    if fresh:
        _make(root, jurisdiction)
    else:
        shutil.copytree(_made(jurisdiction), root, dirs_exist_ok=True)
    provider = key_provider(f"file:{root / 'root.key'}")
    with Store.open(root / "data", key_provider=provider, clock=clock) as store:
        desk = new_desk(store, clock)
        yield FrontDesk(store, desk, clock, seed_demo(desk, jurisdiction=jurisdiction), root / "data")


def _make(root: Path, jurisdiction: str) -> None:
    clock = FixedClock(NOON)
    with new_store(root, demo=True, clock=clock) as store:
        seed_demo(new_desk(store, clock), jurisdiction=jurisdiction)


@cache
def _made(jurisdiction: str) -> Path:
    root = Path(tempfile.mkdtemp(prefix="countenance-test-"))
    atexit.register(shutil.rmtree, root)
    _make(root, jurisdiction)
    return root
