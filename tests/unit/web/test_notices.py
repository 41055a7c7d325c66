"""The pages for everybody: a notice, and taking a consent back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
import structlog

from asgi_client import ORIGIN, AsgiClient
from countenance.authority.notices import LANGUAGES, Part
from countenance.kernel import SubjectId
from countenance.server import build_app
from desk_installation import CAMERA, DESK
from public_notices import CLERK, PublicSite, public_site

BROWSER = {"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN, "Accept-Language": "en"}
ANSWERS = {"place": DESK, "device": CAMERA, "consents": "yes", "age_band": "adult", "notice_language": "en"}
FILES = {"document": ("a.png", b"document"), "live": ("b.png", b"live")}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[PublicSite]:
    with public_site(tmp_path) as opened:
        yield opened


@pytest.fixture
def anybody(site: PublicSite) -> AsgiClient:
    return AsgiClient(build_app(site.installation.services))


@pytest.fixture
def token(site: PublicSite) -> str:
    return site.installation.services.consents.receipt(site.consent, author=CLERK).token


def test_a_notices_page_says_it_all_and_nobody_signs_in(site: PublicSite, anybody: AsgiClient) -> None:
    notice = site.notice.notice
    answer = anybody.get(f"/notice/{notice.version_id}")
    page = unescape(answer.text)
    assert answer.status_code == 200
    for language in LANGUAGES:
        for part in Part:
            assert notice.text(part, language) in page
    assert "In force" in page
    assert "<style" not in page
    style = anybody.get("/notice.css")
    assert (style.status_code, style.headers["content-type"]) == (200, "text/css; charset=utf-8")


def test_an_earlier_version_says_that_it_isnt_in_force(site: PublicSite, anybody: AsgiClient) -> None:
    site.publish()
    assert "No longer in force" in anybody.get(f"/notice/{site.notice.notice.version_id}").text
    assert "No longer in force" not in anybody.get(f"/notice/{site.notice.notice.notice_id}").text


def test_a_notice_that_isnt_there_is_a_page_that_says_so(anybody: AsgiClient) -> None:
    answer = anybody.get("/notice/nothing")
    assert answer.status_code == 404
    assert "notice-not-published" in answer.text


def test_opening_the_page_takes_nothing_back(site: PublicSite, anybody: AsgiClient, token: str) -> None:
    size = site.installation.store.log.size()
    answer = anybody.get(f"/withdraw/{token}")
    assert answer.status_code == 200
    assert "Take it back" in answer.text
    assert "撤回同意" in answer.text
    assert "Hotel check-in" in answer.text
    assert site.installation.store.log.size() == size


def test_pressing_the_button_takes_it_back_and_says_so(
    site: PublicSite, anybody: AsgiClient, token: str
) -> None:
    answer = anybody.post(f"/withdraw/{token}")
    assert answer.status_code == 200
    assert "Taken back." in answer.text
    assert "已撤回" in answer.text
    assert "<form" not in answer.text
    assert site.installation.services.consents.state(token).state == "dpv:ConsentWithdrawn"
    again = anybody.get(f"/withdraw/{token}")
    assert "Taken back." in again.text


def test_a_token_that_isnt_one_is_a_page_that_says_so(anybody: AsgiClient) -> None:
    for answer in (anybody.get("/withdraw/nothing"), anybody.post("/withdraw/nothing")):
        assert answer.status_code == 422
        assert "document-altered" in answer.text


def test_a_token_never_stands_in_the_access_log(anybody: AsgiClient, token: str) -> None:
    with structlog.testing.capture_logs() as entries:
        anybody.get(f"/withdraw/{token}")
    assert [entry["path"] for entry in entries if entry["event"] == "request"] == ["/withdraw/"]
    assert token not in str(entries)


def test_the_pages_are_held_by_the_same_headers(anybody: AsgiClient, token: str, site: PublicSite) -> None:
    for path in (f"/withdraw/{token}", f"/notice/{site.notice.notice.version_id}"):
        answer = anybody.get(path)
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"


# On the clerk's page.


def test_a_guest_who_consented_gets_the_code_that_takes_it_back(site: PublicSite) -> None:
    """The scripted scene's guest consented: the decision's page leads to the way back."""
    subject = SubjectId("sub_aaaaaaaaaaaaaaaaaaaaaaaaaa")
    site.consented(subject, consent_id="cns-9")
    page = decided(site)
    link = re.search(r'href="(/withdraw/[^"]+)"', page)
    assert link is not None
    assert page.count('class="qr"') == 2
    assert "Taking consent back" in page
    app = build_app(site.installation.services)
    assert "Taken back." in AsgiClient(app).post(link[1]).text
    assert "/withdraw/" not in decided(site)


def test_without_a_consent_there_is_nothing_to_take_back(site: PublicSite) -> None:
    page = decided(site)
    assert "/withdraw/" not in page
    assert page.count('class="qr"') == 1


def decided(site: PublicSite) -> str:
    clerk = AsgiClient(build_app(site.installation.services), headers=BROWSER)
    assert clerk.post("/sign-in", data={"key": site.installation.key}).status_code == 303
    answer = clerk.post("/", data=ANSWERS, files=FILES)
    assert answer.status_code == 200
    return str(answer.text)
