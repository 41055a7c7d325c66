"""Scenes in their best form, and whether the rules of a jurisdiction leave them any permitted form."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from countenance.policy.evaluation import combine, evaluate
from countenance.policy.facts import Facts
from countenance.policy.parsing import RulePackInvalid
from countenance.policy.rules import RuleSet
from countenance.policy.verdict import Verdict
from countenance.policy.vocabulary import Vocabulary

__all__ = ["PermittedForm", "SceneForm", "SceneForms", "parse_scene_forms", "permitted_form"]

_NEEDED: Final = frozenset({"id", "title", "place", "operations", "true"})
_OPTIONAL: Final = frozenset({"untrue", "chosen"})


@dataclass(frozen=True, slots=True)
class SceneForm:
    """A scene as it would be done well.

    Attributes:
        scene_id: stable name.
        title: what is done, for a reader.
        place_kind: from the vocabulary.
        operations: what it does, in order.
        true: triggers that hold; every other trigger is stated false.
        untrue: evidence that nobody could file truthfully for it, and why not.
        chosen: evidence that it rests on where a rule offers an alternative.
    """

    scene_id: str
    title: str
    place_kind: str
    operations: tuple[str, ...]
    true: frozenset[str]
    untrue: Mapping[str, str]
    chosen: frozenset[str]


@dataclass(frozen=True, slots=True)
class SceneForms:
    """Scenes, and the jurisdictions that they are asked in."""

    scenes: tuple[SceneForm, ...]
    jurisdictions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PermittedForm:
    """What a scene needs in a jurisdiction, or why it has no permitted form there.

    Attributes:
        scene_id: the scene.
        jurisdiction: where.
        refused_by: rules that refuse even with all on file that can truthfully be filed; empty if the
            scene has a permitted form.
        before: what has to be on file first; alternatives apart.
        duties: what is owed afterwards; alternatives apart.
        kept_early: how many of the duties rest only on rules that aren't in force yet and that the house
            keeps already.
        house_rules_only: whether no rule of the jurisdiction itself speaks.
    """

    scene_id: str
    jurisdiction: str
    refused_by: tuple[str, ...]
    before: tuple[tuple[str, ...], ...]
    duties: tuple[tuple[str, ...], ...]
    kept_early: int
    house_rules_only: bool

    @property
    def exists(self) -> bool:
        """Whether the scene can be permitted at all."""
        return not self.refused_by

    @property
    def words(self) -> str:
        """The cell, for a reader: ``permitted (25 before, 3 duties)``."""
        if not self.exists:
            return f"no permitted form: {', '.join(self.refused_by)}"
        return f"permitted ({len(self.before)} before, {len(self.duties)} duties)"

    def to_json(self) -> dict[str, object]:
        """Return the cell as plain JSON values."""
        return {
            "scene": self.scene_id,
            "jurisdiction": self.jurisdiction,
            "permitted": self.exists,
            "refused_by": list(self.refused_by),
            "before": [list(keys) for keys in self.before],
            "duties": [list(keys) for keys in self.duties],
            "kept_early": self.kept_early,
            "house_rules_only": self.house_rules_only,
        }


def parse_scene_forms(text: str, vocabulary: Vocabulary) -> SceneForms:
    """Read scenes from TOML.

    Raises:
        RulePackInvalid: if the text isn't of the form, or a word isn't in the vocabulary.
    """
    try:
        data = tomllib.loads(text)
        _require_form(data)
        scenes = tuple(_scene(entry, vocabulary) for entry in data["scene"])
        return SceneForms(scenes, tuple(str(code) for code in data["jurisdictions"]))
    except (tomllib.TOMLDecodeError, ValueError, TypeError, KeyError, AttributeError) as error:
        msg = f"The scenes can't be read: {error}."
        raise RulePackInvalid(msg) from error


def permitted_form(
    rules: RuleSet, scene: SceneForm, jurisdiction: str, *, vocabulary: Vocabulary, at: date
) -> PermittedForm:
    """Ask the rules of one jurisdiction about a scene: with nothing on file, and with all that can be.

    Args:
        rules: the rules in use.
        scene: what is asked about.
        jurisdiction: where.
        vocabulary: the words.
        at: the day for which it is asked.
    """
    stated = {name: name in scene.true for name in vocabulary.triggers}

    def ask(filed: Iterable[str], honour_early: frozenset[str] | None = None) -> Verdict:
        evidence = dict.fromkeys(filed, ("supposed",))
        each = (
            Facts(operation, scene.place_kind, (jurisdiction,), at, stated, evidence)
            for operation in scene.operations
        )
        return combine(
            [evaluate(rules, facts, vocabulary=vocabulary, honour_early=honour_early) for facts in each]
        )

    first = ask(scene.chosen)
    in_force = ask(scene.chosen, frozenset())
    best = ask(vocabulary.evidence.keys() - scene.untrue.keys())
    chosen = [(key,) for key, _ in first.satisfied_by]
    obstacles = () if best.allowed else tuple(f.rule_id for f in best.refusing) or ("no pack",)
    return PermittedForm(
        scene_id=scene.scene_id,
        jurisdiction=jurisdiction,
        refused_by=obstacles,
        before=tuple(sorted([*chosen, *(entry.alternatives for entry in first.missing)])),
        duties=tuple(entry.alternatives for entry in first.duties),
        kept_early=len(first.duties) - len(in_force.duties),
        house_rules_only=best.house_rules_only,
    )


def _require_form(data: Mapping[str, object]) -> None:
    if data.keys() != {"schema", "jurisdictions", "scene"} or data["schema"] != 1:
        msg = "it isn't of form 1"
        raise ValueError(msg)


def _scene(entry: Mapping[str, Any], vocabulary: Vocabulary) -> SceneForm:
    if not _NEEDED <= entry.keys() <= _NEEDED | _OPTIONAL:
        msg = f"a scene has the members {', '.join(sorted(_NEEDED))}"
        raise ValueError(msg)
    scene = SceneForm(
        scene_id=str(entry["id"]),
        title=str(entry["title"]),
        place_kind=str(entry["place"]),
        operations=tuple(entry["operations"]),
        true=frozenset(entry["true"]),
        untrue=dict(entry.get("untrue", {})),
        chosen=frozenset(entry.get("chosen", ())),
    )
    unknown = {
        *(set(scene.operations) - vocabulary.operations.keys()),
        *({scene.place_kind} - vocabulary.places.keys()),
        *(scene.true - vocabulary.triggers.keys()),
        *((scene.untrue.keys() | scene.chosen) - vocabulary.evidence.keys()),
    }
    if unknown or not scene.operations:
        msg = f"{scene.scene_id}: not in the vocabulary: {', '.join(sorted(unknown)) or 'no operation'}"
        raise ValueError(msg)
    return scene
