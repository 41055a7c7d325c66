"""A scene of the matrix on a real store: its place, device and purpose, and what its rules ask for on file.

People's records are filed in their forms, bodies outside sign theirs, the operator signs what it is. What
only the system can see is seen by the real observers where this version has one; where the part that would
see it comes later (a second factor, a cooling-off time), an observer of the test stands in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from countenance.authority import AuthorityDesk, Granted, Observed, Observer, OutsideStatement, shipped_rules
from countenance.authority.outside import is_signed_trigger
from countenance.authority.records import KEY_FORMS, read_content
from countenance.authority.resolver import one_persons
from countenance.kernel import (
    DeviceId,
    Door,
    FixedClock,
    Passage,
    PlaceId,
    ProcessingRequest,
    PurposeId,
    RequestId,
    SubjectId,
    new_id,
)
from countenance.policy import IssuerKind, Phase, SceneForm, Verdict
from countenance.store import Device, EvidenceRecord, EvidenceScope, Place, Purpose, Store
from front_desk import NOON, new_desk, new_store, system_observers
from outside_bodies import Body
from record_examples import DEVICE, PLACE, PURPOSE, SUBJECT, content_for

_, WORDS = shipped_rules()
COURT = Body.ed25519()
WEEK = timedelta(days=7)
SCOPE = EvidenceScope(PlaceId(PLACE), PurposeId(PURPOSE), DeviceId(DEVICE), SubjectId(SUBJECT))
EVERYBODY = EvidenceScope(PlaceId(PLACE), PurposeId(PURPOSE), DeviceId(DEVICE))
BUDGET = {Door.CAPTURE: 1}
ZONES = {"CN": "Asia/Shanghai", "EU": "Europe/Brussels"}


@dataclass
class Blindable:
    """An observer that can be made not to see something that it would."""

    inner: Observer
    blind: set[str]

    @property
    def keys(self) -> frozenset[str]:
        return self.inner.keys

    def observe(self) -> tuple[Observed, ...]:
        return tuple(found for found in self.inner.observe() if found.key not in self.blind)


@dataclass(frozen=True)
class LaterParts:
    """Sees what parts of the system that aren't there yet will see."""

    keys: frozenset[str]

    def observe(self) -> tuple[Observed, ...]:
        return tuple(Observed(key, {"seen": "by a part of the test"}) for key in sorted(self.keys))


@dataclass
class PermittedScene:
    """A scene with a store of its own."""

    scene: SceneForm
    store: Store
    desk: AuthorityDesk
    clock: FixedClock
    blind: set[str]
    filed: dict[str, EvidenceRecord] = field(default_factory=dict)

    def request(self) -> ProcessingRequest:
        return ProcessingRequest(
            request_id=RequestId(new_id("req")),
            operations=tuple(sorted(self.scene.operations)),
            purpose=PurposeId(PURPOSE),
            place=PlaceId(PLACE),
            device=DeviceId(DEVICE),
            materials=(),
            error_target=1e-4,
            subject=SubjectId(SUBJECT),
            scene=self.scene.scene_id,
        )

    def judge(self) -> Verdict:
        return self.desk.judge(self.request())

    def permit(self) -> tuple[ProcessingRequest, Granted]:
        request = self.request()
        return request, self.desk.permit(request, budget=BUDGET)

    def passes(self, request: ProcessingRequest, granted: Granted) -> None:
        """Pass the permit's door, or raise why not."""
        self.desk.verifier.admit(granted.token, Passage(Door.CAPTURE, request.operations[0], request))

    def complete(self) -> Verdict:
        """File what the rules ask for, as far as it is true, until they ask for nothing more."""
        for key in sorted(self.scene.chosen):
            self.file(key)
        while True:
            verdict = self.judge()
            wanted = [
                next((key for key in sorted(entry.alternatives) if self._can_file(key)), None)
                for entry in verdict.missing
            ]
            keys = {key for key in wanted if key is not None and key not in self.filed}
            unknown = {fact.trigger for fact in verdict.unknown} - self.filed.keys()
            if not keys and not unknown:
                return verdict
            if "sign" in keys:
                keys.add("notice")
            for name in sorted(keys | unknown):
                self.file(name)

    def file(self, name: str, *, valid_until: datetime | None = None) -> None:
        """File a record of an evidence key, or state a trigger as it is."""
        if name in WORDS.triggers:
            self._state(name, valid_until)
            return
        self.blind.discard(name)
        issuers = WORDS.evidence[name].issuers
        if IssuerKind.OUTSIDE in issuers and IssuerKind.PERSON not in issuers:
            self.filed[name] = self._signed(name, valid_until)
        elif IssuerKind.PERSON in issuers:
            self.filed[name] = self.desk.record_evidence(
                key=name, content=self._content(name), author="officer", scope=SCOPE, valid_until=valid_until
            )

    def _can_file(self, key: str) -> bool:
        term = WORDS.evidence[key]
        return key not in self.scene.untrue and (
            term.phase is Phase.BEFORE
            and not term.issuers.isdisjoint({IssuerKind.PERSON, IssuerKind.OUTSIDE})
        )

    def _content(self, key: str) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        if KEY_FORMS[key].form.form == "authorisation":
            changes["operations"] = list(self.scene.operations)
        return content_for(key, **changes)

    def _signed(self, key: str, valid_until: datetime | None) -> EvidenceRecord:
        now = self.clock.now()
        statement = OutsideStatement(
            deployment=self.store.deployment.deployment_id,
            key=key,
            scope=SCOPE,
            content=read_content(key, self._content(key), scope=SCOPE).to_content(),
            valid_from=now,
            valid_until=valid_until or now + WEEK,
        )
        return self.desk.record_signed(COURT.sign(statement.to_claims()), author="officer")

    def _state(self, trigger: str, valid_until: datetime | None) -> None:
        if is_signed_trigger(trigger):
            facts = {name: name in self.scene.true for name in WORDS.triggers if is_signed_trigger(name)}
            for record in self.desk.sign_deployment(facts, "officer"):
                self.filed[record.key] = record
            return
        self.filed[trigger] = self.desk.record_evidence(
            key=trigger,
            content={"value": trigger in self.scene.true},
            author="officer",
            scope=SCOPE if one_persons(trigger, WORDS) else EVERYBODY,
            source=WORDS.triggers[trigger].source,
            valid_until=valid_until,
        )


def _nobody(_store: Store, _clock: FixedClock) -> tuple[Observer, ...]:
    return ()


@contextmanager
def permitted_scene(
    root: Path,
    scene: SceneForm,
    jurisdiction: str,
    *,
    also: Callable[[Store, FixedClock], tuple[Observer, ...]] = _nobody,
) -> Iterator[PermittedScene]:
    """Open a store with the scene's place, device and purpose; nothing is on file yet.

    Further real observers, those that ``also`` returns, look for themselves what they can see.
    """
    clock = FixedClock(NOON)
    with new_store(root, demo=False, clock=clock) as store:
        real = (*system_observers(store, clock), *also(store, clock))
        seen = frozenset().union(*(observer.keys for observer in real))
        later = frozenset(
            key
            for key, term in WORDS.evidence.items()
            if term.issuers == {IssuerKind.SYSTEM} and term.phase is Phase.BEFORE
        )
        blind: set[str] = set()
        observers = tuple(Blindable(observer, blind) for observer in (*real, LaterParts(later - seen)))
        desk = new_desk(store, clock, observers=observers)
        register = desk.registrar
        register.add_purpose(Purpose(PurposeId(PURPOSE), scene.title, "Made up.", "dpv:Purpose"))
        register.add_place(
            Place(PlaceId(PLACE), "Place", scene.place_kind, (jurisdiction,), ZONES[jurisdiction])
        )
        register.add_device(
            Device(DeviceId(DEVICE), "Device", PlaceId(PLACE), tuple(sorted(scene.operations)), NOON)
        )
        outside = tuple(key for key, t in WORDS.evidence.items() if IssuerKind.OUTSIDE in t.issuers)
        register.add_issuer(name=COURT.name, kind=COURT.kind, jwk=COURT.jwk, keys=outside, author="officer")
        yield PermittedScene(scene, store, desk, clock, blind)
