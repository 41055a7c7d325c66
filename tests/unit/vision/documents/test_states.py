"""The codes of issuing states."""

from __future__ import annotations

import pytest

from countenance.vision.documents.states import ISSUING_STATES


def test_they_are_codes_of_three_letters_and_one_of_one() -> None:
    assert {code for code in ISSUING_STATES if len(code) != 3} == {"D"}
    assert all(code.isascii() and code.isalpha() and code.isupper() for code in ISSUING_STATES)


@pytest.mark.parametrize(
    "code", ["D", "FRA", "CHN", "USA", "ZWE", "ABW", "RKS", "XXA", "XOM", "UNO", "GBN", "UTO"]
)
def test_codes_that_documents_bear(code: str) -> None:
    assert code in ISSUING_STATES


@pytest.mark.parametrize("code", ["", "DEU", "UTX", "XAM", "EUB", "FR", "FR4", "fra", "XYZ"])
def test_what_is_none(code: str) -> None:
    assert code not in ISSUING_STATES


def test_each_of_iso_3166_1_but_the_german_one() -> None:
    # 249 states and territories; D instead of DEU; 5 British, 17 organisations, 4 without a state, RKS, UTO.
    assert len(ISSUING_STATES) == 249 + 5 + 17 + 4 + 2
