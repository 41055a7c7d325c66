"""`countenance drill`: what would a thief learn, and what does re-keying help?"""

from __future__ import annotations

from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from countenance.cli.bench import machine, show
from countenance.cli.options import JsonFlag
from countenance.cli.output import ExitStatus, answer
from countenance.runtime.drill_people import VECTORS
from countenance.runtime.reissue_drill import ReissueDrill, drill_reissue
from countenance.runtime.theft_drill import Haul, TheftDrill, drill_theft

__all__ = ["drill_app", "reissue", "theft"]

drill_app = typer.Typer(no_args_is_help=True, help="Try out the worst, on made-up people: theft, reissue.")

_PeopleOption = Annotated[
    int, typer.Option("--people", metavar="N", help="Made-up people.", min=20, max=20_000)
]
_COLUMNS: Final = ("pseudonyms", "names", "gym", "bank", "linked_by_pseudonym", "linked_by_template")
_ARRANGEMENT: Final = (
    "two deployments of the same made-up people, one picture each per purpose; in the first, purpose gym "
    "under the root key and purpose bank under a second custodian"
)


@drill_app.callback()
def _root() -> None:
    """Try out the worst, on made-up people."""


@drill_app.command()
def theft(*, people: _PeopleOption = 300, as_json: JsonFlag = False) -> None:
    """Steal a data folder without and with keys, and say who learns what. No installation is touched."""
    drill = drill_theft(people=people)
    document: dict[str, object] = {
        "outcome": "measured",
        "figures": _theft_figures(drill),
        "conditions": {
            "arrangement": _ARRANGEMENT,
            "vectors": VECTORS,
            "thieves": "; ".join(f"{number}: {haul.thief}" for number, haul in _numbered(drill)),
            "an embedding is recovered": "when its cosine with the true one is above 0.999",
            "the second deployment": "its templates, turned, as out of its memory, against the first one's "
            "plain ones; linked by fitting the rotation (orthogonal Procrustes)",
            **machine(),
        },
    }
    answer(document, lambda console: _show_theft(console, drill, document), as_json=as_json,
           status=ExitStatus.YES)  # fmt: skip


@drill_app.command()
def reissue(*, people: _PeopleOption = 300, as_json: JsonFlag = False) -> None:
    """Leak all templates, re-key without recapture, and try the leaked ones. No installation is touched."""
    drill = drill_reissue(people=people)
    document: dict[str, object] = {
        "outcome": "measured",
        "figures": _reissue_figures(drill),
        "conditions": {
            "vectors": VECTORS,
            "leaked": "every template as it is kept, turned under the old key",
            "re-keyed": "next key made, every template moved and sealed anew, old key deleted; the plain "
            "template never appears",
            "with the old key": "templates turned back and searched as probes: what re-keying can't undo",
            "old copy": "the data folder copied before, opened with the root key: what re-keying can't undo",
            **machine(),
        },
    }
    answer(document, lambda console: show(console, document), as_json=as_json, status=ExitStatus.YES)


def _theft_figures(drill: TheftDrill) -> dict[str, float | int]:
    figures: dict[str, float | int] = {"people": drill.people}
    for number, haul in _numbered(drill):
        figures |= {f"thief_{number}_{name}_percent": _percent(getattr(haul, name)) for name in _COLUMNS}
    figures["second_deployment_opened_with_first_keys_percent"] = _percent(drill.elsewhere_opened)
    for known, linked in drill.elsewhere_linked.items():
        figures[f"second_deployment_linked_by_{known}_known_people_percent"] = _percent(linked)
    return figures


def _reissue_figures(drill: ReissueDrill) -> dict[str, float | int | bool]:
    return {
        "people": drill.people,
        "rekey_seconds": round(drill.seconds, 3),
        "rekey_ms_per_person": round(1000 * drill.seconds / drill.people, 3),
        "found_before_percent": _percent(drill.found_before),
        "found_after_percent": _percent(drill.found_after),
        "largest_score_change_cosine": float(f"{drill.largest_score_change:.2g}"),
        "old_key_gone": drill.old_key_gone,
        "leaked_finds_its_person_percent": _percent(drill.leaked_found),
        "by_chance_percent": _percent(1 / drill.people),
        "leaked_d_sys": round(drill.leaked.d_sys, 4),
        "leaked_d_sys_null_high": round(drill.leaked.null_high, 4),
        "leaked_with_old_key_finds_its_person_percent": _percent(drill.leaked_with_key_found),
        "old_copy_opened_with_root_key_percent": _percent(drill.old_copy_opened),
    }


def _show_theft(console: Console, drill: TheftDrill, document: dict[str, object]) -> None:
    table = Table("thief took", "pseudonyms", "names", "faces: gym", "faces: bank", "linked by rows",
                  "linked by faces", title="Who learns what, % of people", title_justify="left")  # fmt: skip
    for _, haul in _numbered(drill):
        table.add_row(haul.thief, *(f"{_percent(getattr(haul, name)):g}" for name in _COLUMNS))
    console.print(table)
    console.print(Text("Second deployment, with the first one's keys and faces:"))
    for known, linked in drill.elsewhere_linked.items():
        console.print(Text(f"  {known} people known in both: {_percent(linked):g} % of the others linked"))
    console.print(Text(f"  opened with the first one's keys: {_percent(drill.elsewhere_opened):g} %"))
    conditions: dict[str, object] = document["conditions"]  # type: ignore[assignment]
    for name, value in conditions.items():
        console.print(Text.assemble((f"{name}: ", "dim"), str(value)))


def _numbered(drill: TheftDrill) -> list[tuple[int, Haul]]:
    return list(enumerate(drill.hauls, start=1))


def _percent(share: float) -> float:
    return round(100 * share, 2)
