"""Readers of chips: the contract, run by the recorded one, and by ones that break it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from contract.chip_reader import ChipReaderContract, Laid, Situation, value_of
from countenance.vision.documents import ChipAccess, ChipContent, ChipReader
from drawn_documents import TD1, TD3
from recorded_chip import RecordedChip, RecordedChipReader, tlv

ISSUER, STRANGER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
ZONES = {
    "passport": ("".join(TD3), ChipAccess("L898902C3", "740812", "120415")),
    "card": ("".join(TD1), ChipAccess("D23145890", "740812", "120415")),
}
PORTRAIT = b"\x7f\x61" + bytes(range(256)) * 80  # its length takes two bytes


def lay(situation: Situation, *, document: str = "passport") -> Laid:
    """Lay a recorded document out."""
    zone, access = ZONES[document]
    chip: RecordedChip | None = RecordedChip.issued(
        zone=zone, portrait=PORTRAIT, access=access, issuer=ISSUER
    )
    trusted: tuple[Ed25519PublicKey, ...] = (ISSUER.public_key(),)
    match situation:
        case Situation.COPIED:
            chip = replace(chip, secret=Ed25519PrivateKey.generate()) if chip else None
        case Situation.ALTERED:
            chip = replace(chip, dg2=chip.dg2[:-1] + b"\x00") if chip else None
        case Situation.UNKNOWN_ISSUER:
            trusted = (STRANGER.public_key(),)
        case Situation.NO_CHIP:
            chip = None
        case Situation.NO_CERTIFICATES:
            trusted = ()
    reader = RecordedChipReader(chip=chip, trusted=trusted, plugged=situation is not Situation.NO_DEVICE)
    return Laid(reader=reader, access=access)


class TestRecordedPassport(ChipReaderContract):
    @pytest.fixture
    def make(self) -> Callable[[Situation], Laid]:
        return lay


class TestRecordedCard(ChipReaderContract):
    @pytest.fixture
    def make(self) -> Callable[[Situation], Laid]:
        return lambda situation: lay(situation, document="card")


class Careless:
    """Says of everything that it is signed and genuine, and shows what it read."""

    def __init__(self, reader: ChipReader) -> None:
        self._reader = reader

    def read(self, access: ChipAccess) -> ChipContent:
        return replace(self._reader.read(access), data_signed=True, chip_genuine=True)


def careless(situation: Situation) -> Laid:
    laid = lay(situation)
    return replace(laid, reader=Careless(laid.reader))


@pytest.mark.parametrize("situation", [Situation.ALTERED, Situation.UNKNOWN_ISSUER])
def test_the_contract_sees_a_reader_that_states_what_it_didnt_check(situation: Situation) -> None:
    contract = ChipReaderContract()
    with pytest.raises(AssertionError):
        contract.test_what_doesnt_lead_to_a_trusted_signature_isnt_called_signed(careless, situation)
    with pytest.raises(AssertionError):
        contract.test_a_copy_is_signed_and_isnt_called_genuine(careless)


@pytest.mark.parametrize("length", [0, 1, 127, 128, 255, 256, 65535])
def test_lengths_of_data_objects(length: int) -> None:
    assert value_of(tlv(b"\x61", bytes(length)), 0x61) == bytes(length)


def test_a_data_object_of_another_length_is_seen() -> None:
    with pytest.raises(AssertionError):
        value_of(tlv(b"\x61", b"12345")[:-1], 0x61)
