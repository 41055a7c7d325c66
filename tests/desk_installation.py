"""An installation whose store, keys, rules and receipts are real, and whose scene is scripted.

For what a route or a page does around the scene: keys, limits, words, failures. What the scene itself
decides is tested with the real one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np

from countenance.authority import RefusedByRule, hypothetical, shipped_roles, shipped_rules
from countenance.decisions import (
    RECEIPT_KIND,
    Assurance,
    Decision,
    FacePreview,
    InputReport,
    Outcome,
    Receipt,
    Role,
    shipped_error_table,
)
from countenance.kernel import DecisionId, DeviceId, FixedClock, PermitId, PlaceId, PurposeId, SubjectId
from countenance.policy import Verdict
from countenance.runtime import (
    ApiKeyDesk,
    ConsentDesk,
    Directory,
    DutyDesk,
    HealthFinding,
    Metrics,
    NoticeDesk,
    ReceiptDesk,
    RecordsDesk,
    Services,
    Settings,
    incident_desk,
    setup_desk,
)
from countenance.runtime.enrolment import enrolment_room
from countenance.runtime.error_tables import TableInUse
from countenance.runtime.galleries import open_gallery
from countenance.runtime.identification import identification_room
from countenance.runtime.passes import pass_office
from countenance.runtime.people import people_desk
from countenance.runtime.search_evidence import SearchObserver
from countenance.scenes import AttendedOrder, AttendedResult, AttendedVerification
from countenance.store import Device, Place, Store, create_root_key, key_provider
from drafted_notices import ERRORS
from front_desk import new_desk, system_observers
from verification_desk import MadeUpAnalyser, MadeUpEmbedder

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DESK = PlaceId("plc_frontdesk")
CAMERA = DeviceId("dev_deskcamera")

RULES, VOCABULARY = shipped_rules()


def verdict(
    *, operation: str = "verify", place_kind: str = "hotel_lobby", allowed: bool | None = None
) -> Verdict:
    """A verdict of the shipped rules; with ``allowed`` stated, one that is checked to be so."""
    reached = hypothetical(
        RULES,
        VOCABULARY,
        operation=operation,
        place_kind=place_kind,
        jurisdictions=("CN",),
        at=NOON.date(),
        facts=(
            {**dict.fromkeys(VOCABULARY.triggers, False), **dict.fromkeys(VOCABULARY.evidence, True)}
            if allowed
            else {}
        ),
    )
    if allowed is not None:
        assert reached.allowed is allowed
    return reached


@dataclass
class ScriptedScene:
    """Stands where an attended verification stands; answers as it is told and remembers what was asked."""

    store: Store
    script: Callable[[AttendedOrder], AttendedResult] | None = None
    orders: list[AttendedOrder] = field(default_factory=list)
    previews: list[FacePreview] = field(default_factory=list)

    def run(self, order: AttendedOrder) -> AttendedResult:
        self.orders.append(order)
        return self.decide(order) if self.script is None else self.script(order)

    def decide(self, _order: AttendedOrder, outcome: Outcome = Outcome.MATCH) -> AttendedResult:
        """A decision as the real scene makes it, about faces that are grey squares."""
        self.previews = [
            FacePreview(role=role, aligned=np.full((112, 112, 3), 128, dtype=np.uint8)) for role in Role
        ][:2]
        decision = Decision(
            decision_id=DecisionId("dec_aaaaaaaaaaaaaaaaaaaaaaaaaa"),
            outcome=outcome,
            words=("Match: the two faces are as alike as two pictures of one person.",),
            stated_error=shipped_error_table("mobilefacenet-192").threshold(1e-4).stated,
            inputs=(
                InputReport(Role.DOCUMENT, 71, ()),
                InputReport(Role.LIVE, 40, ("The face is too dark. Turn towards the light.",)),
            ),
            models=("embedder",),
            permit_id=PermitId("prm_aaaaaaaaaaaaaaaaaaaaaaaaaa"),
            rule_set=RULES.sha256,
            request_digest="ab" * 32,
            decided_at=NOON,
            assurance=Assurance.ATTENDED,
            demo=True,
        )
        log = self.store.log.append("decision", {"decision": decision.decision_id})
        receipt = Receipt.of(
            decision,
            purpose=PurposeId("pur_checkin"),
            place=DESK,
            log_index=log.index,
            leaf_hash=log.leaf_hash,
        )
        return AttendedResult(
            decision=decision,
            verdict=verdict(allowed=True),
            receipt=self.store.signer.sign(receipt.to_claims(), kind=RECEIPT_KIND),
            log=log,
            previews=tuple(self.previews),
            subject=SubjectId("sub_aaaaaaaaaaaaaaaaaaaaaaaaaa"),
        )

    def refuse(self, _order: AttendedOrder) -> AttendedResult:
        """What the real scene does in a guest room."""
        raise RefusedByRule(verdict(place_kind="private_space", allowed=False))


@dataclass(frozen=True)
class Installation:
    """The services over a store in a folder, a clerk's key, and the handles that a test turns."""

    services: Services
    store: Store
    clock: FixedClock
    scene: ScriptedScene
    key: str
    findings: list[HealthFinding]


@contextmanager
def open_installation(
    folder: Path, *, demo: bool = True, desk: bool = True, **settings: Any
) -> Iterator[Installation]:
    """Create an installation in an empty folder and close it afterwards; a real one has no place yet.

    Args:
        folder: where.
        demo: whether it is a demonstration.
        desk: whether a demonstration has its front desk.
        settings: what it is told besides.
    """
    uri = f"file:{folder / 'key' / 'root.key'}"
    create_root_key(uri)
    clock = FixedClock(NOON)
    told = Settings(data_folder=folder / "data", root_key=uri, models_folder=folder / "models", **settings)
    with Store.create(folder / "data", key_provider=key_provider(uri), clock=clock, demo=demo) as store:
        if demo and desk:
            store.places.add(Place(DESK, "Front desk", "hotel_lobby", ("CN",), "Asia/Shanghai"))
            store.devices.add(Device(CAMERA, "Camera on the front desk", DESK, ("capture", "verify"), NOON))
        scene = ScriptedScene(store)
        keys = ApiKeyDesk(store=store, clock=clock)
        findings = [HealthFinding("log", ok=True, words="The log is whole.")]
        embedder = MadeUpEmbedder()
        if told.eight_bit_weights:
            embedder.model_id += "+int8"
        gallery = open_gallery(
            told, store=store, model_id=embedder.model_id, dimensions=embedder.dimension, clock=clock
        )
        observers = (
            *system_observers(store, clock),
            SearchObserver(
                store=store,
                in_use=TableInUse(shipped_error_table(embedder.model_id), own=False),
                fpir=told.identification_fpir,
            ),
        )
        given: dict[str, Any] = {
            "store": store,
            "authority": new_desk(store, clock, observers=observers),
            "clock": clock,
            "analyser": MadeUpAnalyser(),
            "embedder": embedder,
        }
        enrolment = enrolment_room(told, gallery=gallery, **given)
        people = people_desk(told, store=store, rules=RULES, vocabulary=VOCABULARY, clock=clock)
        services = Services(
            settings=told,
            clock=clock,
            demo=demo,
            attended={"hotel-checkin": cast("AttendedVerification", scene)},
            rules=RULES,
            vocabulary=VOCABULARY,
            directory=Directory(store=store),
            api_keys=keys,
            receipts=ReceiptDesk(signer=store.signer),
            records=RecordsDesk(
                store=store,
                authority=new_desk(store, clock),
                vocabulary=VOCABULARY,
                clock=clock,
                roles=shipped_roles(),
            ),
            notices=NoticeDesk(
                store=store,
                authority=new_desk(store, clock),
                clock=clock,
                roles=shipped_roles(),
                errors=ERRORS,
                public_url=told.public_url,
            ),
            consents=ConsentDesk(
                store=store,
                authority=new_desk(store, clock),
                clock=clock,
                roles=shipped_roles(),
                public_url=told.public_url,
            ),
            incidents=incident_desk(store=store, authority=new_desk(store, clock), rules=RULES, clock=clock),
            duties=DutyDesk(
                store=store, authority=new_desk(store, clock), vocabulary=VOCABULARY, clock=clock
            ),
            setup=setup_desk(
                told,
                store=store,
                authority=new_desk(store, clock),
                rules=RULES,
                vocabulary=VOCABULARY,
                clock=clock,
            ),
            people=people,
            enrolment=enrolment,
            identification=cache(lambda: identification_room(told, gallery=gallery, **given)),
            passes=cache(lambda: pass_office(told, **given)),
            requests=people.requests,
            metrics=Metrics(
                store=store, vocabulary=VOCABULARY, clock=clock, models=("embedder",), rule_set=RULES.sha256
            ),
            health=lambda: tuple(findings),
            close=lambda: None,
        )
        key = keys.issue(name="Front desk", roles=("clerk",))
        try:
            yield Installation(services, store, clock, scene, key, findings)
        finally:
            enrolment.close()
