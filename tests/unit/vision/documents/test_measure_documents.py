"""The script that measures documents: what it draws, what it counts as right, what it prints."""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pytest

from countenance.kernel import SubjectError
from countenance.vision.documents import AgeBand, DocumentKind, DocumentReading
from drawn_documents import TD3, draw_document
from text_networks import document_reader

SCRIPT = Path(__file__).resolve().parents[4] / "scripts" / "measure_documents.py"
PORTRAIT = np.full((90, 70, 3), 120, np.uint8)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("measure_documents", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["measure_documents"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        ("drawn_td1", DocumentKind.TD1),
        ("drawn_td3", DocumentKind.TD3),
        ("drawn_resident_card", DocumentKind.RESIDENT_CARD_CN),
    ],
)
def test_the_seed_says_what_is_drawn(script: ModuleType, make: str, kind: DocumentKind) -> None:
    first, again, other = (getattr(script, make)(np.random.default_rng(seed), PORTRAIT) for seed in (7, 7, 8))
    assert first.kind is kind
    assert (first.pixels == again.pixels).all()
    assert replace(first, pixels=PORTRAIT) == replace(again, pixels=PORTRAIT)
    assert first.number != other.number


@pytest.mark.parametrize(
    ("birthday", "expected"),
    [
        (date(2008, 11, 23), AgeBand.ADULT),
        (date(2008, 11, 24), AgeBand.FROM_14_TO_17),
        (date(2012, 11, 23), AgeBand.FROM_14_TO_17),
        (date(2012, 11, 24), AgeBand.UNDER_14),
    ],
)
def test_the_band_on_the_day(script: ModuleType, birthday: date, expected: AgeBand) -> None:
    assert script.band(birthday) is expected


def test_made_up_holders_belong_to_no_country_and_are_born_in_the_past(script: ModuleType) -> None:
    draw = np.random.default_rng(1)
    for _ in range(200):
        state, number, born, expires = script.holder(draw)
        assert state in script.STATES
        assert len(number) == 9
        assert script.DRAWN_DAY - timedelta(days=91 * 366) < born < script.DRAWN_DAY
        assert expires > script.DRAWN_DAY - timedelta(days=701)


@pytest.mark.models
@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({}, []),
        ({"state": "UNO"}, ["state", "number"]),
        ({"number": "L898902C4"}, ["number"]),
        ({"band": AgeBand.UNDER_14}, ["age band"]),
        ({"expired": False}, ["expiry"]),
        ({"kind": DocumentKind.TD2}, ["kind", "number"]),
    ],
)
def test_what_is_said_wrongly_is_named(
    script: ModuleType, specimen: tuple[Any, DocumentReading], other: dict[str, Any], named: list[str]
) -> None:
    drawn, reading = specimen
    assert script.said_wrongly(reading, replace(drawn, **other)) == named


@pytest.fixture(scope="module")
def specimen(script: ModuleType) -> tuple[Any, DocumentReading]:
    """The specimen of Utopia, drawn flat, and its reading."""
    drawn = script.Drawn(
        pixels=draw_document(TD3),
        kind=DocumentKind.TD3,
        state="UTO",
        number="L898902C3",
        band=AgeBand.ADULT,
        expired=True,
        portrait=False,
    )
    frame = script.Frame(pixels=drawn.pixels, material=script.Material("0" * 64))
    return drawn, document_reader().read(frame, today=script.DRAWN_DAY, portrait=False)


@pytest.mark.models
def test_a_reading_is_judged(script: ModuleType, specimen: tuple[Any, DocumentReading]) -> None:
    drawn, _ = specimen
    right = script.judge(document_reader(), drawn)
    assert (right["outcome"], right["words"]) == ("right", "right")
    assert right["cpu_ms"] > 0
    wrong = script.judge(document_reader(), replace(drawn, number="X"))
    assert (wrong["outcome"], wrong["said_wrong"]) == ("wrong", ["number"])
    refused = script.judge(document_reader(), replace(drawn, portrait=True))
    assert (refused["outcome"], refused["words"]) == ("refused", "document-without-portrait")


@pytest.mark.models
def test_a_small_run_adds_up(script: ModuleType) -> None:
    report = script.measure_drawn(document_reader(), argparse.Namespace(drawn=1, seed=3, threads=1))
    figures = report["figures"]
    assert figures["readings"] == len(report["rows"]) == 3
    ends = ("right", "flagged", "wrong_with_every_check", "refused")
    assert sum(figures[end] for end in ends) == 3
    assert figures["wrong_with_every_check"] == 0
    assert figures["right"] >= 1
    assert sum(figures[f"{kind}_right"] for kind in ("TD1", "TD3", "RESIDENT_CARD_CN")) == figures["right"]
    assert json.loads(json.dumps(report)) == report


class Scripted:
    """A reader that refuses whatever it is shown."""

    def read(self, *_: object, **__: object) -> DocumentReading:
        raise SubjectError("Not today.")


def test_a_picture_is_read_in_every_state(
    script: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    picture = tmp_path / "page.png"
    cv2.imwrite(str(picture), np.full((80, 120, 3), 200, np.uint8))
    monkeypatch.setattr(script, "load_document_reader", lambda *_, **__: Scripted())
    monkeypatch.setattr(sys, "argv", ["measure_documents.py", str(picture), "--json"])
    assert script.main() == 0
    report = json.loads(capsys.readouterr().out)
    assert [row["state"] for row in report["rows"]][:3] == ["as it is", "on a dark ground", "turned by 8"]
    assert {row["words"] for row in report["rows"]} == {"subject"}
    assert report["figures"]["read"] == 0
    assert report["figures"]["median_ms"] is None
    monkeypatch.setattr(sys, "argv", ["measure_documents.py", str(picture)])
    assert script.main() == 0
    assert "not read" not in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["page.png", "--drawn", "2"]])
def test_either_pictures_or_drawings(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["measure_documents.py", *arguments])
    with pytest.raises(SystemExit):
        script.main()


def test_a_wrong_reading_that_no_check_sees_fails_the_run(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def judged(outcome: str) -> Callable[..., dict[str, Any]]:
        row = {"outcome": outcome, "said_wrong": [], "words": outcome, "ms": 1.0, "cpu_ms": 1.0}
        return lambda *_: row

    monkeypatch.setattr(script, "load_document_reader", lambda *_, **__: Scripted())
    monkeypatch.setattr(script, "sample_portrait", lambda: PORTRAIT)
    monkeypatch.setattr(sys, "argv", ["measure_documents.py", "--drawn", "1"])
    for outcome, status in (("wrong", 1), ("right", 0), ("flagged", 0), ("refused", 0)):
        monkeypatch.setattr(script, "judge", judged(outcome))
        assert script.main() == status
    assert "readings" in capsys.readouterr().out
