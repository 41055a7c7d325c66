"""A desk at which guests were verified, its evidence pack, and ways to tamper with both.

Every tampering is drawn from a seed and returns what it did; whoever calls it sees that it was found.
"""

from __future__ import annotations

import base64
import json
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from countenance.kernel import FixedClock, SubjectId
from countenance.release import check_store, export_pack, read_archive, rule_texts, verify_pack, write_archive
from countenance.store import PublicVerifier, Store, StoreError, WitnessSigner, key_provider
from front_desk import NOON, FrontDesk, front_desk
from verification_desk import MadeUpAnalyser, MadeUpEmbedder, MadeUpFace, counter_with, picture_of

Members = dict[str, bytes]


@dataclass(frozen=True)
class Audited:
    """A hotel where something happened, and what an auditor got of it."""

    hotel: FrontDesk
    pack: bytes
    witness: WitnessSigner
    checkpoint: str

    @property
    def key(self) -> PublicVerifier:
        return PublicVerifier(self.hotel.store.signer.public_jwk())


@contextmanager
def audited_desk(root: Path, *, guests: int = 3) -> Iterator[Audited]:
    with front_desk(root) as hotel:
        counter = counter_with(hotel, analyser=MadeUpAnalyser(), embedder=MadeUpEmbedder())
        hotel.store.log.checkpoint()
        for number in range(guests):
            subject = SubjectId(f"sub_guest{number}")
            hotel.welcome(subject=subject)
            counter.desk.verify(
                counter.order(
                    picture_of(MadeUpFace(), seed=2 * number),
                    picture_of(MadeUpFace(angle=0.9 * number), seed=2 * number + 1),
                    subject=subject,
                )
            )
            hotel.store.log.checkpoint()
        hotel.withdraw("alternative_channel")
        witness = WitnessSigner.generate("works-council")
        note = witness.cosign(hotel.store.log.checkpoint(), log=hotel.store.log.key, at=NOON)
        pack = export_pack(hotel.store, rule_texts=rule_texts(None), cosigned=[note])
        yield Audited(hotel, pack, witness, note)


def _flip(data: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << draw.randrange(8))]) + data[at + 1 :]


def _rows(members: Members, name: str) -> list[Any]:
    if name.endswith(".jsonl"):
        return [json.loads(line) for line in members[name].split(b"\n")]
    rows: list[Any] = json.loads(members[name])
    return rows


def _write_rows(members: Members, name: str, rows: list[Any]) -> None:
    written = [json.dumps(row, separators=(",", ":"), sort_keys=True, ensure_ascii=False) for row in rows]
    text = "\n".join(written) if name.endswith(".jsonl") else f"[{','.join(written)}]"
    members[name] = text.encode()


LISTS = {
    "leaf": "log/entries.jsonl",
    "checkpoint": "log/checkpoints.json",
    "receipt": "decisions.json",
    "record": "evidence.json",
}
WAYS = ("flip", "drop", "reorder", "truncate", "replay")
THINGS = (*LISTS, "rule pack")


def tampered_pack(pack: bytes, thing: str, way: str, draw: random.Random) -> tuple[bytes, str]:
    """Return the pack after one change, its archive made anew around it, and the member that was changed."""
    members, _, _ = read_archive(pack)
    if thing == "rule pack":
        name = draw.choice([one for one in members if one.startswith("rules/shipped/")])
        _tamper_text(members, name, way, draw)
    else:
        name = LISTS[thing]
        _tamper_list(members, name, way, draw)
    return write_archive(members), name


def _tamper_text(members: Members, name: str, way: str, draw: random.Random) -> None:
    text = members[name]
    lines = text.split(b"\n")
    one, two = draw.sample(range(len(lines)), 2)
    if way == "flip":
        members[name] = _flip(text, draw)
    elif way == "drop":
        del members[name]
    elif way == "reorder":
        while lines[one] == lines[two]:
            one, two = draw.sample(range(len(lines)), 2)
        lines[one], lines[two] = lines[two], lines[one]
        members[name] = b"\n".join(lines)
    elif way == "truncate":
        members[name] = text[: draw.randrange(len(text))]
    else:
        members[name] = text + b"\n" + text


def _tamper_list(members: Members, name: str, way: str, draw: random.Random) -> None:
    rows = _rows(members, name)
    at = draw.randrange(len(rows))
    if way == "flip":
        members[name] = _flip(members[name], draw)
        return
    if way == "drop":
        del rows[at]
    elif way == "reorder":
        other = draw.choice([i for i in range(len(rows)) if i != at])
        rows[at], rows[other] = rows[other], rows[at]
    elif way == "truncate":
        rows = rows[:at]
    else:
        rows.insert(draw.randrange(len(rows) + 1), rows[at])
    _write_rows(members, name, rows)


def findings_of(audited: Audited, pack: bytes) -> list[tuple[str, str]]:
    report = verify_pack(pack, key=audited.key, witnesses=[audited.witness.key])
    return [(one.code.value, one.where) for one in report.findings]


@dataclass(frozen=True)
class TamperedStore:
    """A copy of a data folder, changed past the store."""

    root: Path
    checkpoint: str

    def findings(self) -> list[str]:
        """What is found when it is opened and checked; an installation that doesn't open says so too."""
        provider = key_provider(f"file:{self.root / 'root.key'}")
        try:
            with Store.open(self.root / "data", key_provider=provider, clock=FixedClock(NOON)) as store:
                return [
                    f"{one.code.value} {one.where}" for one in check_store(store, witnessed=[self.checkpoint])
                ]
        except StoreError as error:
            return [error.code]


Change = Callable[[sqlite3.Connection, random.Random], None]

_TABLES = {
    "leaf": ("log_entries", "position"),
    "checkpoint": ("log_checkpoints", "size"),
    "receipt": ("decisions", "decision_id"),
    "record": ("evidence", "evidence_id"),
    "permit": ("permits", "permit_id"),
}
STORED = tuple(_TABLES)


def copied(root: Path, target: Path) -> Path:
    """Copy an installation that nobody has open."""
    shutil.copytree(root, target)
    return target


def tamper_store(root: Path, thing: str, way: str, draw: random.Random) -> str:
    """Change one row of the database file past the store; return what was done."""
    table, key = _TABLES[thing]
    with closing(sqlite3.connect(root / "data" / "countenance.db")) as database, database:
        database.execute("PRAGMA foreign_keys = OFF")
        keys = [row[0] for row in database.execute(f"SELECT {key} FROM {table} ORDER BY {key}")]  # noqa: S608
        one, two = draw.sample(keys, 2)
        if way == "flip":
            return _flip_cell(database, table, key, one, draw)
        if way == "drop":
            database.execute(f"DELETE FROM {table} WHERE {key} = ?", (one,))  # noqa: S608
        elif way == "truncate":
            last = sorted(keys)[draw.randrange(len(keys)) :]
            database.executemany(f"DELETE FROM {table} WHERE {key} = ?", [(i,) for i in last])  # noqa: S608
        else:
            _move(database, table, key, (one, two), both=way == "reorder")
        return f"{way} {table} {one}"


def _flip_cell(database: sqlite3.Connection, table: str, key: str, which: object, draw: random.Random) -> str:
    cursor = database.execute(f"SELECT * FROM {table} WHERE {key} = ?", (which,))  # noqa: S608
    row = dict(zip([one[0] for one in cursor.description], cursor.fetchone(), strict=True))
    column = draw.choice([name for name, cell in row.items() if cell not in (None, "", b"")])
    cell = row[column]
    if isinstance(cell, int):
        new: object = 1 - cell if cell in (0, 1) and table != "log_entries" else cell + 10_000
    elif isinstance(cell, bytes):
        new = _flip(cell, draw)
    else:
        at = draw.randrange(len(cell))
        new = cell[:at] + ("0" if cell[at] != "0" else "1") + cell[at + 1 :]
    database.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (new, which))  # noqa: S608
    return f"flip {table}.{column} {which}"


def _move(
    database: sqlite3.Connection, table: str, key: str, which: tuple[object, object], *, both: bool
) -> None:
    """Put the content of one row under the other's key; or exchange the two."""
    columns = [one[1] for one in database.execute(f"PRAGMA table_info({table})") if one[1] != key]
    named = ", ".join(columns)
    contents = [
        database.execute(f"SELECT {named} FROM {table} WHERE {key} = ?", (one,)).fetchone()  # noqa: S608
        for one in which
    ]
    assignments = ", ".join(f"{column} = ?" for column in columns)
    update = f"UPDATE {table} SET {assignments} WHERE {key} = ?"  # noqa: S608
    database.execute(update, (*contents[0], which[1]))
    if both:
        database.execute(update, (*contents[1], which[0]))


def with_other_signature(token: str) -> str:
    """Return a JWS with the last byte of its signature changed."""
    head, _, signature = token.rpartition(".")
    raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
    raw[-1] ^= 1
    return f"{head}.{base64.urlsafe_b64encode(raw).decode().rstrip('=')}"
