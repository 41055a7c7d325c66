"""Archives from PyPI, through pip: the exact wheel or source distribution, checked, never installed."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path

from countenance.vision.registry.client import (
    LIMIT_SECONDS,
    PROBE_SECONDS,
    Watch,
    refuse_other_archive,
    single_archive,
    unwatched,
)
from countenance.vision.registry.entries import ArchiveKind, PackageSource
from countenance.vision.registry.errors import PackageClientMissing
from countenance.vision.registry.tools import ToolResult, run_tool

__all__ = ["PipClient"]

# pip's own report of a hash that it refused, before it looked into the archive.
_MISMATCH = re.compile(r"DO NOT MATCH THE HASHES.*?\bGot\s+([0-9a-f]{64})", re.DOTALL)


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
        mismatch = _MISMATCH.search(result.output)
        if mismatch is not None:
            refuse_other_archive(source, mismatch.group(1))
        return single_archive(into / "brought", source.kind.suffix, result, source.words)

    def download(
        self,
        requirement: str,
        *,
        hashes: Sequence[str],
        options: Sequence[str],
        environment: Mapping[str, str],
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
            command, folder=into, environment=environment, watch=watch, limit_seconds=LIMIT_SECONDS
        )

    def _python(self, folder: Path) -> str:
        if self._found is None:
            for python in self._pythons:
                probe = run_tool(
                    [python, "-m", "pip", "--version"],
                    folder=folder,
                    environment={},
                    watch=unwatched,
                    limit_seconds=PROBE_SECONDS,
                )
                if probe.status == 0:
                    self._found = python
                    break
            else:
                raise PackageClientMissing("No Python on this machine has pip.")
        return self._found


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
