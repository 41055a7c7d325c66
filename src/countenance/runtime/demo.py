"""The demonstration's installation: a folder of its own, a key beside it, DEMO evidence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from countenance.authority import DemoSite
    from countenance.kernel import Clock
    from countenance.runtime.services import Services
    from countenance.runtime.settings import Settings

__all__ = ["DemoFolder", "DemoInstallation", "prepare_demo"]


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """Where the parts of a demonstration lie.

    Attributes:
        root: the folder that the user named.
    """

    root: Path

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.root / "data"

    @property
    def key(self) -> Path:
        """The root key: outside the data folder."""
        return self.root / "key" / "root.key"

    @property
    def pictures(self) -> Path:
        """What the demonstration draws to be looked at."""
        return self.root / "pictures"


@dataclass(frozen=True, slots=True, eq=False)
class DemoInstallation:
    """A demonstration that is ready.

    Attributes:
        services: what it offers.
        site: the places and devices of its hotel.
        folder: where it lies.
    """

    services: Services
    site: DemoSite
    folder: DemoFolder


def prepare_demo(
    settings: Settings, *, folder: Path, jurisdiction: str, clock: Clock | None = None
) -> DemoInstallation:
    """Create or open the demonstration in a folder.

    Raises:
        DemoFolderForeign: if the folder holds an installation that isn't a demonstration.
        DemoNotOffered: if there is no demonstration hotel in that jurisdiction.
    """
    raise NotImplementedError
