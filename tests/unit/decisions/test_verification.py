"""The verification desk from order to receipt. Networks are made up here, everything else is real.

``test_verification_models.py`` does the same with the real networks and photographs.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from comparison_limits import REFERENCE, limits_of
from countenance.authority import RefusedByRule, UnknownPlace
from countenance.capture import NotAPicture
from countenance.decisions import (
    Decision,
    DocumentDemand,
    DocumentNeed,
    DocumentReadingUnavailable,
    ErrorTableInvalid,
    ErrorTargetNotOffered,
    FacePreview,
    Outcome,
    Pace,
    Role,
    SamePicture,
    TooManyComparisons,
    VerificationDesk,
    Verified,
    check_receipt,
)
from countenance.decisions.sealed import sealed_context
from countenance.kernel import (
    CountenanceError,
    Door,
    Frame,
    PermitExpired,
    PermitRevoked,
    PlaceId,
    SubjectId,
)
from countenance.store import SealKeyDestroyed
from countenance.vision import FaceObservation, ModelUnusable
from front_desk import GUEST, NOON, FrontDesk
from verification_desk import (
    Counter,
    MadeUpAnalyser,
    MadeUpEmbedder,
    MadeUpFace,
    counter_with,
    picture_of,
)

CARD = picture_of(MadeUpFace(angle=0.0), seed=1)
GUEST_HERSELF = picture_of(MadeUpFace(angle=0.3), seed=2)
SOMEBODY_ELSE = picture_of(MadeUpFace(angle=1.5), seed=3)
NOBODY = picture_of(seed=4)
TWO_PEOPLE = picture_of(MadeUpFace(angle=0.3), MadeUpFace(angle=1.0, left=90, width=58), seed=5)
BLURRED = picture_of(MadeUpFace(angle=0.3, quality=5), seed=6)


def opened(counter: Counter, decision: Decision, subject: SubjectId = GUEST) -> dict[str, object]:
    store = counter.hotel.store
    record = store.decisions.get(decision.decision_id)
    plain = store.vault.open(
        subject, counter.hotel.site.purpose, record.sealed, context=sealed_context(decision)
    )
    content: dict[str, object] = json.loads(plain)
    return content


@pytest.mark.parametrize(
    ("probe", "outcome"),
    [
        pytest.param(GUEST_HERSELF, Outcome.MATCH, id="the-holder"),
        pytest.param(SOMEBODY_ELSE, Outcome.NO_MATCH, id="somebody-else"),
        pytest.param(NOBODY, Outcome.INCONCLUSIVE, id="nobody"),
        pytest.param(TWO_PEOPLE, Outcome.INCONCLUSIVE, id="two-people"),
        pytest.param(BLURRED, Outcome.INCONCLUSIVE, id="blurred"),
    ],
)
def test_every_outcome_is_recorded_receipted_logged_and_leaves_nothing_open(
    counter: Counter, probe: bytes, outcome: Outcome
) -> None:
    verified = counter.desk.verify(counter.order(CARD, probe))
    decision = verified.decision
    assert decision.outcome is outcome
    assert verified.verdict.allowed
    assert decision.decided_at == NOON
    assert decision.demo

    receipt = check_receipt(counter.hotel.store.signer, verified.receipt)
    assert receipt.decision_id == decision.decision_id
    assert receipt.outcome is outcome
    assert (receipt.log_index, receipt.leaf_hash) == (verified.log.index, verified.log.leaf_hash)
    assert len(verified.receipt) < 1200

    record = counter.hotel.store.decisions.get(decision.decision_id)
    assert record.receipt == verified.receipt
    assert record.permit_id == decision.permit_id

    (entry,) = counter.decisions_logged()
    assert entry["outcome"] == outcome.value
    assert entry["decision"] == decision.decision_id
    assert entry["permit"] == decision.permit_id

    assert counter.open_duties() == []
    assert counter.watch.all_wiped()
    assert counter.hotel.store.log.verify().ok


def test_at_the_threshold_itself_it_is_a_match(counter: Counter) -> None:
    threshold = counter.table.threshold(1e-4).value
    angle = math.acos(threshold)
    for seed, (wider, outcome) in enumerate(
        [(angle - 1e-4, Outcome.MATCH), (angle + 1e-4, Outcome.NO_MATCH)], start=50
    ):
        probe = picture_of(MadeUpFace(angle=wider), seed=seed)
        assert counter.desk.verify(counter.order(CARD, probe)).decision.outcome is outcome


@pytest.mark.parametrize("target", [1e-3, 1e-4, 1e-5])
def test_a_stricter_error_level_uses_its_own_threshold(counter: Counter, target: float) -> None:
    between = (counter.table.threshold(1e-4).value + counter.table.threshold(1e-5).value) / 2
    probe = picture_of(MadeUpFace(angle=math.acos(between)), seed=60)
    decision = counter.desk.verify(counter.order(CARD, probe, error_target=target)).decision
    assert decision.outcome is (Outcome.NO_MATCH if target < 1e-4 else Outcome.MATCH)
    assert decision.stated_error.asked == target


def test_an_inconclusive_answer_says_what_to_change_in_which_picture(counter: Counter) -> None:
    decision = counter.desk.verify(counter.order(CARD, BLURRED)).decision
    assert decision.words[0].startswith("Inconclusive")
    assert "Live photograph: It is blurred. Hold still." in decision.words
    assert not any(words.startswith("Picture of the document:") for words in decision.words)
    document, live = decision.inputs
    assert (document.role, document.quality, document.reasons) == (Role.DOCUMENT, 80, ())
    assert (live.role, live.quality) == (Role.LIVE, 5)


def test_what_cannot_be_judged_is_never_compared(counter: Counter) -> None:
    verified = counter.desk.verify(counter.order(CARD, BLURRED))
    uses = counter.hotel.store.permits.uses(verified.decision.permit_id)
    assert uses[Door.CAPTURE.value] == 2
    assert not uses.get(Door.EXTRACT.value)
    assert not uses.get(Door.COMPARE.value)
    assert counter.watch.scores == []
    assert "mobilefacenet-192" not in verified.decision.models
    assert opened(counter, verified.decision)["score"] is None


def test_the_permit_is_used_up_by_one_comparison(counter: Counter) -> None:
    verified = counter.desk.verify(counter.order(CARD, GUEST_HERSELF))
    uses = counter.hotel.store.permits.uses(verified.decision.permit_id)
    assert uses == {door.value: count for door, count in VerificationDesk.BUDGET.items()}


def test_the_exact_score_is_sealed_and_nowhere_else(counter: Counter) -> None:
    verified = counter.desk.verify(counter.order(CARD, GUEST_HERSELF))
    (score,) = counter.watch.scores
    sealed = opened(counter, verified.decision)
    assert sealed["score"] == score == pytest.approx(math.cos(0.3), abs=1e-6)
    assert sealed["threshold"] == counter.table.threshold(1e-4).value
    shown = json.dumps(verified.decision.to_json()) + repr(verified) + verified.receipt
    shown += json.dumps([str(entry) for entry in counter.hotel.log_entries()])
    for secret in (repr(score), f"{score:.4f}", str(sealed["threshold"])):
        assert secret not in shown
        assert secret.encode() not in counter.files()


def test_destroying_the_guests_key_erases_the_score_and_keeps_the_receipt(counter: Counter) -> None:
    verified = counter.desk.verify(counter.order(CARD, GUEST_HERSELF))
    counter.hotel.store.vault.destroy(GUEST, counter.hotel.site.purpose)
    with pytest.raises(SealKeyDestroyed):
        opened(counter, verified.decision)
    assert check_receipt(counter.hotel.store.signer, verified.receipt).outcome is Outcome.MATCH


def test_previews_are_copies_for_the_clerk(counter: Counter) -> None:
    previews = counter.desk.verify(counter.order(CARD, GUEST_HERSELF)).previews
    assert [preview.role for preview in previews] == [Role.DOCUMENT, Role.LIVE]
    assert all(preview.aligned.any() for preview in previews)
    assert counter.watch.all_wiped()
    for preview in previews:
        preview.wipe()
        assert not preview.aligned.any()
        assert "aligned" not in repr(preview)


def test_only_the_faces_that_are_meant_are_previewed(counter: Counter) -> None:
    assert [p.role for p in counter.desk.verify(counter.order(CARD, TWO_PEOPLE)).previews] == [Role.DOCUMENT]


def test_nothing_of_a_face_reaches_the_disk(counter: Counter) -> None:
    counter.desk.verify(counter.order(CARD, GUEST_HERSELF))
    written = counter.files()
    assert len(written) > 10_000
    assert len(counter.watch.contents) == 2 + 2 * 3 + 2
    for content in counter.watch.contents:
        assert content[:64] not in written
    for picture in (CARD, GUEST_HERSELF):
        assert picture[40:104] not in written


# What is refused before anybody is looked at.


@pytest.mark.parametrize("bad", ["reference", "probe"])
def test_a_file_that_is_no_picture_leaves_no_trace(counter: Counter, bad: str) -> None:
    store = counter.hotel.store
    before = store.log.size(), counter.open_duties()
    files = {"reference": CARD, "probe": GUEST_HERSELF} | {bad: b"not a picture"}
    with pytest.raises(NotAPicture):
        counter.desk.verify(counter.order(**files))
    assert (store.log.size(), counter.open_duties()) == before
    assert store.decisions.all_ids() == ()
    assert store.comparison_dues.due(f"device:{counter.hotel.site.desk_device}") is None
    assert counter.watch.arrays == []
    assert not any(pixels.any() for pixels in counter.watch.pending)


def test_a_portrait_that_is_tried_too_often_waits_and_leaves_no_trace(counter: Counter) -> None:
    order = counter.order(CARD, SOMEBODY_ELSE)
    for _ in range(REFERENCE.at_once):
        assert counter.desk.verify(order).decision.outcome is Outcome.NO_MATCH
    before, looked_at = counter.hotel.log_entries(), len(counter.watch.arrays)
    with pytest.raises(TooManyComparisons):
        counter.desk.verify(counter.order(CARD, GUEST_HERSELF))
    assert counter.hotel.log_entries() == before
    assert counter.watch.all_wiped()
    assert len(counter.watch.arrays) <= looked_at + 2, "what was decoded, and no face"
    counter.hotel.wait(REFERENCE.every)
    assert counter.desk.verify(counter.order(CARD, GUEST_HERSELF)).decision.outcome is Outcome.MATCH
    assert counter.desk.verify(order).decision.outcome is Outcome.NO_MATCH


def test_a_caller_is_counted_over_all_portraits(counter: Counter) -> None:
    pace = Pace(at_once=2, every=timedelta(minutes=1))
    counter.desk._limits = limits_of(counter.hotel, caller=pace)
    for seed in (71, 72):
        card = picture_of(MadeUpFace(angle=0.0), seed=seed)
        counter.desk.verify(replace(counter.order(card, GUEST_HERSELF), caller="clerk (key 7)"))
    card = picture_of(MadeUpFace(angle=0.0), seed=73)
    with pytest.raises(TooManyComparisons):
        counter.desk.verify(replace(counter.order(card, GUEST_HERSELF), caller="clerk (key 7)"))


def test_a_refusal_overwrites_what_was_decoded(counter: Counter) -> None:
    with pytest.raises(RefusedByRule):
        counter.desk.verify(counter.order(CARD, GUEST_HERSELF, subject=SubjectId("sub_stranger")))
    assert len(counter.watch.pending) == 2
    assert not any(pixels.any() for pixels in counter.watch.pending)


def test_a_document_that_has_to_be_read_needs_a_reader(counter: Counter) -> None:
    before = counter.hotel.store.log.size()
    demand = DocumentDemand(DocumentNeed.REQUIRED, NOON.date(), "adult")
    with pytest.raises(DocumentReadingUnavailable):
        counter.desk.verify(counter.order(CARD, GUEST_HERSELF, document=demand))
    assert counter.hotel.store.log.size() == before
    assert counter.watch.pending == []


def test_a_rate_that_was_not_measured_is_refused_before_the_rules_are_asked(counter: Counter) -> None:
    before = counter.hotel.store.log.size()
    with pytest.raises(ErrorTargetNotOffered, match="Offered: "):
        counter.desk.verify(counter.order(CARD, GUEST_HERSELF, error_target=1e-6))
    assert counter.hotel.store.log.size() == before


def test_one_picture_is_not_two(counter: Counter) -> None:
    with pytest.raises(SamePicture):
        counter.desk.verify(counter.order(CARD, CARD))


def test_a_device_in_a_guest_room_is_refused_with_the_verdict(counter: Counter) -> None:
    site = counter.hotel.site
    order = counter.order(CARD, GUEST_HERSELF, place=site.guest_room, device=site.room_device)
    with pytest.raises(RefusedByRule) as refusal:
        counter.desk.verify(order)
    assert not refusal.value.verdict.allowed
    assert refusal.value.verdict.refusing
    assert counter.watch.arrays == []
    assert counter.hotel.store.decisions.all_ids() == ()


def test_a_guest_who_did_not_agree_is_not_looked_at(counter: Counter) -> None:
    with pytest.raises(RefusedByRule):
        counter.desk.verify(counter.order(CARD, GUEST_HERSELF, subject=SubjectId("sub_stranger")))
    assert counter.watch.arrays == []


def test_an_unknown_place_is_the_callers_mistake(counter: Counter) -> None:
    with pytest.raises(UnknownPlace):
        counter.desk.verify(counter.order(CARD, GUEST_HERSELF, place=PlaceId("plc_nowhere")))


class PageAnalyser(MadeUpAnalyser):
    """Looks at documents; counts what it was shown."""

    model_ids = ("made-up-page-detector", "made-up-mesh")

    def __init__(self) -> None:
        self.shown: list[str] = []

    def observe(self, frame: Frame) -> tuple[FaceObservation, ...]:
        self.shown.append(frame.material)
        return super().observe(frame)


def test_the_document_is_looked_at_by_the_analyser_for_documents_and_the_guest_is_not(
    hotel: FrontDesk,
) -> None:
    page = PageAnalyser()
    counter = counter_with(
        hotel, analyser=MadeUpAnalyser(), embedder=MadeUpEmbedder(), document_analyser=page
    )
    order = counter.order(picture_of(MadeUpFace(0.0), seed=1), picture_of(MadeUpFace(0.1), seed=2))
    decision = counter.desk.verify(order).decision
    assert page.shown == [order.materials()[0]]
    assert decision.models == (
        "made-up-page-detector",
        "made-up-mesh",
        "made-up-detector",
        "mobilefacenet-192",
    )
    assert counter.watch.all_wiped()


def test_a_table_of_another_model_builds_no_desk(hotel: FrontDesk) -> None:
    class AnotherEmbedder(MadeUpEmbedder):
        model_id = "another-512"

    with pytest.raises(ErrorTableInvalid, match="another embedding model"):
        counter_with(hotel, analyser=MadeUpAnalyser(), embedder=AnotherEmbedder())


# What fails on the way.


def fails_with(counter: Counter, error: type[CountenanceError]) -> None:
    with pytest.raises(error):
        counter.desk.verify(counter.order(CARD, GUEST_HERSELF))
    assert counter.hotel.store.decisions.all_ids() == ()
    (entry,) = counter.decisions_logged()
    assert (entry["outcome"], entry["error"]) == ("failed", error.code)
    assert counter.open_duties() == []


Meanwhile = Callable[[FrontDesk], None]


@pytest.mark.parametrize(
    ("meanwhile", "error"),
    [
        pytest.param(lambda hotel: hotel.withdraw("consent.separate"), PermitRevoked, id="consent-withdrawn"),
        pytest.param(lambda hotel: hotel.wait(timedelta(minutes=3)), PermitExpired, id="expired"),
    ],
)
def test_a_permit_that_stops_counting_stops_the_desk_and_everything_is_wiped(
    hotel: FrontDesk, meanwhile: Meanwhile, error: type[CountenanceError]
) -> None:
    counter = counter_with(
        hotel, analyser=MadeUpAnalyser(), embedder=MadeUpEmbedder(), on_look=lambda: meanwhile(hotel)
    )
    fails_with(counter, error)
    assert counter.watch.all_wiped()


def test_a_consent_that_is_withdrawn_at_the_last_moment_leaves_no_decision(
    hotel: FrontDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the last door and before the decision is kept: nothing is kept, and the log says why."""
    decide = VerificationDesk._decide

    def late(desk: VerificationDesk, errand: Any, finding: Any) -> Any:
        decision = decide(desk, errand, finding)
        hotel.desk.withdraw_consent(subject=GUEST, purpose=hotel.site.purpose, by="clerk")
        return decision

    monkeypatch.setattr(VerificationDesk, "_decide", late)
    counter = counter_with(hotel, analyser=MadeUpAnalyser(), embedder=MadeUpEmbedder())
    fails_with(counter, PermitRevoked)
    assert counter.watch.all_wiped()
    assert hotel.store.decisions.all_ids() == ()


class BrokenEmbedder(MadeUpEmbedder):
    """Fails at the second face, when the first embedding exists."""

    def __init__(self, error: Exception) -> None:
        self._error = error
        self._calls = 0

    def embed(self, crops):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        self._calls += 1
        if self._calls > 1:
            raise self._error
        return super().embed(crops)


def test_a_network_that_fails_leaves_nothing_behind(hotel: FrontDesk) -> None:
    broken = BrokenEmbedder(ModelUnusable("The network failed."))
    counter = counter_with(hotel, analyser=MadeUpAnalyser(), embedder=broken)
    fails_with(counter, ModelUnusable)
    assert len(counter.watch.arrays) == 2 + 2 * 3 + 1
    assert counter.watch.all_wiped()


def test_a_defect_is_not_hidden_and_everything_is_wiped_all_the_same(hotel: FrontDesk) -> None:
    counter = counter_with(
        hotel, analyser=MadeUpAnalyser(), embedder=BrokenEmbedder(RuntimeError("a defect"))
    )
    with pytest.raises(RuntimeError, match="a defect"):
        counter.desk.verify(counter.order(CARD, GUEST_HERSELF))
    assert counter.watch.all_wiped()
    # Nobody can say what was done, so the duties stay open and will be asked for.
    assert counter.open_duties() != []


def test_previews_are_wiped_if_the_decision_cannot_be_recorded(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[FacePreview] = []
    honest = FacePreview.__init__

    def remembered(self: FacePreview, *given: object) -> None:
        honest(self, *given)  # type: ignore[arg-type]
        made.append(self)

    def full(*_: object) -> None:
        raise OSError("no space left on the device")

    monkeypatch.setattr(FacePreview, "__init__", remembered)
    monkeypatch.setattr(type(counter.hotel.store.decisions), "add", full)
    with pytest.raises(OSError, match="no space"):
        counter.desk.verify(counter.order(CARD, GUEST_HERSELF))
    assert len(made) == 2
    assert not any(preview.aligned.any() for preview in made)


def test_two_verifications_share_nothing(counter: Counter, tmp_path: Path) -> None:
    one: Verified = counter.desk.verify(counter.order(CARD, GUEST_HERSELF))
    two: Verified = counter.desk.verify(counter.order(CARD, GUEST_HERSELF))
    assert one.decision.decision_id != two.decision.decision_id
    assert one.decision.request_digest != two.decision.request_digest
    assert one.decision.permit_id != two.decision.permit_id
    assert one.receipt != two.receipt
    assert two.log.index > one.log.index
