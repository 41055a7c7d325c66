"""Files what the observers see as evidence of the system's own, and withdraws what they no longer see."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from countenance.authority.observers import Observed, Observer
from countenance.authority.resolver import DISCHARGES
from countenance.kernel import Clock
from countenance.store import EvidenceKind, EvidenceRecord, EvidenceScope, Issuer, Store

__all__ = ["Witness"]

_AUTHOR = "countenance"


class Witness:
    """Looks through the observers' eyes and keeps the file true to what they see.

    A record is written anew only when what was seen has changed or the record is about to run out, so
    that a quiet system leaves a quiet log. What is seen otherwise than before is filed beside the earlier
    look, which stands until it runs out: a server and a command on one data folder see their own ways
    in, and neither undoes the other's permits. What isn't seen at all is withdrawn, whoever saw it.

    Args:
        store: where evidence is filed.
        clock: says what time it is.
        observers: what looks; each key is looked at by one of them.
        renew_before: how much of a record's time must be left; at least a permit's lifetime, so that no
            permit outlives what it rests on.
        file: records one piece of evidence and logs it.
        withdraw: withdraws one and logs it, given the reason.
        look_every: how long a look stands: within it :meth:`look` does nothing. Shorter than what is on file
            lasts, so that nothing runs out meanwhile.

    Raises:
        ValueError: if ``look_every`` is negative or longer than ``renew_before``, or if two observers look
            at the same key; they would undo each other's records.
    """

    __slots__ = (
        "_clock",
        "_file",
        "_keys",
        "_lock",
        "_look_every",
        "_looked_at",
        "_observers",
        "_renew_before",
        "_store",
        "_withdraw",
    )

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        observers: Iterable[Observer],
        renew_before: timedelta,
        file: Callable[[EvidenceRecord], None],
        withdraw: Callable[[EvidenceRecord, str], None],
        look_every: timedelta = timedelta(0),
    ) -> None:
        if not timedelta(0) <= look_every <= renew_before:
            msg = "a look stands for some time, at most as long as a record is renewed before its end"
            raise ValueError(msg)
        self._store = store
        self._clock = clock
        self._observers = tuple(observers)
        self._renew_before = renew_before
        self._file = file
        self._withdraw = withdraw
        self._look_every = look_every
        self._looked_at: datetime | None = None
        self._lock = threading.Lock()
        keys = [key for observer in self._observers for key in observer.keys]
        if len(set(keys)) != len(keys):
            msg = "each key is looked at by one observer"
            raise ValueError(msg)
        self._keys = frozenset(keys)

    def look(self) -> None:
        """Ask every observer, and file or withdraw what that changes, unless the last look still stands."""
        with self._lock:
            now = self._clock.now()
            # A clock that went back makes it look.
            if self._looked_at is not None and timedelta(0) <= now - self._looked_at < self._look_every:
                return
            self._looked_at = None
            seen = {(o.key, o.scope): o for observer in self._observers for o in self._of(observer)}
            kept: set[tuple[str, EvidenceScope]] = set()
            for record in self._on_file(now):
                observed = seen.get((record.key, record.scope))
                if observed is None:
                    self._withdraw(record, "no longer observed")
                elif record.content == observed.content and self._lasts(record, now):
                    kept.add((record.key, record.scope))
            for about, observed in seen.items():
                if about not in kept:
                    self._file(self._record(observed, now))
            self._looked_at = now

    def _of(self, observer: Observer) -> tuple[Observed, ...]:
        return tuple(observed for observed in observer.observe() if observed.key in observer.keys)

    def _on_file(self, now: datetime) -> list[EvidenceRecord]:
        """The system's records of these keys, of every scope: also what an earlier process saw of a purpose.

        What guests said, which is sealed, isn't opened on the way, and only these keys are read, because
        every check-in pays for each record.
        """
        return [
            record
            for record in self._store.evidence.at(now, keys=self._keys, about_nobody=True)
            if record.issuer is Issuer.SYSTEM
            and record.kind is EvidenceKind.EVIDENCE
            and DISCHARGES not in record.content
        ]

    def _lasts(self, record: EvidenceRecord, now: datetime) -> bool:
        return record.valid_until is not None and record.valid_until - now > self._renew_before

    def _record(self, observed: Observed, now: datetime) -> EvidenceRecord:
        return EvidenceRecord.make(
            key=observed.key,
            content=observed.content,
            author=_AUTHOR,
            issuer=Issuer.SYSTEM,
            recorded_at=now,
            scope=observed.scope,
            demo=self._store.deployment.demo,
            valid_until=now + max(observed.valid_for, self._renew_before * 2),
        )
