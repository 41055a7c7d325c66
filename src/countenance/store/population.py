"""How many people something is held about: one number, kept by the database itself.

Rules kept here:

* Nothing about a person is held without a data key of that person, so the data keys are what is counted: a
  pseudonym once, however many purposes it has keys for. The system's own self-check isn't a person.
* The number is one row. Triggers of the database change it in the transaction that makes or destroys a key,
  whoever's process that is; reading it costs the same with a hundred thousand people as with none.
* Nothing else is kept for it: no list, no join key. Somebody who came under two pseudonyms counts twice, so
  the number is never below that of the people.
* The number has no MAC, so it is compared with the keys themselves before it is believed for long.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from countenance.kernel import PurposeId, SubjectId
from countenance.store._models import Base, DataKeyRow
from countenance.store.database import Database
from countenance.store.errors import RecordTampered

__all__ = ["SELF_CHECK_PURPOSE", "SELF_CHECK_SUBJECT", "Population"]

SELF_CHECK_SUBJECT: Final = SubjectId("sub_selfcheck")
"""Under whose data key the system seals a probe when it looks at itself: nobody's. The triggers name it."""
SELF_CHECK_PURPOSE: Final = PurposeId("pur_selfcheck")


class PopulationRow(Base):
    """The number. Has no MAC: triggers change it; :meth:`Population.fits` compares it with the keys."""

    __tablename__ = "population"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    people: Mapped[int]


class Population:
    """Counts the people of one store. Safe to use from several threads.

    Args:
        database: where they are counted.
    """

    __slots__ = ("_database",)

    def __init__(self, *, database: Database) -> None:
        self._database = database

    def people(self) -> int:
        """Return about how many pseudonyms something is held, 0 or more: at most so many people.

        Raises:
            RecordTampered: if the number isn't there, or isn't one.
        """
        with self._database.read() as session:
            people: object = session.scalar(select(PopulationRow.people))
        if not isinstance(people, int) or people < 0:
            raise RecordTampered("The number of people isn't as this installation wrote it.")
        return people

    def fits(self) -> bool:
        """Count the data keys and say whether the number is theirs. Takes time linear in their number."""
        counted = select(func.count(DataKeyRow.subject.distinct())).where(
            DataKeyRow.subject != SELF_CHECK_SUBJECT
        )
        with self._database.read() as session:
            return session.scalar(counted) == session.scalar(select(PopulationRow.people))
