from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from countenance.evaluation.datasets import (
    DatasetInvalid,
    DatasetProvenance,
    open_pair_dataset,
    shipped_provenance,
    stated_provenance,
)
from countenance.kernel import sha256_hex

HEADER = "set,name_a,n_a,name_b,n_b,same\n"
ROWS = "1,Ann,1,Ann,2,1\n1,Ann,1,Bob,1,0\n2,Bob,1,Bob,2,1\n2,Bob,2,Ann,2,0\n"


def make(folder: Path, rows: str = ROWS, *, header: str = HEADER, ending: str = ".jpg") -> Path:
    for name in ("Ann", "Bob"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in (1, 2):
            (folder / name / f"{name}_{number:04d}{ending}").write_bytes(f"{name}{number}".encode())
    (folder / "pairs.csv").write_text(header + rows, encoding="utf-8")
    return folder


@pytest.mark.parametrize("ending", [".jpg", ".jpeg", ".png"])
def test_a_list_becomes_numbers(tmp_path: Path, ending: str) -> None:
    dataset = open_pair_dataset(make(tmp_path, ending=ending))
    assert len(dataset) == 4
    assert (len(dataset.pictures), dataset.people) == (4, 2)
    assert dataset.same.tolist() == [True, False, True, False]
    assert dataset.folds.tolist() == [1, 1, 2, 2]
    assert np.array_equal(dataset.owners[dataset.left] == dataset.owners[dataset.right], dataset.same)
    assert dataset.sha256 == sha256_hex((tmp_path / "pairs.csv").read_bytes())


def test_a_picture_that_is_in_two_pairs_is_one_picture(tmp_path: Path) -> None:
    dataset = open_pair_dataset(make(tmp_path))
    assert dataset.left[0] == dataset.left[1]


def test_nothing_shows_who_is_in_it(tmp_path: Path) -> None:
    assert "Ann" not in repr(open_pair_dataset(make(tmp_path)))


@pytest.mark.parametrize(
    ("rows", "header", "said"),
    [
        ("", HEADER, "empty"),
        (ROWS, "a,b\n", "columns"),
        ("1,Ann,1,Ann,2,2\n", HEADER, "Row 1"),
        ("1,Ann,x,Ann,2,1\n", HEADER, "Row 1"),
        ("1,Ann,1,Ann,-2,1\n", HEADER, "Row 1"),
        ("1,,1,,2,1\n", HEADER, "Row 1"),
        (ROWS + "2,../Ann,1,../Ann,2,1\n", HEADER, "Row 5"),
        (ROWS + "2,..,1,..,2,1\n", HEADER, "Row 5"),
        ("1,Ann,1,Bob,2,1\n", HEADER, "contradict"),
        ("1,Ann,1,Ann,2,0\n", HEADER, "contradict"),
        (ROWS + "2,Ann,7,Ann,1,1\n", HEADER, "row 5"),
        ("1,Ann,1,Ann,2,1\n1,Ann,1,Bob,1,0\n", HEADER, "one set"),
        ("1,Ann,1,Ann,2,1\n2,Ann,1,Bob,1,0\n", HEADER, "Outside every set"),
        (ROWS + "2,Ann,1,Ann,1,1\n", HEADER, "itself"),
    ],
)
def test_what_is_not_a_list_of_pairs_is_refused(tmp_path: Path, rows: str, header: str, said: str) -> None:
    make(tmp_path, rows, header=header)
    with pytest.raises(DatasetInvalid) as refused:
        open_pair_dataset(tmp_path)
    assert said in refused.value.message
    assert "Ann" not in refused.value.message


def test_no_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetInvalid):
        open_pair_dataset(tmp_path)


def test_a_list_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DatasetInvalid):
        open_pair_dataset(tmp_path)


class TestProvenance:
    """Where a data set comes from is said by somebody, or by nobody."""

    def test_a_published_one_is_known_by_its_folder(self, tmp_path: Path) -> None:
        folder = tmp_path / "lfw"
        folder.mkdir()
        known = stated_provenance(folder)
        assert known is not None
        assert known == shipped_provenance("LFW")
        assert known.name == "Labeled Faces in the Wild"

    def test_of_an_unknown_one_nothing_is_said(self, tmp_path: Path) -> None:
        assert stated_provenance(tmp_path) is None

    def test_the_file_in_the_folder_says_it(self, tmp_path: Path) -> None:
        (tmp_path / "dataset.toml").write_text('name = "Ours"\norigin = "volunteers"\nterms = "signed"\n')
        assert stated_provenance(tmp_path) == DatasetProvenance(
            name="Ours", origin="volunteers", terms="signed"
        )

    def test_what_is_stated_stands_over_the_file(self, tmp_path: Path) -> None:
        (tmp_path / "dataset.toml").write_text('name = "Ours"\norigin = "volunteers"\nterms = "signed"\n')
        stated = stated_provenance(tmp_path, terms="withdrawn in part")
        assert stated is not None
        assert (stated.name, stated.terms) == ("Ours", "withdrawn in part")

    @pytest.mark.parametrize("text", ['name = "Ours"\n', "name = 3\n", "no toml", 'name="a"\nmore="b"\n'])
    def test_a_file_of_another_form_is_refused(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "dataset.toml").write_text(text)
        with pytest.raises(DatasetInvalid):
            stated_provenance(tmp_path)

    def test_half_a_provenance_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(DatasetInvalid) as refused:
            stated_provenance(tmp_path, name="Ours")
        assert "--origin" in refused.value.remedy
