"""Many people, one after the other, each under a permit of their own.

Rules kept here:

* Whoever can't be enrolled is left out and reported with why; the others aren't held up.
* What stops everybody (an unknown place, an overdue duty, a full disk) stops the run.
* What was done is known by the references on file, and by nothing else: a run that was killed is started
  again, and goes on. Nobody is half enrolled.
* Memory stays flat: one person's pictures at a time. Only who was left out is kept for the report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from countenance.authority import (
    DeviceNotDeclared,
    DeviceNotInUse,
    DutyOverdue,
    RefusedByRule,
    UnknownDevice,
    UnknownPlace,
    UnknownPurpose,
)
from countenance.enrolment.desk import EnrolmentDesk
from countenance.enrolment.errors import CloseToAnother, NoUsableSample
from countenance.enrolment.order import EnrolmentOrder
from countenance.enrolment.people import PersonToEnrol, is_pseudonym
from countenance.kernel import (
    CallerError,
    CountenanceError,
    DeviceId,
    EvidenceError,
    PlaceId,
    PurposeId,
    SubjectError,
    SubjectId,
)

__all__ = ["BulkEnrolment", "BulkReport", "LeftOut", "Tally"]

_STOPS: Final = (
    UnknownPlace, UnknownPurpose, UnknownDevice, DeviceNotDeclared, DeviceNotInUse, DutyOverdue,
)  # fmt: skip
_LEFT_OUT: Final = (CallerError, SubjectError, EvidenceError)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody who wasn't enrolled.

    Attributes:
        number: the line of the list, or the place of the folder.
        subject: the pseudonym; ``None`` where there was none.
        code: why, stable and kebab-case.
        rules: the rules that refused, by id.
        words: why, in a sentence.
        remedy: what to do about it.
        references: enrolled references that are close.
    """

    number: int
    subject: str | None
    code: str
    rules: tuple[str, ...]
    words: str
    remedy: str
    references: tuple[str, ...] = ()


@dataclass(slots=True)
class Tally:
    """How far a run is; counts people, unless said otherwise.

    Attributes:
        seen: so far.
        enrolled: by this run.
        already: enrolled before, and passed over.
        left_out: not enrolled.
        pictures: in the references that this run made.
        pictures_left_out: not in them, of people who were enrolled.
        compared: comparisons of the search for duplicates.
    """

    seen: int = 0
    enrolled: int = 0
    already: int = 0
    left_out: int = 0
    pictures: int = 0
    pictures_left_out: int = 0
    compared: int = 0


@dataclass(frozen=True, slots=True)
class BulkReport:
    """What a run did.

    Attributes:
        tally: the counts.
        left_out: who wasn't enrolled, in their order.
        pictures_left_out: how many pictures of enrolled people weren't used, by code.
        close_by_chance: how many people would be close to somebody by chance alone, at the false match rate
            of the threshold, had all pairs been strangers.
    """

    tally: Tally
    left_out: tuple[LeftOut, ...]
    pictures_left_out: dict[str, int]
    close_by_chance: float


@dataclass(slots=True)
class _Run:
    tally: Tally = field(default_factory=Tally)
    left_out: list[LeftOut] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)


class BulkEnrolment:
    """Enrols many people at one place for one purpose.

    Args:
        desk: enrols each of them.
        read: gives the bytes of a picture's file.
        purpose: for what.
        place: where it happens.
        device: with what.
        error_target: the false match rate that the purpose is run with.
        most_samples: how many pictures of one person are used; the first ones.
        looked_at_by: the role that has looked at whoever of them is close to somebody, and says that they
            are two people; ``None`` where nobody has.
    """

    def __init__(
        self,
        *,
        desk: EnrolmentDesk,
        read: Callable[[Path], bytes],
        purpose: PurposeId,
        place: PlaceId,
        device: DeviceId,
        error_target: float,
        most_samples: int = 5,
        looked_at_by: str | None = None,
    ) -> None:
        if most_samples < 1:
            msg = "a person has at least one sample"
            raise ValueError(msg)
        self._desk = desk
        self._read = read
        self._purpose = purpose
        self._place = place
        self._device = device
        self._error_target = error_target
        self._most_samples = most_samples
        self._looked_at_by = looked_at_by

    def run(
        self, people: Iterable[PersonToEnrol], *, moved: Callable[[Tally], None] = lambda _: None
    ) -> BulkReport:
        """Enrol everybody who isn't enrolled yet.

        Args:
            people: whom, one after the other.
            moved: called after each of them.

        Raises:
            CountenanceError: what stops everybody; whoever was enrolled before stays so.
        """
        run = _Run()
        for person in people:
            run.tally.seen += 1
            self._one(person, run)
            moved(run.tally)
        return BulkReport(
            tally=run.tally,
            left_out=tuple(run.left_out),
            pictures_left_out=dict(sorted(run.codes.items())),
            close_by_chance=run.tally.compared * self._desk.duplicates.fmr,
        )

    def _one(self, person: PersonToEnrol, run: _Run) -> None:
        if not is_pseudonym(person.subject):
            words = "It isn't called by a pseudonym: sub_ and small letters and digits."
            self._leave(run, LeftOut(person.number, None, "not-a-pseudonym", (), words, "Give it one."))
            return
        subject = SubjectId(person.subject)
        if self._desk.has_reference(subject, self._purpose):
            run.tally.already += 1
            return
        if not person.files:
            words = "There is no picture of the person."
            self._leave(run, LeftOut(person.number, subject, "no-picture", (), words, "Give one."))
            return
        try:
            done = self._desk.enrol(self._order(subject, person))
        except _STOPS:
            raise
        except _LEFT_OUT as error:
            if isinstance(error, CloseToAnother):
                run.tally.compared += error.compared
            self._leave(run, _left_out(person.number, subject, error))
            return
        run.tally.enrolled += 1
        run.tally.pictures += done.samples
        run.tally.pictures_left_out += len(done.left_out)
        run.tally.compared += done.compared
        run.codes.update(code for one in done.left_out for code in one.codes)

    def _order(self, subject: SubjectId, person: PersonToEnrol) -> EnrolmentOrder:
        return EnrolmentOrder(
            subject=subject,
            purpose=self._purpose,
            place=self._place,
            device=self._device,
            pictures=tuple(self._read(path) for path in person.files[: self._most_samples]),
            error_target=self._error_target,
            looked_at_by=self._looked_at_by,
        )

    @staticmethod
    def _leave(run: _Run, one: LeftOut) -> None:
        run.tally.left_out += 1
        run.left_out.append(one)


def _left_out(number: int, subject: SubjectId, error: CountenanceError) -> LeftOut:
    rules: tuple[str, ...] = ()
    if isinstance(error, RefusedByRule):
        rules = tuple(sorted({finding.rule.rule_id for finding in error.verdict.refusing}))
    remedy = error.remedy
    if isinstance(error, RefusedByRule) and error.verdict.missing:
        remedy = " ".join(one.words for one in error.verdict.missing)
    code = error.code
    if isinstance(error, NoUsableSample):
        codes = sorted({code for one in error.left_out for code in one.codes})
        code = codes[0] if len(codes) == 1 else error.code
    near = error.references if isinstance(error, CloseToAnother) else ()
    return LeftOut(number, subject, code, rules, error.message, remedy, near)
