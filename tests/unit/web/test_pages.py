"""What stands in the pages' files: nothing inline, nothing from elsewhere, nothing ticked beforehand."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import countenance.web
from countenance.web.rendering import PAGES

ROOT = Path(countenance.web.__file__).parent
SOURCES = sorted((ROOT / "pages").glob("*.html"))
STATIC = sorted((ROOT / "static").iterdir())


class Elements(HTMLParser):
    """Collects what a strict content policy would stop."""

    def __init__(self) -> None:
        super().__init__()
        self.offences: list[str] = []
        self._inside: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        names = dict(attributes)
        self._inside = tag if tag in {"script", "style"} else None
        if tag == "style":
            self.offences.append("a style element")
        for name, value in attributes:
            if name.startswith("on") or name == "style":
                self.offences.append(f"attribute {name}")
            if name in {"href", "src", "action", "formaction"} and re.match(
                r"\s*(https?:|//|javascript:)", value or ""
            ):
                self.offences.append(f"{name} to another host")
        if tag == "script" and not (names.get("src") or "").startswith("/static/"):
            self.offences.append("a script that isn't a file of ours")

    def handle_data(self, data: str) -> None:
        if self._inside is not None and data.strip():
            self.offences.append(f"inline {self._inside}")

    def handle_endtag(self, _: str) -> None:
        self._inside = None


def offences(markup: str) -> list[str]:
    parser = Elements()
    parser.feed(markup)
    return parser.offences


@pytest.mark.parametrize("page", SOURCES, ids=lambda path: path.name)
def test_nothing_is_inline_or_from_elsewhere(page: Path) -> None:
    assert offences(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "planted",
    [
        "<p style='color:red'>",
        "<button onclick='x()'>",
        "<script>x()</script>",
        "<style>p{}</style>",
        "<script src='https://cdn.example/x.js'></script>",
        "<img src='//cdn.example/x.png'>",
        "<a href='javascript:x()'>",
    ],
)
def test_a_planted_offence_is_seen(planted: str) -> None:
    assert offences(planted) != []


def test_every_page_is_known_to_the_renderer() -> None:
    assert {page.name for page in SOURCES} == {*PAGES, "base.html", "parts.html"}


@pytest.mark.parametrize("page", SOURCES, ids=lambda path: path.name)
def test_sentences_stand_in_the_catalogue_and_not_in_the_page(page: Path) -> None:
    text = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}|<[^>]*>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    words = set(re.findall(r"[A-Za-z]{2,}", text))
    assert words <= {"Countenance"}


@pytest.mark.parametrize("file", STATIC, ids=lambda path: path.name)
def test_static_files_call_nobody(file: Path) -> None:
    text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|@import|//cdn|eval\(|innerHTML", text)
    assert len(text) < 32_000


def test_every_static_file_is_used() -> None:
    everything = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    built = {"match.svg", "no_match.svg", "inconclusive.svg", "document.svg", "live.svg"}
    assert "/static/{{ outcome }}.svg" in everything
    assert "/static/{{ role }}.svg" in everything
    assert {file.name for file in STATIC} - built == set(re.findall(r"/static/([\w.]+)", everything))
