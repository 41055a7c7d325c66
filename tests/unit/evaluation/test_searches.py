from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from countenance.authority import AuthorityDesk, LogObserver, RefusedByRule, shipped_rules
from countenance.evaluation.datasets import DatasetProvenance
from countenance.evaluation.permission import AggregateObserver, EvaluationAuthority, register_evaluation
from countenance.evaluation.reading import ReadPictures
from countenance.evaluation.searches import CrossComparison, Faces, faces_of, mean_references
from countenance.kernel import Door, FixedClock, Material, sha256_hex
from countenance.store import Store, create_root_key, key_provider
from progress_seen import ProgressSeen
from verifiers import RecordingVerifier

RULES, VOCABULARY = shipped_rules()
OURS = DatasetProvenance(name="Ours", origin="volunteers", terms="signed")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[AuthorityDesk]:
    uri = f"file:{tmp_path / 'key' / 'root.key'}"
    create_root_key(uri)
    clock = FixedClock(datetime(2026, 11, 22, 12, tzinfo=UTC))
    with Store.create(tmp_path / "data", key_provider=key_provider(uri), clock=clock) as store:
        yield AuthorityDesk(
            store=store,
            rules=RULES,
            vocabulary=VOCABULARY,
            clock=clock,
            observers=(LogObserver(store=store, clock=clock), AggregateObserver(writes=("rates",))),
            permit_lifetime=timedelta(minutes=2),
        )


def authority_of(desk: AuthorityDesk, provenance: DatasetProvenance | None = OURS) -> EvaluationAuthority:
    site = register_evaluation(desk, list_sha256="a" * 64, provenance=provenance, jurisdictions=("EU",))
    return EvaluationAuthority(desk=desk, site=site)


def material(number: int) -> Material:
    return Material(sha256_hex(str(number).encode()))


def faces(count: int, *, seed: int = 1, first: int = 0) -> Faces:
    vectors = np.random.default_rng(seed).normal(size=(count, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Faces(vectors, np.arange(count), tuple((material(first + n),) for n in range(count)))


def test_each_probe_is_compared_with_each_reference(desk: AuthorityDesk) -> None:
    comparison = CrossComparison(authority=authority_of(desk), verifier=desk.verifier, batch=4)
    probes, references = faces(10), faces(3, seed=2, first=100)
    seen = ProgressSeen()
    scores = comparison.scores(probes, references, progress=seen)
    assert scores.shape == (10, 3)
    assert scores[7, 2] == pytest.approx(float(probes.vectors[7] @ references.vectors[2]), abs=1e-6)
    assert comparison.permits == 3
    assert seen.parts == {"searches": (10, 10)}


def test_a_passage_is_counted_for_each_probe_before_anything_is_compared(desk: AuthorityDesk) -> None:
    verifier = RecordingVerifier()
    comparison = CrossComparison(authority=authority_of(desk), verifier=verifier, batch=4)
    comparison.scores(faces(5), faces(3, first=100), progress=ProgressSeen())
    passages = [passage for _, passage in verifier.admitted]
    assert [passage.material for passage in passages] == [material(n) for n in range(5)]
    assert {(passage.door, passage.operation) for passage in passages} == {(Door.COMPARE, "evaluate")}
    # The set of references is named too, by one hash.
    assert len(passages[0].request.materials) == 5
    assert len(passages[4].request.materials) == 2


def test_another_set_of_references_is_another_request(desk: AuthorityDesk) -> None:
    verifier = RecordingVerifier()
    comparison = CrossComparison(authority=authority_of(desk), verifier=verifier)
    for first in (100, 200):
        comparison.scores(faces(1), faces(3, first=first), progress=ProgressSeen())
    one, other = (set(passage.request.materials) for _, passage in verifier.admitted)
    assert len(one & other) == 1


def test_without_provenance_nothing_is_compared(desk: AuthorityDesk) -> None:
    comparison = CrossComparison(authority=authority_of(desk, None), verifier=desk.verifier)
    with pytest.raises(RefusedByRule):
        comparison.scores(faces(2), faces(2, first=9), progress=ProgressSeen())
    assert comparison.permits == 0


def test_a_reference_is_the_mean_of_a_persons_unit_vectors() -> None:
    one = Faces(
        np.array([[1, 0], [0, 1], [0, 1]], np.float32),
        np.array([4, 4, 2]),
        ((material(1),), (material(0),), (material(2),)),
    )
    made = mean_references(one)
    assert made.owners.tolist() == [2, 4]
    assert made.vectors == pytest.approx(np.array([[0, 1], [0.5**0.5, 0.5**0.5]]), abs=1e-6)
    assert made.materials == ((material(2),), tuple(sorted((material(0), material(1)))))


def test_pictures_without_a_template_are_no_faces() -> None:
    read = ReadPictures(
        vectors=np.array([[3, 0], [0, 0], [0, 2]], np.float32),
        materials=tuple(material(n) for n in range(3)),
        found=np.array([True, False, True]),
        quality=np.array([50, np.nan, 60], np.float32),
        resumed=0,
        permits=1,
        seconds=0.0,
    )
    chosen = faces_of(read, np.array([7, 8, 9]), np.array([2, 1, 0]))
    assert chosen.owners.tolist() == [9, 7]
    assert chosen.vectors.tolist() == [[0, 1], [1, 0]]
    assert chosen.materials == ((material(2),), (material(0),))
    chosen.wipe()
    assert not chosen.vectors.any()
    assert read.vectors.any()
    read.wipe()
    assert not read.vectors.any()


def test_vectors_owners_and_pictures_belong_together() -> None:
    with pytest.raises(ValueError, match="each vector"):
        Faces(np.zeros((2, 4), np.float32), np.zeros(1, np.int64), ())
