"""What people ask for as their right, and how it stands. Read from its steps; written by the desk.

Rules kept here:

* Until when it is answered is fixed when it arrives; extending is a step of its own.
* What the person said is sealed under their key and goes when they are erased. That it was asked, when, and
  how it was answered stays, without the person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from countenance.cases.clocks import Right
from countenance.kernel import CaseId, SubjectId
from countenance.store import RecordUnknown, Store

__all__ = [
    "ANSWERED",
    "EXTENDED",
    "OPENED",
    "REQUEST_PREFIX",
    "AnswerKind",
    "RequestStep",
    "RightsRequest",
    "open_requests",
    "request_of",
]

REQUEST_PREFIX: Final = "req_"
OPENED: Final = "opened"
EXTENDED: Final = "extended"
ANSWERED: Final = "answered"


class AnswerKind(StrEnum):
    """How a request was answered."""

    GRANTED = "granted"
    REFUSED = "refused"
    EXPORTED = "exported"
    ERASED = "erased"
    ERASED_BEFORE = "erased-before"


@dataclass(frozen=True, slots=True)
class RequestStep:
    """What was done about a request, and when.

    Attributes:
        kind: ``opened``, ``extended`` or ``answered``.
        at: when, UTC.
        author: the role and key.
        words: what was said; ``None`` if nothing, or if the person was erased.
    """

    kind: str
    at: datetime
    author: str
    words: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RightsRequest:
    """A request as it stands.

    Attributes:
        request_id: its identifier.
        right: what is asked for.
        subject: who asks, by pseudonym; ``None`` once the person was erased.
        received_at: when it arrived, UTC.
        due: until when it is answered, UTC, as extended.
        rules: whose clocks apply; ``house`` for the house's own.
        extendable_to: until when it could be extended; ``None`` if it can't be, or was.
        steps: what was done, the first in front.
        answer: how it was answered; ``None`` while it is open.
        export_sha256: of the export that answered it, 64 hexadecimal digits.
        certificate: the deletion certificate that answered it.
        certificate_sha256: of the certificate's canonical JSON, 64 hexadecimal digits.
    """

    request_id: CaseId
    right: Right
    subject: SubjectId | None
    received_at: datetime
    due: datetime
    rules: tuple[str, ...]
    extendable_to: datetime | None
    steps: tuple[RequestStep, ...]
    answer: AnswerKind | None = None
    export_sha256: str | None = None
    certificate: str | None = None
    certificate_sha256: str | None = None

    @property
    def answered_at(self) -> datetime | None:
        """When it was answered, UTC; ``None`` while it is open."""
        return None if self.answer is None else self.steps[-1].at

    def overdue_at(self, moment: datetime) -> bool:
        """Return whether it is open and its time is over."""
        return self.answer is None and self.due < moment


def open_requests(store: Store) -> tuple[RightsRequest, ...]:
    """Return the requests that nobody has answered yet, the one due first in front; for figures and clocks.

    Raises:
        RecordTampered: if a row isn't as this deployment wrote it.
    """
    found = [request_of(store, one) for one in store.cases.all_ids(REQUEST_PREFIX, without=ANSWERED)]
    return tuple(sorted(found, key=lambda one: (one.due, one.request_id)))


def request_of(store: Store, request_id: CaseId) -> RightsRequest:
    """Return a request.

    Raises:
        RecordUnknown: if there is none with this identifier.
        RecordTampered: if a row isn't as this deployment wrote it.
    """
    if not request_id.startswith(REQUEST_PREFIX):
        raise RecordUnknown("There is no request with this identifier.")
    steps = store.cases.of(request_id)
    first: Mapping[str, Any] = steps[0].body
    extended: Mapping[str, Any] = next((step.body for step in steps if step.kind == EXTENDED), {})
    answered: Mapping[str, Any] = next((step.body for step in steps if step.kind == ANSWERED), {})
    later = None if extended else first["extendable_to"]
    return RightsRequest(
        request_id=request_id,
        right=Right(first["right"]),
        subject=steps[0].subject,
        received_at=datetime.fromisoformat(first["received_at"]),
        due=datetime.fromisoformat(extended.get("due", first["due"])),
        rules=tuple(first["rules"]),
        extendable_to=None if later is None else datetime.fromisoformat(later),
        steps=tuple(RequestStep(step.kind, step.at, step.author, step.words) for step in steps),
        answer=None if not answered else AnswerKind(answered["answer"]),
        export_sha256=answered.get("export_sha256"),
        certificate=answered.get("certificate"),
        certificate_sha256=answered.get("certificate_sha256"),
    )
