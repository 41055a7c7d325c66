"""Runs the command line as a user does, without paying for the imports each time.

One process imports the package and then waits, with a single thread. For each command it forks; the child
gets its own streams and ends as the interpreter ends it, so that exit status, both streams, a trace back and
a crash of native code are those of the real thing. What a command imported on its way, the process imports
before the next one.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from command_line import Answer, user_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CommandFork", "command_fork"]

_LONGEST_SECONDS = 240
_FILES_OF_THE_FORK = ("out", "err")
_IMPORTED = "imported"


class CommandFork:
    """The process that waits.

    Args:
        process: runs :func:`_wait`.
        streams: a folder for what the commands print.
    """

    def __init__(self, *, process: subprocess.Popen[str], streams: Path) -> None:
        self._process = process
        self._streams = streams

    def run(self, *arguments: str | Path, environment: Mapping[str, str] | None = None) -> Answer:
        """Run one command; a status below zero is the signal that ended it."""
        asked = {"arguments": [str(argument) for argument in arguments], "environment": environment or {}}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        out, err = ((self._streams / name).read_text("utf-8") for name in _FILES_OF_THE_FORK)
        return Answer(status, out, err)


@contextmanager
def command_fork(*, home: Path, temporary: Path) -> Iterator[CommandFork]:
    """Start the process for the time of a block.

    Args:
        home: home and working folder of the commands; holds nothing of this user's.
        temporary: their temporary folder.
    """
    environment = user_environment(home)
    tests = str(Path(__file__).parent)
    # With one thread of its own OpenBLAS starts none at import: only one thread may fork.
    environment |= {
        "TMPDIR": str(temporary),
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join((environment["PYTHONPATH"], tests)),
    }
    with tempfile.TemporaryDirectory() as streams:
        process = subprocess.Popen(
            [sys.executable, "-c", "import forked_commands; forked_commands._wait()", streams],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=home,
            env=environment,
        )
        with process:
            yield CommandFork(process=process, streams=Path(streams))
            assert process.stdin is not None
            process.stdin.close()


def _wait() -> None:
    """Serve commands until the other side hangs up; in a child, be the command."""
    from countenance.cli import main  # noqa: PLC0415 - this is what every command shares

    streams = Path(sys.argv[1])
    for line in sys.stdin:
        asked = json.loads(line)
        threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208
        if threads != 1:
            msg = f"{threads} threads: a fork would copy one of them"
            raise RuntimeError(msg)
        child = os.fork()
        if child == 0:
            _become(asked["arguments"], asked["environment"], streams)
            main()
            return
        _, ended = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(ended), flush=True)  # noqa: T201 - the answer to the other side
        with suppress(FileNotFoundError):  # a command that a signal ended tells nothing
            for name in (streams / _IMPORTED).read_text("utf-8").split():
                with suppress(ImportError):  # made while another module was imported
                    importlib.import_module(name)


def _become(arguments: list[str], environment: Mapping[str, str], streams: Path) -> None:
    """Take on a command's arguments, environment and streams; end if it lasts too long."""
    signal.alarm(_LONGEST_SECONDS)
    os.environ.update(environment)
    opened = [os.open(os.devnull, os.O_RDONLY)]
    opened += [
        os.open(streams / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600) for name in _FILES_OF_THE_FORK
    ]
    for stream, number in enumerate(opened):
        os.dup2(number, stream)
        os.close(number)
    sys.argv = ["countenance", *arguments]
    before = frozenset(sys.modules)

    def tell() -> None:
        (streams / _IMPORTED).write_text("\n".join(sorted(sys.modules.keys() - before)), "utf-8")

    atexit.register(tell)
