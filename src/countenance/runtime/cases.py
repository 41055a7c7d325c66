"""The wiring of cases: incidents."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from countenance.authority import AuthorityDesk, shipped_roles
from countenance.cases import IncidentDesk, shipped_clocks
from countenance.kernel import Clock
from countenance.policy import RuleSet
from countenance.runtime.opening import open_records
from countenance.runtime.settings import Settings
from countenance.store import Store

__all__ = ["incident_desk", "open_incident_desk"]


def incident_desk(*, store: Store, authority: AuthorityDesk, rules: RuleSet, clock: Clock) -> IncidentDesk:
    """Return the desk for incidents over an open store."""
    return IncidentDesk(
        store=store,
        authority=authority,
        rules=rules,
        clocks=shipped_clocks(),
        roles=shipped_roles(),
        clock=clock,
    )


@contextmanager
def open_incident_desk(settings: Settings, *, clock: Clock | None = None) -> Iterator[IncidentDesk]:
    """Open the installation's records, without networks, and yield the desk.

    Raises:
        ErasuresNotReplayed: if somebody put an earlier state of the store back.
        OperatorError: if the store can't be opened.
    """
    with open_records(settings, clock=clock) as opened:
        yield incident_desk(
            store=opened.store, authority=opened.authority, rules=opened.rules, clock=opened.clock
        )
