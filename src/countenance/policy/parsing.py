"""Reads packs and the vocabulary from TOML text. What isn't understood is refused, never skipped."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from typing import ClassVar, Final, TypeVar

from countenance.kernel import OperatorError, sha256_hex
from countenance.policy.rules import (
    Effect,
    EvidenceNeed,
    Force,
    Phase,
    Requirement,
    Rule,
    RulePack,
    TrustMark,
)
from countenance.policy.vocabulary import (
    DutyStart,
    EvidenceTerm,
    FactSource,
    IssuerKind,
    Term,
    TriggerTerm,
    Vocabulary,
)

__all__ = ["SCHEMA", "RulePackInvalid", "VocabularyInvalid", "parse_pack", "parse_vocabulary"]

SCHEMA: Final = 1
"""The version of both file forms that this code reads."""

_CODE = re.compile(r"\*|[A-Z]{2,3}(/[A-Z0-9]+)*")
_NEED = re.compile(r"([a-z0-9_.<=+]+)( \(duty\))?")
_PACK_MEMBERS = frozenset({"schema", "code", "title", "version", "rule"})
_RULE_MEMBERS = frozenset(
    {"id", "citation", "force", "effect", "text", "operations", "places", "evidence", "trust"}
)
_RULE_OPTIONS = frozenset({"trigger", "applies_from"})
_T = TypeVar("_T")


class RulePackInvalid(OperatorError):
    """A rule pack can't be read as rules."""

    code = "rule-pack-invalid"
    default_remedy: ClassVar[str] = "Correct the pack, or take it from the release again."


class VocabularyInvalid(OperatorError):
    """The vocabulary can't be read."""

    code = "vocabulary-invalid"
    default_remedy: ClassVar[str] = "Correct the vocabulary, or take it from the release again."


def parse_pack(text: str) -> RulePack:
    """Read one pack.

    Evidence is written as a list of strings; each is one requirement, its alternatives separated by
    ``|``, and ``(duty)`` stands behind what can only come after the act::

        evidence = ["purpose", "raw_deleted (duty) | consent.written"]

    Args:
        text: TOML with ``schema``, ``code``, ``title``, ``version`` and a list ``rule``.

    Raises:
        RulePackInvalid: if the text isn't TOML, a member is missing, unknown or of the wrong type, or a
            rule contradicts itself. An unknown member is refused because a misspelt ``trigger`` would
            otherwise silently change what a rule does.
    """
    try:
        data = tomllib.loads(text)
        _require_members(data, _PACK_MEMBERS, frozenset(), "the pack")
        _require_schema(data)
        code = _jurisdiction(data["code"])
        return RulePack(
            code=code,
            title=_typed(data["title"], str, "title"),
            version=_typed(data["version"], date, "version"),
            rules=tuple(_rule(entry, code) for entry in _typed(data["rule"], list, "rule")),
            sha256=sha256_hex(text.encode("utf-8")),
        )
    except (tomllib.TOMLDecodeError, ValueError, TypeError) as error:
        msg = f"The rule pack can't be read: {error}."
        raise RulePackInvalid(msg) from error


def parse_vocabulary(text: str) -> Vocabulary:
    """Read the vocabulary.

    Args:
        text: TOML with ``schema`` and the tables ``operations``, ``places``, ``triggers`` and
            ``evidence``.

    Raises:
        VocabularyInvalid: if the text isn't TOML, or an entry lacks a member, has one too many, or is a
            duty without a deadline.
    """
    try:
        data = tomllib.loads(text)
        tables = frozenset({"schema", "operations", "places", "triggers", "evidence"})
        _require_members(data, tables, frozenset(), "the vocabulary")
        _require_schema(data)
        return Vocabulary(
            operations={k: _term(k, v) for k, v in _table(data, "operations").items()},
            places={k: _term(k, v) for k, v in _table(data, "places").items()},
            triggers={k: _trigger(k, v) for k, v in _table(data, "triggers").items()},
            evidence={k: _evidence(k, v) for k, v in _table(data, "evidence").items()},
        )
    except (tomllib.TOMLDecodeError, ValueError, TypeError) as error:
        msg = f"The vocabulary can't be read: {error}."
        raise VocabularyInvalid(msg) from error


def _require_schema(data: Mapping[str, object]) -> None:
    if data["schema"] != SCHEMA:
        msg = f"schema {data['schema']!r} isn't {SCHEMA}"
        raise ValueError(msg)


def _jurisdiction(value: object) -> str:
    code = _typed(value, str, "code")
    if not _CODE.fullmatch(code):
        msg = f"code {code!r} isn't a jurisdiction"
        raise ValueError(msg)
    return code


def _rule(entry: object, code: str) -> Rule:
    data = _typed(entry, dict, "rule")
    name = _typed(data.get("id"), str, "the id of a rule")
    _require_members(data, _RULE_MEMBERS, _RULE_OPTIONS, f"rule {name}")
    trigger = data.get("trigger")
    applies_from = data.get("applies_from")
    return Rule(
        rule_id=name,
        jurisdiction=code,
        citation=_typed(data["citation"], str, f"{name}: citation"),
        force=Force(data["force"]),
        effect=Effect(data["effect"]),
        text=_typed(data["text"], str, f"{name}: text"),
        operations=_names(data["operations"], f"{name}: operations"),
        places=_names(data["places"], f"{name}: places"),
        requirements=tuple(_requirement(line, name) for line in _typed(data["evidence"], list, "evidence")),
        trigger=None if trigger is None else _typed(trigger, str, f"{name}: trigger"),
        applies_from=None if applies_from is None else _typed(applies_from, date, f"{name}: applies_from"),
        trust=TrustMark(data["trust"]),
    )


def _requirement(line: object, name: str) -> Requirement:
    needs = []
    for part in _typed(line, str, f"{name}: evidence").split(" | "):
        match = _NEED.fullmatch(part)
        if match is None:
            msg = f"{name}: {part!r} isn't an evidence key, or one with (duty) behind it"
            raise ValueError(msg)
        needs.append(EvidenceNeed(match[1], Phase.DUTY if match[2] else Phase.BEFORE))
    return Requirement(tuple(needs))


def _names(value: object, what: str) -> frozenset[str]:
    names = _typed(value, list, what)
    found = frozenset(_typed(name, str, what) for name in names)
    if len(found) != len(names):
        msg = f"{what}: a name stands twice"
        raise ValueError(msg)
    return found


def _term(name: str, entry: object) -> Term:
    return Term(name, _typed(entry, str, name))


def _trigger(name: str, entry: object) -> TriggerTerm:
    data = _typed(entry, dict, name)
    _require_members(data, frozenset({"words", "question", "source"}), frozenset(), name)
    words = _typed(data["words"], str, name)
    return TriggerTerm(name, words, _typed(data["question"], str, name), FactSource(data["source"]))


def _evidence(key: str, entry: object) -> EvidenceTerm:
    data = _typed(entry, dict, key)
    duty = data.get("phase") == Phase.DUTY
    deadline = frozenset({"within_seconds", "within_source", "counted_from"})
    common = frozenset({"words", "supply", "phase", "issuers"})
    _require_members(
        data, common | deadline if duty else common, frozenset({"standing"}) if duty else frozenset(), key
    )
    seconds = _typed(data["within_seconds"], int, f"{key}: within_seconds") if duty else None
    if seconds is not None and seconds <= 0:
        msg = f"{key}: a deadline lies after the act"
        raise ValueError(msg)
    issuers = frozenset(IssuerKind(name) for name in _names(data["issuers"], f"{key}: issuers"))
    if not issuers:
        msg = f"{key}: nobody may issue it"
        raise ValueError(msg)
    return EvidenceTerm(
        key=key,
        words=_typed(data["words"], str, key),
        supply=_typed(data["supply"], str, key),
        phase=Phase(data["phase"]),
        issuers=issuers,
        within=None if seconds is None else timedelta(seconds=seconds),
        within_source=_typed(data["within_source"], str, key) if duty else None,
        counted_from=DutyStart(data["counted_from"]) if duty else DutyStart.ACT,
        standing=_typed(data.get("standing", False), bool, f"{key}: standing"),
    )


def _table(data: Mapping[str, object], name: str) -> dict[str, object]:
    return _typed(data[name], dict, name)


def _typed(value: object, kind: type[_T], what: str) -> _T:
    # bool is an int and datetime is a date; neither is meant where the other is asked for.
    if type(value) is not kind:
        msg = f"{what} isn't a {kind.__name__}"
        raise TypeError(msg)
    return value


def _require_members(
    data: Mapping[str, object], needed: frozenset[str], optional: frozenset[str], what: str
) -> None:
    lacking = sorted(needed - data.keys())
    strange = sorted(data.keys() - needed - optional)
    if lacking or strange:
        parts = [f"lacks {', '.join(lacking)}"] if lacking else []
        parts += [f"has the unknown {', '.join(strange)}"] if strange else []
        msg = f"{what} {' and '.join(parts)}"
        raise ValueError(msg)
