"""Write docs/reference/clocks.md: until when who is told of an incident, and a person answered.

Usage::

    python scripts/document_clocks.py            write
    python scripts/document_clocks.py --check    exit 1 if the page is out of date
"""

from __future__ import annotations

import sys
from pathlib import Path

from countenance.cases import AnswerClock, NoticeClock, shipped_clocks

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "reference" / "clocks.md"
HEAD = """# Clocks

Written by `scripts/document_clocks.py` from `cases/clocks.toml`; don't edit it by hand.

A time is counted from the moment at which an incident became known, or a request arrived. Of several
clocks that apply the strictest counts. Where a rule gives no number ("at once", "in time"), the number is
the house's own and is called so; where no rule of a place's jurisdictions speaks, the rows of `house`
hold. Calendar months end on the same day of the month or on the month's last, at the earliest end that
any time zone gives; weekends and holidays, by which some laws lengthen a time, aren't used. The laws'
numbers are from memory of their texts: have counsel confirm them.
"""


def page() -> str:
    """Return the whole page."""
    clocks = shipped_clocks()
    notices = [_notice(clock) for clock in clocks.notices]
    answers = [_answer(clock) for clock in clocks.answers]
    return "\n".join(
        (
            HEAD,
            "## Who is told of an incident\n",
            "| rule | of what | whom | within | whose number | source |",
            "|---|---|---|---|---|---|",
            *notices,
            "\nA rule of an operator's own pack that asks for `breach_notice` has the rows of `house`.\n",
            "## Until when a person is answered\n",
            "| rule | right | within | extended to | whose number | source |",
            "|---|---|---|---|---|---|",
            *answers,
            "",
        )
    )


def _notice(clock: NoticeClock) -> str:
    whose = "the house's" if clock.house else "the law's"
    words = (clock.rule, clock.incident.words, clock.to.words, clock.time.words, whose, clock.source)
    return f"| `{words[0]}` | {' | '.join(words[1:])} |"


def _answer(clock: AnswerClock) -> str:
    whose = "the house's" if clock.house else "the law's"
    rights = ", ".join(sorted(clock.rights))
    extended = "not" if clock.extended is None else clock.extended.words
    return f"| `{clock.rule}` | {rights} | {clock.time.words} | {extended} | {whose} | {clock.source} |"


def main() -> int:
    """Write or check; return the exit status."""
    text = page()
    if "--check" in sys.argv[1:]:
        return 0 if DOCUMENT.is_file() and DOCUMENT.read_text(encoding="utf-8") == text else 1
    DOCUMENT.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
