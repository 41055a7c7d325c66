"""The rules as they travel in a pack: the texts of the packs and the vocabulary, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from countenance.policy import RuleSet, Vocabulary, parse_pack, parse_vocabulary, with_own_packs

__all__ = ["VOCABULARY", "rule_texts", "rules_of"]

VOCABULARY = "rules/vocabulary.toml"
_SHIPPED = "rules/shipped/"
_OWN = "rules/own/"


def rule_texts(own_folder: Path | None) -> dict[str, bytes]:
    """Return the texts of the installed rules by their names in a pack.

    Args:
        own_folder: the operator's own packs; ``None`` if there are none.

    Raises:
        OSError: if one can't be read.
    """
    folder = files("countenance.policy")
    texts = {
        f"{_SHIPPED}{entry.name.lower()}": entry.read_bytes()
        for entry in folder.joinpath("packs").iterdir()
        if entry.name.endswith(".toml")
    }
    texts[VOCABULARY] = folder.joinpath("vocabulary.toml").read_bytes()
    for path in () if own_folder is None else sorted(own_folder.glob("*.toml")):
        texts[f"{_OWN}{path.name}"] = path.read_bytes()
    return texts


def rules_of(members: Mapping[str, bytes]) -> tuple[RuleSet, Vocabulary]:
    """Return the rules and the vocabulary of a pack's texts.

    Raises:
        KeyError: if there is no vocabulary.
        UnicodeDecodeError: if a text isn't UTF-8.
        OperatorError: if they aren't rules, or don't fit together.
    """
    vocabulary = parse_vocabulary(members[VOCABULARY].decode())
    shipped = RuleSet.of(
        parse_pack(text.decode()) for name, text in sorted(members.items()) if name.startswith(_SHIPPED)
    )
    own = [
        replace(parse_pack(text.decode()), own=name.removeprefix(_OWN).removesuffix(".toml"))
        for name, text in sorted(members.items())
        if name.startswith(_OWN)
    ]
    rules = with_own_packs(shipped, own, vocabulary=vocabulary)
    vocabulary.check(rules)
    return rules, vocabulary
