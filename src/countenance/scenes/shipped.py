"""The scene profiles that come with the package."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

from countenance.scenes.errors import SceneInvalid
from countenance.scenes.profile import SceneProfile, parse_profile

__all__ = ["shipped_profiles"]


def shipped_profiles() -> Mapping[str, SceneProfile]:
    """Return every shipped profile by its id, in the order of ids.

    Raises:
        SceneInvalid: if a file's name isn't the id that it states, or its form is wrong.
    """
    found: dict[str, SceneProfile] = {}
    folder = files("countenance.scenes") / "profiles"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".toml"):
            continue
        profile = parse_profile(file.read_text(encoding="utf-8"))
        if file.name != f"{profile.scene_id}.toml":
            msg = f"The profile {profile.scene_id} lies in a file of another name."
            raise SceneInvalid(msg)
        found[profile.scene_id] = profile
    return MappingProxyType(found)
