"""Decisions that demand liveness: what they refuse, what they take, and that they take it once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from countenance.decisions import Outcome, VerificationDesk, VerificationOrder
from countenance.kernel import DeviceId, Material, PermitId, PurposeId, SubjectId, sha256_hex
from countenance.liveness import (
    Assurance,
    AttemptLimits,
    AttemptsUsedUp,
    Binding,
    Cue,
    Finding,
    LivenessNotShown,
    LivenessStatement,
    LivenessStatementRefused,
    sign_statement,
)
from countenance.liveness import Outcome as Found
from countenance.scenes import (
    AgeBand,
    AttendedOrder,
    AttendedResult,
    AttendedVerification,
    GuestStatement,
    SceneProfile,
    shipped_profiles,
)
from countenance.scenes.liveness_gate import LivenessGate
from front_desk import FrontDesk, front_desk

FRAME = b"the frame of the session"
CUSTOMER = SubjectId("sub_customer")
GUEST = GuestStatement(consents=True, age_band=AgeBand.ADULT, language="en", stated_by="desk 1")
BANK = shipped_profiles()["bank-teller"]
DEMANDING = ("bank-teller", "face-payment")


@dataclass
class _Decided:
    outcome: Outcome


@dataclass
class _Verified:
    decision: _Decided
    verdict: None = None
    receipt: str = ""
    log: None = None
    previews: tuple[()] = ()


@dataclass
class WatchedDesk:
    """Stands where the comparison stands: remembers what it was asked, answers as it is told."""

    outcome: Outcome = Outcome.MATCH
    orders: list[VerificationOrder] = field(default_factory=list)

    @contextmanager
    def receive(self, order: VerificationOrder) -> Iterator[VerificationOrder]:
        yield order

    def carry_out(self, received: VerificationOrder) -> _Verified:
        self.orders.append(received)
        return _Verified(_Decided(self.outcome))


@dataclass(frozen=True)
class Counter:
    """A bank's counter."""

    hotel: FrontDesk
    gate: LivenessGate
    limits: AttemptLimits
    desk: WatchedDesk

    def run(self, token: str | None, *, profile: SceneProfile = BANK, **changes: object) -> AttendedResult:
        order = AttendedOrder(
            document=b"a document",
            live=FRAME,
            place=self.hotel.site.place,
            device=self.hotel.site.desk_device,
            guest=GUEST,
            liveness=token,
        )
        flow = AttendedVerification(
            profile=profile,
            desk=cast("VerificationDesk", self.desk),
            authority=self.hotel.desk,
            gate=self.gate,
        )
        return flow.run(replace(order, **changes))  # type: ignore[arg-type]

    def result(
        self,
        *,
        level: Assurance = Assurance.ACTIVE,
        finding: Finding | None = None,
        number: str = "lvs_one",
        **binding: object,
    ) -> str:
        bound = Binding(CUSTOMER, BANK.purpose, self.hotel.site.desk_device, PermitId("prm_a"))
        cues = level.asks_for or frozenset({Cue.CHALLENGE})
        stated = LivenessStatement.of(
            finding or Finding(Found.BONA_FIDE, confirmed=cues),
            result_id=number,
            binding=replace(bound, **binding),  # type: ignore[arg-type]
            found_at=self.hotel.clock.now(),
            frames=(Material(sha256_hex(FRAME)),),
            demo=True,
        )
        return sign_statement(self.hotel.store.signer, stated)


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    with front_desk(tmp_path) as hotel:
        counts = hotel.store.liveness_attempts
        limits = AttemptLimits(counts=counts, clock=hotel.clock)
        gate = LivenessGate(signer=hotel.store.signer, counts=counts, limits=limits, clock=hotel.clock)
        yield Counter(hotel, gate, limits, WatchedDesk())


@pytest.mark.parametrize("scene", DEMANDING)
def test_without_a_session_nothing_is_decided_and_nothing_taken_down(counter: Counter, scene: str) -> None:
    before = counter.hotel.store.log.size()
    with pytest.raises(LivenessNotShown, match="no result") as refused:
        counter.run(None, profile=shipped_profiles()[scene])
    assert "without a face" in (refused.value.remedy or "")
    assert counter.desk.orders == []
    assert counter.hotel.store.log.size() == before


@pytest.mark.parametrize("scene", DEMANDING)
def test_a_level_below_the_demanded_one_is_refused(counter: Counter, scene: str) -> None:
    profile = shipped_profiles()[scene]
    token = counter.result(level=Assurance(profile.liveness - 1), purpose=profile.purpose)
    with pytest.raises(LivenessNotShown, match="level"):
        counter.run(token, profile=profile)
    assert counter.desk.orders == []


@pytest.mark.parametrize("scene", DEMANDING)
def test_a_result_of_the_level_is_taken_and_the_decision_is_about_that_person(
    counter: Counter, scene: str
) -> None:
    profile = shipped_profiles()[scene]
    token = counter.result(level=Assurance(profile.liveness), purpose=profile.purpose)
    done = counter.run(token, profile=profile)
    (order,) = counter.desk.orders
    assert order.subject == done.subject == CUSTOMER
    assert order.liveness == profile.liveness


def test_a_scene_that_demands_none_asks_for_none(counter: Counter) -> None:
    counter.run(None, profile=shipped_profiles()["hotel-checkin"])
    assert counter.desk.orders[0].liveness is None


def test_a_result_is_used_once(counter: Counter) -> None:
    token = counter.result()
    counter.run(token)
    with pytest.raises(LivenessNotShown, match="used before"):
        counter.run(token)
    assert len(counter.desk.orders) == 1
    counter.run(counter.result(number="lvs_two"))


@pytest.mark.parametrize(
    ("binding", "words"),
    [
        ({"purpose": PurposeId("pur_other")}, "another purpose"),
        ({"device": DeviceId("dev_other")}, "another device"),
    ],
    ids=["purpose", "device"],
)
def test_a_result_for_something_else_is_refused_and_not_used_up(
    counter: Counter, binding: dict[str, object], words: str
) -> None:
    with pytest.raises(LivenessNotShown, match=words):
        counter.run(counter.result(**binding))  # type: ignore[arg-type]
    counter.run(counter.result())


def test_a_photograph_that_is_no_frame_of_the_session_is_refused(counter: Counter) -> None:
    with pytest.raises(LivenessNotShown, match="photograph"):
        counter.run(counter.result(), live=b"another photograph")


def test_a_result_is_good_for_two_minutes(counter: Counter) -> None:
    token = counter.result()
    counter.hotel.wait(timedelta(seconds=120))
    with pytest.raises(LivenessNotShown, match="too old"):
        counter.run(token)


def test_a_result_that_was_not_signed_here_is_refused(counter: Counter) -> None:
    for token in ("", "x.y.z", counter.result()[:-4] + "AAAA"):
        with pytest.raises(LivenessStatementRefused):
            counter.run(token)
    assert counter.desk.orders == []


def test_without_a_gate_a_demanding_scene_decides_nothing(counter: Counter) -> None:
    flow = AttendedVerification(
        profile=BANK, desk=cast("VerificationDesk", counter.desk), authority=counter.hotel.desk
    )
    site = counter.hotel.site
    order = AttendedOrder(b"a document", FRAME, site.place, site.desk_device, GUEST, counter.result())
    with pytest.raises(LivenessNotShown, match="no sessions"):
        flow.run(order)


@pytest.mark.parametrize(
    ("outcome", "anew"), [(Outcome.MATCH, True), (Outcome.NO_MATCH, False)], ids=["match", "no match"]
)
def test_attempts_start_anew_after_a_match_alone(counter: Counter, outcome: Outcome, anew: bool) -> None:
    for _ in range(5):
        counter.limits.attempt(CUSTOMER, counter.hotel.site.desk_device)
    counter.desk.outcome = outcome
    counter.run(counter.result())
    if anew:
        assert counter.limits.attempt(CUSTOMER, counter.hotel.site.desk_device).allowed
    else:
        with pytest.raises(AttemptsUsedUp):
            counter.limits.attempt(CUSTOMER, counter.hotel.site.desk_device)


def test_an_order_does_not_show_the_result(counter: Counter) -> None:
    token = counter.result()
    site = counter.hotel.site
    assert token not in repr(AttendedOrder(b"a", FRAME, site.place, site.desk_device, GUEST, token))
