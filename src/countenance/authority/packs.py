"""Reads the rules that come with the package. ``policy`` itself opens no file."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from countenance.policy import RuleSet, Vocabulary, parse_pack, parse_vocabulary

__all__ = ["shipped_rules"]


@cache
def shipped_rules() -> tuple[RuleSet, Vocabulary]:
    """Return the shipped rule packs, joined, and the vocabulary that explains them.

    They are read and checked once for each process.

    Raises:
        RulePackInvalid: if a pack can't be read.
        VocabularyInvalid: if the vocabulary can't be read.
        RuleSetInvalid: if the packs don't fit together.
        VocabularyIncomplete: if a rule uses a word that the vocabulary lacks.
    """
    folder = files("countenance.policy")
    texts = sorted(
        (entry.name, entry.read_text(encoding="utf-8"))
        for entry in folder.joinpath("packs").iterdir()
        if entry.name.endswith(".toml")
    )
    rules = RuleSet.of(parse_pack(text) for _, text in texts)
    vocabulary = parse_vocabulary(folder.joinpath("vocabulary.toml").read_text(encoding="utf-8"))
    vocabulary.check(rules)
    return rules, vocabulary
