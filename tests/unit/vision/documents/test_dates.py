from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.vision.documents import AgeBand
from countenance.vision.documents.dates import DateSpan, age_band, birth_span, expiry_day

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        pytest.param("740812", date(1974, 8, 12), date(1974, 8, 12), id="last century"),
        pytest.param("261123", TODAY, TODAY, id="born today"),
        pytest.param("261124", date(1926, 11, 24), date(1926, 11, 24), id="tomorrow is a hundred years ago"),
        pytest.param("240229", date(2024, 2, 29), date(2024, 2, 29), id="leap day"),
        pytest.param("74<<<<", date(1974, 1, 1), date(1974, 12, 31), id="month and day open"),
        pytest.param("7402<<", date(1974, 2, 1), date(1974, 2, 28), id="day open"),
        pytest.param("7412<<", date(1974, 12, 1), date(1974, 12, 31), id="day open in December"),
        pytest.param("26<<<<", date(2026, 1, 1), TODAY, id="this year, open: not after today"),
    ],
)
def test_births(text: str, first: date, last: date) -> None:
    assert birth_span(text, today=TODAY) == DateSpan(first, last)


@pytest.mark.parametrize("text", ["741301", "740230", "<<<<<<", "74<<12", "7408", "ABCDEF", "", "٧٤٠٨١٢"])
def test_no_birth(text: str) -> None:
    assert birth_span(text, today=TODAY) is None


@given(born=st.dates(TODAY - timedelta(days=36_500), TODAY))
def test_a_birth_of_the_last_hundred_years_is_read_back(born: date) -> None:
    assert birth_span(born.strftime("%y%m%d"), today=TODAY) == DateSpan(born, born)


@given(born=st.dates(date(1900, 1, 1), TODAY))
def test_a_birth_is_never_read_as_earlier_than_it_was(born: date) -> None:
    span = birth_span(born.strftime("%y%m%d"), today=TODAY)
    # 29 February 1900 doesn't exist, so each of these days does.
    assert span is not None
    assert born <= span.first <= TODAY


@pytest.mark.parametrize(
    ("text", "day"),
    [
        pytest.param("120415", date(2012, 4, 15), id="past"),
        pytest.param("351231", date(2035, 12, 31), id="ahead"),
        pytest.param("751231", date(2075, 12, 31), id="49 years ahead"),
        pytest.param("761231", date(1976, 12, 31), id="50 years back"),
        pytest.param("351301", None, id="no month"),
        pytest.param("35<<<<", None, id="open"),
        pytest.param("3512<<", None, id="day open"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_expiries(text: str, day: date | None) -> None:
    assert expiry_day(text, today=TODAY) == day


@pytest.mark.parametrize(
    ("born", "band"),
    [
        pytest.param(date(2012, 11, 24), AgeBand.UNDER_14, id="14 tomorrow"),
        pytest.param(date(2012, 11, 23), AgeBand.FROM_14_TO_17, id="14 today"),
        pytest.param(date(2008, 11, 24), AgeBand.FROM_14_TO_17, id="18 tomorrow"),
        pytest.param(date(2008, 11, 23), AgeBand.ADULT, id="18 today"),
        pytest.param(TODAY, AgeBand.UNDER_14, id="born today"),
        pytest.param(date(2026, 11, 24), AgeBand.UNKNOWN, id="not born"),
    ],
)
def test_bands(born: date, band: AgeBand) -> None:
    assert age_band(DateSpan(born, born), today=TODAY) is band


def test_a_leap_day_birthday_is_reached_on_the_first_of_march() -> None:
    span = DateSpan(date(2008, 2, 29), date(2008, 2, 29))
    assert age_band(span, today=date(2026, 2, 28)) is AgeBand.FROM_14_TO_17
    assert age_band(span, today=date(2026, 3, 1)) is AgeBand.ADULT


def test_an_open_birth_has_a_band_only_if_every_day_gives_it() -> None:
    assert age_band(DateSpan(date(1974, 1, 1), date(1974, 12, 31)), today=TODAY) is AgeBand.ADULT
    assert age_band(DateSpan(date(2008, 1, 1), date(2008, 12, 31)), today=TODAY) is AgeBand.UNKNOWN
    assert age_band(None, today=TODAY) is AgeBand.UNKNOWN


def test_a_span_keeps_its_days_to_itself() -> None:
    assert repr(DateSpan(date(1974, 8, 12), date(1974, 8, 12))) == "DateSpan(...)"
