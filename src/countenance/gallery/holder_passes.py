"""Templates that the people themselves carry: made, opened and taken back; nothing is enrolled.

Rules kept here:

* A pass is sealed under its purpose's key. Who has the pass alone, or the key alone, has
  nothing.
* A pass is opened only when it belongs here, is in its time, wasn't taken back, and its key is the active one
  or in its grace; each has an answer of its own.
* What is opened is compared under the rotation that it was made with, turned as the probe is; the plain
  template doesn't appear.
* A pass under a key in its grace says so: whoever opened it hands out a new one.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from countenance.gallery.errors import (
    PassEnded,
    PassForeign,
    PassNotYetValid,
    PassOfAnotherNetwork,
    PassRevoked,
)
from countenance.gallery.rotations import PurposeRotations
from countenance.kernel import Clock, CountenanceError, DeploymentId, PurposeId, SubjectId
from countenance.store import KeyState, PurposeKeyGone, PurposeKeyMissing, PurposeKeys, SealBroken
from countenance.templates import (
    SERIAL_BYTES,
    HolderPass,
    KeyedRotation,
    PassContent,
    PassHeader,
    fingerprint_of,
)

if TYPE_CHECKING:
    from countenance.store import PassRevocation, PassRevocations, PurposeKey

__all__ = ["HolderPasses", "OpenedPass"]

_USE: Final = "holder-pass"


@dataclass(frozen=True, slots=True, eq=False)
class OpenedPass:
    """A pass that holds, opened for one comparison.

    Attributes:
        header: what it says in the clear.
        subject: the holder, by pseudonym.
        reference: float32, shape (d,), turned by the key of the pass. Left out of ``repr``.
        reissue: whether its key is being replaced, so that the holder is given a new pass.
    """

    header: PassHeader
    subject: SubjectId
    reference: NDArray[np.float32] = field(repr=False)
    reissue: bool

    def wipe(self) -> None:
        """Overwrite the reference."""
        self.reference[...] = 0.0


class HolderPasses:
    """The passes of one deployment and one network. Safe to use from several threads.

    Args:
        deployment: whose passes they are.
        model_id: the network whose templates they hold.
        keys: the keys of purposes.
        revocations: what was taken back.
        clock: says what time it is.
    """

    def __init__(
        self,
        *,
        deployment: DeploymentId,
        model_id: str,
        keys: PurposeKeys,
        revocations: PassRevocations,
        clock: Clock,
    ) -> None:
        self._deployment = deployment
        self._keys = keys
        self._revocations = revocations
        self._clock = clock
        self.model_id = model_id

    def make(
        self,
        *,
        subject: SubjectId,
        purpose: PurposeId,
        template: NDArray[np.float32],
        valid_from: datetime,
        valid_until: datetime,
    ) -> HolderPass:
        """Return a new pass under the purpose's active key; a purpose without a key is given one.

        Args:
            subject: the holder, by pseudonym.
            purpose: the one purpose that it serves.
            template: as the network made it, float32, shape (d,), of length 1; the caller's to wipe.
            valid_from: from when, aware; the second is what counts.
            valid_until: until when, exclusive, aware; likewise.

        Raises:
            ValueError: if the validity ends before it begins, or the template has another form.
            RootKeyError: if the custodian doesn't answer.
        """
        version = self._keys.make(purpose).version
        header = PassHeader(
            serial=secrets.token_bytes(SERIAL_BYTES),
            key_version=version,
            valid_from=valid_from.replace(microsecond=0),
            valid_until=valid_until.replace(microsecond=0),
            fingerprint=fingerprint_of(self._deployment, purpose),
        )
        content = PassContent(
            subject=subject, model_id=self.model_id, vector=self._turned(purpose, version, template)
        )
        return self._sealed(header, content, purpose=purpose)

    def open(self, text: str, *, purpose: PurposeId) -> OpenedPass:
        """Return what a pass holds, if it holds now.

        Args:
            text: of its code.
            purpose: what it is shown for.

        Raises:
            PassUnreadable: if it is no pass.
            PassForeign: if it is of another deployment or purpose, was altered, or its key isn't there.
            PassNotYetValid: if its time hasn't come.
            PassEnded: if its time or its key's grace is over.
            PassRevoked: if it was taken back.
            PassOfAnotherNetwork: if another network made its template.
            RootKeyError: if the custodian doesn't answer.
        """
        shown = HolderPass.from_text(text)
        header, now = shown.header, self._clock.now()
        if header.fingerprint != fingerprint_of(self._deployment, purpose):
            raise PassForeign("The pass was made somewhere else, or for something else.")
        content = self._unsealed(shown, purpose)
        try:
            # Only now are the times believed: the seal binds them.
            key = self._require_current(header, content.model_id, purpose, now)
        except CountenanceError:
            content.wipe()
            raise
        return OpenedPass(
            header=header,
            subject=content.subject,
            reference=content.vector,
            reissue=key.state is not KeyState.ACTIVE,
        )

    def renew(self, opened: OpenedPass, *, purpose: PurposeId) -> HolderPass:
        """Return a pass under the purpose's active key in place of one that was opened; it ends as that does.

        The template is turned from one key to the other; the plain one doesn't appear. The pass before stays
        as it is: whoever renews it takes it back.

        Args:
            opened: the pass before, still open.
            purpose: what it was opened for.

        Raises:
            RootKeyError: if a custodian doesn't answer.
        """
        version = self._keys.make(purpose).version
        header = PassHeader(
            serial=secrets.token_bytes(SERIAL_BYTES),
            key_version=version,
            valid_from=self._clock.now().replace(microsecond=0),
            valid_until=opened.header.valid_until,
            fingerprint=opened.header.fingerprint,
        )
        rotations = PurposeRotations(
            keys=self._keys, purpose=purpose, model_id=self.model_id, dimensions=opened.reference.size
        )
        try:
            moved = rotations.moved(opened.reference, old=opened.header.key_version, new=version)
        finally:
            rotations.wipe()
        return self._sealed(
            header, PassContent(opened.subject, self.model_id, np.array(moved)), purpose=purpose
        )

    def probe(
        self, opened: OpenedPass, template: NDArray[np.float32], *, purpose: PurposeId
    ) -> NDArray[np.float32]:
        """Return a probe's template turned as the pass's reference is; fresh, the caller's to wipe.

        Args:
            opened: what it will be compared with.
            template: as the network made it, float32, shape (d,).
            purpose: what the pass was opened for.
        """
        return self._turned(purpose, opened.header.key_version, template)

    def revoke(self, text: str, *, purpose: PurposeId) -> PassRevocation:
        """Take a pass back that is shown; it needn't hold any more.

        Raises:
            PassUnreadable: if it is no pass.
            PassForeign: if it is of another deployment or purpose, or was altered.
        """
        shown = HolderPass.from_text(text)
        if shown.header.fingerprint != fingerprint_of(self._deployment, purpose):
            raise PassForeign("The pass was made somewhere else, or for something else.")
        self._unsealed(shown, purpose).wipe()
        return self._revocations.revoke(
            shown.header.serial, purpose, at=self._clock.now(), until=shown.header.valid_until
        )

    def take_back(self, opened: OpenedPass, *, purpose: PurposeId) -> PassRevocation:
        """Take an opened pass back, for the one that was made in its place."""
        header = opened.header
        return self._revocations.revoke(
            header.serial, purpose, at=self._clock.now(), until=header.valid_until
        )

    def revoke_serial(self, serial: bytes, *, purpose: PurposeId) -> PassRevocation:
        """Take a pass back that was lost, by the serial that was handed out with it.

        Args:
            serial: 16 bytes.
            purpose: what it is for.

        Raises:
            ValueError: if it isn't a serial.
        """
        if len(serial) != SERIAL_BYTES:
            msg = f"a serial is {SERIAL_BYTES} bytes"
            raise ValueError(msg)
        return self._revocations.revoke(serial, purpose, at=self._clock.now())

    def _require_current(
        self, header: PassHeader, model_id: str, purpose: PurposeId, now: datetime
    ) -> PurposeKey:
        """Return the key of a pass that holds now."""
        revoked = self._revocations.find(header.serial)
        if revoked is not None and revoked.purpose == purpose:
            raise PassRevoked("The pass was taken back.")
        if now < header.valid_from:
            raise PassNotYetValid("The pass doesn't hold yet.")
        if now >= header.valid_until:
            raise PassEnded("The pass has ended.")
        if model_id != self.model_id:
            raise PassOfAnotherNetwork("The pass was made with another network than the one that is set.")
        key = self._keys.get(purpose, header.key_version)
        if not key.usable_at(now):
            raise PassEnded("The key of the pass was replaced, and the time for exchanging it is over.")
        return key

    def _sealed(self, header: PassHeader, content: PassContent, *, purpose: PurposeId) -> HolderPass:
        """Return the pass; its content is overwritten."""
        try:
            sealed = self._keys.seal(
                purpose, header.key_version, content.pack(), use=_USE, associated=header.said()
            )
        finally:
            content.wipe()
        return HolderPass(header=header, sealed=sealed)

    def _unsealed(self, shown: HolderPass, purpose: PurposeId) -> PassContent:
        version = shown.header.key_version
        try:
            packed = self._keys.open(purpose, version, shown.sealed, use=_USE, associated=shown.header.said())
        except PurposeKeyGone:
            raise PassEnded("The key of the pass was deleted; nothing under it opens any more.") from None
        except (SealBroken, PurposeKeyMissing):
            raise PassForeign("The pass doesn't open: altered, or not made here.") from None
        return PassContent.unpack(packed)

    def _turned(self, purpose: PurposeId, version: int, template: NDArray[np.float32]) -> NDArray[np.float32]:
        secret = self._keys.rotation_secret(purpose, version, model_id=self.model_id)
        rotation = KeyedRotation(secret, dimensions=len(template))
        try:
            return rotation.protect(template)
        finally:
            rotation.wipe()
