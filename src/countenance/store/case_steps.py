"""Cases, step by step: incidents and people's requests. What was done stays; nothing is written over.

Rules kept here:

* A step is added, never changed. Each has the next number of its case.
* A step names nobody. What it says of a person is sealed under the person's data key and lies apart, with
  the pseudonym; both go when the person is erased, and the steps stay as proof of what was done when.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from countenance.kernel import CaseId, SubjectId, canonical_json, require_utc
from countenance.kernel.canonical import JsonValue
from countenance.store._models import CaseStepRow, CaseWordsRow
from countenance.store.database import Database
from countenance.store.errors import RecordUnknown
from countenance.store.integrity import RowMac
from countenance.store.vault import UNBOUND, Vault

__all__ = ["CaseStep", "CaseSteps"]


@dataclass(frozen=True, slots=True)
class CaseStep:
    """One step of a case.

    Attributes:
        case_id: of which case.
        number: which step; the first is 1.
        kind: what was done, in a word.
        at: when, UTC.
        author: the role and key that did it.
        body: what it says, as JSON values; of no person.
        subject: whom its words are about, by pseudonym; ``None`` if nobody, or if the person was erased.
        words: what it says of the person; ``None`` if nothing, or if the person was erased.
    """

    case_id: CaseId
    number: int
    kind: str
    at: datetime
    author: str
    body: Mapping[str, JsonValue]
    subject: SubjectId | None = None
    words: str | None = field(default=None, repr=False)


class CaseSteps:
    """The cases of one store.

    Args:
        database: where the rows are kept.
        row_mac: stamps and checks them.
        vault: seals what a step says of a person.
    """

    def __init__(self, *, database: Database, row_mac: RowMac, vault: Vault) -> None:
        self._database = database
        self._row_mac = row_mac
        self._vault = vault

    def add(
        self,
        case_id: CaseId,
        kind: str,
        *,
        at: datetime,
        author: str,
        body: Mapping[str, JsonValue],
        subject: SubjectId | None = None,
        words: str | None = None,
    ) -> CaseStep:
        """Add the next step of a case.

        Args:
            case_id: of which case.
            kind: what was done, in a word.
            at: when, aware.
            author: the role and key that did it, never a name.
            body: what it says, of no person.
            subject: whom the words are about; given if and only if there are words.
            words: what it says of the person; kept sealed.

        Raises:
            ValueError: if there are words of nobody, or nothing about somebody.
        """
        if (subject is None) is not (words is None):
            msg = "words are about somebody, and whoever is named has words"
            raise ValueError(msg)
        with self._database.write() as session:
            last = session.scalar(select(func.max(CaseStepRow.number)).where(CaseStepRow.case_id == case_id))
            step = CaseStep(
                case_id, (last or 0) + 1, kind, require_utc(at), author, dict(body), subject, words
            )
            row = CaseStepRow(
                case_id=case_id,
                number=step.number,
                kind=kind,
                at=step.at,
                author=author,
                body=canonical_json(dict(body)).decode(),
            )
            self._row_mac.stamp(row)
            session.add(row)
            if subject is not None:
                self._seal(session, step)
        return step

    def of(self, case_id: CaseId) -> tuple[CaseStep, ...]:
        """Return the steps of a case, the first in front.

        Raises:
            RecordUnknown: if there is no such case.
            RecordTampered: if a row isn't as this deployment wrote it.
        """
        with self._database.read() as session:
            rows = session.scalars(
                select(CaseStepRow).where(CaseStepRow.case_id == case_id).order_by(CaseStepRow.number)
            ).all()
            if not rows:
                raise RecordUnknown("There is no case with this identifier.")
            return tuple(self._value(session, row) for row in rows)

    def all_ids(self, prefix: str, *, without: str | None = None) -> tuple[CaseId, ...]:
        """Return the cases whose identifier begins so, the oldest first.

        Args:
            prefix: of the identifier.
            without: only those that have no step of this kind; all if left out.
        """
        wanted = (
            select(CaseStepRow.case_id)
            .where(CaseStepRow.number == 1, CaseStepRow.case_id.startswith(prefix, autoescape=True))
            .order_by(CaseStepRow.at, CaseStepRow.case_id)
        )
        if without is not None:
            having = select(CaseStepRow.case_id).where(CaseStepRow.kind == without)
            wanted = wanted.where(CaseStepRow.case_id.not_in(having))
        with self._database.read() as session:
            return tuple(CaseId(one) for one in session.scalars(wanted).all())

    def about(self, subject: SubjectId) -> tuple[CaseId, ...]:
        """Return the cases in which something is said of a person, sorted."""
        wanted = select(CaseWordsRow.case_id).where(CaseWordsRow.subject == subject).distinct()
        with self._database.read() as session:
            return tuple(sorted(CaseId(one) for one in session.scalars(wanted).all()))

    def _seal(self, session: Session, step: CaseStep) -> None:
        if step.subject is None:
            return
        row = CaseWordsRow(
            case_id=step.case_id,
            number=step.number,
            subject=step.subject,
            words=self._vault.seal(
                step.subject,
                UNBOUND,
                canonical_json({"words": step.words}),
                context=_context(step.case_id, step.number),
            ),
        )
        self._row_mac.stamp(row)
        session.add(row)

    def _value(self, session: Session, row: CaseStepRow) -> CaseStep:
        self._row_mac.require(row)
        said = session.get(CaseWordsRow, (row.case_id, row.number))
        subject, words = None, None
        if said is not None:
            self._row_mac.require(said)
            subject = SubjectId(said.subject)
            context = _context(said.case_id, said.number)
            opened = self._vault.open_in(session, subject, UNBOUND, said.words, context=context)
            words = json.loads(opened)["words"]
        return CaseStep(
            CaseId(row.case_id),
            row.number,
            row.kind,
            row.at,
            row.author,
            json.loads(row.body),
            subject,
            words,
        )


def _context(case_id: str, number: int) -> dict[str, str]:
    return {"record": "case-step", "case": case_id, "step": str(number)}
