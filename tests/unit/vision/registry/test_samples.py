from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from countenance.vision.registry import (
    ArchiveHashWrong,
    ArchiveKind,
    Licence,
    MemberHashWrong,
    Sample,
    SampleHashWrong,
    SampleList,
    SampleMissing,
    SampleStore,
    SampleUnknown,
    Way,
    default_samples_folder,
    shipped_samples,
)
from synthetic_packages import HeardProgress, ScriptedClient, files_below, sha256, source, tarball

PICTURES = {"demo-1.0/tests/one.jpg": b"one", "demo-1.0/tests/two.jpg": b"two two"}
ARCHIVE = tarball({"demo-1.0/setup.py": b"", **PICTURES})


def photograph(name: str, **changes: object) -> Sample:
    member = f"demo-1.0/tests/{name}.jpg"
    content = PICTURES[member]
    made = Sample(
        name=name, title="A wall", member=member, sha256=sha256(content), bytes=len(content), person="nobody"
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


SAMPLES = SampleList(
    package=source(ARCHIVE, kind=ArchiveKind.SDIST, name="demo"),
    licence=Licence(spdx="CC0-1.0", found="Made for a test."),
    samples=(photograph("one"), photograph("two")),
)


@pytest.fixture
def client() -> ScriptedClient:
    return ScriptedClient({"demo": ARCHIVE})


@pytest.fixture
def store(tmp_path: Path, client: ScriptedClient) -> SampleStore:
    return SampleStore(folder=tmp_path / "samples", samples=SAMPLES, client=client)


def test_the_photographs_come_out_of_one_archive(store: SampleStore, client: ScriptedClient) -> None:
    heard = HeardProgress()
    assert [item.way for item in store.pull(progress=heard)] == [Way.PACKAGE, Way.KEPT_ARCHIVE]
    assert client.asked == ["demo"]
    assert store.names == ("one", "two")
    assert store.read("one") == b"one"
    assert store.path("two").read_bytes() == b"two two"
    assert heard.heard[-1] == "ready two"
    assert [item.way for item in store.pull()] == [Way.ALREADY_HERE] * 2


def test_nothing_else_of_the_archive_is_unpacked(store: SampleStore) -> None:
    store.pull()
    kept = f"archives/{SAMPLES.package.archive_name}"
    assert files_below(store.folder) == {"photographs/one.jpg", "photographs/two.jpg", kept}


def test_a_photograph_that_is_not_here_says_how_to_bring_it(store: SampleStore) -> None:
    with pytest.raises(SampleMissing) as refused:
        store.read("one")
    assert "countenance samples pull" in refused.value.remedy


def test_a_changed_photograph_is_never_handed_out(store: SampleStore) -> None:
    store.pull()
    store.path("one").write_bytes(b"two")
    with pytest.raises(SampleHashWrong, match="one"):
        store.read("one")
    store.pull()
    assert store.read("one") == b"one"


def test_a_name_that_nobody_has_is_refused_with_those_that_there_are(store: SampleStore) -> None:
    for ask in (store.read, store.path):
        with pytest.raises(SampleUnknown, match="one, two"):
            ask("../one")


def test_another_archive_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    client = ScriptedClient({"demo": ARCHIVE[:-1]})
    store = SampleStore(folder=tmp_path, samples=SAMPLES, client=client)
    with pytest.raises(ArchiveHashWrong, match="'one'"):
        store.pull()
    assert files_below(tmp_path) == set()


def test_another_photograph_in_the_pinned_archive_is_refused(tmp_path: Path, client: ScriptedClient) -> None:
    wrong = dataclasses.replace(SAMPLES, samples=(photograph("one", sha256=sha256(b"eno")),))
    with pytest.raises(MemberHashWrong, match=r"one\.jpg"):
        SampleStore(folder=tmp_path, samples=wrong, client=client).pull()
    assert not (tmp_path / "photographs").exists()


def test_an_offline_folder_serves(store: SampleStore, tmp_path: Path, client: ScriptedClient) -> None:
    carried = tmp_path / "usb"
    carried.mkdir()
    (carried / "x").write_bytes(ARCHIVE)
    assert store.pull(offline_folder=carried)[0].way is Way.OFFLINE
    assert client.asked == []


class TestShipped:
    def test_two_people_and_several_photographs_of_one(self) -> None:
        samples = shipped_samples()
        assert samples.names == ("obama", "obama2", "obama3", "biden")
        assert [sample.person for sample in samples.samples] == ["obama", "obama", "obama", "biden"]

    def test_the_terms_are_told_as_found(self) -> None:
        found = shipped_samples().licence.found
        assert "no copyright in the United States" in found
        assert "copyright fields ask for more" in found

    def test_left_to_itself_the_store_is_the_default_one(self) -> None:
        assert SampleStore().folder == default_samples_folder()
        assert SampleStore().samples == shipped_samples()

    @pytest.mark.models
    def test_the_photographs_here_are_the_pinned_ones(self) -> None:
        store = SampleStore()
        for sample in shipped_samples().samples:
            content = store.read(sample.name)
            assert len(content) == sample.bytes
            assert content.startswith(b"\xff\xd8\xff")
