"""The notice's page."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape

import pytest

from countenance.authority.notices import LANGUAGES, Part, check_notice, notice_page, sign_notice
from countenance.authority.records import Pictogram
from drafted_notices import NOON, SIGNER, filled, incomplete, signed


@pytest.mark.parametrize("kind", list(Pictogram))
def test_it_says_all_of_the_notice_in_both_languages(kind: Pictogram) -> None:
    notice = signed(kind=kind)
    page = unescape(notice_page(notice))
    for language in LANGUAGES:
        for part in Part:
            assert notice.text(part, language) in page
        assert f'lang="{language}"' in page
    assert notice.version_id in page


def test_it_needs_nothing_else_and_carries_the_signed_notice() -> None:
    notice = signed()
    page = notice_page(notice)
    assert not re.search(r'(?:src|href)="', page)
    assert "@import" not in page
    embedded = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert embedded is not None
    assert check_notice(SIGNER, json.loads(embedded[1])).version_id == notice.version_id


def test_with_a_servers_style_sheet_it_holds_neither_style_nor_script() -> None:
    page = notice_page(signed(), stylesheet="/static/notice.css")
    assert '<link rel="stylesheet" href="/static/notice.css">' in page
    assert "<style" not in page
    assert "<script" not in page


@pytest.mark.parametrize(
    ("in_force", "words"),
    [(True, ("In force", "现行有效")), (False, ("No longer in force", "已失效")), (None, ())],
)
def test_it_says_whether_it_is_in_force(in_force: bool | None, words: tuple[str, ...]) -> None:
    page = notice_page(signed(), in_force=in_force)
    assert all(word in page for word in words)
    assert ("In force" in page) is (in_force is True)


def test_a_demonstrations_page_says_so() -> None:
    assert "DEMO" in notice_page(signed(demo=True))
    assert "DEMO" not in notice_page(signed())


def test_texts_are_escaped_wherever_they_stand() -> None:
    draft = filled(incomplete())
    nasty = "</script><script>alert(1)</script>"
    draft = replace(draft, texts={**draft.texts, Part.KEEPER: {"en": nasty, "zh": nasty}})
    notice = sign_notice(SIGNER, draft, deployment="dep_1", issued_at=NOON, demo=False)
    page = notice_page(notice)
    assert "<script>alert" not in page
    embedded = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert embedded is not None
    assert check_notice(SIGNER, json.loads(embedded[1])).text(Part.KEEPER, "en") == nasty
