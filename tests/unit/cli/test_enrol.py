"""People are enrolled at the demonstration's staff door by commands, as its operator would."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from countenance.cli import app
from weights import sample_bytes

pytestmark = pytest.mark.models


class Desk:
    """A demonstration's folder and the pictures beside it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.people = root / "people"
        for subject, names in {"sub_obama": ("obama", "obama2"), "sub_biden": ("biden",)}.items():
            own = self.people / subject
            own.mkdir(parents=True)
            for name in names:
                (own / f"{name}.jpg").write_bytes(sample_bytes(name))

    def picture(self, name: str) -> str:
        return str(next(self.people.rglob(f"{name}.jpg")))

    def ask(self, *arguments: str) -> tuple[int, dict[str, object]]:
        """Run a command; return its exit status and its one JSON object."""
        whole = [*arguments, "--demo", "--folder", str(self.root / "demo"), "--json"]
        answer = CliRunner().invoke(app, whole)
        assert answer.stdout, answer.stderr or answer.exception
        found: dict[str, object] = json.loads(answer.stdout)
        return answer.exit_code, found

    def consents(self, *subjects: str) -> str:
        path = self.root / "consents.csv"
        lines = [f"{subject},adult,en" for subject in subjects]
        path.write_text("\n".join(["subject,age_band,language", *lines]) + "\n", encoding="utf-8")
        return str(path)

    def count(self) -> int:
        galleries = self.ask("gallery", "status")[1]["galleries"]
        assert isinstance(galleries, list)
        return sum(one["references"] for one in galleries)


AGREES = ("--consent", "--age-band", "adult", "--language", "en")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_who_agrees_is_enrolled_from_several_pictures(desk: Desk) -> None:
    status, done = desk.ask("enrol", "sub_obama", desk.picture("obama"), desk.picture("obama2"), *AGREES)
    assert (status, done["outcome"], done["pictures"], done["left_out"]) == (0, "enrolled", 2, [])
    assert done["valid_until"] is not None
    status, listed = desk.ask("gallery", "list", "sub_obama", "--by", "officer")
    assert isinstance(listed["references"], list)
    (reference,) = listed["references"]
    assert reference["reference"] == done["reference"]
    assert reference["consent"] is not None
    # What the desk did is on file, so nothing is owed.
    assert desk.ask("duties", "list")[1]["duties"] == []


def test_who_didnt_agree_isnt(desk: Desk) -> None:
    for said in ((), ("--no-consent",)):
        status, refused = desk.ask("enrol", "sub_obama", desk.picture("obama"), *said)
        assert status == 3
        assert refused["outcome"] == "refused"
    assert desk.count() == 0


def test_one_person_twice_is_found_by_name_and_by_face(desk: Desk) -> None:
    assert desk.ask("enrol", "sub_obama", desk.picture("obama"), *AGREES)[0] == 0
    status, again = desk.ask("enrol", "sub_obama", desk.picture("obama2"))
    assert (status, again["error"]["code"]) == (2, "already-enrolled")  # type: ignore[index]
    status, close = desk.ask("enrol", "sub_other", desk.picture("obama2"), *AGREES)
    assert (status, close["error"]["code"]) == (3, "close-to-another")  # type: ignore[index]
    looked = ("--looked-at-by", "reviewer")
    assert desk.ask("enrol", "sub_other", desk.picture("obama2"), *looked)[0] == 0
    assert desk.count() == 2


def test_a_folder_is_enrolled_and_says_who_was_left_out(desk: Desk) -> None:
    report = desk.root / "report.html"
    listed = desk.consents("sub_obama")
    status, done = desk.ask(
        "enrol", "--people", str(desk.people), "--consents", listed, "--report", str(report)
    )
    assert (status, done["outcome"]) == (1, "some left out")
    assert done["people"]["enrolled"] == 1  # type: ignore[index]
    assert done["left_out"][0]["subject"] == "sub_biden"  # type: ignore[index]
    page = report.read_text(encoding="utf-8")
    assert "sub_biden" in page
    assert "http" not in page.replace("http-equiv", "")
    assert json.loads(report.with_suffix(".json").read_text())["outcome"] == "some left out"


def test_started_again_it_goes_on(desk: Desk) -> None:
    listed = desk.consents("sub_obama", "sub_biden")
    assert desk.ask("enrol", "--people", str(desk.people), "--consents", listed)[0] == 0
    status, again = desk.ask("enrol", "--people", str(desk.people), "--consents", listed)
    assert status == 0
    assert again["people"] == {**again["people"], "seen": 2, "already": 2, "enrolled": 0}  # type: ignore[dict-item]


def test_a_list_names_its_files_from_where_it_lies(desk: Desk) -> None:
    table = desk.people / "list.csv"
    table.write_text("subject,file\nsub_obama,sub_obama/obama.jpg\nsub_obama,sub_obama/obama2.jpg\n")
    listed = desk.consents("sub_obama")
    status, done = desk.ask("enrol", "--list", str(table), "--consents", listed)
    assert (status, done["people"]["pictures"]) == (0, 2)  # type: ignore[index]


def test_who_is_taken_out_isnt_found_any_more(desk: Desk) -> None:
    assert desk.ask("enrol", "sub_obama", desk.picture("obama"), *AGREES)[0] == 0
    remove = ("gallery", "remove", "sub_obama", "--purpose", "pur_staffdoor", "--by")
    status, refused = desk.ask(*remove, "clerk")
    assert (status, refused["error"]["code"]) == (3, "role-may-not")  # type: ignore[index]
    assert desk.ask(*remove, "officer") == (0, {"outcome": "removed", "references": 1})
    assert desk.ask(*remove, "officer")[0] == 1
    assert desk.count() == 0


def test_erasing_a_person_empties_the_gallery(desk: Desk) -> None:
    assert desk.ask("enrol", "sub_obama", desk.picture("obama"), *AGREES)[0] == 0
    out = desk.root / "certificate.json"
    status, done = desk.ask("erase", "sub_obama", "--by", "officer", "--out", str(out))
    assert (status, done["references"]) == (0, 1)
    assert desk.count() == 0


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param((), id="nobody"),
        pytest.param(("sub_ann",), id="no-picture"),
        pytest.param(("--people", "a", "--list", "b"), id="two-ways"),
        pytest.param(("--people", "a", "--consent"), id="one-word-for-many"),
        pytest.param(("sub_ann", "a.jpg", "--consent"), id="half-a-consent"),
    ],
)
def test_what_isnt_complete_is_asked_for(desk: Desk, arguments: tuple[str, ...]) -> None:
    answer = CliRunner().invoke(app, ["enrol", *arguments, "--demo", "--folder", str(desk.root / "demo")])
    assert answer.exit_code == 2


def test_a_real_installation_names_purpose_place_and_device(desk: Desk) -> None:
    home = desk.root / "real"
    told = ["--set", f"data_folder={home / 'data'}", "--set", f"root_key=file:{home / 'root.key'}"]
    assert CliRunner().invoke(app, ["init", *told]).exit_code == 0
    answer = CliRunner().invoke(app, ["enrol", "sub_ann", desk.picture("obama"), *told])
    assert answer.exit_code == 2
    assert "--purpose, --place and --device" in " ".join(answer.stderr.replace("│", " ").split())
