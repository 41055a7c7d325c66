"""The commands about records, devices and bodies outside, over a demonstration's store."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from countenance.authority import record_guest_consent
from countenance.cli import app
from countenance.kernel import SystemClock, canonical_json
from countenance.store import (
    EvidenceScope,
    OutsideKind,
    Store,
    create_root_key,
    key_provider,
)
from front_desk import GUEST, new_desk
from front_desk import front_desk as open_front_desk
from outside_bodies import Body
from record_examples import content_for

COURT = Body.p256(21)


@dataclass(frozen=True)
class Shell:
    """Types commands against one data folder."""

    root: Path

    def run(self, *arguments: str, status: int = 0) -> dict[str, Any]:
        """Run a command with ``--json`` and return its one object."""
        done = CliRunner().invoke(
            app,
            [
                *arguments,
                "--json",
                "--set",
                f"data_folder={self.root / 'data'}",
                "--set",
                f"root_key=file:{self.root / 'root.key'}",
            ],
        )
        assert done.exit_code == status, done.output
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def say(self, *arguments: str, status: int = 0) -> str:
        """Run a command for a reader."""
        done = CliRunner().invoke(
            app,
            [
                *arguments,
                "--set",
                f"data_folder={self.root / 'data'}",
                "--set",
                f"root_key=file:{self.root / 'root.key'}",
            ],
        )
        assert done.exit_code == status, done.output
        return done.output

    def content(self, key: str, *, toml: bool = False, **changes: Any) -> str:
        path = self.root / ("content.toml" if toml else "content.json")
        path.write_text(json.dumps(content_for(key, **changes)), encoding="utf-8")
        return str(path)

    def store(self) -> Store:
        provider = key_provider(f"file:{self.root / 'root.key'}")
        return Store.open(self.root / "data", key_provider=provider, clock=SystemClock())


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    with open_front_desk(tmp_path) as hotel:
        hotel.store.close()
    return Shell(tmp_path)


# Records.


def test_a_record_is_filed_listed_shown_and_withdrawn(shell: Shell) -> None:
    filed = shell.run(
        "records", "file", "tech_doc", "--by", "officer", "--content", shell.content("tech_doc")
    )
    assert filed["outcome"] == "filed"
    record = filed["record"]["record"]
    assert filed["record"]["author"] == "officer"
    listed = shell.run("records", "list", "--by", "auditor", "--key", "tech_doc")
    assert [each["record"] for each in listed["records"]] == [record]
    shown = shell.run("records", "show", record, "--by", "officer")
    assert shown["outcome"] == "counts"
    assert shown["record"]["content"]["form"] == "document"
    gone = shell.run("records", "withdraw", record, "--by", "officer", "--reason", "out of date")
    assert gone["outcome"] == "withdrawn"
    assert shell.run("records", "show", record, "--by", "officer", status=1)["outcome"] == "doesn't count"
    assert shell.run("records", "list", "--by", "officer", "--key", "tech_doc")["records"] == []


def test_content_may_be_toml_with_days_and_times(shell: Shell) -> None:
    path = shell.root / "sign.toml"
    path.write_text(
        'sign_id = "sign-8"\nnotice_id = "notice-checkin"\nnotice_version = 1\npictogram = "verify"\n'
        'devices = ["dev_deskcamera"]\nposted_at = 2026-11-22T12:00:00Z\nposted_by_role = "installer"\n'
        'position = "Beside the camera."\n',
        encoding="utf-8",
    )
    filed = shell.run(
        "records", "file", "sign", "--by", "installer", "--content", str(path), "--place", "plc_frontdesk"
    )
    assert filed["record"]["scope"]["place"] == "plc_frontdesk"


def test_a_statement_is_yes_or_no(shell: Shell) -> None:
    stated = shell.run("records", "file", "event.leak", "--by", "operator", "--no")
    assert stated["record"]["kind"] == "statement"
    assert stated["record"]["words"].startswith("not so: ")
    shown = shell.run("records", "show", stated["record"]["record"], "--by", "officer")
    assert shown["record"]["content"] == {"source": "operator", "value": False}


def test_a_day_stands_for_its_end(shell: Shell) -> None:
    told = ["--by", "officer", "--content", shell.content("tech_doc"), "--from", "2026-11-01"]
    filed = shell.run("records", "file", "tech_doc", *told, "--until", "2030-11-30")
    assert filed["record"]["valid_from"] == "2026-11-01T00:00:00+00:00"
    assert filed["record"]["valid_until"] == "2030-12-01T00:00:00+00:00"


NOT_ALLOWED = {
    "an auditor files": ["records", "file", "tech_doc", "--by", "auditor"],
    "a clerk files the officer's": ["records", "file", "tech_doc", "--by", "clerk"],
    "a device files": ["records", "file", "tech_doc", "--by", "device"],
    "an operator reads": ["records", "list", "--by", "operator"],
    "a clerk withdraws": ["records", "withdraw", "evd_x", "--by", "clerk", "--reason", "no"],
    "an operator signs": ["records", "sign-deployment", "--by", "operator", "--fact", "actor.private=yes"],
    "a clerk states for the deployment": ["records", "file", "capture.area", "--by", "clerk", "--no"],
    "an installer suspends": ["devices", "suspend", "dev_deskcamera", "--by", "installer"],
    "an operator revokes": ["issuers", "revoke", "x", "--by", "operator"],
    "an auditor withdraws a consent": [
        "records", "withdraw-consent", "--by", "auditor", "--subject", "s", "--purpose", "p",
    ],
}  # fmt: skip


@pytest.mark.parametrize("arguments", NOT_ALLOWED.values(), ids=NOT_ALLOWED.keys())
def test_a_role_does_nothing_that_the_table_does_not_allow(shell: Shell, arguments: list[str]) -> None:
    content = ["--content", shell.content("tech_doc")] if "tech_doc" in arguments else []
    refused = shell.run(*arguments, *content, status=3)
    assert refused["error"]["code"] == "role-may-not"


@pytest.mark.parametrize(
    "arguments",
    [
        ["records", "list", "--by", "king"],
        ["records", "file", "tech_doc", "--by", "officer"],
        ["records", "file", "event.leak", "--by", "operator", "--no", "--until", "soon"],
        ["records", "file", "event.leak", "--by", "operator", "--no", "--until", "2026-11-22T12:00:00"],
        ["records", "file", "tech_doc", "--by", "officer", "--content", "/nowhere/at/all.toml"],
        ["records", "sign-deployment", "--by", "officer", "--fact", "actor.private=perhaps"],
        ["records", "withdraw-consent", "--by", "clerk"],
        ["records", "withdraw-consent", "--by", "clerk", "--subject", "sub_a"],
        ["records", "show", "evd_none", "--by", "officer"],
        ["records", "form", "audit_log"],
        ["devices", "suspend", "dev_none", "--by", "officer"],
        ["issuers", "revoke", "none", "--by", "officer"],
    ],
    ids=" ".join,
)
def test_bad_input_is_two(shell: Shell, arguments: list[str]) -> None:
    settings = [] if "form" in arguments else ["--set", f"data_folder={shell.root / 'data'}"]
    settings += [] if "form" in arguments else ["--set", f"root_key=file:{shell.root / 'root.key'}"]
    assert CliRunner().invoke(app, [*arguments, *settings]).exit_code == 2


@pytest.mark.parametrize("text", ["", "[[", "[1, 2]", "\x00", "x" * 300_000])
def test_a_file_that_is_no_content_is_told(shell: Shell, text: str) -> None:
    path = shell.root / "content.json"
    path.write_text(text, encoding="utf-8")
    told = shell.run("records", "file", "tech_doc", "--by", "officer", "--content", str(path), status=2)
    assert told["error"]["code"] == "input-not-readable"
    assert str(path) not in json.dumps(told)


def test_what_is_wrong_with_content_is_told_by_field(shell: Shell) -> None:
    path = shell.content("tech_doc", summary=None)
    told = shell.run("records", "file", "tech_doc", "--by", "officer", "--content", path, status=2)
    assert told["error"]["code"] == "evidence-not-accepted"
    assert "`summary`" in told["error"]["message"]


def test_the_deployment_is_signed(shell: Shell) -> None:
    facts = ["--fact", "actor.private=yes", "--fact", "actor.state_organ=no"]
    signed = shell.run("records", "sign-deployment", "--by", "officer", *facts)
    assert [record["key"] for record in signed["records"]] == ["actor.private", "actor.state_organ"]


def test_a_persons_records_are_listed_with_the_person_alone(shell: Shell) -> None:
    clock = SystemClock()
    with shell.store() as store:
        desk = new_desk(store, clock)
        purpose = next(iter(desk.registrar.purposes()))
        records = record_guest_consent(
            desk,
            subject=GUEST,
            place=next(iter(desk.registrar.places())),
            purpose=purpose,
            consents=True,
            age_band="adult",
            language="en",
            stated_by="clerk",
        )
    everything = shell.run("records", "list", "--by", "officer")["records"]
    assert everything
    assert all(each["scope"]["subject"] is None for each in everything)
    about = shell.run("records", "list", "--by", "officer", "--subject", GUEST)["records"]
    assert {each["record"] for each in about} == {record.evidence_id for record in records}
    consent = next(record for record in records if record.key == "consent.record")
    done = shell.run("records", "withdraw-consent", "--by", "clerk", "--record", consent.evidence_id)
    assert consent.evidence_id in done["records"]
    again = shell.run(
        "records", "withdraw-consent", "--by", "subject", "--subject", GUEST, "--purpose", purpose
    )
    assert again["records"] == []
    left = shell.run("records", "list", "--by", "officer", "--subject", GUEST)["records"]
    assert not [each for each in left if each["key"].startswith("consent.")]


def test_a_form_is_shown(shell: Shell) -> None:
    told = CliRunner().invoke(app, ["records", "form", "sign", "--json"])
    form = json.loads(told.stdout)
    assert (form["form"], form["about"]) == ("sign", ["place"])
    needed = {field["name"] for field in form["fields"] if field["needed"]}
    assert {"sign_id", "posted_at", "devices"} <= needed
    assert "photograph_sha256" not in needed
    words = CliRunner().invoke(app, ["records", "form", "sign"]).stdout
    assert "sign_id" in words
    assert "may be left out" in words


def test_it_is_told_in_words_too(shell: Shell) -> None:
    said = shell.say("records", "file", "tech_doc", "--by", "officer", "--content", shell.content("tech_doc"))
    assert "a role's word" in said
    assert "tech_doc" in shell.say("records", "list", "--by", "officer", "--key", "tech_doc")
    assert "Nothing is on file." in shell.say("records", "list", "--by", "officer", "--key", "fria")
    assert "dev_deskcamera" in shell.say("devices", "list", "--by", "clerk")
    assert "No body outside" in shell.say("issuers", "list", "--by", "officer")


# Devices.


def test_a_device_is_added_with_a_pair_that_is_shown_once(shell: Shell) -> None:
    add = ["devices", "add", "dev_new", "--by", "installer", "--title", "Camera two"]
    add += ["--place", "plc_frontdesk", "--function", "verify", "--function", "capture"]
    added = shell.run(*add)
    assert len(added["private_key"]) == 64
    assert added["device"]["functions"] == ["capture", "verify"]
    listed = {each["device"]: each for each in shell.run("devices", "list", "--by", "clerk")["devices"]}
    assert listed["dev_new"]["key_id"] == added["device"]["key_id"]
    assert listed["dev_deskcamera"]["key_id"] is None
    shell.run(*add, status=2)


def test_a_device_is_added_with_a_key_of_its_own(shell: Shell) -> None:
    path = shell.root / "key.json"
    path.write_text(json.dumps(Body.ed25519(33).jwk), encoding="utf-8")
    added = shell.run(
        "devices", "add", "dev_own", "--by", "operator", "--title", "Camera", "--place", "plc_frontdesk",
        "--function", "capture", "--public-key", str(path),
    )  # fmt: skip
    assert "private_key" not in added
    assert added["device"]["key_id"] == Body.ed25519(33).key_id


def test_a_device_is_suspended_activated_and_retired(shell: Shell) -> None:
    for command, status in (("suspend", "suspended"), ("activate", "active"), ("retire", "retired")):
        changed = shell.run("devices", command, "dev_deskcamera", "--by", "officer")
        assert changed["outcome"] == changed["device"]["status"] == status
    told = shell.run("devices", "activate", "dev_deskcamera", "--by", "officer", status=2)
    assert told["error"]["code"] == "record-exists"


# Bodies outside.


def test_a_court_signs_what_the_draft_says(shell: Shell) -> None:
    key = shell.root / "court.json"
    key.write_text(json.dumps(COURT.jwk), encoding="utf-8")
    added = shell.run(
        "issuers", "add", "--by", "officer", "--name", COURT.name, "--kind", OutsideKind.COURT.value,
        "--public-key", str(key), "--key", "authorisation",
    )  # fmt: skip
    assert added["issuer"]["key_id"] == COURT.key_id
    content = shell.content("authorisation", ends_at="2036-12-01T00:00:00Z")
    draft = CliRunner().invoke(
        app,
        [
            "records", "draft", "authorisation", "--content", content, "--place", "plc_frontdesk",
            "--until", "2036-11-30", "--set", f"data_folder={shell.root / 'data'}",
            "--set", f"root_key=file:{shell.root / 'root.key'}",
        ],
    )  # fmt: skip
    assert draft.exit_code == 0
    claims = json.loads(draft.stdout)
    assert canonical_json(claims) == draft.stdout.encode()
    statement = shell.root / "statement.jws"
    statement.write_text(COURT.sign(claims) + "\n", encoding="utf-8")
    filed = shell.run("records", "file-signed", str(statement), "--by", "officer")
    assert filed["record"]["issuer"] == "outside"
    record = filed["record"]["record"]
    assert shell.run("records", "show", record, "--by", "officer")["outcome"] == "counts"
    revoked = shell.run("issuers", "revoke", COURT.key_id, "--by", "officer")
    assert revoked["issuer"]["revoked_at"]
    shown = shell.run("records", "show", record, "--by", "officer", status=1)
    assert shown["outcome"] == "doesn't count"
    assert "doesn't count" in shell.say("records", "list", "--by", "officer", "--key", "authorisation")
    refused = shell.run("records", "file-signed", str(statement), "--by", "officer", status=3)
    assert refused["error"]["code"] == "outside-signature-refused"
    assert [each["key_id"] for each in shell.run("issuers", "list", "--by", "auditor")["issuers"]] == [
        COURT.key_id
    ]


def test_a_real_store_takes_the_same_commands(tmp_path: Path) -> None:
    uri = f"file:{tmp_path / 'root.key'}"
    create_root_key(uri)
    Store.create(tmp_path / "data", key_provider=key_provider(uri), clock=SystemClock()).close()
    shell = Shell(tmp_path)
    shell.run("records", "file", "tech_doc", "--by", "officer", "--content", shell.content("tech_doc"))
    (listed,) = shell.run("records", "list", "--by", "officer")["records"]
    assert listed["demo"] is False
    assert listed["scope"] == dict.fromkeys(EvidenceScope.__slots__)


# Roles where a person is attended, and where a duty is closed.


@pytest.mark.parametrize("role", ["auditor", "officer", "device", "installer"])
def test_only_who_attends_writes_down_what_a_person_said(tmp_path: Path, role: str) -> None:
    said = ["--consent", "--age-band", "adult", "--language", "en", "--recorded-by", role, "--json"]
    for command in (["checkin", "a.png", "b.png"], ["read-document", "a.png"], ["analyse", "a.png"]):
        done = CliRunner().invoke(app, [*command, *said, "--set", f"data_folder={tmp_path / 'none'}"])
        assert done.exit_code == 3, done.output
        assert json.loads(done.stdout)["error"]["code"] == "role-may-not"


def test_a_role_that_does_not_exist_writes_nothing_down(tmp_path: Path) -> None:
    said = ["--consent", "--age-band", "adult", "--language", "en", "--recorded-by", "me"]
    done = CliRunner().invoke(app, ["checkin", "a.png", "b.png", *said])
    assert done.exit_code == 2


@pytest.mark.parametrize(("role", "status"), [("clerk", 3), ("auditor", 3), ("officer", 2), ("operator", 2)])
def test_a_duty_is_closed_by_a_role_that_may(shell: Shell, role: str, status: int) -> None:
    told = shell.run("duties", "discharge", "dty_none", "--said", "done", "--by", role, status=status)
    assert told["error"]["code"] == ("role-may-not" if status == 3 else "duty-not-open")
