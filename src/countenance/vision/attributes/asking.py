"""Reading what somebody asks about a face: an attribute, or something that isn't computed.

Rules kept here:

* What this product doesn't compute is refused by name, with the operation whose rules say no. No evidence
  and no permit changes that: there is no code behind it.
* A word that nobody knows is bad usage, never a guess at what was meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Final

from countenance.kernel import CallerError, EvidenceError
from countenance.vision.attributes.base import Attribute

__all__ = ["NOT_COMPUTED", "AttributeNotComputed", "UnknownAttribute", "attributes_asked"]

_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "emotion": ("mood", "emotion", "feeling", "happiness", "anger", "stress", "expression"),
    "attention": ("attention", "sleep", "drowsiness", "engagement"),
    "appearance_score": ("attractiveness", "beauty", "looks", "appearance-score"),
    "categorise_sensitive": (
        "ethnicity",
        "race",
        "religion",
        "orientation",
        "sexual-orientation",
        "politics",
        "political-opinion",
        "health",
        "disability",
        "union-membership",
        "nationality",
    ),
    "decide_auto": ("criminality", "trustworthiness", "risk", "creditworthiness", "intelligence"),
}

NOT_COMPUTED: Final[Mapping[str, str]] = {
    word: operation for operation, words in _WORDS.items() for word in words
}
"""What isn't computed -> the operation, in the words of the rules, that it would be."""


class AttributeNotComputed(EvidenceError):
    """Something was asked about a face that this product doesn't compute, whatever is on file.

    Args:
        attribute: what was asked for; a key of :data:`NOT_COMPUTED`.
    """

    code = "attribute-not-computed"
    default_remedy: ClassVar[str] = "Leave it out; the rules that say no are named with the answer."

    def __init__(self, attribute: str) -> None:
        self.attribute = attribute
        self.operation = NOT_COMPUTED[attribute]
        super().__init__(f"This product doesn't compute {attribute} from a face, on no evidence and nowhere.")


class UnknownAttribute(CallerError):
    """There is no such attribute."""

    code = "unknown-attribute"
    default_remedy: ClassVar[str] = f"Ask for one of: {', '.join(Attribute)}."


def attributes_asked(names: Iterable[str]) -> frozenset[Attribute]:
    """Read what is asked about a face.

    Args:
        names: of attributes; case and the choice of hyphen, space or underline don't matter. Empty means
            all that can be asked.

    Raises:
        AttributeNotComputed: if one of them isn't computed by this product.
        UnknownAttribute: if one of them is no word that is known here.
    """
    asked = [name.strip().lower().replace("_", "-").replace(" ", "-") for name in names]
    for name in asked:
        if name in NOT_COMPUTED:
            raise AttributeNotComputed(name)
    if not set(asked) <= set(Attribute):
        msg = "There is no such attribute of a face here."
        raise UnknownAttribute(msg)
    return frozenset(Attribute(name) for name in asked) or frozenset(Attribute)
