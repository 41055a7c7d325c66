"""What every reader of a document's chip does. Subclass it, give ``make``, and it runs.

The adapter is given a specimen document with a chip (or a recording of one) whose zone and portrait are known
to the test, and reads it as it would at a desk.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

import pytest

from countenance.kernel import CountenanceError, OperatorError, SubjectError
from countenance.vision.documents import ChipAccess, ChipReader, parse_zone

__all__ = ["ChipReaderContract", "Laid", "Situation", "value_of"]

_DG1, _DG2, _ZONE = 0x61, 0x75, b"\x5f\x1f"
_SHORT, _ONE_BYTE, _TWO_BYTES = 0x80, 0x81, 0x82


class Situation(Enum):
    """What lies on the reader, and in what state both are."""

    WHOLE = "a document as it was issued"
    COPIED = "its data on another chip"
    ALTERED = "one byte of its portrait changed"
    UNKNOWN_ISSUER = "as issued; the operator's certificates don't lead to the issuer"
    NO_CHIP = "nothing"
    NO_CERTIFICATES = "a document; the operator has no certificates"
    NO_DEVICE = "a document; the reader isn't plugged in"


@dataclass(frozen=True, slots=True)
class Laid:
    """A reader and what opens the chip on it."""

    reader: ChipReader
    access: ChipAccess


def value_of(group: bytes, tag: int) -> bytes:
    """Return the value of a data object that fills these bytes (ISO/IEC 7816-4, BER-TLV)."""
    assert group[0] == tag
    first = group[1]
    header = {_ONE_BYTE: 3, _TWO_BYTES: 4}.get(first, 2)
    assert first < _SHORT or header > 2
    length = first if header == 2 else int.from_bytes(group[2:header])
    assert len(group) == header + length
    return group[header:]


class ChipReaderContract:
    """Fixture to give: ``make``, which lays out a situation, fresh each time.

    ``GENUINE`` is what the chip that wasn't copied says of itself: ``None`` if it offers no such protocol.
    """

    GENUINE: bool | None = True

    @pytest.fixture
    def make(self) -> Callable[[Situation], Laid]:
        raise NotImplementedError

    def test_both_groups_come_as_they_lie_on_the_chip(self, make: Callable[[Situation], Laid]) -> None:
        laid = make(Situation.WHOLE)
        content = laid.reader.read(laid.access)
        zone = value_of(content.dg1, _DG1)
        assert zone.startswith(_ZONE)
        assert value_of(content.dg2, _DG2)

    def test_the_zone_on_the_chip_is_that_of_the_page(self, make: Callable[[Situation], Laid]) -> None:
        laid = make(Situation.WHOLE)
        text = value_of(value_of(laid.reader.read(laid.access).dg1, _DG1)[1:], _ZONE[1]).decode("ascii")
        width = {90: 30, 72: 36, 88: 44}[len(text)]
        zone = parse_zone([text[start : start + width] for start in range(0, len(text), width)])
        assert zone.wrong == ()
        assert zone.fields["number"].rstrip("<") == laid.access.number
        assert zone.fields["birth_date"] == laid.access.birth_date
        assert zone.fields["expiry_date"] == laid.access.expiry_date

    def test_what_was_issued_is_signed_and_no_copy(self, make: Callable[[Situation], Laid]) -> None:
        laid = make(Situation.WHOLE)
        content = laid.reader.read(laid.access)
        assert content.data_signed is True
        assert content.chip_genuine is self.GENUINE

    def test_a_copy_is_signed_and_isnt_called_genuine(self, make: Callable[[Situation], Laid]) -> None:
        laid = make(Situation.COPIED)
        content = laid.reader.read(laid.access)
        assert content.data_signed is True
        assert content.chip_genuine is (None if self.GENUINE is None else False)

    @pytest.mark.parametrize("situation", [Situation.ALTERED, Situation.UNKNOWN_ISSUER])
    def test_what_doesnt_lead_to_a_trusted_signature_isnt_called_signed(
        self, make: Callable[[Situation], Laid], situation: Situation
    ) -> None:
        laid = make(situation)
        assert laid.reader.read(laid.access).data_signed is False

    @pytest.mark.parametrize("wrong", ["number", "birth_date", "expiry_date"])
    def test_it_opens_for_nobody_who_hasnt_seen_the_page(
        self, make: Callable[[Situation], Laid], wrong: str
    ) -> None:
        laid = make(Situation.WHOLE)
        right = getattr(laid.access, wrong)
        other = replace(laid.access, **{wrong: right[:-1] + ("0" if right[-1] != "0" else "1")})
        with pytest.raises(SubjectError) as raised:
            laid.reader.read(other)
        self.says_nothing(raised.value, laid.access)
        # One wrong try doesn't shut it.
        assert laid.reader.read(laid.access).dg1

    @pytest.mark.parametrize(
        ("situation", "error"),
        [
            (Situation.NO_CHIP, SubjectError),
            (Situation.NO_CERTIFICATES, OperatorError),
            (Situation.NO_DEVICE, OperatorError),
        ],
    )
    def test_what_keeps_it_from_reading_is_told(
        self, make: Callable[[Situation], Laid], situation: Situation, error: type[CountenanceError]
    ) -> None:
        laid = make(situation)
        with pytest.raises(error) as raised:
            laid.reader.read(laid.access)
        self.says_nothing(raised.value, laid.access)

    def test_reading_again_says_the_same(self, make: Callable[[Situation], Laid]) -> None:
        laid = make(Situation.WHOLE)
        assert laid.reader.read(laid.access) == laid.reader.read(laid.access)

    def test_nothing_of_the_content_is_logged_or_shown(
        self, make: Callable[[Situation], Laid], caplog: pytest.LogCaptureFixture
    ) -> None:
        laid = make(Situation.WHOLE)
        with caplog.at_level(logging.DEBUG):
            content = laid.reader.read(laid.access)
        for shown in (caplog.text, repr(laid.reader), repr(content), repr(laid.access)):
            assert not any(secret in shown for secret in self.secrets(laid.access))

    @staticmethod
    def secrets(access: ChipAccess) -> tuple[str, ...]:
        return access.number, access.birth_date, access.expiry_date

    def says_nothing(self, error: CountenanceError, access: ChipAccess) -> None:
        assert not any(secret in error.diagnostics() for secret in self.secrets(access))
        assert error.remedy
