from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.kernel import FixedClock
from countenance.vision.registry import (
    FetchFailed,
    FetchRefused,
    Job,
    LicenceNotAcknowledged,
    ManifestInvalid,
    MemberHashWrong,
    ModelFormat,
    ModelHashWrong,
    ModelStore,
    OfflineFileMissing,
    OperatorModel,
    OperatorSource,
    TrainingSets,
    Way,
)
from countenance.vision.registry.operator_models import (
    operator_entries,
    operator_entry,
    write_operator_entries,
)
from synthetic_packages import (
    OTHER_WEIGHTS,
    WEIGHTS,
    HeardProgress,
    ScriptedClient,
    entry,
    files_below,
    manifest_of_one,
    sha256,
    source,
    wheel,
)

TODAY = date(2026, 5, 17)


def offer(given_file: Path, **changes: object) -> OperatorModel:
    model = OperatorModel(
        model_id="my-net",
        job=Job.LIVENESS,
        format=ModelFormat.ONNX,
        address=given_file.as_uri(),
        sha256=sha256(WEIGHTS),
        licence="Apache-2.0",
        acknowledged=True,
    )
    return dataclasses.replace(model, **changes)  # type: ignore[arg-type]


@pytest.fixture
def given_file(tmp_path: Path) -> Path:
    path = tmp_path / "given" / "net.onnx"
    path.parent.mkdir()
    path.write_bytes(WEIGHTS)
    return path


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(
        folder=tmp_path / "models",
        manifest=manifest_of_one(),
        client=ScriptedClient({"demo-weights": wheel()}),
        clock=FixedClock(datetime(2026, 5, 17, 23, 30, tzinfo=UTC)),
    )


def test_a_model_of_the_operators_own_is_kept_listed_and_read(store: ModelStore, given_file: Path) -> None:
    heard = HeardProgress()
    added = store.add(offer(given_file), progress=heard)
    assert added.way is Way.ADDRESS
    assert store.read("my-net") == WEIGHTS
    assert store.manifest.ids == ("demo-net", "my-net")
    assert store.manifest.defaults == ("demo-net",)
    assert heard.heard[-1] == "ready my-net"
    assert files_below(store.folder) == {"weights/my-net.onnx", "operator.toml"}
    listed = store.manifest.entry("my-net")
    assert listed.source == OperatorSource(address=given_file.as_uri(), added_on=TODAY)
    assert listed.licence.spdx == "Apache-2.0"
    assert listed.unknown


def test_another_process_sees_it(store: ModelStore, given_file: Path) -> None:
    store.add(offer(given_file))
    again = ModelStore(folder=store.folder, manifest=manifest_of_one(), client=ScriptedClient({}))
    assert again.read("my-net") == WEIGHTS


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"acknowledged": False}, LicenceNotAcknowledged, id="licence-not-read"),
        pytest.param({"sha256": sha256(OTHER_WEIGHTS)}, MemberHashWrong, id="other-hash"),
        pytest.param({"sha256": "abc"}, ManifestInvalid, id="no-hash"),
        pytest.param({"model_id": "My Net"}, ManifestInvalid, id="bad-id"),
        pytest.param({"model_id": "../net"}, ManifestInvalid, id="climbing-id"),
        pytest.param({"model_id": "demo-net"}, ManifestInvalid, id="id-of-a-shipped-one"),
        pytest.param({"licence": ""}, ManifestInvalid, id="no-licence"),
        pytest.param({"licence": "a\nb"}, ManifestInvalid, id="licence-of-two-lines"),
        pytest.param({"address": "http://example.test/net.onnx"}, FetchRefused, id="plain-http"),
        pytest.param({"address": "file:///no/such/net.onnx"}, FetchFailed, id="no-file"),
    ],
)
def test_a_bad_offer_is_refused_and_changes_nothing(
    store: ModelStore, given_file: Path, changes: dict[str, object], error: type[Exception]
) -> None:
    store.add(offer(given_file, model_id="first"))
    before = (store.folder / "operator.toml").read_bytes()
    with pytest.raises(error):
        store.add(offer(given_file, **changes))
    assert (store.folder / "operator.toml").read_bytes() == before
    assert files_below(store.folder) == {"weights/first.onnx", "operator.toml"}


def test_one_id_is_given_once(store: ModelStore, given_file: Path) -> None:
    store.add(offer(given_file))
    with pytest.raises(ManifestInvalid, match="my-net"):
        store.add(offer(given_file))


def test_a_wrong_hash_names_the_model_and_both_hashes(store: ModelStore, given_file: Path) -> None:
    with pytest.raises(MemberHashWrong) as refused:
        store.add(offer(given_file, sha256=sha256(OTHER_WEIGHTS).upper()))
    for part in ("my-net", sha256(OTHER_WEIGHTS), sha256(WEIGHTS)):
        assert part in refused.value.message


def test_it_is_compared_at_every_load_like_ours(store: ModelStore, given_file: Path) -> None:
    added = store.add(offer(given_file))
    added.path.write_bytes(OTHER_WEIGHTS)
    with pytest.raises(ModelHashWrong, match="my-net"):
        store.read("my-net")


def test_a_lost_file_comes_back_from_its_address_or_from_a_folder(
    store: ModelStore, given_file: Path
) -> None:
    added = store.add(offer(given_file))
    added.path.unlink()
    assert store.pull(["my-net"])[0].way is Way.ADDRESS
    added.path.unlink()
    assert store.pull(["my-net"], offline_folder=given_file.parent)[0].way is Way.OFFLINE
    added.path.unlink()
    given_file.unlink()
    with pytest.raises(OfflineFileMissing, match="my-net"):
        store.pull(["my-net"], offline_folder=given_file.parent)
    with pytest.raises(FetchFailed):
        store.pull(["my-net"])


def test_an_address_that_gives_another_file_later_is_refused(store: ModelStore, given_file: Path) -> None:
    store.add(offer(given_file)).path.unlink()
    given_file.write_bytes(OTHER_WEIGHTS)
    with pytest.raises(MemberHashWrong, match="my-net"):
        store.pull(["my-net"])
    assert files_below(store.folder) == {"operator.toml"}


@pytest.mark.parametrize("text", ["[[[", "models = 3", '[[models]]\nmodel_id = "x"\n', "packages = {}\n"])
def test_a_list_that_cannot_be_read_is_refused_whole(store: ModelStore, text: str) -> None:
    store.folder.mkdir()
    (store.folder / "operator.toml").write_text(text)
    with pytest.raises(ManifestInvalid):
        _ = store.manifest


def test_a_list_that_is_no_text_is_refused(store: ModelStore) -> None:
    store.folder.mkdir()
    (store.folder / "operator.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ManifestInvalid, match="UTF-8"):
        _ = store.manifest


def test_a_shipped_entry_is_never_written_into_the_operators_list(tmp_path: Path) -> None:
    with pytest.raises(ManifestInvalid):
        write_operator_entries(tmp_path, (entry(source=source(wheel())),))
    assert not (tmp_path / "operator.toml").exists()


def test_a_folder_without_a_list_has_no_entries(tmp_path: Path) -> None:
    assert operator_entries(tmp_path) == ()
    assert operator_entries(tmp_path / "none") == ()


@given(title=st.text(max_size=80), size=st.integers(min_value=1, max_value=2**31))
def test_whatever_the_title_the_list_reads_back_the_same_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, title: str, size: int
) -> None:
    folder = tmp_path_factory.mktemp("list")
    try:
        made = operator_entry(offer(folder / "net.onnx", title=title), size=size, today=TODAY)
        write_operator_entries(folder, (made,))
    except ManifestInvalid:
        assert files_below(folder) == set()
        return
    assert operator_entries(folder) == (made,)


def test_training_sets_are_unknown_unless_the_operator_names_them(
    store: ModelStore, given_file: Path
) -> None:
    store.add(offer(given_file))
    assert store.manifest.entry("my-net").dataset_provenance is TrainingSets.UNKNOWN
    assert "Training data unknown." in store.manifest.entry("my-net").unknown


def test_named_training_sets_are_written_down_and_read_back(store: ModelStore, given_file: Path) -> None:
    store.add(offer(given_file, training_sets=('Set of "A"', "Set B")))
    listed = store.manifest.entry("my-net")
    assert listed.dataset_provenance is TrainingSets.STATED
    assert listed.training_sets == ('Set of "A"', "Set B")
    assert not any("unknown" in words for words in listed.unknown)
