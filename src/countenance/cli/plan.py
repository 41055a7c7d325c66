"""`countenance plan`: what a search of passers-by would bring in a day, before anybody is searched."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from countenance.cli.options import JsonFlag, SetOption, SettingsOption, settings_of
from countenance.cli.output import ExitStatus, answer
from countenance.decisions import (
    GUARD_MEANWHILE,
    Plan,
    PlanBeyondReviewers,
    PlanOrder,
    make_plan,
    rate_that_fits,
)
from countenance.kernel import SystemClock
from countenance.runtime.calibration import table_for

__all__ = ["plan"]

_NOT_MEASURED: Final = "not measured"


def plan(
    *,
    passers_by: Annotated[
        int, typer.Option("--passers-by", metavar="N", help="People a day whose faces would be searched.")
    ],
    people: Annotated[int, typer.Option("--people", metavar="N", help="How many are on the list.")],
    listed: Annotated[
        float, typer.Option("--listed", metavar="N", help="Of those who pass a day, how many are on it.")
    ] = 0.0,
    fpir: Annotated[
        float | None,
        typer.Option("--fpir", metavar="RATE", help="Share of strangers who may be falsely named."),
    ] = None,
    fmr: Annotated[
        float | None,
        typer.Option(
            "--fmr", metavar="RATE", help="Instead: a measured rate of single comparisons, as if borrowed."
        ),
    ] = None,
    searches_each: Annotated[
        int, typer.Option("--searches-each", metavar="N", help="How often each is searched.")
    ] = 1,
    reviewers: Annotated[
        int, typer.Option("--reviewers", metavar="N", help="People who look at alarms at the same time.")
    ],
    hours: Annotated[float, typer.Option("--hours", metavar="H", help="How many hours a day they do.")] = 8.0,
    review_seconds: Annotated[
        float, typer.Option("--review-seconds", metavar="S", help="How long one takes over an alarm.")
    ] = 60.0,
    two: Annotated[bool, typer.Option("--two", help="Two people look at each, as some rules ask.")] = False,
    busiest_hour: Annotated[
        float, typer.Option("--busiest-hour", metavar="SHARE", help="Of the day's people, in that hour.")
    ] = 0.15,
    walk_metres: Annotated[
        float | None,
        typer.Option("--walk", metavar="METRES", help="From the camera to where nobody is found any more."),
    ] = None,
    chart: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Draw alarms by rate into an SVG or PNG.")
    ] = None,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Say what a search of passers-by would bring in a day; refuse it if nobody has time for its alarms."""
    if fpir is None and fmr is None:
        fpir = 0.001
    order = PlanOrder(
        passers_by=passers_by,
        listed=listed,
        people=people,
        fpir=fpir,
        fmr=fmr,
        searches_each=searches_each,
        reviewers=reviewers,
        hours=hours,
        review_seconds=review_seconds,
        words=2 if two else 1,
        busiest_hour=busiest_hour,
        walk_metres=walk_metres,
    )
    settings = settings_of(settings_file, stated)
    table = table_for(settings, clock=SystemClock()).table
    if chart is not None:
        from countenance.evaluation.plan_chart import draw_plan  # noqa: PLC0415 - pulls much with it

        draw_plan(table, order, chart)
    made = make_plan(table, order)
    other = None if made.fits else rate_that_fits(table, order)
    document = _document(made, other)
    answer(
        document,
        lambda console: _say(console, made, document),
        as_json=as_json,
        status=ExitStatus.YES if made.fits else ExitStatus.REFUSED,
    )


def _document(made: Plan, other: Plan | None) -> dict[str, object]:
    document: dict[str, object] = {
        "outcome": "fits" if made.fits else "refused",
        "figures": {
            "false_alarms_a_day": made.false_alarms,
            "false_alarms_a_day_low": made.false_alarms_interval.low,
            "false_alarms_a_day_high": made.false_alarms_interval.high,
            "found_a_day_at_least": made.right,
            "missed_a_day_at_most": made.missed,
            "false_of_100_alarms": made.false_of_hundred,
            "review_hours_needed_at_most": made.hours_needed,
            "review_hours_there": made.hours_there,
            "busiest_hour_needed_at_most": made.busiest_needed,
            "busiest_hour_there": made.busiest_there,
            "walked_metres_meanwhile": made.walked_metres,
        },
        "said": _sentences(made),
        "stated_error": made.stated.to_json(),
        "meanwhile": GUARD_MEANWHILE,
    }
    try:
        made.require()
    except PlanBeyondReviewers as error:
        document["error"] = {"code": error.code, "message": error.message, "remedy": error.remedy}
        document["fits_at"] = None if other is None else other.order.fpir
        document["fits_missing_a_day_at_most"] = None if other is None else other.missed
    return document


def _sentences(made: Plan) -> list[str]:
    order, alarms = made.order, made.false_alarms_interval
    alarmed = (
        f"About {_count(made.false_alarms)} strangers would be falsely named a day (95 % interval "
        f"{_count(alarms.low)} to {_count(alarms.high)}, measured on {made.stated.measured_on}; worst "
        f"measured group: {made.stated.worst_group})."
    )
    said = [alarmed, f"Of a hundred alarms about {made.false_of_hundred:.0f} would name a stranger."]
    if made.missed is None:
        said.append("How many people on the list would be missed at this rate: not measured.")
    else:
        said.append(
            f"Of the {_count(order.listed)} people on the list who pass, up to {_count(made.missed)} "
            "would be missed."
        )
    said.append(
        f"Looking at the alarms takes up to {made.hours_needed:,.1f} hours a day; the reviewers have "
        f"{made.hours_there:,.1f}."
    )
    walked = f"While an alarm is looked at, a person walks {made.walked_metres:,.0f} m"
    ends = {None: ".", True: ": gone before the reviewers have spoken.", False: ": still within reach then."}
    return [*said, walked + ends[made.gone], GUARD_MEANWHILE]


def _say(console: Console, made: Plan, document: dict[str, object]) -> None:
    title = (
        "The reviewers have time for it." if made.fits else "Refused: the reviewers don't have time for it."
    )
    console.print(Text(title, "bold green" if made.fits else "bold red"))
    for sentence in _sentences(made):
        console.print(Text(sentence))
    if not made.fits:
        rate = document["fits_at"]
        words = "No rate within the evidence fits." if rate is None else f"It fits at --fpir {rate:g}."
        console.print(Text(words))
    table = Table(show_header=False, box=None)
    table.add_column(style="dim")
    table.add_column(justify="right")
    for name, value in (
        ("false positive identification rate asked for", f"{made.stated.asked:.3g}"),
        (
            "people on the list; the evidence supports",
            f"{made.stated.people:,}; {made.stated.largest_gallery:,}",
        ),
        (
            "missed, upper end",
            _NOT_MEASURED if made.stated.fnir is None else f"{100 * made.stated.fnir:.1f} %",
        ),
        ("busiest hour: needed, there", f"{made.busiest_needed:.2f} h, {made.busiest_there:.2f} h"),
        ("table", made.stated.label),
    ):
        table.add_row(name, value)
    console.print(table)


def _count(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"  # noqa: PLR2004 - two digits are enough
