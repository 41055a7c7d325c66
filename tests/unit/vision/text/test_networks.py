"""Detection, direction and reading with the real weights, on drawn lines."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from countenance.vision.errors import ModelUnusable
from countenance.vision.runtimes import OnnxSession
from countenance.vision.text import (
    PpOcrLineOrientation,
    PpOcrTextDetector,
    PpOcrTextRecogniser,
    TooMuchText,
    cut_line,
)
from drawn_documents import TD3, draw_document
from text_networks import line_orientation, text_detector, text_recogniser
from weights import model_bytes

pytestmark = pytest.mark.models

WORDS = ("HELLO WORLD 2026", "Passport No. 4711", "second line below")


def page(words: tuple[str, ...] = WORDS, *, degrees: float = 0.0) -> NDArray[np.uint8]:
    image = Image.new("RGB", (800, 120 * len(words) + 80), (240, 238, 230))
    pen = ImageDraw.Draw(image)
    for row, text in enumerate(words):
        pen.text((60, 60 + 120 * row), text, font=ImageFont.load_default(48), fill=(20, 20, 30))
    turned = image.rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=(240, 238, 230))
    return np.asarray(turned)


def lines_of(picture: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    return [cut_line(picture, region.corners) for region in text_detector().detect(picture)]


@pytest.mark.parametrize("degrees", [0.0, 5.0, -12.0])
def test_drawn_lines_are_found_and_read(degrees: float) -> None:
    written = text_recogniser().read(lines_of(page(degrees=degrees)))
    assert tuple(line.text for line in written) == WORDS
    assert all(0.5 < line.confidence <= 1.0 for line in written)


def test_regions_lie_on_the_lines_whatever_the_size_of_the_picture() -> None:
    for factor in (1, 4):
        picture = page().repeat(factor, axis=0).repeat(factor, axis=1)
        regions = text_detector().detect(picture)
        middles = [region.centre[1] / factor for region in regions]
        assert middles == pytest.approx([86, 206, 326], abs=12)
        assert all(region.width > region.height for region in regions)
        assert all(0.5 <= region.score <= 1.0 for region in regions)


def test_an_empty_page_has_no_lines() -> None:
    assert text_detector().detect(np.full((300, 400, 3), 200, np.uint8)) == ()


def test_the_picture_is_not_changed() -> None:
    picture = page()
    before = picture.copy()
    lines_of(picture)
    assert (picture == before).all()


def test_more_text_than_a_document_has_is_refused() -> None:
    few = PpOcrTextDetector(content=model_bytes("ppocr-v6-det-small"), most_regions=2)
    with pytest.raises(TooMuchText):
        few.detect(page())


def test_lines_on_their_head_are_told() -> None:
    upright = lines_of(page())
    over = [np.ascontiguousarray(line[::-1, ::-1]) for line in upright]
    assert max(line_orientation().upside_down(upright)) < 0.5
    assert min(line_orientation().upside_down(over)) > 0.5
    assert line_orientation().upside_down([]) == ()


def test_an_alphabet_leaves_the_other_characters_out() -> None:
    (line,) = lines_of(page(("O0I1 4711",)))
    (digits,) = text_recogniser().read([line], alphabet="0123456789")
    assert set(digits.text) <= set("0123456789")
    assert digits.text.endswith("4711")


def test_places_and_confidences_go_with_the_characters() -> None:
    (line,) = lines_of(page(("ABCDEFGH",)))
    (written,) = text_recogniser().read([line])
    assert len(written.text) == len(written.places) == len(written.confidences)
    assert list(written.places) == sorted(written.places)
    assert 0.0 < written.places[0] < 0.2
    assert 0.8 < written.places[-1] < 1.0


def test_places_are_shares_of_the_line_not_of_the_filled_up_tensor() -> None:
    # A short line fills a part of the narrowest tensor.
    (line,) = lines_of(page(("AB",)))
    (written,) = text_recogniser().read([line])
    assert written.text == "AB"
    assert 0.5 < written.places[-1] < 1.0


def test_blank_paper_says_nothing() -> None:
    (written,) = text_recogniser().read([np.full((48, 320, 3), 235, np.uint8)])
    assert written.text == ""
    assert written.confidence == 0.0


@pytest.mark.parametrize("alphabet", ["", "A\x00"])
def test_an_alphabet_that_isnt_one(alphabet: str) -> None:
    with pytest.raises(ValueError, match="alphabet"):
        text_recogniser().read([], alphabet=alphabet)


@pytest.mark.parametrize(
    ("network", "other"),
    [
        (PpOcrTextDetector, "ppocr-v6-rec-small"),
        (PpOcrTextRecogniser, "ppocr-v6-det-small"),
        (PpOcrLineOrientation, "ppocr-v6-det-small"),
    ],
)
def test_weights_of_another_network_are_refused(network: type, other: str) -> None:
    with pytest.raises(ModelUnusable):
        network(content=model_bytes(other))


def test_a_coarser_look_finds_the_lines_of_a_zone_with_the_same_network() -> None:
    picture = draw_document(TD3, portrait=None)
    thorough = text_detector()
    coarse = thorough.coarser(longest_side=736, shortest_side=480)
    assert coarse is not thorough
    wide = [region for region in coarse.detect(picture) if region.width > 0.7 * picture.shape[1]]
    assert len(wide) >= len(TD3)
    # The first one still looks as it did.
    assert len(thorough.detect(picture)) >= len(coarse.detect(picture)) > 0


@pytest.mark.parametrize(("longest", "shortest"), [(480, 736), (736, 16)])
def test_a_coarser_look_has_sides_in_order(longest: int, shortest: int) -> None:
    with pytest.raises(ValueError, match="longest"):
        text_detector().coarser(longest_side=longest, shortest_side=shortest)


def test_a_line_in_several_alphabets_says_what_it_says_in_each_and_costs_one_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs = []
    real = OnnxSession.run

    def counted(
        session: OnnxSession, inputs: dict[str, NDArray[np.float32]]
    ) -> dict[str, NDArray[np.float32]]:
        runs.append(session)
        return real(session, inputs)

    lines = lines_of(page(("O0I1 4711", "AB 12")))
    apart = [text_recogniser().read(lines, alphabet=alphabet) for alphabet in (None, "0123456789")]
    monkeypatch.setattr(OnnxSession, "run", counted)
    together = text_recogniser().read_as(lines, alphabets=(None, "0123456789"))
    assert len(runs) == len(lines) == len(together)
    assert [list(each) for each in zip(*together, strict=True)] == [list(each) for each in apart]


def test_a_small_picture_is_enlarged_so_many_times_and_no_more() -> None:
    small = page()[::4, ::4]
    for most, expected in ((1.0, (96, 192)), (2.0, (224, 384)), (100.0, (704, 1280))):
        detector = PpOcrTextDetector(content=model_bytes("ppocr-v6-det-small"), most_enlarged=most)
        shape = detector._tensor(np.ascontiguousarray(small)).shape[2:]
        assert shape == expected
    with pytest.raises(ValueError, match="enlarged"):
        PpOcrTextDetector(content=b"", most_enlarged=0.5)
    with pytest.raises(ValueError, match="enlarged"):
        text_detector().coarser(longest_side=736, shortest_side=480, most_enlarged=0.5)


def test_a_very_long_line_is_squeezed() -> None:
    (line,) = lines_of(page(("HELLO WORLD 2026",)))
    squeezing = PpOcrTextRecogniser(content=model_bytes("ppocr-v6-rec-small"), widest=320)
    (written,) = squeezing.read([line])
    assert written.text.replace(" ", "") == "HELLOWORLD2026"
    with pytest.raises(ValueError, match="320"):
        PpOcrTextRecogniser(content=b"", widest=319)


MEMORY = """
import sys
import os
import subprocess
import sys
from pathlib import Path
import numpy as np
from countenance.vision.runtimes import OnnxSession
from weights import model_bytes

def resident_mib():
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024

session = OnnxSession(content=model_bytes("ppocr-v6-det-small"))
before = resident_mib()
session.run({session.inputs[0].name: np.zeros((1, 3, 736, 1184), np.float32)}, give_back=sys.argv[1] == "yes")
print(resident_mib() - before)
"""


def test_memory_of_a_thorough_look_goes_back() -> None:
    """Each in a process of its own: one that ran much before has memory to spare, and grows by less."""
    held = {}
    for give_back in ("yes", "no"):
        path = os.pathsep.join([str(Path(__file__).parents[3]), *sys.path])
        ran = subprocess.run(
            [sys.executable, "-c", MEMORY, give_back],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONPATH": path},
            text=True,
        )
        held[give_back] = float(ran.stdout)
    assert held["yes"] < held["no"] - 50
