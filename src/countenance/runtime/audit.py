"""What an installation shows an auditor: its key, checkpoints, proofs, evidence packs; and its own check.

Rules kept here:

* Every act is asked of the table of roles; reading records is enough, nothing here changes one.
* A cosigned checkpoint is kept beside the database, after the log's and the witness's signature were checked.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from countenance.authority import Act, Author, RoleTable, shipped_roles
from countenance.kernel import Clock, SystemClock
from countenance.release import (
    ExportRange,
    Finding,
    check_store,
    export_pack,
    prove_entry,
    prove_growth,
    rule_texts,
)
from countenance.runtime.opening import open_store
from countenance.runtime.settings import Settings
from countenance.store import (
    Cosignature,
    SignatureRefused,
    Store,
    WitnessKey,
    add_line,
    cosignatures_of,
    open_checkpoint,
)

__all__ = ["AuditDesk", "open_audit_desk"]

_FOLDER = "cosigned"
_MODE = 0o600


class AuditDesk:
    """Shows what happened, to a role that may read records.

    Args:
        store: what is on file; never handed out.
        roles: who may do what.
        rules_folder: the operator's own packs.
        cosigned_folder: where cosigned checkpoints are kept.
    """

    __slots__ = ("_cosigned", "_roles", "_rules_folder", "_store")

    def __init__(
        self, *, store: Store, roles: RoleTable, rules_folder: Path | None, cosigned_folder: Path
    ) -> None:
        self._store = store
        self._roles = roles
        self._rules_folder = rules_folder
        self._cosigned = cosigned_folder

    def public_key(self) -> Mapping[str, str]:
        """Return the installation's public key as a JWK; it is no secret."""
        return self._store.signer.public_jwk()

    def checkpoint(self) -> str:
        """Return the signed head of the log, and keep it as one that was handed out."""
        return self._store.log.checkpoint()

    def keep_cosigned(self, note: str, *, witness: WitnessKey, author: Author) -> Cosignature:
        """Keep a checkpoint that a witness cosigned.

        Args:
            note: the checkpoint with the witness's line.
            witness: its key.
            author: who keeps it.

        Raises:
            RoleMayNot: if the author's role may not.
            SignatureRefused: if log or witness didn't sign it.
        """
        self._roles.require(author.role, Act.READ_RECORDS)
        good, _ = cosignatures_of(note, log=self._store.log.key, witnesses=[witness])
        if not good:
            raise SignatureRefused("The checkpoint doesn't carry a good line of this witness.")
        size = open_checkpoint(note, key=self._store.log.key).size
        self._cosigned.mkdir(mode=0o700, exist_ok=True)
        path = self._cosigned / f"{size}.txt"
        kept = path.read_text(encoding="utf-8") if path.exists() else note
        for line in note.rpartition("\n\n")[2].splitlines(keepends=True):
            kept = add_line(kept, line)
        handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, _MODE)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(kept)
        return good[0]

    def check(self, *, author: Author) -> tuple[Finding, ...]:
        """Return everything in the installation's records that isn't as it was written.

        Raises:
            RoleMayNot: if the author's role may not read records.
        """
        self._roles.require(author.role, Act.READ_RECORDS)
        return check_store(self._store, witnessed=self._notes())

    def export(self, *, author: Author, span: ExportRange) -> bytes:
        """Return an evidence pack; see :func:`countenance.release.export_pack`.

        Raises:
            RoleMayNot: if the author's role may not read records.
            StoreNotWhole: if something isn't as it was written.
        """
        self._roles.require(author.role, Act.READ_RECORDS)
        texts = rule_texts(self._rules_folder)
        return export_pack(self._store, rule_texts=texts, span=span, cosigned=self._notes())

    def prove(self, which: str, *, author: Author) -> Mapping[str, object]:
        """Return the proof of an entry; see :func:`countenance.release.prove_entry`.

        Raises:
            RoleMayNot: if the author's role may not read records.
            NothingToProve: if the log has no such entry.
        """
        self._roles.require(author.role, Act.READ_RECORDS)
        return prove_entry(self._store, which)

    def prove_growth(self, earlier: str) -> Mapping[str, object]:
        """Return the proof that the log continues a checkpoint; it says nothing of any entry."""
        return prove_growth(self._store, earlier)

    def _notes(self) -> tuple[str, ...]:
        if not self._cosigned.is_dir():
            return ()
        return tuple(path.read_text(encoding="utf-8") for path in sorted(self._cosigned.glob("*.txt")))


@contextmanager
def open_audit_desk(settings: Settings, *, clock: Clock | None = None) -> Iterator[AuditDesk]:
    """Open the installation's records, without networks, and yield the desk.

    Raises:
        ErasuresNotReplayed: if somebody put an earlier state of the store back.
        OperatorError: if the store can't be opened.
    """
    with open_store(settings, clock=clock or SystemClock()) as store:
        yield AuditDesk(
            store=store,
            roles=shipped_roles(),
            rules_folder=settings.rules_folder,
            cosigned_folder=settings.data_folder / _FOLDER,
        )
