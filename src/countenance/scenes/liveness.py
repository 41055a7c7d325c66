"""A liveness session: a permit, prompts one by one, frames that are looked at and overwritten, one result.

Rules kept here:

* Room is asked for before anything is written down, the rules before an attempt is counted, and the attempt
  is counted before a challenge is drawn.
* A frame is decoded under the permit, looked at and overwritten. A mesh and a digest of it stay, in memory,
  until the session ends.
* Whoever opened a session sends its frames and ends it; nobody else does.
* The log's entry is written however a session ends, also one that nobody ended. It holds the outcome and
  no measurement.
* The way without a face is in every answer.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from countenance.kernel import CallerError, Clock, CountenanceError, Door, SubjectId, new_id
from countenance.liveness import (
    AttemptLimits,
    Binding,
    ChallengeNotForThis,
    ChallengeSessions,
    Cue,
    FaceWatcher,
    Finding,
    LivenessDoor,
    LivenessStatement,
    Outcome,
    Prompt,
    measured,
    sign_statement,
    take_of,
)
from countenance.liveness.evidence import (
    Evidence,
    FrozenFrames,
    IdentityContinuity,
    NoseRelief,
    OneFace,
    PassiveVerdict,
    Reading,
    RidingRectangle,
    weigh,
)
from countenance.scenes.errors import UnknownScene
from countenance.scenes.liveness_errand import LivenessErrands
from countenance.scenes.liveness_values import (
    LivenessOpened,
    LivenessOrder,
    LivenessProgress,
    LivenessResult,
    LivenessRun,
    handle_of,
    nonce_of,
)

if TYPE_CHECKING:
    from countenance.authority import AuthorityDesk
    from countenance.capture import SentFrameDoor
    from countenance.scenes.profile import SceneProfile
    from countenance.store import Store
    from countenance.vision import SelfLikenessDoor

__all__ = ["LivenessFlow", "shipped_cues"]

_DEMANDED: Final = frozenset({Cue.RELIEF})
"""What is confirmed besides the challenge before anything is called bona fide."""


class FrameMisplaced(CallerError):
    """A frame's number or time isn't one that a frame of a session can have."""

    code = "frame-misplaced"
    default_remedy = "Count the frames from 0, and send the seconds since the session was opened."


def shipped_cues(
    passive: Sequence[PassiveVerdict] = (), *, identity: IdentityContinuity | None = None
) -> tuple[Evidence, ...]:
    """Return the cues of a session.

    Args:
        identity: whether the face stays the same; ``None`` where sessions don't compare it.
        passive: of the passive networks that look, if any; the others take nothing but the networks of faces
            and meshes.
    """
    one = () if identity is None else (identity,)
    return (NoseRelief(), FrozenFrames(), OneFace(), RidingRectangle(), *one, *passive)


class LivenessFlow:
    """Opens sessions, takes their frames and says what came of them. Safe from several threads.

    Args:
        profiles: the scenes that sessions are opened for, by id.
        authority: takes down what the person said, asks the rules and gives the permit.
        frame_door: decodes frames under it.
        liveness_door: lets a stream be looked at under it.
        likeness_door: lets a session's face be compared with itself; ``None``: it isn't.
        watcher: looks at a frame.
        sessions: the challenges that are open.
        limits: counts attempts.
        cues: what is read besides the challenge.
        store: signs the result and takes the log's entry.
        clock: the server's.
    """

    BUDGET: ClassVar[Mapping[Door, int]] = {Door.CAPTURE: 1, Door.ANALYSE: 3}
    """How often each door may be passed. The doors that make or compare templates stay shut."""

    def __init__(
        self,
        *,
        profiles: Mapping[str, SceneProfile],
        authority: AuthorityDesk,
        frame_door: SentFrameDoor,
        liveness_door: LivenessDoor,
        watcher: FaceWatcher,
        sessions: ChallengeSessions,
        limits: AttemptLimits,
        cues: Sequence[Evidence],
        store: Store,
        clock: Clock,
        likeness_door: SelfLikenessDoor | None = None,
    ) -> None:
        self._profiles = profiles
        self._errands = LivenessErrands(authority=authority, store=store, budget=self.BUDGET)
        self._frame_door = frame_door
        self._liveness_door = liveness_door
        self._likeness_door = likeness_door
        self._watcher = watcher
        self._sessions = sessions
        self._limits = limits
        self._cues = tuple(cues)
        self._store = store
        self._clock = clock
        self._runs: dict[bytes, LivenessRun] = {}
        self._lock = threading.Lock()

    @property
    def model_ids(self) -> tuple[str, ...]:
        """The networks that look, in order; last what compares a session's face with itself."""
        door = self._likeness_door
        return self._watcher.model_ids if door is None else (*self._watcher.model_ids, door.model_id)

    def open(self, order: LivenessOrder) -> LivenessOpened:
        """Take down what the person said, get a permit, count the attempt, open a challenge.

        Raises:
            UnknownScene: if there is no such scene.
            SessionsFull: if all sessions are taken; nothing is taken down then.
            UnknownPlace: if the place isn't registered; likewise.
            UnknownDevice: if the device isn't; likewise.
            RefusedByRule: if the rules say no, a missing consent included.
            DutyOverdue: if an earlier permit's duty at this place is overdue.
            AttemptsUsedUp: if this person or device has tried too often.
        """
        self.sweep()
        profile = self._profiles.get(order.scene)
        if profile is None:
            raise UnknownScene("There is no scene of this name.")
        self._sessions.require_room()
        subject = order.subject or SubjectId(new_id("sub"))
        errand = self._errands.begin(order, profile=profile, subject=subject)
        try:
            stands = self._limits.attempt(subject, order.device)
            self._liveness_door.enter(permit=errand.granted.token, request=errand.request)
            frames = self._frame_door.open(
                errand.session, permit=errand.granted.token, request=errand.request
            )
            likeness = None
            if self._likeness_door is not None:
                likeness = self._likeness_door.enter(permit=errand.granted.token, request=errand.request)
            binding = Binding(subject, profile.purpose, order.device, errand.granted.claims.permit_id)
            nonce = self._sessions.open(binding)
        except CountenanceError as error:
            self._errands.close(errand, {"outcome": "failed", "error": error.code})
            raise
        run = LivenessRun(nonce, binding, errand, frames, order.opened_by, self._clock.now(), profile)
        run.likeness = likeness
        with self._lock:
            ended = [one for one in self._runs.values() if one.replaced_by(run)]
            for one in ended:
                del self._runs[one.nonce]
            self._runs[nonce] = run
        for one in ended:
            self._abandon(one)
        return LivenessOpened(
            session=handle_of(nonce),
            subject=subject,
            prompt=self._sessions.prompt(nonce, binding),
            attempts_left=stands.left - 1,
            alternative=profile.alternative,
            permit_id=binding.permit,
        )

    def take(
        self, session: str, frame: bytes, *, number: int, taken: float, opened_by: str
    ) -> LivenessProgress:
        """Look at one frame; return what the person may be told next.

        Args:
            session: as it was given out.
            frame: the encoded picture.
            number: its place in the stream, counted by the device from 0.
            taken: seconds since the session was opened, by the device's clock.
            opened_by: who sends it.

        Raises:
            ChallengeNotForThis: if no such session is open, or somebody else opened it.
            ChallengeOver: if its time is over.
            FrameMisplaced: if number or time are none.
            PictureRefused: if it isn't a picture within the limits; the session goes on.
            PermitExpired: if the permit's time is over.
        """
        run = self._run(session, opened_by)
        if not (number >= 0 and 0.0 <= taken <= _LATEST):
            raise FrameMisplaced("The frame's number or time isn't one of a session.")
        with run.lock:
            run.require_going_on()
            decoded = run.frames.take(frame)
            try:
                sighting = self._watcher.look(decoded)
                if run.due_for_passive(sighting, taken):
                    sighting = self._watcher.ask(decoded, sighting)
                else:
                    # Never both of one frame: each costs as much as looking does.
                    sighting = run.compared(decoded, sighting, taken)
            finally:
                decoded.wipe()
            measurement = measured(sighting, number=number, taken=taken)
            prompt = self._sessions.observe(run.nonce, run.binding, measurement)
            run.note(sighting, measurement, decoded.material)
            return LivenessProgress(
                prompt=prompt,
                faces=sighting.faces,
                reach=run.reach(prompt, measurement),
                ended=_is_over(prompt),
            )

    def end(self, session: str, *, opened_by: str) -> LivenessResult:
        """Have the answer judged, sign what was found and forget everything that was measured.

        Raises:
            ChallengeNotForThis: if no such session is open, it was ended before, or somebody else opened it.
            ChallengeOver: if its time is over.
            PermitRefused: if what the permit rests on has ended meanwhile, such as the consent.
        """
        run = self._run(session, opened_by)
        with run.lock:
            with self._lock:
                if self._runs.pop(run.nonce, None) is None:
                    raise ChallengeNotForThis
            try:
                finding, readings = self._find(run)
            except CountenanceError as error:
                self._errands.close(run.errand, {"outcome": "failed", "error": error.code})
                raise
            finally:
                frames = run.frontal
                run.wipe()
            return self._result(run, finding, readings, frames)

    def sweep(self) -> int:
        """End the sessions whose time is over and that nobody ended; return how many there were."""
        now = self._clock.now()
        with self._lock:
            over = [run for run in self._runs.values() if run.until <= now]
            for run in over:
                del self._runs[run.nonce]
        for run in over:
            self._abandon(run)
        return len(over)

    def close(self) -> None:
        """End every session."""
        with self._lock:
            left = list(self._runs.values())
            self._runs.clear()
        for run in left:
            self._abandon(run)

    def _run(self, session: str, opened_by: str) -> LivenessRun:
        self.sweep()
        with self._lock:
            run = self._runs.get(nonce_of(session))
        if run is None or run.opened_by != opened_by:
            raise ChallengeNotForThis
        return run

    def _find(self, run: LivenessRun) -> tuple[Finding, dict[str, Reading]]:
        finding = self._sessions.finish(run.nonce, run.binding)
        self._liveness_door.enter(permit=run.errand.granted.token, request=run.errand.request)
        take = take_of(run.sightings, taken=run.taken)
        try:
            readings = {cue.name: cue.read(take) for cue in self._cues}
        finally:
            take.points[...] = 0
        found = weigh(finding, tuple(readings.values()), demanded=_DEMANDED)
        return _one_person(found, readings), readings

    def _result(
        self, run: LivenessRun, finding: Finding, readings: Mapping[str, Reading], frames: tuple[int, ...]
    ) -> LivenessResult:
        statement = LivenessStatement.of(
            finding,
            result_id=run.errand.session,
            binding=run.binding,
            found_at=self._clock.now(),
            frames=tuple(run.materials[number] for number in frames),
            demo=run.errand.granted.claims.demo,
        )
        log = self._errands.close(
            run.errand,
            {
                "outcome": finding.outcome.value,
                "species": [species.value for species in finding.species],
                "level": int(finding.assurance),
                "result": statement.result_id,
            },
        )
        kept = statement.frames != ()
        return LivenessResult(
            statement=statement,
            token=sign_statement(self._store.signer, statement),
            advice=finding.advice,
            readings={name: reading.bearing for name, reading in readings.items()},
            frames=tuple(run.numbers[index] for index in frames) if kept else (),
            models=self.model_ids,
            alternative=run.profile.alternative,
            log=log,
        )

    def _abandon(self, run: LivenessRun) -> None:
        with run.lock:
            run.wipe()
        self._errands.close(run.errand, {"outcome": "abandoned"})


def _one_person(found: Finding, readings: Mapping[str, Reading]) -> Finding:
    """Return what was found, unless nobody can say that it was one person from beginning to end."""
    identity = readings.get(_IDENTITY)
    if found.outcome is not Outcome.BONA_FIDE or identity is None or identity.advice is None:
        return found
    return Finding(Outcome.INCONCLUSIVE, advice=(identity.advice,))


_IDENTITY: Final = "identity-continuity"
_LATEST: Final = 60.0
"""Seconds: a session lasts twenty, and a device's clock that says more than this isn't one."""

_STEPS: Final = 4


def _is_over(prompt: Prompt) -> bool:
    return prompt.number == _STEPS and prompt.task is None
