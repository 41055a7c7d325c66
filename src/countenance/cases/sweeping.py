"""The sweeper: lets go of what has to go, again and again, and says by which rule.

Rules kept here:

* What a legal hold keeps stays. What was edited by hand isn't believed, is counted, and stays.
* Records and sealed decisions go one by one when their time is over. A person's data key, and with it what
  the log says about the person, goes when nothing else is left and the log's own least time is over.
* The time that counts never goes back. When the clock is far ahead of the last sweep, nothing is deleted
  until a person has said which day it is.
* Where it stopped doesn't matter: everything that it needs to know is in the store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from countenance.authority.records import RetentionTerm, content_of
from countenance.cases.bases import is_consent, kept_otherwise, references_of
from countenance.cases.errors import ClockJumped
from countenance.cases.jurisdictions import registered_jurisdictions
from countenance.cases.reference_sweep import ReferenceSweep, take_away
from countenance.cases.retention import (
    CONSENT_WITHDRAWN,
    Anchors,
    CountedFrom,
    Limit,
    Span,
    Timer,
    counted_now,
    rule_limits,
    term_limit,
    timer_of,
)
from countenance.kernel import Clock, PurposeId, SubjectId
from countenance.policy import RuleSet, Vocabulary
from countenance.store import ErasureJournal, HeldDecision, HeldRecord, PersonFile, RetentionState, Store

__all__ = ["DECISION_SETTING", "HeldItem", "Sweeper", "Swept", "anchors_of"]

DECISION_SETTING: Final = "setting decision_keep_days"
_LOG_KEPT: Final = "log.kept_6m"
_TERM: Final = "retention_until"
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did.

    Attributes:
        at: the time that counted, UTC.
        records: how many records went.
        decisions: how many decisions went.
        people: how many people's data keys for a purpose were destroyed.
        held: how many people's purposes a legal hold kept.
        tampered: how many rows weren't believed, and stayed.
        by_rule: how many things went by each rule, by its name.
        references: how many enrolled references went.
    """

    at: datetime
    records: int
    decisions: int
    people: int
    held: int
    tampered: int
    by_rule: Mapping[str, int]
    references: int = 0


@dataclass(frozen=True, slots=True)
class HeldItem:
    """One thing that is held about a person, and when it has to go."""

    purpose: PurposeId
    item: HeldRecord | HeldDecision
    timer: Timer


class Sweeper:
    """Lets go of what has to go in one store. Not safe to use from several threads at once.

    Args:
        store: whose records.
        rules: the rules in use; those that set a span in numbers are limits.
        vocabulary: says how long the log is kept at least.
        clock: says what time it is.
        journal: is told of every destroyed key; ``None`` for a store without backups.
        decision_keep: how long sealed decisions are kept at most where nothing says less.
        largest_jump: how far ahead of the last sweep the clock may be without a question.
    """

    __slots__ = ("_clock", "_decision_keep", "_journal", "_largest_jump", "_log_kept", "_rules", "_store")

    def __init__(
        self,
        *,
        store: Store,
        rules: RuleSet,
        vocabulary: Vocabulary,
        clock: Clock,
        journal: ErasureJournal | None,
        decision_keep: timedelta,
        largest_jump: timedelta,
    ) -> None:
        self._store = store
        self._rules = rules
        self._clock = clock
        self._journal = journal
        self._decision_keep = Limit(
            DECISION_SETTING,
            f"the operator's setting: {decision_keep.days} days from the decision",
            CountedFrom.ACT,
            Span(time=decision_keep),
        )
        self._largest_jump = largest_jump
        term = vocabulary.evidence.get(_LOG_KEPT)
        self._log_kept = term.within if term is not None and term.within is not None else timedelta(days=184)

    def sweep(self, *, confirmed: date | None = None) -> Swept:
        """Let go of everything whose time is over.

        Args:
            confirmed: the day that it is, as a person says; needed once after the clock jumped ahead.

        Raises:
            ClockJumped: if the clock jumped ahead and nobody said that it is right.
        """
        now = self._clock.now()
        state = self._store.retention.state()
        at, jumped = counted_now(
            now, floor=None if state is None else state.floor, largest_jump=self._largest_jump
        )
        if jumped and confirmed != now.date():
            days = (now - state.floor).days if state is not None else 0
            msg = f"The clock is {days} days ahead of the last sweep. Nothing was deleted."
            raise ClockJumped(msg)
        swept = self._let_go(at)
        self._store.retention.remember(RetentionState(at, now))
        return swept

    def timers(self, subject: SubjectId) -> tuple[HeldItem, ...]:
        """Return everything that is held about a person, with when it has to go and by which rule."""
        found: list[HeldItem] = []
        limits = self._limits(self._clock.now())
        for file in self._store.retention.file_of(subject):
            anchors = self._anchors(file, self._clock.now())
            found += [
                HeldItem(file.purpose, item, self._timer(item, anchors, _for(file.purpose, limits)))
                for item in file.items
            ]
        return tuple(found)

    def _let_go(self, at: datetime) -> Swept:
        limits = self._limits(at)
        shortest = min(
            (limit.span.shortest for _, limit in (*limits, (None, self._decision_keep))), default=timedelta(0)
        )
        held = {hold.subject for hold in self._store.holds.all_at(at)}
        counts: Counter[str] = Counter()
        by_rule: Counter[str] = Counter()
        # First: whoever has a reference that counts isn't let go of whole.
        ended = ReferenceSweep(store=self._store).let_go(
            at, older_than=at - shortest, limits=lambda purpose: _for(purpose, limits), held=held
        )
        counts.update(references=ended.references, tampered=ended.tampered)
        by_rule.update(ended.by_rule)
        for file in self._candidates(at, older_than=at - shortest):
            counts["tampered"] += file.tampered
            if file.subject in held:
                counts["held"] += 1
            else:
                counts.update(self._sweep_file(file, _for(file.purpose, limits), at, by_rule))
        # The key before a re-keying, once no holder's pass is taken under it any more.
        self._store.purpose_keys.end_retired(at=at)
        if any(counts[what] for what in ("records", "decisions", "people", "references")):
            # Once for all of them: no page keeps a copy of what went.
            self._store.erasures.compact()
        return Swept(
            at=at,
            records=counts["records"],
            decisions=counts["decisions"],
            people=counts["people"],
            held=counts["held"],
            tampered=counts["tampered"],
            by_rule=dict(sorted(by_rule.items())),
            references=counts["references"],
        )

    def _candidates(self, at: datetime, *, older_than: datetime) -> Iterator[PersonFile]:
        """Give the files of which something may have to go, some at a time, each once."""
        before = self._store.retention.statements_before(at - self._log_kept)
        after, some = "", True
        while some:
            files = self._store.retention.candidates(
                at, older_than=older_than, statements_before=before, most=_AT_ONCE, after=after
            )
            yield from files
            some = len(files) == _AT_ONCE
            after = files[-1].key_id if files else after

    def _sweep_file(
        self, file: PersonFile, limits: tuple[Limit, ...], at: datetime, by_rule: Counter[str]
    ) -> Counter[str]:
        anchors = self._anchors(file, at)
        over = [
            (item, timer) for item in file.items if (timer := self._timer(item, anchors, limits)).over_at(at)
        ]
        names = Counter(name for _, timer in over for name in timer.names[:1])
        # Only where a hold kept them from going with the withdrawal itself.
        references = (
            () if anchors.withdrawn is None else references_of(self._store, file.subject, file.purpose)
        )
        if references:
            take_away(self._store, references, rules=(CONSENT_WITHDRAWN,))
            names[CONSENT_WITHDRAWN] += len(references)
        by_rule.update(names)
        said = {"rules": sorted(names)}
        records = [item.evidence_id for item, _ in over if isinstance(item, HeldRecord)]
        decisions = [item.decision_id for item, _ in over if isinstance(item, HeldDecision)]
        whole = len(over) == len(file.items) and not file.tampered
        enrolled = references_of(self._store, file.subject, file.purpose)
        if whole and not enrolled and self._log_is_over(file, at):
            self._store.erasures.erase(
                file.subject, file.purpose, said=lambda _: said, journal=self._journal, emptying=False
            )
            return Counter(
                records=len(records), decisions=len(decisions), references=len(references), people=1
            )
        if over:
            self._store.erasures.remove(records=records, decisions=decisions, said=said)
        return Counter(records=len(records), decisions=len(decisions), references=len(references))

    def _anchors(self, file: PersonFile, at: datetime) -> Anchors:
        anchors = anchors_of(file)
        if anchors.withdrawn is None:
            return anchors
        kept = kept_otherwise(self._store, file.subject, file.purpose, at=at)
        return replace(anchors, withdrawn=None) if kept else anchors

    def _log_is_over(self, file: PersonFile, at: datetime) -> bool:
        if file.last_statement is None:
            return True
        written = self._store.retention.statement_time(file.last_statement)
        return written is None or written + self._log_kept <= at

    def _timer(self, item: HeldRecord | HeldDecision, anchors: Anchors, limits: tuple[Limit, ...]) -> Timer:
        if isinstance(item, HeldRecord):
            of_record = Anchors(item.recorded_at, anchors.last_contact, anchors.purpose_end)
            return timer_of(of_record, limits, own_end=_end_of(item))
        of_decision = Anchors(item.decided_at, anchors.last_contact, anchors.purpose_end, anchors.withdrawn)
        return timer_of(of_decision, (*limits, self._decision_keep))

    def _limits(self, at: datetime) -> tuple[tuple[PurposeId | None, Limit], ...]:
        """Return every limit with the purpose that it is for; ``None`` for all."""
        here = registered_jurisdictions(self._store)
        found: list[tuple[PurposeId | None, Limit]] = [
            (None, limit) for limit in rule_limits(self._rules, jurisdictions=here, day=at.date())
        ]
        for record in self._store.evidence.at(at, keys=(_TERM,)):
            term = content_of(_TERM, record.content)
            if isinstance(term, RetentionTerm) and record.scope.subject is None:
                found.append((record.scope.purpose, term_limit(term, record.evidence_id)))
        return tuple(found)


def anchors_of(file: PersonFile) -> Anchors:
    """Return from which moments the spans of a person's file are counted; ``act`` is each item's own."""
    acts = [record.recorded_at for record in file.records] + [one.decided_at for one in file.decisions]
    last = max(acts, default=datetime.max.replace(tzinfo=UTC))
    ends = [_end_of(record) for record in file.records]
    known = [end for end in ends if end is not None]
    purpose_end = max(known, default=last) if len(known) == len(ends) else None
    consents = [record for record in file.records if is_consent(record)]
    withdrawn = [record.withdrawn_at for record in consents if record.withdrawn_at is not None]
    still = any(record.withdrawn_at is None for record in consents)
    return Anchors(last, last, purpose_end, max(withdrawn) if withdrawn and not still else None)


def _end_of(record: HeldRecord) -> datetime | None:
    ends = [end for end in (record.valid_until, record.withdrawn_at) if end is not None]
    return min(ends, default=None)


def _for(purpose: PurposeId, limits: Iterable[tuple[PurposeId | None, Limit]]) -> tuple[Limit, ...]:
    return tuple(limit for wanted, limit in limits if wanted is None or wanted == purpose)
