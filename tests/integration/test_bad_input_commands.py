"""What people hand to the command line by mistake or on purpose, with the real networks.

Each case has one stable code and one sentence with its exit status, or is taken. Before and after each the
rows, files and temporary files are counted; at the end nothing of the pictures is found on the disk or in
what was printed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from byte_scan import files_below, name_markers, scan
from command_line import Answer, run_countenance
from countenance.vision.registry import default_models_folder
from footprint import Footprint
from forked_commands import CommandFork, command_fork
from odd_pictures import (
    READABLE,
    REFUSED,
    TAKEN,
    UNJUDGED,
    Odd,
    card,
    pieces,
    plain_guest,
    recoded_guest,
    refused,
)

pytestmark = pytest.mark.models

NOT_SAID = ("PERIWINKLE", "QUILLFEATHER", "SPEC00017")  # the file's name, and what stands on the card
ODD, OTHER, CARD = "PERIWINKLE.jpg", "PERIWINKLE-2.jpg", "PERIWINKLE-card.png"
NOTHING: dict[str, int] = {}
COMMANDS = {
    "checkin": ("checkin", CARD, ODD),
    "verify": ("verify", OTHER, ODD),
    "analyse": ("analyse", ODD),
    "read-document": ("read-document", ODD),
}
NO_DECISION = ("decisions", "decision_keys")
QUICK = (
    "empty",
    "text-as-jpeg",
    "truncated-jpeg",
    "truncated-png",
    "100-megapixel-png",
    "40000-png",
    "animated-webp",
    "thumbnail",
)
"""Over REST every one of them runs always."""


@dataclass
class Home:
    """A home folder with a demonstration in it, and all that its commands were given and printed."""

    folder: Path
    temporary: Path
    commands: CommandFork
    sent: set[bytes] = field(default_factory=set)
    said: dict[str, bytes] = field(default_factory=dict)
    good: dict[str, dict[str, int]] = field(default_factory=dict)

    def footprint(self) -> Footprint:
        return Footprint.of(self.folder / "demo", temporary=self.temporary)

    def run(
        self, command: str, odd: bytes, *, other: bytes | None = None, **environment: str
    ) -> tuple[Answer, dict[str, int]]:
        """Run one with a picture; the answer, and by how many rows each table grew. No file comes to stay."""
        given = {ODD: odd, CARD: card()} | ({OTHER: plain_guest() if other is None else other})
        for name, content in given.items():
            (self.folder / name).write_bytes(content)
        self.sent |= set(given.values())
        asked = (*COMMANDS[command], "--demo", "--folder", "demo", "--json")
        return self.counted(*asked, **{"COUNTENANCE_LOG_LEVEL": "debug"} | environment)

    def counted(self, *asked: str, **environment: str) -> tuple[Answer, dict[str, int]]:
        before = self.footprint()
        answer = self.commands.run(*asked, environment=environment)
        after = self.footprint()
        assert "Traceback" not in answer.out + answer.err
        assert after.temporary == frozenset()
        if before.rows:
            assert after.files == before.files
        self.said |= {
            f"out {len(self.said)}": answer.out.encode(),
            f"err {len(self.said)}": answer.err.encode(),
        }
        return answer, before.grown(after)

    def failed(self, command: str) -> dict[str, int]:
        """Return what a command leaves that was permitted, looked, and then failed at what was seen."""
        grown = self.good[command]
        return {name: count for name, count in grown.items() if name not in NO_DECISION} | {"permit_uses": 1}

    def left(self) -> list[str]:
        """Where something of what was given stands in the installation or in what was printed."""
        markers = name_markers(NOT_SAID)
        for number, content in enumerate(sorted(self.sent, key=len)):
            markers |= pieces(f"picture {number}", content)
        assert len(markers) > 1000
        return scan(files_below(self.folder / "demo") | self.said, markers)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder, temporary = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("temporary")
    with command_fork(home=folder, temporary=temporary) as commands:
        home = Home(folder, temporary, commands)
        first, _ = home.run("verify", card())  # makes the demonstration
        assert (first.status, first.document["outcome"]) == (0, "match"), first
        home.run("analyse", plain_guest())  # and its studio
        for command in COMMANDS:
            good = card() if command in ("read-document", "verify") else plain_guest()
            answer, home.good[command] = home.run(command, good)
            assert answer.status == 0, answer
        yield home
    assert home.left() == []


def rows(odds: tuple[Odd, ...], *, quick: tuple[str, ...] | None = None) -> list[Any]:
    """Give each as a case; those that aren't named as quick run in the long suite alone."""
    late = pytest.mark.exhaustive
    return [
        pytest.param(odd, id=odd.name, marks=() if quick is None or odd.name in quick else late)
        for odd in odds
    ]


def assert_failed(answer: Answer, code: str) -> None:
    assert answer.status == 2, answer
    error = answer.document["error"]
    assert error["code"] == code
    assert error["message"].endswith(".")
    assert error["remedy"].endswith(".") or "countenance " in error["remedy"]


class TestRefused:
    """What is wrong with a file is known before anybody is asked: no row, no file, no leaf."""

    def refuse(self, home: Home, command: str, odd: Odd) -> None:
        answer, grown = home.run(command, odd.content)
        assert_failed(answer, odd.code)
        assert grown == NOTHING

    @pytest.mark.parametrize("odd", rows(REFUSED, quick=QUICK))
    def test_checkin(self, home: Home, odd: Odd) -> None:
        self.refuse(home, "checkin", odd)

    @pytest.mark.parametrize("odd", rows(REFUSED, quick=("empty", "animated-png")))
    def test_verify(self, home: Home, odd: Odd) -> None:
        self.refuse(home, "verify", odd)

    @pytest.mark.parametrize("odd", rows(REFUSED, quick=("text-as-jpeg", "40000-png")))
    def test_analyse(self, home: Home, odd: Odd) -> None:
        self.refuse(home, "analyse", odd)

    @pytest.mark.parametrize("odd", rows(REFUSED, quick=("truncated-jpeg", "100-megapixel-png")))
    def test_read_document(self, home: Home, odd: Odd) -> None:
        self.refuse(home, "read-document", odd)

    @pytest.mark.parametrize("command", ["checkin", "verify"])
    def test_one_file_twice(self, home: Home, command: str) -> None:
        twice = card() if command == "checkin" else plain_guest()
        answer, grown = home.run(command, twice)
        assert_failed(answer, "same-picture")
        assert grown == NOTHING

    def test_one_photograph_in_two_encodings(self, home: Home) -> None:
        answer, grown = home.run("verify", recoded_guest())
        assert_failed(answer, "same-picture")
        assert grown == NOTHING

    @pytest.mark.parametrize("command", ["checkin", "analyse"])
    def test_a_file_over_the_limit(self, home: Home, command: str) -> None:
        """A sparse file of a terabyte: what is over the limit isn't read."""
        (home.folder / ODD).write_bytes(b"")
        os.truncate(home.folder / ODD, 10**12)
        asked = (*COMMANDS[command], "--demo", "--folder", "demo", "--json")
        answer, grown = home.counted(*asked)
        (home.folder / ODD).unlink()
        assert_failed(answer, "input-not-readable")
        assert grown == NOTHING

    @pytest.mark.parametrize("command", COMMANDS)
    def test_a_pipe_that_nobody_writes_to(self, home: Home, command: str) -> None:
        """It isn't waited for."""
        (home.folder / OTHER).write_bytes(plain_guest())
        (home.folder / ODD).unlink(missing_ok=True)
        os.mkfifo(home.folder / ODD)
        answer, grown = home.counted(*COMMANDS[command], "--demo", "--folder", "demo", "--json")
        (home.folder / ODD).unlink()
        assert_failed(answer, "input-not-readable")
        assert grown == NOTHING

    def test_in_words_the_code_stands_on_the_other_stream(self, home: Home) -> None:
        (home.folder / ODD).write_bytes(refused("text-as-jpeg").content)
        answer, _ = home.counted("verify", CARD, ODD, "--demo", "--folder", "demo")
        assert (answer.status, answer.out) == (2, "")
        assert "not-a-picture" in answer.err


class TestTaken:
    @pytest.mark.parametrize("odd", rows(TAKEN, quick=("turned-by-exif", "sixteen-bit", "cmyk")))
    def test_verify(self, home: Home, odd: Odd) -> None:
        answer, grown = home.run("verify", odd.content, other=card())
        assert (answer.status, answer.document["outcome"]) == (0, "match")
        assert grown == home.good["verify"]

    @pytest.mark.parametrize("odd", rows(TAKEN, quick=("palette", "alpha")))
    def test_analyse(self, home: Home, odd: Odd) -> None:
        answer, grown = home.run("analyse", odd.content)
        assert (answer.status, answer.document["outcome"]) == (0, "analysed")
        assert grown == home.good["analyse"]

    @pytest.mark.parametrize("odd", rows(READABLE, quick=("turned-by-exif",)))
    def test_read_document(self, home: Home, odd: Odd) -> None:
        answer, grown = home.run("read-document", odd.content)
        assert (answer.status, answer.document["outcome"]) == (0, "read")
        assert answer.document["document"]["age_band"] == "adult"
        assert grown == home.good["read-document"]


class TestUnjudged:
    @pytest.mark.parametrize("odd", rows(UNJUDGED))
    def test_verify_is_inconclusive_and_says_why(self, home: Home, odd: Odd) -> None:
        """Exit status 1: an answer, not a failure."""
        answer, grown = home.run("verify", odd.content, other=card())
        assert (answer.status, answer.document["outcome"]) == (1, "inconclusive"), answer
        live = answer.document["decision"]["inputs"][1]
        assert odd.code in live["codes"]
        assert live["reasons"]
        assert grown == home.good["verify"] | {"permit_uses": 1}

    @pytest.mark.parametrize("odd", rows(UNJUDGED[:2]))
    def test_analyse_has_nobody_to_describe(self, home: Home, odd: Odd) -> None:
        answer, grown = home.run("analyse", odd.content)
        assert_failed(answer, odd.code)
        assert grown == home.failed("analyse")

    @pytest.mark.parametrize("odd", rows((TAKEN[0], UNJUDGED[0]), quick=("plain",)))
    def test_read_document_has_nothing_to_read(self, home: Home, odd: Odd) -> None:
        answer, grown = home.run("read-document", odd.content)
        assert_failed(answer, "no-machine-readable-zone")
        assert grown == home.failed("read-document")


class TestInstallation:
    @pytest.mark.parametrize("harm", ["missing", "wrong hash"])
    def test_without_the_pinned_weights_nothing_starts(self, home: Home, tmp_path: Path, harm: str) -> None:
        models = tmp_path / "models"
        (models / "weights").mkdir(parents=True)
        for file in (default_models_folder() / "weights").iterdir():
            (models / "weights" / file.name).symlink_to(file)
        weights = next(file for file in (models / "weights").iterdir() if "mobilefacenet" in file.name)
        content = bytearray(weights.read_bytes())
        content[len(content) // 2] ^= 1
        weights.unlink()
        if harm == "wrong hash":
            weights.write_bytes(bytes(content))
        answer, grown = home.run("verify", plain_guest(), other=card(), COUNTENANCE_MODELS_FOLDER=str(models))
        assert_failed(answer, "installation-not-ready")
        assert f"mobilefacenet-192 ({harm})" in json.dumps(answer.document["error"])
        assert "countenance models pull" in answer.document["error"]["remedy"]
        assert grown == NOTHING

    def test_a_process_of_its_own_says_the_same(self, home: Home) -> None:
        """The commands above are forked from one process; this one is started as users start it."""
        (home.folder / ODD).write_bytes(refused("text-as-jpeg").content)
        asked = ("read-document", ODD, "--demo", "--folder", "demo", "--json")
        forked, _ = home.counted(*asked)
        alone = run_countenance(*asked, home=home.folder)
        assert (alone.status, alone.out) == (forked.status, forked.out)
        assert "Traceback" not in alone.err

    @pytest.mark.parametrize(
        ("arguments", "status", "code"),
        [
            (("may", "verify", "--place", "hotel_lobby", "--fact", "moon_is_full"), 2, "unknown-fact-name"),
            (("may", "mind_reading", "--place", "hotel_lobby"), 2, "unknown-operation"),
            (("may", "verify", "--place", "moon"), 2, "unknown-place-kind"),
        ],
        ids=["fact", "operation", "place"],
    )
    def test_what_the_rules_do_not_know(
        self, home: Home, arguments: tuple[str, ...], status: int, code: str
    ) -> None:
        answer, grown = home.counted(*arguments, "--jurisdiction", "CN", "--json")
        assert (answer.status, answer.document["error"]["code"]) == (status, code)
        assert grown == NOTHING

    def test_a_jurisdiction_without_rules_permits_nothing(self, home: Home) -> None:
        asked = ("may", "verify", "--place", "hotel_lobby", "--jurisdiction", "XX", "--json")
        answer, _ = home.counted(*asked)
        assert (answer.status, answer.document["outcome"]) == (3, "refused")
        assert any("no pack of rules for XX" in note for note in answer.document["verdict"]["notes"])

    def test_a_demonstration_stands_where_there_is_one(self, home: Home) -> None:
        asked = ("demo", "--folder", "elsewhere", "--jurisdiction", "XX", "--json")
        answer, _ = home.counted(*asked)
        assert_failed(answer, "demo-not-offered")
