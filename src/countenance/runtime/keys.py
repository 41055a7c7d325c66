"""API keys for roles: issued, listed and revoked under a role that may, and logged.

Rules kept here:

* A key has roles of the table and of nothing else. It is shown once; a hash of it is kept.
* Issuing and revoking are logged with the key's public part, its roles and the role that did it; no name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from countenance.authority import Act, Author, Role, RoleTable, shipped_roles
from countenance.kernel import Clock, SystemClock
from countenance.runtime.opening import open_store
from countenance.runtime.settings import Settings
from countenance.store import ApiKeyRecord, Store, issue_api_key

__all__ = ["RoleKeyDesk", "open_key_desk"]


class RoleKeyDesk:
    """Issues keys for roles.

    Args:
        store: where their hashes are kept and the log is; never handed out.
        roles: who may do what.
        clock: says what time it is.
    """

    __slots__ = ("_clock", "_roles", "_store")

    def __init__(self, *, store: Store, roles: RoleTable, clock: Clock) -> None:
        self._store = store
        self._roles = roles
        self._clock = clock

    def issue(self, *, name: str, roles: tuple[Role, ...], author: Author) -> tuple[str, ApiKeyRecord]:
        """Return a new key, shown this once, and its record.

        Args:
            name: the workplace or program that will use it, never a person's name.
            roles: what it may act as; at least one.
            author: who issues it.

        Raises:
            RoleMayNot: if the author's role may not issue keys.
            ValueError: if the name is empty or no role is given.
        """
        self._roles.require(author.role, Act.ISSUE_KEY)
        key = issue_api_key(self._store, name, tuple(sorted({role.value for role in roles})), self._clock)
        record = self._store.api_keys.find(key.split("_")[1])
        if record is None:
            msg = "a key that was issued is on file"
            raise RuntimeError(msg)
        self._log("key-issued", record, author)
        return key, record

    def keys(self, *, author: Author) -> tuple[ApiKeyRecord, ...]:
        """Return every key's record, the oldest first, revoked ones too.

        Raises:
            RoleMayNot: if the author's role may not issue keys.
        """
        self._roles.require(author.role, Act.ISSUE_KEY)
        return self._store.api_keys.all()

    def revoke(self, prefix: str, *, author: Author) -> ApiKeyRecord:
        """Revoke a key for good.

        Args:
            prefix: the key's public part.
            author: who revokes it.

        Raises:
            RoleMayNot: if the author's role may not issue keys.
            RecordUnknown: if there is none with this prefix.
        """
        self._roles.require(author.role, Act.ISSUE_KEY)
        record = self._store.api_keys.revoke(prefix, at=self._clock.now())
        self._log("key-revoked", record, author)
        return record

    def _log(self, kind: str, record: ApiKeyRecord, author: Author) -> None:
        entry = {"key": record.prefix, "roles": list(record.roles), "by": str(author)}
        self._store.log.append(kind, entry)


@contextmanager
def open_key_desk(settings: Settings, *, clock: Clock | None = None) -> Iterator[RoleKeyDesk]:
    """Open the installation's records, without networks, and yield the desk.

    Raises:
        ErasuresNotReplayed: if somebody put an earlier state of the store back.
        OperatorError: if the store can't be opened.
    """
    clock = clock or SystemClock()
    with open_store(settings, clock=clock) as store:
        yield RoleKeyDesk(store=store, roles=shipped_roles(), clock=clock)
