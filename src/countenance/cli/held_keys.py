"""How the keys that hold everything are shown: who holds them, and what is under each. No key itself."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from countenance.runtime.key_care import HeldKeys, Rekeyed

__all__ = ["held_document", "render_held", "render_rekeyed"]


def held_document(held: HeldKeys) -> dict[str, object]:
    """Return the keys as JSON values."""
    return {
        "root": held.root,
        "purposes": [
            {
                "purpose": one.purpose,
                "version": one.version,
                "custodian": one.custodian,
                "state": one.state.value,
                "made_at": one.made_at.isoformat(),
                "grace_until": None if one.grace_until is None else one.grace_until.isoformat(),
                "references": held.references.get((one.purpose, one.version), 0),
            }
            for one in held.purposes
        ],
    }


def render_held(console: Console, held: HeldKeys) -> None:
    """Print the keys as a table."""
    console.print(Text(f"Root key: {held.root}"), soft_wrap=True)
    if not held.purposes:
        return
    table = Table("Purpose", "Version", "State", "References", "Custodian")
    for one in held.purposes:
        under = held.references.get((one.purpose, one.version), 0)
        table.add_row(one.purpose, str(one.version), one.state.value, str(under), one.custodian)
    console.print(table)


def render_rekeyed(console: Console, done: Rekeyed) -> None:
    """Say what a re-keying did."""
    begun = "Finished what was begun: " if done.went_on else ""
    said = f"{begun}{done.moved} references are under version {done.key.version} ({done.key.custodian})."
    console.print(Text(said, style="green"), soft_wrap=True)
    for version in done.ended:
        console.print(Text(f"Version {version} is deleted: what is under it elsewhere opens no more."))
    for one in done.retiring:
        console.print(Text(f"Version {one.version} takes holder passes until {one.grace_until}."))
