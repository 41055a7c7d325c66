"""Write docs/reference/records.md from the forms of records and the table of roles, or check it.

Usage::

    python scripts/document_records.py            write
    python scripts/document_records.py --check    exit 1 if the document is out of date
"""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path

from pydantic.fields import FieldInfo

from countenance.authority import Act, RoleTable, shipped_roles, shipped_rules
from countenance.authority.records import (
    KEY_FORMS,
    OBSERVED_KEYS,
    ErrorRate,
    FourQuestions,
    Observation,
    RecordContent,
    RejectedMeans,
)
from countenance.policy import EvidenceTerm, IssuerKind, Vocabulary

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "reference" / "records.md"
HEAD = """\
# Records

Made by `scripts/document_records.py` from the forms in `src/countenance/authority/records` and the table of
roles; don't edit it by hand. What makes a record count is told in [evidence](../explanation/evidence.md).

A record is filed with `countenance records file KEY --content FILE --by ROLE` ([commands](commands.md)). The
file holds the fields of the key's form, in TOML or JSON. `countenance records form KEY` shows them on the
command line. No field asks for a person's name.
"""
HOW = {
    Observation.LOOK: "looks",
    Observation.ACT: "says so after the act",
    Observation.NOT_YET: "not yet",
}


def main() -> int:
    """Write the document, or compare it."""
    fresh = document(shipped_rules()[1], shipped_roles())
    if "--check" in sys.argv[1:]:
        return 0 if DOCUMENT.exists() and DOCUMENT.read_text(encoding="utf-8") == fresh else 1
    DOCUMENT.write_text(fresh, encoding="utf-8")
    return 0


def document(vocabulary: Vocabulary, roles: RoleTable) -> str:
    """Return the whole document."""
    parts = [HEAD, keys_section(vocabulary, roles), system_section(), statements_section(vocabulary, roles)]
    parts += [roles_section(roles), forms_section(roles)]
    return "\n".join(parts).rstrip() + "\n"


def keys_section(vocabulary: Vocabulary, roles: RoleTable) -> str:
    """Return every evidence key with its form, its issuers and who may file it."""
    rows = []
    for key, term in sorted(vocabulary.evidence.items()):
        entry = KEY_FORMS.get(key)
        form = "" if entry is None else f"[{entry.form.form}](#{entry.form.form})"
        filed = ", ".join(role for role in roles.terms if roles.may_file(role, key))
        seen = OBSERVED_KEYS.get(key)
        rows.append([f"`{key}`", form, issuers(term), filed, "" if seen is None else HOW[seen.how]])
    heads = ["key", "form", "vouched for by", "filed by", "the system"]
    return "\n".join(["## Evidence keys", "", *table(heads, rows)])


def issuers(term: EvidenceTerm) -> str:
    """Return who may vouch for a key."""
    words = {
        IssuerKind.SYSTEM: "the system",
        IssuerKind.PERSON: "a role's word",
        IssuerKind.OUTSIDE: "a signature from outside",
    }
    return ", ".join(words[kind] for kind in IssuerKind if kind in term.issuers)


def system_section() -> str:
    """Return how the system knows its own keys."""
    rows = [[f"`{key}`", HOW[seen.how], seen.words] for key, seen in sorted(OBSERVED_KEYS.items())]
    lines = [
        "## What the system sees itself",
        "",
        "Nobody files these by hand, except where a key stands above with a form as well. A key that can't",
        "be seen yet is never on file by the system's word; a rule that asks for it alone refuses.",
        "",
    ]
    return "\n".join([*lines, *table(["key", "the system", "what is looked at, or why not"], rows)])


def statements_section(vocabulary: Vocabulary, roles: RoleTable) -> str:
    """Return the triggers, their source, and who may state them."""
    rows = []
    for name, term in sorted(vocabulary.triggers.items()):
        signed = name.startswith("actor.")
        who = (
            ", ".join(roles.who_may(Act.SIGN_DEPLOYMENT))
            if signed
            else ", ".join(role for role in roles.terms if roles.may_state(role, term.source))
        )
        how = "signed with the deployment's key" if signed else term.source.words
        rows.append([f"`{name}`", term.words, how, who])
    lines = ["## Statements", "", "Each fact has one source; a statement from another one doesn't count.", ""]
    return "\n".join([*lines, *table(["fact", "true when", "source", "stated by"], rows)])


def roles_section(roles: RoleTable) -> str:
    """Return who may do what."""
    lines = ["## Roles", "", *table(["role", "who"], [[r, t.words] for r, t in roles.terms.items()])]
    names = list(roles.terms)
    rows = [[act.words, *("yes" if roles.may(role, act) else "" for role in names)] for act in Act]
    return "\n".join([*lines, "Who may do what. An empty cell is a no.", "", *table(["act", *names], rows)])


def forms_section(roles: RoleTable) -> str:
    """Return every form with its fields."""
    forms = {entry.form.form: entry.form for entry in KEY_FORMS.values()}
    lines = ["## Forms", ""]
    for name in sorted(forms):
        keys = [f"`{entry.key}`" for entry in KEY_FORMS.values() if entry.form.form == name]
        filed = ", ".join(role for role, term in roles.terms.items() if name in term.forms)
        about = f"About one {' and one '.join(sorted(forms[name].about))}. " if forms[name].about else ""
        lines += form_entry(forms[name], f"{about}Keys: {', '.join(sorted(keys))}. Filed by: {filed}.")
    for part in (ErrorRate, FourQuestions, RejectedMeans):
        lines += form_entry(part, "Part of another form.")
    return "\n".join(lines)


def form_entry(form: type[RecordContent], where: str) -> list[str]:
    """Return one form."""
    rows = [
        [f"`{name}`", "yes" if field.is_required() else "", field_words(field)]
        for name, field in form.model_fields.items()
    ]
    words = " ".join((form.__doc__ or "").split())
    heads = ["field", "needed", "what it is"]
    return [f"### {form.form}", "", words, "", where, "", *table(heads, rows)]


def field_words(field: FieldInfo) -> str:
    """Return what a field is for, and the words that it may hold where they are few."""
    words = field.description or ""
    kind = field.annotation
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        words += f" One of: {', '.join(f'`{each.value}`' for each in kind)}."
    return words


def table(heads: list[str], rows: list[list[str]]) -> list[str]:
    """Return a Markdown table and an empty line."""
    return [
        f"| {' | '.join(heads)} |",
        f"|{'|'.join('---' for _ in heads)}|",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
    ]


if __name__ == "__main__":
    raise SystemExit(main())
