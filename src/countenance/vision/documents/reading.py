"""What is said of a document, and what isn't.

Rules kept here:

* A reading holds what the scene needs: kind, issuing state, an age band, whether the expiry has passed, and
  an opaque number. Name, sex, nationality and the date of birth aren't in it.
* Nothing follows from a field whose check doesn't hold: the band is unknown, the number is missing.
* Checks say that the lines agree with themselves. Whoever prints a false document prints right check digits,
  so a document is never authenticated here, and every reading says so.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from countenance.kernel import Frame
from countenance.vision.detection.base import Face
from countenance.vision.documents.dates import AgeBand
from countenance.vision.documents.errors import CheckDigitWrong
from countenance.vision.documents.zone import Check

__all__ = ["NOT_AUTHENTICATED", "DocumentKind", "DocumentNumber", "DocumentReading", "FieldConfidence"]

NOT_AUTHENTICATED: Final = "document not authenticated"
"""What every reading says."""

_LEAST_KEY = 16
_DOMAIN = b"countenance document number v1"


class DocumentKind(StrEnum):
    """How the document was read."""

    TD1 = "card with three lines (TD1)"
    TD2 = "card with two lines (TD2)"
    TD3 = "passport (TD3)"
    RESIDENT_CARD_CN = "resident identity card (CN)"


class DocumentNumber:
    """A document's number that can be recognised again under a key, and not be shown.

    Args:
        kind: of which kind of document.
        issuing_state: whose.
        value: the number itself; kept in memory alone.
    """

    __slots__ = ("_message",)

    def __init__(self, *, kind: DocumentKind, issuing_state: str, value: str) -> None:
        self._message = f"{kind.name}\x1f{issuing_state}\x1f{value}".encode()

    def keyed_digest(self, key: bytes) -> str:
        """Return HMAC-SHA256 of kind, state and number, 64 hexadecimal digits.

        Args:
            key: at least 16 secret bytes. Numbers are few: without a secret they could be found by trying.

        Raises:
            ValueError: if the key is shorter.
        """
        if len(key) < _LEAST_KEY:
            msg = f"a key has at least {_LEAST_KEY} bytes"
            raise ValueError(msg)
        return hmac.new(key, _DOMAIN + b"\x1f" + self._message, hashlib.sha256).hexdigest()

    def __repr__(self) -> str:
        return "DocumentNumber(...)"


@dataclass(frozen=True, slots=True)
class FieldConfidence:
    """How strongly the network held for the least certain character of a field.

    Attributes:
        field: its name.
        least: from 0 to 1. It isn't the probability of being right, and a check overrules it.
    """

    field: str
    least: float


@dataclass(frozen=True, slots=True, eq=False)
class DocumentReading:
    """A document as it was read.

    Attributes:
        kind: its kind.
        issuing_state: as on the document, such as ``FRA`` or ``D``; ``CHN`` for a resident card; empty if
            what was read is no such code.
        age_band: of the holder on the day of reading.
        expired: whether the day of expiry lies before the day of reading; ``None`` if it isn't known, as on
            the front of a resident card.
        number: the opaque number; ``None`` if its check, or that of the state, doesn't hold.
        checks: every check, with its result.
        resolved: fields in which a character was taken for the one that looks like it.
        confidences: of the fields that were used.
        frame: the document, level, and flat if its outline was seen; its material is that of the picture.
        portrait: the face on it, in pixels of that frame; ``None`` if none was looked for.
    """

    kind: DocumentKind
    issuing_state: str
    age_band: AgeBand
    expired: bool | None
    number: DocumentNumber | None
    checks: tuple[Check, ...]
    resolved: tuple[str, ...]
    confidences: tuple[FieldConfidence, ...]
    frame: Frame
    portrait: Face | None

    @property
    def authenticated(self) -> bool:
        """Never: a photograph of a page proves nothing about the page."""
        return False

    @property
    def assurance(self) -> str:
        """The sentence that goes wherever the reading is shown."""
        return NOT_AUTHENTICATED

    @property
    def wrong(self) -> tuple[str, ...]:
        """The fields with a check that doesn't hold, each once."""
        return tuple(dict.fromkeys(check.field for check in self.checks if not check.right))

    def require_checks(self) -> None:
        """Go on only with a document whose checks hold.

        Raises:
            CheckDigitWrong: if one doesn't.
        """
        if self.wrong:
            raise CheckDigitWrong(self.wrong)

    def wipe(self) -> None:
        """Overwrite the pixels."""
        self.frame.wipe()

    def to_json(self) -> Mapping[str, object]:
        """Return what may be shown: no number, no picture."""
        return {
            "kind": self.kind.value,
            "issuing_state": self.issuing_state,
            "age_band": self.age_band.value,
            "expired": self.expired,
            "number_read": self.number is not None,
            "checks": [
                {"field": check.field, "kind": check.kind.value, "right": check.right}
                for check in self.checks
            ],
            "resolved": list(self.resolved),
            "confidences": {item.field: round(item.least, 3) for item in self.confidences},
            "portrait_found": self.portrait is not None,
            "authenticated": self.authenticated,
            "assurance": self.assurance,
        }
