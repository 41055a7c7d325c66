from __future__ import annotations

import dataclasses
import json
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.kernel import SubjectError
from countenance.vision.documents import (
    AgeBand,
    Check,
    CheckDigitWrong,
    CheckKind,
    ChipAccess,
    ChipContent,
    ChipReader,
    DocumentKind,
    DocumentNumber,
    DocumentReading,
    FieldConfidence,
)
from weights import frame_of

KEY = b"0123456789abcdef"


def number(value: str = "L898902C3", *, state: str = "UTO") -> DocumentNumber:
    return DocumentNumber(kind=DocumentKind.TD3, issuing_state=state, value=value)


def reading(*checks: Check) -> DocumentReading:
    return DocumentReading(
        kind=DocumentKind.TD3,
        issuing_state="UTO",
        age_band=AgeBand.ADULT,
        expired=False,
        number=number(),
        checks=checks,
        resolved=(),
        confidences=(FieldConfidence("number", 0.98765),),
        frame=frame_of(np.full((4, 4, 3), 9, np.uint8)),
        portrait=None,
    )


def test_it_is_never_authenticated_and_says_so() -> None:
    read = reading(Check("number", CheckKind.DIGIT, right=True))
    assert read.authenticated is False
    assert read.assurance == "document not authenticated"
    assert read.to_json()["assurance"] == "document not authenticated"
    # It can't be made so either: it isn't a field.
    assert "authenticated" not in {field.name for field in dataclasses.fields(read)}


def test_what_may_be_shown_has_no_number_and_is_json() -> None:
    shown = json.dumps(dict(reading(Check("number", CheckKind.DIGIT, right=True)).to_json()))
    assert "L898902C3" not in shown
    assert json.loads(shown)["number_read"] is True
    assert json.loads(shown)["age_band"] == "adult"


def test_the_number_is_not_shown() -> None:
    assert "L898902C3" not in repr(reading())
    assert "L898902C3" not in f"{number()} {number()!r}"
    assert not hasattr(number(), "__dict__")


def test_checks_that_dont_hold_are_named_and_can_be_required() -> None:
    read = reading(
        Check("number", CheckKind.DIGIT, right=True),
        Check("birth_date", CheckKind.DIGIT, right=False),
        Check("birth_date", CheckKind.FORM, right=False),
    )
    assert read.wrong == ("birth_date",)
    with pytest.raises(CheckDigitWrong) as caught:
        read.require_checks()
    assert caught.value.fields == ("birth_date",)
    assert caught.value.code == "check-digit-wrong"
    assert isinstance(caught.value, SubjectError)
    reading(Check("number", CheckKind.DIGIT, right=True)).require_checks()


def test_the_digest_is_the_same_for_the_same_document_and_key_only() -> None:
    digest = number().keyed_digest(KEY)
    assert len(digest) == 64
    assert digest == number().keyed_digest(KEY)
    assert digest != number().keyed_digest(KEY[::-1])
    assert digest != number(state="FRA").keyed_digest(KEY)
    other = DocumentNumber(kind=DocumentKind.TD1, issuing_state="UTO", value="L898902C3")
    assert digest != other.keyed_digest(KEY)


@given(first=st.text("AB1<", max_size=6), second=st.text("AB1<", max_size=6), state=st.text("AB", max_size=3))
def test_state_and_number_dont_run_into_each_other(first: str, second: str, state: str) -> None:
    same = number(first, state=state).keyed_digest(KEY) == number(second, state=state).keyed_digest(KEY)
    assert same == (first == second)
    assert number("A" + first, state=state).keyed_digest(KEY) != number(
        first, state=state + "A"
    ).keyed_digest(KEY)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 16 bytes"):
        number().keyed_digest(b"short")


def test_wiping_overwrites_the_pixels() -> None:
    read = reading()
    read.wipe()
    assert not read.frame.pixels.any()


def test_an_error_survives_a_process_boundary_without_a_value() -> None:
    error = CheckDigitWrong(("number",))
    assert str(error) == "A check doesn't hold for: number."
    assert pickle.loads(pickle.dumps(error)).code == "check-digit-wrong"  # noqa: S301


class DeadChip:
    """The least reader there can be: what a test needs to see that the protocol can be met."""

    def read(self, access: ChipAccess) -> ChipContent:  # noqa: ARG002
        return ChipContent(dg1=b"\x61", dg2=b"\x75", data_signed=False, chip_genuine=None)


def test_a_chip_reader_shows_neither_what_opens_it_nor_what_it_says() -> None:
    reader: ChipReader = DeadChip()
    access = ChipAccess(number="L898902C3", birth_date="740812", expiry_date="120415")
    content = reader.read(access)
    assert content.data_signed is False
    assert repr(access) == "ChipAccess()"
    assert repr(content) == "ChipContent(data_signed=False, chip_genuine=None)"
