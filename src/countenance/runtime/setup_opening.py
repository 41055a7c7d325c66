"""Opens the desk that sets places up: for the server over its own store, for a command over the records."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from countenance.authority import AuthorityDesk, installed_rules, shipped_roles
from countenance.kernel import Clock, SystemClock
from countenance.policy import RuleSet, Vocabulary
from countenance.runtime.keys import RoleKeyDesk
from countenance.runtime.notices import error_rates
from countenance.runtime.observing import observers_here
from countenance.runtime.opening import authority_over, open_store
from countenance.runtime.readiness import ReadinessDesk
from countenance.runtime.records import RecordsDesk
from countenance.runtime.setting_up import SetupDesk
from countenance.runtime.settings import Settings
from countenance.store import Store

__all__ = ["open_setup_desk", "setup_desk"]


def setup_desk(
    settings: Settings,
    *,
    store: Store,
    authority: AuthorityDesk,
    rules: RuleSet,
    vocabulary: Vocabulary,
    clock: Clock,
) -> SetupDesk:
    """Return the desk over an open store and a desk that looks at the system."""
    roles = shipped_roles()
    return SetupDesk(
        authority=authority,
        records=RecordsDesk(
            store=store, authority=authority, vocabulary=vocabulary, clock=clock, roles=roles
        ),
        keys=RoleKeyDesk(store=store, roles=roles, clock=clock),
        readiness=ReadinessDesk(
            authority=authority, rules=rules, vocabulary=vocabulary, roles=roles, clock=clock
        ),
        vocabulary=vocabulary,
        roles=roles,
        errors=error_rates(settings, store),
    )


@contextmanager
def open_setup_desk(settings: Settings, *, clock: Clock | None = None) -> Iterator[SetupDesk]:
    """Open the installation's records, without networks, and yield the desk.

    Raises:
        ErasuresNotReplayed: if somebody put an earlier state of the store back.
        OperatorError: if the store can't be opened.
    """
    clock = clock or SystemClock()
    rules, vocabulary = installed_rules(settings.rules_folder)
    with open_store(settings, clock=clock) as store:
        authority = authority_over(
            settings,
            store=store,
            rules=rules,
            vocabulary=vocabulary,
            clock=clock,
            observers=observers_here(settings, store=store, clock=clock, serving=False),
        )
        yield setup_desk(
            settings, store=store, authority=authority, rules=rules, vocabulary=vocabulary, clock=clock
        )
