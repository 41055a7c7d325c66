"""What a process that ended in the middle left open is closed by the next one, and said as what it is."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from countenance.authority import DutyOverdue, settle_abandoned
from countenance.gallery import NewReference, SealedGallery
from countenance.kernel import Door
from countenance.templates import ReferenceTemplate
from front_desk import GUEST, FrontDesk

IN_MEMORY = {"image_deleted", "raw_deleted", "nonmatch_deleted", "processing_log"}


def left_open(hotel: FrontDesk) -> set[str]:
    """Get a permit, open a picture and do nothing more, as a process that was killed."""
    granted = hotel.desk.permit(hotel.request(), budget={Door.CAPTURE: 2, Door.EXTRACT: 2})
    assert hotel.store.permits.spend(granted.claims.permit_id, Door.CAPTURE.value, 2)
    return {duty.key for duty in hotel.store.duties.open()}


def test_what_was_in_memory_is_gone_and_the_place_goes_on(checkin: FrontDesk) -> None:
    open_before = left_open(checkin)
    assert "image_deleted" in open_before
    checkin.wait(timedelta(minutes=30))
    with pytest.raises(DutyOverdue):
        checkin.desk.permit(checkin.request(), budget={Door.CAPTURE: 2})
    closed = settle_abandoned(checkin.desk, checkin.store)
    assert closed == len(open_before & {*IN_MEMORY, "deletion_job"})
    assert not {duty.key for duty in checkin.store.duties.open()} & IN_MEMORY
    checkin.desk.permit(checkin.request(), budget={Door.CAPTURE: 2})


def test_nobody_claims_that_it_was_finished(checkin: FrontDesk) -> None:
    left_open(checkin)
    settle_abandoned(checkin.desk, checkin.store)
    (entry,) = [dict(entry) for kind, entry in checkin.log_entries() if kind == "abandoned"]
    assert set(entry) == {"permit"}
    said = checkin.on_file("image_deleted")
    assert all("ended without a word" in str(record.content["done"]) for record in said)
    assert all(record.author == "the process that was started next" for record in said)


def test_what_was_kept_isnt_erased_by_a_process_s_end(checkin: FrontDesk) -> None:
    granted = checkin.desk.permit(checkin.request(), budget={Door.CAPTURE: 2})
    gallery = SealedGallery(store=checkin.store, model_id="m", dimensions=8, clock=checkin.clock)
    vector = np.zeros(8, dtype=np.float32)
    vector[0] = 1.0
    gallery.enrol(
        [
            NewReference(
                subject=GUEST,
                purpose=checkin.site.purpose,
                template=ReferenceTemplate(vector, "m", 1, 80),
                valid_from=checkin.clock.now(),
                permit_id=granted.claims.permit_id,
            )
        ]
    )
    gallery.close()
    assert checkin.store.references.under(granted.claims.permit_id)
    before = {duty.key for duty in checkin.store.duties.open()}
    settle_abandoned(checkin.desk, checkin.store)
    after = {duty.key for duty in checkin.store.duties.open()}
    assert after == before - IN_MEMORY


def test_with_nothing_open_nothing_is_logged(checkin: FrontDesk) -> None:
    size = checkin.store.log.size()
    assert settle_abandoned(checkin.desk, checkin.store) == 0
    assert checkin.store.log.size() == size
