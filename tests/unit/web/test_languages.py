"""Every sentence stands in every language, and none is shown as its key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.requests import Request

import countenance.web
from countenance.kernel import Family
from countenance.policy import Force, Status, TrustMark
from countenance.scenes import AgeBand
from countenance.web.languages import LANGUAGE_COOKIE, choose_language, load_languages, read_catalogue

ROOT = Path(countenance.web.__file__).parent
CODES = ("en", "zh")
LANGUAGES = load_languages()

# Keys that a page puts together from a value, with every value that there is.
BUILT = {
    "status.": [status.value for status in Status],
    "force.": [force.value for force in Force],
    "trust.": [mark.name.lower() for mark in TrustMark],
    "family.": [family.value for family in Family],
    "age.": [band.value for band in AgeBand],
    "role.": ["document", "live"],
    "outcome.": ["match", "no_match", "inconclusive"],
    "outcome-words.": ["match", "no_match", "inconclusive"],
    "assurance.": ["attended"],
    "desk.hint-": ["document", "live"],
    "desk.preview-": ["document", "live"],
    "desk.consent-": ["yes", "no"],
    "decision.face-": ["document", "live"],
}


def keys_in_pages() -> Iterator[str]:
    for page in sorted((ROOT / "pages").glob("*.html")):
        with page.open("rb") as stream:
            for _, message, _, _ in extract("jinja2", stream, keywords={"t": None}):
                yield message if isinstance(message, str) else message[0]


PAGE_KEYS = set(keys_in_pages())


def catalogue(code: str) -> dict[str, Any]:
    return {str(message.id): message for message in read_catalogue(code) if message.id}


def test_the_pages_have_sentences() -> None:
    assert len(PAGE_KEYS) > 60


@pytest.mark.parametrize("code", CODES)
def test_every_key_of_the_pages_stands_in(code: str) -> None:
    whole = {key for key in PAGE_KEYS if key not in BUILT}
    built = {prefix + value for prefix, values in BUILT.items() for value in values}
    assert sorted((whole | built) - catalogue(code).keys()) == []


def test_every_built_key_s_prefix_is_known() -> None:
    assert {key for key in PAGE_KEYS if key.endswith((".", "-"))} <= BUILT.keys()


def test_the_languages_have_the_same_keys() -> None:
    assert catalogue("en").keys() == catalogue("zh").keys()


@pytest.mark.parametrize("code", CODES)
def test_every_sentence_is_there_and_none_is_fuzzy(code: str) -> None:
    assert [key for key, message in catalogue(code).items() if not message.string or message.fuzzy] == []


@pytest.mark.parametrize("key", sorted(catalogue("en")))
def test_a_sentence_has_the_same_places_in_every_language(key: str) -> None:
    places = [set(re.findall(r"%\((\w+)\)s", str(catalogue(code)[key].string))) for code in CODES]
    assert places[0] == places[1]


def test_chinese_sentences_are_chinese() -> None:
    own = [key for key, message in catalogue("zh").items() if not re.search("[一-鿿]", str(message.string))]
    assert own == []


def test_a_key_without_a_sentence_is_an_error() -> None:
    with pytest.raises(KeyError):
        LANGUAGES["en"].text("nobody.wrote.this")
    assert LANGUAGES["en"].optional("nobody.wrote.this") is None


def test_places_are_filled() -> None:
    assert LANGUAGES["en"].text("decision.quality", quality=71) == "Quality 71 of 100"


def request(accept: str = "", cookie: str = "") -> Request:
    headers = [(b"accept-language", accept.encode()), (b"cookie", f"{LANGUAGE_COOKIE}={cookie}".encode())]
    return Request({"type": "http", "headers": headers})


@pytest.mark.parametrize(
    ("accept", "cookie", "expected"),
    [
        ("", "", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "", "zh"),
        ("zh-Hans-CN", "", "zh"),
        ("fr-FR,fr;q=0.9", "", "en"),
        ("en;q=0.3,zh;q=0.9", "", "zh"),
        ("zh;q=0,en;q=0.1", "", "en"),
        ("zh;q=rubbish,en", "", "en"),
        ("*", "", "en"),
        ("zh-CN", "en", "en"),
        ("en", "zh", "zh"),
        ("zh", "../../etc", "zh"),
    ],
)
def test_the_language_that_is_chosen(accept: str, cookie: str, expected: str) -> None:
    assert choose_language(request(accept, cookie), LANGUAGES).code == expected


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=200))
@example("ZH")
def test_no_header_breaks_the_choice(accept: str) -> None:
    assert choose_language(request(accept), LANGUAGES).code in CODES
