"""A made-up hotel with its desks for people's rights."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from countenance.authority import Author, Role, shipped_roles, shipped_rules
from countenance.cases import ErasureDesk, HoldDesk, SubjectExporter, Sweeper
from countenance.kernel import PurposeId
from countenance.store import ErasureJournal
from front_desk import FrontDesk

__all__ = ["OFFICER", "Rights", "rights_of"]

OFFICER = Author(Role.OFFICER)


@dataclass(frozen=True)
class Rights:
    """The hotel, and what its people may ask for."""

    hotel: FrontDesk
    journal: ErasureJournal
    erasures: ErasureDesk
    holds: HoldDesk
    sweeper: Sweeper
    exporter: SubjectExporter

    @property
    def purpose(self) -> PurposeId:
        return self.hotel.site.purpose


def rights_of(hotel: FrontDesk, journal_path: Path) -> Rights:
    rules, vocabulary = shipped_rules()
    store, clock, roles = hotel.store, hotel.clock, shipped_roles()
    journal = store.journal(journal_path)
    sweeper = Sweeper(
        store=store,
        rules=rules,
        vocabulary=vocabulary,
        clock=clock,
        journal=journal,
        decision_keep=timedelta(days=180),
        largest_jump=timedelta(days=35),
    )
    return Rights(
        hotel=hotel,
        journal=journal,
        erasures=ErasureDesk(store=store, rules=rules, roles=roles, clock=clock, journal=journal),
        holds=HoldDesk(store=store, roles=roles, clock=clock),
        sweeper=sweeper,
        exporter=SubjectExporter(store=store, sweeper=sweeper, roles=roles, clock=clock),
    )
