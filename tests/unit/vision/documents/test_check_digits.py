from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.vision.documents import icao_check_digit, iso7064_mod_11_2

CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"
VALUES = {character: (0 if character == "<" else place) for place, character in enumerate(CHARACTERS)}


@pytest.mark.parametrize(
    ("field", "digit"),
    [
        # ICAO Doc 9303-3, 4.9, the worked examples and the specimens of parts 4 to 6.
        pytest.param("520727", "3", id="a date"),
        pytest.param("AB2134<<<", "5", id="a number with fillers"),
        pytest.param("L898902C3", "6", id="the passport's number"),
        pytest.param("740812", "2", id="the holder's birth"),
        pytest.param("120415", "9", id="the expiry"),
        pytest.param("ZE184226B<<<<<", "1", id="the personal number"),
        pytest.param("HA672242<658022549601086<<<<<<<<<<<<<<0", "8", id="a composite with fillers"),
        pytest.param("", "0", id="nothing"),
    ],
)
def test_icao_examples(field: str, digit: str) -> None:
    assert icao_check_digit(field) == digit


@given(field=st.text(CHARACTERS, min_size=1, max_size=40), data=st.data())
def test_icao_sees_every_substitution_that_modulo_ten_can_see(field: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(field) - 1))
    other = data.draw(st.sampled_from(CHARACTERS))
    changed = field[:place] + other + field[place + 1 :]
    same = VALUES[field[place]] % 10 == VALUES[other] % 10
    assert (icao_check_digit(field) == icao_check_digit(changed)) == same


@pytest.mark.parametrize("field", ["l898902c3", "12 3", "é", "1-2"])
def test_icao_refuses_characters_that_no_zone_has(field: str) -> None:
    with pytest.raises(ValueError, match="digits, capital letters and fillers"):
        icao_check_digit(field)


@pytest.mark.parametrize(
    ("digits", "check"),
    [
        # GB 11643-1999, the two examples; ISO/IEC 7064, the example 0794.
        pytest.param("11010519491231002", "X", id="woman of the standard"),
        pytest.param("44052418800101001", "4", id="man of the standard"),
        pytest.param("0794", "0", id="ISO/IEC 7064"),
    ],
)
def test_mod_11_2_examples(digits: str, check: str) -> None:
    assert iso7064_mod_11_2(digits) == check


@given(digits=st.text("0123456789", min_size=1, max_size=17), data=st.data())
def test_mod_11_2_sees_every_substitution(digits: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(digits) - 1))
    other = data.draw(st.sampled_from("0123456789").filter(lambda digit: digit != digits[place]))
    assert iso7064_mod_11_2(digits) != iso7064_mod_11_2(digits[:place] + other + digits[place + 1 :])


@given(digits=st.text("0123456789", min_size=2, max_size=17), data=st.data())
def test_mod_11_2_sees_every_swap_of_neighbours(digits: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(digits) - 2))
    first, second = digits[place], digits[place + 1]
    swapped = digits[:place] + second + first + digits[place + 2 :]
    assert (iso7064_mod_11_2(digits) == iso7064_mod_11_2(swapped)) == (first == second)


@given(digits=st.text("0123456789", min_size=17, max_size=17))
def test_mod_11_2_is_the_weighted_sum_of_the_national_standard(digits: str) -> None:
    weights = [2 ** (17 - place) % 11 for place in range(17)]
    total = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
    assert iso7064_mod_11_2(digits) == "10X98765432"[total % 11]


@pytest.mark.parametrize("digits", ["", "12a", "١٢", "1 2"])
def test_mod_11_2_refuses_what_is_no_digit(digits: str) -> None:
    with pytest.raises(ValueError, match="digits"):
        iso7064_mod_11_2(digits)
