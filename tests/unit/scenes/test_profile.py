from __future__ import annotations

import pytest
import tomli_w

from countenance.decisions import DocumentNeed, Role
from countenance.scenes import SceneInvalid, SceneProfile, parse_profile, shipped_profiles

SHIPPED = ("bank-teller", "face-payment", "hotel-checkin", "portrait-verification")


def document() -> dict[str, object]:
    """A profile that can be read, to be spoilt one way at a time."""
    return {
        "id": "bank-desk",
        "title": "Bank desk",
        "what_it_was": "A face was taken and kept.",
        "what_we_make_of_it": "A face is compared and forgotten.",
        "refused": ["The face as the only way."],
        "place_kinds": ["bank"],
        "purpose": "pur_bank",
        "operations": ["capture", "verify"],
        "error_target": 1e-4,
        "alternative": "The clerk looks for himself.",
        "steps": ["The clerk asks the customer."],
        "shown": ["The outcome in words."],
        "not_shown": ["The comparison score."],
        "reference": {"role": "document", "title": "Card", "words": "The card with the portrait."},
        "probe": {"role": "live", "title": "Customer", "words": "The customer at the desk."},
        "retention": {"pictures": 0, "templates": 0, "words": "The signed decision alone."},
    }


def parsed(**changed: object) -> SceneProfile:
    return parse_profile(tomli_w.dumps({**document(), **changed}))


def test_a_profile_is_read() -> None:
    profile = parsed()
    assert profile.scene_id == "bank-desk"
    assert profile.operations == ("capture", "verify")
    assert profile.reference.role is Role.DOCUMENT
    assert profile.probe.role is Role.LIVE
    assert profile.error_target == 1e-4


def test_a_profile_says_what_it_wants_of_the_document() -> None:
    assert parsed().document is None
    profile = parsed(document="required", document_says=["expired"], expired_document="refuse")
    assert profile.document is DocumentNeed.REQUIRED
    assert profile.document_says == {"expired"}
    assert profile.expired_document == "refuse"
    hotel = shipped_profiles()["hotel-checkin"]
    assert hotel.document is DocumentNeed.READ_IF_THERE
    assert hotel.document_says == {"age_band", "expired"}


@pytest.mark.parametrize(
    "changed",
    [
        {"document": "if-you-like"},
        {"document": "required", "document_says": ["number"]},
        {"document": "required", "document_says": ["name"]},
        {"document_says": ["expired"]},
        {"document": "required", "expired_document": "ignore"},
    ],
    ids=["need", "number", "name", "no-document", "expired"],
)
def test_a_profile_can_t_ask_for_more(changed: dict[str, object]) -> None:
    with pytest.raises(SceneInvalid):
        parsed(**changed)


def test_liveness_is_demanded_with_the_operation_that_the_rules_know() -> None:
    assert parsed().liveness == 0
    assert parsed(liveness=2, operations=["capture", "pad", "verify"]).liveness == 2
    assert {scene: profile.liveness for scene, profile in shipped_profiles().items()} == {
        "bank-teller": 2,
        "face-payment": 3,
        "hotel-checkin": 0,
        "portrait-verification": 0,
    }


@pytest.mark.parametrize(
    "changed",
    [{"liveness": 2}, {"operations": ["capture", "pad", "verify"]}, {"liveness": 5}, {"liveness": -1}],
    ids=["without pad", "pad for nothing", "no such level", "below none"],
)
def test_liveness_that_the_rules_are_not_asked_for_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(SceneInvalid):
        parsed(**changed)


def test_a_profile_is_frozen() -> None:
    with pytest.raises(Exception, match="frozen"):
        parsed().title = "another"  # type: ignore[misc]


@pytest.mark.parametrize("member", sorted(document()))
def test_no_member_may_be_missing(member: str) -> None:
    spoilt = document()
    del spoilt[member]
    with pytest.raises(SceneInvalid, match=member):
        parse_profile(tomli_w.dumps(spoilt))


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"retentoin": 0}, "retentoin"),
        ({"id": "Bank Desk"}, "id"),
        ({"title": ""}, "title"),
        ({"operations": []}, "operations"),
        ({"operations": ["verify", "capture"]}, "sorted"),
        ({"operations": ["capture", "capture", "verify"]}, "once each"),
        ({"operations": ["verify"]}, "both operations"),
        ({"operations": ["capture", "identify"]}, "both operations"),
        ({"error_target": 0.0}, "error_target"),
        ({"error_target": 1.0}, "error_target"),
        ({"error_target": "low"}, "error_target"),
        ({"place_kinds": []}, "place_kinds"),
        ({"refused": []}, "refused"),
        (
            {"retention": {"pictures": 24, "templates": 0, "words": "A day of pictures."}},
            "retention.pictures",
        ),
        (
            {"retention": {"pictures": 0, "templates": 1, "words": "An hour of templates."}},
            "retention.templates",
        ),
        (
            {"probe": {"role": "document", "title": "Twice", "words": "The same role again."}},
            "different roles",
        ),
        ({"probe": {"role": "wax", "title": "Wax", "words": "A head made of wax."}}, "probe.role"),
    ],
)
def test_a_wrong_member_is_named(changed: dict[str, object], named: str) -> None:
    with pytest.raises(SceneInvalid, match=named):
        parsed(**changed)


def test_what_is_not_toml_is_refused() -> None:
    with pytest.raises(SceneInvalid, match="TOML"):
        parse_profile("id = ")


class TestShipped:
    """The profiles that come with the package."""

    def test_they_are_these(self) -> None:
        assert list(shipped_profiles()) == list(SHIPPED)

    def test_the_hotel_keeps_nothing_and_asks_for_one_in_ten_thousand(self) -> None:
        hotel = shipped_profiles()["hotel-checkin"]
        assert hotel.retention.pictures == hotel.retention.templates == 0
        assert hotel.error_target == 1e-4
        assert hotel.place_kinds == ("hotel_lobby",)
        assert hotel.purpose == "pur_checkin"

    @pytest.mark.parametrize("scene_id", SHIPPED)
    def test_no_score_is_ever_shown(self, scene_id: str) -> None:
        profile = shipped_profiles()[scene_id]
        assert any("score" in sentence for sentence in profile.not_shown)
        assert not any("score" in sentence.lower() for sentence in profile.shown)

    @pytest.mark.parametrize("scene_id", SHIPPED)
    def test_its_words_are_in_the_rules_vocabulary(self, scene_id: str) -> None:
        from countenance.authority import shipped_rules  # noqa: PLC0415

        _, vocabulary = shipped_rules()
        profile = shipped_profiles()[scene_id]
        assert set(profile.operations) <= set(vocabulary.operations)
        assert set(profile.place_kinds) <= set(vocabulary.places)

    def test_nobody_can_add_one_by_accident(self) -> None:
        with pytest.raises(TypeError):
            shipped_profiles()["another"] = shipped_profiles()["hotel-checkin"]  # type: ignore[index]
