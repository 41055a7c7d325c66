from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from countenance.cli.app import app
from countenance.cli.attended import DEMO_GUEST, _Said
from countenance.scenes import AgeBand, GuestStatement
from odd_pictures import card, plain_guest

STATED = ("--consent", "--age-band", "adult", "--language", "en")


@pytest.mark.parametrize("signed", [None, True, False])
def test_the_demonstrations_guest_signed_what_was_said(signed: bool | None) -> None:
    said = _Said(None, None, None, "clerk", signed).statement(demo=True)
    assert said.signed is signed
    assert (said.consents, said.stated_by) == (DEMO_GUEST.consents, DEMO_GUEST.stated_by)


@pytest.mark.parametrize("demo", [True, False])
def test_what_is_stated_is_taken_whole(demo: bool) -> None:
    said = _Said(True, AgeBand.ADULT, "en", "clerk", False).statement(demo=demo)
    assert said == GuestStatement(True, AgeBand.ADULT, "en", "clerk", False)


@pytest.mark.parametrize(
    "said",
    [
        _Said(None, None, None, "clerk", None),
        _Said(True, None, None, "clerk", None),
        _Said(True, AgeBand.ADULT, None, "clerk", None),
        _Said(None, AgeBand.ADULT, "en", "clerk", None),
    ],
    ids=["nothing", "no-age", "no-language", "no-answer"],
)
def test_nobody_consents_by_silence(said: _Said) -> None:
    with pytest.raises(typer.BadParameter, match="--no-consent"):
        said.statement(demo=False)


@pytest.mark.models
@pytest.mark.parametrize("said", [(), STATED], ids=["the demonstration's", "stated"])
@pytest.mark.parametrize(("signed", "status"), [("--signed", 0), ("--not-signed", 3)])
def test_a_written_release_counts_as_it_was_stated(
    tmp_path: Path, said: tuple[str, ...], signed: str, status: int
) -> None:
    """Illinois asks for one."""
    (tmp_path / "card.png").write_bytes(card())
    (tmp_path / "live.jpg").write_bytes(plain_guest())
    files = (str(tmp_path / "card.png"), str(tmp_path / "live.jpg"))
    where = ("--demo", "--folder", str(tmp_path / "demo"), "--jurisdiction", "US/IL", "--json")
    done = CliRunner().invoke(app, ["checkin", *files, *where, *said, signed])
    assert done.exit_code == status, done.stdout
    assert ("written_release" in json.dumps(json.loads(done.stdout)["verdict"]["missing"])) is bool(status)
