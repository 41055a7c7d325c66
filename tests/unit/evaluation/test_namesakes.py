from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.evaluation.namesakes import nearly_same_name, people_named_in


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tommy Tuberville", "Tommy_Tubberville"),
        ("Tommy Tuberville", "Tom_Tuberville"),
        ("John A. Smith Jr.", "John_Smith"),
        ("José Ángel Pérez", "Jose_Perez"),
        ("Beto O'Rourke", "Beto_ORourke"),
        ("Ben Ray Luján", "Ben_Lujan"),
        ("Madonna", "Madonna"),
        ("Carolyn McCarthy", "Carolyn_MacCarthy"),
        ("Jan Schakowsky", "Jan_Schakowski"),
    ],
)
def test_may_be_one(one: str, other: str) -> None:
    assert nearly_same_name(one, other)
    assert nearly_same_name(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann Lee", "Ann_Lea"),
        ("Ann Smith", "Bob_Smith"),
        ("Al Green", "Alan_Green"),
        ("John Carter", "John_Kerry"),
        ("Tom Smith", "Thomas_Smithers"),
        ("Cher", "Cher_Smith"),
        ("", "Ann_Lee"),
        ("Ann Lee", "李"),
        ("Robert Menendez", "Roberta_Mendez"),
    ],
)
def test_are_two(one: str, other: str) -> None:
    assert not nearly_same_name(one, other)


@given(st.lists(st.text(alphabet="abcdef ", min_size=1, max_size=12), max_size=6), st.text(max_size=12))
def test_the_many_are_found_as_each_alone(elsewhere: list[str], name: str) -> None:
    alone = any(nearly_same_name(name, other) for other in elsewhere)
    assert people_named_in([(name,)], elsewhere) == ((0,) if alone else ())


def test_any_name_of_a_person_counts() -> None:
    names = [("Ann Lee",), ("Bo Li", "Bob Lidell"), (), ("",)]
    assert people_named_in(names, ["Bob_Lidell", "Cy_Twombly"]) == (1,)
    assert people_named_in(names, []) == ()
