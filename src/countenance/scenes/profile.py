"""The scene profile: a TOML file read into a value.

Unknown members are errors: a misspelt retention that is silently ignored would be a promise broken.
"""

from __future__ import annotations

import tomllib
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from countenance.decisions import DocumentNeed, Role
from countenance.kernel import PurposeId
from countenance.scenes.errors import SceneInvalid

__all__ = ["Photograph", "Retention", "SceneProfile", "parse_profile"]

_Sentence = Annotated[str, Field(min_length=8)]
_Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Photograph(_Data):
    """One of the two photographs of an attended verification.

    Attributes:
        role: what it is to the decision: ``document`` is what is compared with, ``live`` is whoever is here.
        title: its name on a screen.
        words: what the photograph has to show, in one sentence.
    """

    role: Annotated[Role, Field(strict=False)]
    title: Annotated[str, Field(min_length=2)]
    words: _Sentence


class Retention(_Data):
    """What is kept after the act.

    Attributes:
        pictures: hours that a photograph is kept; 0 means that it never reaches a disk.
        templates: hours that a template is kept; 0 likewise.
        words: what is kept instead, in one sentence.
    """

    pictures: Literal[0]
    templates: Literal[0]
    words: _Sentence


class SceneProfile(_Data):
    """What a place does with faces. A verification of two photographs, attended by a person.

    Attributes:
        scene_id: the scene's name in commands and records; ``id`` in the file.
        title: its name on a screen.
        what_it_was: the practice that it replaces.
        what_we_make_of_it: what this product does instead.
        refused: variants that the rules refuse, one sentence each.
        place_kinds: kinds of place that the scene is made for. A description, not a gate: the rules judge
            the place of each request, and their refusal cites an article.
        purpose: the registered purpose that it serves.
        operations: what it asks the rules for; sorted.
        error_target: the false match rate asked for, in (0, 1).
        document: whether the reference is an identity document, and whether it has to be readable
            (``required``) or may be a picture of its portrait alone (``read-if-there``). Left out: it
            is none.
        document_says: what the scene needs to know of it: ``age_band``, ``expired``, ``kind``. There is no
            way to ask for number, name or dates.
        expired_document: whether an expired document is taken with a word about it (``warn``) or refused.
        liveness: the level of liveness that a decision demands, 0 to 4
            (:class:`countenance.liveness.Assurance`); 0 demands none.
        reference: the photograph that says who somebody claims to be.
        probe: the photograph of whoever is present.
        alternative: how the same is done without a face.
        steps: what happens, in order, one sentence each.
        retention: what is kept.
        shown: what may be shown to whoever attends.
        not_shown: what isn't shown to anybody.
    """

    scene_id: Annotated[_Slug, Field(alias="id")]
    title: Annotated[str, Field(min_length=2)]
    what_it_was: _Sentence
    what_we_make_of_it: _Sentence
    refused: Annotated[tuple[_Sentence, ...], Field(min_length=1, strict=False)]
    place_kinds: Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
    purpose: PurposeId
    operations: Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
    error_target: Annotated[float, Field(gt=0, lt=1)]
    document: Annotated[DocumentNeed | None, Field(strict=False)] = None
    document_says: Annotated[frozenset[Literal["age_band", "expired", "kind"]], Field(strict=False)] = (
        frozenset()
    )
    expired_document: Literal["warn", "refuse"] = "warn"
    liveness: Annotated[int, Field(ge=0, le=4)] = 0
    reference: Photograph
    probe: Photograph
    alternative: _Sentence
    steps: Annotated[tuple[_Sentence, ...], Field(min_length=1, strict=False)]
    retention: Retention
    shown: Annotated[tuple[_Sentence, ...], Field(min_length=1, strict=False)]
    not_shown: Annotated[tuple[_Sentence, ...], Field(min_length=1, strict=False)]

    @model_validator(mode="after")
    def _consistent(self) -> SceneProfile:
        if tuple(sorted(set(self.operations))) != self.operations:
            msg = "operations are stated once each, sorted"
            raise ValueError(msg)
        if not {"capture", "verify"} <= set(self.operations):
            msg = "an attended verification captures and verifies; both operations are asked for"
            raise ValueError(msg)
        if ("pad" in self.operations) != (self.liveness > 0):
            msg = "a scene that demands liveness asks the rules for pad, and no other does"
            raise ValueError(msg)
        if self.reference.role == self.probe.role:
            msg = "the two photographs have different roles"
            raise ValueError(msg)
        if self.document_says and self.document is None:
            msg = "a scene asks of a document only where its reference is one"
            raise ValueError(msg)
        return self


def parse_profile(text: str) -> SceneProfile:
    """Read a scene profile.

    Args:
        text: TOML.

    Raises:
        SceneInvalid: if it isn't TOML, or a member is missing, unknown or of the wrong form.
    """
    try:
        return SceneProfile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        msg = f"The scene profile isn't TOML: {error}."
        raise SceneInvalid(msg) from error
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in item['loc']) or 'the profile'}: {item['msg']}"
            for item in error.errors(include_url=False, include_input=False)
        )
        msg = f"The scene profile can't be used: {wrong}."
        raise SceneInvalid(msg) from error
