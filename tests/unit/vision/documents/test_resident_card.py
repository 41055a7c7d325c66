from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.vision.documents import iso7064_mod_11_2, parse_citizen_number
from countenance.vision.documents.dates import DateSpan
from drawn_documents import CITIZEN_NUMBER

TODAY = date(2026, 11, 23)


def with_check(digits: str) -> str:
    return digits + iso7064_mod_11_2(digits)


def test_the_example_of_the_standard_holds() -> None:
    number = parse_citizen_number(CITIZEN_NUMBER, today=TODAY)
    assert number is not None
    assert number.wrong == ()
    assert number.birth == DateSpan(date(1949, 12, 31), date(1949, 12, 31))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        pytest.param(CITIZEN_NUMBER[:-1] + "0", ("number",), id="check character"),
        pytest.param(with_check("11010519491331002"), ("birth_date",), id="month 13"),
        pytest.param(with_check("11010520270101002"), ("birth_date",), id="born in the future"),
        pytest.param(with_check("11010518000101002"), ("birth_date",), id="born too long ago"),
        pytest.param(with_check("99010519491231002"), ("number",), id="no province"),
        pytest.param(with_check("11010520230229002"), ("birth_date",), id="29 February of no leap year"),
    ],
)
def test_what_doesnt_hold_is_named(text: str, wrong: tuple[str, ...]) -> None:
    number = parse_citizen_number(text, today=TODAY)
    assert number is not None
    assert number.wrong == wrong


@pytest.mark.parametrize(
    "text",
    ["", CITIZEN_NUMBER[:-1], CITIZEN_NUMBER + "0", "X" * 18, "1101051949123100 X", CITIZEN_NUMBER.lower()],
)
def test_what_is_no_number(text: str) -> None:
    assert parse_citizen_number(text, today=TODAY) is None


@given(place=st.integers(0, 16), digit=st.sampled_from("0123456789"))
def test_every_substitution_is_seen(place: int, digit: str) -> None:
    text = CITIZEN_NUMBER[:place] + digit + CITIZEN_NUMBER[place + 1 :]
    number = parse_citizen_number(text, today=TODAY)
    assert number is not None
    assert ("number" in number.wrong) == (text != CITIZEN_NUMBER)


@given(born=st.dates(date(1900, 1, 1), TODAY), region=st.integers(110000, 119999), order=st.integers(0, 999))
def test_a_written_number_is_read_back(born: date, region: int, order: int) -> None:
    text = with_check(f"{region}{born:%Y%m%d}{order:03}")
    number = parse_citizen_number(text, today=TODAY)
    assert number is not None
    assert number.birth == DateSpan(born, born)
    assert "birth_date" not in number.wrong


def test_the_number_is_not_shown() -> None:
    assert CITIZEN_NUMBER not in repr(parse_citizen_number(CITIZEN_NUMBER, today=TODAY))
    assert "1949" not in repr(parse_citizen_number(CITIZEN_NUMBER, today=TODAY))
