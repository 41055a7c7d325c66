"""The keys that hold everything: listed, the root key replaced, purposes re-keyed; under a role, and logged.

Rules kept here:

* Nothing here shows a key. A custodian is named by its URI, which says nothing secret.
* A replaced root key is kept by the operator until the last day of the last backup made under it: the answer
  says which day that is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from countenance.authority import Act, Author, RoleTable, shipped_roles
from countenance.gallery.rekeying import Rekeyed, Rekeying
from countenance.kernel import Clock, CountenanceError, PurposeId, SystemClock
from countenance.runtime.opening import open_store
from countenance.runtime.settings import Settings
from countenance.store import PurposeKey, RootKeyMissing, Store, create_root_key, key_provider

__all__ = ["HeldKeys", "KeyCareDesk", "Rekeyed", "RootRotated", "open_key_care"]


@dataclass(frozen=True, slots=True)
class HeldKeys:
    """Which keys there are.

    Attributes:
        root: URI of the root key's provider.
        purposes: every version of every purpose's key, by purpose and version.
        references: how many references are under each of them that has any.
    """

    root: str
    purposes: tuple[PurposeKey, ...]
    references: dict[tuple[PurposeId, int], int]


@dataclass(frozen=True, slots=True)
class RootRotated:
    """A root key that was replaced.

    Attributes:
        uri: who holds the new one.
        before: who holds the one before.
        keys: how many keys were wrapped anew.
        keep_until: the last day of the last backup under the one before; ``None`` if there is none.
    """

    uri: str
    before: str
    keys: int
    keep_until: date | None


class KeyCareDesk:
    """Lists and replaces keys.

    Args:
        store: whose keys; never handed out.
        roles: who may do what.
        clock: says what time it is.
    """

    __slots__ = ("_clock", "_roles", "_store")

    def __init__(self, *, store: Store, roles: RoleTable, clock: Clock) -> None:
        self._store = store
        self._roles = roles
        self._clock = clock

    def held(self, *, author: Author) -> HeldKeys:
        """Return which keys there are.

        Raises:
            RoleMayNot: if the role may replace no key.
        """
        self._roles.require(author.role, Act.ROTATE_KEYS)
        keys = self._store.purpose_keys
        return HeldKeys(self._store.root_key.uri, keys.all(), keys.counts())

    def rotate(self, uri: str, *, author: Author) -> RootRotated:
        """Replace the root key by the one that a URI names; a file that isn't there is made.

        Raises:
            RoleMayNot: if the role may replace no key.
            RootKeySame: if it is held where the present one is.
            RootKeyError: if it can't be had or made.
            ErasureUnfinished: if it is done, but copies that the key before opens couldn't be overwritten.
        """
        self._roles.require(author.role, Act.ROTATE_KEYS)
        try:
            provider = key_provider(uri)
        except RootKeyMissing:
            if not uri.startswith("file:"):
                raise
            create_root_key(uri)
            provider = key_provider(uri)
        before = self._store.root_key.uri
        count = self._store.root_key.rotate(provider, by=str(author))
        last = max(
            (one.last_day for one in self._store.backups.kept_on(self._clock.now().date())), default=None
        )
        return RootRotated(provider.uri, before, count, last)

    def rekey(
        self,
        purpose: PurposeId,
        *,
        author: Author,
        custodian: str | None = None,
        grace: timedelta | None = None,
        moved: Callable[[int], None] = lambda _: None,
    ) -> Rekeyed:
        """Give a purpose a new key and move its references to it, or finish what was begun.

        Args:
            purpose: which.
            author: who asks.
            custodian: URI of the new key's custodian; the present one's if left out.
            grace: for how long holder passes under the key before are still taken.
            moved: called with how many references were moved.

        Raises:
            RoleMayNot: if the role may replace no key.
            PurposeKeyMissing: if the purpose has no key.
            RootKeyError: if a custodian doesn't answer.
            ErasureUnfinished: if it is done, but copies of the key before couldn't be overwritten.
        """
        self._roles.require(author.role, Act.ROTATE_KEYS)
        now = self._clock.now()
        until: datetime | None = None if grace is None else now + grace
        try:
            done = Rekeying(store=self._store).run(
                purpose, at=now, custodian=custodian, grace_until=until, moved=moved
            )
        except CountenanceError as error:
            self._log(purpose, author, {"outcome": "unfinished", "error": error.code})
            raise
        self._log(
            purpose,
            author,
            {
                "outcome": "re-keyed",
                "version": done.key.version,
                "references": done.moved,
                "ended": list(done.ended),
            },
        )
        return done

    def _log(self, purpose: PurposeId, author: Author, entry: dict[str, object]) -> None:
        self._store.log.append("purpose-rekeyed", {**entry, "purpose": purpose, "by": str(author)})


@contextmanager
def open_key_care(settings: Settings, *, clock: Clock | None = None) -> Iterator[KeyCareDesk]:
    """Open the installation's records, without networks, and yield the desk.

    Raises:
        ErasuresNotReplayed: if somebody put an earlier state of the store back.
        OperatorError: if the store can't be opened.
    """
    clock = clock or SystemClock()
    with open_store(settings, clock=clock) as store:
        yield KeyCareDesk(store=store, roles=shipped_roles(), clock=clock)
