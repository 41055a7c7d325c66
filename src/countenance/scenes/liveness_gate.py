"""What stands between a decision that demands liveness and a result of a session that is to show it.

Rules kept here:

* A scene that demands a level gets no decision without a result of that level: signed here, for this person,
  purpose and device, fresh, and with the very frame that is compared.
* A result is used once, over all processes; whether the decision then is a match doesn't matter.
* Attempts of a person start anew after a bona fide presentation that was a match, and not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.kernel import Clock, DeviceId, Material, Signer, SubjectId, sha256_hex
from countenance.liveness import (
    Assurance,
    AttemptLimits,
    LivenessNotShown,
    LivenessStatement,
    check_statement,
)

if TYPE_CHECKING:
    from countenance.scenes.profile import SceneProfile
    from countenance.store import AttemptCount, LivenessAttempts

__all__ = ["LivenessGate"]


class LivenessGate:
    """Checks results of sessions and uses them up.

    Args:
        signer: of this installation.
        counts: of the store; a result that was used is counted there.
        limits: counts attempts.
        clock: the time.
    """

    __slots__ = ("_clock", "_counts", "_limits", "_signer")

    def __init__(
        self, *, signer: Signer, counts: LivenessAttempts, limits: AttemptLimits, clock: Clock
    ) -> None:
        self._signer = signer
        self._counts = counts
        self._limits = limits
        self._clock = clock

    def check(
        self, token: str | None, *, profile: SceneProfile, device: DeviceId, live: bytes
    ) -> LivenessStatement:
        """Return the result that a decision may rest on. Nothing is used up.

        Args:
            token: the signed result; ``None`` if none was sent.
            profile: the scene; its level and purpose.
            device: which device took the live photograph.
            live: the encoded live photograph.

        Raises:
            LivenessNotShown: if there is none, or it is for something else, too old or of too low a level.
            LivenessStatementRefused: if it wasn't signed here.
        """
        if token is None:
            raise LivenessNotShown("no result of a session was sent")
        stated = check_statement(self._signer, token)
        stated.require(
            subject=stated.binding.subject,
            purpose=profile.purpose,
            device=device,
            live=Material(sha256_hex(live)),
            level=Assurance(profile.liveness),
            now=self._clock.now(),
        )
        return stated

    def spend(self, stated: LivenessStatement) -> None:
        """Use a result up.

        Raises:
            LivenessNotShown: if it was used before.
            RecordTampered: if the count isn't as this deployment wrote it.
        """

        def once(counts: tuple[AttemptCount, ...]) -> tuple[bool, bool]:
            unused = counts[0].attempts == 0
            return unused, unused

        names = (f"result:{stated.result_id}",)
        if not self._counts.attempt(names, at=self._clock.now(), decide=once):
            raise LivenessNotShown("its result was used before")

    def matched(self, subject: SubjectId) -> None:
        """Start a person's attempts anew: the presentation was bona fide and a match."""
        self._limits.succeeded(subject)
