"""A PostgreSQL server of the tests' own: a cluster in a temporary folder, on a Unix socket alone.

The server doesn't run as root, so root starts it as ``nobody``. It is stopped by its process id.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

_UNPRIVILEGED = 65534
_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "autovacuum": "off",
    "min_wal_size": "32MB",
    "wal_recycle": "off",
}
_ROOM = 2 * 1024**3


@cache
def server_programs() -> Path | None:
    """Return the folder of ``initdb`` and ``postgres``; ``None`` where PostgreSQL isn't installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


class Cluster:
    """One running server.

    Attributes:
        folder: holds ``data`` (PGDATA) and ``socket``.
        data: PGDATA.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        programs = server_programs()
        assert programs is not None
        self._programs = programs
        self.folder = folder
        self.data = folder / "data"
        self._socket = folder / "socket"
        self._settings = {**_SETTINGS, **(settings or {})}
        self._server: subprocess.Popen[bytes] | None = None
        self._made = 0

    def make(self) -> None:
        self._socket.mkdir()
        if os.geteuid() == 0:
            for path in (self.folder, self._socket):
                os.chown(path, _UNPRIVILEGED, _UNPRIVILEGED)
        self._run(
            "initdb", "-D", str(self.data), "-U", "owner", "-A", "trust", "-E", "UTF8", "--locale=C",
            "--no-sync", "--data-checksums",
        )  # fmt: skip
        self.start()

    def start(self) -> None:
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [str(self._programs / "postgres"), "-D", str(self.data), "-k", str(self._socket), *options],
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd=self.folder,
                **self._user(),  # type: ignore[call-overload]
            )
        until = time.monotonic() + 30
        while not self._answers():
            assert self._server.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < until
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill the server and all of its processes at once, as a crash would (SIGKILL)."""
        assert self._server is not None
        children = Path(f"/proc/{self._server.pid}/task/{self._server.pid}/children").read_text().split()
        self._server.kill()
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        self._server.wait(30)
        self._server = None

    def stop(self) -> None:
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(30)
            self._server = None

    def url(self, name: str = "postgres") -> str:
        return f"postgresql://owner@/{name}?host={self._socket}"

    def new(self, template: str = "template0") -> str:
        """Make a database and return its URL."""
        self._made += 1
        name = f"countenance_{self._made}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def sql(self, statement: str, *values: object, name: str = "postgres") -> list[tuple[object, ...]]:
        import psycopg  # noqa: PLC0415 - only where there is a server

        with psycopg.connect(self.url(name), autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def files_with(self, needle: bytes) -> list[str]:
        """Return which files of PGDATA hold these bytes, by their path in it."""
        return sorted(
            str(path.relative_to(self.data))
            for path in self.data.rglob("*")
            if path.is_file() and needle in path.read_bytes()
        )

    def _answers(self) -> bool:
        done = subprocess.run(
            [str(self._programs / "pg_isready"), "-q", "-h", str(self._socket)], check=False
        )
        return done.returncode == 0

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._programs / program), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            **self._user(),  # type: ignore[call-overload]
        )

    @staticmethod
    def _user() -> dict[str, object]:
        if os.geteuid() != 0:
            return {}
        return {"user": _UNPRIVILEGED, "group": _UNPRIVILEGED, "extra_groups": []}


@contextmanager
def running_cluster(settings: Mapping[str, str] | None = None) -> Iterator[Cluster]:
    """Give a server; stop it and remove its folder afterwards.

    Not below pytest's own folder: others may not enter that one, and a socket's path is at most 107 bytes. In
    memory where there is room: the server waits for its disk at each commit, and no test here cuts the power.
    """
    memory = Path("/dev/shm")  # noqa: S108 - a fresh folder in it, for its owner alone
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > _ROOM
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=memory if roomy else None))
    folder.chmod(0o700)
    cluster = Cluster(folder, settings)
    try:
        cluster.make()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def name_of(url: str) -> str:
    return url.partition("owner@/")[2].partition("?")[0]
