"""The made-up pass desk: passes are issued and shown there by the shipped rules, where enough is on file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from countenance.authority import DeviceNotDeclared, RefusedByRule, record_guest_consent, seed_demo_pass_desk
from countenance.authority.demo import DEMO_MARK
from countenance.kernel import Door, ProcessingRequest
from countenance.store import DemoEvidenceRefused
from front_desk import GUEST, NOON, FrontDesk, front_desk, new_desk, new_store

ISSUE = ("capture", "enrol")
CHECK = ("capture", "verify")


def agreed(hotel: FrontDesk, *, consents: bool = True) -> dict[tuple[str, ...], ProcessingRequest]:
    desk = seed_demo_pass_desk(hotel.desk, jurisdiction=hotel.site.jurisdiction)
    record_guest_consent(
        hotel.desk,
        subject=GUEST,
        place=desk.place,
        purpose=desk.purpose,
        consents=consents,
        age_band="adult",
        language="en",
        stated_by="clerk",
    )
    return {
        operations: replace(
            hotel.request(operations=operations, purpose=desk.purpose, place=desk.place, device=desk.device),
            scene=None,
        )
        for operations in (ISSUE, CHECK)
    }


@pytest.mark.parametrize("jurisdiction", ["EU", "UK"])
@pytest.mark.parametrize("operations", [ISSUE, CHECK], ids=["issue", "check"])
def test_passes_are_issued_and_checked_there(
    tmp_path: Path, jurisdiction: str, operations: tuple[str, ...]
) -> None:
    with front_desk(tmp_path, jurisdiction=jurisdiction) as hotel:
        granted = hotel.grant(agreed(hotel)[operations], budget={Door.CAPTURE: 1})
        assert granted.claims.demo


@pytest.mark.parametrize(
    ("jurisdiction", "rule"), [("CN", "CN-FRT-8a"), ("US/IL", "US-BIPA-15a")], ids=["CN", "US-IL"]
)
def test_elsewhere_the_refusal_names_what_is_missing(tmp_path: Path, jurisdiction: str, rule: str) -> None:
    with front_desk(tmp_path, jurisdiction=jurisdiction) as hotel:
        asked = agreed(hotel)
        with pytest.raises(RefusedByRule) as refused:
            hotel.grant(asked[ISSUE])
        assert {one for missing in refused.value.verdict.missing for one in missing.rule_ids} == {rule}


def test_who_says_no_gets_none(tmp_path: Path) -> None:
    with front_desk(tmp_path, jurisdiction="EU") as hotel:
        for asked in agreed(hotel, consents=False).values():
            with pytest.raises(RefusedByRule):
                hotel.grant(asked)


def test_nobody_is_searched_for_there(tmp_path: Path) -> None:
    with front_desk(tmp_path, jurisdiction="EU") as hotel:
        asked = agreed(hotel)[CHECK]
        with pytest.raises(DeviceNotDeclared):
            hotel.grant(replace(asked, operations=("capture", "identify")))


def test_filing_it_again_adds_nothing_and_every_text_is_marked(tmp_path: Path) -> None:
    with front_desk(tmp_path, jurisdiction="EU") as hotel:
        seed_demo_pass_desk(hotel.desk, jurisdiction="EU")
        before = hotel.store.evidence.at(NOON)
        desk = seed_demo_pass_desk(hotel.desk, jurisdiction="EU")
        assert hotel.store.evidence.at(NOON) == before
        own = [one for one in before if desk.place in repr(one.scope) or desk.purpose in repr(one.scope)]
        assert len(own) > 20
        for record in own:
            assert record.demo
            assert str(record.content.get("text", DEMO_MARK)).startswith(DEMO_MARK)


def test_it_is_believed_nowhere_else(tmp_path: Path) -> None:
    with front_desk(tmp_path / "demo") as hotel, new_store(tmp_path, demo=False, clock=hotel.clock) as store:
        with pytest.raises(DemoEvidenceRefused):
            seed_demo_pass_desk(new_desk(store, hotel.clock), jurisdiction="EU")
        assert store.places.all() == ()
