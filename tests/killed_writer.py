"""Writes evidence and log entries as fast as it can and says after each that it was written; gets killed.

Run as a program: ``python killed_writer.py ROOT``. Where the file ``ROOT/database`` is, it says on which
PostgreSQL database the records are. Each line on standard output is the identifier of a record that was
acknowledged. Whoever starts it kills it and looks what is left.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from countenance.kernel import SubjectId, SystemClock
from countenance.release import check_store
from countenance.store import (
    EvidenceRecord,
    EvidenceScope,
    Issuer,
    RecordUnknown,
    Store,
    create_root_key,
    key_provider,
)
from postgresql_cluster import Cluster


def prepare(root: Path, database_url: str | None = None) -> None:
    """Make an empty installation."""
    uri = f"file:{root / 'root.key'}"
    create_root_key(uri)
    if database_url is not None:
        (root / "database").write_text(database_url, encoding="utf-8")
    Store.create(
        root / "data", key_provider=key_provider(uri), clock=SystemClock(), database_url=database_url
    ).close()


def opened(root: Path) -> Store:
    said = root / "database"
    return Store.open(
        root / "data",
        key_provider=key_provider(f"file:{root / 'root.key'}"),
        clock=SystemClock(),
        database_url=said.read_text(encoding="utf-8") if said.is_file() else None,
    )


def write(root: Path) -> None:
    """Write for ever: a record and its entry in one transaction, then its identifier on standard output."""
    clock = SystemClock()
    with opened(root) as store:
        number = 0
        while True:
            number += 1
            subject = SubjectId(f"sub_{number % 7}") if number % 2 else None
            record = EvidenceRecord.make(
                key="notice",
                content={"text": "x" * (number % 500)},
                author="officer",
                issuer=Issuer.PERSON,
                recorded_at=clock.now(),
                scope=EvidenceScope(subject=subject),
            )
            with store.together():
                store.evidence.add(record)
                store.log.append(
                    "evidence-recorded",
                    {"evidence": record.evidence_id, "content_hash": record.content_hash},
                    subject=subject,
                )
            sys.stdout.write(f"{record.evidence_id}\n")
            sys.stdout.flush()


@dataclass
class Killed:
    """What was seen after kills.

    Attributes:
        kills: how many.
        acknowledged: how many records were acknowledged.
        lost: acknowledged records that aren't there.
        findings: what the check found in all.
        unacknowledged: how many were there that nobody heard of any more; rightly whole.
    """

    kills: int = 0
    acknowledged: int = 0
    lost: int = 0
    findings: int = 0
    unacknowledged: int = 0


def kill_once(root: Path, draw: random.Random, seen: Killed, server: Cluster | None = None) -> None:
    """Start a writer, kill it at a random moment of its writing, open and check what is left.

    With a ``server``, that one is killed instead, and started again; the writer then ends by itself.
    """
    told = killed_while([sys.executable, __file__, str(root)], draw, server, longest=0.08)
    with opened(root) as store:
        for name in told:
            try:
                store.evidence.get(name)  # type: ignore[arg-type]
            except RecordUnknown:
                seen.lost += 1
        seen.findings += len(check_store(store))
        seen.kills += 1
        seen.acknowledged += len(told)
        seen.unacknowledged = store.log.size() - seen.acknowledged


def killed_while(
    command: list[str], draw: random.Random, server: Cluster | None, *, longest: float
) -> list[str]:
    """Start a program, kill it up to so many seconds after its first line; return its whole lines.

    With a ``server``, that one is killed instead, and started again; the program then ends by itself.
    """
    # S603: our own programs.
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=None if server is None else subprocess.DEVNULL, text=True
    ) as writer:
        assert writer.stdout is not None
        told = [writer.stdout.readline().strip()]
        time.sleep(draw.uniform(0, longest))
        if server is None:
            writer.send_signal(signal.SIGKILL)
        else:
            server.kill()
        told += [
            line.strip() for line in writer.stdout.read().splitlines(keepends=True) if line.endswith("\n")
        ]
    if server is not None:
        server.start()
    return [one for one in told if one]


if __name__ == "__main__":
    write(Path(sys.argv[1]))
