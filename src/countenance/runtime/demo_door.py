"""The demonstration's places beside its front desk: made once, opened afterwards."""

from __future__ import annotations

from pathlib import Path

from countenance.authority import DemoDoor, seed_demo_door, seed_demo_pass_desk
from countenance.kernel import SystemClock
from countenance.runtime.demo import DemoFolder, create_demo_records, demo_settings, prepare_demo
from countenance.runtime.opening import open_records
from countenance.runtime.settings import Settings

__all__ = ["prepare_demo_door", "prepare_demo_pass_desk"]


def prepare_demo_door(settings: Settings, *, folder: Path, jurisdiction: str) -> DemoDoor:
    """Make or open the demonstration in a folder and put its made-up staff door beside the hotel.

    Raises:
        DemoFolderForeign: if the folder holds an installation that isn't a demonstration.
        DemoNotOffered: if there is no hotel in that jurisdiction, or the folder's stands in another one.
    """
    with prepare_demo(settings, folder=folder, jurisdiction=jurisdiction):
        own = demo_settings(settings, DemoFolder(folder.expanduser().absolute()))
    with open_records(own, clock=SystemClock()) as records:
        return seed_demo_door(records.authority, jurisdiction=jurisdiction)


def prepare_demo_pass_desk(settings: Settings, *, folder: Path, jurisdiction: str) -> DemoDoor:
    """Make or open the demonstration in a folder and put its made-up pass desk beside the hotel.

    No network is loaded for it: taking a pass back needs none.

    Raises:
        DemoFolderForeign: if the folder holds an installation that isn't a demonstration.
        DemoNotOffered: if there is no hotel in that jurisdiction, or the folder's stands in another one.
        ErasuresNotReplayed: if somebody put an earlier state of the store back.
    """
    own = create_demo_records(settings, folder=folder)
    with open_records(own, clock=SystemClock()) as records:
        return seed_demo_pass_desk(records.authority, jurisdiction=jurisdiction)
