"""The erasure journal: which keys were destroyed and which backups made, in a file outside the store.

A restored backup doesn't know what was erased after it was made. This file does. It names nobody: a key's id
is random, and without the store it was in it says nothing.

Rules kept here:

* One signed line (compact JWS) for each erasure and each backup. Each names the line before it by hash, and
  counts on; a line that is altered, dropped, added or moved is found. Lines cut off at the end aren't found
  here: the backup's own line has to be there, and the store has to know the last key.
* A line is on disk before the erasure is kept. A line too many erases again what was asked to be erased.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from countenance.kernel import CountenanceError, DeploymentId, PurposeId
from countenance.store.errors import ErasureJournalBroken, ErasureJournalMissing, StoreExposed
from countenance.store.signing import Ed25519Signer
from countenance.store.vault import DestroyedKey

__all__ = ["JOURNAL_KIND", "ErasureJournal", "JournalContent", "JournaledBackup"]

JOURNAL_KIND: Final = "countenance-erasure+jws"
"""The ``typ`` of a line's JWS header."""

_FIRST: Final = "0" * 64
_LONGEST_LINE: Final = 4 * 1024 * 1024
_TAIL: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class JournaledBackup:
    """A backup that was made.

    Attributes:
        backup_id: its identifier.
        made_at: when, UTC.
        last_day: until which day it is kept.
    """

    backup_id: str
    made_at: datetime
    last_day: date


@dataclass(frozen=True, slots=True)
class JournalContent:
    """What a whole journal says.

    Attributes:
        keys: id and purpose of each destroyed key, the oldest first.
        backups: the backups, the oldest first.
    """

    keys: tuple[tuple[str, PurposeId], ...]
    backups: tuple[JournaledBackup, ...]


class ErasureJournal:
    """One installation's journal. Append to it inside the store's own change, which lets one in at a time.

    Args:
        path: the file; made (0600) at the first line.
        signer: signs the lines, and checks them.
        deployment: whose journal it is.
    """

    __slots__ = ("_deployment", "_path", "_signer")

    def __init__(self, *, path: Path, signer: Ed25519Signer, deployment: DeploymentId) -> None:
        self._path = path
        self._signer = signer
        self._deployment = deployment

    def erased(self, keys: Sequence[DestroyedKey], *, at: datetime) -> None:
        """Write that keys were destroyed.

        Raises:
            ErasureJournalBroken: if the last line isn't one of this installation's.
            ErasureJournalMissing: if the file can't be written.
        """
        listed = [[key.key_id, key.purpose] for key in keys]
        self._append({"at": at.isoformat(), "keys": listed})

    def backed_up(self, backup: JournaledBackup) -> None:
        """Write that a backup was made.

        Raises:
            ErasureJournalBroken: as :meth:`erased`.
            ErasureJournalMissing: as :meth:`erased`.
        """
        said = {"id": backup.backup_id, "last_day": backup.last_day.isoformat()}
        self._append({"at": backup.made_at.isoformat(), "backup": said})

    def read(self) -> JournalContent:
        """Return what the journal says, every line checked.

        Raises:
            ErasureJournalMissing: if there is none.
            ErasureJournalBroken: if a line was altered, dropped, added or moved.
        """
        keys: list[tuple[str, PurposeId]] = []
        backups: list[JournaledBackup] = []
        previous = _FIRST
        for number, line in enumerate(self._lines()):
            claims = self._claims(line)
            if claims.get("number") != number or claims.get("previous") != previous:
                raise ErasureJournalBroken("A line of the erasure journal is missing, or not in its place.")
            previous = _hash(line)
            try:
                keys += [(str(key), PurposeId(str(purpose))) for key, purpose in claims.get("keys", ())]  # type: ignore[attr-defined]
                if "backup" in claims:
                    backups.append(_backup(claims))
            except (KeyError, TypeError, ValueError):
                raise ErasureJournalBroken("A line of the erasure journal hasn't its form.") from None
        return JournalContent(tuple(keys), tuple(backups))

    def last_key(self) -> str | None:
        """Return the id of a key that the last erasure destroyed; ``None`` where nothing was erased.

        Looks from the end, so that it costs nothing to ask at every start.

        Raises:
            ErasureJournalBroken: if a line on the way isn't one of this installation's.
        """
        if not self._path.exists():
            return None
        last = self._last_line()
        for line in [] if last is None else [last, *reversed(self._lines())]:
            keys = self._claims(line).get("keys")
            if isinstance(keys, list) and keys:
                return str(keys[-1][0])
        return None

    def _append(self, said: Mapping[str, object]) -> None:
        last = self._last_line() if self._path.exists() else None
        number, previous = 0, _FIRST
        if last is not None:
            number, previous = int(str(self._claims(last).get("number"))) + 1, _hash(last)
        claims = {**said, "deployment": self._deployment, "number": number, "previous": previous}
        line = self._signer.sign(claims, kind=JOURNAL_KIND)
        try:
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(handle, line.encode() + b"\n")
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            msg = f"The erasure journal can't be written ({error.strerror})."
            raise ErasureJournalMissing(
                msg, remedy="Let this user write to the folder of the setting erasure_journal."
            ) from None

    def _last_line(self) -> str | None:
        """Return the last whole line, read from the end; cut off what a crash left behind it."""
        try:
            with self._path.open("r+b") as file:
                size = end = file.seek(0, os.SEEK_END)
                tail = b""
                while end and tail.count(b"\n") < 2:  # noqa: PLR2004 - the end of the line before, and its own
                    begin = max(0, end - _TAIL)
                    file.seek(begin)
                    tail, end = file.read(end - begin) + tail, begin
                whole, _, torn = tail.rpartition(b"\n")
                if torn:
                    file.truncate(size - len(torn))
                return whole.rpartition(b"\n")[2].decode("ascii") or None
        except (OSError, UnicodeDecodeError):
            raise ErasureJournalMissing("The erasure journal can't be read.") from None

    def _lines(self) -> list[str]:
        try:
            if self._path.stat().st_mode & 0o077:
                raise StoreExposed("Others on this machine can use the erasure journal.")
            written = self._path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            raise ErasureJournalMissing("There is no erasure journal to read.") from None
        # A crash may have cut the last line; the erasure that it was for wasn't kept.
        return written.split("\n")[:-1]

    def _claims(self, line: str) -> Mapping[str, object]:
        try:
            claims = self._signer.verify(line[:_LONGEST_LINE], kind=JOURNAL_KIND)
        except CountenanceError:
            raise ErasureJournalBroken("A line of the erasure journal isn't as it was signed.") from None
        if claims.get("deployment") != self._deployment:
            raise ErasureJournalBroken("The erasure journal belongs to another installation.")
        return claims


def _hash(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()


def _backup(claims: Mapping[str, object]) -> JournaledBackup:
    said = claims["backup"]
    if not isinstance(said, dict):
        raise TypeError
    made_at = datetime.fromisoformat(str(claims["at"]))
    return JournaledBackup(str(said["id"]), made_at, date.fromisoformat(str(said["last_day"])))
