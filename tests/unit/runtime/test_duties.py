"""A crash in the middle of a check-in leaves duties open; somebody's word opens the desk again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from countenance.authority import DutyNotOpen, DutyOverdue, EvidenceNotAccepted, shipped_rules
from countenance.cli import app
from countenance.kernel import Door, DutyId, Passage
from countenance.policy import OwnPackRefused
from countenance.runtime import DutyDesk, load_settings, open_duty_desk
from front_desk import DOCUMENT, FrontDesk, front_desk

OWED = {"image_deleted", "processing_log"}


@pytest.fixture
def interrupted(tmp_path: Path) -> Iterator[FrontDesk]:
    """A desk whose machine stopped after the first door: nobody discharged anything."""
    with front_desk(tmp_path) as here:
        here.welcome()
        request = here.request()
        granted = here.grant(request)
        here.desk.verifier.admit(granted.token, Passage(Door.CAPTURE, "capture", request, DOCUMENT))
        yield here


def duty_desk(here: FrontDesk) -> DutyDesk:
    _, vocabulary = shipped_rules()
    return DutyDesk(store=here.store, authority=here.desk, vocabulary=vocabulary, clock=here.clock)


def test_what_is_owed_is_listed_in_words(interrupted: FrontDesk) -> None:
    duties = duty_desk(interrupted).open()
    assert {duty.key for duty in duties} >= OWED
    assert not any(duty.overdue for duty in duties)
    assert [duty.due for duty in duties] == sorted(duty.due for duty in duties)
    assert all(duty.words and duty.rule and duty.place == interrupted.site.place for duty in duties)


def test_overdue_duties_block_the_desk_until_somebody_says_what_became_of_them(
    interrupted: FrontDesk,
) -> None:
    interrupted.wait(timedelta(minutes=10))
    interrupted.welcome()
    with pytest.raises(DutyOverdue):
        interrupted.grant()
    desk = duty_desk(interrupted)
    late = [duty for duty in desk.open() if duty.overdue]
    assert {duty.key for duty in late} == OWED
    for duty in late:
        desk.discharge(duty.duty_id, said="the machine was off; nothing was kept", by="officer")
    assert not any(duty.overdue for duty in desk.open())
    assert interrupted.grant().claims.permit_id


def test_the_log_says_that_it_is_a_person_s_word(interrupted: FrontDesk) -> None:
    interrupted.wait(timedelta(minutes=10))
    desk = duty_desk(interrupted)
    late = next(duty for duty in desk.open() if duty.overdue)
    desk.discharge(late.duty_id, said="the machine was off", by="officer")
    kind, entry = interrupted.log_entries()[-1]
    assert "discharged" in kind
    assert entry["issuer"] == "person"


def test_before_the_deadline_a_person_s_word_is_not_taken(interrupted: FrontDesk) -> None:
    desk = duty_desk(interrupted)
    owed = next(duty for duty in desk.open() if duty.key in OWED)
    with pytest.raises(EvidenceNotAccepted):
        desk.discharge(owed.duty_id, said="done", by="officer")


@pytest.mark.parametrize(("said", "by"), [("", "officer"), ("done", "")])
def test_somebody_says_something(interrupted: FrontDesk, said: str, by: str) -> None:
    interrupted.wait(timedelta(minutes=10))
    desk = duty_desk(interrupted)
    late = next(duty for duty in desk.open() if duty.overdue)
    with pytest.raises(EvidenceNotAccepted):
        desk.discharge(late.duty_id, said=said, by=by)


def test_a_duty_that_is_not_there_is_refused(interrupted: FrontDesk) -> None:
    with pytest.raises(DutyNotOpen):
        duty_desk(interrupted).discharge(DutyId("dty_none"), said="done", by="officer")


def test_the_commands_list_and_discharge(tmp_path: Path) -> None:
    with front_desk(tmp_path / "hotel") as here:
        here.welcome()
        request = here.request()
        granted = here.grant(request)
        here.desk.verifier.admit(granted.token, Passage(Door.CAPTURE, "capture", request, DOCUMENT))
    told = [
        f"--set=data_folder={tmp_path / 'hotel' / 'data'}",
        f"--set=root_key=file:{tmp_path / 'hotel' / 'root.key'}",
    ]
    # The hotel's clock stood at a noon that has passed, so by this machine's clock all of it is overdue.
    listed = CliRunner().invoke(app, ["duties", "list", "--json", *told])
    assert listed.exit_code == 1, listed.output
    late = [duty for duty in json.loads(listed.stdout)["duties"] if duty["overdue"]]
    assert {duty["key"] for duty in late} == OWED
    for duty in late:
        closed = CliRunner().invoke(
            app,
            ["duties", "discharge", duty["duty"], "--said", "machine was off", "--by", "officer", *told],
        )
        assert closed.exit_code == 0, closed.output
    again = CliRunner().invoke(app, ["duties", "list", *told])
    assert again.exit_code == 0, again.output
    assert "overdue" not in again.stdout


def test_the_desk_opens_without_networks(tmp_path: Path) -> None:
    with front_desk(tmp_path) as here:
        folder = here.folder
    settings = load_settings(
        file=None,
        overrides={
            "data_folder": folder,
            "root_key": f"file:{tmp_path / 'root.key'}",
            "models_folder": tmp_path / "none",
        },
    )
    with open_duty_desk(settings) as desk:
        assert desk.open() == ()


def test_a_broken_pack_of_the_operators_keeps_the_desk_shut(tmp_path: Path) -> None:
    with front_desk(tmp_path) as here:
        folder = here.folder
    rules = tmp_path / "rules"
    rules.mkdir()
    rules.joinpath("night.toml").write_text("schema = 1\n")
    settings = load_settings(
        file=None,
        overrides={
            "data_folder": folder,
            "root_key": f"file:{tmp_path / 'root.key'}",
            "models_folder": tmp_path / "none",
            "rules_folder": rules,
        },
    )
    with pytest.raises(OwnPackRefused, match="night"), open_duty_desk(settings):
        pass
