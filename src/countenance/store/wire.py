"""Seals what processes of one deployment say to each other, over whatever carries it.

Rules kept here:

* The key hangs below the master key and is used for nothing else: who can open the store can listen, and
  nobody else.
* What is said is bound to the deployment and to what it is about; said about something else, it doesn't open.
"""

from __future__ import annotations

from collections.abc import Mapping

from countenance.kernel import DeploymentId, canonical_json
from countenance.store.sealing import seal, unseal

__all__ = ["Wire"]


class Wire:
    """The seal between the processes of one deployment. Safe to use from several threads.

    Args:
        key: 32 bytes.
        deployment: what everything is bound to.
    """

    __slots__ = ("_deployment", "_key")

    def __init__(self, *, key: bytes, deployment: DeploymentId) -> None:
        self._key = key
        self._deployment = deployment

    def seal(self, said: bytes, *, about: Mapping[str, object]) -> bytes:
        """Return what is said, sealed.

        Args:
            said: any bytes.
            about: what it is about; must be given again to open it.
        """
        return seal(self._key, said, associated=self._bound(about))

    def open(self, sealed: bytes, *, about: Mapping[str, object]) -> bytes:
        """Return what was said.

        Raises:
            SealBroken: if it was altered, or said in another deployment or about something else.
        """
        return unseal(self._key, sealed, associated=self._bound(about))

    def _bound(self, about: Mapping[str, object]) -> bytes:
        return canonical_json({"deployment": self._deployment, "wire": dict(about)})

    def __repr__(self) -> str:
        return f"Wire(deployment={self._deployment!r})"
