"""The paces that desks in tests are built with: callers are in no hurry, references as shipped."""

from __future__ import annotations

from datetime import timedelta

from countenance.decisions import ComparisonLimits, Pace
from front_desk import FrontDesk

CALLER = Pace(at_once=60, every=timedelta(seconds=6))
REFERENCE = Pace(at_once=10, every=timedelta(days=1) / 50)


def limits_of(hotel: FrontDesk, *, caller: Pace = CALLER, reference: Pace = REFERENCE) -> ComparisonLimits:
    """Return limits over the hotel's store and clock."""
    dues = hotel.store.comparison_dues
    return ComparisonLimits(dues=dues, clock=hotel.clock, caller=caller, reference=reference)
