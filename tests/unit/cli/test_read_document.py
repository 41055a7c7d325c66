from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from numpy.typing import NDArray
from PIL import Image
from typer.testing import CliRunner

from contract.detector import head_and_shoulders
from countenance.cli.app import _Group
from countenance.cli.read_document import read_document
from drawn_documents import CITIZEN_NUMBER, TD1, TD3, draw_card, draw_document, on_a_desk

SECRETS = ("ERIKSSON", "ANNA", "L898902C3", "740812", "1974", "ZE184226B", CITIZEN_NUMBER)


def application() -> typer.Typer:
    alone = typer.Typer(cls=_Group, pretty_exceptions_enable=False)
    alone.command("read-document")(read_document)
    alone.callback()(lambda: None)
    return alone


def run(*arguments: str | Path, words: bool = False) -> tuple[int, str]:
    told = ["read-document", *map(str, arguments), *([] if words else ["--json"])]
    answer = CliRunner().invoke(application(), told)
    return answer.exit_code, answer.stdout


def document_of(*arguments: str | Path) -> tuple[int, dict[str, Any]]:
    status, printed = run(*arguments)
    return status, json.loads(printed)


def written(folder: Path, picture: NDArray[np.uint8]) -> Path:
    path = folder / "page.png"
    Image.fromarray(picture).save(path)
    return path


def demo(folder: Path) -> tuple[str | Path, ...]:
    return "--demo", "--folder", folder / "demo"


def test_without_a_demonstration_the_holders_answers_are_stated(tmp_path: Path) -> None:
    status, said = document_of(tmp_path / "x")
    assert (status, said["error"]["code"]) == (2, "bad-usage")
    assert "--consent" in said["error"]["message"]


@pytest.mark.models
class TestOnADocument:
    def passport(self, folder: Path) -> Path:
        page = draw_document(TD3, portrait=head_and_shoulders("obama"))
        return written(folder, on_a_desk(page, degrees=8))

    @pytest.mark.parametrize("jurisdiction", ["CN", "EU", "UK", "US/IL"])
    def test_a_passport(self, tmp_path: Path, jurisdiction: str) -> None:
        status, printed = run(self.passport(tmp_path), *demo(tmp_path), "--jurisdiction", jurisdiction)
        said = json.loads(printed)
        assert (status, said["outcome"], said["demo"]) == (0, "read", True), said
        found = said["document"]
        assert (found["issuing_state"], found["age_band"], found["expired"]) == ("UTO", "adult", True)
        assert found["authenticated"] is False
        assert found["assurance"] == "document not authenticated"
        assert found["portrait_found"] is True
        assert said["age_agrees"] is True
        assert said["verdict"]["operations"] == ["capture"]
        assert not any(secret in json.dumps(found) for secret in SECRETS)

    def test_in_words(self, tmp_path: Path) -> None:
        status, printed = run(self.passport(tmp_path), *demo(tmp_path), words=True)
        assert status == 0
        assert "document not authenticated" in printed
        assert "18 or older (as stated)" in printed
        assert not any(secret in printed for secret in SECRETS)

    def test_a_resident_card(self, tmp_path: Path) -> None:
        card = draw_card(CITIZEN_NUMBER, portrait=head_and_shoulders("obama"))
        status, said = document_of(written(tmp_path, card), *demo(tmp_path))
        assert (status, said["document"]["issuing_state"]) == (0, "CHN")
        assert CITIZEN_NUMBER not in json.dumps(said)

    def test_another_age_than_stated(self, tmp_path: Path) -> None:
        told = ("--consent", "--age-band", "14-17", "--language", "en")
        status, said = document_of(self.passport(tmp_path), *demo(tmp_path), *told)
        if status == 3:
            assert said["outcome"] == "refused"
        else:
            assert said["age_agrees"] is False

    def test_a_wrong_digit_is_status_1(self, tmp_path: Path) -> None:
        page = draw_document((TD3[0], TD3[1][:9] + "2" + TD3[1][10:]))
        status, said = document_of(written(tmp_path, page), "--no-portrait", *demo(tmp_path))
        assert (status, said["outcome"]) == (1, "checks failed")
        wrong = {check["field"] for check in said["document"]["checks"] if not check["right"]}
        assert wrong == {"number", "composite"}
        assert said["document"]["number_read"] is False

    @pytest.mark.parametrize(
        ("signed", "filed"), [(("--signed",), 1), (("--not-signed",), 0), ((), 1)], ids=str
    )
    @pytest.mark.parametrize("said", [(), ("--consent", "--age-band", "adult", "--language", "en")], ids=len)
    def test_a_written_release_is_filed_as_it_was_stated(
        self, tmp_path: Path, said: tuple[str, ...], signed: tuple[str, ...], filed: int
    ) -> None:
        """In the demonstration the holder, who doesn't exist, signed if nothing is said."""
        assert run(self.passport(tmp_path), *demo(tmp_path), *said, *signed)[0] == 0
        (database,) = (tmp_path / "demo").rglob("*.db")
        with closing(sqlite3.connect(database)) as connection:
            (count,) = connection.execute(
                "SELECT count(*) FROM evidence WHERE key = 'written_release' AND subject IS NOT NULL"
            ).fetchone()
        assert count == filed

    def test_who_did_not_agree_is_not_read(self, tmp_path: Path) -> None:
        told = ("--no-consent", "--age-band", "adult", "--language", "en")
        status, said = document_of(self.passport(tmp_path), *demo(tmp_path), *told)
        assert (status, said["outcome"]) == (3, "refused")
        assert "document" not in said

    @pytest.mark.parametrize(
        ("picture", "options", "code"),
        [
            pytest.param(draw_document(TD3), (), "document-without-portrait", id="no portrait"),
            pytest.param(draw_card("4711"), (), "no-machine-readable-zone", id="no zone"),
            pytest.param(
                draw_document(("V" + TD3[0][1:], TD3[1])),
                ("--no-portrait",),
                "document-not-supported",
                id="visa",
            ),
        ],
    )
    def test_what_cant_be_read_has_a_code_and_leaves_no_value(
        self, tmp_path: Path, picture: NDArray[np.uint8], options: tuple[str, ...], code: str
    ) -> None:
        status, said = document_of(written(tmp_path, picture), *options, *demo(tmp_path))
        assert (status, said["error"]["code"]) == (2, code)
        assert not any(secret in json.dumps(said) for secret in SECRETS)

    def test_nothing_of_the_document_is_on_disk_afterwards(self, tmp_path: Path) -> None:
        page = written(tmp_path, draw_document(TD1))
        status, _ = document_of(page, "--no-portrait", *demo(tmp_path))
        assert status == 0
        kept = b"".join(file.read_bytes() for file in (tmp_path / "demo").rglob("*") if file.is_file())
        # Four or six characters also stand in some hash, by chance.
        secrets = [secret for secret in (*SECRETS, "D23145890") if len(secret) >= 8]
        assert len(secrets) >= 4
        assert not any(secret.encode() in kept for secret in secrets)
        assert page.read_bytes() not in kept
