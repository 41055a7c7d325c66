"""`countenance rules`: list, show, check, diff, matrix."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from countenance.authority import installed_rules, read_own_pack, shipped_rules, shipped_scene_forms
from countenance.cli.matrix import matrix_page, render_matrix, scene_matrix
from countenance.cli.options import InputNotReadable, JsonFlag, SetOption, SettingsOption, settings_of
from countenance.cli.output import ExitStatus, answer
from countenance.kernel import CallerError
from countenance.policy import (
    EVERYWHERE,
    Force,
    Phase,
    Rule,
    RuleSet,
    parse_pack,
    with_own_packs,
)

__all__ = ["rules_app"]

rules_app = typer.Typer(
    name="rules",
    help="The rules that are in use: what they ask, how packs differ, what they leave possible.",
    no_args_is_help=True,
)

_SHIPPED: Final = "shipped"
_LARGEST_PACK: Final = 1_000_000
_DAY_FORMAT: Final = "%Y-%m-%d"

AtOption = Annotated[
    datetime | None,
    typer.Option(
        "--at", formats=[_DAY_FORMAT], metavar="DATE", help="The day, YYYY-MM-DD; today if left out."
    ),
]


class NoSuchRule(CallerError):
    """A rule was asked for that no pack in use holds."""

    code = "no-such-rule"
    default_remedy = "Look up its identifier: countenance rules list."


@rules_app.command("list")
def list_rules(
    *,
    jurisdiction: Annotated[
        str | None,
        typer.Option("--jurisdiction", metavar="CODE", help="Those that apply there, such as CN or US/IL."),
    ] = None,
    operation: Annotated[
        str | None, typer.Option("--operation", metavar="NAME", help="Those that govern it.")
    ] = None,
    force: Annotated[
        Force | None, typer.Option("--force", help="Those that get their authority from there.")
    ] = None,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """List the rules in use."""
    rules, vocabulary = installed_rules(settings_of(settings_file, stated).rules_folder)
    if operation is not None:
        vocabulary.require_operation(operation)
    found = [
        rule
        for rule in rules.rules
        if (jurisdiction is None or _applies(rule, jurisdiction))
        and (operation is None or operation in rule.operations)
        and (force is None or rule.force is force)
    ]
    document = {
        "rule_set": rules.sha256,
        "packs": [
            {
                "code": pack.code,
                "title": pack.title,
                "version": pack.version.isoformat(),
                "rules": len(pack.rules),
                "sha256": pack.sha256,
                "own": pack.own,
            }
            for pack in rules.packs
        ],
        "rules": [rule.to_json() for rule in found],
    }
    answer(
        document, lambda console: _render_list(console, rules, found), as_json=as_json, status=ExitStatus.YES
    )


@rules_app.command("show")
def show(
    *,
    rule_id: Annotated[str, typer.Argument(metavar="ID", help="Identifier, such as CN-PIPL-29.")],
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Show a rule: its source, what it does, where and when, and what it asks for in words."""
    rules, vocabulary = installed_rules(settings_of(settings_file, stated).rules_folder)
    rule = next((rule for rule in rules.rules if rule.rule_id == rule_id), None)
    if rule is None:
        msg = "No pack in use holds a rule of this identifier."
        raise NoSuchRule(msg)
    words = {key: vocabulary.evidence[key] for key in rule.keys}
    document = {
        **rule.to_json(),
        "force_words": rule.force.words,
        "trust_words": rule.trust.words,
        "question": None if rule.trigger is None else vocabulary.triggers[rule.trigger].question,
        "evidence": {
            key: {"words": term.words, "supply": term.supply, "issuers": sorted(term.issuers)}
            for key, term in words.items()
        },
    }

    def render(console: Console) -> None:
        _render_rule(console, rule)
        if rule.trigger is not None:
            term = vocabulary.triggers[rule.trigger]
            console.print(Text(f"Applies if {term.words} ({rule.trigger}; {term.source.words})."))
        for requirement in rule.requirements:
            for number, need in enumerate(requirement.alternatives):
                after = ", after the act" if need.phase is Phase.DUTY else ""
                head = "or " if number else "asks for "
                console.print(Text.assemble((f"  {head}", "dim"), (need.key, "bold"), after))
                console.print(Text(f"      {words[need.key].words}. {words[need.key].supply}", style="dim"))

    answer(document, render, as_json=as_json, status=ExitStatus.YES)


@rules_app.command("check")
def check(
    pack_file: Annotated[Path, typer.Argument(metavar="PACK", help="TOML file of a pack of your own.")],
    as_json: JsonFlag = False,
) -> None:
    """See whether a pack of your own can be read and only makes things stricter."""
    shipped, vocabulary = shipped_rules()
    pack = read_own_pack(pack_file)
    whole = with_own_packs(shipped, [pack], vocabulary=vocabulary)
    covered = pack.code == EVERYWHERE or shipped.covers(pack.code)
    remark = "" if covered else f"No shipped pack covers {pack.code}, so nothing is permitted there anyway."
    document = {
        "outcome": "stricter only",
        "pack": pack.own,
        "code": pack.code,
        "version": pack.version.isoformat(),
        "rules": [rule.rule_id for rule in pack.rules],
        "sha256": pack.sha256,
        "rule_set": whole.sha256,
        "remark": remark,
    }

    def render(console: Console) -> None:
        console.print(Text(f"{pack.title}: {len(pack.rules)} rules, stricter only.", style="bold green"))
        console.print(Text(f"With it the rule set is {whole.sha256[:12]}.", style="dim"))
        if remark:
            console.print(Text(remark, style="yellow"))

    answer(document, render, as_json=as_json, status=ExitStatus.YES)


@rules_app.command("diff")
def diff(
    first: Annotated[str, typer.Argument(metavar="A", help="A pack, a folder of packs, or: shipped.")],
    second: Annotated[str, typer.Argument(metavar="B", help="The same.")],
    as_json: JsonFlag = False,
) -> None:
    """Say which rules two packs or folders differ in; exit status 1 if they do."""
    before, after = _read_rules(first), _read_rules(second)
    added = sorted(after.keys() - before.keys())
    removed = sorted(before.keys() - after.keys())
    changed = {
        name: found
        for name in sorted(before.keys() & after.keys())
        if (found := _changes(before[name], after[name]))
    }
    same = not (added or removed or changed)
    document = {
        "outcome": "same" if same else "different",
        "added": added,
        "removed": removed,
        "changed": changed,
    }

    def render(console: Console) -> None:
        if same:
            console.print(Text("The same rules.", style="green"))
        for sign, names, style in (("+ added", added, "green"), ("- removed", removed, "red")):
            for name in names:
                console.print(Text(f"{sign} {name}", style=style))
        for name, members in changed.items():
            console.print(Text(f"~ changed {name}", style="yellow"))
            for member, (old, new) in members.items():
                console.print(Text(f"    {member}: {old} -> {new}"))

    answer(document, render, as_json=as_json, status=ExitStatus.YES if same else ExitStatus.NO)


@rules_app.command("matrix")
def matrix(
    *,
    write: Annotated[
        Path | None,
        typer.Option("--write", metavar="FILE", help="Write the page there, for the day of the packs."),
    ] = None,
    at: AtOption = None,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Say for every scene and jurisdiction what it needs, or that it has no permitted form."""
    rules, vocabulary = installed_rules(settings_of(settings_file, stated).rules_folder)
    forms = shipped_scene_forms()
    day = _day_of(at, rules, page=write is not None)
    cells = scene_matrix(rules, forms, vocabulary=vocabulary, at=day)
    if write is not None:
        _write(write, matrix_page(forms, cells, rules=rules, at=day))
    document = {
        "at": day.isoformat(),
        "rule_set": rules.sha256,
        "cells": [cell.to_json() for cell in cells.values()],
    }
    answer(
        document,
        lambda console: render_matrix(console, forms, cells, at=day),
        as_json=as_json,
        status=ExitStatus.YES,
    )


def _applies(rule: Rule, jurisdiction: str) -> bool:
    whole = rule.jurisdiction
    return whole in {EVERYWHERE, jurisdiction} or jurisdiction.startswith(f"{whole}/")


def _day_of(at: datetime | None, rules: RuleSet, *, page: bool) -> date:
    if at is not None:
        return at.date()
    return max(pack.version for pack in rules.packs) if page else datetime.now(UTC).date()


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        msg = f"The page can't be written ({error.strerror})."
        raise InputNotReadable(msg, remedy="Name a file in a folder that this user may write to.") from None


def _read_rules(name: str) -> Mapping[str, Mapping[str, object]]:
    """Return the rules of a pack, of a folder of packs, or those that are shipped, by identifier.

    Raises:
        InputNotReadable: if it can't be read.
        RulePackInvalid: if it isn't a pack.
    """
    if name == _SHIPPED:
        return {rule.rule_id: rule.to_json() for rule in shipped_rules()[0].rules}
    path = Path(name)
    try:
        packs = sorted(path.glob("*.toml")) if path.is_dir() else [path]
        if any(pack.stat().st_size > _LARGEST_PACK for pack in packs):
            msg = f"A pack is larger than {_LARGEST_PACK} bytes."
            raise InputNotReadable(msg, remedy="Name a pack, a folder of packs, or: shipped.")
        texts = [pack.read_text(encoding="utf-8") for pack in packs]
    except (OSError, UnicodeDecodeError):
        msg = "A pack that was named can't be read."
        raise InputNotReadable(msg, remedy="Name a pack, a folder of packs, or: shipped.") from None
    return {rule.rule_id: rule.to_json() for text in texts for rule in parse_pack(text).rules}


def _changes(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, tuple[object, object]]:
    members = {**before, **after}
    return {
        name: (before.get(name), after.get(name)) for name in members if before.get(name) != after.get(name)
    }


def _render_list(console: Console, rules: RuleSet, found: list[Rule]) -> None:
    table = Table(title=f"{len(found)} of {len(rules.rules)} rules, rule set {rules.sha256[:12]}")
    table.add_column("id", no_wrap=True)
    table.add_column("effect", no_wrap=True)
    table.add_column("force")
    table.add_column("source and words", ratio=1)
    for rule in found:
        marks = f" (from {rule.applies_from})" if rule.applies_from else ""
        words = Text.assemble((rule.citation, "bold"), f"{marks}\n{rule.text}")
        own = "\nthe operator's own" if rule.own else ""
        table.add_row(rule.rule_id, rule.effect.value, rule.force.words + own, words)
    console.print(table)


def _render_rule(console: Console, rule: Rule) -> None:
    console.print(Text.assemble((rule.rule_id, "bold"), f"  {rule.citation}"))
    console.print(Text(f"{rule.text}."))
    marks = [rule.force.words] if rule.force is Force.HOUSE else [rule.force.words, rule.trust.words]
    if rule.own:
        marks.append("the operator's own")
    console.print(Text("; ".join(marks), style="italic dim"))
    console.print(Text(f"{rule.effect.value}: {rule.effect.words}."))
    console.print(Text(f"In {rule.jurisdiction}, at {', '.join(sorted(rule.places))}."))
    console.print(Text(f"Governs {', '.join(sorted(rule.operations))}."))
    if rule.applies_from is not None:
        console.print(Text(f"From {rule.applies_from}."))
