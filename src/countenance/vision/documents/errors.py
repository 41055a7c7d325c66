"""What reading a document refuses. No sentence holds anything that was read."""

from __future__ import annotations

from collections.abc import Sequence

from countenance.kernel import SubjectError

__all__ = [
    "CheckDigitWrong",
    "DocumentNotSupported",
    "DocumentWithoutPortrait",
    "MachineReadableZoneUnreadable",
    "NoMachineReadableZone",
]


class NoMachineReadableZone(SubjectError):
    """Neither a machine readable zone nor the number of a resident identity card was found."""

    code = "no-machine-readable-zone"
    default_remedy = (
        "Photograph the side with the lines of letters and < signs, flat, sharp and filling the picture. "
        "A document that has none can't be read here; the clerk reads it."
    )


class MachineReadableZoneUnreadable(SubjectError):
    """There is a machine readable zone, but its lines don't have their length or form."""

    code = "machine-readable-zone-unreadable"
    default_remedy = "Photograph the document again: sharper, flatter, without glare, and closer."


class DocumentNotSupported(SubjectError):
    """The zone is a visa's: it doesn't stand for the document that it is stuck into."""

    code = "document-not-supported"
    default_remedy = "Use a passport, an identity card or a resident card."


class DocumentWithoutPortrait(SubjectError):
    """No face was found on the document."""

    code = "document-without-portrait"
    default_remedy = "Photograph the side with the portrait, without glare on it."


class CheckDigitWrong(SubjectError):
    """A check digit or a form doesn't hold: something was read wrong, or the document is wrong.

    Args:
        fields: which fields, by name; never what they say.
    """

    code = "check-digit-wrong"
    default_remedy = (
        "Photograph the document again, sharper. If it happens again, look at these fields on the document "
        "itself: a printed check digit that is wrong is a reason for doubt."
    )

    def __init__(self, fields: Sequence[str], *, remedy: str | None = None) -> None:
        self.fields = tuple(fields)
        super().__init__(f"A check doesn't hold for: {', '.join(self.fields)}.", remedy=remedy)
