"""A signed notice as a page: one file without a script, or the same with the server's style sheet."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from countenance.authority.notices.contents import LANGUAGES, Part
from countenance.authority.notices.drawing import to_svg_shapes
from countenance.authority.notices.linked_data import SignedNotice
from countenance.authority.notices.phrases import phrase
from countenance.authority.notices.pictograms import SIDE, pictogram

__all__ = ["notice_page", "page_style", "withdrawal_page"]

_FOLDER: Final = "pages"
_STATES: Final = {
    "dpv:ConsentGiven": "given",
    "dpv:ConsentWithdrawn": "withdrawn",
    "dpv:ConsentExpired": "expired",
}


@cache
def page_style() -> str:
    """Return the style sheet of the pages."""
    return (files("countenance.authority.notices") / _FOLDER / "notice.css").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("countenance.authority.notices", _FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def notice_page(notice: SignedNotice, *, stylesheet: str | None = None, in_force: bool | None = None) -> str:
    """Return a notice as an HTML page in all its languages.

    Args:
        notice: what it says.
        stylesheet: the address of the style sheet, where a server gives it. Left out, the page holds its
            style and the signed JSON-LD itself and needs nothing else.
        in_force: whether it is in force, if that is to be said.
    """
    shapes = to_svg_shapes(pictogram(notice.kind, colour="currentColor"))
    drawn = f'<svg viewBox="0 0 {SIDE:g} {SIDE:g}" aria-hidden="true">{shapes}</svg>'
    embedded = None
    if stylesheet is None:
        # Nothing in it begins a tag; JSON reads the escape back as the same letter.
        text = json.dumps(notice.document, ensure_ascii=False).replace("<", "\\u003c")
        embedded = Markup(text)  # noqa: S704 - JSON in which nothing begins a tag
    return (
        _environment()
        .get_template("notice.html")
        .render(
            notice=notice,
            parts=tuple(Part),
            languages=LANGUAGES,
            phrase=phrase,
            pictogram=Markup(drawn),  # noqa: S704 - drawn from shapes of this package
            stylesheet=stylesheet,
            style=Markup(page_style()),  # noqa: S704 - a file of this package
            in_force=in_force,
            embedded=embedded,
        )
    )


def withdrawal_page(
    *,
    purpose: str,
    state: str,
    unfinished: bool,
    demo: bool,
    stylesheet: str,
    certificates: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Return the page on which a person takes a consent back, or on which it says that it is done.

    Args:
        purpose: to which purpose, in words.
        state: how the consent stands, a term of the DPV; with ``dpv:ConsentGiven`` the page asks.
        unfinished: whether somebody couldn't let go yet of what rested on it.
        demo: whether it is a demonstration's.
        stylesheet: the address of the style sheet.
        certificates: of what was destroyed just now, to be kept by the person.
    """
    return (
        _environment()
        .get_template("withdrawal.html")
        .render(
            purpose=purpose,
            state=state,
            states=_STATES,
            unfinished=unfinished,
            certificates=[json.dumps(each, ensure_ascii=False, indent=1) for each in certificates],
            demo=demo,
            languages=LANGUAGES,
            phrase=phrase,
            stylesheet=stylesheet,
        )
    )
