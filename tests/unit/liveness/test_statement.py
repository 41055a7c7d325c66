from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from countenance.kernel import DeviceId, Material, PermitId, PurposeId, Signer, SubjectId
from countenance.liveness import (
    Assurance,
    Binding,
    Cue,
    Finding,
    LivenessNotShown,
    LivenessStatement,
    LivenessStatementRefused,
    Outcome,
    Species,
    check_statement,
    sign_statement,
)
from front_desk import front_desk

NOON = datetime(2026, 11, 22, 12, 0, 0, 700, tzinfo=UTC)
FRAMES = (Material("a" * 64), Material("b" * 64))
BOUND = Binding(SubjectId("sub_a"), PurposeId("pur_a"), DeviceId("dev_a"), PermitId("prm_a"))
ACTIVE = Assurance.ACTIVE.asks_for


def statement(finding: Finding | None = None) -> LivenessStatement:
    return LivenessStatement.of(
        finding or Finding(Outcome.BONA_FIDE, confirmed=ACTIVE),
        result_id="lvs_a",
        binding=BOUND,
        found_at=NOON,
        frames=FRAMES,
        demo=True,
    )


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signer]:
    with front_desk(tmp_path_factory.mktemp("hotel")) as hotel:
        yield hotel.store.signer


def demand(stated: LivenessStatement, **changes: object) -> None:
    asked: dict[str, object] = {
        "subject": BOUND.subject,
        "purpose": BOUND.purpose,
        "device": BOUND.device,
        "live": FRAMES[1],
        "level": Assurance.ACTIVE,
        "now": NOON + timedelta(seconds=30),
    }
    stated.require(**(asked | changes))  # type: ignore[arg-type]


def test_a_statement_is_signed_and_read_back(signer: Signer) -> None:
    stated = statement()
    assert check_statement(signer, f" {sign_statement(signer, stated)}\n") == stated
    assert stated.assurance is Assurance.ACTIVE
    assert stated.found_at.microsecond == 0


def test_a_suspicion_is_read_back_too_and_names_no_frame(signer: Signer) -> None:
    stated = statement(Finding(Outcome.ATTACK_SUSPECTED, species=(Species.PRINT, Species.REPLAY)))
    assert check_statement(signer, sign_statement(signer, stated)) == stated
    assert stated.frames == ()
    assert stated.assurance is Assurance.NONE


@pytest.mark.parametrize("token", ["", "x.y.z", "no statement"])
def test_what_was_not_signed_here_is_refused(signer: Signer, token: str) -> None:
    with pytest.raises(LivenessStatementRefused):
        check_statement(signer, token)


def test_a_statement_of_another_kind_or_installation_is_refused(signer: Signer, tmp_path: Path) -> None:
    claims = statement().to_claims()
    with pytest.raises(LivenessStatementRefused):
        check_statement(signer, signer.sign(claims, kind="countenance-receipt+jws"))
    with front_desk(tmp_path, fresh=True) as elsewhere, pytest.raises(LivenessStatementRefused):
        check_statement(signer, sign_statement(elsewhere.store.signer, statement()))


@pytest.mark.parametrize(
    "name", ["id", "sub", "pur", "dev", "prm", "out", "spc", "cue", "iat", "frm", "demo"]
)
def test_every_claim_is_needed(name: str) -> None:
    claims: Mapping[str, object] = {
        key: value for key, value in statement().to_claims().items() if key != name
    }
    with pytest.raises(LivenessStatementRefused):
        LivenessStatement.from_claims(claims)


def test_a_level_that_is_claimed_counts_for_nothing() -> None:
    claims = statement(Finding(Outcome.BONA_FIDE, confirmed=frozenset({Cue.CHALLENGE}))).to_claims()
    assert LivenessStatement.from_claims({**claims, "lvl": 4}).assurance is Assurance.NONE


def test_a_decision_may_rest_on_it() -> None:
    demand(statement())
    demand(statement(), level=Assurance.NONE, live=FRAMES[0])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"subject": SubjectId("sub_b")}, "another person"),
        ({"purpose": PurposeId("pur_b")}, "another purpose"),
        ({"device": DeviceId("dev_b")}, "another device"),
        ({"live": Material("c" * 64)}, "photograph"),
        ({"now": NOON + timedelta(seconds=121)}, "too old"),
        ({"now": NOON - timedelta(seconds=1)}, "too old"),
        ({"level": Assurance.FRESH}, "level"),
    ],
    ids=["subject", "purpose", "device", "frame", "late", "before", "level"],
)
def test_nothing_of_it_may_differ(changes: dict[str, object], words: str) -> None:
    with pytest.raises(LivenessNotShown, match=words):
        demand(statement(), **changes)


@pytest.mark.parametrize(
    "finding",
    [
        Finding(Outcome.ATTACK_SUSPECTED, species=(Species.PRINT,)),
        replace(Finding(Outcome.ATTACK_SUSPECTED, species=(Species.REPLAY,))),
    ],
)
def test_only_a_bona_fide_presentation_counts(finding: Finding) -> None:
    with pytest.raises(LivenessNotShown, match="bona fide"):
        demand(statement(finding), level=Assurance.NONE)


def test_nothing_shows_the_frames() -> None:
    assert FRAMES[0] not in repr(statement())
