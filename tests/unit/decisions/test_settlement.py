"""Duties that the desk discharges, and those that it leaves open."""

from __future__ import annotations

import pytest

from countenance.authority import DutyNotOpen
from countenance.decisions.settlement import AUTHOR, settle
from countenance.kernel import DutyClaim
from countenance.store import Issuer, LogReceipt
from front_desk import FrontDesk

OWN = {"image_deleted", "raw_deleted", "nonmatch_deleted", "processing_log"}
LOG = LogReceipt(index=3, leaf_hash="ab" * 32, tree_size=4)


def settled(hotel: FrontDesk) -> tuple[tuple[DutyClaim, ...], tuple[DutyClaim, ...]]:
    duties = hotel.grant().claims.duties
    return duties, settle(hotel.desk, duties, log=LOG)


def test_what_the_desk_did_is_discharged_by_the_system_and_the_rest_stays_open(hotel: FrontDesk) -> None:
    duties, left = settled(hotel)
    keys = {duty.key for duty in duties}
    assert keys & OWN
    assert {duty.key for duty in left} == keys - OWN
    still_open = {duty.duty_id for duty in hotel.store.duties.open()}
    assert still_open == {duty.duty_id for duty in left}
    for duty in duties:
        if duty.key in OWN:
            record = hotel.store.duties.get(duty.duty_id)
            assert record.discharged_by is not None
            evidence = hotel.store.evidence.get(record.discharged_by)
            assert evidence.issuer is Issuer.SYSTEM
            assert evidence.author == AUTHOR
            assert evidence.key == duty.key


def test_the_log_duty_names_the_entry(hotel: FrontDesk) -> None:
    duties, _ = settled(hotel)
    logged = [duty for duty in duties if duty.key == "processing_log"]
    for duty in logged:
        discharged_by = hotel.store.duties.get(duty.duty_id).discharged_by
        assert discharged_by is not None
        content = hotel.store.evidence.get(discharged_by).content
        assert (content["log_index"], content["leaf_hash"]) == (LOG.index, LOG.leaf_hash)


def test_a_duty_is_settled_once(hotel: FrontDesk) -> None:
    duties, _ = settled(hotel)
    with pytest.raises(DutyNotOpen):
        settle(hotel.desk, duties, log=LOG)


def test_a_permit_without_duties_is_settled_at_once(hotel: FrontDesk) -> None:
    assert settle(hotel.desk, (), log=LOG) == ()
