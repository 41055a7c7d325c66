"""No decision without its error, no bare similarity, no bare threshold: in no answer, setting or option."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
import typer.main
from anyio import CapacityLimiter

from countenance.api import AttemptBook, FormReader, build_api
from countenance.cli.app import app
from countenance.runtime import Settings

BARE = re.compile(r"score|similar|distance|cosine|threshold|confidence|likeness", re.IGNORECASE)
"""What a number would be called that says how alike two faces are, or from where on they match."""
OUTCOMES = {"match", "lead"}
STATED = {"asked", "low", "high", "measured_on", "label", "people", "worst_group"}


def specification() -> Mapping[str, Any]:
    """Return what the server says of itself; no request is answered, so nothing stands behind it."""
    nothing: Any = SimpleNamespace()
    forms, attempts = cast("FormReader", nothing), cast("AttemptBook", nothing)
    return build_api(nothing, forms=forms, attempts=attempts, room=cast("CapacityLimiter", nothing)).openapi()


SCHEMAS: Mapping[str, Any] = specification()["components"]["schemas"]


def members(schema: Mapping[str, Any]) -> set[str]:
    return set(schema.get("properties", {}))


def decisions() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the answers that say whether somebody was recognised."""
    for name, schema in SCHEMAS.items():
        outcome = schema.get("properties", {}).get("outcome", {})
        if OUTCOMES & set(outcome.get("enum", ())):
            yield name, schema


def options(command: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every option of every command."""
    for parameter in command.params:
        yield path, str(parameter.name)
    for name in command.list_commands(None) if hasattr(command, "list_commands") else ():
        inner = command.get_command(None, name)
        if inner is not None:
            yield from options(inner, f"{path} {name}")


def test_no_member_of_an_answer_says_how_alike_two_faces_are() -> None:
    named = {f"{name}.{member}" for name, schema in SCHEMAS.items() for member in members(schema)}
    assert len(named) > 200, "the schemas were looked at"
    assert sorted(name for name in named if BARE.search(name.rpartition(".")[2])) == []


def test_every_answer_that_recognises_somebody_states_its_error() -> None:
    found = dict(decisions())
    assert len(found) >= 3, sorted(found)
    for name, schema in found.items():
        assert "stated_error" in schema["required"], name
        stated = schema["properties"]["stated_error"]["$ref"].rpartition("/")[2]
        lacking = (STATED | {"fpir"} if "candidates" in members(schema) else STATED | {"fmr"}) - members(
            SCHEMAS[stated]
        )
        assert lacking == set(), (name, stated)
        assert set(SCHEMAS[stated]["required"]) >= STATED, stated


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_no_setting_is_a_bare_threshold(name: str) -> None:
    field = Settings.model_fields[name]
    assert not BARE.search(name)
    assert not BARE.search(field.title or "")


def test_no_option_of_a_command_is_a_bare_threshold() -> None:
    found = list(options(typer.main.get_command(app)))
    assert len(found) > 200, "the commands were looked at"
    assert sorted(f"{path} --{name}" for path, name in found if BARE.search(name)) == []
