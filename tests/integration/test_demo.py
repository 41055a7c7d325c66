"""The demonstration and the commands beside it, as a user runs them: real weights, real photographs."""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from command_line import Answer, run_countenance
from countenance.authority import DEMO_JURISDICTIONS
from weights import sample_bytes

pytestmark = pytest.mark.models


@dataclass(frozen=True)
class Demo:
    """A demonstration that was run once."""

    home: Path
    folder: Path
    answer: Answer

    def case(self, name: str) -> dict[str, Any]:
        return next(case for case in self.answer.document["cases"] if case["case"] == name)

    def run(self, *arguments: str | Path) -> Answer:
        return run_countenance(*arguments, home=self.home)

    def checkin(self, *arguments: str | Path) -> Answer:
        return self.run("checkin", *arguments, "--demo", "--folder", self.folder, "--json")

    @property
    def card(self) -> Path:
        return self.folder / "pictures" / "specimen-card.png"

    def photograph(self, name: str) -> Path:
        path = self.home / f"{name}-photograph.jpg"
        path.write_bytes(sample_bytes(name))
        return path


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    home = tmp_path_factory.mktemp("home")
    folder = home / "demo"
    return Demo(home, folder, run_countenance("demo", "--folder", folder, "--json", home=home))


def claims(receipt: str) -> dict[str, Any]:
    body = receipt.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found


def test_it_comes_out_as_expected(demo: Demo) -> None:
    assert demo.answer.status == 0, demo.answer.err
    assert demo.answer.document["outcome"] == "as expected"
    assert [case["outcome"] for case in demo.answer.document["cases"]] == ["match", "no match", "refused"]


def test_two_photographs_of_one_person_match(demo: Demo) -> None:
    case = demo.case("match")
    assert case["decision"]["outcome"] == "match"
    assert case["decision"]["demo"] is True
    assert case["decision"]["stated_error"]["asked"] == 1e-4
    assert case["decision"]["stated_error"]["label"] == "development"
    assert case["decision"]["words"][0].startswith("Match:")
    assert case["verdict"]["allowed"] is True
    assert "CN-FRT-10" in {rule["id"] for rule in case["verdict"]["rules"]}


def test_another_person_does_not_match(demo: Demo) -> None:
    case = demo.case("no-match")
    assert case["decision"]["outcome"] == "no match"
    assert all(report["quality"] >= 30 for report in case["decision"]["inputs"])


def test_the_guest_room_is_refused_with_citations(demo: Demo) -> None:
    verdict = demo.case("refusal")["verdict"]
    assert verdict["allowed"] is False
    assert "private_space" in verdict["places"]
    banned = {rule["id"]: rule for rule in verdict["rules"] if rule["status"] == "banned"}
    assert {"CN-FRT-13b", "HX-PRIVATE"} <= set(banned)
    assert all(rule["citation"] and rule["text"] for rule in banned.values())
    assert "decision" not in demo.case("refusal")


def test_no_answer_holds_a_score_or_threshold(demo: Demo) -> None:
    def members(value: object) -> set[str]:
        if isinstance(value, dict):
            return set(value) | {name for inner in value.values() for name in members(inner)}
        if isinstance(value, list):
            return {name for inner in value for name in members(inner)}
        return set()

    assert not members(demo.answer.document) & {"score", "threshold", "similarity", "distance", "vector"}
    assert not set(claims(demo.case("match")["receipt"])) & {"score", "threshold"}


def test_two_check_ins_share_no_pseudonym_and_no_permit(demo: Demo) -> None:
    first, second = demo.case("match"), demo.case("no-match")
    assert first["subject"] != second["subject"]
    assert first["decision"]["permit_id"] != second["decision"]["permit_id"]


def test_the_receipt_says_what_was_decided(demo: Demo) -> None:
    case = demo.case("match")
    said = claims(case["receipt"])
    assert said["id"] == case["decision"]["decision_id"]
    assert said["out"] == "match"
    assert said["demo"] is True


def test_figures_have_units_and_conditions_stand_beside_them(demo: Demo) -> None:
    document = demo.answer.document
    assert {"match_s", "no_match_s", "refusal_s", "demo_s", "download_mib"} == set(document["figures"])
    assert all(isinstance(figure, int | float) for figure in document["figures"].values())
    assert document["conditions"]["jurisdiction"] == "CN"
    assert document["conditions"]["models"]


def test_the_pictures_can_be_looked_at(demo: Demo) -> None:
    paths = [Path(path) for path in demo.answer.document["pictures"]]
    assert {path.name for path in paths} == {
        "specimen-card.png",
        "match.png",
        "match-receipt.png",
        "match-receipt.svg",
        "no-match.png",
        "no-match-receipt.png",
        "no-match-receipt.svg",
        "refusal.html",
    }
    for path in paths:
        if path.suffix == ".png":
            with Image.open(path) as picture:
                picture.verify()
    page = (demo.folder / "pictures" / "refusal.html").read_text(encoding="utf-8")
    assert "CN-FRT-13b" in page
    assert "<script" not in page


def test_the_key_lies_outside_the_data(demo: Demo) -> None:
    key = demo.folder / "key" / "root.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert not list((demo.folder / "data").rglob("*.key"))


def test_a_second_run_is_quick_and_changes_no_evidence(demo: Demo) -> None:
    begun = time.monotonic()
    again = demo.run("demo", "--folder", demo.folder, "--json")
    assert again.status == 0, again.err
    assert time.monotonic() - begun < 60
    assert again.document["figures"]["download_mib"] == 0


def test_in_words_it_says_the_same(demo: Demo) -> None:
    told = demo.run("demo", "--folder", demo.folder)
    assert told.status == 0, told.err
    for words in (
        "MATCH",
        "NO MATCH",
        "Refused",
        "Order 19 Art 13(2)",
        "CN-FRT-13b",
        "DEMO",
        "specimen-card.png",
    ):
        assert words in told.out, words
    assert "Traceback" not in told.out + told.err


def test_what_does_not_come_out_as_expected_is_a_no(demo: Demo) -> None:
    """With a gate that the guest's photograph doesn't pass, the demonstration says so and ends with 1."""
    strict = demo.run("demo", "--folder", demo.folder, "--json", "--set", "quality_gate=99")
    assert strict.status == 1
    assert strict.document["outcome"] == "not as expected"
    assert strict.document["cases"][0]["outcome"] == "inconclusive"


@pytest.mark.parametrize("jurisdiction", [code for code in DEMO_JURISDICTIONS if code != "CN"])
def test_it_comes_out_as_expected_elsewhere(tmp_path: Path, jurisdiction: str) -> None:
    answer = run_countenance(
        "demo", "--folder", tmp_path / "demo", "--jurisdiction", jurisdiction, "--json", home=tmp_path
    )
    assert answer.status == 0, answer.out + answer.err
    refusal = answer.document["cases"][2]["verdict"]
    assert "HX-PRIVATE" in {rule["id"] for rule in refusal["rules"] if rule["status"] == "banned"}


def test_one_folder_holds_one_hotel(demo: Demo) -> None:
    moved = demo.run("demo", "--folder", demo.folder, "--jurisdiction", "EU", "--json")
    assert moved.status == 2
    assert moved.document["error"]["code"] == "demo-not-offered"


def test_a_real_installation_is_no_demonstration(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    made = run_countenance(
        "init",
        "--set",
        f"data_folder={folder / 'data'}",
        "--set",
        f"root_key=file:{folder / 'key' / 'root.key'}",
        home=tmp_path,
    )
    assert made.status == 0, made.err
    refused = run_countenance("demo", "--folder", folder, "--json", home=tmp_path)
    assert refused.status == 2
    assert refused.document["error"]["code"] == "demo-folder-foreign"


class TestCheckin:
    """`countenance checkin --demo`, one way after another."""

    def test_the_guest_is_checked_in(self, demo: Demo) -> None:
        answer = demo.checkin(demo.card, demo.photograph("obama2"))
        assert answer.status == 0, answer.err
        assert answer.document["outcome"] == "match"
        assert answer.document["verdict"]["allowed"] is True

    def test_somebody_else_is_a_no(self, demo: Demo) -> None:
        answer = demo.checkin(demo.card, demo.photograph("biden"))
        assert answer.status == 1
        assert answer.document["outcome"] == "no match"

    def test_the_tablet_in_the_guest_room_is_refused(self, demo: Demo) -> None:
        answer = demo.checkin(demo.card, demo.photograph("obama2"), "--device", "dev_roomtablet")
        assert answer.status == 3
        assert answer.document["outcome"] == "refused"
        assert answer.document["error"]["code"] == "refused-by-rule"
        assert answer.document["error"]["remedy"]

    def test_a_guest_who_says_no_is_not_compared(self, demo: Demo) -> None:
        said = ("--no-consent", "--age-band", "adult", "--language", "en")
        answer = demo.checkin(demo.card, demo.photograph("obama2"), *said)
        assert answer.status == 3
        missing = {key for one in answer.document["verdict"]["missing"] for key in one["alternatives"]}
        assert "consent.separate" in missing

    def test_a_child_is_not_compared_on_its_own_word(self, demo: Demo) -> None:
        said = ("--consent", "--age-band", "under14", "--language", "en")
        answer = demo.checkin(demo.card, demo.photograph("obama2"), *said)
        assert answer.status == 3
        missing = {key for one in answer.document["verdict"]["missing"] for key in one["alternatives"]}
        assert "guardian_consent" in missing

    def test_a_half_said_statement_is_bad_usage(self, demo: Demo) -> None:
        answer = demo.checkin(demo.card, demo.photograph("obama2"), "--consent")
        assert answer.status == 2
        assert answer.document["error"]["code"] == "bad-usage"

    def test_a_photograph_without_a_face_is_inconclusive(self, demo: Demo) -> None:
        wall = demo.home / "wall.png"
        Image.effect_noise((640, 480), 40).convert("RGB").save(wall)
        answer = demo.checkin(demo.card, wall)
        assert answer.status == 1
        assert answer.document["outcome"] == "inconclusive"

    @pytest.mark.parametrize(
        ("content", "code"),
        [(b"", "not-a-picture"), (b"no picture at all" * 100, "not-a-picture")],
        ids=["an empty file", "text"],
    )
    def test_what_is_no_picture_is_bad_input(self, demo: Demo, content: bytes, code: str) -> None:
        file = demo.home / "QUILLFEATHER.jpg"
        file.write_bytes(content)
        answer = demo.checkin(demo.card, file)
        assert answer.status == 2
        assert answer.document["error"]["code"] == code
        assert "QUILLFEATHER" not in answer.out + answer.err

    def test_a_file_that_is_not_there_is_bad_input(self, demo: Demo) -> None:
        answer = demo.checkin(demo.card, demo.home / "QUILLFEATHER.jpg.gone")
        assert answer.status == 2
        assert answer.document["error"]["code"] == "input-not-readable"
        assert "QUILLFEATHER" not in answer.out + answer.err

    def test_one_picture_twice_is_bad_input(self, demo: Demo) -> None:
        answer = demo.checkin(demo.card, demo.card)
        assert answer.status == 2
        assert answer.document["error"]["code"] == "same-picture"

    @pytest.mark.parametrize(
        ("option", "code"), [("--place", "unknown-place"), ("--device", "unknown-device")]
    )
    def test_what_is_not_registered_is_bad_input(self, demo: Demo, option: str, code: str) -> None:
        answer = demo.checkin(demo.card, demo.photograph("obama2"), option, "nowhere")
        assert answer.status == 2
        assert answer.document["error"]["code"] == code

    def test_without_an_installation_it_says_how_to_make_one(self, demo: Demo) -> None:
        where = ("--place", "plc_a", "--device", "dev_a")
        said = ("--consent", "--age-band", "adult", "--language", "en")
        answer = demo.run("checkin", demo.card, demo.photograph("obama2"), *where, *said, "--json")
        assert answer.status == 2
        assert answer.document["error"]["code"] == "installation-not-ready"
        assert "countenance init" in answer.document["error"]["remedy"]


def test_two_photographs_are_verified(demo: Demo) -> None:
    answer = demo.run(
        "verify",
        demo.photograph("obama"),
        demo.photograph("obama3"),
        "--demo",
        "--folder",
        demo.folder,
        "--json",
    )
    assert answer.status == 0, answer.err
    assert answer.document["outcome"] == "match"


def test_the_doctor_finds_the_demonstration_well(demo: Demo) -> None:
    answer = demo.run("doctor", "--demo", "--folder", demo.folder, "--json")
    assert answer.status == 0, answer.out
    assert {finding["name"] for finding in answer.document["findings"]} >= {
        "bind",
        "root-key",
        "records",
        "log",
    }


def test_the_doctor_finds_a_changed_record(demo: Demo, tmp_path: Path) -> None:
    """Somebody with the disk turns the guest room into a lobby."""
    folder = tmp_path / "demo"
    shutil.copytree(demo.folder, folder)
    with sqlite3.connect(folder / "data" / "countenance.db") as connection:
        changed = connection.execute("update places set kind = 'hotel_lobby' where kind = 'private_space'")
        assert changed.rowcount == 1
    connection.close()
    answer = run_countenance("doctor", "--demo", "--folder", folder, "--json", home=tmp_path)
    assert answer.status == 2
    wrong = {finding["name"]: finding for finding in answer.document["findings"] if not finding["ok"]}
    assert set(wrong) == {"records"}
    assert "places" in wrong["records"]["words"]


def test_the_doctor_says_that_the_root_key_is_another_one(demo: Demo, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    shutil.copytree(demo.folder, folder)
    (folder / "key" / "root.key").write_bytes(base64.b64encode(bytes(32)))
    answer = run_countenance("doctor", "--demo", "--folder", folder, "--json", home=tmp_path)
    assert answer.status == 2
    assert [f["name"] for f in answer.document["findings"] if not f["ok"]] == ["store"]


def test_the_doctor_wants_a_key_that_nobody_else_can_read(demo: Demo, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    shutil.copytree(demo.folder, folder)
    (folder / "key" / "root.key").chmod(0o644)
    answer = run_countenance("doctor", "--demo", "--folder", folder, "--json", home=tmp_path)
    assert answer.status == 2
    assert [f["name"] for f in answer.document["findings"] if not f["ok"]] == ["root-key"]
