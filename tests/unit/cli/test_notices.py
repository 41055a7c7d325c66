"""`countenance notice`, `sign` and `receipt`, over a demonstration's store."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from command_line import run_countenance
from countenance.authority.notices import GAP_MARK, LANGUAGES, draft_text, read_draft
from countenance.cli import app
from drafted_notices import BY_HAND
from front_desk import front_desk as open_front_desk

SITE = ("--place", "plc_frontdesk")
DEVICE = ("--device", "dev_deskcamera")
HERE = Path(__file__)


@dataclass(frozen=True)
class Shell:
    """Types commands against one data folder."""

    root: Path

    @property
    def settings(self) -> tuple[str, ...]:
        return (
            "--set",
            f"data_folder={self.root / 'data'}",
            "--set",
            f"root_key=file:{self.root / 'root.key'}",
            "--set",
            "public_url=https://hotel.example",
        )

    def path(self, name: str) -> str:
        return str(self.root / name)

    def run(self, *arguments: str, status: int = 0) -> dict[str, Any]:
        done = CliRunner().invoke(app, [*arguments, "--json", *self.settings])
        assert done.exit_code == status, done.output
        return dict(json.loads(done.stdout))

    def say(self, *arguments: str, status: int = 0) -> str:
        done = CliRunner().invoke(app, [*arguments, *self.settings])
        assert done.exit_code == status, done.output
        return str(done.output)

    def draft(self) -> dict[str, Any]:
        drafting = ("notice", "draft", "--by", "officer", *SITE, "--purpose", "pur_checkin", *DEVICE)
        return self.run(*drafting, "--out", self.path("notice.toml"))

    def complete(self) -> None:
        """Fill the gaps of the draft in by hand."""
        file = Path(self.path("notice.toml"))
        draft = read_draft(file.read_text(encoding="utf-8"))
        texts = {part: dict(zip(LANGUAGES, said, strict=True)) for part, said in BY_HAND.items()}
        for gap in draft.gaps:
            said = texts.get(gap.part, {"en": "By consent.", "zh": "基于同意。"})
            object.__setattr__(
                draft,
                "texts",
                {
                    **draft.texts,
                    gap.part: {**draft.texts[gap.part], gap.language: said[gap.language]},
                },
            )
        file.write_text(draft_text(draft), encoding="utf-8")

    def published(self) -> dict[str, Any]:
        self.draft()
        self.complete()
        return self.run("notice", "publish", self.path("notice.toml"), "--by", "officer")

    def key(self) -> str:
        self.run("receipt", "key", "--out", self.path("key.json"))
        return self.path("key.json")

    def consent(self) -> str:
        content = {
            "consent_id": "cns-7",
            "purpose": "pur_checkin",
            "screen_purposes": ["pur_checkin"],
            "separate": True,
            "explicit": True,
            "given": "One comparison, for this check-in.",
            "method": "on a screen",
            "language": "en",
            "given_at": "2026-11-22T12:00:00Z",
        }
        Path(self.path("consent.json")).write_text(json.dumps(content), encoding="utf-8")
        filed = self.run(
            "records",
            "file",
            "consent.record",
            "--by",
            "clerk",
            "--content",
            self.path("consent.json"),
            "--purpose",
            "pur_checkin",
            "--subject",
            "sub_guest",
        )
        return str(filed["record"]["record"])


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    with open_front_desk(tmp_path) as hotel:
        hotel.store.close()
    return Shell(tmp_path)


def test_from_draft_to_posted_sign(shell: Shell) -> None:
    drafted = shell.draft()
    assert ("keeper", "en") in {(gap["part"], gap["language"]) for gap in drafted["gaps"]}
    text = Path(shell.path("notice.toml")).read_text(encoding="utf-8")
    assert GAP_MARK in text
    tomllib.loads(text)
    refused = shell.run("notice", "publish", shell.path("notice.toml"), "--by", "officer", status=2)
    assert refused["error"]["code"] == "notice-has-gaps"
    shell.complete()
    published = shell.run("notice", "publish", shell.path("notice.toml"), "--by", "officer")
    assert published["link"] == f"https://hotel.example/notice/{published['version_id']}"

    made = shell.run("sign", "make", *SITE, *DEVICE, "--out", shell.path("sign.svg"))
    assert (made["kind"], made["link"]) == ("verify", published["link"])
    posted = shell.run(
        "sign", "post", shell.path("sign.svg"), "--by", "installer", "--position", "Beside the camera."
    )
    assert posted["sign"] == made["sign"]
    shown = shell.run("records", "show", posted["record"], "--by", "officer")
    assert shown["outcome"] == "counts"
    assert shown["record"]["content"]["notice_version"] == published["version"]

    assert "To fill" not in shell.say("notice", "show", published["notice"])
    shell.published()
    stale = shell.run(
        "sign", "post", shell.path("sign.svg"), "--by", "installer", "--position", "There.", status=3
    )
    assert stale["error"]["code"] == "sign-not-current"
    assert shell.run("notice", "show", published["version_id"], status=1)["outcome"] == "no longer in force"


@pytest.mark.parametrize("ending", ["svg", "pdf"])
def test_a_sign_is_drawn_in_the_format_of_its_ending(shell: Shell, ending: str) -> None:
    shell.published()
    shell.say("sign", "make", "--by", "installer", *SITE, *DEVICE, "--out", shell.path(f"sign.{ending}"))
    begins = {"svg": b"<?xml", "pdf": b"%PDF"}[ending]
    assert Path(shell.path(f"sign.{ending}")).read_bytes().startswith(begins)
    posting = (
        "sign",
        "post",
        shell.path(f"sign.{ending}"),
        "--by",
        "installer",
        "--position",
        "At the door.",
    )
    assert "Posted sign-" in shell.say(*posting)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("sign", "make", *SITE, *DEVICE, "--out", "sign.png"), 2),
        (("sign", "post", "missing.svg", "--by", "installer", "--position", "x"), 2),
        (("sign", "post", str(HERE), "--by", "installer", "--position", "There."), 3),
        (("sign", "make", *SITE, *DEVICE, "--out", "/proc/nothing/sign.svg"), 2),
        (("notice", "show", "nothing"), 2),
        (("notice", "show", "nothing", "--out", "notice.txt"), 2),
        (("notice", "publish", str(HERE), "--by", "officer"), 2),
        (("receipt", "issue", "evd_nothing", "--by", "clerk", "--out", "receipt.json"), 2),
        (("receipt", "take-back", "nothing"), 3),
    ],
)
def test_what_cant_be_done_is_told(shell: Shell, arguments: tuple[str, ...], status: int) -> None:
    shell.published()
    told = shell.run(*arguments, status=status)
    assert told["error"]["code"]
    assert told["error"]["remedy"]


def test_a_notice_is_written_as_page_and_as_json_and_checked_offline(shell: Shell) -> None:
    published = shell.published()
    shell.say("notice", "show", published["notice"], "--out", shell.path("notice.html"))
    assert "前台人脸比对告知书" in Path(shell.path("notice.html")).read_text(encoding="utf-8")
    shell.say("notice", "show", published["notice"], "--out", shell.path("notice.jsonld"))
    key = shell.key()
    file = Path(shell.path("notice.jsonld"))
    home = shell.root / "elsewhere"
    checked = run_countenance("notice", "verify", file, "--key", key, "--json", home=home)
    assert (checked.status, checked.document["version_id"]) == (0, published["version_id"])
    document = json.loads(file.read_text(encoding="utf-8"))
    document["texts"]["zh"]["retention"] = "永久保存。"
    file.write_text(json.dumps(document), encoding="utf-8")
    refused = run_countenance("notice", "verify", file, "--key", key, "--json", home=home)
    assert (refused.status, refused.document["error"]["code"]) == (3, "document-altered")
    assert "`texts/zh/retention`" in refused.document["error"]["message"]


def test_a_consents_receipt_is_issued_checked_offline_and_taken_back(shell: Shell) -> None:
    record = shell.consent()
    issued = shell.run(
        "receipt",
        "issue",
        record,
        "--by",
        "clerk",
        "--out",
        shell.path("receipt.json"),
        "--code",
        shell.path("code.svg"),
    )
    assert issued["withdrawal_link"].startswith("https://hotel.example/withdraw/")
    key = shell.key()
    # Another home, where there is neither store nor settings.
    home = shell.root / "elsewhere"
    checked = run_countenance(
        "receipt", "verify", shell.path("receipt.json"), "--key", key, "--json", home=home
    )
    assert (checked.status, checked.document["kind"]) == (0, "consent")
    assert checked.document["claims"]["record_id"] == "cns-7"
    assert "as it was signed" in shell.say("receipt", "verify", shell.path("receipt.json"))
    taken = shell.run("receipt", "take-back", issued["withdrawal_link"])
    assert taken["records"] == 1
    assert shell.run("records", "show", record, "--by", "officer", status=1)["outcome"] == "doesn't count"
    assert "0 records" in shell.say("receipt", "take-back", issued["withdrawal_token"])


def test_a_receipt_that_was_changed_is_named_and_one_under_another_key_refused(shell: Shell) -> None:
    shell.run("receipt", "issue", shell.consent(), "--by", "clerk", "--out", shell.path("receipt.json"))
    file = Path(shell.path("receipt.json"))
    document = json.loads(file.read_text(encoding="utf-8"))
    document["purposes"][0]["purpose"] = "pur_marketing"
    file.write_text(json.dumps(document), encoding="utf-8")
    refused = shell.run("receipt", "verify", str(file), status=3)
    assert "`purposes/0/purpose`" in refused["error"]["message"]
    other = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    Path(shell.path("other.json")).write_text(json.dumps({"keys": [other]}), encoding="utf-8")
    refused = shell.run("receipt", "verify", str(file), "--key", shell.path("other.json"), status=3)
    assert "proof/jws" in refused["error"]["message"]


def test_of_a_key_set_any_key_will_do(shell: Shell) -> None:
    shell.run("receipt", "issue", shell.consent(), "--by", "clerk", "--out", shell.path("receipt.json"))
    own = json.loads(Path(shell.key()).read_text(encoding="utf-8"))
    other = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    for keys in ([own, other], [other, own]):
        Path(shell.path("keys.json")).write_text(json.dumps({"keys": keys}), encoding="utf-8")
        told = shell.run("receipt", "verify", shell.path("receipt.json"), "--key", shell.path("keys.json"))
        assert told["kind"] == "consent"


@pytest.mark.parametrize("content", ["", "[]", "{", '{"keys": []}', '{"keys": [7]}', '{"kty": 7}'])
def test_a_key_file_that_isnt_one_is_told(shell: Shell, content: str) -> None:
    Path(shell.path("receipt.json")).write_text("{}", encoding="utf-8")
    Path(shell.path("key.json")).write_text(content, encoding="utf-8")
    told = shell.run(
        "receipt", "verify", shell.path("receipt.json"), "--key", shell.path("key.json"), status=2
    )
    assert told["error"]["code"] == "input-not-readable"


def test_a_text_that_isnt_a_receipt_is_refused(shell: Shell) -> None:
    file = Path(shell.path("receipt.txt"))
    for text, code, status in (("a.b.c", "receipt-refused", 3), ("{", "input-not-readable", 2)):
        file.write_text(text, encoding="utf-8")
        assert shell.run("receipt", "verify", str(file), status=status)["error"]["code"] == code
