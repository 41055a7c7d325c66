"""Keys of purposes: what protects the templates of one purpose apart from those of every other.

Rules kept here:

* A purpose has one active key. It is wrapped by that purpose's own custodian, a key provider named by URI:
  whoever is to compare templates of two purposes with two custodians needs both.
* A key's uses hang below it, each under its own label: the rotation of templates by model, and sealing.
  The key itself never leaves this module.
* A key that was replaced is retiring until everything under it was moved and its grace is over. Then it is
  gone: its wrapped bytes are deleted from the file, the row that says so stays.
* A row is believed when its MAC fits; a wrapped key opens for its deployment, purpose and version alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Select, bindparam, column, func, select
from sqlalchemy.orm import Session

from countenance.kernel import (
    Clock,
    DeploymentId,
    KeyProvider,
    PurposeId,
    canonical_json,
    require_utc,
)
from countenance.store._gallery_models import PurposeKeyRow, ReferenceRow
from countenance.store.database import Database
from countenance.store.errors import (
    ErasureUnfinished,
    PurposeKeyGone,
    PurposeKeyInUse,
    PurposeKeyMissing,
    SealBroken,
)
from countenance.store.integrity import RowMac
from countenance.store.sealing import Cipher, derive_key, new_key, seal, unseal_with

__all__ = ["KeyState", "Opener", "PurposeKey", "PurposeKeys"]

Opener = Callable[[bytes, Mapping[str, object]], bytes]
"""Opens what was sealed under a version of a purpose's key: the sealed bytes, and what they are bound to."""

_ROTATION: Final = "template-rotation/"
_SEALING: Final = "purpose-sealing/"
# Without the types of the columns: as they lie in the file.
_AS_STORED: Final[Select[*tuple[Any, ...]]] = (
    select(*(column(each.name) for each in PurposeKeyRow.__table__.columns))
    .select_from(PurposeKeyRow.__table__)
    .where(
        PurposeKeyRow.__table__.c.purpose == bindparam("purpose"),
        PurposeKeyRow.__table__.c.version == bindparam("version"),
    )
)


class KeyState(StrEnum):
    """How a version of a purpose's key stands."""

    ACTIVE = "active"
    RETIRING = "retiring"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class PurposeKey:
    """One version of a purpose's key; says nothing secret.

    Attributes:
        purpose: whose key.
        version: counts from 1.
        custodian: URI of the key provider that wraps it.
        state: how it stands.
        grace_until: until when what is under it outside (holder passes) is taken though it is retiring, UTC;
            ``None``: not at all.
        made_at: when, UTC.
    """

    purpose: PurposeId
    version: int
    custodian: str
    state: KeyState
    grace_until: datetime | None
    made_at: datetime

    def usable_at(self, moment: datetime) -> bool:
        """Say whether what is under it outside is taken at a moment."""
        if self.state is KeyState.ACTIVE:
            return True
        within = self.grace_until is not None and require_utc(moment) < self.grace_until
        return self.state is KeyState.RETIRING and within


class PurposeKeys:
    """The keys of one store's purposes. Safe to use from several threads.

    Args:
        database: where the wrapped keys are kept.
        row_mac: stamps and checks the rows.
        deployment: what everything is bound to.
        root: the provider of the root key; the custodian of a purpose that names no other.
        provider_of: gives the key provider that a URI names.
        clock: says when a key was made.
    """

    def __init__(
        self,
        *,
        database: Database,
        row_mac: RowMac,
        deployment: DeploymentId,
        root: KeyProvider,
        provider_of: Callable[[str], KeyProvider],
        clock: Clock,
    ) -> None:
        self._database = database
        self._row_mac = row_mac
        self._deployment = deployment
        self._root = root
        self._provider_of = provider_of
        self._clock = clock
        # By wrapped bytes as well: what was put in place of them isn't opened with what was known.
        self._opened: dict[tuple[str, int, bytes], bytes] = {}
        # By the row as it lies in the file, and the label.
        self._derived: dict[tuple[object, ...], bytes] = {}

    def make(self, purpose: PurposeId, *, custodian: str | None = None) -> PurposeKey:
        """Return the active key of a purpose; make the first one where there is none.

        Args:
            purpose: whose key.
            custodian: URI of the key provider for a new key; the root key's if left out.

        Raises:
            RootKeyError: if the custodian doesn't answer, or isn't known.
        """
        with self._database.read() as session:
            found = self._active_in(session, purpose)
        return found if found is not None else self._next(purpose, custodian, grace_until=None, first=True)

    def renew(
        self, purpose: PurposeId, *, custodian: str | None = None, grace_until: datetime | None = None
    ) -> PurposeKey:
        """Make another key for a purpose and return it; the one before is retiring.

        Args:
            purpose: whose key.
            custodian: URI of the key provider; the present one's if left out.
            grace_until: until when holder passes under the key before are still taken, UTC.

        Raises:
            PurposeKeyMissing: if the purpose has no key.
            PurposeKeyInUse: if references are still under a key before the present one.
            RootKeyError: if the custodian doesn't answer.
        """
        with self._database.read() as session:
            active = self._active_in(session, purpose)
            behind = active is not None and self._references_in(session, purpose, but=active.version)
        if active is None:
            raise PurposeKeyMissing("The purpose has no key yet.")
        if behind:
            raise PurposeKeyInUse("References are still under a key that was replaced before.")
        return self._next(purpose, custodian or active.custodian, grace_until=grace_until, first=False)

    def end(self, purpose: PurposeId, version: int) -> PurposeKey:
        """Delete a retiring key: nothing under it opens any more, here or on a pass.

        Raises:
            PurposeKeyMissing: if there is no such version.
            PurposeKeyInUse: if it is the active one, or references are under it.
            ErasureUnfinished: if it is deleted but the write-ahead log couldn't be emptied.
        """
        with self._database.write() as session:
            row = self._row_in(session, purpose, version)
            if row.state == KeyState.ACTIVE or self._references_in(session, purpose, only=version):
                raise PurposeKeyInUse("The key is in use.")
            row.state, row.wrapped, row.grace_until = KeyState.GONE.value, b"", None
            self._row_mac.stamp(row)
            ended = _value(row)
        self._opened = {known: key for known, key in self._opened.items() if known[:2] != (purpose, version)}
        self._derived = {}
        if not self._database.truncate_write_ahead_log():
            raise ErasureUnfinished("The key is deleted, but the write-ahead log couldn't be emptied.")
        return ended

    def end_retired(self, *, at: datetime, purpose: PurposeId | None = None) -> tuple[PurposeKey, ...]:
        """Delete the retiring keys, of a purpose or of all, that nothing is under and whose grace is over.

        Raises:
            RecordTampered: if a row isn't as this deployment wrote it.
            ErasureUnfinished: if one is deleted, but the write-ahead log couldn't be emptied.
        """
        under = self.counts()
        over = [
            one
            for one in self.all(purpose)
            if one.state is KeyState.RETIRING
            and not one.usable_at(at)
            and (one.purpose, one.version) not in under
        ]
        return tuple(self.end(one.purpose, one.version) for one in over)

    def active(self, purpose: PurposeId) -> PurposeKey:
        """Return the active key of a purpose.

        Raises:
            PurposeKeyMissing: if the purpose has no key.
            RecordTampered: if a row isn't as this deployment wrote it.
        """
        with self._database.read() as session:
            found = self._active_in(session, purpose)
        if found is None:
            raise PurposeKeyMissing("The purpose has no key yet.")
        return found

    def get(self, purpose: PurposeId, version: int) -> PurposeKey:
        """Return one version of a purpose's key.

        Raises:
            PurposeKeyMissing: if there is no such version.
            RecordTampered: if the row isn't as this deployment wrote it.
        """
        with self._database.read() as session:
            return _value(self._row_in(session, purpose, version))

    def all(self, purpose: PurposeId | None = None) -> tuple[PurposeKey, ...]:
        """Return every version of a purpose's key, or of all, by purpose and version.

        Raises:
            RecordTampered: if a row isn't as this deployment wrote it.
        """
        wanted = select(PurposeKeyRow).order_by(PurposeKeyRow.purpose, PurposeKeyRow.version)
        if purpose is not None:
            wanted = wanted.where(PurposeKeyRow.purpose == purpose)
        with self._database.read() as session:
            rows = session.scalars(wanted).all()
        for row in rows:
            self._row_mac.require(row)
        return tuple(_value(row) for row in rows)

    def rotation_secret(self, purpose: PurposeId, version: int, *, model_id: str) -> bytes:
        """Return the 32 secret bytes of the rotation of one model's templates.

        Raises:
            PurposeKeyMissing: if there is no such version.
            PurposeKeyGone: if it was deleted.
            RootKeyError: if its custodian doesn't answer.
        """
        return self._below(purpose, version, _ROTATION + model_id)

    def seal(
        self,
        purpose: PurposeId,
        version: int,
        plaintext: bytes,
        *,
        use: str,
        associated: Mapping[str, object],
    ) -> bytes:
        """Return the plaintext sealed under a purpose's key.

        Args:
            purpose: whose key.
            version: which of its keys.
            plaintext: any bytes.
            use: what for, such as ``reference``; another use has another key.
            associated: what the value is; must be given again to open it. Deployment, purpose and version
                are bound besides.
        """
        key = self._below(purpose, version, _SEALING + use)
        return seal(key, plaintext, associated=self._bound(purpose, version, associated))

    def open(
        self, purpose: PurposeId, version: int, sealed: bytes, *, use: str, associated: Mapping[str, object]
    ) -> bytes:
        """Return what was sealed under a purpose's key.

        Raises:
            SealBroken: if it was altered, or sealed for another deployment, purpose, version, use or thing.
            PurposeKeyMissing: if there is no such version.
            PurposeKeyGone: if the key was deleted.
            RootKeyError: if its custodian doesn't answer.
        """
        return self.opener(purpose, version, use=use)(sealed, associated)

    def opener(self, purpose: PurposeId, version: int, *, use: str) -> Opener:
        """Return what opens many values as :meth:`open`, for as long as one state of the store is read.

        Raises:
            PurposeKeyMissing, PurposeKeyGone, RootKeyError: as :meth:`open`.
        """
        cipher = Cipher(self._below(purpose, version, _SEALING + use))

        def opened(sealed: bytes, associated: Mapping[str, object]) -> bytes:
            return unseal_with(cipher, sealed, associated=self._bound(purpose, version, associated))

        return opened

    def counts(self) -> dict[tuple[PurposeId, int], int]:
        """Return how many references are under each key that has any."""
        wanted = select(ReferenceRow.purpose, ReferenceRow.key_version, func.count()).group_by(
            ReferenceRow.purpose, ReferenceRow.key_version
        )
        with self._database.read() as session:
            return {
                (PurposeId(purpose), version): count
                for purpose, version, count in session.execute(wanted).all()
            }

    def wrap_anew_in(self, session: Session, *, provider: KeyProvider) -> int:
        """Wrap every key of which the root key is the custodian under another root key; return how many."""
        rows = session.scalars(
            select(PurposeKeyRow).where(
                PurposeKeyRow.custodian == self._root.uri, PurposeKeyRow.state != KeyState.GONE
            )
        ).all()
        for row in rows:
            self._row_mac.require(row)
            row.wrapped = provider.wrap(self._unwrapped(row), context=self._context(row.purpose, row.version))
            row.custodian = provider.uri
            self._row_mac.stamp(row)
        session.flush()
        return len(rows)

    def _next(
        self, purpose: PurposeId, custodian: str | None, *, grace_until: datetime | None, first: bool
    ) -> PurposeKey:
        provider = self._provider(custodian or self._root.uri)
        key, made_at = new_key(), self._clock.now()
        with self._database.read() as session:
            version = self._newest_in(session, purpose) + 1
        # Before the change begins: a custodian may be a service that takes its time.
        wrapped = provider.wrap(key, context=self._context(purpose, version))
        with self._database.write() as session:
            before = self._active_in(session, purpose)
            if self._newest_in(session, purpose) >= version:
                # Somebody else was faster; for a first key, theirs is as good.
                if before is not None and first:
                    return before
                raise PurposeKeyInUse("Somebody else is replacing this key just now.")
            if before is not None:
                replaced = self._row_in(session, purpose, before.version)
                replaced.state = KeyState.RETIRING.value
                replaced.grace_until = None if grace_until is None else require_utc(grace_until)
                self._row_mac.stamp(replaced)
            row = PurposeKeyRow(
                purpose=purpose,
                version=version,
                wrapped=wrapped,
                custodian=provider.uri,
                state=KeyState.ACTIVE.value,
                grace_until=None,
                made_at=made_at,
            )
            self._row_mac.stamp(row)
            session.add(row)
            return _value(row)

    def _below(self, purpose: PurposeId, version: int, label: str) -> bytes:
        with self._database.read() as session:
            found = session.connection().execute(_AS_STORED, {"purpose": purpose, "version": version}).first()
            known = () if found is None else (*found, label)
            if known in self._derived:
                return self._derived[known]
            row = self._row_in(session, purpose, version)
        derived = derive_key(self._unwrapped(row), salt=self._deployment.encode(), label=label)
        self._derived[known] = derived
        return derived

    def _unwrapped(self, row: PurposeKeyRow) -> bytes:
        if row.state == KeyState.GONE:
            raise PurposeKeyGone("This version of the purpose's key was deleted.")
        known = (row.purpose, row.version, row.wrapped)
        key = self._opened.get(known)
        if key is None:
            provider = self._provider(row.custodian)
            key = provider.unwrap(row.wrapped, context=self._context(row.purpose, row.version))
            self._opened[known] = key
        return key

    def _provider(self, uri: str) -> KeyProvider:
        return self._root if uri == self._root.uri else self._provider_of(uri)

    def _row_in(self, session: Session, purpose: PurposeId, version: int) -> PurposeKeyRow:
        row = session.get(PurposeKeyRow, (purpose, version))
        if row is None:
            raise PurposeKeyMissing("The purpose has no key of this version.")
        self._row_mac.require(row)
        return row

    def _active_in(self, session: Session, purpose: PurposeId) -> PurposeKey | None:
        row = session.scalar(
            select(PurposeKeyRow)
            .where(PurposeKeyRow.purpose == purpose)
            .order_by(PurposeKeyRow.version.desc())
            .limit(1)
        )
        if row is None:
            return None
        self._row_mac.require(row)
        if row.state != KeyState.ACTIVE:
            raise SealBroken("The newest key of the purpose isn't its active one: a row was taken out.")
        return _value(row)

    @staticmethod
    def _newest_in(session: Session, purpose: PurposeId) -> int:
        wanted = select(func.max(PurposeKeyRow.version)).where(PurposeKeyRow.purpose == purpose)
        return session.scalar(wanted) or 0

    @staticmethod
    def _references_in(
        session: Session, purpose: PurposeId, *, only: int | None = None, but: int | None = None
    ) -> bool:
        wanted = select(ReferenceRow.reference_id).where(ReferenceRow.purpose == purpose)
        if only is not None:
            wanted = wanted.where(ReferenceRow.key_version == only)
        if but is not None:
            wanted = wanted.where(ReferenceRow.key_version != but)
        return session.scalar(wanted.limit(1)) is not None

    def _context(self, purpose: str, version: int) -> bytes:
        return canonical_json(
            {"deployment": self._deployment, "key": "purpose", "purpose": purpose, "version": version}
        )

    def _bound(self, purpose: PurposeId, version: int, associated: Mapping[str, object]) -> bytes:
        return canonical_json(
            {
                "deployment": self._deployment,
                "purpose": purpose,
                "said": dict(associated),
                "version": version,
            }
        )


def _value(row: PurposeKeyRow) -> PurposeKey:
    return PurposeKey(
        purpose=PurposeId(row.purpose),
        version=row.version,
        custodian=row.custodian,
        state=KeyState(row.state),
        grace_until=row.grace_until,
        made_at=row.made_at,
    )
