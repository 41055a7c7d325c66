"""Why an answer to a challenge isn't judged at all."""

from __future__ import annotations

from typing import ClassVar

from countenance.kernel import CallerError, OperatorError, SubjectError

__all__ = [
    "AttemptsUsedUp",
    "ChallengeNotForThis",
    "ChallengeOver",
    "ChallengeSpent",
    "LivenessNotShown",
    "NotShownToBeAPerson",
    "SessionsFull",
]


class _ChallengeRefused(CallerError):
    """An answer to a challenge isn't judged."""

    code = "challenge-refused"
    default_remedy = "Open a new challenge and answer that one. There is a way without a face as well."
    words: ClassVar[str] = "The answer to a challenge isn't judged."

    def __init__(self) -> None:
        super().__init__(self.words)


class ChallengeSpent(_ChallengeRefused):
    """A challenge is answered once."""

    code = "challenge-spent"
    words = "This challenge was answered before."


class ChallengeOver(_ChallengeRefused):
    """A challenge is answered within twenty seconds."""

    code = "challenge-over"
    words = "The time of this challenge is over."


class ChallengeNotForThis(_ChallengeRefused):
    """A challenge is answered for the person, purpose, device and permit that it was opened for."""

    code = "challenge-not-for-this"
    words = "This challenge was opened for another person, purpose, device or permit, or not at all."


class SessionsFull(OperatorError):
    """Every liveness session that there is room for is taken."""

    code = "liveness-sessions-full"
    default_remedy = "Come back after the seconds that are named. There is a way without a face as well."

    def __init__(self, *, retry_after: int) -> None:
        super().__init__("Every liveness session is taken.", retry_after=retry_after)


class AttemptsUsedUp(SubjectError):
    """Too many attempts at liveness failed, for this person or on this device."""

    code = "liveness-attempts-used-up"
    default_remedy = "Wait as long as is named, or use the way without a face. If no time is, ask the staff."

    def __init__(self, *, retry_after: int | None) -> None:
        super().__init__("No attempt at liveness may be opened now.", retry_after=retry_after)


class LivenessNotShown(SubjectError):
    """A decision demands that liveness was shown, and it wasn't, or not for this decision."""

    code = "liveness-not-shown"
    default_remedy = (
        "Go through a liveness session for this purpose on this device, and send its result with one of the "
        "frames that it names; or use the way without a face."
    )

    def __init__(self, why: str) -> None:
        super().__init__(f"The purpose demands that liveness was shown: {why}.")


class NotShownToBeAPerson(SubjectError):
    """Where posters hang and buses pass, no face is acted upon until a person is shown to be there."""

    code = "not-shown-to-be-a-person"
    default_remedy = (
        "Send a clip of at least two seconds in which the person speaks to the camera; or use the way "
        "without a face."
    )

    def __init__(self, why: str) -> None:
        super().__init__(f"Nobody was shown to be there. {why}")
