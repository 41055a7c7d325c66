"""A verdict for a reader: the answer, every rule that fired with its words, what is missing, what follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from countenance.policy import Duty, Finding, Force, Status, Verdict

__all__ = ["STATUS_LOOK", "SUPPOSED_WORDS", "render_verdict"]

STATUS_LOOK: Final = {
    Status.BANNED: ("banned", "bold red"),
    Status.REFUSED: ("refused", "red"),
    Status.ASKS: ("asks", "yellow"),
    Status.DUTY: ("duty", "cyan"),
    Status.SATISFIED: ("kept", "green"),
}
"""How a rule's status is told: a word, and a colour beside it."""
SUPPOSED_WORDS: Final = "Supposed: no record stands behind these facts, and no permit comes of it."


def render_verdict(console: Console, verdict: Verdict, *, supposed: bool = False) -> None:
    """Print a verdict.

    Args:
        console: where.
        verdict: what the rules said.
        supposed: whether it rests on supposed facts and opens no door.
    """
    answer = verdict.words()[0]
    console.print(Text(answer, style="bold green" if verdict.allowed else "bold red"))
    if supposed:
        console.print(Text(SUPPOSED_WORDS, style="dim"))
    refusing = verdict.refusing
    _rules(console, "Rules that refuse", refusing)
    _asks(console, verdict)
    kept = [finding for finding in verdict.findings if not finding.status.refuses]
    _rules(console, "Rules that are kept", kept, brief=not verdict.allowed)
    _duties(console, verdict)
    _rules(console, "Not yet in force", verdict.not_yet_in_force)
    for note in verdict.notes:
        console.print(Padding(Text(f"Note: {note}", style="dim"), (0, 0, 0, 2)))
    console.print(Text(f"Rules as of {verdict.at}, rule set {verdict.rule_set[:12]}.", style="dim"))


def _rules(console: Console, title: str, findings: Sequence[Finding], *, brief: bool = False) -> None:
    """Print rules; with ``brief``, their citations alone."""
    if not findings:
        return
    console.print(Text(f"\n{title} ({len(findings)})", style="bold"))
    if brief:
        cited = ", ".join(finding.rule_id for finding in findings)
        console.print(Padding(Text(cited, style="dim"), (0, 0, 0, 2)))
        return
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(width=9, no_wrap=True)
    table.add_column(ratio=1)
    for finding in findings:
        word, style = STATUS_LOOK[finding.status]
        table.add_row(Text(f"  {word}", style=style), _cited(finding))
    console.print(table)


def _cited(finding: Finding) -> Text:
    """Return a rule's citation, its words, and how far both were checked."""
    rule = finding.rule
    marks = [rule.force.words]
    if rule.force is not Force.HOUSE:
        marks.append(rule.trust.words)
    if rule.applies_from is not None:
        marks.append(f"from {rule.applies_from}")
    return Text.assemble(
        (rule.citation, "bold"),
        (f"  {rule.rule_id}\n", "dim"),
        f"{rule.text}.\n",
        ("; ".join(marks), "italic dim"),
    )


def _asks(console: Console, verdict: Verdict) -> None:
    """Print what has to be stated and filed first."""
    if verdict.unknown:
        console.print(Text(f"\nState first ({len(verdict.unknown)})", style="bold"))
    for fact in verdict.unknown:
        words = Text.assemble(
            (f"{fact.trigger}  ", "yellow"),
            fact.question,
            (f"  {fact.source.words}; asked by {', '.join(fact.rule_ids)}", "dim"),
        )
        console.print(Padding(words, (0, 0, 0, 2)))
    if verdict.missing:
        console.print(Text(f"\nFile first ({len(verdict.missing)})", style="bold"))
    for missing in verdict.missing:
        words = Text.assemble(
            (f"{' or '.join(missing.alternatives)}  ", "yellow"),
            missing.words,
            (f"  {', '.join(missing.rule_ids)}", "dim"),
        )
        console.print(Padding(words, (0, 0, 0, 2)))


def _duties(console: Console, verdict: Verdict) -> None:
    if not verdict.duties:
        return
    title = "Duties that come with it" if verdict.allowed else "Duties that a yes would bring"
    console.print(Text(f"\n{title} ({len(verdict.duties)})", style="bold"))
    for duty in verdict.duties:
        words = Text.assemble(
            (f"{' or '.join(duty.alternatives)}  ", "cyan"),
            duty.words,
            (f"  within {_period(duty)} of the {duty.counted_from.value}; {', '.join(duty.rule_ids)}", "dim"),
        )
        console.print(Padding(words, (0, 0, 0, 2)))


def _period(duty: Duty) -> str:
    """Return a duty's time in the largest unit that it is a whole number of."""
    seconds = int(duty.within.total_seconds())
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} seconds"
