"""Take the documents' pictures of the clerk's page: a real server, a real browser, published portraits.

The faces are those of the sample photographs: official White House portraits, public domain.

Usage::

    python scripts/take_screenshots.py        writes docs/images/*.png; needs chromium and the samples
"""

from __future__ import annotations

import io
import json
import shutil
import socket  # noqa: TID251 - asks for a free port of this machine
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from countenance.scenes import draw_specimen_card
from countenance.vision.registry import SampleStore

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
HEAD = (0.325, 0.0, 0.752, 0.44)
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
]


@contextmanager
def demonstration() -> Iterator[tuple[str, str]]:
    """Serve a fresh demonstration; yields its address and an API key."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
        probe.close()
        command = [sys.executable, "-c", "from countenance.cli import main; main()", "serve", "--demo"]
        server = subprocess.Popen(
            [*command, "--json", "--folder", folder, "--port", port], stdout=subprocess.PIPE, text=True
        )
        assert server.stdout is not None  # noqa: S101 - it was asked for above
        try:
            text = ""
            while not text.rstrip().endswith("}"):
                text += server.stdout.readline()
            told = json.loads(text)
            yield told["address"], told["api_key"]
        finally:
            server.terminate()
            server.wait()
            server.stdout.close()


def open_desk(browser: Browser, address: str, key: str, *, width: int, dark: bool, locale: str) -> Page:
    """Sign in and return the desk's page."""
    context = browser.new_context(
        viewport={"width": width, "height": 860},
        color_scheme="dark" if dark else "light",
        locale=locale,
        device_scale_factor=1,
    )
    page = context.new_page()
    for _ in range(100):
        try:
            page.goto(address)
            break
        except Exception:  # noqa: BLE001 - the server may not listen yet; Playwright has one error for all
            time.sleep(0.2)
    page.fill("#key", key)
    page.click("button.main")
    page.wait_for_selector("form.desk")
    return page


def fill(page: Page, *, device: str = "dev_deskcamera") -> None:
    """Fill the form in as a clerk would."""
    samples = SampleStore()
    card = draw_specimen_card(samples.read("obama"), part=HEAD)
    page.set_input_files("#document", {"name": "card.png", "mimeType": "image/png", "buffer": card})
    live = samples.read("obama2")
    page.set_input_files("#live", {"name": "desk.jpg", "mimeType": "image/jpeg", "buffer": live})
    page.check("input[name=consents][value=yes]")
    page.check("input[name=age_band][value=adult]")
    page.select_option("#device", device)


def send(page: Page) -> None:
    """Send the form and wait for what comes of it."""
    page.click("form.desk button.main")
    page.wait_for_selector(".outcome")


def take(page: Page, name: str, *, height: int) -> None:
    """Write the top of the page as a small PNG."""
    page.evaluate("window.scrollTo(0, 0)")
    width = page.evaluate("window.innerWidth")
    taken = page.screenshot(clip={"x": 0, "y": 0, "width": width, "height": height}, full_page=True)
    with Image.open(io.BytesIO(taken)) as picture:
        small = picture.convert("RGB").quantize(colors=128, method=Image.Quantize.MEDIANCUT)
        small.save(IMAGES / f"{name}.png", optimize=True)


def main() -> int:
    """Take every picture."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("there is no chromium on this machine", file=sys.stderr)
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    with demonstration() as (address, key), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = open_desk(browser, address, key, width=1180, dark=False, locale="en-GB")
        fill(page)
        take(page, "desk-form", height=1080)
        send(page)
        take(page, "desk-match", height=1180)
        page.goto(address)
        fill(page, device="dev_roomtablet")
        send(page)
        take(page, "desk-refusal", height=900)
        page = open_desk(browser, address, key, width=1180, dark=True, locale="zh-CN")
        fill(page)
        send(page)
        take(page, "desk-match-zh-dark", height=1000)
        browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
