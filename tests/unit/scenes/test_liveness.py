from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from countenance.authority import RefusedByRule, UnknownDevice, UnknownPlace
from countenance.capture import NotAPicture, PictureRefused
from countenance.kernel import Door, Frame, PermitExpired, PermitRevoked, SubjectId
from countenance.liveness import (
    Advice,
    Assurance,
    AttemptsUsedUp,
    ChallengeNotForThis,
    ChallengeOver,
    FaceWatcher,
    Limit,
    Measurement,
    Outcome,
    SessionsFull,
    Sighting,
    Species,
    check_statement,
)
from countenance.liveness.evidence import Bearing, IdentityContinuity
from countenance.scenes import UnknownScene
from countenance.scenes.liveness import FrameMisplaced, LivenessFlow, shipped_cues
from countenance.scenes.liveness_values import MOST_FRAMES, handle_of, nonce_of
from liveness_performances import performance
from liveness_session import (
    AGREED,
    CLERK,
    ELSEWHERE,
    RATE,
    LivenessDesk,
    Opinion,
    liveness_desk,
    spelled,
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[LivenessDesk]:
    with liveness_desk(tmp_path) as opened:
        yield opened


def entries(desk: LivenessDesk) -> list[dict[str, object]]:
    return [dict(entry) for kind, entry in desk.hotel.log_entries() if kind == "liveness"]


def owed(desk: LivenessDesk) -> set[str]:
    open_ = {duty.key for duty in desk.hotel.store.duties.open()}
    return open_ & {"image_deleted", "raw_deleted", "processing_log"}


def still(count: int = 140) -> list[Measurement]:
    """Somebody, or a photograph, that does nothing."""
    rng = np.random.default_rng(9)
    return [
        Measurement(
            number=i,
            taken=i / RATE,
            arrived=i / RATE + 0.05,
            yaw=float(rng.normal(0, 0.3)),
            size=float(rng.normal(200, 0.3)),
        )
        for i in range(count)
    ]


def test_no_door_that_makes_or_compares_a_template_is_paid_for() -> None:
    assert LivenessFlow.BUDGET == {Door.CAPTURE: 1, Door.ANALYSE: 3}


def test_who_follows_the_prompts_is_found_bona_fide(desk: LivenessDesk) -> None:
    opened = desk.open()
    assert (opened.prompt.number, opened.prompt.task) == (0, None)
    assert desk.perform(opened).ended
    result = desk.end(opened)
    assert result.statement.outcome is Outcome.BONA_FIDE
    assert result.readings["nose-relief"] is Bearing.CONFIRMS
    assert result.advice == ()
    assert result.models == ("made-up-detector", "made-up-mesh")
    assert desk.hotel.store.permits.uses(opened.permit_id) == {"capture": 1, "analyse": 2}


def test_without_a_passive_network_no_level_is_reached_and_the_result_says_what_gets_past(
    desk: LivenessDesk,
) -> None:
    opened = desk.open()
    desk.perform(opened)
    result = desk.end(opened)
    assert result.assurance is Assurance.NONE
    assert result.not_withstood == Assurance.NONE.does_not_withstand
    assert any("fed in behind the camera" in words for words in result.not_withstood)


class TestPassiveNetworks:
    def test_one_that_takes_the_face_for_live_raises_the_level(self, tmp_path: Path) -> None:
        opinion = Opinion(0.99)
        with liveness_desk(tmp_path, passive=[opinion]) as desk:
            opened = desk.open()
            desk.perform(opened)
            result = desk.end(opened)
        assert result.statement.outcome is Outcome.BONA_FIDE
        assert result.assurance is Assurance.ACTIVE
        assert result.readings["passive-made-up-opinion"] is Bearing.CONFIRMS
        assert result.models == ("made-up-detector", "made-up-mesh", "made-up-opinion")

    def test_it_is_asked_about_few_frames_of_a_session(self, tmp_path: Path) -> None:
        opinion = Opinion(0.99)
        with liveness_desk(tmp_path, passive=[opinion]) as desk:
            opened = desk.open()
            frames: list[int] = []
            desk.perform(opened, tell=lambda told: frames.append(told.faces))
        assert 3 <= opinion.asked <= 25
        assert opinion.asked < len(frames) / 3

    @pytest.mark.parametrize("other", [0.99, 0.5, None])
    def test_one_that_takes_it_for_a_picture_is_a_veto(self, tmp_path: Path, other: float | None) -> None:
        opinions = [Opinion(other, "made-up-friend"), Opinion(0.01)]
        with liveness_desk(tmp_path, passive=opinions) as desk:
            opened = desk.open()
            desk.perform(opened)
            result = desk.end(opened)
        assert result.statement.outcome is Outcome.ATTACK_SUSPECTED
        assert result.statement.species == (Species.PRINT,)
        assert result.assurance is Assurance.NONE

    @pytest.mark.parametrize(
        ("live", "may_confirm"),
        [(0.5, True), (None, True), (0.99, False)],
        ids=["unsure", "no room", "unfit"],
    )
    def test_one_that_says_nothing_changes_nothing(
        self,
        tmp_path: Path,
        live: float | None,
        may_confirm: bool,
    ) -> None:
        with liveness_desk(tmp_path, passive=[Opinion(live)], may_confirm=may_confirm) as desk:
            opened = desk.open()
            desk.perform(opened)
            result = desk.end(opened)
        assert result.statement.outcome is Outcome.BONA_FIDE
        assert result.assurance is Assurance.NONE
        assert result.readings["passive-made-up-opinion"] is Bearing.SILENT

    def test_a_clock_that_stands_still_shows_it_one_frame(self, tmp_path: Path) -> None:
        opinion = Opinion(0.99)
        with liveness_desk(tmp_path, passive=[opinion]) as desk:
            opened = desk.open()
            desk.perform(opened, [replace(one, taken=0.0) for one in still(30)])
            assert desk.end(opened).assurance is Assurance.NONE
        assert opinion.asked == 1


def test_what_was_found_is_signed_and_bound(desk: LivenessDesk) -> None:
    opened = desk.open(subject=SubjectId("sub_known"))
    desk.perform(opened)
    result = desk.end(opened)
    stated = check_statement(desk.hotel.store.signer, result.token)
    assert stated == result.statement
    assert stated.binding.subject == opened.subject == "sub_known"
    assert (stated.binding.purpose, stated.binding.device) == (
        desk.hotel.site.purpose,
        desk.hotel.site.desk_device,
    )
    assert stated.binding.permit == opened.permit_id
    assert stated.demo is True


def test_the_frames_that_a_decision_may_take_are_those_before_the_first_prompt(desk: LivenessDesk) -> None:
    opened = desk.open()
    sent: dict[int, bytes] = {}

    def noted(one: Measurement) -> bytes:
        sent[one.number] = spelled(one)
        return sent[one.number]

    shown = performance(desk.steps(), np.random.default_rng(3), rate=RATE)
    desk.perform(opened, shown, spell=noted)
    result = desk.end(opened)
    assert 0 < len(result.frames) <= 5
    assert len(result.frames) == len(result.statement.frames)
    assert all(shown[number].taken < 1.0 for number in result.frames)


def test_who_could_not_be_compared_with_themselves_is_not_bona_fide(tmp_path: Path) -> None:
    """That it was one person has to have been measured: a cue that couldn't is no yes."""
    with liveness_desk(tmp_path) as desk:
        desk.flow._cues = shipped_cues(identity=IdentityContinuity(denied_below=0.3))
        opened = desk.open()
        desk.perform(opened)
        result = desk.end(opened)
    assert result.statement.outcome is Outcome.INCONCLUSIVE
    assert result.readings["identity-continuity"] is Bearing.SILENT
    assert result.advice == (Advice.STAY_IN_VIEW,)


def test_a_still_photograph_is_never_bona_fide(desk: LivenessDesk) -> None:
    opened = desk.open()
    desk.perform(opened, still())
    result = desk.end(opened)
    assert result.statement.outcome is Outcome.INCONCLUSIVE
    assert Advice.REACH_THE_MARK in result.advice
    assert (result.frames, result.statement.frames) == ((), ())


def test_a_sheet_that_is_turned_as_asked_is_suspected_to_be_a_print(desk: LivenessDesk) -> None:
    opened = desk.open()
    desk.perform(opened, spell=lambda one: spelled(one, flat=True))
    result = desk.end(opened)
    assert result.statement.outcome is Outcome.ATTACK_SUSPECTED
    assert result.statement.species == (Species.PRINT,)
    assert result.statement.frames == ()


def test_a_frame_that_comes_twice_is_an_altered_stream(desk: LivenessDesk) -> None:
    opened = desk.open()
    twice = spelled(Measurement(number=12, taken=2.0, arrived=2.0, size=200.0))
    desk.perform(opened, spell=lambda one: twice if one.number in {2, 3} else spelled(one))
    result = desk.end(opened)
    assert result.statement.outcome is Outcome.ATTACK_SUSPECTED
    assert Species.ALTERED_STREAM in result.statement.species


@pytest.mark.parametrize(
    ("faces", "advice"), [(2, Advice.ONE_FACE), (0, Advice.ONE_FACE)], ids=["a second face", "no face"]
)
def test_a_face_too_many_or_too_few_for_a_moment_asks_for_another_attempt(
    desk: LivenessDesk, faces: int, advice: Advice
) -> None:
    opened = desk.open()
    seen: list[int] = []
    desk.perform(
        opened,
        spell=lambda one: spelled(one, faces=faces if one.number == 20 else 1),
        tell=lambda told: seen.append(told.faces),
    )
    assert seen[20] == faces
    result = desk.end(opened)
    assert result.statement.outcome is Outcome.INCONCLUSIVE
    assert advice in result.advice


def test_prompts_come_one_by_one_and_tell_how_far_the_person_is(desk: LivenessDesk) -> None:
    opened = desk.open()
    asked: list[int] = []
    reached: dict[int, list[float]] = {}

    def note(told: object) -> None:
        prompt, reach = told.prompt, told.reach  # type: ignore[attr-defined]
        asked.append(prompt.number)
        if reach is not None:
            reached.setdefault(prompt.number, []).append(reach)

    steps = desk.steps()
    desk.perform(opened, tell=note)
    assert asked == sorted(asked)
    assert set(asked) == {0, 1, 2, 3, 4}
    turns = {i + 1 for i, step in enumerate(steps) if step.task.action.is_turn}
    assert turns <= reached.keys()
    assert all(max(reached[number]) == pytest.approx(1.0, abs=0.15) for number in turns)


def test_the_log_holds_the_outcome_and_no_measurement(desk: LivenessDesk) -> None:
    opened = desk.open()
    desk.perform(opened)
    result = desk.end(opened)
    (entry,) = entries(desk)
    assert set(entry) == {"outcome", "species", "level", "result", "permit", "request", "rule_set"}
    assert entry["outcome"] == "bona fide"
    assert entry["result"] == result.statement.result_id
    assert desk.hotel.logged(result.log) == entry
    assert owed(desk) == set()


def test_frames_and_meshes_are_overwritten(desk: LivenessDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    frames: list[Frame] = []
    sightings: list[Sighting] = []
    look = FaceWatcher.look

    def noted(watcher: FaceWatcher, frame: Frame) -> Sighting:
        frames.append(frame)
        sightings.append(look(watcher, frame))
        return sightings[-1]

    monkeypatch.setattr(FaceWatcher, "look", noted)
    opened = desk.open()
    desk.perform(opened)
    assert not any(frame.pixels.any() for frame in frames)
    meshes = [s.points for s in sightings if s.points is not None]
    assert all(points.any() for points in meshes)
    desk.end(opened)
    assert not any(points.any() for points in meshes)


def test_a_session_is_ended_once(desk: LivenessDesk) -> None:
    opened = desk.open()
    desk.perform(opened)
    desk.end(opened)
    with pytest.raises(ChallengeNotForThis):
        desk.end(opened)
    assert len(entries(desk)) == 1


def test_nobody_else_sends_frames_or_ends(desk: LivenessDesk) -> None:
    opened = desk.open()
    frame = spelled(still(1)[0])
    with pytest.raises(ChallengeNotForThis):
        desk.flow.take(opened.session, frame, number=0, taken=0.0, opened_by="key_other")
    with pytest.raises(ChallengeNotForThis):
        desk.flow.end(opened.session, opened_by="key_other")
    desk.perform(opened)
    assert desk.end(opened).statement.outcome is Outcome.BONA_FIDE


@pytest.mark.parametrize("name", ["", "x", "ß", "A" * 43, "not base64!"])
def test_a_session_that_was_never_opened_is_refused(desk: LivenessDesk, name: str) -> None:
    with pytest.raises(ChallengeNotForThis):
        desk.flow.end(name, opened_by=CLERK)


@pytest.mark.parametrize(
    ("number", "taken"),
    [(-1, 0.0), (0, -0.1), (0, 61.0), (0, float("nan")), (0, float("inf"))],
    ids=["number below 0", "before the opening", "much too late", "no number", "endless"],
)
def test_a_frame_has_a_number_and_a_time(desk: LivenessDesk, number: int, taken: float) -> None:
    opened = desk.open()
    with pytest.raises(FrameMisplaced):
        desk.flow.take(opened.session, b"", number=number, taken=taken, opened_by=CLERK)


def test_bytes_that_are_no_picture_are_refused_and_the_session_goes_on(desk: LivenessDesk) -> None:
    opened = desk.open()
    with pytest.raises(NotAPicture):
        desk.flow.take(opened.session, b"no picture", number=0, taken=0.0, opened_by=CLERK)
    desk.perform(opened)
    assert desk.end(opened).statement.outcome is Outcome.BONA_FIDE


def test_a_session_holds_only_so_many_frames(desk: LivenessDesk) -> None:
    opened = desk.open()
    (run,) = desk.flow._runs.values()
    frame = still(1)[0]
    run.sightings.extend([Sighting(0, None, None, b"")] * MOST_FRAMES)
    with pytest.raises(ChallengeOver):
        desk.flow.take(opened.session, spelled(frame), number=0, taken=0.0, opened_by=CLERK)
    assert len(run.sightings) == MOST_FRAMES


def test_a_session_that_nobody_ended_is_logged_and_owes_nothing(desk: LivenessDesk) -> None:
    opened = desk.open()
    desk.hotel.wait(timedelta(seconds=20))
    assert desk.flow.sweep() == 1
    assert [entry["outcome"] for entry in entries(desk)] == ["abandoned"]
    assert owed(desk) == set()
    with pytest.raises(ChallengeNotForThis):
        desk.end(opened)
    assert desk.flow.sweep() == 0


def test_closing_ends_what_is_open(desk: LivenessDesk) -> None:
    desk.open()
    desk.open(device=desk.hotel.site.desk_device)
    desk.flow.close()
    assert [entry["outcome"] for entry in entries(desk)] == ["abandoned", "abandoned"]


def test_a_new_session_of_the_same_person_ends_the_one_before(desk: LivenessDesk) -> None:
    first = desk.open(subject=SubjectId("sub_known"))
    second = desk.open(subject=SubjectId("sub_known"))
    with pytest.raises(ChallengeNotForThis):
        desk.end(first)
    assert [entry["outcome"] for entry in entries(desk)] == ["abandoned"]
    desk.perform(second)
    assert desk.end(second).statement.outcome is Outcome.BONA_FIDE


def test_who_is_too_many_is_told_when_to_come_back_and_loses_no_attempt(tmp_path: Path) -> None:
    with liveness_desk(tmp_path, capacity=2) as desk:
        desk.open()
        desk.open()
        with pytest.raises(SessionsFull) as refused:
            desk.open(subject=SubjectId("sub_third"))
        assert refused.value.retry_after == 20
        assert "without a face" in (refused.value.remedy or "")
        desk.hotel.wait(timedelta(seconds=20))
        assert desk.open(subject=SubjectId("sub_third")).attempts_left == 49


def test_attempts_run_out_and_the_refusal_is_logged(desk: LivenessDesk) -> None:
    for _ in range(5):
        desk.open(subject=SubjectId("sub_known"))
    with pytest.raises(AttemptsUsedUp) as refused:
        desk.open(subject=SubjectId("sub_known"))
    assert refused.value.retry_after == 30
    assert entries(desk)[-1]["error"] == "liveness-attempts-used-up"
    assert owed(desk) <= {"image_deleted", "raw_deleted", "processing_log"}
    desk.hotel.wait(timedelta(seconds=30))
    assert desk.open(subject=SubjectId("sub_known")).attempts_left < 49
    assert Limit(free=1, cap=1).guess_passes < 1e-3


def test_who_did_not_agree_is_not_looked_at_and_no_attempt_is_counted(desk: LivenessDesk) -> None:
    with pytest.raises(RefusedByRule):
        desk.open(person=replace(AGREED, consents=False), subject=SubjectId("sub_known"))
    assert desk.open(subject=SubjectId("sub_known")).attempts_left == 49


def test_unknown_scenes_places_and_devices_are_refused_before_anything_is_taken_down(
    desk: LivenessDesk,
) -> None:
    place, device, _ = ELSEWHERE
    before = desk.hotel.store.log.size()
    with pytest.raises(UnknownScene):
        desk.open(scene="nowhere")
    with pytest.raises(UnknownPlace):
        desk.open(place=place)
    with pytest.raises(UnknownDevice):
        desk.open(device=device)
    assert desk.hotel.store.log.size() == before


def test_a_consent_that_is_withdrawn_meanwhile_ends_in_nothing(desk: LivenessDesk) -> None:
    opened = desk.open()
    desk.perform(opened)
    desk.hotel.desk.withdraw_consent(subject=opened.subject, purpose=desk.hotel.site.purpose, by="officer")
    with pytest.raises(PermitRevoked):
        desk.end(opened)
    assert entries(desk)[-1]["error"] == "permit-revoked"
    with pytest.raises(ChallengeNotForThis):
        desk.end(opened)


def test_no_frame_is_decoded_after_the_permit(desk: LivenessDesk) -> None:
    opened = desk.open()
    (run,) = desk.flow._runs.values()
    run.frames._not_after = desk.hotel.clock.now() - timedelta(seconds=1)
    with pytest.raises(PermitExpired):
        desk.flow.take(opened.session, b"no picture", number=0, taken=0.0, opened_by=CLERK)


def test_nothing_shows_the_session_or_what_was_measured(desk: LivenessDesk) -> None:
    opened = desk.open()
    desk.perform(opened)
    (run,) = desk.flow._runs.values()
    shown = repr(opened) + repr(run) + repr(run.sightings[3])
    result = desk.end(opened)
    shown += repr(result) + json.dumps(entries(desk))
    assert opened.session not in shown
    assert result.token not in shown
    assert "points=" not in shown
    assert all(frame not in shown for frame in result.statement.frames)


def test_a_name_is_a_nonce_and_back() -> None:
    nonce = bytes(range(32))
    assert nonce_of(handle_of(nonce)) == nonce
    assert "=" not in handle_of(nonce)
    assert issubclass(NotAPicture, PictureRefused)
