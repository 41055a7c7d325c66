"""The verdict that is reached again from the same records is the one that was logged."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from countenance.authority import shipped_rules
from countenance.authority.judging import verdict_on
from countenance.authority.outside import Vouching
from countenance.authority.resolver import Resolution, resolve
from countenance.authority.sites import sites_of
from countenance.kernel import canonical_sha256
from countenance.policy import Verdict
from front_desk import FrontDesk, front_desk


def again(hotel: FrontDesk, *, at: datetime) -> Verdict:
    rules, vocabulary = shipped_rules()
    request = hotel.request()
    sites = sites_of(request, store=hotel.store, now=at)
    vouching = Vouching(store=hotel.store)

    def resolution(index: int) -> Resolution:
        scope = sites[index].scope
        return resolve(
            hotel.store.evidence.at(at, scope=scope),
            scope=scope,
            at=at,
            vocabulary=vocabulary,
            demo=True,
            vouched=lambda record: vouching.vouched(record, at=at),
        )

    resolutions = [resolution(index) for index in range(len(sites))]
    return verdict_on(request.operations, sites, resolutions, rules=rules, vocabulary=vocabulary)


@pytest.mark.parametrize("jurisdiction", ["CN", "EU"])
def test_a_yes_is_reached_again_to_the_last_rule(tmp_path: Path, jurisdiction: str) -> None:
    with front_desk(tmp_path, jurisdiction=jurisdiction) as hotel:
        hotel.welcome()
        granted = hotel.grant()
        logged = hotel.logged(granted.log)
        hotel.wait(timedelta(minutes=30))
        moment = datetime.fromisoformat(str(logged["judged_at"]))
        assert moment == granted.claims.issued_at
        assert canonical_sha256(again(hotel, at=moment).to_json()) == logged["verdict"]


def test_on_other_records_it_is_another(tmp_path: Path) -> None:
    with front_desk(tmp_path) as hotel:
        hotel.welcome()
        granted = hotel.grant()
        logged = hotel.logged(granted.log)
        hotel.withdraw("notice")
        moment = hotel.clock.now()
        assert not again(hotel, at=moment).allowed
        assert canonical_sha256(again(hotel, at=moment).to_json()) != logged["verdict"]
