"""The paces of comparisons, as the settings state them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from countenance.decisions import ComparisonLimits, Pace

if TYPE_CHECKING:
    from countenance.kernel import Clock
    from countenance.runtime.settings import Settings
    from countenance.store import Store

__all__ = ["comparison_limits"]

_AT_ONCE = 10


def comparison_limits(settings: Settings, *, store: Store, clock: Clock) -> ComparisonLimits:
    """Return how often callers, devices and references of an installation are compared.

    A tenth of a caller's hour may come at once; a queue at a desk isn't spread over the hour. Of a reference,
    ten may: a person who isn't recognised tries again, and then goes another way.
    """
    hour, day = settings.comparisons_per_hour, settings.reference_comparisons_per_day
    return ComparisonLimits(
        dues=store.comparison_dues,
        clock=clock,
        caller=Pace(at_once=max(1, hour // 10), every=timedelta(hours=1) / hour),
        reference=Pace(at_once=min(_AT_ONCE, day), every=timedelta(days=1) / day),
    )
