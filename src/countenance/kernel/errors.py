"""One base error, and four families by who has to act.

::

    CountenanceError
    ├── OperatorError    whoever runs the installation: settings, keys, models, disk
    ├── CallerError      whoever sent the request: a bad picture, a wrong parameter
    ├── SubjectError     the person in front of the camera: no face, two faces, too dark
    └── EvidenceError    the officer: a rule said no, or a permit didn't open the door

Every concrete error has a stable ``code`` (documented in ``docs/reference/errors.md``; a test checks
that), a message that says what happened and a remedy that says what to do. No error text holds a
secret, a name, a file name of a caller's or anything measured from a face.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

__all__ = [
    "CallerError",
    "CountenanceError",
    "EvidenceError",
    "Family",
    "OperatorError",
    "SubjectError",
]


class Family(StrEnum):
    """Who has to act so that the error goes away."""

    OPERATOR = "operator"
    CALLER = "caller"
    SUBJECT = "subject"
    EVIDENCE = "evidence"


class CountenanceError(Exception):
    """Base of every error that this package raises on purpose.

    Args:
        message: what happened, in one sentence for the reader.
        remedy: what to do about it; the class's ``default_remedy`` if left out.
        retry_after: seconds after which the same request may well succeed; ``None`` if waiting is no help.
    """

    code: ClassVar[str] = "countenance"
    family: ClassVar[Family] = Family.OPERATOR
    default_remedy: ClassVar[str] = "See the documentation of this error code."

    def __init__(self, message: str, *, remedy: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.message = message
        self.remedy = remedy if remedy is not None else self.default_remedy

    def diagnostics(self) -> str:
        """Return what happened and what to do, as two lines of plain words."""
        return f"{self.message}\n{self.remedy}"


class OperatorError(CountenanceError):
    """Whoever runs the installation has to act."""

    code = "operator"
    family = Family.OPERATOR


class CallerError(CountenanceError):
    """Whoever sent the request has to send a better one."""

    code = "caller"
    family = Family.CALLER


class SubjectError(CountenanceError):
    """The photograph can't be used; the person concerned can give a better one."""

    code = "subject"
    family = Family.SUBJECT


class EvidenceError(CountenanceError):
    """A rule said no, or evidence is missing; the officer has to supply it, or nobody can."""

    code = "evidence"
    family = Family.EVIDENCE
