from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from countenance.evaluation.datasets import DatasetInvalid, DatasetProvenance, shipped_provenance
from countenance.evaluation.people import (
    MEN,
    WOMEN,
    joint_provenance,
    joint_sha256,
    open_people,
)

ROWS = (
    "file,person_id,name,gender,congress,in_lfw\n"
    "new/b.jpg,P2,Bo Li,M,118,\n"
    "old/b.jpg,P2,Bo Li,M,114,\n"
    "old/a.jpg,P1,Ada Byron,F,114,Ada_King\n"
    "new/c.jpg,P3,,,118,\n"
)


def manifest(folder: Path, rows: str = ROWS) -> Path:
    for name in ("old/a.jpg", "old/b.jpg", "new/b.jpg", "new/c.jpg"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    (folder / "manifest.csv").write_text(rows, encoding="utf-8")
    return folder


def folders(folder: Path, people: dict[str, int]) -> Path:
    for name, count in people.items():
        (folder / name).mkdir(parents=True)
        for number in range(1, count + 1):
            (folder / name / f"{name}_{number:04d}.jpg").write_bytes(b"x")
    return folder


def test_a_manifest_says_who_is_on_which_picture(tmp_path: Path) -> None:
    people = open_people(manifest(tmp_path))
    assert people.people == 3
    assert [path.relative_to(tmp_path).as_posix() for path in people.pictures] == [
        "old/a.jpg",
        "old/b.jpg",
        "new/b.jpg",
        "new/c.jpg",
    ]
    assert people.owners.tolist() == [0, 1, 1, 2]
    assert people.collections.tolist() == [0, 0, 1, 1]
    assert people.names == ("Ada Byron", "Bo Li", "")
    assert people.also_named == (("Ada_King",), (), ())
    assert people.groups == (WOMEN, MEN, None)
    assert people.members(MEN).tolist() == [1]


def test_folders_say_it_too(tmp_path: Path) -> None:
    folder = folders(tmp_path / "set", {"Bo_Li": 2, "Ada_Byron": 1, ".hidden": 1})
    (folder / "people.csv").write_text("name,gender,images\nAda_Byron,female,1\nBo_Li,male,2\n")
    (folder / "notes.txt").write_text("no picture")
    (folder / "Bo_Li" / "notes.txt").write_text("no picture")
    people = open_people(folder)
    assert people.names == ("Ada_Byron", "Bo_Li")
    assert people.owners.tolist() == [0, 1, 1]
    assert people.groups == (WOMEN, MEN)
    assert np.unique(people.collections).tolist() == [0]


def test_without_a_list_of_people_there_are_no_groups(tmp_path: Path) -> None:
    assert open_people(folders(tmp_path / "set", {"A": 1})).groups == (None,)


def test_another_list_is_another_set(tmp_path: Path) -> None:
    first = open_people(manifest(tmp_path / "a"))
    again = open_people(manifest(tmp_path / "b"))
    other = open_people(manifest(tmp_path / "c", ROWS.replace("Bo Li", "Bo Lee")))
    assert first.sha256 == again.sha256 != other.sha256
    one, two = (open_people(folders(tmp_path / str(n), {"A": n})) for n in (1, 2))
    assert one.sha256 != two.sha256
    assert joint_sha256(one, two) != joint_sha256(two, one)


def test_two_names_may_be_one_person(tmp_path: Path) -> None:
    folder = folders(tmp_path / "set", {"A": 1, "B": 1, "C": 1})
    (folder / "one_person.csv").write_text("name_a,name_b\nC,A\nA,Nobody\nB,B\n")
    assert open_people(folder).one_person == ((2, 0),)


def test_what_is_known_of_a_published_set_counts_under_its_name(tmp_path: Path) -> None:
    names = {"Joseph_Blatter": 1, "Sepp_Blatter": 1, "Other": 1}
    assert open_people(folders(tmp_path / "lfw", names)).one_person == ((0, 2),)
    assert open_people(folders(tmp_path / "else", names)).one_person == ()


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param("file,person_id\n../secret.jpg,P\n", id="above the folder"),
        pytest.param("file,person_id\n/etc/hostname,P\n", id="elsewhere"),
        pytest.param("file,person_id\nold/none.jpg,P\n", id="not there"),
        pytest.param("file,person_id\nold/a.jpg,\n", id="of nobody"),
        pytest.param("file,person_id\n,P\n", id="no picture"),
        pytest.param("file,name\nold/a.jpg,P\n", id="another form"),
        pytest.param("file,person_id\n", id="nobody at all"),
    ],
)
def test_what_cannot_be_a_list_is_refused_without_naming_anybody(tmp_path: Path, rows: str) -> None:
    (tmp_path / "secret.jpg").write_bytes(b"x")
    with pytest.raises(DatasetInvalid) as refused:
        open_people(manifest(tmp_path / "set", rows))
    assert "secret" not in str(refused.value)
    assert "manifest.csv" in refused.value.remedy


def test_an_empty_folder_and_one_that_is_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetInvalid):
        open_people(tmp_path)
    with pytest.raises(DatasetInvalid):
        open_people(tmp_path / "none")


def test_names_and_paths_are_not_in_a_repr(tmp_path: Path) -> None:
    text = repr(open_people(manifest(tmp_path)))
    for word in ("Bo Li", "Ada", "old", str(tmp_path)):
        assert word not in text


def test_the_provenance_of_two_sets_names_both() -> None:
    congress, lfw = shipped_provenance("congress"), shipped_provenance("lfw")
    joint = joint_provenance(congress, lfw)
    assert joint is not None
    assert joint.name == "Portraits of members of the United States Congress and Labeled Faces in the Wild"
    assert "public domain" in joint.terms
    assert "made for research" in joint.terms


def test_one_without_provenance_leaves_both_without() -> None:
    known = DatasetProvenance(name="Ours", origin="volunteers", terms="signed")
    assert joint_provenance(known, None) is None
    assert joint_provenance(known) == known
