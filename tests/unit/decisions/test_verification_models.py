"""The whole check-in with the real networks on public-domain photographs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from countenance.decisions import Outcome, Role, check_receipt
from countenance.vision.registry import SampleStore
from front_desk import front_desk
from verification_desk import Counter, counter_with, real_networks

pytestmark = pytest.mark.models


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    analyser, embedder = real_networks()
    with front_desk(tmp_path) as hotel:
        hotel.welcome()
        yield counter_with(hotel, analyser=analyser, embedder=embedder)


def photograph(name: str) -> bytes:
    return SampleStore().read(name)


def changed(name: str, change: str) -> bytes:
    picture = Image.open(io.BytesIO(photograph(name))).convert("RGB")
    if change == "blurred":
        picture = picture.filter(ImageFilter.GaussianBlur(picture.width / 40))
    elif change == "dark":
        picture = ImageEnhance.Brightness(picture).enhance(0.04)
    elif change == "no face":
        picture = Image.fromarray(np.random.default_rng(1).integers(0, 255, (400, 300, 3), dtype=np.uint8))
    elif change == "two faces":
        other = Image.open(io.BytesIO(photograph("biden"))).convert("RGB").resize(picture.size)
        both = Image.new("RGB", (picture.width * 2, picture.height))
        both.paste(picture, (0, 0))
        both.paste(other, (picture.width, 0))
        picture = both
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


@pytest.mark.parametrize(
    ("reference", "probe", "outcome"),
    [
        pytest.param("obama", "obama2", Outcome.MATCH, id="one-person"),
        pytest.param("obama2", "obama3", Outcome.MATCH, id="one-person-again"),
        pytest.param("obama", "biden", Outcome.NO_MATCH, id="two-people"),
        pytest.param("biden", "obama3", Outcome.NO_MATCH, id="two-people-the-other-way-round"),
    ],
)
@pytest.mark.parametrize("target", [1e-3, 1e-4, 1e-5])
def test_who_is_who(counter: Counter, reference: str, probe: str, outcome: Outcome, target: float) -> None:
    order = counter.order(photograph(reference), photograph(probe), error_target=target)
    verified = counter.desk.verify(order)
    decision = verified.decision
    assert decision.outcome is outcome
    assert decision.models == ("blazeface-short-range", "face-landmark-468", "mobilefacenet-192")
    assert [report.role for report in decision.inputs] == [Role.DOCUMENT, Role.LIVE]
    assert check_receipt(counter.hotel.store.signer, verified.receipt).outcome is outcome
    assert len(verified.receipt) < 1200
    assert len(verified.previews) == 2
    assert counter.open_duties() == []


@pytest.mark.parametrize("change", ["blurred", "dark", "no face", "two faces"])
def test_a_photograph_that_cannot_be_judged_is_inconclusive(counter: Counter, change: str) -> None:
    verified = counter.desk.verify(counter.order(photograph("obama"), changed("obama2", change)))
    decision = verified.decision
    assert decision.outcome is Outcome.INCONCLUSIVE
    assert counter.watch.scores == []
    document, live = decision.inputs
    assert document.quality is not None
    assert document.quality > 50
    assert live.reasons
    assert any(words.startswith("Live photograph: ") for words in decision.words)
    assert check_receipt(counter.hotel.store.signer, verified.receipt).outcome is Outcome.INCONCLUSIVE
    assert counter.open_duties() == []
    assert counter.watch.all_wiped()


def test_the_portrait_on_a_card_is_found_beside_its_second_print(counter: Counter) -> None:
    """A card with the portrait at the left and the same face smaller near the middle, as cards have."""
    portrait = Image.open(io.BytesIO(photograph("obama"))).convert("RGB")
    somebody = Image.open(io.BytesIO(photograph("biden"))).convert("RGB")
    card = Image.new("RGB", (1000, 630), (225, 230, 235))
    card.paste(portrait.resize((480, 480 * portrait.height // portrait.width)), (0, 20))
    card.paste(somebody.resize((300, 300 * somebody.height // somebody.width)), (500, 120))
    written = io.BytesIO()
    card.save(written, "PNG")
    decision = counter.desk.verify(counter.order(written.getvalue(), photograph("obama2"))).decision
    assert decision.outcome is Outcome.MATCH


def test_every_array_is_overwritten_and_nothing_of_them_reaches_the_disk(counter: Counter) -> None:
    counter.desk.verify(counter.order(photograph("obama"), photograph("obama2")))
    watch = counter.watch
    assert len(watch.arrays) >= 2 + 2 * 3 + 2
    assert watch.all_wiped()
    written = counter.files()
    assert len(written) > 10_000
    for array, content in zip(watch.arrays, watch.contents, strict=True):
        step = max(64, len(content) // 40)
        windows = {content[start : start + 64] for start in range(0, len(content) - 64, step)}
        # A window of one repeated value is no trace of a face.
        for window in (w for w in windows if len(set(w)) > 8):
            assert window not in written, array.shape
    (score,) = watch.scores
    assert np.float64(score).tobytes() not in written
    assert repr(score).encode() not in written


def test_the_scan_would_find_what_it_looks_for(counter: Counter) -> None:
    counter.desk.verify(counter.order(photograph("obama"), photograph("obama2")))
    leaked = counter.watch.contents[-1]
    (counter.hotel.folder / "leak").write_bytes(b"x" * 100 + leaked)
    assert leaked[:64] in counter.files()
