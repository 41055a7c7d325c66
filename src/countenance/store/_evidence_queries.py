"""The statements with which evidence is read. Private to this package.

Rules kept here:

* Rows that are about nobody are read as they lie in the file, so that they can be compared with what was
  believed before; rows about a person are read with the types of their columns.
* One stretch of the index for each condition on time and person: rows of other people, and rows that have run
  out, aren't read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    bindparam,
    column,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from countenance.store._models import EpochRow, EvidenceRow, UtcTime
from countenance.store.prepared import Prepared
from countenance.store.values import EvidenceScope

__all__ = [
    "APPLYING_TO_ALL",
    "APPLYING_TO_ONE",
    "AS_STORED",
    "EPOCH",
    "Columns",
    "loaded",
    "stretches",
    "typed",
]

Columns: TypeAlias = Mapping[str, Any]
"""A row's columns by name, as their types read them."""

EPOCH: Final = Prepared(select(EpochRow.__table__).where(EpochRow.id == 1))
"""The row with the count of changes."""

_AT_ONCE: Final = 500
_TABLE: Final = EvidenceRow.__table__
_COLUMNS: Final[tuple[ColumnElement[Any], ...]] = tuple(column(each.name) for each in _TABLE.columns)
_SCOPED: Final = {
    "place": EvidenceRow.place,
    "purpose": EvidenceRow.purpose,
    "device": EvidenceRow.device,
}

AS_STORED: Final = select(*_COLUMNS).select_from(_TABLE)
"""Rows without the types of their columns, as they lie in the file: for comparing and nothing else. The first
column is the identifier."""


def loaded(session: Session, identifiers: Sequence[str]) -> list[Columns]:
    """Return the rows with these identifiers."""
    return [
        row
        for start in range(0, len(identifiers), _AT_ONCE)
        for row in typed(session, EvidenceRow.evidence_id.in_(identifiers[start : start + _AT_ONCE]))
    ]


def typed(session: Session, where: ColumnElement[bool]) -> list[Columns]:
    """Return the rows that meet a condition."""
    return [found._asdict() for found in session.execute(select(_TABLE).where(where))]


def _in_force(moment: ColumnElement[datetime] | datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        EvidenceRow.valid_from <= moment,
        or_(EvidenceRow.withdrawn_at.is_(None), EvidenceRow.withdrawn_at > moment),
    )


def _applying_to_all() -> CompoundSelect[Any]:
    """Records about nobody that apply to the place, purpose and device asked about."""
    moment = bindparam("moment", type_=UtcTime)
    where = [or_(column.is_(None), column == bindparam(name)) for name, column in _SCOPED.items()]
    # One stretch of the index for each: rows of people and rows that have run out aren't read.
    lasting = (EvidenceRow.valid_until.is_(None), EvidenceRow.valid_until > moment)
    return union_all(
        *(
            AS_STORED.where(*_in_force(moment), *where, ends, EvidenceRow.subject.is_(None))
            for ends in lasting
        )
    )


def _applying_to_one() -> Select[Any]:
    """Records about one person that apply to the place, purpose and device asked about."""
    moment = bindparam("moment", type_=UtcTime)
    return select(_TABLE).where(
        EvidenceRow.subject == bindparam("subject"),
        or_(EvidenceRow.valid_until.is_(None), EvidenceRow.valid_until > moment),
        *_in_force(moment),
        *(or_(column.is_(None), column == bindparam(name)) for name, column in _SCOPED.items()),
    )


def stretches(
    moment: datetime, *, scope: EvidenceScope | None, keys: Collection[str] | None, about_nobody: bool
) -> list[ColumnElement[bool]]:
    """Return the conditions that together find what ``EvidenceRecords.at`` is asked for, each row once."""
    conditions = list(_in_force(moment))
    if scope is not None:
        conditions += [
            _open_or(EvidenceRow.place, scope.place),
            _open_or(EvidenceRow.purpose, scope.purpose),
            _open_or(EvidenceRow.device, scope.device),
        ]
    if keys is not None:
        conditions.append(EvidenceRow.key.in_(sorted(keys)))
    # One stretch of the index for each: rows of other people and rows that have run out aren't read.
    lasting = (EvidenceRow.valid_until.is_(None), EvidenceRow.valid_until > moment)
    whose = (true(),) if scope is None else _of_either(EvidenceRow.subject, scope.subject)
    if about_nobody:
        whose = (EvidenceRow.subject.is_(None),)
    return [and_(*conditions, ends, about) for ends in lasting for about in whose]


def _of_either(
    column: InstrumentedAttribute[str | None], wanted: str | None
) -> tuple[ColumnElement[bool], ...]:
    return (column.is_(None),) if wanted is None else (column.is_(None), column == wanted)


def _open_or(column: InstrumentedAttribute[str | None], wanted: str | None) -> ColumnElement[bool]:
    return column.is_(None) if wanted is None else or_(column.is_(None), column == wanted)


APPLYING_TO_ALL: Final = Prepared(_applying_to_all())
"""Takes ``moment``, ``place``, ``purpose``, ``device``; rows as stored."""
APPLYING_TO_ONE: Final = Prepared(_applying_to_one())
"""Takes these and ``subject``; rows with types."""
