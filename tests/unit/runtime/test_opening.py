"""Every command opens the records as the server does: no earlier state of it, and nobody left untold."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

import countenance.runtime
from countenance.authority import Author, ConsentWithdrawn, Role
from countenance.kernel import FixedClock, PurposeId, SubjectId
from countenance.policy import FactSource
from countenance.runtime import (
    Settings,
    create_installation,
    load_settings,
    open_audit_desk,
    open_consent_desk,
    open_duty_desk,
    open_key_desk,
    open_notice_desk,
    open_people_desk,
    open_records_desk,
    open_setup_desk,
    opening,
    prepare_demo,
)
from countenance.runtime.opening import open_records, open_store
from countenance.store import (
    ErasureJournalBroken,
    ErasuresNotReplayed,
    EvidenceScope,
    Store,
    StoreUnreadable,
)
from countenance.vision.registry import default_models_folder
from front_desk import NOON
from held_people import keep

OFFICER = Author(Role.OFFICER)
ANN, BEN, PURPOSE = SubjectId("sub_ann"), SubjectId("sub_ben"), PurposeId("pur_checkin")
Opens = Callable[..., AbstractContextManager[Any]]
OPENERS: dict[str, Opens] = {
    each.__name__: each
    for each in (
        open_audit_desk,
        open_consent_desk,
        open_duty_desk,
        open_key_desk,
        open_notice_desk,
        open_people_desk,
        open_records_desk,
        open_setup_desk,
        open_records,
    )
}
RUNTIME = Path(countenance.runtime.__file__).parent


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def settings(tmp_path: Path, clock: FixedClock) -> Settings:
    """An installation in which two people have something on file."""
    told = load_settings(
        overrides={"data_folder": tmp_path / "data", "root_key": f"file:{tmp_path / 'keys' / 'root.key'}"}
    )
    create_installation(told, clock=clock)
    with open_store(told, clock=clock) as store:
        keep(store, ANN, PURPOSE)
        keep(store, BEN, PURPOSE)
    return told


@pytest.fixture
def put_back(settings: Settings, tmp_path: Path, clock: FixedClock) -> Settings:
    """The same, after somebody copied back the data folder of before Ann was erased."""
    shutil.copytree(settings.data_folder, tmp_path / "snapshot")
    with open_people_desk(settings, clock=clock) as desk:
        desk.erasures.erase(ANN, None, author=OFFICER)
    shutil.rmtree(settings.data_folder)
    shutil.copytree(tmp_path / "snapshot", settings.data_folder)
    return settings


@pytest.mark.parametrize("name", OPENERS)
def test_a_store_in_which_erased_people_are_back_is_not_opened(
    put_back: Settings, clock: FixedClock, name: str
) -> None:
    with pytest.raises(ErasuresNotReplayed), OPENERS[name](put_back, clock=clock):
        pass


@pytest.mark.parametrize("name", OPENERS)
def test_a_journal_that_was_altered_is_not_passed_over(
    settings: Settings, clock: FixedClock, name: str
) -> None:
    journal = opening.journal_path(settings)
    journal.write_text("not a line of ours\n", encoding="utf-8")
    journal.chmod(0o600)
    with pytest.raises(ErasureJournalBroken), OPENERS[name](settings, clock=clock):
        pass


@pytest.mark.parametrize("name", OPENERS)
def test_otherwise_each_opens(settings: Settings, clock: FixedClock, name: str) -> None:
    with OPENERS[name](settings, clock=clock) as desk:
        assert desk is not None


def test_a_store_that_is_refused_is_closed(
    put_back: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[Store] = []
    close = Store.close

    def watched(self: Store) -> None:
        closed.append(self)
        close(self)

    monkeypatch.setattr(Store, "close", watched)
    with pytest.raises(ErasuresNotReplayed):
        open_store(put_back, clock=clock)
    assert len(closed) == 1


def test_what_is_no_store_is_said_so(settings: Settings, clock: FixedClock) -> None:
    path = settings.data_folder / "countenance.db"
    path.write_bytes(b"nothing of ours" * 100)
    with pytest.raises(StoreUnreadable):
        open_store(settings, clock=clock)


class Album:
    """Keeps something because of consents, and remembers what it let go."""

    name = "an album"

    def __init__(self) -> None:
        self.let_go: list[tuple[SubjectId, PurposeId]] = []

    def consent_withdrawn(self, withdrawn: ConsentWithdrawn) -> None:
        self.let_go.append((withdrawn.subject, withdrawn.purpose))


@pytest.fixture
def album(monkeypatch: pytest.MonkeyPatch) -> Album:
    keeper = Album()
    monkeypatch.setattr(opening, "listeners_over", lambda *_, **__: (keeper,))
    return keeper


def agree(settings: Settings, clock: FixedClock) -> None:
    with open_records(settings, clock=clock) as opened:
        opened.authority.record_evidence(
            key="consent.bundled_or_forced",
            content={"value": False},
            author="clerk",
            scope=EvidenceScope(purpose=PURPOSE, subject=ANN),
            source=FactSource.CONSENT_SCREEN,
        )


def test_a_withdrawal_at_a_command_s_desk_is_told_to_whoever_keeps_something(
    settings: Settings, clock: FixedClock, album: Album
) -> None:
    agree(settings, clock)
    with open_records_desk(settings, clock=clock) as desk:
        done = desk.withdraw_consent(author=OFFICER, subject=ANN, purpose=PURPOSE)
    assert done.told == ("an album",)
    assert album.let_go == [(ANN, PURPOSE)]


def test_what_is_kept_on_a_consent_goes_with_it_and_its_key_is_in_the_journal(
    settings: Settings, clock: FixedClock
) -> None:
    agree(settings, clock)
    with open_records_desk(settings, clock=clock) as desk:
        done = desk.withdraw_consent(author=OFFICER, subject=ANN, purpose=PURPOSE)
    assert len(done.certificates) == 1
    with open_store(settings, clock=clock) as store:
        assert len(store.journal(opening.journal_path(settings)).read().keys) == 1
        assert [file.decisions for file in store.retention.file_of(ANN)] == [()]
        assert store.retention.file_of(BEN)[0].decisions


@pytest.mark.parametrize(
    "name", ["open_records", "open_records_desk", "open_consent_desk", "open_duty_desk", "open_setup_desk"]
)
def test_every_desk_that_can_withdraw_has_the_same_listeners(
    settings: Settings, clock: FixedClock, album: Album, name: str
) -> None:
    agree(settings, clock)
    with OPENERS[name](settings, clock=clock) as desk:
        authority = desk.authority if name == "open_records" else desk._authority
        assert authority.withdraw_consent(subject=ANN, purpose=PURPOSE, by=OFFICER).told == ("an album",)


@pytest.mark.models
def test_the_server_has_the_same_listeners(tmp_path: Path, album: Album) -> None:
    settings = Settings(models_folder=default_models_folder())
    with prepare_demo(settings, folder=tmp_path / "demo", serving=True) as ready:
        authority = ready.services.records._authority
        authority.record_evidence(
            key="consent.bundled_or_forced",
            content={"value": False},
            author="clerk",
            scope=EvidenceScope(purpose=PURPOSE, subject=ANN),
            source=FactSource.CONSENT_SCREEN,
        )
        done = ready.services.records.withdraw_consent(author=OFFICER, subject=ANN, purpose=PURPOSE)
    assert done.told == ("an album",)
    assert album.let_go == [(ANN, PURPOSE)]


def calls_in(module: Path) -> set[str]:
    """Return what a module calls that opens a store or makes a desk that permits."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in ("Store.open", "AuthorityDesk"):
                found.add(called)
    return found


APART = {
    "opening": "here it is done",
    "demo": "makes its folder where there is none, and looks whether it was put back",
    "evaluation": "has a store of its own, in which no one consents",
    "liveness_bench": "has a store of a made-up desk, which is thrown away",
    "liveness_desk": "has a store of rendered people, which is thrown away",
    "people": "erases again what was erased, so it opens what nobody else may",
    "ray_gallery": "opens it where a part of the gallery runs, for its references alone",
    "reissue_drill": "has a store of made-up people, which is thrown away",
    "theft_drill": "makes, and opens as a thief would, stores of made-up people, which are thrown away",
    "verdict_bench": "has a store of made-up people, which is thrown away",
}


def test_nothing_else_opens_a_store() -> None:
    modules = {path.stem: calls_in(path) for path in RUNTIME.glob("*.py")}
    assert {name for name, calls in modules.items() if calls} == set(APART)
