"""From nothing to a permitted desk as the page says, and shut again when one record is withdrawn."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from command_line import Answer, run_countenance
from countenance.authority.notices import LANGUAGES, draft_text, read_draft
from drafted_notices import BY_HAND
from postgresql_cluster import running_cluster, server_programs
from weights import sample_bytes

pytestmark = [pytest.mark.models, pytest.mark.slow]

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "set-up-a-desk.md").read_text(encoding="utf-8")
EU = {
    'jurisdictions = ["CN"]': 'jurisdictions = ["EU"]',
    "Asia/Shanghai": "Europe/Brussels",
    "PIPL Art 29": "GDPR Art 9(2)(a)",
    'kind = "PIA"': 'kind = "DPIA"',
}


@dataclass(frozen=True)
class Desk:
    """A hotel's machine and the person who follows the page."""

    home: Path
    database: str | None = None

    @property
    def settings(self) -> dict[str, str]:
        database = {"COUNTENANCE_DATABASE": self.database} if self.database else {}
        return database | {
            "COUNTENANCE_DATA_FOLDER": str(self.home / "data"),
            "COUNTENANCE_ROOT_KEY": f"file:{self.home / 'key' / 'root.key'}",
        }

    def run(self, *arguments: str) -> Answer:
        return run_countenance(*arguments, home=self.home, environment=self.settings)

    def part(self, number: int) -> list[list[str]]:
        section = PAGE.split(f"\n## {number}. ")[1].split("\n## ")[0]
        blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
        return [shlex.split(line)[1:] for block in blocks for line in block.splitlines()]

    def complete_notice(self) -> None:
        file = self.home / "notice.toml"
        draft = read_draft(file.read_text(encoding="utf-8"))
        texts = {part: dict(draft.texts[part]) for part in draft.texts}
        for gap in draft.gaps:
            said = dict(zip(LANGUAGES, BY_HAND.get(gap.part, ("By consent.", "基于同意。")), strict=True))
            texts[gap.part][gap.language] = said[gap.language]
        object.__setattr__(draft, "texts", texts)
        file.write_text(draft_text(draft), encoding="utf-8")


@pytest.fixture
def database(country: str) -> Iterator[str | None]:
    """Where the records are: one of the walks is over PostgreSQL."""
    if country == "CN" or server_programs() is None:
        yield None
        return
    with running_cluster() as cluster:
        yield cluster.new()


@pytest.mark.parametrize("country", ["CN", "EU"])
def test_the_page_leads_to_a_permitted_desk_and_a_withdrawal_shuts_it(
    tmp_path: Path, country: str, database: str | None
) -> None:
    desk = Desk(tmp_path / "hotel", database)
    desk.home.mkdir()
    answers = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0]
    for one, other in EU.items() if country == "EU" else ():
        answers = answers.replace(one, other)
    (desk.home / "setup.toml").write_text(answers, encoding="utf-8")
    init, draft = desk.part(3)
    first = desk.run(*init, "--json")
    assert first.status == 1, first.err
    assert first.document["waiting"] == {"notice.accessible": ["the notice: publish it first"]}
    assert set(first.document["api_keys"]) == {"front desk", "officer"}
    missing = [item for item in first.document["readiness"]["items"] if item["standing"] == "missing"]
    assert all(item["rules"] and item["remedy"] for item in missing)
    assert {key for item in missing for key in item["keys"] if item["by_hand"]} <= {
        "notice",
        "notice.accessible",
        "notice.impact",
        "notice.necessity",
        "notice.written",
        "sign",
    }
    assert desk.run(*draft).status == 0
    desk.complete_notice()
    for line in desk.part(4):
        done = desk.run(*line, "--json")
        assert done.status == 0, (line, done.out, done.err)
    stands = done.document
    assert stands["ready"]
    again = desk.run(*init, "--json").document
    assert again["filed"] == []
    assert "api_keys" not in again

    (desk.home / "document.jpg").write_bytes(sample_bytes("obama"))
    (desk.home / "guest.jpg").write_bytes(sample_bytes("obama2"))
    (checkin,) = desk.part(5)
    permitted = desk.run(*checkin, "--json")
    assert permitted.status == 0, (permitted.out, permitted.err)
    refused = desk.run(*(word.replace("--consent", "--no-consent") for word in checkin), "--json")
    assert refused.status == 3

    (sign,) = [item for item in stands["items"] if item["keys"] == ["sign"]]
    gone = desk.run("records", "withdraw", *sign["records"], "--by", "officer", "--reason", "it fell off")
    assert gone.status == 0
    assert desk.run(*checkin, "--json").status == 3
    looked = desk.run("doctor", "--place", "plc_desk", "--json")
    assert looked.status == 1
    assert [item["keys"] for item in looked.document["items"] if item["standing"] == "missing"] == [["sign"]]
