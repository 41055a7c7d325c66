"""What a scene says when it can't be carried out."""

from __future__ import annotations

from countenance.kernel import CallerError, OperatorError

__all__ = ["ClipWithoutTimes", "GuestStatementInvalid", "SceneInvalid", "UnknownScene"]


class SceneInvalid(OperatorError):
    """A scene profile doesn't have the form that this version reads."""

    code = "scene-invalid"
    default_remedy = "Correct the profile; the message names the member that is wrong."


class UnknownScene(CallerError):
    """There is no scene of that name."""

    code = "unknown-scene"
    default_remedy = "Use the id of a scene that this installation carries out."


class GuestStatementInvalid(CallerError):
    """What the guest said isn't stated completely."""

    code = "guest-statement-invalid"
    default_remedy = "State the age band, the language of the notice and who wrote the statement down."


class ClipWithoutTimes(CallerError):
    """What was given isn't a clip: it has no times, so that nothing can be said of how a face moves."""

    code = "clip-without-times"
    default_remedy = "Give a video or a declared camera."
