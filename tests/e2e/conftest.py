"""A real server in a process of its own over a fresh demonstration, and a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from countenance.scenes import draw_specimen_card
from countenance.vision.registry import SampleStore
from demo_server import Served, demo_server

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
# No sandbox, because tests may run as root in a container; nothing is fetched from outside.
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_SECONDS = 90
HEAD = (0.325, 0.0, 0.752, 0.44)  # head and shoulders of that photograph


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("demo")
    with demo_server(folder, "-c", "from countenance.cli import main; main()") as started:
        yield started


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The one playwright of a test process: a second one can't be started beside it."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine")
    opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield opened
    opened.close()


class Watched:
    """A page that remembers what a clerk doesn't see: console errors and what the policy stopped."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("request", lambda request: self._note_request(request.url))
        self.hosts: set[str] = set()

    def _note(self, kind: str, text: str) -> None:
        # A refusal is a page with status 403; the browser logs that as a resource that failed to load.
        if kind in {"error", "warning"} and "status of 403" not in text:
            self.complaints.append(text)

    def _note_request(self, url: str) -> None:
        if not url.startswith(("data:", "blob:")):
            self.hosts.add(url.split("/")[2])


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1180, "height": 900}, locale="en-GB")
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    page = context.new_page()
    yield Watched(page)
    context.close()


@pytest.fixture(scope="session")
def photographs() -> dict[str, bytes]:
    """A specimen card around a published portrait, the same person again, and another one."""
    samples = SampleStore()
    return {
        "card": draw_specimen_card(samples.read("obama"), part=HEAD),
        "same": samples.read("obama2"),
        "other": samples.read("biden"),
    }
