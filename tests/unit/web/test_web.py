"""The pages as a browser gets them."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from asgi_client import AsgiClient
from countenance.authority import DutyOverdue
from countenance.decisions import Outcome
from countenance.kernel import CallerError, OperatorError, PlaceId
from countenance.scenes import AgeBand, AttendedOrder, AttendedResult
from countenance.server import build_app
from countenance.server.admission import Admission
from countenance.store import Place
from desk_installation import CAMERA, DESK, NOON, Installation, open_installation

ANSWERS = {"place": DESK, "device": CAMERA, "consents": "yes", "age_band": "14-17", "notice_language": "zh"}
FAILED = "This didn\N{RIGHT SINGLE QUOTATION MARK}t work"
FILES = {"document": ("passport of somebody.png", b"document"), "live": ("b.png", b"live")}


def headline(response: Any) -> str:
    found = re.search(r"<h1>(.*?)</h1>", response.text)
    assert found, response.text
    return found[1]


class TestSigningIn:
    def test_the_desk_sends_a_stranger_to_sign_in(self, browser: AsgiClient) -> None:
        for method in ("GET", "POST"):
            answer = browser.request(method, "/")
            assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")

    def test_a_good_key_opens_the_desk(self, clerk: AsgiClient) -> None:
        answer = clerk.get("/")
        assert (answer.status_code, headline(answer)) == (200, "Check a guest in")
        assert "Front desk" in answer.text
        assert clerk.get("/sign-in").headers["location"] == "/"

    def test_the_cookie_says_nothing_and_scripts_can_t_read_it(
        self, browser: AsgiClient, installation: Installation
    ) -> None:
        cookie = browser.post("/sign-in", data={"key": installation.key}).headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Path=/" in cookie
        assert not set(installation.key.split("_")[1:]) & set(re.split(r"[=;]", cookie))

    def test_over_tls_the_cookie_goes_over_tls_alone(self, tmp_path: Path) -> None:
        with open_installation(tmp_path, behind_tls_proxy=True) as proxied:
            browser = AsgiClient(build_app(proxied.services), headers={"Sec-Fetch-Site": "same-origin"})
            cookie = browser.post("/sign-in", data={"key": proxied.key}).headers["set-cookie"]
        assert cookie.startswith("__Host-countenance=")
        assert "Secure" in cookie
        assert "Domain" not in cookie

    @pytest.mark.parametrize("key", ["", "wrong", "cnt_aaaaaaaa_" + "b" * 52, "x" * 4000])
    def test_another_key_is_refused_without_being_repeated(self, browser: AsgiClient, key: str) -> None:
        answer = browser.post("/sign-in", data={"key": key})
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
        assert not key or key not in answer.text

    def test_a_key_without_the_role_is_refused(self, browser: AsgiClient, installation: Installation) -> None:
        key = installation.services.api_keys.issue(name="Reports", roles=("auditor",))
        answer = browser.post("/sign-in", data={"key": key})
        assert answer.status_code == 403
        assert "key-not-for-the-page" in answer.text
        assert "set-cookie" not in answer.headers

    def test_after_five_wrong_keys_the_right_one_has_to_wait(self, installation: Installation) -> None:
        app = build_app(installation.services)
        browser = AsgiClient(app, headers={"Sec-Fetch-Site": "same-origin"}, address="10.0.0.7")
        assert [browser.post("/sign-in", data={"key": "x"}).status_code for _ in range(5)] == [401] * 5
        waiting = browser.post("/sign-in", data={"key": installation.key})
        assert (waiting.status_code, waiting.headers["retry-after"]) == (429, "300")
        assert "Try again in 300 s." in waiting.text
        other = AsgiClient(app, headers={"Sec-Fetch-Site": "same-origin"}, address="10.0.0.8")
        assert other.post("/sign-in", data={"key": installation.key}).status_code == 303
        installation.clock.move_to(NOON + timedelta(minutes=5))
        try:
            assert browser.post("/sign-in", data={"key": installation.key}).status_code == 303
        finally:
            installation.clock.move_to(NOON)

    def test_signing_out_ends_the_session_also_for_a_copied_cookie(self, clerk: AsgiClient) -> None:
        copied = dict(clerk.cookies)
        assert clerk.post("/sign-out").headers["location"] == "/sign-in"
        clerk.cookies.update(copied)
        assert clerk.get("/").status_code == 303

    def test_an_idle_session_ends(self, clerk: AsgiClient, installation: Installation) -> None:
        installation.clock.move_to(NOON + timedelta(minutes=installation.services.settings.session_minutes))
        try:
            assert clerk.get("/").status_code == 303
        finally:
            installation.clock.move_to(NOON)

    @pytest.mark.parametrize("cookie", ["x", "", "0" * 43])
    def test_a_made_up_cookie_opens_nothing(self, browser: AsgiClient, cookie: str) -> None:
        browser.cookies.set("countenance_session", cookie)
        assert browser.get("/").status_code == 303

    def test_with_auth_off_the_desk_is_open(self, tmp_path: Path) -> None:
        with open_installation(tmp_path, auth=False) as open_desk:
            answer = AsgiClient(build_app(open_desk.services)).get("/")
            assert answer.status_code == 200
            assert "/sign-out" not in answer.text


class TestFromElsewhere:
    @pytest.mark.parametrize("path", ["/", "/sign-in", "/sign-out"])
    @pytest.mark.parametrize("site", ["cross-site", "same-site"])
    def test_another_site_s_post_is_refused(
        self, clerk: AsgiClient, installation: Installation, path: str, site: str
    ) -> None:
        headers = {"Sec-Fetch-Site": site, "Origin": "https://evil.example"}
        files = FILES if path == "/" else None
        answer = clerk.post(path, data=ANSWERS, files=files, headers=headers)
        assert answer.status_code == 403
        assert "post-from-elsewhere" in answer.text
        assert installation.scene.orders == []
        assert clerk.get("/").status_code == 200


class TestDesk:
    def test_nothing_that_the_guest_says_is_ticked(self, clerk: AsgiClient) -> None:
        text = clerk.get("/").text
        radios = re.findall(r"<input type=\"radio\"[^>]*>", text)
        assert len(radios) == 2 + len(AgeBand)
        assert not any("checked" in radio for radio in radios)
        assert all("required" in radio for radio in radios)

    def test_a_post_is_carried_out_as_the_clerk_filled_it_in(
        self, clerk: AsgiClient, installation: Installation
    ) -> None:
        answer = clerk.post("/", data=ANSWERS, files=FILES)
        assert answer.status_code == 200
        [order] = installation.scene.orders
        assert (order.document, order.live, order.place, order.device) == (b"document", b"live", DESK, CAMERA)
        assert order.guest.consents is True
        assert (order.guest.age_band, order.guest.language) == (AgeBand.FROM_14_TO_17, "zh")
        assert installation.key.split("_")[1] in order.guest.stated_by

    @pytest.mark.parametrize(
        ("outcome", "words"),
        [(Outcome.MATCH, "Match"), (Outcome.NO_MATCH, "No match"), (Outcome.INCONCLUSIVE, "Inconclusive")],
    )
    def test_the_outcome_in_words(
        self, clerk: AsgiClient, installation: Installation, outcome: Outcome, words: str
    ) -> None:
        installation.scene.script = lambda order: installation.scene.decide(order, outcome)
        answer = clerk.post("/", data=ANSWERS, files=FILES)
        assert (answer.status_code, headline(answer)) == (200, words)

    def test_the_decision_page_shows_all_that_a_clerk_needs(self, clerk: AsgiClient) -> None:
        text = clerk.post("/", data=ANSWERS, files=FILES).text
        assert text.count("data:image/png;base64,") == 2
        assert "<svg" in text
        assert "dec_aaaaaaaaaaaaaaaaaaaaaaaaaa" in text
        assert "10,000" in text
        assert "0.0082%" in text
        assert "PIPL Art 29" in text
        assert "supposed" in text, "the records that a rule rests on"
        assert "source text read" in text
        assert "Your own eyes are always enough" in text
        assert "The face is too dark. Turn towards the light." in text

    def test_no_page_holds_a_score_or_the_caller_s_file_name(self, clerk: AsgiClient) -> None:
        text = clerk.post("/", data=ANSWERS, files=FILES).text
        assert "somebody" not in text
        assert "threshold" not in text.lower()

    def test_faces_are_wiped_once_they_are_in_the_page(
        self, clerk: AsgiClient, installation: Installation
    ) -> None:
        clerk.post("/", data=ANSWERS, files=FILES)
        assert all(not preview.aligned.any() for preview in installation.scene.previews)

    def test_a_refusal_shows_the_verdict(self, clerk: AsgiClient, installation: Installation) -> None:
        installation.scene.script = installation.scene.refuse
        answer = clerk.post("/", data=ANSWERS, files=FILES)
        assert (answer.status_code, headline(answer)) == (403, "Not permitted")
        assert "Forbids" in answer.text
        assert "No evidence lifts it" in answer.text
        assert "Order 19 Art 13(2)" in answer.text
        assert "What is missing, and how to supply it" in answer.text
        assert "data:image" not in answer.text

    @pytest.mark.parametrize("missing", ["consents", "age_band", "place", "device"])
    def test_an_unanswered_question_is_asked_again(
        self, clerk: AsgiClient, installation: Installation, missing: str
    ) -> None:
        answers = {name: value for name, value in ANSWERS.items() if name != missing}
        answer = clerk.post("/", data=answers, files=FILES)
        assert (answer.status_code, headline(answer)) == (422, "Check a guest in")
        assert "answer-incomplete" in answer.text
        assert installation.scene.orders == []

    def test_after_an_error_the_answers_stand_as_they_were_given(self, clerk: AsgiClient) -> None:
        answer = clerk.post("/", data=ANSWERS, files={"document": FILES["document"]})
        assert answer.status_code == 400
        checked = re.findall(r"value=\"([\w-]+)\" required checked", answer.text)
        assert checked == ["yes", "14-17"]
        assert '<option value="zh" selected>' in answer.text

    def test_no_consent_is_passed_on_as_no(self, clerk: AsgiClient, installation: Installation) -> None:
        clerk.post("/", data={**ANSWERS, "consents": "no"}, files=FILES)
        assert installation.scene.orders[0].guest.consents is False

    @pytest.mark.parametrize(
        ("name", "value"),
        [("consents", "true"), ("age_band", "12"), ("consents", "<script>alert(1)</script>")],
    )
    def test_odd_answers_are_no_answers(
        self, clerk: AsgiClient, installation: Installation, name: str, value: str
    ) -> None:
        answer = clerk.post("/", data={**ANSWERS, name: value}, files=FILES)
        assert answer.status_code == 422
        assert "<script>alert" not in answer.text
        assert installation.scene.orders == []

    def test_too_large_a_photograph_is_said_on_the_form(self, clerk: AsgiClient) -> None:
        answer = clerk.post("/", data=ANSWERS, files={**FILES, "live": ("b.png", bytes(300_001))})
        assert (answer.status_code, headline(answer)) == (413, "Check a guest in")
        assert "upload-too-large" in answer.text

    def test_a_form_that_isn_t_one_is_said_on_the_form(self, clerk: AsgiClient) -> None:
        assert clerk.post("/", data=ANSWERS).status_code == 415

    @pytest.mark.parametrize(
        ("error", "status", "page"),
        [
            (CallerError("The picture is damaged."), 422, "Check a guest in"),
            (OperatorError("The disk is full."), 503, FAILED),
            (DutyOverdue((), ("delete the picture",)), 409, FAILED),
            (RuntimeError("the clerk's secret"), 500, FAILED),
        ],
        ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
    )
    def test_what_went_wrong_is_said(
        self, clerk: AsgiClient, installation: Installation, error: Exception, status: int, page: str
    ) -> None:
        def fail(_: AttendedOrder) -> AttendedResult:
            raise error

        installation.scene.script = fail
        answer = clerk.post("/", data=ANSWERS, files=FILES)
        assert (answer.status_code, headline(answer)) == (status, page)
        assert "secret" not in answer.text

    def test_a_title_with_markup_is_shown_as_text(self, tmp_path: Path) -> None:
        with open_installation(tmp_path, auth=False) as desk:
            desk.store.places.add(
                Place(PlaceId("plc_x"), "<b onclick=x>", "hotel_lobby", ("CN",), "Asia/Shanghai")
            )
            text = AsgiClient(build_app(desk.services)).get("/").text
        assert "<b onclick" not in text
        assert "&lt;b onclick" in text


class TestLanguages:
    def test_the_browser_s_language(self, browser: AsgiClient) -> None:
        answer = browser.get("/sign-in", headers={"Accept-Language": "zh-CN,zh;q=0.9"})
        assert '<html lang="zh-Hans">' in answer.text
        assert headline(answer) == "登录"

    def test_the_switch_is_remembered(self, clerk: AsgiClient) -> None:
        assert clerk.get("/language/zh").headers["location"] == "/"
        answer = clerk.get("/")
        assert headline(answer) == "住客登记核验"
        clerk.get("/language/en")
        assert headline(clerk.get("/")) == "Check a guest in"

    def test_an_unknown_language_changes_nothing(self, clerk: AsgiClient) -> None:
        assert "set-cookie" not in clerk.get("/language/xx").headers

    def test_every_result_is_said_in_chinese(self, clerk: AsgiClient, installation: Installation) -> None:
        clerk.get("/language/zh")
        assert headline(clerk.post("/", data=ANSWERS, files=FILES)) == "一致"
        installation.scene.script = installation.scene.refuse
        answer = clerk.post("/", data=ANSWERS, files=FILES)
        assert headline(answer) == "不予许可"
        assert 'lang="en">Order 19' in answer.text, "a foreign sentence says in which language it is"


def test_an_unknown_page_is_said_in_a_page(clerk: AsgiClient) -> None:
    answer = clerk.get("/nothing")
    assert (answer.status_code, headline(answer)) == (404, FAILED)


def test_the_demonstration_says_so_on_every_page(clerk: AsgiClient) -> None:
    for answer in (clerk.get("/"), clerk.post("/", data=ANSWERS, files=FILES), clerk.get("/nothing")):
        assert "Demonstration" in answer.text


@pytest.mark.parametrize("name", ["countenance.css", "desk.js", "mark.svg"])
def test_static_files_are_served_to_anybody(browser: AsgiClient, name: str) -> None:
    assert browser.get(f"/static/{name}").status_code == 200


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/", "/static/nothing"]
)
def test_nothing_else_is(browser: AsgiClient, path: str) -> None:
    assert browser.get(path).status_code == 404


class TestFull:
    """The server has no room: the clerk gets a page in his language, not a document for machines."""

    @pytest.mark.parametrize(
        ("language", "words"), [("en", "Try again in 1 s."), ("zh", "请在 1 秒后再试。")]
    )
    def test_a_page_says_when_to_come_again(self, clerk: AsgiClient, language: str, words: str) -> None:
        held = clerk.app
        while not isinstance(held, Admission):
            held = held._app if hasattr(held, "_app") else held.app  # type: ignore[attr-defined]
        held._inside = held._most
        try:
            answer = clerk.post("/", data=ANSWERS, files=FILES, headers={"Accept-Language": language})
        finally:
            held._inside = 0
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) >= 1
        assert "server-busy" in answer.text
        assert re.search(words.replace("1", r"\d+"), answer.text)
        assert answer.headers["content-type"].startswith("text/html")
