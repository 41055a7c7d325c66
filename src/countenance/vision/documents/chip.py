"""What a reader of a document's chip is, for whoever connects one.

No reader comes with the package. A chip can say what a photograph of a page can't: that its data were signed
by the issuing state (passive authentication) and that it is no copy (chip or active authentication). Source:
ICAO Doc 9303-10 (data groups) and 9303-11 (security mechanisms).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

__all__ = ["ChipAccess", "ChipContent", "ChipReader"]


@dataclass(frozen=True, slots=True)
class ChipAccess:
    """What opens the chip: it lets itself be read only by who has seen the page.

    Attributes:
        number: the document number from the zone, without trailing fillers.
        birth_date: YYMMDD.
        expiry_date: YYMMDD.
    """

    number: str = field(repr=False)
    birth_date: str = field(repr=False)
    expiry_date: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChipContent:
    """What a chip said.

    Attributes:
        dg1: data group 1 as it lies on the chip, the zone (tag 0x61). Left out of ``repr``.
        dg2: data group 2 as it lies on the chip, the portrait (tag 0x75). Left out of ``repr``.
        data_signed: whether the hashes of both groups are those of the signed security object, its signature
            holds, and its certificate leads to a country certificate that the operator trusts. False if any
            of these wasn't looked at.
        chip_genuine: whether chip or active authentication succeeded; ``None`` if the chip offers neither.
    """

    dg1: bytes = field(repr=False)
    dg2: bytes = field(repr=False)
    data_signed: bool
    chip_genuine: bool | None


class ChipReader(Protocol):
    """Reads the chip of a travel document. An adapter to a device and its software.

    It keeps nothing, says nothing of the content in logs or errors, and never states a check as passed that
    it didn't carry out.
    """

    def read(self, access: ChipAccess) -> ChipContent:
        """Read both groups of the chip that lies on the reader.

        Raises:
            SubjectError: if there is no chip, it was moved away, or it doesn't open with this access.
            OperatorError: if the device isn't there or the operator's country certificates are missing.
        """
        ...
