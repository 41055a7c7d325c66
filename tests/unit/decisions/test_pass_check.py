"""Passes are checked by the product's own doors, rules, keys and receipts; the faces are made up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from comparison_limits import REFERENCE, limits_of
from countenance.authority import RefusedByRule
from countenance.capture import CaptureDoor, CaptureLimits, PictureRefused
from countenance.decisions import (
    CheckedPass,
    ErrorTableInvalid,
    ErrorTargetNotOffered,
    Outcome,
    PassChecking,
    PassCheckOrder,
    TooManyComparisons,
    check_receipt,
    shipped_error_table,
)
from countenance.gallery import HolderPasses, PassEnded, PassForeign, PassNotYetValid, PassRevoked
from countenance.kernel import CountenanceError, PermitRevoked, PurposeId
from countenance.templates import ComparisonDoor, HolderPass, PassUnreadable
from countenance.vision import QualityGate
from front_desk import GUEST, FrontDesk, front_desk
from staff_door import WatchedLooks, face_at, staff_door
from verification_desk import MadeUpEmbedder, Watch, WatchedExtraction

LIVE = face_at(0.1, seed=1)


@dataclass(frozen=True)
class Checkpoint:
    """A hotel's desk at which passes are shown."""

    hotel: FrontDesk
    watch: Watch
    analyser: WatchedLooks
    passes: HolderPasses
    checking: PassChecking

    def passing(self, *, starts: timedelta = timedelta(0), lasts: timedelta = timedelta(minutes=30)) -> str:
        template = np.zeros(192, dtype=np.float32)
        template[0] = 1.0
        start = self.hotel.clock.now() + starts
        made = self.passes.make(
            subject=GUEST,
            purpose=self.hotel.site.purpose,
            template=template,
            valid_from=start,
            valid_until=start + lasts,
        )
        return made.to_text()

    def order(self, text: str, probe: bytes = LIVE, **changes: object) -> PassCheckOrder:
        at = self.hotel.site
        fields: dict[str, object] = {
            "purpose": at.purpose,
            "place": at.place,
            "device": at.desk_device,
            "error_target": 1e-4,
            "scene": "hotel-checkin",
        }
        return PassCheckOrder(text=text, probe=probe, **(fields | changes))  # type: ignore[arg-type]

    def show(self, text: str, probe: bytes = LIVE) -> CheckedPass:
        return self.checking.check(self.order(text, probe))

    def decided(self) -> list[object]:
        return [entry["outcome"] for kind, entry in self.hotel.log_entries() if kind == "decision"]

    def owed(self) -> list[str]:
        own = {"image_deleted", "raw_deleted", "nonmatch_deleted", "processing_log"}
        return [duty.key for duty in self.hotel.store.duties.open() if duty.key in own]


def passes_of(hotel: FrontDesk, model_id: str = MadeUpEmbedder.model_id) -> HolderPasses:
    store = hotel.store
    return HolderPasses(
        deployment=store.deployment.deployment_id,
        model_id=model_id,
        keys=store.purpose_keys,
        revocations=store.pass_revocations,
        clock=hotel.clock,
    )


def checking_with(
    hotel: FrontDesk, passes: HolderPasses, analyser: WatchedLooks, watch: Watch
) -> PassChecking:
    verifier = hotel.desk.verifier
    extraction = WatchedExtraction(embedder=MadeUpEmbedder(), verifier=verifier)
    extraction.watch = watch
    return PassChecking(
        authority=hotel.desk,
        capture_door=CaptureDoor(verifier=verifier, limits=CaptureLimits()),
        analyser=analyser,  # type: ignore[arg-type]
        extraction_door=extraction,
        comparison_door=ComparisonDoor(verifier=verifier),
        passes=passes,
        error_table=shipped_error_table("mobilefacenet-192"),
        store=hotel.store,
        clock=hotel.clock,
        quality_gate=QualityGate(),
        limits=limits_of(hotel),
    )


def point_of(hotel: FrontDesk) -> Checkpoint:
    watch = Watch()
    analyser, passes = WatchedLooks(watch), passes_of(hotel)
    return Checkpoint(hotel, watch, analyser, passes, checking_with(hotel, passes, analyser, watch))


@pytest.fixture
def point(tmp_path: Path) -> Iterator[Checkpoint]:
    """A hotel at whose desk nobody agreed yet."""
    with front_desk(tmp_path) as hotel:
        yield point_of(hotel)


@pytest.fixture
def agreed(hotel: FrontDesk) -> Checkpoint:
    """The same after the holder agreed."""
    return point_of(hotel)


@pytest.mark.parametrize(
    ("probe", "outcome"),
    [
        pytest.param(LIVE, Outcome.MATCH, id="holder"),
        pytest.param(face_at(1.5, seed=2), Outcome.NO_MATCH, id="somebody-else"),
        pytest.param(face_at(0.1, seed=3, quality=5), Outcome.INCONCLUSIVE, id="too-poor"),
    ],
)
def test_who_shows_it_gets_a_decision_with_a_receipt(
    agreed: Checkpoint, probe: bytes, outcome: Outcome
) -> None:
    text = agreed.passing()
    done = agreed.show(text, probe)
    decision = done.verified.decision
    assert (decision.outcome, done.reissue) == (outcome, False)
    assert decision.stated_error.asked == 1e-4
    receipt = check_receipt(agreed.hotel.store.signer, done.verified.receipt)
    assert (receipt.outcome, receipt.decision_id) == (outcome, decision.decision_id)
    assert agreed.decided() == [outcome.value]
    assert agreed.watch.all_wiped()
    assert agreed.owed() == []
    assert text not in repr(agreed.hotel.log_entries())


def test_who_doesnt_agree_isnt_looked_at(point: Checkpoint) -> None:
    with pytest.raises(RefusedByRule):
        point.show(point.passing())
    assert point.watch.arrays == []
    assert point.decided() == []


def test_a_pass_that_doesnt_hold_costs_nobody_a_look(agreed: Checkpoint) -> None:
    good = agreed.passing()
    altered = good[:-8] + ("A" if good[-8] != "A" else "B") + good[-7:]
    taken_back = agreed.passing()
    agreed.passes.revoke(taken_back, purpose=agreed.hotel.site.purpose)
    cases: list[tuple[str, type[CountenanceError]]] = [
        ("not a pass", PassUnreadable),
        (altered, PassForeign),
        (agreed.passing(starts=timedelta(hours=1)), PassNotYetValid),
        (agreed.passing(starts=-timedelta(hours=2), lasts=timedelta(hours=1)), PassEnded),
        (taken_back, PassRevoked),
    ]
    for text, error in cases:
        with pytest.raises(error):
            agreed.show(text)
    assert len({error.code for _, error in cases}) == len(cases)
    assert agreed.watch.arrays == []
    assert agreed.decided() == []


def test_a_pass_for_one_purpose_doesnt_serve_another(agreed: Checkpoint) -> None:
    order = agreed.order(agreed.passing(), purpose=PurposeId("pur_gym"))
    with pytest.raises(PassForeign):
        agreed.checking.check(order)


def test_under_a_key_that_is_being_replaced_it_is_to_be_exchanged(agreed: Checkpoint) -> None:
    text, keys, purpose = agreed.passing(), agreed.hotel.store.purpose_keys, agreed.hotel.site.purpose
    keys.renew(purpose, grace_until=agreed.hotel.clock.now() + timedelta(minutes=20))
    done = agreed.show(text)
    assert (done.verified.decision.outcome, done.reissue) == (Outcome.MATCH, True)


def test_a_pass_that_is_tried_too_often_waits_and_nobody_is_looked_at(agreed: Checkpoint) -> None:
    text, other, stranger = agreed.passing(), agreed.passing(), face_at(1.5, seed=2)
    for _ in range(REFERENCE.at_once):
        assert agreed.show(text, stranger).verified.decision.outcome is Outcome.NO_MATCH
    looks, decided = len(agreed.watch.arrays), agreed.decided()
    with pytest.raises(TooManyComparisons) as caught:
        agreed.show(text)
    assert caught.value.retry_after == REFERENCE.every.total_seconds()
    assert (len(agreed.watch.arrays), agreed.decided()) == (looks, decided)
    assert agreed.show(other).verified.decision.outcome is Outcome.MATCH
    agreed.hotel.wait(REFERENCE.every)
    assert agreed.show(text).verified.decision.outcome is Outcome.MATCH


def test_the_holder_starts_the_count_anew(agreed: Checkpoint) -> None:
    text, stranger = agreed.passing(), face_at(1.5, seed=2)
    for _ in range(2):
        for _ in range(REFERENCE.at_once - 1):
            agreed.show(text, stranger)
        assert agreed.show(text).verified.decision.outcome is Outcome.MATCH


class TestExchange:
    """A pass under a key that is being replaced is exchanged while it is shown."""

    def replaced(self, point: Checkpoint) -> str:
        text, purpose = point.passing(), point.hotel.site.purpose
        until = point.hotel.clock.now() + timedelta(minutes=20)
        point.hotel.store.purpose_keys.renew(purpose, grace_until=until)
        return text

    def show(self, point: Checkpoint, text: str, probe: bytes = LIVE) -> CheckedPass:
        return point.checking.check(point.order(text, probe, renew=True))

    def test_the_holder_takes_the_new_one_along_and_the_old_one_is_void(self, agreed: Checkpoint) -> None:
        text = self.replaced(agreed)
        done = self.show(agreed, text)
        new = done.renewed
        assert new is not None
        before = HolderPass.from_text(text).header
        assert (new.valid_until, new.purpose) == (before.valid_until, agreed.hotel.site.purpose)
        assert new.serial != before.serial.hex()
        with pytest.raises(PassRevoked):
            agreed.show(text)
        again = self.show(agreed, new.text)
        assert (again.verified.decision.outcome, again.reissue, again.renewed) == (
            Outcome.MATCH,
            False,
            None,
        )
        # It holds after the grace of the key before.
        agreed.hotel.wait(timedelta(minutes=21))
        assert agreed.show(new.text).verified.decision.outcome is Outcome.MATCH
        assert agreed.decided() == ["match", "pass exchanged", "match", "match"]
        assert new.text not in repr(new)
        assert new.serial not in repr(agreed.hotel.log_entries()) + repr(done)
        assert agreed.watch.all_wiped()
        assert agreed.owed() == []

    @pytest.mark.parametrize(
        "probe", [face_at(1.5, seed=2), face_at(0.1, seed=3, quality=5)], ids=["somebody-else", "too-poor"]
    )
    def test_nobody_else_is_given_one(self, agreed: Checkpoint, probe: bytes) -> None:
        text = self.replaced(agreed)
        done = self.show(agreed, text, probe)
        assert (done.reissue, done.renewed) == (True, None)
        assert agreed.show(text).verified.decision.outcome is Outcome.MATCH

    def test_a_pass_under_the_active_key_stays(self, agreed: Checkpoint) -> None:
        text = agreed.passing()
        assert self.show(agreed, text).renewed is None
        assert agreed.show(text).verified.decision.outcome is Outcome.MATCH

    def test_who_takes_the_consent_back_meanwhile_keeps_the_old_one(self, agreed: Checkpoint) -> None:
        text = self.replaced(agreed)
        agreed.analyser.on_look = lambda: agreed.hotel.withdraw("consent.record")
        with pytest.raises(PermitRevoked):
            self.show(agreed, text)
        assert agreed.hotel.store.pass_revocations.all() == ()
        assert agreed.decided() == ["failed"]


def test_who_takes_the_consent_back_meanwhile_gets_no_decision(agreed: Checkpoint) -> None:
    agreed.analyser.on_look = lambda: agreed.hotel.withdraw("consent.record")
    with pytest.raises(PermitRevoked):
        agreed.show(agreed.passing())
    assert agreed.decided() == ["failed"]
    assert agreed.watch.all_wiped()


def test_what_is_wrong_with_the_order_is_said_first(agreed: Checkpoint) -> None:
    with pytest.raises(ErrorTargetNotOffered):
        agreed.checking.check(agreed.order(agreed.passing(), error_target=0.123))
    with pytest.raises(PictureRefused):
        agreed.show(agreed.passing(), b"no picture")


def test_passes_of_another_network_arent_checked_here(point: Checkpoint) -> None:
    with pytest.raises(ErrorTableInvalid):
        checking_with(point.hotel, passes_of(point.hotel, "another-network"), point.analyser, point.watch)


def test_neither_pass_nor_picture_is_shown_by_repr(agreed: Checkpoint) -> None:
    text = agreed.passing()
    assert text not in repr(agreed.order(text))


def test_where_nobody_attends_a_pass_alone_doesnt_do(tmp_path: Path) -> None:
    """At a workplace's door the rules ask for a report on presentation attacks; there is none on file."""
    with staff_door(tmp_path) as door:
        door.agree(GUEST)
        point = point_of(door.hotel)
        made = point.passes.make(
            subject=GUEST,
            purpose=door.door.purpose,
            template=np.eye(1, 192, dtype=np.float32)[0],
            valid_from=door.hotel.clock.now(),
            valid_until=door.hotel.clock.now() + timedelta(minutes=30),
        )
        at = door.door
        with pytest.raises(RefusedByRule) as refused:
            point.checking.check(
                point.order(made.to_text(), purpose=at.purpose, place=at.place, device=at.device, scene=None)
            )
        assert "HX-PAD" in {rule for missing in refused.value.verdict.missing for rule in missing.rule_ids}
        assert point.watch.arrays == []
