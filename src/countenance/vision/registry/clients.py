"""Picks the client of this machine by the registry that an archive lies in."""

from __future__ import annotations

from pathlib import Path

from countenance.vision.registry.client import PackageClient, Watch
from countenance.vision.registry.entries import PackageSource, Registry
from countenance.vision.registry.npm_client import NpmClient
from countenance.vision.registry.pip_client import PipClient

__all__ = ["MachineClients"]


class MachineClients:
    """The client of whichever registry an archive lies in.

    Args:
        pip: for PyPI.
        npm: for npm.
    """

    def __init__(self, *, pip: PackageClient | None = None, npm: PackageClient | None = None) -> None:
        own_pip = PipClient()
        self._clients: dict[Registry, PackageClient] = {
            Registry.PYPI: pip if pip is not None else own_pip,
            Registry.NPM: npm if npm is not None else NpmClient(pip=own_pip),
        }

    def bring(self, source: PackageSource, *, into: Path, watch: Watch) -> Path:
        """Bring the archive with the client of its registry; see :class:`PackageClient`."""
        return self._clients[source.registry].bring(source, into=into, watch=watch)
