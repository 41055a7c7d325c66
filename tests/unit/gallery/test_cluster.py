"""A gallery in parts: the contract of every gallery, exact merging, and what travels between the parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.gallery import DIMENSIONS, DOOR, GYM, MODEL, NOON, GalleryContract, Make, person, units
from countenance.gallery import (
    Candidate,
    ClusterGallery,
    GalleryUnavailable,
    NumpyKernel,
    SealedGallery,
    SearchAnswer,
    falls_to,
)
from countenance.gallery.cluster import merged
from countenance.gallery.shard import Question, Reply
from countenance.kernel import FixedClock, PlaceId
from countenance.store import ReferenceState, SealBroken, Store, create_root_key, key_provider
from local_shards import LocalShards


def spread(store: Store, folder: Path) -> tuple[ClusterGallery, LocalShards]:
    shards = LocalShards(
        folder / "data",
        root_key=f"file:{folder / 'root.key'}",
        clock=FixedClock(NOON),
        model_id=MODEL,
        dimensions=DIMENSIONS,
    )
    gallery = ClusterGallery(
        store=store, shards=shards, model_id=MODEL, dimensions=DIMENSIONS, clock=FixedClock(NOON)
    )
    return gallery, shards


class TestClusterGallery(GalleryContract):
    @pytest.fixture
    def make(self, tmp_path: Path) -> Make:
        return lambda store: spread(store, tmp_path)[0]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    create_root_key(f"file:{tmp_path / 'root.key'}")
    provider = key_provider(f"file:{tmp_path / 'root.key'}")
    with Store.create(tmp_path / "data", key_provider=provider, clock=FixedClock(NOON)) as made:
        yield made


@pytest.fixture
def parts(store: Store, tmp_path: Path) -> Iterator[tuple[ClusterGallery, LocalShards]]:
    gallery, shards = spread(store, tmp_path)
    yield gallery, shards
    gallery.close()


def test_the_answers_are_those_of_one_process(
    store: Store, parts: tuple[ClusterGallery, LocalShards]
) -> None:
    gallery, _ = parts
    rows, probes = units(500), units(40, seed=5)
    gallery.enrol([person(row) for row in rows] + [person(rows[0]) for _ in range(5)])
    one = SealedGallery(
        store=store, model_id=MODEL, dimensions=DIMENSIONS, clock=FixedClock(NOON), kernel=NumpyKernel()
    )
    for asked in ({"most": 1}, {"most": 10}, {"most": None, "at_least": 0.3}, {"most": 3, "at_least": 0.2}):
        whole = one.search_many(GYM, np.concatenate([probes, rows[:2]]), at=NOON, **asked)
        spread_out = gallery.search_many(GYM, np.concatenate([probes, rows[:2]]), at=NOON, **asked)
        for expected, answer in zip(whole, spread_out, strict=True):
            assert [(c.reference_id, c.score) for c in answer.candidates] == [
                (c.reference_id, c.score) for c in expected.candidates
            ]
            assert (answer.compared, answer.certified) == (expected.compared, True)
    one.close()


def test_each_part_holds_its_own_and_together_they_hold_all(
    parts: tuple[ClusterGallery, LocalShards],
) -> None:
    gallery, shards = parts
    people = [person(row) for row in units(90)]
    gallery.enrol(people)
    held = [len(shard._gallery._purposes[GYM]._index.identifiers()) for shard in shards.shards]
    assert sum(held) == 90
    assert min(held) > 10
    owners = [sum(falls_to(one.reference_id, 3) == part for one in people) for part in range(3)]
    assert held == owners


def test_no_vector_travels_in_clear(parts: tuple[ClusterGallery, LocalShards]) -> None:
    gallery, shards = parts
    rows, probe = units(20), units(1, seed=3)[0]
    gallery.enrol([person(row) for row in rows])
    gallery.search(GYM, probe, at=NOON, most=3)
    said = b"".join(question for _, question in shards.asked)
    assert len(shards.asked) >= 6
    for row in (*rows, probe):
        assert row.tobytes()[:12] not in said
    assert GYM.encode() not in said


def test_what_is_acknowledged_is_with_its_part(parts: tuple[ClusterGallery, LocalShards]) -> None:
    gallery, shards = parts
    one = person(units(1)[0])
    gallery.enrol([one])
    owner = falls_to(one.reference_id, 3)
    assert [part for part, _ in shards.asked] == [owner]
    assert one.reference_id in shards.shards[owner]._gallery._purposes[GYM]._index
    gallery.erase([one.reference_id])
    assert [part for part, _ in shards.asked] == [owner, owner]
    assert one.reference_id not in shards.shards[owner]._gallery._purposes[GYM]._index


def test_an_answer_that_was_changed_is_none(parts: tuple[ClusterGallery, LocalShards]) -> None:
    gallery, shards = parts
    gallery.enrol([person(units(1)[0])])
    shards.tamper = lambda answer: answer[:-1] + bytes([answer[-1] ^ 1])
    with pytest.raises(GalleryUnavailable):
        gallery.search(GYM, units(1)[0], at=NOON)


def test_an_earlier_answer_isnt_taken_for_this_one(parts: tuple[ClusterGallery, LocalShards]) -> None:
    gallery, shards = parts
    gallery.enrol([person(row) for row in units(6)])
    answers: list[bytes] = []

    def keep(answer: bytes) -> bytes:
        answers.append(answer)
        return answer

    shards.tamper = keep
    gallery.search(GYM, units(1)[0], at=NOON)
    replayed = iter(answers[:3])
    shards.tamper = lambda _: next(replayed)
    with pytest.raises(GalleryUnavailable):
        gallery.search(GYM, units(1)[0], at=NOON)


def test_a_part_that_is_behind_gives_no_answer(
    parts: tuple[ClusterGallery, LocalShards], monkeypatch: pytest.MonkeyPatch
) -> None:
    gallery, _ = parts
    gallery.enrol([person(row) for row in units(6)])
    monkeypatch.setattr(SealedGallery, "state", lambda _self, _purpose: ReferenceState())
    with pytest.raises(GalleryUnavailable, match="behind"):
        gallery.search(GYM, units(1)[0], at=NOON)


def test_a_question_to_another_part_or_of_another_deployment_is_refused(
    parts: tuple[ClusterGallery, LocalShards], tmp_path: Path
) -> None:
    gallery, shards = parts
    gallery.enrol([person(row) for row in units(6)])
    gallery.search(GYM, units(1)[0], at=NOON)
    first = next(question for part, question in shards.asked if part == 0)
    with pytest.raises(SealBroken):
        shards.shards[1].ask(first)
    create_root_key(f"file:{tmp_path / 'other.key'}")
    provider = key_provider(f"file:{tmp_path / 'other.key'}")
    with Store.create(tmp_path / "other", key_provider=provider, clock=FixedClock(NOON)) as other:
        sealed = other.wire.seal(b"x", about={"question": 0, "of": 3})
        with pytest.raises(SealBroken):
            shards.shards[0].ask(sealed)


def test_a_tampered_reference_stops_the_purpose(
    store: Store, parts: tuple[ClusterGallery, LocalShards], tmp_path: Path
) -> None:
    import sqlite3  # noqa: PLC0415 - past the store, as somebody with the disk could
    from contextlib import closing  # noqa: PLC0415

    gallery, _ = parts
    gallery.enrol([person(row) for row in units(6)] + [person(units(1)[0], purpose=DOOR)])
    fresh, _ = spread(store, tmp_path)
    with closing(sqlite3.connect(tmp_path / "data" / "countenance.db")) as database, database:
        database.execute("UPDATE biometric_references SET samples = 9 WHERE purpose = ?", (GYM,))
    with pytest.raises(GalleryUnavailable, match="record-tampered"):
        fresh.search(GYM, units(1)[0], at=NOON)
    assert fresh.search(DOOR, units(1)[0], at=NOON).candidates
    fresh.close()


class TestQuestionsAndReplies:
    @given(
        most=st.none() | st.integers(1, 1000),
        at_least=st.none() | st.floats(allow_nan=False),
        places=st.none() | st.lists(st.sampled_from(["plc_a", "plc_b"]), max_size=2),
        count=st.integers(0, 5),
    )
    @settings(deadline=None)
    def test_a_question_comes_back(
        self, most: int | None, at_least: float | None, places: list[str] | None, count: int
    ) -> None:
        asked = Question(
            GYM,
            units(5)[:count],
            NOON + timedelta(microseconds=1),
            most,
            at_least,
            None if places is None else tuple(PlaceId(one) for one in places),
            "ref_x",
        )
        again = Question.unpack(asked.pack())
        np.testing.assert_array_equal(again.probes, asked.probes)
        nothing = np.empty((0, 1), dtype=np.float32)
        said = [
            (one.purpose, one.at, one.most, one.at_least, one.places, one.reference_id)
            for one in (again, asked)
        ]
        assert said[0] == said[1]
        assert "probes" not in repr(replace(again, probes=nothing))

    @given(st.lists(st.tuples(st.text("abc", min_size=1, max_size=4), st.floats(-1, 1)), max_size=6))
    @settings(deadline=None)
    def test_a_reply_comes_back_to_the_last_bit(self, found: list[tuple[str, float]]) -> None:
        answer = SearchAnswer(tuple(Candidate(*one) for one in found), 9, 3, True, "numpy")
        reply = Reply(ReferenceState(4, 2), (answer,), score=0.1 + 0.2)
        assert Reply.unpack(reply.pack()) == reply


@given(
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from([0.1, 0.2, 0.3])), unique_by=lambda one: one[0]),
    st.integers(1, 6),
    st.integers(1, 5),
)
@settings(deadline=None)
def test_merging_is_the_best_of_all(found: list[tuple[int, float]], shards: int, most: int) -> None:
    def order(one: Candidate) -> tuple[float, str]:
        return (-one.score, one.reference_id)

    whole = [Candidate(f"ref_{number:03d}", score) for number, score in found]
    split = [[one for one in whole if falls_to(one.reference_id, shards) == part] for part in range(shards)]
    answers = [
        SearchAnswer(tuple(sorted(part, key=order)[:most]), len(part), 0, True, "numpy") for part in split
    ]
    answer = merged(answers, most=most)
    assert list(answer.candidates) == sorted(whole, key=order)[:most]
    assert answer.compared == len(whole)
    assert merged([*answers, replace(answers[0], certified=False)], most=most).certified is False
