"""Everything that is held about a person, for that person: JSON by a schema, and a page to read.

Rules kept here:

* Whoever exports acts in a role of the table, and the export is logged under the person's own key.
* Records, decisions and log statements are opened. A template is told of as proof that it exists, never
  handed out: who has it could look for the person elsewhere. This version stores none.
* The exact comparison score stays sealed: many of them together would show how to get a false match.
"""

from __future__ import annotations

import html
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from countenance.authority import Act, Author, RoleTable
from countenance.cases.errors import ExportNotWritten
from countenance.cases.requests import REQUEST_PREFIX, request_of
from countenance.cases.sweeping import Sweeper
from countenance.decisions import check_receipt
from countenance.kernel import Clock, CountenanceError, SubjectId, sha256_hex
from countenance.store import DecisionRecord, HeldDecision, HeldRecord, PersonFile, Store, SubjectNotOnFile

__all__ = ["SCHEMA", "SubjectExport", "SubjectExporter", "export_page", "export_sha256", "write_export"]

SCHEMA: Final = "countenance-subject-export/1"
_WITHHELD: Final = (
    "the exact comparison score of a decision: a collection of them shows how to be taken for somebody else",
)


class _Exported(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExportedRecord(_Exported):
    """A record about the person."""

    record: str = Field(description="Its identifier.")
    key: str = Field(description="What it is about, a word of the rules.")
    purpose: str | None = Field(description="For which purpose; none for no one purpose.")
    content: dict[str, Any] = Field(description="What it says.")
    author: str = Field(description="The role that wrote it down.")
    issuer: str = Field(description="Who vouches for it: system, person or outside.")
    recorded_at: datetime = Field(description="When it was filed.")
    valid_from: datetime = Field(description="From when it counts.")
    valid_until: datetime | None = Field(description="Until when; none for no end.")
    withdrawn_at: datetime | None = Field(description="When it was withdrawn.")


class ExportedDecision(_Exported):
    """A decision about the person."""

    decision: str = Field(description="Its identifier.")
    decided_at: datetime = Field(description="When it was made.")
    receipt: str = Field(description="The signed receipt, as it was handed out.")
    sealed: dict[str, Any] | None = Field(
        description="What is kept sealed, the score left out; none where it can't be opened."
    )


class ExportedStatement(_Exported):
    """What the transparency log says about the person."""

    index: int = Field(description="Its place in the log.")
    at: datetime = Field(description="When it was written.")
    kind: str = Field(description="What it is about.")
    entry: dict[str, Any] = Field(description="What it says.")


class ExportedTimer(_Exported):
    """When something has to be gone."""

    item: str = Field(description="The record or decision.")
    due: datetime | None = Field(description="When; none if nothing says.")
    by: tuple[str, ...] = Field(description="What says so: rules, terms, settings.")


class ExportedHold(_Exported):
    """That the person's records are or were held back from erasure."""

    ground: str = Field(description="Why.")
    placed_at: datetime = Field(description="Since when.")
    until: datetime = Field(description="Until when.")
    lifted_at: datetime | None = Field(description="When it was lifted.")


class ExportedRequest(_Exported):
    """What the person asked for as their right."""

    request: str = Field(description="Its identifier.")
    right: str = Field(description="What was asked for.")
    received_at: datetime = Field(description="When it arrived.")
    due: datetime = Field(description="Until when it is answered.")
    answer: str | None = Field(description="How it was answered; none while it is open.")
    answered_at: datetime | None = Field(description="When.")
    said: tuple[str, ...] = Field(description="What was said, by whom it may be, in order.")


class SubjectExport(_Exported):
    """Everything that an installation holds about a person."""

    export_schema: str = Field(description="Which shape this is.")
    deployment: str = Field(description="Which installation.")
    demo: bool = Field(description="Whether it is a demonstration.")
    subject: str = Field(description="The person's pseudonym.")
    exported_at: datetime = Field(description="When.")
    purposes: tuple[str, ...] = Field(description="For which purposes something is held.")
    records: tuple[ExportedRecord, ...] = Field(description="Records about the person.")
    decisions: tuple[ExportedDecision, ...] = Field(description="Decisions about the person.")
    statements: tuple[ExportedStatement, ...] = Field(description="What the log says about the person.")
    timers: tuple[ExportedTimer, ...] = Field(description="When what has to be gone.")
    holds: tuple[ExportedHold, ...] = Field(description="Legal holds.")
    requests: tuple[ExportedRequest, ...] = Field(default=(), description="Requests of the person.")
    templates: tuple[str, ...] = Field(description="Hashes of stored templates; proof that they exist.")
    withheld: tuple[str, ...] = Field(description="What isn't in here, and why.")


class SubjectExporter:
    """Gathers what is held about people.

    Args:
        store: whose records.
        sweeper: says when what has to be gone.
        roles: who may export.
        clock: says what time it is.
    """

    __slots__ = ("_clock", "_roles", "_store", "_sweeper")

    def __init__(self, *, store: Store, sweeper: Sweeper, roles: RoleTable, clock: Clock) -> None:
        self._store = store
        self._sweeper = sweeper
        self._roles = roles
        self._clock = clock

    def export(self, subject: SubjectId, *, author: Author) -> SubjectExport:
        """Return everything that is held about a person; log that it was handed out.

        Args:
            subject: by pseudonym.
            author: who exports.

        Raises:
            RoleMayNot: if the author's role may not.
            SubjectNotOnFile: if nothing is held.
        """
        self._roles.require(author.role, Act.EXPORT_SUBJECT)
        files = self._store.retention.file_of(subject)
        if not files:
            raise SubjectNotOnFile("Nothing is held about a person of this pseudonym.")
        self._store.log.append("subject-exported", {"by": str(author)}, subject=subject)
        return SubjectExport(
            export_schema=SCHEMA,
            deployment=self._store.deployment.deployment_id,
            demo=self._store.deployment.demo,
            subject=subject,
            exported_at=self._clock.now(),
            purposes=tuple(file.purpose for file in files),
            records=self._records(subject),
            decisions=tuple(self._decision(file, one) for file in files for one in file.decisions),
            statements=self._statements(subject),
            timers=self._timers(subject),
            holds=tuple(
                ExportedHold(
                    ground=hold.ground,
                    placed_at=hold.placed_at,
                    until=hold.until,
                    lifted_at=hold.lifted_at,
                )
                for hold in self._store.holds.of(subject)
            ),
            requests=self._requests(subject),
            templates=(),
            withheld=_WITHHELD,
        )

    def _requests(self, subject: SubjectId) -> tuple[ExportedRequest, ...]:
        cases = (one for one in self._store.cases.about(subject) if one.startswith(REQUEST_PREFIX))
        return tuple(
            ExportedRequest(
                request=one.request_id,
                right=one.right.value,
                received_at=one.received_at,
                due=one.due,
                answer=None if one.answer is None else one.answer.value,
                answered_at=one.answered_at,
                said=tuple(step.words for step in one.steps if step.words is not None),
            )
            for one in (request_of(self._store, case) for case in cases)
        )

    def _records(self, subject: SubjectId) -> tuple[ExportedRecord, ...]:
        return tuple(
            ExportedRecord(
                record=record.evidence_id,
                key=record.key,
                purpose=record.scope.purpose,
                content=dict(record.content),
                author=record.author,
                issuer=record.issuer.value,
                recorded_at=record.recorded_at,
                valid_from=record.valid_from,
                valid_until=record.valid_until,
                withdrawn_at=record.withdrawn_at,
            )
            for record in self._store.evidence.about(subject)
        )

    def _decision(self, file: PersonFile, held: HeldDecision) -> ExportedDecision:
        record = self._store.decisions.get(held.decision_id)
        return ExportedDecision(
            decision=record.decision_id,
            decided_at=record.decided_at,
            receipt=record.receipt,
            sealed=self._opened(file, record),
        )

    def _opened(self, file: PersonFile, record: DecisionRecord) -> dict[str, Any] | None:
        try:
            rule_set = check_receipt(self._store.signer, record.receipt).rule_set
            context = {"record": "decision", "decision": record.decision_id, "rule_set": rule_set}
            plain = self._store.vault.open(file.subject, file.purpose, record.sealed, context=context)
        except CountenanceError:
            return None
        opened: dict[str, Any] = json.loads(plain)
        opened.pop("score", None)
        return opened

    def _statements(self, subject: SubjectId) -> tuple[ExportedStatement, ...]:
        entries = (self._store.log.entry(index) for index in self._store.retention.statements_about(subject))
        return tuple(
            ExportedStatement(index=one.index, at=one.at, kind=one.kind, entry=dict(one.entry))
            for one in entries
            if one.at is not None and one.kind is not None and one.entry is not None
        )

    def _timers(self, subject: SubjectId) -> tuple[ExportedTimer, ...]:
        return tuple(
            ExportedTimer(
                item=held.item.evidence_id if isinstance(held.item, HeldRecord) else held.item.decision_id,
                due=held.timer.due,
                by=held.timer.names,
            )
            for held in self._sweeper.timers(subject)
        )


def export_sha256(export: SubjectExport) -> str:
    """Return the SHA-256 of the file that :func:`write_export` writes, 64 hexadecimal digits."""
    return sha256_hex(_json(export).encode())


def _json(export: SubjectExport) -> str:
    return export.model_dump_json(indent=2) + "\n"


def write_export(export: SubjectExport, folder: Path) -> tuple[Path, ...]:
    """Write an export into a new folder (0700): the data, their schema, and a page to read.

    Raises:
        ExportNotWritten: if the folder is there already or can't be made.
    """
    schema = json.dumps(SubjectExport.model_json_schema(), indent=2) + "\n"
    contents = {
        "export.json": _json(export),
        "export.schema.json": schema,
        "export.html": export_page(export),
    }
    try:
        folder.mkdir(mode=0o700)
        for name, text in contents.items():
            with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(text)
    except OSError as error:
        msg = f"The export can't be written ({error.strerror})."
        raise ExportNotWritten(msg) from None
    return tuple(folder / name for name in contents)


def export_page(export: SubjectExport) -> str:
    """Return an export as one HTML page without scripts or links."""
    due = {timer.item: timer for timer in export.timers}
    parts = [
        ("Held for", [(purpose, "") for purpose in export.purposes]),
        ("Records", [(f"{r.key}, {r.recorded_at:%Y-%m-%d %H:%M}, by {r.author}{_gone(due, r.record)}",
                      json.dumps(r.content, ensure_ascii=False, indent=1)) for r in export.records]),
        ("Decisions", [(f"{d.decision}, {d.decided_at:%Y-%m-%d %H:%M}{_gone(due, d.decision)}",
                        json.dumps(d.sealed, ensure_ascii=False, indent=1)) for d in export.decisions]),
        ("In the log", [(f"{s.index}: {s.kind}, {s.at:%Y-%m-%d %H:%M}",
                         json.dumps(s.entry, ensure_ascii=False, indent=1)) for s in export.statements]),
        ("Legal holds", [(f"until {h.until:%Y-%m-%d}", h.ground) for h in export.holds]),
        ("Requests", [(f"{r.right}, {r.received_at:%Y-%m-%d %H:%M}: {r.answer or 'open'}",
                       "\n".join(r.said)) for r in export.requests]),
        ("Templates", [(one, "exists; isn't handed out") for one in export.templates]),
        ("Not in here", [(one, "") for one in export.withheld]),
    ]  # fmt: skip
    body = "".join(
        f"<h2>{html.escape(name)}</h2>"
        + ("".join(f"<p>{html.escape(a)}</p><pre>{html.escape(b)}</pre>" for a, b in rows) or "<p>None.</p>")
        for name, rows in parts
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>What is held about you</title>'
        "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}"
        "pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f4f4f4;padding:.5rem}"
        "pre:empty{display:none}</style>"
        f"<h1>What is held about {html.escape(export.subject)}</h1>"
        f"<p>As of {export.exported_at:%Y-%m-%d %H:%M} UTC. Times are UTC.</p>{body}</html>\n"
    )


def _gone(due: dict[str, ExportedTimer], item: str) -> str:
    timer = due.get(item)
    if timer is None or timer.due is None:
        return ""
    return f"; goes by {timer.due:%Y-%m-%d %H:%M} ({', '.join(timer.by)})"
