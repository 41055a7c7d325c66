"""The root key of a store: who holds it, and replacing it.

Rules kept here:

* It wraps the master key and the keys of those purposes that name no custodian of their own; nothing else.
* It is replaced in one change, so that a crash leaves the one or the other. What is open goes on: it needs
  the root key no more until it is opened again.
* What was wrapped with the key before is overwritten in the store's files. Backups from before open with that
  key, until their last day.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from countenance.kernel import DeploymentId, KeyProvider
from countenance.store._models import DeploymentRow
from countenance.store.backup import master_context
from countenance.store.errors import ErasureUnfinished, RootKeyInsideStore, RootKeySame
from countenance.store.key_providers import key_file_of

if TYPE_CHECKING:
    from countenance.store.database import Database
    from countenance.store.integrity import RowMac
    from countenance.store.log import TransparencyLog
    from countenance.store.purpose_keys import PurposeKeys

__all__ = ["RootKey", "refuse_key_inside"]


class RootKey:
    """The root key of one store.

    Args:
        database: where what it wraps is kept.
        row_mac: stamps and checks the rows.
        deployment: what a wrapped key is bound to.
        provider: holds it.
        purpose_keys: those that it wraps.
        log: is told of a replacement.
        folder: the data folder, in which it may not lie.
    """

    def __init__(
        self,
        *,
        database: Database,
        row_mac: RowMac,
        deployment: DeploymentId,
        provider: KeyProvider,
        purpose_keys: PurposeKeys,
        log: TransparencyLog,
        folder: Path,
    ) -> None:
        self._database = database
        self._row_mac = row_mac
        self._deployment = deployment
        self._provider = provider
        self._purpose_keys = purpose_keys
        self._log = log
        self._folder = folder

    @property
    def uri(self) -> str:
        """Who holds it; says nothing secret."""
        return self._provider.uri

    def rotate(self, provider: KeyProvider, *, by: str) -> int:
        """Wrap everything that the root key wraps under another one; return how many keys that were.

        Args:
            provider: holds the new root key.
            by: the role that asked for it, for the log.

        Raises:
            RootKeySame: if it is held where the present one is.
            RootKeyInsideStore: if its file lies in the data folder.
            RootKeyError: if a custodian doesn't answer.
            RecordTampered: if a row isn't as this deployment wrote it.
            ErasureUnfinished: if it is done, but copies that the key before opens couldn't be overwritten.
        """
        if provider.uri == self.uri:
            raise RootKeySame("The new root key is held where the present one is.")
        refuse_key_inside(self._folder, provider)
        context = master_context(self._deployment)
        with self._database.write() as session:
            row = session.scalars(select(DeploymentRow)).one()
            self._row_mac.require(row)
            master = self._provider.unwrap(row.wrapped_master_key, context=context)
            row.wrapped_master_key = provider.wrap(master, context=context)
            self._row_mac.stamp(row)
            count = 1 + self._purpose_keys.wrap_anew_in(session, provider=provider)
            self._log.append("root-key-rotated", {"keys": count, "by": by})
        self._provider = provider
        if not self._database.truncate_write_ahead_log():
            raise ErasureUnfinished("The root key is replaced, but the write-ahead log couldn't be emptied.")
        return count


def refuse_key_inside(folder: Path, provider: KeyProvider) -> None:
    """Return if a root key doesn't lie in a data folder.

    Raises:
        RootKeyInsideStore: if it does.
    """
    key_file = key_file_of(provider.uri)
    if key_file is not None and key_file.resolve().is_relative_to(folder.resolve()):
        raise RootKeyInsideStore("The root key's file lies in the data folder.")
