"""Reads the content of a record by its key, and tells what is wrong in words, never in values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from countenance.authority.errors import EvidenceNotAccepted
from countenance.authority.records.base import FORM, RecordContent, ScopePart
from countenance.authority.records.table import KEY_FORMS
from countenance.kernel import canonical_json
from countenance.kernel.canonical import JsonValue
from countenance.store import EvidenceScope

__all__ = ["content_of", "read_content"]

_MISSING: Final = "missing"
_UNKNOWN_MEMBER: Final = "extra_forbidden"
_OURS: Final = "value_error"


def read_content(
    key: str, content: Mapping[str, JsonValue] | RecordContent, *, scope: EvidenceScope
) -> RecordContent:
    """Return the content of a record in the form that its key asks for.

    Args:
        key: an evidence key that somebody other than the system may vouch for.
        content: what was offered: the form itself or its JSON.
        scope: what the record is about.

    Raises:
        EvidenceNotAccepted: naming the field and what is wrong with it; no value is repeated.
    """
    entry = KEY_FORMS.get(key)
    if entry is None:
        msg = "Nobody but the system files a record under this key."
        raise EvidenceNotAccepted(msg)
    told = content.to_content() if isinstance(content, RecordContent) else dict(content)
    if told.pop(FORM, entry.form.form) != entry.form.form:
        msg = f"A record under {key} has the form `{entry.form.form}`."
        raise EvidenceNotAccepted(msg)
    try:
        # From JSON, where dates are texts: strict about everything else.
        read = entry.form.model_validate_json(canonical_json(told), strict=True)
    except ValidationError as error:
        msg = f"The record's content isn't right: {_words(entry.form, error)}."
        raise EvidenceNotAccepted(msg, remedy=_remedy(entry.form)) from None
    except (TypeError, ValueError):
        msg = "The record's content holds something that JSON can't express."
        raise EvidenceNotAccepted(msg, remedy=_remedy(entry.form)) from None
    wanting = entry.wanting(read) or _scope_wanting(read, scope)
    if wanting is not None:
        msg = f"The record doesn't do for {key}: {wanting}."
        raise EvidenceNotAccepted(msg, remedy=_remedy(entry.form))
    return read


def content_of(key: str, content: Mapping[str, JsonValue]) -> RecordContent | None:
    """Return stored content in its form; ``None`` if it hasn't one, such as one of an earlier version."""
    entry = KEY_FORMS.get(key)
    if entry is None or content.get(FORM) != entry.form.form:
        return None
    known = {name: value for name, value in content.items() if name in entry.form.model_fields}
    try:
        return entry.form.model_validate_json(canonical_json(known), strict=True)
    except ValidationError:
        return None


def earlier(first: datetime | None, second: datetime | None) -> datetime | None:
    """Return the earlier of two ends; ``None`` is no end."""
    ends = [end for end in (first, second) if end is not None]
    return min(ends) if ends else None


def _words(form: type[RecordContent], error: ValidationError) -> str:
    """Return what is wrong, field by field; pydantic's own words could repeat a value."""
    found = []
    for one in error.errors(include_input=False, include_url=False):
        if one["type"] == _UNKNOWN_MEMBER:
            found.append("it has a field that the form doesn't know")
            continue
        if one["type"] == _OURS and not one["loc"]:
            found.append(str(one["ctx"]["error"]))
            continue
        name = str(one["loc"][0]) if one["loc"] else ""
        field = form.model_fields.get(name)
        about = f"`{name}` ({(field.description or '').rstrip('.')})" if field is not None else "the whole"
        wrong = "is missing" if one["type"] == _MISSING else "doesn't have the form that it needs"
        inside = ", somewhere inside" if len(one["loc"]) > 1 else ""
        found.append(f"{about} {wrong}{inside}")
    return "; ".join(dict.fromkeys(found))


def _remedy(form: type[RecordContent]) -> str:
    return f"See the form `{form.form}` in docs/reference/records.md."


def _scope_wanting(read: RecordContent, scope: EvidenceScope) -> str | None:
    absent: list[ScopePart] = sorted(part for part in read.about if getattr(scope, part) is None)
    if absent:
        return f"it has to be about one {' and one '.join(absent)}"
    named = getattr(read, "purpose", None) if read.form in ("consent", "guardian-consent") else None
    if named is not None and named != scope.purpose:
        return "the `purpose` that it names isn't the one that it is about"
    return None
