"""A clerk at the desk, in a real browser, against a real server with the real networks."""

from __future__ import annotations

import base64
import io
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from qr_codes import read_code

pytestmark = [pytest.mark.browser, pytest.mark.models]

expect.set_options(timeout=20_000)  # a busy machine is no defect of the page

DROP = """([zone, name, text]) => {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name, {type: name.endsWith("png") ? "image/png" : "image/jpeg"}));
  for (const kind of ["dragenter", "dragover", "drop"]) {
    zone.dispatchEvent(new DragEvent(kind, {dataTransfer: carried, bubbles: true, cancelable: true}));
  }
}"""


def sign_in(page: Page, served: Any) -> None:
    page.goto(served.address)
    expect(page).to_have_url(f"{served.address}sign-in")
    page.get_by_label("API key").fill(served.key)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check a guest in")


def drop(page: Page, role: str, picture: bytes) -> None:
    """Let a file fall onto a zone, as a hand with a mouse does."""
    page.wait_for_load_state("load")  # the module that listens runs before that
    zone = page.locator(f"[data-drop]:has(#{role})")
    name = "a.png" if picture.startswith(b"\x89PNG") else "a.jpg"
    page.evaluate(DROP, [zone.element_handle(), name, base64.b64encode(picture).decode()])
    expect(zone.locator(".preview")).to_be_visible()


def state(page: Page, *, consents: str = "Yes, the guest agreed", age: str = "18 or older") -> None:
    page.get_by_label(consents).check()
    page.get_by_label(age).check()


def send(page: Page) -> None:
    page.get_by_role("button", name="Ask the rules, then compare").click()
    page.locator(".outcome").wait_for()
    page.wait_for_load_state("load")


def test_the_guest_of_the_document_is_a_match_with_a_receipt(
    watched: Any, served: Any, photographs: dict[str, bytes]
) -> None:
    page = watched.page
    sign_in(page, served)
    drop(page, "document", photographs["card"])
    drop(page, "live", photographs["same"])
    state(page)
    send(page)

    expect(page.get_by_role("heading", level=1)).to_have_text("Match")
    for face in page.locator("img.face").all():
        assert face.evaluate("img => img.naturalWidth") == 112
    assert page.locator("img.face").count() == 2
    assert page.locator(".rule.satisfied cite").count() >= 5
    assert page.locator(".rule .facts code.id").count() >= 5, "the records that the rules rest on"
    expect(page.locator(".duties li").first).to_be_visible()

    receipt = on_screen(page, "receipt")
    assert receipt == page.locator(".token code").text_content()
    answer = httpx.post(
        f"{served.address}v1/receipts/check", json={"receipt": receipt}, headers={"X-Api-Key": served.key}
    )
    assert answer.json()["claims"]["out"] == "match"
    assert watched.complaints == []
    assert watched.hosts == {served.address.split("/")[2]}, "the page calls nobody else"


def test_the_guest_takes_the_consent_back_with_the_second_code(
    watched: Any, served: Any, photographs: dict[str, bytes]
) -> None:
    page = watched.page
    sign_in(page, served)
    drop(page, "document", photographs["card"])
    drop(page, "live", photographs["same"])
    state(page)
    send(page)
    token = on_screen(page, "withdrawal").removeprefix("urn:countenance:withdrawal:")
    page.goto(f"{served.address}withdraw/{token}")
    expect(page.locator("section[lang=en]")).to_contain_text("You agreed to this.")
    page.get_by_role("button", name="Take it back").click()
    expect(page.locator("section[lang=en]")).to_contain_text("Taken back.")
    expect(page.locator("section[lang=zh]")).to_contain_text("已撤回")
    assert watched.complaints == []


def on_screen(page: Page, card: str) -> str:
    """Read a card's QR code off the screen, as a telephone would."""
    picture = page.locator(f"[aria-labelledby={card}] .code svg").screenshot()
    with Image.open(io.BytesIO(picture)) as image:
        return read_code(np.asarray(image.convert("L")))


def test_somebody_else_is_no_match(watched: Any, served: Any, photographs: dict[str, bytes]) -> None:
    page = watched.page
    sign_in(page, served)
    drop(page, "document", photographs["card"])
    drop(page, "live", photographs["other"])
    state(page)
    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("No match")
    expect(page.locator(".outcome")).to_contain_text("proves nothing against the guest")
    expect(page.locator(".eyes")).to_be_visible()
    assert watched.complaints == []


def test_a_device_in_a_guest_room_is_refused_with_its_citation(
    watched: Any, served: Any, photographs: dict[str, bytes]
) -> None:
    page = watched.page
    sign_in(page, served)
    drop(page, "document", photographs["card"])
    drop(page, "live", photographs["same"])
    state(page)
    page.get_by_label("Camera").select_option("dev_roomtablet")
    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Not permitted")
    expect(page.locator(".rule.banned").first).to_contain_text("Order 19")
    assert page.locator("img.face").count() == 0
    assert page.locator(".code").count() == 0
    assert watched.complaints == []


def test_without_consent_nothing_is_compared(
    watched: Any, served: Any, photographs: dict[str, bytes]
) -> None:
    page = watched.page
    sign_in(page, served)
    drop(page, "document", photographs["card"])
    drop(page, "live", photographs["same"])
    state(page, consents="No, or the guest didn\N{RIGHT SINGLE QUOTATION MARK}t answer")
    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Not permitted")
    expect(page.locator(".missing")).to_contain_text("onsent")


def test_the_browser_asks_for_what_isn_t_answered(watched: Any, served: Any) -> None:
    page = watched.page
    sign_in(page, served)
    page.get_by_role("button", name="Ask the rules, then compare").click()
    expect(page).to_have_url(served.address)
    assert page.locator("form.desk :invalid").count() >= 3
    assert page.locator("input:checked").count() == 0


def test_what_isn_t_a_picture_is_said_and_the_answers_stay(watched: Any, served: Any) -> None:
    page = watched.page
    sign_in(page, served)
    for role in ("document", "live"):
        page.set_input_files(
            f"#{role}", {"name": "a.png", "mimeType": "image/png", "buffer": f"not {role}".encode()}
        )
    state(page)
    page.get_by_role("button", name="Ask the rules, then compare").click()
    expect(page.get_by_role("alert")).to_contain_text("not-a-picture")
    expect(page.get_by_label("Yes, the guest agreed")).to_be_checked()


def test_the_language_is_switched_and_said(watched: Any, served: Any) -> None:
    page = watched.page
    sign_in(page, served)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("link", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.get_by_role("heading", level=1)).to_have_text("住客登记核验")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check a guest in")


def test_signed_out_is_signed_out(watched: Any, served: Any) -> None:
    page = watched.page
    sign_in(page, served)
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{served.address}sign-in")
    page.goto(served.address)
    expect(page).to_have_url(f"{served.address}sign-in")


def test_the_keyboard_is_enough(watched: Any, served: Any, photographs: dict[str, bytes]) -> None:
    page = watched.page
    sign_in(page, served)
    page.wait_for_load_state("load")  # a key before that may be lost
    page.bring_to_front()
    with page.expect_file_chooser() as chooser:
        page.locator("#document").press("Space")
    chooser.value.set_files({"name": "a.png", "mimeType": "image/png", "buffer": photographs["card"]})
    expect(page.locator("[data-drop]:has(#document) .preview")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator("#live")).to_be_focused()


@pytest.mark.parametrize("width", [360, 768])
def test_the_page_is_usable_on_a_small_screen(
    browser: Browser, served: Any, photographs: dict[str, bytes], width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 740}, locale="en-GB")
    page = context.new_page()
    sign_in(page, served)
    assert_fits(page, width)
    drop(page, "document", photographs["card"])
    drop(page, "live", photographs["same"])
    state(page)
    send(page)
    assert_fits(page, width)
    context.close()


def assert_fits(page: Page, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for control in page.locator("button:visible, .button:visible, select:visible").all():
        box = control.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["height"] >= 32


def test_without_javascript_the_form_is_a_plain_post(
    browser: Browser, served: Any, photographs: dict[str, bytes]
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    sign_in(page, served)
    page.set_input_files(
        "#document", {"name": "a.png", "mimeType": "image/png", "buffer": photographs["card"]}
    )
    page.set_input_files("#live", {"name": "b.jpg", "mimeType": "image/jpeg", "buffer": photographs["same"]})
    state(page)
    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Match")
    context.close()
