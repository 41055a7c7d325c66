"""A decision in sentences: what always stands there, and what never does."""

from __future__ import annotations

import itertools
import re

import pytest

from countenance.decisions import Assurance, InputReport, Outcome, Role, shipped_error_table
from countenance.decisions.words import decision_words

TABLE = shipped_error_table("mobilefacenet-192")
GOOD = (InputReport(Role.DOCUMENT, 80, ()), InputReport(Role.LIVE, 75, ()))


def words(
    outcome: Outcome, *, inputs: tuple[InputReport, ...] = GOOD, demo: bool = False, fmr: float = 1e-4
) -> tuple[str, ...]:
    return decision_words(
        outcome=outcome,
        threshold=TABLE.threshold(fmr),
        inputs=inputs,
        assurance=Assurance.ATTENDED,
        demo=demo,
    )


@pytest.mark.parametrize(
    ("outcome", "first"),
    [
        (Outcome.MATCH, "Match: "),
        (Outcome.NO_MATCH, "No match: "),
        (Outcome.INCONCLUSIVE, "Inconclusive: "),
    ],
)
def test_the_outcome_comes_first_and_the_limits_are_always_said(outcome: Outcome, first: str) -> None:
    sentences = words(outcome)
    assert sentences[0].startswith(first)
    assert Assurance.ATTENDED.words in sentences
    assert "liveness was not measured" in " ".join(sentences)
    assert "document was not authenticated" in " ".join(sentences)


@pytest.mark.parametrize("outcome", [Outcome.MATCH, Outcome.NO_MATCH])
def test_a_comparison_states_its_error_where_measured_and_what_was_not(outcome: Outcome) -> None:
    joined = " ".join(words(outcome))
    assert "about one in 12,000 strangers would match" in joined
    assert "95 % interval" in joined
    assert "LFW sets 1-5" in joined
    assert "development table" in joined
    assert "two women" in joined
    assert "Portraits in documents: not measured." in joined


def test_a_comparison_of_two_photographs_says_nothing_about_documents() -> None:
    inputs = (InputReport(Role.LIVE, 80, ()), InputReport(Role.LIVE, 75, ()))
    assert not any("Portraits in documents" in sentence for sentence in words(Outcome.MATCH, inputs=inputs))


def test_a_non_match_is_no_proof() -> None:
    sentences = words(Outcome.NO_MATCH)
    assert "no proof that they are two people" in sentences[1]
    failed = round(1 / TABLE.threshold(1e-4).stated.fnmr)
    assert f"one in {failed}" in sentences[1]


def test_inconclusive_states_no_error_and_blames_nobody() -> None:
    inputs = (InputReport(Role.DOCUMENT, 80, ()), InputReport(Role.LIVE, None, ("No face.", "Come closer.")))
    sentences = words(Outcome.INCONCLUSIVE, inputs=inputs)
    assert "Live photograph: No face. Come closer." in sentences
    assert not any(sentence.startswith("Picture of the document") for sentence in sentences)
    assert any("against nobody" in sentence for sentence in sentences)
    assert not any("interval" in sentence for sentence in sentences)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_demo_says_so(outcome: Outcome) -> None:
    assert any(sentence.startswith("DEMO") for sentence in words(outcome, demo=True))
    assert not any(sentence.startswith("DEMO") for sentence in words(outcome))


@pytest.mark.parametrize(("outcome", "fmr"), list(itertools.product(Outcome, TABLE.offered)))
def test_no_sentence_holds_a_threshold_or_anything_like_a_score(outcome: Outcome, fmr: float) -> None:
    joined = " ".join(words(outcome, fmr=fmr, demo=True))
    assert f"{TABLE.threshold(fmr).value:g}" not in joined
    assert not re.search(r"\b0[.,]\d", joined)
    assert "score" not in joined
    assert "lawful" not in joined
