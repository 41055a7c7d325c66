"""A build backend that builds nothing: it answers pip's questions without running the package's code.

pip asks a source distribution for its metadata even when it only downloads it, and a package without
``pyproject.toml`` would answer by running its own ``setup.py``. Copied to ``setuptools/build_meta.py``
on the path of pip's child process, this module answers instead, with the name and version that were
asked for. It imports nothing but the standard library, because it runs in the Python of any pip.
"""

from __future__ import annotations

import os
from pathlib import Path


class InertBackend:
    """The two answers (PEP 517) that ``pip download`` needs."""

    def get_requires_for_build_wheel(self, config_settings: object = None) -> list[str]:
        """Return what a build would need: nothing."""
        del config_settings
        return []

    def prepare_metadata_for_build_wheel(
        self, metadata_directory: str, config_settings: object = None
    ) -> str:
        """Write the least metadata that there can be and return the name of its folder."""
        del config_settings
        name, version = os.environ["COUNTENANCE_INERT_NAME"], os.environ["COUNTENANCE_INERT_VERSION"]
        folder = f"{name}-{version}.dist-info"
        target = Path(metadata_directory) / folder
        target.mkdir()
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        (target / "METADATA").write_text(text, encoding="utf-8")
        return folder


# What pip looks for in ``setuptools.build_meta`` when a package names no backend.
__legacy__ = InertBackend()
get_requires_for_build_wheel = __legacy__.get_requires_for_build_wheel
prepare_metadata_for_build_wheel = __legacy__.prepare_metadata_for_build_wheel
