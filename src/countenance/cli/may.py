"""`countenance may`: what would the rules say?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated

import typer
from rich.console import Console

from countenance.authority import hypothetical, installed_rules, supposed_facts
from countenance.cli.explanation import explanation_rows, render_explanation
from countenance.cli.options import JsonFlag, SetOption, SettingsOption, settings_of
from countenance.cli.output import ExitStatus, answer
from countenance.cli.verdicts import render_verdict

__all__ = ["may", "parse_facts"]

_WORDS = {"true": True, "yes": True, "false": False, "no": False}


def may(
    *,
    operation: Annotated[
        str, typer.Argument(help="What is to be done, such as verify, identify or emotion.")
    ],
    place: Annotated[
        str, typer.Option("--place", metavar="KIND", help="Kind of place, such as hotel_lobby.")
    ],
    jurisdiction: Annotated[
        list[str],
        typer.Option("--jurisdiction", metavar="CODE", help="Whose rules, such as CN or US/IL. Repeatable."),
    ],
    fact: Annotated[
        list[str] | None,
        typer.Option(
            "--fact",
            metavar="NAME[=true|false]",
            help="A supposed fact: a trigger or an evidence key. NAME alone means true. Repeatable.",
        ),
    ] = None,
    at: Annotated[
        datetime | None,
        typer.Option(
            "--at", formats=["%Y-%m-%d"], metavar="DATE", help="The day, YYYY-MM-DD; today if left out."
        ),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show how each rule came to its answer, as a tree.")
    ] = False,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Say what the rules would say, and why. Supposed facts never yield a permit."""
    rules, vocabulary = installed_rules(settings_of(settings_file, stated).rules_folder)
    where, day, told = tuple(sorted(set(jurisdiction))), _day(at), parse_facts(fact or ())
    verdict = hypothetical(
        rules, vocabulary, operation=operation, place_kind=place, jurisdictions=where, at=day, facts=told
    )
    facts = supposed_facts(
        vocabulary, operation=operation, place_kind=place, jurisdictions=where, at=day, facts=told
    )
    document: dict[str, object] = {
        "outcome": "permitted" if verdict.allowed else "refused",
        "hypothetical": True,
        "verdict": verdict.to_json(),
    }
    if explain:
        document["explanation"] = explanation_rows(verdict, facts, vocabulary)

    def render(console: Console) -> None:
        if explain:
            render_explanation(console, verdict, facts, vocabulary)
        else:
            render_verdict(console, verdict, supposed=True)

    answer(
        document,
        render,
        as_json=as_json,
        status=ExitStatus.YES if verdict.allowed else ExitStatus.REFUSED,
    )


def parse_facts(stated: Sequence[str]) -> dict[str, bool]:
    """Read facts of the form ``NAME``, ``NAME=true`` or ``NAME=false``.

    Raises:
        typer.BadParameter: if a value is neither, or one fact is stated both ways.
    """
    facts: dict[str, bool] = {}
    for text in stated:
        name, equals, word = text.rpartition("=")
        # Some keys hold an equals sign themselves (retention_until<=...): only a boolean after it is a value.
        if not equals or word.lower() not in _WORDS:
            if equals and "<" not in name[-1:]:
                raise typer.BadParameter("a fact is true or false", param_hint="--fact")
            name, word = text, "true"
        value = _WORDS[word.lower()]
        if facts.setdefault(name, value) is not value:
            raise typer.BadParameter("a fact is stated both ways", param_hint="--fact")
    return facts


def _day(at: datetime | None) -> date:
    return at.date() if at is not None else datetime.now(UTC).date()
