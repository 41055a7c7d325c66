"""How long an erasure takes in a store of many people."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from countenance.authority import Author, Role, shipped_roles, shipped_rules
from countenance.cases import ErasureDesk
from countenance.evaluation.timing import Spread, spread_of
from countenance.kernel import DecisionId, PermitId, PurposeId, SubjectId, SystemClock, new_id
from countenance.store import (
    DecisionRecord,
    EvidenceKind,
    EvidenceRecord,
    EvidenceScope,
    Issuer,
    PermitRecord,
    Store,
    create_root_key,
    key_provider,
)

__all__ = ["ErasureTimes", "fill_with_people", "time_erasures"]

_PURPOSE: Final = PurposeId("pur_bench")
_AT_ONCE: Final = 500
_MILLI: Final = 1e3
_OFFICER: Final = Author(Role.OFFICER)


@dataclass(frozen=True, slots=True)
class ErasureTimes:
    """What was timed.

    Attributes:
        steps: milliseconds, by name of step: ``erase`` (keys, rows, statements, journal, log entry, files
            flushed, write-ahead log emptied), ``search`` (the store's files, for what is left),
            ``certified`` (both, and the signed certificate with its log proof).
        rewritten: how often a copy was found and the database written anew; such a search isn't in
            ``search`` or ``certified``.
        store_bytes: size of the database file.
        log_size: leaves of its log.
    """

    steps: dict[str, Spread]
    rewritten: int
    store_bytes: int
    log_size: int


def time_erasures(
    *, subjects: int, erased: int, seed: int, moved: Callable[[int], None] = lambda _: None
) -> ErasureTimes:
    """Fill a new store with made-up people in a temporary folder and erase some of them.

    Args:
        subjects: how many people.
        erased: how many of them are erased; half by the store alone, half with a certificate.
        seed: chooses them.
        moved: called with how many people are in so far.
    """
    root = Path(tempfile.mkdtemp(prefix="countenance-bench-"))
    try:
        uri = f"file:{root / 'root.key'}"
        create_root_key(uri)
        clock = SystemClock()
        with Store.create(root / "data", key_provider=key_provider(uri), clock=clock) as store:
            people = fill_with_people(store, subjects, moved)
            chosen = random.Random(seed).sample(people, erased)  # noqa: S311 - a choice, no secret
            return _time(store, chosen, root)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def fill_with_people(store: Store, subjects: int, moved: Callable[[int], None]) -> list[SubjectId]:
    """Put made-up people into a store, each with what a check-in leaves.

    Args:
        store: a new one.
        subjects: how many people.
        moved: called with how many people are in so far.
    """
    people = [SubjectId(new_id("sub")) for _ in range(subjects)]
    for start in range(0, subjects, _AT_ONCE):
        with store.together():
            for subject in people[start : start + _AT_ONCE]:
                _keep(store, subject)
        moved(min(start + _AT_ONCE, subjects))
    return people


def _keep(store: Store, subject: SubjectId) -> None:
    """Put what a check-in leaves about a person: a statement, a sealed decision, a log statement."""
    now = SystemClock().now()
    store.evidence.add(
        EvidenceRecord.make(
            key="consent.bundled_or_forced",
            content={"value": False, "source": "consent screen"},
            author="clerk",
            issuer=Issuer.PERSON,
            recorded_at=now,
            scope=EvidenceScope(purpose=_PURPOSE, subject=subject),
            kind=EvidenceKind.STATEMENT,
            valid_until=now + timedelta(hours=1),
        )
    )
    permit, decision = PermitId(new_id("prm")), DecisionId(new_id("dec"))
    store.permits.record(PermitRecord(permit, "0" * 64, 0, now, now + timedelta(minutes=2)))
    sealed = store.vault.seal(subject, _PURPOSE, b"x" * 1500, context={"record": "decision"})
    store.decisions.add(DecisionRecord(decision, permit, now, sealed, "r" * 900))
    store.log.append("verdict", {"outcome": "permitted"}, subject=subject, purpose=_PURPOSE)


def _time(store: Store, chosen: list[SubjectId], root: Path) -> ErasureTimes:
    rules, _ = shipped_rules()
    journal, roles, clock = store.journal(root / "journal"), shipped_roles(), SystemClock()
    desk = ErasureDesk(store=store, rules=rules, roles=roles, clock=clock, journal=journal)
    times: dict[str, list[float]] = defaultdict(list)
    rewritten = 0
    for number, subject in enumerate(chosen):
        start = time.perf_counter()
        if number % 2:
            compacted = desk.erase(subject, None, author=_OFFICER).remains.compacted
            step = "certified"
        else:
            erased = store.erasures.erase(subject, None, journal=journal)
            times["erase"].append(_MILLI * (time.perf_counter() - start))
            start = time.perf_counter()
            compacted = store.erasures.look_for(erased.needles).compacted
            step = "search"
        rewritten += compacted
        if not compacted:
            times[step].append(_MILLI * (time.perf_counter() - start))
    return ErasureTimes(
        steps={step: spread_of(taken) for step, taken in sorted(times.items())},
        rewritten=rewritten,
        store_bytes=sum(file.stat().st_size for file in (root / "data").iterdir()),
        log_size=store.log.size(),
    )
