"""What every package client does: it leaves the archive that was asked for in the folder, or says why not.

Subclass it, give the two fixtures, and it runs.
"""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import pytest

from countenance.kernel import OperatorError
from countenance.vision.registry import PackageClient, PackageSource
from countenance.vision.registry.client import unwatched


class PackageClientContract:
    """Fixtures to give: ``client``, and ``source``, an archive that it can bring."""

    @pytest.fixture
    def client(self) -> PackageClient:
        raise NotImplementedError

    @pytest.fixture
    def source(self) -> PackageSource:
        raise NotImplementedError

    @pytest.fixture
    def into(self, tmp_path: Path) -> Path:
        folder = tmp_path / "private"
        folder.mkdir()
        return folder

    def test_it_brings_the_pinned_archive(
        self, client: PackageClient, source: PackageSource, into: Path
    ) -> None:
        seen: list[int] = []
        path = client.bring(source, into=into, watch=seen.append)
        content = path.read_bytes()
        assert len(content) == source.archive_bytes
        assert hashlib.sha256(content).hexdigest() == source.archive_sha256
        assert all(count >= 0 for count in seen)

    def test_it_writes_below_the_given_folder_alone(
        self, client: PackageClient, source: PackageSource, into: Path
    ) -> None:
        before = {path for path in into.parent.rglob("*") if not path.is_relative_to(into)}
        path = client.bring(source, into=into, watch=unwatched)
        assert path.is_relative_to(into)
        assert {path for path in into.parent.rglob("*") if not path.is_relative_to(into)} == before

    def test_what_nobody_published_is_an_operators_error_with_a_remedy(
        self, client: PackageClient, source: PackageSource, into: Path
    ) -> None:
        absent = dataclasses.replace(source, version="0.0.987654", archive_sha256="0" * 64)
        with pytest.raises(OperatorError) as refused:
            client.bring(absent, into=into, watch=unwatched)
        assert refused.value.code in {"package-not-brought", "offline-file-missing"}
        assert source.name in refused.value.message
        assert "--from" in refused.value.remedy or "folder" in refused.value.remedy

    def test_an_error_holds_no_address(
        self, client: PackageClient, source: PackageSource, into: Path
    ) -> None:
        absent = dataclasses.replace(source, version="0.0.987654", archive_sha256="0" * 64)
        with pytest.raises(OperatorError) as refused:
            client.bring(absent, into=into, watch=unwatched)
        assert "://" not in refused.value.diagnostics()
