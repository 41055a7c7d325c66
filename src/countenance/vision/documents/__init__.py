"""Identity documents in photographs: the machine readable zone, the citizen number, the portrait.

Rules of this package:

* It says what stands on a document, never whether the document is genuine: "document not authenticated".
* It reads the lines it needs and hands out what the scene needs: kind, issuing state, age band, expiry passed
  or not, an opaque number. Name and number never reach a ``repr``, a log or an error.
* A character is resolved by what may stand in its place, never by trying until a check digit fits. Every
  check that doesn't hold is reported by field, and nothing follows from such a field.
* It identifies nobody: the portrait is a box. Comparing it takes the doors and a permit.
* The day of reading comes in; there is no clock here.

No library parses the zone: the one that is widely used is under the GPL, another under the AGPL.
"""

from countenance.vision.documents.check_digits import icao_check_digit, iso7064_mod_11_2
from countenance.vision.documents.chip import ChipAccess, ChipContent, ChipReader
from countenance.vision.documents.dates import AgeBand
from countenance.vision.documents.errors import (
    CheckDigitWrong,
    DocumentNotSupported,
    DocumentWithoutPortrait,
    MachineReadableZoneUnreadable,
    NoMachineReadableZone,
)
from countenance.vision.documents.reader import DocumentReader
from countenance.vision.documents.reading import (
    NOT_AUTHENTICATED,
    DocumentKind,
    DocumentNumber,
    DocumentReading,
    FieldConfidence,
)
from countenance.vision.documents.resident_card import CitizenNumber, parse_citizen_number
from countenance.vision.documents.zone import (
    Check,
    CheckKind,
    MachineReadableZone,
    ZoneFormat,
    parse_zone,
)

__all__ = [
    "NOT_AUTHENTICATED",
    "AgeBand",
    "Check",
    "CheckDigitWrong",
    "CheckKind",
    "ChipAccess",
    "ChipContent",
    "ChipReader",
    "CitizenNumber",
    "DocumentKind",
    "DocumentNotSupported",
    "DocumentNumber",
    "DocumentReader",
    "DocumentReading",
    "DocumentWithoutPortrait",
    "FieldConfidence",
    "MachineReadableZone",
    "MachineReadableZoneUnreadable",
    "NoMachineReadableZone",
    "ZoneFormat",
    "icao_check_digit",
    "iso7064_mod_11_2",
    "parse_citizen_number",
    "parse_zone",
]
