"""Runs a package client as a child process: captured, watched, and killed when this one is interrupted."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ToolResult", "run_tool"]

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")
_PERIOD_SECONDS = 0.1
_LINES = 4


@dataclass(frozen=True, slots=True)
class ToolResult:
    """How a child process ended.

    Attributes:
        status: its exit status; negative for a signal.
        output: what it printed, both streams together.
    """

    status: int
    output: str

    def last_words(self) -> str:
        """Return the last lines that speak of an error, without addresses (they can hold passwords)."""
        lines = [line.strip() for line in self.output.splitlines() if line.strip()]
        telling = [line for line in lines if "err" in line.lower()] or lines
        return " / ".join(_ADDRESS.sub("(address left out)", line) for line in telling[-_LINES:])


def run_tool(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    watch: Callable[[int], None],
    limit_seconds: float,
) -> ToolResult:
    """Run a command with a private temporary folder and say how it went.

    Args:
        command: the program and its arguments; never a shell line.
        folder: the working folder, private to this call; temporary files go into it too, so that what
            grows there is the download.
        environment: variables set on top of this process's own, so that the user's configuration holds.
        watch: told several times a second how many bytes lie in the folder.
        limit_seconds: after this time the process is killed.

    Returns:
        Status and output. A program that can't be started or took too long has a status too (127, 124).
    """
    log = folder / "output.txt"
    scratch = folder / "tmp"
    scratch.mkdir(exist_ok=True)
    merged = {**os.environ, "TMPDIR": str(scratch), **environment}
    with log.open("wb") as sink:
        try:
            process = subprocess.Popen(  # noqa: S603 - no shell; the program was found by us
                list(command),
                cwd=folder,
                env=merged,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
            )
        except OSError as error:
            return ToolResult(127, f"error: the program can't be started ({type(error).__name__})")
        status = _watched(process, folder, watch, limit_seconds)
    return ToolResult(status, log.read_text(encoding="utf-8", errors="replace"))


def _watched(
    process: subprocess.Popen[bytes], folder: Path, watch: Callable[[int], None], limit_seconds: float
) -> int:
    deadline = time.monotonic() + limit_seconds
    try:
        while True:
            try:
                return process.wait(_PERIOD_SECONDS)
            except subprocess.TimeoutExpired:
                watch(_bytes_below(folder))
            if time.monotonic() > deadline:
                return 124
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _bytes_below(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(parent) / name).stat().st_size
            except OSError:  # the client moved it away meanwhile
                continue
    return total
