"""A decision for a reader, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from countenance.cli.verdicts import render_verdict
from countenance.decisions import DocumentReport, Outcome
from countenance.scenes import AttendedResult, SceneProfile

__all__ = ["OUTCOME_STYLE", "render_result", "result_document"]

OUTCOME_STYLE: Final[Mapping[Outcome, str]] = {
    Outcome.MATCH: "bold green",
    Outcome.NO_MATCH: "bold red",
    Outcome.INCONCLUSIVE: "bold yellow",
    Outcome.UNKNOWN: "bold",
    Outcome.LEAD: "bold yellow",
}


def result_document(result: AttendedResult) -> dict[str, object]:
    """Return a result as one JSON object: outcome, decision, verdict, receipt, place in the log."""
    return {
        "outcome": result.decision.outcome.value,
        "decision": result.decision.to_json(),
        "verdict": result.verdict.to_json(),
        "receipt": result.receipt,
        "log": {
            "index": result.log.index,
            "leaf_hash": result.log.leaf_hash,
            "tree_size": result.log.tree_size,
        },
        "subject": result.subject,
    }


def render_result(
    console: Console, result: AttendedResult, *, profile: SceneProfile, rules: bool = True
) -> None:
    """Print a decision in words, the quality of both photographs, the rules and the receipt.

    Args:
        console: where.
        result: what the desk handed back.
        profile: the scene, for the titles of the two photographs.
        rules: whether to print every rule that allowed it.
    """
    decision = result.decision
    style = OUTCOME_STYLE[decision.outcome]
    console.print(
        Panel(
            Text("\n".join(decision.words)),
            title=Text(decision.outcome.value.upper(), style=style),
            title_align="left",
            border_style=style.removeprefix("bold "),
        )
    )
    titles = {profile.reference.role: profile.reference.title, profile.probe.role: profile.probe.title}
    for report in decision.inputs:
        quality = "no single face" if report.quality is None else f"quality {report.quality} of 100"
        advice = "".join(f"\n    {reason}" for reason in report.reasons)
        console.print(Padding(Text(f"{titles[report.role]}: {quality}{advice}"), (0, 0, 0, 2)))
    if decision.document is not None:
        _render_document(console, decision.document)
    console.print()
    if rules:
        render_verdict(console, result.verdict)
    else:
        console.print(Text(result.verdict.words()[0], style="green"))
    console.print(
        Text.assemble(
            ("Decision ", "dim"),
            decision.decision_id,
            (", permit ", "dim"),
            decision.permit_id,
            (", log entry ", "dim"),
            str(result.log.index),
        )
    )
    console.print(Text("Receipt (signed; the guest's):", style="dim"))
    console.print(Text(result.receipt), soft_wrap=True)


def _render_document(console: Console, document: DocumentReport) -> None:
    """Print what was read of the document, and what wasn't."""
    lines = [f"What the document says: {document.brief}"]
    if document.age_band is not None:
        lines.append(f"    age band read: {document.age_band}, as stated")
    if document.expired is not None:
        lines.append(f"    expired: {'yes' if document.expired else 'no'}")
    lines += [f"    holds: {check}" for check in document.passed]
    lines += [f"    not read: {field}" for field in document.unread]
    lines += [f"    {note}" for note in document.notes]
    console.print(Padding(Text("\n".join(lines)), (0, 0, 0, 2)))
