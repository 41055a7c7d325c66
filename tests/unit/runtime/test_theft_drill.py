from __future__ import annotations

from functools import cache

import pytest

from countenance.kernel import PurposeId
from countenance.runtime.theft_drill import Haul, TheftDrill, _pseudonyms_beside, drill_theft

NO_KEY, ROOT, SECOND, ALL = range(4)


@cache
def drilled() -> TheftDrill:
    return drill_theft(people=80)


def haul(thief: int) -> Haul:
    return drilled().hauls[thief]


@pytest.mark.parametrize(
    ("thief", "names", "gym", "bank", "linked"),
    [
        (NO_KEY, 0.0, 0.0, 0.0, 0.0),
        (ROOT, 1.0, 1.0, 0.0, 0.0),
        (SECOND, 0.0, 0.0, 0.0, 0.0),
    ],
)
def test_what_opens_with_which_key(thief: int, names: float, gym: float, bank: float, linked: float) -> None:
    learnt = haul(thief)
    assert (learnt.names, learnt.gym, learnt.bank, learnt.linked_by_template) == (names, gym, bank, linked)


def test_the_whole_machine_gives_everything() -> None:
    learnt = haul(ALL)
    assert (learnt.names, learnt.gym, learnt.bank) == (1.0, 1.0, 1.0)
    assert learnt.linked_by_template > 0.9


@pytest.mark.parametrize("thief", [NO_KEY, ROOT, SECOND, ALL])
def test_rows_say_without_a_key_who_is_enrolled_where(thief: int) -> None:
    # Not flattering, and so: pseudonyms stand in clear, and one person has one for all purposes.
    assert (haul(thief).pseudonyms, haul(thief).linked_by_pseudonym) == (1.0, 1.0)


def test_another_deployment_does_not_open_but_is_linked_by_people_known_in_both() -> None:
    linked = drilled().elsewhere_linked
    assert drilled().elsewhere_opened == 0.0
    assert list(linked) == [0, 16, 64]
    assert linked[0] < 0.1 < linked[64]


def test_a_pseudonym_is_taken_with_the_purpose_beside_it() -> None:
    written = b"\x00ref_1sub_ab12pur_x\x00ref_2sub_cd34pur_y\x00sub_ef56\x00"
    assert _pseudonyms_beside(PurposeId("pur_x"), written) == {b"sub_ab12"}
    assert _pseudonyms_beside(PurposeId("pur_z"), written) == set()
