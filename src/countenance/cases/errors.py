"""What goes wrong with people's rights and with retention, by name."""

from __future__ import annotations

from countenance.kernel import CallerError, EvidenceError, OperatorError

__all__ = [
    "CertificateRefused",
    "ClockJumped",
    "ExportNotWritten",
    "HeldFromErasure",
    "HoldNotPossible",
    "IncidentNotPossible",
    "NoticesOwed",
    "RequestNotPossible",
]


class HeldFromErasure(EvidenceError):
    """A legal hold keeps the person's records from being erased."""

    code = "held-from-erasure"
    default_remedy = "Wait for the hold's end, or let an officer lift it with `countenance hold lift`."


class HoldNotPossible(CallerError):
    """A hold without a ground, or without an end that lies ahead."""

    code = "hold-not-possible"
    default_remedy = "State the ground in words, and an end within ten years."


class ClockJumped(OperatorError):
    """The clock is much later than at the last sweep; nothing was deleted."""

    code = "clock-jumped"
    default_remedy = (
        "Look at the machine's date. If it is right, say so once: "
        "`countenance sweep --confirm-date YYYY-MM-DD` with today's date."
    )


class CertificateRefused(EvidenceError):
    """The file isn't a deletion certificate as an installation signed it, or its log proof doesn't hold."""

    code = "certificate-refused"
    default_remedy = "Use the file as it was issued, and the public key of the installation that issued it."


class ExportNotWritten(CallerError):
    """The export can't be written where it was asked for."""

    code = "export-not-written"
    default_remedy = "Name a folder that isn't there yet, in a folder that you may write to."


class IncidentNotPossible(CallerError):
    """What is said of an incident can't be: nothing, out of order, of a closed one, or owed to nobody."""

    code = "incident-not-possible"
    default_remedy = "Look at it with `countenance incident list --all`, and say in words what was done when."


class NoticesOwed(EvidenceError):
    """An incident of which somebody has yet to be told isn't closed."""

    code = "notices-owed"
    default_remedy = (
        "Write down whom you told with `countenance incident notify`, or with --not-needed why they "
        "needn't be."
    )


class RequestNotPossible(CallerError):
    """What is said of a person's request can't be: nothing, out of order, of an answered one."""

    code = "request-not-possible"
    default_remedy = "Look at it with `countenance request list --all`, and say in words what is answered."
