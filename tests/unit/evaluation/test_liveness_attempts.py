from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.evaluation.liveness_attempts import NON_RESPONSE, Attempt, AttemptFile, rates_of
from countenance.evaluation.liveness_words import liveness_figures, liveness_sentences
from countenance.evaluation.presentations import Instrument
from countenance.evaluation.proportions import upper_share
from countenance.liveness import Outcome

OUTCOMES = [*(one.value for one in Outcome), NON_RESPONSE]
ATTEMPTS = st.builds(
    Attempt,
    st.sampled_from(Instrument),
    st.integers(0, 99),
    st.sampled_from(OUTCOMES),
    st.lists(st.sampled_from(["print", "replay"]), max_size=2).map(tuple),
    st.lists(st.sampled_from(["more_light", "one_face"]), max_size=2).map(tuple),
    st.none() | st.floats(0, 300),
    st.integers(0, 130),
)


def attempts(instrument: Instrument, **outcomes: int) -> list[Attempt]:
    """So many attempts with each outcome."""
    words = {"bona_fide": "bona fide", "suspected": "attack suspected", "asked_again": "inconclusive"}
    words["unanswered"] = NON_RESPONSE
    flat = [words[name] for name, count in outcomes.items() for _ in range(count)]
    return [Attempt(instrument, i, outcome, (), (), 10.0 + i, 100) for i, outcome in enumerate(flat)]


def test_an_attack_errs_when_it_is_found_bona_fide_and_a_person_when_it_is_not() -> None:
    attack = attempts(Instrument.FLAT_PRINT, bona_fide=1, suspected=7, asked_again=10, unanswered=2)
    person = attempts(Instrument.BONA_FIDE, bona_fide=17, suspected=1, asked_again=1, unanswered=1)
    first, second = rates_of([*person, *attack])
    assert (first.instrument, first.error, first.unanswered) == (Instrument.FLAT_PRINT, 0.05, 2)
    assert (second.instrument, second.error, second.suspected) == (Instrument.BONA_FIDE, 0.15, 1)
    assert first.upper == upper_share(1, 20)
    assert first.interval[0] < 0.05 < first.interval[1]
    assert first.relief == (10.0, 20.0, 29.0)
    assert first.row["inconclusive"] == 10
    assert "APCER 5.0 %" in str(first.row["rate"])


def test_the_worst_attack_comes_first_and_what_is_not_withstood_last() -> None:
    rates = rates_of(
        [
            *attempts(Instrument.LIVE_PUPPET, bona_fide=9, suspected=1),
            *attempts(Instrument.BENT_PRINT, bona_fide=2, suspected=8),
            *attempts(Instrument.FLAT_PRINT, suspected=10),
            *attempts(Instrument.BONA_FIDE, bona_fide=10),
        ]
    )
    assert [r.instrument for r in rates] == [
        Instrument.BENT_PRINT,
        Instrument.FLAT_PRINT,
        Instrument.BONA_FIDE,
        Instrument.LIVE_PUPPET,
    ]
    figures = liveness_figures(rates)
    assert figures["apcer_worst_percent"] == 20.0
    assert figures["apcer_worst_of"] == "bent print"
    assert figures["bpcer_percent"] == 0.0
    assert figures["apcer_live_puppet_percent"] == 90.0
    assert figures["bpnrr_percent"] == 0.0
    assert not any("acer" in name and "apcer" not in name for name in figures)


def test_every_sentence_with_a_rate_says_that_it_is_simulated_and_how_high_it_may_be() -> None:
    rates = rates_of(
        [
            *attempts(Instrument.FLAT_PRINT, suspected=60),
            *attempts(Instrument.RIGID_MASK, bona_fide=60),
            *attempts(Instrument.BONA_FIDE, bona_fide=58, asked_again=2),
        ]
    )
    said = liveness_sentences(rates)
    with_rates = [sentence for sentence in said if "%" in sentence]
    assert len(with_rates) == 3
    assert all("simulated" in sentence and "at 95 %" in sentence for sentence in with_rates)
    assert "0 of 60" in with_rates[0]
    assert "4.9 %" in with_rates[0]  # nothing seen isn't nothing there
    assert "2 of 60" in with_rates[1]
    assert with_rates[2].endswith("Not withstood.")
    assert "passive" in said[1]


@given(st.lists(ATTEMPTS, min_size=1, max_size=40))
def test_rates_are_shares_within_their_intervals(made: list[Attempt]) -> None:
    rates = rates_of(made)
    assert sum(r.attempts for r in rates) == len(made)
    for rate in rates:
        assert 0 <= rate.interval[0] <= rate.error <= rate.interval[1] <= 1
        assert rate.error <= rate.upper <= 1
        assert rate.accepted + rate.suspected + rate.unanswered <= rate.attempts


@given(ATTEMPTS)
def test_a_line_says_what_was_kept(attempt: Attempt) -> None:
    assert Attempt.of_line(attempt.line()) == attempt


def test_a_run_that_was_cut_off_goes_on_with_whole_lines(tmp_path: Path) -> None:
    kept = AttemptFile(tmp_path / "deep" / "run.jsonl")
    assert kept.load() == ()
    made = attempts(Instrument.BONA_FIDE, bona_fide=3)
    kept.keep(made[:2])
    kept.keep(made[2:])
    assert list(kept.load()) == made
    file = tmp_path / "deep" / "run.jsonl"
    file.write_text(
        file.read_text(encoding="utf-8")[:-20] + '\n{"instrument": "wax"}\n[]\n', encoding="utf-8"
    )
    assert list(kept.load()) == made[:2]
    kept.forget()
    assert kept.load() == ()


def test_a_line_that_is_none_is_refused() -> None:
    for line in ("", "[]", "{}", '{"instrument": "wax head"}'):
        with pytest.raises(ValueError, match=r"attempt|Expecting|Instrument|wax"):
            Attempt.of_line(line)
