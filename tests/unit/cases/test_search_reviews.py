"""Reviewers speak, each under their own key, the second without the first one's word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from countenance.authority import Author, Role, RoleMayNot, shipped_roles
from countenance.cases import NothingToReview, ReviewedAlready, ReviewerNotTold, SearchReviews
from countenance.decisions import TWO_REVIEWS
from countenance.kernel import DecisionId, new_id
from countenance.store import RecordUnknown
from identification_door import IdentificationDoor, identification_door
from staff_door import face_at

ANN = face_at(0.1, seed=901)
FIRST, SECOND = Author(Role.REVIEWER, "key_one"), Author(Role.REVIEWER, "key_two")


@pytest.fixture
def door(tmp_path: Path) -> Iterator[IdentificationDoor]:
    with identification_door(tmp_path) as opened:
        opened.enrol("sub_ann", 0.0)
        yield opened


def reviews_at(door: IdentificationDoor) -> SearchReviews:
    hotel = door.staff.hotel
    return SearchReviews(store=hotel.store, authority=hotel.desk, roles=shipped_roles(), clock=hotel.clock)


def logged(door: IdentificationDoor) -> list[dict[str, object]]:
    return [dict(entry) for kind, entry in door.staff.hotel.log_entries() if kind == "review"]


@pytest.fixture
def two(door: IdentificationDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules ask for two people."""
    duties = type(door.staff.hotel.store.duties).open

    def open_duties(self: object, **named: object) -> tuple[object, ...]:
        found = duties(self, **named)  # type: ignore[arg-type]
        return tuple(replace(one, key=TWO_REVIEWS) if one.key == "human_review" else one for one in found)

    monkeypatch.setattr(type(door.staff.hotel.store.duties), "open", open_duties)


@pytest.mark.parametrize("right", [True, False])
def test_one_word_discharges_the_duty(door: IdentificationDoor, right: bool) -> None:
    decision = door.search(ANN).decision.decision_id
    assert door.owed() == ["human_review"]
    state = reviews_at(door).review(decision, right=right, author=FIRST)
    assert (state.given, state.asked, state.confirmed) == (1, 1, right)
    assert door.owed() == []
    (entry,) = logged(door)
    assert entry["confirmed"] is right
    with pytest.raises(NothingToReview):
        reviews_at(door).review(decision, right=right, author=SECOND)


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(
    ("first", "second", "confirmed"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, False)],
)
def test_two_who_differ_confirm_nothing(
    door: IdentificationDoor, first: bool, second: bool, confirmed: bool
) -> None:
    decision = door.search(ANN).decision.decision_id
    reviews = reviews_at(door)
    before = reviews.review(decision, right=first, author=FIRST)
    assert (before.given, before.asked, before.confirmed) == (1, 2, None)
    assert reviews.review(decision, right=second, author=SECOND).confirmed is confirmed
    assert door.owed() == []


@pytest.mark.usefixtures("two")
def test_the_second_reviewer_is_another_one_and_is_told_nothing(door: IdentificationDoor) -> None:
    decision = door.search(ANN).decision.decision_id
    reviews = reviews_at(door)
    reviews.review(decision, right=True, author=FIRST)
    with pytest.raises(ReviewedAlready):
        reviews.review(decision, right=False, author=FIRST)
    (entry,) = logged(door)
    assert set(entry) == {"decision", "given", "asked"}
    assert "key_one" not in str(entry)
    assert [step.body["right"] for step in reviews._steps(decision)] == [True]


@pytest.mark.usefixtures("two")
def test_who_cannot_be_told_from_another_is_no_second_pair_of_eyes(door: IdentificationDoor) -> None:
    decision = door.search(ANN).decision.decision_id
    nobody = Author(Role.REVIEWER)
    with pytest.raises(ReviewerNotTold):
        reviews_at(door).review(decision, right=True, author=nobody)
    assert logged(door) == []
    reviews_at(door).review(decision, right=True, author=FIRST)
    with pytest.raises(ReviewerNotTold):
        reviews_at(door).review(decision, right=True, author=nobody)
    assert door.owed() == [TWO_REVIEWS]


def test_one_reviewer_may_be_at_the_command_line(door: IdentificationDoor) -> None:
    decision = door.search(ANN).decision.decision_id
    assert reviews_at(door).review(decision, right=True, author=Author(Role.REVIEWER)).confirmed is True


def test_who_does_not_review_may_not(door: IdentificationDoor) -> None:
    decision = door.search(ANN).decision.decision_id
    with pytest.raises(RoleMayNot):
        reviews_at(door).review(decision, right=True, author=Author(Role.CLERK, "key_one"))
    assert door.owed() == ["human_review"]
    assert logged(door) == []


def test_a_decision_that_is_none_is_said(door: IdentificationDoor) -> None:
    with pytest.raises(RecordUnknown):
        reviews_at(door).review(DecisionId(new_id("dec")), right=True, author=FIRST)
