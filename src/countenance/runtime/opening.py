"""Opens an installation's records: the same way for the server and for every command.

Rules kept here:

* A store that is an earlier state of itself, in which erased people are back, is opened by nobody but whoever
  erases them again.
* Whoever keeps something because of a consent is told when that is withdrawn, at whichever desk it was and in
  whichever process.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from countenance.authority import (
    ActCounter,
    AuthorityDesk,
    Observer,
    WithdrawalListener,
    installed_rules,
    settle_abandoned,
    shipped_roles,
)
from countenance.cases import ErasureDesk, KeptOnConsent
from countenance.kernel import Clock, SystemClock
from countenance.policy import RuleSet, Vocabulary
from countenance.runtime.memory_guard import keep_memory_off_disks
from countenance.runtime.settings import Settings
from countenance.store import ErasuresNotReplayed, Store, key_provider

__all__ = [
    "OpenRecords",
    "authority_over",
    "begin_work",
    "journal_path",
    "listeners_over",
    "open_records",
    "open_store",
    "require_replayed",
]


_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class OpenRecords:
    """An installation's records, open; for the wiring alone.

    Attributes:
        store: where they are.
        authority: files, withdraws and logs.
        rules: the rules in use.
        vocabulary: their words.
        clock: says what time it is.
    """

    store: Store
    authority: AuthorityDesk
    rules: RuleSet
    vocabulary: Vocabulary
    clock: Clock


def journal_path(settings: Settings) -> Path:
    """Return where the erasure journal of an installation lies: outside its data folder."""
    if settings.erasure_journal is not None:
        return settings.erasure_journal
    return settings.data_folder.with_name(f"{settings.data_folder.name}.erasures")


def require_replayed(store: Store, settings: Settings) -> None:
    """See that a store isn't an earlier state of itself, in which erased people are back.

    Raises:
        ErasuresNotReplayed: if the last erasure of the journal isn't in it.
        ErasureJournalBroken: if the journal's last line isn't one of this installation's.
    """
    last = store.journal(journal_path(settings)).last_key()
    if last is not None and store.erasures.lacks(last):
        raise ErasuresNotReplayed("The store doesn't know the last erasure of its own journal.")


def open_store(settings: Settings, *, clock: Clock) -> Store:
    """Open the store of an installation; the caller closes it.

    Raises:
        ErasuresNotReplayed: if somebody put an earlier state of it back.
        OperatorError: if it can't be opened.
    """
    keep_memory_off_disks()
    store = Store.open(
        settings.data_folder,
        key_provider=key_provider(settings.root_key),
        clock=clock,
        database_url=settings.database,
    )
    try:
        require_replayed(store, settings)
    except BaseException:
        store.close()
        raise
    return store


def begin_work(store: Store, authority: AuthorityDesk) -> None:
    """Take part in the work with pictures; whoever is alone first closes what ended processes left open.

    Raises:
        StoreMissing: if the data folder can't be written to.
    """
    store.at_work.begin(lambda: _settle(store, authority))


def _settle(store: Store, authority: AuthorityDesk) -> None:
    closed = settle_abandoned(authority, store)
    if closed:
        _logger.info("closed %d duties that an ended process had left open", closed)


def listeners_over(
    settings: Settings,
    *,
    store: Store,
    rules: RuleSet,
    clock: Clock,
    certified: Callable[[bool], None] | None = None,
) -> tuple[WithdrawalListener, ...]:
    """Return who keeps something because of a consent: the store, as what is kept on consents alone."""
    erasures = ErasureDesk(
        store=store,
        rules=rules,
        roles=shipped_roles(),
        clock=clock,
        journal=store.journal(journal_path(settings)),
        certified=certified,
    )
    return (KeptOnConsent(store=store, erasures=erasures, clock=clock),)


def authority_over(
    settings: Settings,
    *,
    store: Store,
    rules: RuleSet,
    vocabulary: Vocabulary,
    clock: Clock,
    observers: Iterable[Observer] = (),
    counter: ActCounter | None = None,
    look_every: timedelta = timedelta(0),
    certified: Callable[[bool], None] | None = None,
) -> AuthorityDesk:
    """Return the desk over an open store; see :class:`countenance.authority.AuthorityDesk`.

    ``certified`` is told of each certificate of what a withdrawal destroyed, and whether that was finished.
    """
    return AuthorityDesk(
        store=store,
        rules=rules,
        vocabulary=vocabulary,
        clock=clock,
        observers=observers,
        permit_lifetime=timedelta(seconds=settings.permit_lifetime_seconds),
        look_every=look_every,
        listeners=listeners_over(settings, store=store, rules=rules, clock=clock, certified=certified),
        counter=counter,
    )


@contextmanager
def open_records(settings: Settings, *, clock: Clock | None = None) -> Iterator[OpenRecords]:
    """Open the installation's records, without networks and without looking at the system; close them after.

    Raises:
        ErasuresNotReplayed: if somebody put an earlier state of the store back.
        OperatorError: if the store can't be opened.
    """
    clock = clock or SystemClock()
    rules, vocabulary = installed_rules(settings.rules_folder)
    with open_store(settings, clock=clock) as store:
        authority = authority_over(settings, store=store, rules=rules, vocabulary=vocabulary, clock=clock)
        yield OpenRecords(store, authority, rules, vocabulary, clock)
