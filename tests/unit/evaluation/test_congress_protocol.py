"""The exercise on made-up people: a reader of real pictures files, a network that reads numbers in them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from countenance.authority import AuthorityDesk, LogObserver, shipped_rules
from countenance.capture import CaptureDoor, CaptureLimits
from countenance.decisions import shipped_error_table
from countenance.evaluation.congress_protocol import (
    CongressExercise,
    pairs_of_portraits,
    strangers_of,
)
from countenance.evaluation.congress_words import congress_figures, congress_rows, congress_sentences
from countenance.evaluation.datasets import DatasetInvalid, DatasetProvenance
from countenance.evaluation.people import PeopleSet, joint_sha256, open_people
from countenance.evaluation.permission import (
    EVALUATE,
    AggregateObserver,
    EvaluationAuthority,
    register_evaluation,
)
from countenance.evaluation.reading import PictureReader, ReadFace
from countenance.evaluation.resumption import Resumption
from countenance.evaluation.searches import CrossComparison
from countenance.kernel import FixedClock, Frame, PermitToken, ProcessingRequest
from countenance.store import Store, create_root_key, key_provider
from pictures import png
from progress_seen import ProgressSeen

RULES, VOCABULARY = shipped_rules()
TABLE = shipped_error_table("mobilefacenet-192+int8")
PROVENANCE = DatasetProvenance(name="Ours", origin="volunteers", terms="signed")
SIDE = 64
BLANK = 255


class PixelReader:
    """Reads a face from the first pixel: red says who, green how far it is from that person's mean."""

    model_id = "pixels"

    def read(self, frame: Frame, *, permit: PermitToken, request: ProcessingRequest) -> ReadFace | None:
        assert permit
        assert frame.material in request.materials
        who, noise, other = (int(value) for value in frame.pixels[0, 0])
        if who == BLANK:
            return None
        vector = direction(who) + noise / 100 * direction(1000 + other)
        return ReadFace((vector / np.linalg.norm(vector)).astype(np.float32), 50.0)


def direction(seed: int) -> np.ndarray:
    vector = np.random.default_rng(seed).normal(size=128)
    unit: np.ndarray = vector / np.linalg.norm(vector)
    return unit


def picture(path: Path, who: int, noise: int = 0, other: int = 0) -> None:
    pixels = np.zeros((SIDE, SIDE, 3), np.uint8)
    # Every picture is another file; the first pixel says what it shows.
    pixels[:] = list(hashlib.sha256(str(path).encode()).digest()[:3])
    pixels[0, 0] = (who, noise, other)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png(pixels))


def make_sets(folder: Path, *, listed: Sequence[str] = ()) -> tuple[PeopleSet, PeopleSet]:
    """Return six probes and a gallery of five: one of those looks like a probe, one is called alike."""
    rows = ["file,person_id,name,collection,also_named"]
    for number in range(6):
        for collection in ("1914", "1923") if number < 4 else ("1914",):
            file = f"{collection}/p{number}.png"
            picture(folder / "probes" / file, number, 40 if collection == "1923" else 0, number)
            also = "X" if f"p{number}" in listed else ""
            rows.append(f"{file},p{number},Person {'ABCDEF'[number] * 3},{collection},{also}")
    # One changed beyond recognition in nine years, one can't be read at all.
    picture(folder / "probes" / "1923" / "p2.png", 77)
    picture(folder / "probes" / "1923" / "p3.png", BLANK)
    (folder / "probes" / "manifest.csv").write_text("\n".join(rows) + "\n")
    for number, name in enumerate(("Ann", "Bob", "Cy", "Look_Alike", "Person_FFF")):
        for count in (1, 2):
            who = {"Look_Alike": 0, "Person_FFF": 5}.get(name, 100 + number)
            picture(folder / "gallery" / name / f"{name}_{count:04d}.png", who, 5 * count, 50 + count)
    return open_people(folder / "probes"), open_people(folder / "gallery")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    uri = f"file:{tmp_path / 'key' / 'root.key'}"
    create_root_key(uri)
    clock = FixedClock(datetime(2026, 11, 22, 12, tzinfo=UTC))
    with Store.create(tmp_path / "data", key_provider=key_provider(uri), clock=clock) as made:
        yield made


def exercise_of(store: Store, tmp_path: Path, *sets: PeopleSet) -> CongressExercise:
    clock = FixedClock(datetime(2026, 11, 22, 12, tzinfo=UTC))
    desk = AuthorityDesk(
        store=store,
        rules=RULES,
        vocabulary=VOCABULARY,
        clock=clock,
        observers=(LogObserver(store=store, clock=clock), AggregateObserver(writes=("rates",))),
        permit_lifetime=timedelta(minutes=2),
    )
    site = register_evaluation(
        desk, list_sha256=joint_sha256(*sets), provenance=PROVENANCE, jurisdictions=("EU",)
    )
    authority = EvaluationAuthority(desk=desk, site=site)
    assert TABLE.tail is not None
    return CongressExercise(
        reader=PictureReader(
            authority=authority,
            capture_door=CaptureDoor(
                verifier=desk.verifier, limits=CaptureLimits(smallest_side=16), operation=EVALUATE
            ),
            faces=PixelReader(),
            resumption=Resumption(
                folder=tmp_path / "resume", vault=store.vault, purpose=site.purpose, run={"list": "1"}
            ),
            batch=4,
        ),
        comparison=CrossComparison(authority=authority, verifier=desk.verifier, batch=4),
        tail=TABLE.tail,
        model_id="pixels",
    )


class TestCarriedOut:
    def test_who_is_named_and_who_is_missed(self, store: Store, tmp_path: Path) -> None:
        probes, gallery = make_sets(tmp_path)
        result = exercise_of(store, tmp_path, probes, gallery).run(
            probes, gallery, rates=(0.01, 0.1), progress=ProgressSeen()
        )
        measured, first = result.measured, result.measured.rows[0]
        # F is called like one of the gallery; the other five have nine portraits, one of them unreadable.
        assert (result.namesakes_left_out, measured.people, measured.probes) == (1, 5, 9)
        assert (measured.gallery_people, measured.gallery_pictures) == (5, 10)
        # A looks like one of the gallery, in both portraits.
        assert (first.false_matches, first.people_named) == (2, 1)
        assert (measured.pairs, first.true_matches) == (4, 2)
        # Of A's own portrait and the one who looks like A, A's own isn't the first.
        assert first.fnir >= 0.5
        assert result.pictures_without_template == 1
        assert [row.level.asked for row in measured.rows[:2]] == [0.01, 0.1]

    def test_nothing_is_left_behind(self, store: Store, tmp_path: Path) -> None:
        probes, gallery = make_sets(tmp_path)
        exercise_of(store, tmp_path, probes, gallery).run(
            probes, gallery, rates=(0.1,), progress=ProgressSeen()
        )
        assert not list((tmp_path / "resume").rglob("*.sealed"))

    def test_an_interrupted_run_goes_on(
        self, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        probes, gallery = make_sets(tmp_path)

        def interrupted(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(CrossComparison, "scores", interrupted)
            with pytest.raises(KeyboardInterrupt):
                exercise_of(store, tmp_path, probes, gallery).run(
                    probes, gallery, rates=(0.1,), progress=ProgressSeen()
                )
        result = exercise_of(store, tmp_path, probes, gallery).run(
            probes, gallery, rates=(0.1,), progress=ProgressSeen()
        )
        assert result.resumed == len(probes.pictures) + len(gallery.pictures)
        assert result.measured.rows[0].people_named == 1

    def test_every_search_is_told(self, store: Store, tmp_path: Path) -> None:
        probes, gallery = make_sets(tmp_path)
        seen = ProgressSeen()
        exercise_of(store, tmp_path, probes, gallery).run(probes, gallery, rates=(0.1,), progress=seen)
        assert all(announced == done for announced, done in seen.parts.values())

    def test_what_is_said_of_it(self, store: Store, tmp_path: Path) -> None:
        probes, gallery = make_sets(tmp_path)
        result = exercise_of(store, tmp_path, probes, gallery).run(
            probes, gallery, rates=(1e-4, 0.1), progress=ProgressSeen()
        )
        figures = congress_figures(result)
        assert figures["false_matches"] == 2
        assert figures["probes"] == 9
        assert figures["gallery_people"] == 5
        assert figures["true_match_percent"] == 50.0
        assert figures["missed_pairs"] == 2
        assert figures["fpir_asked_percent"] == 0.01
        assert figures["fpir_0_1_people_falsely_named"] == 1
        assert figures["cosine_0_400_false_matches"] == 2
        said = " ".join(congress_sentences(result, TABLE))
        assert "1 was falsely named, in 2 of 9 searches" in said
        assert "2 were not recognised" in said
        assert TABLE.measured_on in said
        assert "don't carry over" in said
        table = congress_rows(result)
        assert [row["predicted_fpir_percent"] is None for row in table] == [False] * 2 + [True] * 3
        for row in table:
            assert not any("Person" in str(value) or "Look" in str(value) for value in row.values())

    def test_beyond_the_evidence_it_says_that_the_product_refuses(self, store: Store, tmp_path: Path) -> None:
        probes, gallery = make_sets(tmp_path)
        run = exercise_of(store, tmp_path, probes, gallery).run
        strict = run(probes, gallery, rates=(1e-5,), progress=ProgressSeen())
        assert strict.measured.rows[0].level.extrapolated
        assert strict.largest_gallery < 5
        assert "refuses this gallery" in " ".join(congress_sentences(strict, TABLE))
        easy = run(probes, gallery, rates=(0.1,), progress=ProgressSeen())
        assert "refuses this gallery" not in " ".join(congress_sentences(easy, TABLE))


class TestWhoIsCompared:
    def test_who_is_listed_or_called_alike_is_left_out(self, tmp_path: Path) -> None:
        probes, gallery = make_sets(tmp_path, listed=("p1",))
        assert strangers_of(probes, gallery).tolist() == [True, False, True, True, True, False]

    def test_nobody_left_is_refused(self, tmp_path: Path) -> None:
        probes, gallery = make_sets(tmp_path, listed=("p0", "p1", "p2", "p3", "p4"))
        with pytest.raises(DatasetInvalid, match="Everybody"):
            strangers_of(probes, gallery)

    def test_a_pair_is_of_the_first_and_the_last_collection(self, tmp_path: Path) -> None:
        probes, _ = make_sets(tmp_path)
        earlier, later = pairs_of_portraits(probes)
        assert [probes.pictures[n].parent.name for n in earlier] == ["1914"] * 4
        assert [probes.pictures[n].parent.name for n in later] == ["1923"] * 4
        assert probes.owners[earlier].tolist() == probes.owners[later].tolist() == [0, 1, 2, 3]

    def test_without_collections_it_is_the_first_and_the_last_picture(self, tmp_path: Path) -> None:
        _, gallery = make_sets(tmp_path)
        earlier, later = pairs_of_portraits(gallery)
        assert len(earlier) == 5
        assert (later - earlier == 1).all()

    def test_nobody_with_two_is_refused(self, tmp_path: Path) -> None:
        picture(tmp_path / "set" / "A" / "a.png", 1)
        with pytest.raises(DatasetInvalid, match="two pictures"):
            pairs_of_portraits(open_people(tmp_path / "set"))
