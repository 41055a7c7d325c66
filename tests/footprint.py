"""What an installation holds at a moment: rows by table, files, and what lies in the temporary folder."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Footprint"]

_FOLLOWS = frozenset(
    {"log_nodes", "log_checkpoints", "log_head", "log_kept", "alembic_version", "comparison_dues"}
)
"""Tables whose rows follow from the number of the log's leaves, say nothing, or are gone when time passes."""
_BESIDE = ("-wal", "-shm")
"""SQLite makes and removes these beside a database."""


@dataclass(frozen=True)
class Footprint:
    """What was counted.

    Attributes:
        rows: how many there are, by table.
        files: every file below the folder, by its path from there.
        temporary: the same of the temporary folder.
    """

    rows: Mapping[str, int]
    files: frozenset[str]
    temporary: frozenset[str]

    @classmethod
    def of(cls, folder: Path, *, temporary: Path) -> Footprint:
        """Count what lies in an installation's folder, which may be open elsewhere."""
        databases = sorted(folder.rglob("*.db"))
        rows: dict[str, int] = {}
        for database in databases:
            rows |= _rows(database)
        return cls(rows, _files(folder), _files(temporary))

    def grown(self, later: Footprint) -> dict[str, int]:
        """Return by how many rows each table grew, tables that didn't change left out."""
        counted = {table: count - self.rows.get(table, 0) for table, count in later.rows.items()}
        return {table: count for table, count in sorted(counted.items()) if count}


def _rows(database: Path) -> dict[str, int]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        tables = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if name not in _FOLLOWS and not name.startswith("sqlite_")
        ]
        return {
            table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608 - our own
            for table in tables
        }


def _files(folder: Path) -> frozenset[str]:
    return frozenset(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(_BESIDE)
    )
