"""A made-up driver's own phone, so that the warning of sleep can be shown with evidence really on file.

Rules kept here are those of the made-up hotel (:mod:`countenance.authority.demo`). The phone has a purpose of
its own: nobody is enrolled, compared or searched for with it.
"""

from __future__ import annotations

from typing import Final

from countenance.authority.demo_door import DemoDoor, seed_beside_hotel
from countenance.authority.desk import AuthorityDesk

__all__ = ["seed_demo_driver"]

_FUNCTIONS: Final = ("capture", "drowsiness_self")
_FILE: Final = "demo_driver.toml"


def seed_demo_driver(desk: AuthorityDesk, *, jurisdiction: str) -> DemoDoor:
    """Register the made-up driver's phone and file what its driver answers for.

    Args:
        desk: the desk of a demonstration.
        jurisdiction: where it is.

    Raises:
        DemoEvidenceRefused: if the store wasn't created for a demonstration.
        DemoNotOffered: if there is no hotel in that jurisdiction, or this data folder's stands in another.
    """
    return seed_beside_hotel(desk, file=_FILE, functions=_FUNCTIONS, jurisdiction=jurisdiction)
