"""The published form of a rule pack: what a file may hold, as a JSON schema that editors understand.

``docs/reference/rule-pack.schema.json`` is written from here. Reading a pack checks it against this form
first; :func:`countenance.policy.parse_pack` then makes rules of it and refuses what no schema can say.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from countenance.policy import Effect, Force, TrustMark

__all__ = ["PackForm", "RuleForm", "pack_schema"]

_Text = Annotated[str, Field(min_length=1, max_length=2000)]
_Name = Annotated[str, Field(pattern=r"^[a-z0-9_]+$", max_length=60)]
_Names = Annotated[list[_Name], Field(min_length=1, json_schema_extra={"uniqueItems": True})]
_ALTERNATIVE = r"[a-z0-9_.<=+]+( \(duty\))?"


class RuleForm(BaseModel):
    """One rule of a pack."""

    model_config = ConfigDict(extra="forbid", strict=True, title="Rule")

    id: Annotated[
        str,
        Field(
            min_length=1,
            max_length=64,
            description="Stable identifier, cited in decisions. One of an operator's own begins with OWN-.",
        ),
    ]
    citation: Annotated[_Text, Field(description="Instrument and article, or whose decision it is.")]
    force: Annotated[Force, Field(strict=False, description="Where its authority comes from.")]
    effect: Annotated[Effect, Field(strict=False, description="What it does. None of them permits.")]
    text: Annotated[_Text, Field(description="The duty in your own words.")]
    operations: Annotated[_Names, Field(description="Operations of the vocabulary that it governs.")]
    places: Annotated[
        _Names, Field(description="Kinds of place of the vocabulary at which it bites, or any alone.")
    ]
    evidence: Annotated[
        list[Annotated[str, Field(pattern=rf"^{_ALTERNATIVE}( \| {_ALTERNATIVE})*$")]],
        Field(
            description="What it asks for; all of it, alternatives of one apart by ' | ', '(duty)' behind "
            "what comes after the act. Empty for a ban and for nothing else."
        ),
    ]
    trust: Annotated[TrustMark, Field(strict=False, description="How far its text was checked.")]
    trigger: Annotated[
        str | None, Field(min_length=1, description="The fact that must be stated true for it to bite.")
    ] = None
    applies_from: Annotated[date | None, Field(description="The day from which it applies.")] = None


class PackForm(BaseModel):
    """A file of rules of one jurisdiction."""

    model_config = ConfigDict(extra="forbid", strict=True, title="Rule pack")

    schema_version: Annotated[Literal[1], Field(alias="schema", description="Version of this form.")]
    code: Annotated[
        str,
        Field(
            pattern=r"^(\*|[A-Z]{2,3}(/[A-Z0-9]+)*)$",
            description="Jurisdiction, such as EU or US/IL; * for everywhere.",
        ),
    ]
    title: Annotated[_Text, Field(description="Its name for a reader.")]
    version: Annotated[date, Field(description="The day as of which the rules were written down.")]
    rule: Annotated[list[RuleForm], Field(description="The rules.")]


def pack_schema() -> dict[str, Any]:
    """Return the JSON schema of a pack."""
    schema = PackForm.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
