from __future__ import annotations

import contextlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.vision.documents import (
    CheckKind,
    DocumentNotSupported,
    MachineReadableZone,
    MachineReadableZoneUnreadable,
    ZoneFormat,
    icao_check_digit,
    parse_zone,
)
from drawn_documents import TD1, TD2, TD3

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Doc 9303-5: a number longer than nine characters goes on in the optional field.
LONG_TD1 = (
    "I<UTOD23145890<7349<<<<<<<<<<<",
    "3407127M9507122UTO<<<<<<<<<<<2",
    "STEVENSON<<PETER<JOHN<<<<<<<<<",
)


def changed(lines: Sequence[str], line: int, place: int, character: str) -> tuple[str, ...]:
    text = lines[line]
    return (*lines[:line], text[:place] + character + text[place + 1 :], *lines[line + 1 :])


def wrong_digits(zone: MachineReadableZone) -> set[str]:
    return {check.field for check in zone.checks if check.kind is CheckKind.DIGIT and not check.right}


@pytest.mark.parametrize(
    ("lines", "layout", "fields"),
    [
        pytest.param(
            TD3,
            ZoneFormat.TD3,
            {"document_code": "P<", "number": "L898902C3", "optional": "ZE184226B<<<<<"},
            id="TD3",
        ),
        pytest.param(
            TD1,
            ZoneFormat.TD1,
            {"document_code": "I<", "number": "D23145890", "optional": "<" * 15},
            id="TD1",
        ),
        pytest.param(
            TD2, ZoneFormat.TD2, {"document_code": "I<", "number": "D23145890", "optional": "<" * 7}, id="TD2"
        ),
    ],
)
def test_the_specimens_of_icao(lines: Sequence[str], layout: ZoneFormat, fields: dict[str, str]) -> None:
    zone = parse_zone(lines)
    assert zone.format is layout
    expected = {
        "issuing_state": "UTO",
        "nationality": "UTO",
        "birth_date": "740812",
        "sex": "F",
        "expiry_date": "120415",
        **fields,
    }
    assert {name: zone.fields[name] for name in expected} == expected
    assert zone.fields["names"].rstrip("<") == "ERIKSSON<<ANNA<MARIA"
    assert zone.wrong == ()
    assert zone.resolved == ()


def test_a_long_number_is_put_together_from_two_fields() -> None:
    zone = parse_zone(LONG_TD1)
    assert zone.fields["number"] == "D23145890734"
    assert "number" not in wrong_digits(zone)
    assert wrong_digits(parse_zone(changed(LONG_TD1, 0, 17, "5"))) >= {"number", "composite"}


def test_an_empty_personal_number_may_go_without_its_digit() -> None:
    line = "L898902C36UTO7408122F1204159" + "<" * 14
    composite = icao_check_digit(line[:10] + line[13:20] + line[21:43].ljust(22, "<"))
    assert parse_zone((TD3[0], line + "<" + composite)).wrong == ()
    assert parse_zone((TD3[0], line + "0" + composite)).wrong == ()
    assert "optional" in parse_zone((TD3[0], line + "1" + composite)).wrong


DIGITS_OF = {
    "number": (1, 9),
    "birth_date": (1, 19),
    "expiry_date": (1, 27),
    "optional": (1, 42),
    "composite": (1, 43),
}


@pytest.mark.parametrize("name", DIGITS_OF)
def test_a_wrong_digit_is_reported_by_field(name: str) -> None:
    line, place = DIGITS_OF[name]
    digit = str((int(TD3[line][place]) + 1) % 10)
    wrong = wrong_digits(parse_zone(changed(TD3, line, place, digit)))
    # The composite covers the other digits, so it fails with them.
    assert wrong == {name, "composite"}


@given(data=st.data())
def test_every_substitution_of_a_date_is_seen(data: st.DataObject) -> None:
    start, name = data.draw(st.sampled_from([(13, "birth_date"), (21, "expiry_date")]))
    place = start + data.draw(st.integers(0, 5))
    digit = data.draw(st.sampled_from("0123456789").filter(lambda value: value != TD3[1][place]))
    assert wrong_digits(parse_zone(changed(TD3, 1, place, digit))) == {name, "composite"}


@pytest.mark.parametrize(
    ("line", "place", "misread", "field"),
    [
        pytest.param(1, 14, "A", None, id="a letter like no digit isn't resolved"),
        pytest.param(1, 17, "I", "birth_date", id="I in a date is 1"),
        pytest.param(1, 16, "B", "birth_date", id="B in a date is 8"),
        pytest.param(1, 23, "O", "expiry_date", id="O in a date is 0"),
        pytest.param(1, 18, "Z", "birth_date", id="Z in a date is 2"),
        pytest.param(1, 26, "S", "expiry_date", id="S in a date is 5"),
        pytest.param(0, 4, "0", "issuing_state", id="0 in a state is O"),
        pytest.param(1, 12, "0", "nationality", id="0 in a nationality is O"),
        pytest.param(0, 8, "1", "names", id="1 in a name is I"),
        pytest.param(1, 42, "I", "optional_digit", id="I in a check digit is 1"),
    ],
)
def test_lookalikes_are_resolved_by_what_may_stand_there(
    line: int, place: int, misread: str, field: str | None
) -> None:
    zone = parse_zone(changed(TD3, line, place, misread))
    if field is None:
        assert zone.resolved == ()
        assert "birth_date" in zone.wrong
    else:
        assert zone.resolved == (field,)
        assert zone.wrong == ()


def test_a_document_number_is_never_resolved() -> None:
    misread = changed(TD3, 1, 5, "O")  # L89890... read as L8989O...
    zone = parse_zone(misread)
    assert zone.fields["number"] == "L8989O2C3"
    assert zone.resolved == ()
    assert wrong_digits(zone) == {"number", "composite"}


def test_a_lookalike_isnt_tried_to_make_a_digit_fit() -> None:
    # 7 resembles 1 and nothing says that it can't stand there: it stays, and the check fails.
    zone = parse_zone(changed(TD3, 1, 17, "7"))
    assert zone.fields["birth_date"] == "740872"
    assert "birth_date" in zone.wrong


def test_a_character_that_cant_stand_there_is_a_wrong_form() -> None:
    zone = parse_zone(changed(TD3, 1, 14, "X"))
    assert any(check.field == "birth_date" and check.kind is CheckKind.FORM for check in zone.checks)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((), id="nothing"),
        pytest.param(TD3[:1], id="one line"),
        pytest.param((TD3[0], TD3[1][:-1]), id="a line too short"),
        pytest.param(TD1[:2], id="two lines of a card with three"),
        pytest.param((TD1[0], TD2[0]), id="lengths mixed"),
        pytest.param((TD3[0].lower(), TD3[1]), id="small letters"),
        pytest.param((TD3[0].replace("<", " "), TD3[1]), id="spaces"),
        pytest.param(("X" + TD3[0][1:], TD3[1]), id="an unknown kind"),
    ],
)
def test_what_isnt_a_zone(lines: Sequence[str]) -> None:
    with pytest.raises(MachineReadableZoneUnreadable) as caught:
        parse_zone(lines)
    assert "ERIKSSON" not in caught.value.diagnostics()


def test_visas_are_refused() -> None:
    with pytest.raises(DocumentNotSupported):
        parse_zone(("V" + TD3[0][1:], TD3[1]))


def test_nothing_of_the_holder_is_shown() -> None:
    shown = repr(parse_zone(TD3))
    assert not any(secret in shown for secret in ("ERIKSSON", "ANNA", "L898902C3", "740812", "ZE184226B"))


@given(
    surname=st.text(LETTERS, min_size=1, max_size=18),
    given_name=st.text(LETTERS, min_size=1, max_size=18),
    number=st.text(LETTERS + "0123456789", min_size=1, max_size=9),
    state=st.text(LETTERS, min_size=1, max_size=3),
    birth=st.dates().map(lambda day: day.strftime("%y%m%d")),
    expiry=st.dates().map(lambda day: day.strftime("%y%m%d")),
    sex=st.sampled_from("MF<"),
    personal=st.text(LETTERS + "0123456789", max_size=14),
)
def test_a_written_passport_is_read_back(  # noqa: PLR0917
    surname: str, given_name: str, number: str, state: str, birth: str, expiry: str, sex: str, personal: str
) -> None:
    state, number, personal = state.ljust(3, "<"), number.ljust(9, "<"), personal.ljust(14, "<")
    first = f"P<{state}{surname}<<{given_name}".ljust(44, "<")[:44]
    parts = [number, icao_check_digit(number), state, birth, icao_check_digit(birth), sex]
    parts += [expiry, icao_check_digit(expiry), personal, icao_check_digit(personal)]
    second = "".join(parts)
    second += icao_check_digit(second[:10] + second[13:20] + second[21:43])
    zone = parse_zone((first, second))
    assert zone.wrong == ()
    assert zone.resolved == ()
    assert zone.fields["number"] == number
    assert zone.fields["birth_date"] == birth
    assert zone.fields["expiry_date"] == expiry
    assert zone.fields["issuing_state"] == state
    assert zone.fields["names"].startswith(surname)


@given(lines=st.lists(st.text("0123456789ABCPIV<OQX", min_size=30, max_size=44), max_size=4))
def test_any_text_is_parsed_or_refused(lines: list[str]) -> None:
    with contextlib.suppress(MachineReadableZoneUnreadable, DocumentNotSupported):
        parse_zone(lines)


@given(data=st.lists(st.text("0123456789ABCOI<", min_size=44, max_size=44), min_size=2, max_size=2))
def test_any_lines_of_the_right_length_are_parsed(data: list[str]) -> None:
    zone = parse_zone(("P" + data[0][1:], data[1]))
    assert {check.field for check in zone.checks} >= {"number", "birth_date", "expiry_date", "composite"}
