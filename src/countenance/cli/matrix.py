"""The matrix of scenes and jurisdictions: as a table, and as the page docs/reference/scene-matrix.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from rich.console import Console
from rich.table import Table
from rich.text import Text

from countenance.policy import PermittedForm, RuleSet, SceneForms, Vocabulary, permitted_form

__all__ = ["Cells", "matrix_page", "render_matrix", "scene_matrix"]

Cells = Mapping[tuple[str, str], PermittedForm]
"""A cell for each scene and jurisdiction."""

_HEAD = """\
# Scenes and jurisdictions

Made by `countenance rules matrix --write`. **Not legal advice.** Each scene of the table is done as well as
it can be, and the rules of each jurisdiction are asked about it. A cell says how many kinds of evidence must
be on file before it is permitted and how many duties follow; `no permitted form` means that nothing which can
truthfully be filed makes it permitted. *House rules only*: no law of the packs speaks there, so the permit
says that house rules alone do. Which evidence a cell needs, `countenance rules matrix --json` lists by key.
"""

_TAIL = """\
## How the counts are made

The rules are asked about all operations of a scene together, first with nothing on file but what the scene
rests on by its nature; what they miss and what they oblige to is counted. Then they are asked with everything
on file that can truthfully be filed; if they still refuse, there is no permitted form. Triggers that aren't
listed for a scene are stated false: an adult, nobody coerced, nothing leaked.

The counts were compared with a table of the same scenes that was worked out apart from the packs. Of 168
cells 165 agree. Where a choice had to be made:

| cell | here | in that table | why |
|---|---|---|---|
| watchlist, EU | 31 before, 10 duties | 31 before, 6 duties | the house keeps `EU-AIA-12` and \
`EU-AIA-26-6` (logs) before the day from which they apply; what is in force alone gives 6 |
| mugshot-search, EU | 23 before, 9 duties | 23 before, 5 duties | the same; what is in force gives 5 |
| missing-person, EU | 23 before, 9 duties | 23 before, 5 duties | the same; what is in force gives 5 |
| dataset-release, CN and EU | written consent among what comes before | the same | `CN-GBT-14` and \
`EU-GDPR-25` ask for the picture's erasure or for written consent. A data set is there to keep pictures, so \
the scene rests on written consent. Counted as the duty to erase, it would be one before less, one duty more |
| lift-screen and shop-visitors, CN | no permitted form | the same | `CN-PIPL-26` lets a camera over an area \
be for public security alone. Evidence `purpose.public_security` would lift it, and no authority can \
truthfully sign that for advertising or for counting customers: \
[what paper can lift](../explanation/abuses.md) |
"""


def scene_matrix(
    rules: RuleSet, forms: SceneForms, *, vocabulary: Vocabulary, at: date
) -> dict[tuple[str, str], PermittedForm]:
    """Ask the rules about every scene in every jurisdiction."""
    return {
        (scene.scene_id, code): permitted_form(rules, scene, code, vocabulary=vocabulary, at=at)
        for scene in forms.scenes
        for code in forms.jurisdictions
    }


def render_matrix(console: Console, forms: SceneForms, cells: Cells, *, at: date) -> None:
    """Print the matrix."""
    table = Table(
        title=f"Scenes by jurisdictions, rules as of {at}", caption="before: evidence; after: duties"
    )
    table.add_column("scene", no_wrap=True)
    for code in forms.jurisdictions:
        table.add_column(code)
    for scene in forms.scenes:
        table.add_row(scene.scene_id, *(_look(cells[scene.scene_id, code]) for code in forms.jurisdictions))
    console.print(table)


def _look(cell: PermittedForm) -> Text:
    if not cell.exists:
        return Text(f"never: {', '.join(cell.refused_by)}", style="bold red")
    words = f"{len(cell.before)} before, {len(cell.duties)} after"
    return Text(words + (", house rules only" if cell.house_rules_only else ""), style="green")


def matrix_page(forms: SceneForms, cells: Cells, *, rules: RuleSet, at: date) -> str:
    """Return the page as Markdown, its last line ended."""
    asked = f"Asked for {at}, rule set `{rules.sha256[:16]}`."
    return "\n".join((_HEAD, asked, "", *_table(forms, cells), "", *_impossible(forms, cells), "",
                      *_scenes(forms), "", _TAIL))  # fmt: skip


def _table(forms: SceneForms, cells: Cells) -> Sequence[str]:
    codes = forms.jurisdictions
    lines = [f"| scene | {' | '.join(codes)} |", "|---" * (len(codes) + 1) + "|"]
    for scene in forms.scenes:
        row = (_cell(cells[scene.scene_id, code]) for code in codes)
        lines.append(f"| {scene.scene_id} | {' | '.join(row)} |")
    return lines


def _cell(cell: PermittedForm) -> str:
    if not cell.exists:
        return f"**no permitted form**: {', '.join(cell.refused_by)}"
    duties = f"{len(cell.duties)} {'duty' if len(cell.duties) == 1 else 'duties'}"
    early = f" ({cell.kept_early} kept early)" if cell.kept_early else ""
    house = "; *house rules only*" if cell.house_rules_only else ""
    return f"{len(cell.before)} before, {duties}{early}{house}"


def _impossible(forms: SceneForms, cells: Cells) -> Sequence[str]:
    lines = [
        "## Cells without a permitted form",
        "",
        "| scene | where | refused by | what can't truthfully be filed |",
        "|---|---|---|---|",
    ]
    for scene in forms.scenes:
        for code in forms.jurisdictions:
            cell = cells[scene.scene_id, code]
            if not cell.exists:
                why = "; ".join(f"`{key}`: {words}" for key, words in scene.untrue.items())
                lines.append(f"| {scene.scene_id} | {code} | {', '.join(cell.refused_by)} | {why} |")
    return lines


def _scenes(forms: SceneForms) -> Sequence[str]:
    lines = [
        "## The scenes",
        "",
        "| scene | what is done | place | operations | true |",
        "|---|---|---|---|---|",
    ]
    for scene in forms.scenes:
        true = ", ".join(f"`{name}`" for name in sorted(scene.true)) or "nothing"
        operations = ", ".join(f"`{name}`" for name in scene.operations)
        lines.append(f"| {scene.scene_id} | {scene.title} | `{scene.place_kind}` | {operations} | {true} |")
    return lines
