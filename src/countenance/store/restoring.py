"""Putting a backup back, with everything erased again that was erased since.

Rules kept here:

* Nothing is put in place before the journal was read whole, the backup's own line found in it, and every
  later erasure carried out again. Until then there is no store to open.
* A backup beyond its last day isn't restored: certificates say that it is gone.
* The database is written anew, so that no page holds what was erased.
* That it was restored is logged. The log goes on from the backup's own head: who holds a later checkpoint
  sees that entries are missing, which is what a restore does.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from countenance.kernel import Clock, KeyProvider, sha256_hex
from countenance.store.backup import BACKUP_KIND, BackupFile, BackupRecord, place_database
from countenance.store.erasure_journal import JournalContent
from countenance.store.errors import (
    BackupOver,
    BackupUnreadable,
    ErasureJournalBroken,
    SignatureRefused,
    StoreExists,
)
from countenance.store.sqlite import DATABASE_FILE
from countenance.store.store import Store

__all__ = ["Restored", "replay_erasures", "restore_backup"]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did.

    Attributes:
        backup: which backup.
        erased_again: how many people's purposes were erased again.
        log_size: how long the log is now.
    """

    backup: BackupRecord
    erased_again: int
    log_size: int


def restore_backup(
    path: Path, *, folder: Path, journal: Path, key_provider: KeyProvider, clock: Clock
) -> Restored:
    """Open a backup, erase again what was erased since, and put it in place as the store.

    Args:
        path: the backup.
        folder: the data folder; has no store in it.
        journal: the erasure journal of the installation.
        key_provider: holds the root key of the installation.
        clock: says which day it is.

    Raises:
        StoreExists: if there is a store in the data folder.
        BackupUnreadable: if the backup was altered or cut, or made under another root key.
        BackupOver: if its last day is over.
        ErasureJournalMissing: if there is no journal; nothing is put in place then.
        ErasureJournalBroken: if the journal was altered, is another installation's, or is older than the
            backup.
    """
    if (folder / DATABASE_FILE).exists():
        raise StoreExists(
            "There is a store in the data folder.", remedy="Move the data folder away, then restore."
        )
    file, content = BackupFile.open(path, provider=key_provider)
    staging = place_database(folder.with_name(folder.name + ".restoring"), content)
    try:
        with Store.open(staging, key_provider=key_provider, clock=clock) as store:
            backup = _manifest(store, file, content)
            if backup.last_day < clock.now().date():
                raise BackupOver("The backup's last day is over.")
            said = store.journal(journal).read()
            if backup.backup_id not in {one.backup_id for one in said.backups}:
                raise ErasureJournalBroken("The erasure journal doesn't know this backup: cut, or older.")
            again = replay_erasures(store, said, backup=backup.backup_id)
            size = store.log.size()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (staging / DATABASE_FILE).rename(folder / DATABASE_FILE)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return Restored(backup, again, size)


def replay_erasures(store: Store, said: JournalContent, *, backup: str | None = None) -> int:
    """Erase again in a store what its journal says was erased; write the database anew; log it.

    Args:
        store: an earlier state of the installation.
        said: its journal, read whole.
        backup: the backup that it was; ``None`` for an earlier state that somebody put back otherwise.

    Returns:
        How many people's purposes were erased again.
    """
    again = store.erasures.replay(said.keys)
    for one in said.backups:
        store.backups.add(BackupRecord(one.backup_id, one.made_at, one.last_day))
    store.log.append("restored", {"backup": backup, "erased_again": again, "keys": len(said.keys)})
    store.erasures.compact()
    return again


def _manifest(store: Store, file: BackupFile, content: bytes) -> BackupRecord:
    try:
        claims = store.signer.verify(file.manifest, kind=BACKUP_KIND)
    except SignatureRefused:
        raise BackupUnreadable("The backup's manifest isn't as it was signed.") from None
    if claims.get("sha256") != sha256_hex(content) or claims.get("backup") != file.header["backup"]:
        raise BackupUnreadable("The backup isn't the one that its manifest describes.")
    return BackupRecord(
        str(claims["backup"]),
        datetime.fromisoformat(str(claims["made_at"])),
        date.fromisoformat(str(claims["last_day"])),
    )
