"""Whether a row of the database is as this deployment wrote it.

Rules kept here:

* The MAC of a row is HMAC-SHA256, under a key derived from the deployment's master key, over the
  canonical JSON of the deployment, the table and every other column.
* A row edited by hand, moved to another table or copied from another deployment has no fitting MAC, and
  isn't believed.
* What a MAC can't show: that a row was deleted, or that an earlier state of a row of this same
  deployment was put back. The transparency log shows these.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from countenance.kernel import DeploymentId, canonical_json
from countenance.store._models import BelievedRow
from countenance.store.errors import RecordTampered

__all__ = ["RowMac"]


class RowMac:
    """Stamps rows and checks them.

    Args:
        key: 32 bytes, derived from the deployment's master key.
        deployment: the deployment whose rows these are.
    """

    def __init__(self, *, key: bytes, deployment: DeploymentId) -> None:
        self._key = key
        self._deployment = deployment

    def stamp(self, row: BelievedRow) -> None:
        """Set the row's MAC. Call it after the last change of any column."""
        row.mac = self._mac_of(row)

    def fits(self, row: BelievedRow) -> bool:
        """Say whether the row's MAC is that of its columns."""
        return hmac.compare_digest(row.mac, self._mac_of(row))

    def require(self, row: BelievedRow) -> None:
        """Make sure that the row's MAC is that of its columns.

        Raises:
            RecordTampered: if it isn't.
        """
        if not self.fits(row):
            msg = f"A row of the table {row.__tablename__} isn't as this installation wrote it."
            raise RecordTampered(msg)

    def _mac_of(self, row: BelievedRow) -> bytes:
        columns = {
            column.name: _as_json(getattr(row, column.name))
            for column in row.__table__.columns
            if column.name != "mac"
        }
        message = canonical_json(
            {"columns": columns, "deployment": self._deployment, "table": row.__tablename__}
        )
        return hmac.digest(self._key, message, hashlib.sha256)


def _as_json(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return list(value)
    return value
