"""What every record's content has in common, and the words and limits that its fields are made of.

Rules kept here:

* Content is frozen, has no field that its form doesn't name, and each field says what it is for.
* What goes into a record is the form's own JSON: dates as ISO 8601, absent fields left out, and the name of
  the form, so that a reader in ten years knows which one it was.
* No field asks for a person's name: roles, registers and pseudonyms do.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from countenance.kernel.canonical import JsonValue

__all__ = [
    "FORM",
    "SCOPE_PARTS",
    "Code",
    "Hash",
    "Identifier",
    "Language",
    "RecordContent",
    "ScopePart",
    "Statement",
    "Term",
    "Words",
]

FORM: Final = "form"
"""The member of a record's content that names its form."""

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=4000)]
"""A sentence or a few, by a person, about the processing and never about one person's face."""
Term = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
"""A title, a role, a register, a number: a few words."""
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$")]
"""An identifier, such as ``plc_frontdesk`` or ``notice-7``."""
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 as 64 lower-case hexadecimal digits."""
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
"""A language tag (BCP 47), such as ``en`` or ``zh-Hans``."""
Statement = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$", max_length=200_000)
]
"""A compact JWS of this deployment."""
Code = Annotated[str, StringConstraints(pattern=r"^(\*|[A-Z]{2}(/[A-Z]{2,3}){0,2})$")]
"""The code of a rule pack, such as ``CN`` or ``US/NY/NYC``."""

ScopePart = Literal["place", "purpose", "device", "subject"]
"""What a record can be about."""
SCOPE_PARTS: Final[tuple[ScopePart, ...]] = ("place", "purpose", "device", "subject")


class RecordContent(BaseModel):
    """What one record says. A subclass for each type of record."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    form: ClassVar[str]
    """The form's name in a record, such as ``sign``."""
    title: ClassVar[str]
    """The form in words, for a reader."""
    about: ClassVar[frozenset[ScopePart]] = frozenset()
    """What a record of this form has to name in its scope."""

    text: Words | None = Field(default=None, description="What it says, in its author's own words.")

    def to_content(self) -> dict[str, JsonValue]:
        """Return the content of a record: plain JSON values, the form's name among them."""
        return {FORM: self.form, **self.model_dump(mode="json", exclude_none=True)}

    def begins(self) -> datetime | None:
        """Return the moment before which it can't count by what it says, UTC; ``None`` for none."""
        return None

    def ends(self) -> datetime | None:
        """Return the moment from which it can't count any more by what it says, UTC; ``None`` for no end."""
        return None
