"""The liveness page in a real browser whose camera is a file; server and networks are real."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright, expect

from countenance.runtime.liveness_bench import noisy_frames
from countenance.vision.registry import SampleStore

pytestmark = [pytest.mark.browser, pytest.mark.models]

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
]
FRAMES = 60


@pytest.fixture
def photograph(playwright: Playwright, tmp_path: Path) -> Iterator[Page]:
    """A browser before whose camera somebody holds a photograph still."""
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine")
    clip = tmp_path / "still.mjpeg"
    clip.write_bytes(b"".join(noisy_frames(SampleStore().read("obama"), count=FRAMES, seed=1)))
    camera = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={clip}",
    ]
    opened = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *camera])
    context = opened.new_context(locale="en-GB", permissions=["camera"])
    yield context.new_page()
    opened.close()


def sign_in(page: Page, served: Any) -> None:
    page.goto(served.address)
    page.get_by_label("API key").fill(served.key)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(served.address)


def test_a_still_photograph_does_not_walk_through_the_page(photograph: Page, served: Any) -> None:
    page, complaints, hosts = photograph, [], set()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    sign_in(page, served)
    page.goto(f"{served.address}liveness")
    expect(page.get_by_role("heading", name="Without a face")).to_be_visible()
    page.get_by_label("Yes, the guest agreed").check()
    page.get_by_label("18 or older").check()
    page.get_by_label("Camera", exact=True).select_option("dev_deskcamera")
    page.get_by_role("button", name="Open the camera and begin").click()
    expect(page.locator("[data-told]")).to_have_text("Look straight into the camera.")
    expect(page.get_by_role("heading", name="Without a face")).to_be_visible()
    found = page.locator("[data-found]")
    expect(found).to_be_visible(timeout=40_000)
    assert found.get_attribute("data-result") in {"inconclusive", "attack_suspected"}
    expect(found).to_contain_text("Level reached: 0")
    assert complaints == []
    assert hosts == {served.address.split("/")[2]}, "the page calls nobody else"
