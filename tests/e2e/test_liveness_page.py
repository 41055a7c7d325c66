"""The liveness page in a real browser whose camera is a file; server and networks are real."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, Playwright, expect

from countenance.capture import CaptureLimits, decode
from countenance.evaluation.following import told_by
from countenance.evaluation.presentations import Instrument, Performance, perform
from countenance.runtime import Settings
from countenance.runtime.liveness_bench import noisy_frames
from countenance.runtime.liveness_desk import simulated_desk
from countenance.vision.registry import SampleStore
from demo_server import demo_server
from rendered_heads import head

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
SEED = 20
ATTEMPTS = 3
RATE = 15.0
"""Frames a second of the clip; Chromium plays files of JPEGs at 30, so that each is written twice."""
LAG = 0.08
"""Seconds that the clip waits after the mark is gone: about what opening a session takes."""
UNTIL_THE_MARK_IS_GONE = """
const asked = window.fetch.bind(window);
window.fetch = async (path, options) => {
  if (!String(path).endsWith("/liveness/open")) return asked(path, options);
  const camera = document.querySelector("[data-camera]");
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 8;
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  for (let seen = false; ; ) {
    brush.drawImage(camera, 4, 4, 24, 24, 0, 0, 8, 8);
    const [red, green, blue] = brush.getImageData(4, 4, 1, 1).data;
    const marked = green > 150 && red < 100 && blue < 100;
    if (marked) seen = true;
    else if (seen) return asked(path, options);
    await new Promise((done) => requestAnimationFrame(done));
  }
};
"""


@contextmanager
def camera_with(clip: Path, playwright: Playwright) -> Iterator[Page]:
    """Open a browser whose camera is a file."""
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine")
    camera = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={clip}",
    ]
    opened = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *camera])
    context = opened.new_context(locale="en-GB", permissions=["camera"])
    yield context.new_page()
    opened.close()


@pytest.fixture
def photograph(playwright: Playwright, tmp_path: Path) -> Iterator[Page]:
    """A browser before whose camera somebody holds a photograph still."""
    clip = tmp_path / "still.mjpeg"
    clip.write_bytes(b"".join(noisy_frames(SampleStore().read("obama"), count=FRAMES, seed=1)))
    with camera_with(clip, playwright) as page:
        yield page


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of a rendered person who does what the first challenge will ask.

    It begins with seconds in which a green mark stands in its corner and the person looks straight. The
    test's own script in the page asks for the session once the mark is gone: a browser starts a file when the
    camera opens, and nobody knows how long opening takes.
    """
    clip = walked_clip()
    marked = [with_mark(frame) for frame in clip[: int(RATE)]]
    pictures = [*marked, *marked[::-1], *marked, *clip[: round(LAG * RATE)], *clip]
    path = tmp_path_factory.mktemp("person") / "person.mjpeg"
    path.write_bytes(b"".join(frame for frame in pictures for _ in range(2)))
    return path


def with_mark(jpeg: bytes) -> bytes:
    """The same frame with a green square in its corner."""
    frame = decode(jpeg, limits=CaptureLimits())
    frame[:32, :32] = (0, 220, 0)
    done, encoded = cv2.imencode(".jpg", np.ascontiguousarray(frame[..., ::-1]))
    assert done
    return encoded.tobytes()


def sign_in(page: Page, served: Any) -> None:
    page.goto(served.address)
    page.get_by_label("API key").fill(served.key)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(served.address)


def walked_clip() -> list[bytes]:
    """A rendered person who did what the challenge asks, looking at a page's bar; filmed 15 times a second.

    They did so before a simulated desk, whose clock is set by hand: a clip can't look at the bar.
    """
    with simulated_desk(Settings()) as desk:
        performance = perform(Instrument.BONA_FIDE, head(), seed=SEED)
        attempt = desk.attempt(performance, identity=0, challenge=SEED)
    assert attempt.outcome == "bona fide", attempt
    moves = tuple(performance.moves)
    filmed = Performance(Instrument.BONA_FIDE, head(), SEED + 1, None, moves)
    count = int((moves[-1].at + 1.0) * RATE)
    nothing_told = told_by((), 0.0)
    return [filmed.frame(i / RATE, nothing_told) for i in range(count)]


def begin(page: Page, served: Any) -> None:
    sign_in(page, served)
    page.goto(f"{served.address}liveness")
    page.get_by_label("Yes, the guest agreed").check()
    page.get_by_label("18 or older").check()
    page.get_by_label("Camera", exact=True).select_option("dev_deskcamera")
    page.get_by_role("button", name="Open the camera and begin").click()


def test_a_person_walks_through_the_page(person: Path, playwright: Playwright, tmp_path: Path) -> None:
    """A rendered person is found bona fide; no passive network here may confirm, so that the level stays 0.

    A machine with other work to do delays frames, and whoever is delayed is asked to try again, as people
    are: three times at most, and never under suspicion.
    """
    found = [walk(person, playwright, tmp_path / "0")]
    while found[-1].outcome == "inconclusive" and len(found) < ATTEMPTS:
        found.append(walk(person, playwright, tmp_path / str(len(found))))
    last = found[-1]
    assert last.outcome == "bona_fide", found
    assert "Level reached: 0" in last.words
    assert last.told[0] == "Look straight into the camera."
    assert {"Nod once.", "Blink.", "Now come back and look straight."} <= set(last.told)
    assert sum(text.startswith("Turn your head to your") for text in last.told) == 2
    assert last.complaints == []


@dataclass(frozen=True)
class Walk:
    """What came of one walk through the page."""

    outcome: str | None
    words: str
    told: list[str]
    complaints: list[str]


def walk(clip: Path, playwright: Playwright, folder: Path) -> Walk:
    """Walk through the page once, before a server whose first challenge is known."""
    folder.mkdir()
    told: list[str] = []
    complaints: list[str] = []
    program = (str(Path(__file__).with_name("walked_server.py")), str(SEED))
    with camera_with(clip, playwright) as page, demo_server(folder, *program) as served:
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.add_init_script(UNTIL_THE_MARK_IS_GONE)
        page.expose_function("note", lambda text: told.append(text))  # noqa: PLW0108 - playwright wants a function
        begin(page, served)
        page.evaluate(
            "(() => { const told = document.querySelector('[data-told]'); note(told.textContent);"
            " new MutationObserver(() => note(told.textContent)).observe(told, {childList: true}); })()"
        )
        found = page.locator("[data-found]")
        expect(found).to_be_visible(timeout=60_000)
        return Walk(found.get_attribute("data-result"), found.inner_text(), told, complaints)


def test_a_still_photograph_does_not_walk_through_the_page(photograph: Page, served: Any) -> None:
    page, complaints, hosts = photograph, [], set()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    begin(page, served)
    expect(page.locator("[data-told]")).to_have_text("Look straight into the camera.")
    expect(page.get_by_role("heading", name="Without a face")).to_be_visible()
    found = page.locator("[data-found]")
    expect(found).to_be_visible(timeout=40_000)
    assert found.get_attribute("data-result") in {"inconclusive", "attack_suspected"}
    expect(found).to_contain_text("Level reached: 0")
    assert complaints == []
    assert hosts == {served.address.split("/")[2]}, "the page calls nobody else"
