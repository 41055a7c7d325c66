"""A search's threshold follows from the rate asked for; a candidate is a lead unless all speaks for it."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.decisions import (
    ErrorTable,
    FpirNotOffered,
    GalleryBeyondEvidence,
    GalleryEmpty,
    Hold,
    ImpostorTail,
    InputReport,
    Outcome,
    Role,
    ScoredReference,
    SearchLevel,
    SearchNotMeasured,
    TailGroup,
    conclude,
    identification_words,
    search_error_words,
    search_level,
    shipped_error_table,
)
from countenance.kernel import SubjectId

TAIL = ImpostorTail(
    floor=0.35,
    ceiling=0.6,
    coefficients=(-4.6, -18.5, -36.0),
    covariance=((0.0014, 0.0048, -0.0077), (0.0048, 0.366, -2.358), (-0.0077, -2.358, 34.5)),
    groups=(TailGroup("two women", 0.9, (0.0, 0.0, 0.0, 0.008)),),
    spread=math.log(2.0),
)
TABLE: ErrorTable = replace(shipped_error_table("mobilefacenet-192"), tail=TAIL)
LEVEL = search_level(TABLE, fpir=0.01, people=20)
PROBE = InputReport(Role.LIVE, 80, ())
GOOD = LEVEL.threshold + 0.1


def found(name: str, score: float, *, consented: bool = True, alike: tuple[str, ...] = ()) -> ScoredReference:
    return ScoredReference(f"ref_{name}", SubjectId(f"sub_{name}"), score, consented, alike)


def test_the_threshold_is_the_tails_for_rate_and_people() -> None:
    assert LEVEL.threshold == TAIL.threshold_for_search(fpir=0.01, people=20).value
    assert LEVEL.near == TAIL.threshold_for_search(fpir=0.1, people=20).value < LEVEL.threshold
    stated = LEVEL.stated
    interval = TAIL.fpir(people=20, threshold=LEVEL.threshold)
    assert (stated.asked, stated.people, stated.low, stated.high) == (0.01, 20, interval.low, interval.high)
    assert stated.low < stated.fpir < 0.01
    assert (stated.worst_group, stated.label) == ("two women", TABLE.label)
    assert stated.measured_on == TABLE.measured_on


@given(people=st.integers(1, 60), fpir=st.floats(0.005, 0.1))
def test_more_people_never_lower_the_threshold(people: int, fpir: float) -> None:
    if people + 1 > TAIL.largest_gallery(fpir=fpir):
        return
    fewer, more = (search_level(TABLE, fpir=fpir, people=count) for count in (people, people + 1))
    assert more.threshold >= fewer.threshold >= TAIL.floor
    assert fewer.near <= fewer.threshold


def test_a_stricter_rate_has_a_stricter_threshold() -> None:
    assert search_level(TABLE, fpir=0.005, people=20).threshold > LEVEL.threshold


def test_more_people_than_the_evidence_supports_are_refused_with_how_many_it_does() -> None:
    largest = LEVEL.stated.largest_gallery
    assert search_level(TABLE, fpir=0.01, people=largest).stated.people == largest
    with pytest.raises(GalleryBeyondEvidence, match=f"at most {largest:,} people"):
        search_level(TABLE, fpir=0.01, people=largest + 1)


def test_nobody_no_rate_and_no_tail_are_refused() -> None:
    with pytest.raises(GalleryEmpty):
        search_level(TABLE, fpir=0.01, people=0)
    for rate in (0.0, -0.1, 0.11, 1.0, math.nan):
        with pytest.raises(FpirNotOffered):
            search_level(TABLE, fpir=rate, people=20)
    with pytest.raises(SearchNotMeasured):
        search_level(replace(TABLE, tail=None), fpir=0.01, people=20)


def test_what_was_missed_is_that_of_the_next_stricter_level() -> None:
    by_threshold = sorted(TABLE.levels, key=lambda level: level.threshold)
    for fpir, people in ((0.1, 1), (0.01, 20), (0.005, 20)):
        level = search_level(TABLE, fpir=fpir, people=people)
        above = [each for each in by_threshold if each.threshold >= level.threshold]
        assert level.stated.fnir == (above[0].fnmr_interval.high if above else None)
    only_lax = replace(TABLE, levels=tuple(replace(each, threshold=0.0) for each in TABLE.levels))
    assert search_level(only_lax, fpir=0.01, people=20).stated.fnir is None


def test_nobody_alike_enough_is_unknown() -> None:
    for several in ((), (found("a", math.nextafter(LEVEL.threshold, 0.0)), found("b", -1.0))):
        done = conclude(several, level=LEVEL, automatic=True, two_reviewers=False)
        assert (done.outcome, done.candidates, done.holds) == (Outcome.UNKNOWN, (), ())


def test_alone_agreed_and_permitted_it_is_a_match() -> None:
    far = found("b", math.nextafter(LEVEL.near, 0.0))
    done = conclude([far, found("a", GOOD)], level=LEVEL, automatic=True, two_reviewers=False)
    assert (done.outcome, done.holds) == (Outcome.MATCH, ())
    assert [one.reference_id for one in done.candidates] == ["ref_a"]


@pytest.mark.parametrize(
    ("best", "other", "automatic", "two", "hold"),
    [
        pytest.param(found("a", GOOD), None, False, False, Hold.NOT_AUTOMATIC, id="not-permitted"),
        pytest.param(
            found("a", GOOD), found("b", LEVEL.threshold), True, False, Hold.SEVERAL, id="two-people"
        ),
        pytest.param(found("a", GOOD), found("b", LEVEL.near), True, False, Hold.RUNNER_UP, id="near"),
        pytest.param(found("a", GOOD, alike=("ref_z",)), None, True, False, Hold.LOOK_ALIKE, id="twin"),
        pytest.param(found("a", GOOD, consented=False), None, True, False, Hold.NO_CONSENT, id="no-consent"),
        pytest.param(found("a", GOOD), None, True, True, Hold.TWO_REVIEWERS, id="two-reviewers"),
    ],
)
def test_whatever_speaks_against_it_makes_it_a_lead(
    best: ScoredReference, other: ScoredReference | None, automatic: bool, two: bool, hold: Hold
) -> None:
    several = [best] if other is None else [other, best]
    done = conclude(several, level=LEVEL, automatic=automatic, two_reviewers=two)
    assert (done.outcome, done.holds) == (Outcome.LEAD, (hold,))
    assert done.candidates[0] is best


def test_two_references_of_one_person_arent_two_people() -> None:
    again = ScoredReference("ref_a2", SubjectId("sub_a"), LEVEL.threshold, consented=True)
    done = conclude([again, found("a", GOOD)], level=LEVEL, automatic=True, two_reviewers=False)
    assert done.outcome is Outcome.MATCH


@given(
    scores=st.lists(st.floats(-1.0, 1.0), max_size=6),
    automatic=st.booleans(),
    two=st.booleans(),
    consented=st.booleans(),
)
def test_a_match_needs_everything_and_a_lead_says_why(
    scores: list[float], automatic: bool, two: bool, consented: bool
) -> None:
    several = [found(f"p{k}", score, consented=consented) for k, score in enumerate(scores)]
    done = conclude(several, level=LEVEL, automatic=automatic, two_reviewers=two)
    assert (done.outcome is Outcome.LEAD) == bool(done.holds)
    assert all(one.score >= LEVEL.threshold for one in done.candidates)
    assert list(done.candidates) == sorted(done.candidates, key=lambda one: (-one.score, one.reference_id))
    if done.outcome is Outcome.MATCH:
        assert automatic
        assert consented
        assert not two
        assert sum(score >= LEVEL.near for score in scores) == 1


def words(level: SearchLevel, *several: ScoredReference, automatic: bool = False) -> tuple[str, ...]:
    done = conclude(several, level=level, automatic=automatic, two_reviewers=False)
    return identification_words(done, stated=level.stated, probe=PROBE, demo=True)


def test_the_outcome_is_said_first_and_then_the_odds() -> None:
    lead, unknown = words(LEVEL, found("a", GOOD)), words(LEVEL)
    match = words(LEVEL, found("a", GOOD), automatic=True)
    assert lead[0] == "A lead, not an identification: of the 20 people searched here one is alike enough."
    assert lead[1] == search_error_words(LEVEL.stated)
    assert "Among these 20 people at most one in 100 strangers would be falsely named" in lead[1]
    assert "two women" in lead[1]
    assert Hold.NOT_AUTOMATIC.words in lead
    assert unknown[0] == "Unknown: of the 20 people searched here nobody is alike enough."
    assert unknown[1].startswith("That is no proof")
    assert match[0].startswith("Match: ")
    assert all(said[-1].startswith("DEMO") for said in (lead, unknown, match))


def test_what_couldnt_be_judged_says_what_to_change() -> None:
    poor = InputReport(Role.LIVE, 12, ("It is blurred. Hold still.",), ("blurred",))
    said = identification_words(None, stated=LEVEL.stated, probe=poor, demo=False)
    assert said[0].startswith("Inconclusive")
    assert "It is blurred. Hold still." in said


def test_no_score_and_no_threshold_is_shown() -> None:
    one = found("a", 0.7654321)
    level = replace(LEVEL, threshold=0.1234567, near=0.1234566)
    done = conclude([one], level=level, automatic=False, two_reviewers=False)
    stated = level.stated.to_json()
    shown = repr((one, level, done, words(level, one), stated))
    assert "0.7654" not in shown
    assert "0.1234" not in shown
    assert set(stated) == {
        "asked", "people", "largest_gallery", "fpir", "low", "high", "fmr_low", "fmr_high", "fnir",
        "measured_on", "worst_group", "label", "document_portraits",
    }  # fmt: skip
