"""`countenance init --guided` asks what has to be known; `doctor --place` says how the place stands."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from typer.testing import CliRunner

from countenance.authority.notices import GAP_MARK
from countenance.cli import app

SAID = (
    "hotel-checkin",
    "CN",
    "plc_desk",
    "Front desk",
    "hotel_lobby",
    "Asia/Shanghai",
    "dev_camera",
    "Camera",
    "Check-in",
    "Compare once.",
    "n",
    "y",
)


def test_a_guided_start_drafts_what_is_wanted_and_goes_on_from_the_file(tmp_path: Path) -> None:
    settings = (
        "--set",
        f"data_folder={tmp_path / 'data'}",
        "--set",
        f"root_key=file:{tmp_path / 'k' / 'k.key'}",
    )
    out = tmp_path / "setup.toml"
    asked = CliRunner().invoke(
        app, ["init", "--guided", "--out", str(out), *settings], input="\n".join(SAID) + "\n"
    )
    assert asked.exit_code == 1, asked.output
    drafted = tomllib.loads(out.read_text(encoding="utf-8"))
    assert drafted["facts"] == {"capture.area": False, "legal_basis.consent": True}
    assert GAP_MARK in drafted["records"]["pia"]["by"]
    assert "countenance doctor --place plc_desk" in asked.output

    looked = CliRunner().invoke(app, ["doctor", "--place", "plc_desk", "--json", *settings])
    stands = json.loads(looked.stdout)
    assert looked.exit_code == 1
    missing = {key for item in stands["items"] if item["standing"] == "missing" for key in item["keys"]}
    assert set(drafted["records"]) <= missing

    again = CliRunner().invoke(app, ["init", "--answers", str(out), "--out", str(out), "--json", *settings])
    assert again.exit_code == 1
    assert json.loads(again.stdout)["filed"] == []
    assert tomllib.loads(out.read_text(encoding="utf-8")) == drafted

    words = CliRunner().invoke(app, ["doctor", "--place", "plc_desk", *settings])
    assert "0 expiring" in words.output
    assert CliRunner().invoke(app, ["doctor", "--place", "plc_other", *settings]).exit_code == 2
    assert (
        CliRunner().invoke(app, ["doctor", "--place", "plc_desk", "--scene", "x", *settings]).exit_code == 2
    )
