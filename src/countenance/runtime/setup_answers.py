"""The answers file of a set-up: read, and drafted with its gaps marked.

Rules kept here:

* Nothing that is drafted counts as said: a record is filed once a role stands under it and no gap is left.
* What the software does is written into drafts; what only people know is a gap that says what is wanted.
* Messages name members, never values.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from countenance.authority import Role
from countenance.authority.notices import GAP_MARK
from countenance.authority.records import KEY_FORMS
from countenance.kernel import CallerError
from countenance.kernel.canonical import JsonValue

__all__ = [
    "Answers",
    "AnswersInvalid",
    "DraftFacts",
    "answers_document",
    "answers_text",
    "draft_of",
    "gaps_in",
    "plain",
    "read_answers",
    "require_filled",
]

_Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$")]
_Words = Annotated[str, Field(min_length=2, max_length=1000)]
_SECTIONS: Final = ("place", "device", "purpose")


class AnswersInvalid(CallerError):
    """The answers file of a set-up isn't right, or doesn't fit what is registered."""

    code = "answers-invalid"
    default_remedy: ClassVar[str] = "See docs/how-to/set-up-a-desk.md for what the file holds."


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class PlaceAnswer(_Data):
    """The place, in the officer's words."""

    id: _Id
    title: _Words
    kind: _Id
    jurisdictions: Annotated[list[_Words], Field(min_length=1)]
    time_zone: _Words


class DeviceAnswer(_Data):
    """The device that stands there."""

    id: _Id
    title: _Words
    public_key: dict[str, str] | None = None
    """Its Ed25519 public key (JWK), where its pair was made in the device."""


class PurposeAnswer(_Data):
    """The purpose, as it is registered; the scene says its identifier."""

    title: _Words
    description: _Words
    dpv_term: _Words = "dpv:IdentityVerification"


class Answers(_Data):
    """What somebody answered when a place was set up.

    Attributes:
        form: of which form the file is (``schema``).
        scene: the id of a shipped scene.
        place: where.
        device: with what.
        purpose: what for.
        facts: trigger -> yes or no; a text stands for an open question.
        records: evidence key -> the role that states it (``by``), and the content in the key's form.
        api_keys: workplace or program -> the roles of the API key that is issued for it.
    """

    form: Annotated[Literal[1], Field(alias="schema")]
    scene: str = "hotel-checkin"
    place: PlaceAnswer
    device: DeviceAnswer
    purpose: PurposeAnswer
    facts: dict[str, bool | str] = {}
    records: dict[str, dict[str, Any]] = {}
    api_keys: dict[_Words, Annotated[list[Annotated[Role, Field(strict=False)]], Field(min_length=1)]] = {}


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """What is known when a record is drafted.

    Attributes:
        purpose: the purpose's identifier.
        description: what it is for, as registered.
        jurisdictions: whose rules hold.
        device: the device's identifier.
        error_rates: the shipped table's rates, in the form of a record's.
    """

    purpose: str
    description: str
    jurisdictions: tuple[str, ...]
    device: str
    error_rates: tuple[Mapping[str, JsonValue], ...]

    def values(self) -> Mapping[str, JsonValue]:
        """Return the values of the drafts' placeholders."""
        return {
            "purpose": self.purpose,
            "description": self.description,
            "jurisdictions": list(self.jurisdictions),
            "devices": [self.device],
            "error_rates": [dict(rate) for rate in self.error_rates],
            "assessment": "PIA" if "CN" in self.jurisdictions else "DPIA",
        }


def read_answers(text: str) -> Answers:
    """Read an answers file.

    Raises:
        AnswersInvalid: naming the members that aren't right; no value is repeated.
    """
    try:
        answers = Answers.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        raise AnswersInvalid("The answers file isn't TOML.") from None
    except ValidationError as error:
        known = {"schema", *Answers.model_fields, *PlaceAnswer.model_fields, *PurposeAnswer.model_fields}
        wrong = sorted({".".join(str(p) for p in e["loc"] if p in known) for e in error.errors()} - {""})
        msg = f"The answers file isn't right: {', '.join(wrong) or 'an unknown member'}."
        raise AnswersInvalid(msg) from None
    require_filled(answers)
    return answers


def require_filled(answers: Answers) -> None:
    """See that place, device and purpose have no gap: nothing is registered by a draft's words.

    Raises:
        AnswersInvalid: naming the sections that have one.
    """
    told = answers.model_dump()
    open_ = [name for name in _SECTIONS if gaps_in(told[name])]
    if open_:
        msg = f"Still to fill in: {', '.join(open_)}."
        raise AnswersInvalid(msg)


def gaps_in(value: object) -> tuple[str, ...]:
    """Return what is still wanted in a value: the words after each mark."""
    return tuple(_gaps(value))


def _gaps(value: object) -> Iterator[str]:
    if isinstance(value, str) and GAP_MARK in value:
        yield value.partition(GAP_MARK)[2].strip()
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _gaps(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _gaps(each)


@cache
def _drafts() -> Mapping[str, Mapping[str, Any]]:
    text = files("countenance.runtime").joinpath("record_drafts.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def draft_of(key: str, facts: DraftFacts) -> dict[str, JsonValue]:
    """Return a draft of a record's content: what is known, and gaps.

    Args:
        key: an evidence key with a form.
        facts: what is known.
    """
    draft = _drafts().get(key)
    if draft is None:
        fields = KEY_FORMS[key].form.model_fields
        return {
            name: f"{GAP_MARK} {field.description or name}"
            for name, field in fields.items()
            if field.is_required()
        }
    known = facts.values()
    return {name: _placed(value, known) for name, value in draft.items()}


def _placed(value: Any, known: Mapping[str, JsonValue]) -> JsonValue:  # noqa: ANN401 - what TOML holds
    if not isinstance(value, str) or "{" not in value:
        return plain(value)
    for name, known_value in known.items():
        if value == f"{{{name}}}":
            return known_value
        value = value.replace(f"{{{name}}}", str(known_value))
    return str(value)


def plain(value: Any) -> JsonValue:  # noqa: ANN401 - what TOML holds
    """Return a value of TOML as JSON has it: days and times as texts."""
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {str(name): plain(each) for name, each in value.items()}
    return value  # type: ignore[no-any-return]  # TOML has nothing else


def answers_document(
    answers: Answers,
    *,
    drafts: Mapping[str, tuple[str, Mapping[str, JsonValue]]],
    questions: Mapping[str, str],
) -> dict[str, JsonValue]:
    """Return the same as :func:`answers_text` as plain JSON values, to be filled in and sent again."""
    told: dict[str, JsonValue] = answers.model_dump(mode="json", by_alias=True, exclude_none=True)
    facts = {name: value for name, value in answers.facts.items() if name not in questions}
    drafted = {key: plain(content) for key, (_, content) in drafts.items()}
    told["facts"] = {**facts, **{name: f"{GAP_MARK} {words}" for name, words in questions.items()}}
    told["records"] = {**drafted, **{key: plain(content) for key, content in answers.records.items()}}
    return told


def answers_text(
    answers: Answers,
    *,
    drafts: Mapping[str, tuple[str, Mapping[str, JsonValue]]],
    questions: Mapping[str, str],
) -> str:
    """Return an answers file: what was answered, and what is still to fill in.

    Args:
        answers: what was answered.
        drafts: evidence key -> a comment (what it proves and which rules ask), and the drafted content.
        questions: fact -> question that has no answer yet.
    """
    told = answers.model_dump()
    lines = [
        f"# Answers of a set-up. Replace what says {GAP_MARK} by what is true. Read what was drafted, too:",
        "# whoever is named in `by` states the whole record. A record with a mark left isn't filed.",
        "# Then: countenance init --answers THIS_FILE",
        "",
        "schema = 1",
        f"scene = {_toml(answers.scene)}",
    ]
    for section in _SECTIONS:
        lines += ["", f"[{section}]"]
        lines += [f"{name} = {_toml(value)}" for name, value in told[section].items() if value is not None]
    lines += ["", "# true or false, without quotes", "[facts]"]
    lines += [
        f"{_toml(name)} = {_toml(value)}" for name, value in answers.facts.items() if name not in questions
    ]
    lines += [f"{_toml(name)} = {_toml(f'{GAP_MARK} {words}')}" for name, words in questions.items()]
    for key, content in answers.records.items():
        lines += ["", f"[records.{_toml(key)}]", *_members(content)]
    for key, (words, drafted) in drafts.items():
        if key not in answers.records:
            lines += ["", f"# {words}", f"[records.{_toml(key)}]", *_members(drafted)]
    return "\n".join(lines) + "\n"


def _members(content: Mapping[str, Any]) -> list[str]:
    return [f"{name} = {_toml(value)}" for name, value in content.items()]


def _toml(value: Any) -> str:  # noqa: ANN401 - what TOML holds
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_toml(str(k))} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
