"""The wiring of liveness sessions over an open store.

Rules kept here:

* Challenges are drawn by the operating system's randomness.
* One process holds a session from its opening to its end; attempts are counted in the store, over all
  processes.
* Whoever opens a session attends; nothing that leaves this module holds a store or a network.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from random import SystemRandom
from typing import Final

from countenance.authority import Act, Author, AuthorityDesk, RoleTable, shipped_roles
from countenance.capture import CaptureLimits, SentFrameDoor
from countenance.kernel import Clock
from countenance.liveness import (
    SUBJECT,
    SUBJECT_WITH_PASSIVE,
    AttemptLimits,
    ChallengeSessions,
    Chance,
    FaceWatcher,
    Limit,
    LivenessDoor,
)
from countenance.liveness.evidence import IdentityContinuity, PassiveVerdict
from countenance.runtime.error_tables import error_table_in_use
from countenance.runtime.networks import choose_networks, load_detector, load_embedder, load_mesh
from countenance.runtime.passive_networks import load_passive, passive_verdicts
from countenance.runtime.settings import Settings
from countenance.scenes import shipped_profiles
from countenance.scenes.liveness import LivenessFlow, shipped_cues
from countenance.scenes.liveness_gate import LivenessGate
from countenance.scenes.liveness_values import (
    LivenessOpened,
    LivenessOrder,
    LivenessProgress,
    LivenessResult,
)
from countenance.store import Store
from countenance.vision import SelfLikenessDoor
from countenance.vision.embedding import Embedder
from countenance.vision.registry import ModelStore

__all__ = [
    "FRAME_BYTES",
    "SAME_FACE_FMR",
    "LivenessRoom",
    "attempts_of",
    "face_watcher",
    "frame_limits",
    "liveness_gate",
    "liveness_room",
]

FRAME_BYTES: Final = 512 * 1024
"""Bytes of one frame: a JPEG of 640 by 480 has about 60 kB."""

SAME_FACE_FMR: Final = 1e-3
"""Somebody else's face passes for the session's own as often as two strangers match at this false match rate
of the error table in use. Stricter, and who moves from light to shade would be suspected."""

_FRAME_PIXELS: Final = 1280 * 960
_NONCE_BYTES: Final = 32


class LivenessRoom:
    """Opens sessions, takes their frames, ends them.

    Args:
        flow: does so under permits.
        roles: who may.
    """

    __slots__ = ("_flow", "_roles")

    def __init__(self, *, flow: LivenessFlow, roles: RoleTable) -> None:
        self._flow = flow
        self._roles = roles

    def open(self, order: LivenessOrder, *, author: Author) -> LivenessOpened:
        """Open a session; see :meth:`~countenance.scenes.liveness.LivenessFlow.open`.

        Raises:
            RoleMayNot: if the role doesn't attend.
        """
        self._roles.require(author.role, Act.CARRY_OUT_SCENE)
        return self._flow.open(order)

    def take(
        self, session: str, frame: bytes, *, number: int, taken: float, opened_by: str
    ) -> LivenessProgress:
        """Look at one frame; see :meth:`~countenance.scenes.liveness.LivenessFlow.take`."""
        return self._flow.take(session, frame, number=number, taken=taken, opened_by=opened_by)

    def end(self, session: str, *, opened_by: str) -> LivenessResult:
        """Have the answer judged; see :meth:`~countenance.scenes.liveness.LivenessFlow.end`."""
        return self._flow.end(session, opened_by=opened_by)

    def close(self) -> None:
        """End every session."""
        self._flow.close()


def frame_limits() -> CaptureLimits:
    """Return how large a frame of a session may be."""
    return CaptureLimits(largest_bytes=FRAME_BYTES, largest_pixels=_FRAME_PIXELS)


def liveness_room(
    settings: Settings,
    *,
    store: Store,
    authority: AuthorityDesk,
    clock: Clock,
    watcher: FaceWatcher | None = None,
    chance: Chance | None = None,
    limits: AttemptLimits | None = None,
    embedder: Embedder | None = None,
) -> LivenessRoom:
    """Put liveness sessions together.

    Args:
        settings: what the installation was told.
        store: signs results, counts attempts, takes the log's entries.
        authority: asks the rules.
        clock: its time.
        watcher: looks at frames; one over the settings' networks if left out.
        chance: where challenges come from; the operating system if left out.
        limits: counts attempts; with the house's own limits if left out.
        embedder: compares a session's face with itself; that of the settings if left out, and none where a
            watcher of the caller's own looks.

    Raises:
        ModelMissing: if weights aren't here.
    """
    verifier = authority.verifier
    models = ModelStore(folder=settings.models_folder)
    networks = choose_networks(settings, models.manifest)
    if embedder is None and watcher is None:
        embedder = load_embedder(networks, models, threads=settings.threads)
    verdicts = passive_verdicts(settings, models.manifest)
    identity = None
    if embedder is not None:
        table = error_table_in_use(networks, store).table
        identity = IdentityContinuity(denied_below=table.threshold(SAME_FACE_FMR).value)
    flow = LivenessFlow(
        profiles=shipped_profiles(),
        authority=authority,
        frame_door=SentFrameDoor(verifier=verifier, limits=frame_limits(), clock=clock),
        liveness_door=LivenessDoor(verifier=verifier),
        watcher=watcher or face_watcher(settings),
        sessions=ChallengeSessions(
            clock=clock,
            chance=chance or SystemRandom(),
            nonce=lambda: secrets.token_bytes(_NONCE_BYTES),
            capacity=settings.liveness_sessions,
        ),
        limits=limits
        or AttemptLimits(counts=store.liveness_attempts, clock=clock, subject=attempts_of(verdicts)),
        cues=shipped_cues(verdicts, identity=identity),
        store=store,
        clock=clock,
        likeness_door=None if embedder is None else SelfLikenessDoor(embedder=embedder, verifier=verifier),
    )
    return LivenessRoom(flow=flow, roles=shipped_roles())


def attempts_of(verdicts: Sequence[PassiveVerdict]) -> Limit:
    """Return how often a person may try: more often where each attempt has to convince a passive network too.

    A network that only denies doesn't count: it was measured on too little to make guessing harder.

    Args:
        verdicts: of the passive networks that look.
    """
    return SUBJECT_WITH_PASSIVE if any(verdict.may_confirm for verdict in verdicts) else SUBJECT


def liveness_gate(*, store: Store, clock: Clock) -> LivenessGate:
    """Put together what decisions that demand liveness ask."""
    counts = store.liveness_attempts
    limits = AttemptLimits(counts=counts, clock=clock)
    return LivenessGate(signer=store.signer, counts=counts, limits=limits, clock=clock)


def face_watcher(settings: Settings) -> FaceWatcher:
    """Load what looks at the frames of a session.

    Raises:
        ModelMissing: if weights aren't here.
        ModelHashWrong: if they aren't the pinned bytes.
        ModelNotForThis: if a passive network is one that this version can't speak to.
    """
    models = ModelStore(folder=settings.models_folder)
    networks = choose_networks(settings, models.manifest)
    return FaceWatcher(
        detector=load_detector(networks, models, threads=settings.threads),
        mesh=load_mesh(networks, models, threads=settings.threads),
        passive=load_passive(settings, models),
    )
