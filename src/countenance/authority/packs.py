"""Reads the rules that come with the package, and an operator's own. ``policy`` itself opens no file."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from countenance.authority.pack_form import PackForm
from countenance.kernel import CountenanceError
from countenance.policy import (
    OwnPackRefused,
    RulePack,
    RuleSet,
    SceneForms,
    Vocabulary,
    parse_pack,
    parse_scene_forms,
    parse_vocabulary,
    with_own_packs,
)

__all__ = ["installed_rules", "own_packs", "read_own_pack", "shipped_rules", "shipped_scene_forms"]

LARGEST_PACK: Final = 1_000_000
"""Bytes. The largest shipped pack has 30,000."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")


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


@cache
def shipped_scene_forms() -> SceneForms:
    """Return the scenes of the scene by jurisdiction matrix.

    Raises:
        RulePackInvalid: if they can't be read.
    """
    text = files("countenance.policy").joinpath("matrix.toml").read_text(encoding="utf-8")
    return parse_scene_forms(text, shipped_rules()[1])


def installed_rules(folder: Path | None) -> tuple[RuleSet, Vocabulary]:
    """Return the rules of an installation: what is shipped, and the operator's own packs of a folder.

    Args:
        folder: of TOML files, one pack each; ``None`` if the operator has none.

    Raises:
        OwnPackRefused: if the folder or a pack of it can't be read or isn't stricter only; it names the pack.
        RuleSetInvalid: if two own rules have one identifier.
    """
    shipped, vocabulary = shipped_rules()
    if folder is None:
        return shipped, vocabulary
    return with_own_packs(shipped, own_packs(folder), vocabulary=vocabulary), vocabulary


def own_packs(folder: Path) -> tuple[RulePack, ...]:
    """Read every pack of a folder, by name.

    What isn't a TOML file is refused too: a pack that is left out by a misspelt name would be a rule that
    somebody believes is kept.

    Raises:
        OwnPackRefused: naming the pack.
    """
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        msg = "The folder that rules_folder names can't be read."
        raise OwnPackRefused(msg, remedy="Create it, or leave the setting out.") from error
    return tuple(read_own_pack(entry) for entry in entries if not entry.name.startswith("."))


def read_own_pack(path: Path) -> RulePack:
    """Read one pack of an operator's own.

    Raises:
        OwnPackRefused: if its name isn't small letters, digits and hyphens with ``.toml`` behind them, or
            it can't be read as a pack.
    """
    name = path.name.removesuffix(".toml")
    if not path.name.endswith(".toml") or not _NAME.fullmatch(name):
        msg = (
            "A file of the rules folder isn't named in small letters, digits and hyphens, with .toml behind."
        )
        raise OwnPackRefused(msg)
    try:
        if path.stat().st_size > LARGEST_PACK:
            msg = f"The pack {name} is larger than {LARGEST_PACK} bytes."
            raise OwnPackRefused(msg)
        text = path.read_text(encoding="utf-8")
        PackForm.model_validate(tomllib.loads(text))
        pack = parse_pack(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"The pack {name} can't be read as TOML."
        raise OwnPackRefused(msg) from error
    except ValidationError as error:
        msg = f"The pack {name} isn't of the published form: {_first(error)}."
        raise OwnPackRefused(msg) from error
    except CountenanceError as error:
        if isinstance(error, OwnPackRefused):
            raise
        msg = f"The pack {name}: {error.message}"
        raise OwnPackRefused(msg) from error
    return RulePack(pack.code, pack.title, pack.version, pack.rules, pack.sha256, own=name)


def _first(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in found["loc"]) or "the file"
    return f"{where}: {found['msg'].rstrip('.')}"
