from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from countenance.kernel import PurposeId, SubjectId, new_id
from countenance.runtime.drill_people import DIMENSIONS, enrol, new_store, pictures_of
from countenance.runtime.reissue_drill import ReissueDrill, drill_reissue

PEOPLE = 60


@cache
def drilled() -> ReissueDrill:
    return drill_reissue(people=PEOPLE)


def test_everybody_is_found_as_before() -> None:
    assert drilled().found_before == drilled().found_after > 0.9
    assert drilled().largest_score_change < 1e-6


def test_leaked_templates_are_of_no_use_alone() -> None:
    assert drilled().old_key_gone
    assert drilled().leaked_found < 0.15
    assert drilled().leaked.d_sys < 2 * drilled().leaked.null_high
    assert drilled().leaked.mated == PEOPLE


def test_what_rekeying_cannot_undo() -> None:
    assert drilled().leaked_with_key_found == 1.0
    assert drilled().old_copy_opened == 1.0


def test_made_up_pictures_are_unit_vectors_that_agree_by_person() -> None:
    one, other = pictures_of(400, pictures=2, seed=1)
    assert one.shape == (400, DIMENSIONS)
    np.testing.assert_allclose(np.linalg.norm(one, axis=1), 1.0, atol=1e-6)
    assert 0.55 < float(np.einsum("ij,ij->i", one, other).mean()) < 0.65
    assert abs(float(np.einsum("ij,ij->i", one, np.roll(other, 1, axis=0)).mean())) < 0.02


def test_a_drill_enrols_as_an_installation_does(tmp_path: Path) -> None:
    people = [SubjectId(new_id("sub")) for _ in range(3)]
    with new_store(tmp_path, "here") as store:
        enrol(store, PurposeId("pur_x"), people, pictures_of(3, pictures=1, seed=1)[0])
        assert store.references.count(PurposeId("pur_x")) == 3
        assert [len(store.references.of(one)) for one in people] == [1, 1, 1]
