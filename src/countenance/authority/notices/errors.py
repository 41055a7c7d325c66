"""What can be wrong with a notice, a sign or a consent's receipt."""

from __future__ import annotations

from countenance.kernel import CallerError, EvidenceError, OperatorError

__all__ = [
    "DocumentAltered",
    "NoticeFileInvalid",
    "NoticeHasGaps",
    "NoticeNotPublished",
    "PrintingNotInstalled",
    "SignNotCurrent",
    "SignTooLong",
]


class DocumentAltered(EvidenceError):
    """A signed document isn't as it was signed."""

    code = "document-altered"
    default_remedy = "Get it again from whoever issued it; rely on nothing in it."


class NoticeFileInvalid(CallerError):
    """The file isn't a notice's draft."""

    code = "notice-file-invalid"
    default_remedy = "Start from what `countenance notice draft` writes."


class NoticeHasGaps(CallerError):
    """A notice lacks what only a person can supply."""

    code = "notice-has-gaps"
    default_remedy = "Write what is missing into the draft, in every language, and publish it again."


class NoticeNotPublished(CallerError):
    """There is no such notice, or none for that place and purpose."""

    code = "notice-not-published"
    default_remedy = "Publish one: `countenance notice draft`, fill it in, `countenance notice publish`."


class SignNotCurrent(EvidenceError):
    """The sign doesn't fit what it is to warn of: another notice, device or kind of processing."""

    code = "sign-not-current"
    default_remedy = "Make the sign again, print it, and post that one."


class SignTooLong(CallerError):
    """What the sign has to say doesn't fit on it."""

    code = "sign-too-long"
    default_remedy = (
        "Shorten these parts of the notice and publish it again; the full text may be on its page."
    )


class PrintingNotInstalled(OperatorError):
    """PDF needs a library that isn't here."""

    code = "printing-not-installed"
    default_remedy = "Install the extra `print` (pip install 'countenance[print]'), or make the sign as SVG."
