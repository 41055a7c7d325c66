from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from countenance.vision.registry import ArchiveKind, ModelEntry, ModelFormat, TrainingSets
from countenance.vision.registry.entries import Member
from synthetic_packages import entry, operator_source, source, wheel

ENTRY = TypeAdapter(ModelEntry)
MEMBER_NAME = TypeAdapter(Member)
GOOD = dataclasses.asdict(entry(source=source(wheel())))


def altered(**values: object) -> dict[str, object]:
    return {**GOOD, **values}


def test_a_complete_entry_is_accepted() -> None:
    assert ENTRY.validate_python(GOOD) == entry(source=source(wheel()))


def test_training_sets_are_unknown_until_somebody_names_them() -> None:
    left_out = {k: v for k, v in GOOD.items() if k not in {"dataset_provenance", "training_sets"}}
    assert ENTRY.validate_python(left_out).dataset_provenance is TrainingSets.UNKNOWN
    stated = ENTRY.validate_python(altered(dataset_provenance="stated", training_sets=("A set",)))
    assert stated.dataset_provenance is TrainingSets.STATED


@pytest.mark.parametrize("key", sorted(set(GOOD) - {"dataset_provenance", "default", "training_sets"}))
def test_every_key_is_needed(key: str) -> None:
    value = {k: v for k, v in GOOD.items() if k != key}
    with pytest.raises(ValidationError):
        ENTRY.validate_python(value)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"sha256": "A" * 64}, id="capital-hash"),
        pytest.param({"sha256": "a" * 63}, id="short-hash"),
        pytest.param({"model_id": "Net"}, id="capital-id"),
        pytest.param({"model_id": "../net"}, id="climbing-id"),
        pytest.param({"model_id": ""}, id="empty-id"),
        pytest.param({"bytes": 0}, id="empty-file"),
        pytest.param({"bytes": -1}, id="negative-size"),
        pytest.param({"job": "emotion"}, id="job-that-the-house-forbids"),
        pytest.param({"format": "pickle"}, id="format-that-can-run-code"),
        pytest.param({"unknown": ()}, id="everything-known"),
        pytest.param({"licence": {"spdx": "", "found": "x"}}, id="no-licence"),
        pytest.param({"licence": {"spdx": "MIT", "found": " "}}, id="licence-not-told"),
        pytest.param({"provenance": ""}, id="no-provenance"),
        pytest.param({"nobody-reads": 1}, id="further-key"),
        pytest.param({"dataset_provenance": "web"}, id="provenance-of-no-kind"),
        pytest.param({"dataset_provenance": "stated"}, id="stated-and-not-named"),
        pytest.param({"training_sets": ("A set",)}, id="named-and-unknown"),
        pytest.param({"dataset_provenance": "stated", "training_sets": (" ",)}, id="named-with-nothing"),
    ],
)
def test_a_wrong_value_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ENTRY.validate_python(altered(**wrong))


@pytest.mark.parametrize(
    "member",
    [
        "/etc/passwd",
        "../x",
        "a/../x",
        "a/..",
        "a//b",
        "./a",
        "a/./b",
        "a\\b",
        "a/",
        "",
        "a b",
        "a\n",
        "é",
        "-x",
    ],
)
def test_a_member_that_could_lead_out_is_refused(member: str) -> None:
    with pytest.raises(ValidationError):
        MEMBER_NAME.validate_python(member)


@given(st.text(alphabet="ab./\\-_0 ~", max_size=30))
def test_an_accepted_member_stays_inside(member: str) -> None:
    try:
        MEMBER_NAME.validate_python(member)
    except ValidationError:
        return
    assert not member.startswith(("/", "~"))
    assert not {"", ".", ".."} & set(member.split("/"))
    assert "\\" not in member


def test_the_kept_archive_has_its_hash_in_its_name() -> None:
    pinned = source(wheel(), name="@scope/demo", kind=ArchiveKind.TARBALL)
    assert pinned.archive_name == f"scope-demo-1.0-{pinned.archive_sha256[:12]}.tgz"
    assert pinned.words == "@scope/demo 1.0 (npm tarball)"


def test_an_entry_says_who_supplied_it() -> None:
    assert not entry(source=source(wheel())).operator_supplied
    supplied = entry(source=operator_source(), default=False)
    assert supplied.operator_supplied
    assert supplied.source.words == "supplied by the operator on 2026-01-02"
    assert supplied.file_name == f"demo-net.{ModelFormat.ONNX.value}"
