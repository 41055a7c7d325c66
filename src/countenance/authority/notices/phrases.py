"""The system's own words, in every language, from one table."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

__all__ = ["phrase", "phrases"]


@cache
def phrases() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Return the whole table: group -> name -> language -> words."""
    text = files("countenance.authority.notices").joinpath("phrases.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def phrase(group: str, name: str, language: str, **values: object) -> str:
    """Return the words of a name in a language, with its places filled in.

    Raises:
        KeyError: if there are none; nothing is shown without its words.
    """
    words = phrases()[group][name][language]
    return words.format(**values) if values else words
