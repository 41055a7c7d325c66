"""Drafts say what is known; the rest is a gap."""

from __future__ import annotations

import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.authority.notices import (
    GAP_MARK,
    LANGUAGES,
    NoticeFacts,
    NoticeFileInvalid,
    Part,
    draft_notice,
    draft_text,
    kind_of,
    read_draft,
)
from countenance.authority.notices.phrases import phrase, phrases
from countenance.authority.records import BasisKind, Channel, LegalBasis, Necessity, Pictogram, RetentionTerm
from drafted_notices import FACTS, PLACE, PURPOSE, filled, incomplete


def draft(facts: NoticeFacts, kind: Pictogram = Pictogram.VERIFY) -> dict[Part, dict[str, str]]:
    made = draft_notice(notice_id="notice-1", version=1, place=PLACE, purpose=PURPOSE, kind=kind, facts=facts)
    return {part: dict(texts) for part, texts in made.texts.items()}


def test_without_anything_on_file_only_what_the_software_does_is_written() -> None:
    texts = draft(NoticeFacts())
    written = {part for part in Part if not any(GAP_MARK in text for text in texts[part].values())}
    assert written == {Part.PROCESSING, Part.RIGHTS, Part.ERRORS}
    assert set(texts) == set(Part)


def test_what_is_on_file_is_written_in_its_language_and_quoted_in_the_other() -> None:
    texts = draft(FACTS)
    assert texts[Part.ALTERNATIVE]["en"] == "A clerk looks at you and your document."
    assert texts[Part.ALTERNATIVE]["zh"].startswith(GAP_MARK)
    assert "A clerk looks at you" in texts[Part.ALTERNATIVE]["zh"]
    assert "at most 30 days, counted from the act" in texts[Part.RETENTION]["en"]
    assert "Photographs: not kept" in texts[Part.RETENTION]["en"]
    assert "answered within 30 days" in texts[Part.APPEAL]["en"]
    assert "done at once" in texts[Part.WITHDRAWAL]["en"]


def test_chinese_words_are_quoted_in_english() -> None:
    texts = draft(
        NoticeFacts(
            retention=(RetentionTerm(keeps="比对记录", days=30, counted_from="比对"),),
            appeal=Channel(
                how="联系前台。", address="前台", answered_by_role="officer", answer_within_days=30
            ),
        )
    )
    assert texts[Part.RETENTION]["zh"].startswith("比对记录")
    assert GAP_MARK in texts[Part.RETENTION]["en"]
    assert "30天内答复" in texts[Part.APPEAL]["zh"]


def test_error_rates_are_those_that_were_handed_in() -> None:
    for language in LANGUAGES:
        text = draft(FACTS)[Part.ERRORS][language]
        assert "82" in text
        assert "100" in text
        assert "61" in text
        assert "2,013 public figures" in text
        assert "development" in text
    assert "not been measured" in draft(NoticeFacts(), Pictogram.COUNT)[Part.ERRORS]["en"]


@pytest.mark.parametrize("kind", list(Pictogram))
def test_what_follows_from_an_error_is_never_made_up(kind: Pictogram) -> None:
    texts = draft(FACTS, kind)[Part.IMPACT]
    assert (GAP_MARK in texts["en"]) is (kind is not Pictogram.COUNT)


def test_a_basis_that_isnt_consent_is_told_in_its_own_words() -> None:
    basis = LegalBasis(
        jurisdictions=("EU",),
        basis=BasisKind.LEGAL_OBLIGATION,
        article="Art 6(1)(c)",
        reasoning="The law asks for it.",
    )
    facts = replace(FACTS, basis=basis)
    made = draft_notice(
        notice_id="n", version=1, place=PLACE, purpose=PURPOSE, kind=Pictogram.VERIFY, facts=facts
    )
    assert not made.by_consent
    assert made.texts[Part.BASIS]["en"] == "Art 6(1)(c): The law asks for it."


def test_necessity_comes_from_its_record() -> None:
    necessity = Necessity.model_validate(
        {"need": "Tired eyes.", "weighed": ({"means": "A person looks.", "why_not": "Stays."},)}
    )
    assert draft(replace(FACTS, necessity=necessity))[Part.NECESSITY]["en"] == "Tired eyes."


@pytest.mark.parametrize(
    ("functions", "kind"),
    [
        (("capture", "verify"), Pictogram.VERIFY),
        (("capture",), Pictogram.VERIFY),
        (("verify", "identify_live"), Pictogram.IDENTIFY),
        (("crowd_count", "identify_after"), Pictogram.IDENTIFY),
        (("crowd_count",), Pictogram.COUNT),
        (("capture", "crowd_count"), Pictogram.COUNT),
        (("crowd_count", "attributes"), Pictogram.VERIFY),
    ],
)
def test_the_farthest_reaching_function_decides_the_pictogram(
    functions: tuple[str, ...], kind: Pictogram
) -> None:
    assert kind_of(functions) is kind


def test_a_file_is_read_back_as_it_was_written() -> None:
    for made in (incomplete(), filled(incomplete(version=3, kind=Pictogram.COUNT))):
        assert read_draft(draft_text(made)) == made


@given(text=st.text(min_size=1, max_size=60).filter(lambda t: "\r" not in t))
def test_any_text_survives_the_file(text: str) -> None:
    made = filled(incomplete())
    made = replace(made, texts={**made.texts, Part.KEEPER: {"en": text, "zh": text}})
    assert read_draft(draft_text(made)).texts[Part.KEEPER]["en"] == text


@pytest.mark.parametrize("part", list(Part))
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["", "  ", f"half of it {GAP_MARK} the rest"])
def test_a_text_that_is_missing_is_a_gap(part: Part, language: str, text: str) -> None:
    made = filled(incomplete())
    assert made.gaps == ()
    holed = replace(made, texts={**made.texts, part: {**made.texts[part], language: text}})
    assert [(gap.part, gap.language) for gap in holed.gaps] == [(part, language)]
    assert holed.gaps[0].wanted


@pytest.mark.parametrize(
    ("was", "becomes", "named"),
    [
        ("version = 1", "version = 0", "version"),
        ("version = 1", 'version = "1"', "version"),
        ('kind = "verify"', 'kind = "watch"', "kind"),
        ('place = "plc_frontdesk"', 'place = "a place with spaces"', "place"),
        ('jurisdictions = ["CN"]', "jurisdictions = []", "jurisdictions"),
        ("[text.keeper]", "[text.owner]", "text"),
        ('notice_id = "notice-checkin"', "", "notice_id"),
        ("by_consent = true", "by_consent = true\nsecret = 1", "a member"),
    ],
)
def test_a_file_that_isnt_right_is_told_by_member(was: str, becomes: str, named: str) -> None:
    text = draft_text(filled(incomplete()))
    assert was in text
    with pytest.raises(NoticeFileInvalid, match=named):
        read_draft(text.replace(was, becomes, 1))


def test_what_isnt_toml_or_another_language_is_refused() -> None:
    with pytest.raises(NoticeFileInvalid, match="TOML"):
        read_draft("]]")
    text = draft_text(filled(incomplete())).replace("[text.keeper]", '[text.keeper]\nfr = "x"')
    with pytest.raises(NoticeFileInvalid, match="no other language"):
        read_draft(text)


def test_every_phrase_is_there_in_every_language_with_the_same_places() -> None:
    for group, names in phrases().items():
        for name, words in names.items():
            assert set(words) == set(LANGUAGES), f"{group}.{name}"
            places = [
                {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}
                for text in words.values()
            ]
            assert places[0] == places[1], f"{group}.{name}"
            assert all(text.strip() for text in words.values()), f"{group}.{name}"
    with pytest.raises(KeyError):
        phrase("label", "nonsense", "en")
