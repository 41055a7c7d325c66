"""What no document names doesn't exist: settings, commands, routes, error codes, scenes, rules."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

import countenance
from countenance.authority import shipped_rules
from countenance.cli import app
from countenance.kernel import CountenanceError
from countenance.runtime import Settings
from countenance.scenes import shipped_profiles

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)|!\[[^\]]*\]\(([^)\s]+)\)")


def page(name: str) -> str:
    return (DOCS / "reference" / name).read_text(encoding="utf-8")


def every_module() -> Iterator[object]:
    for module in pkgutil.walk_packages(countenance.__path__, "countenance."):
        if ".migrations" not in module.name and not module.name.endswith("__main__"):
            yield importlib.import_module(module.name)


def every_error() -> list[type[CountenanceError]]:
    for _ in every_module():
        pass
    found: list[type[CountenanceError]] = []
    waiting = [CountenanceError]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting += kind.__subclasses__()
    return [kind for kind in found if kind.__module__.startswith("countenance.")]


def commands(group: object, path: str = "countenance") -> Iterator[str]:
    names: list[str] = getattr(group, "list_commands", lambda _: [])(None)
    for name in names:
        command = group.get_command(None, name)  # type: ignore[attr-defined]
        if getattr(command, "list_commands", None):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}"


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_a_setting_is_documented(name: str) -> None:
    assert f"`{name}`" in page("settings.md")
    field = Settings.model_fields[name]
    assert field.title, "a setting has a title"
    assert field.description, "a setting says its unit and limit"


@pytest.mark.parametrize("command", sorted(commands(typer.main.get_command(app))))
def test_a_command_is_documented(command: str) -> None:
    assert command in page("commands.md")


def test_the_list_of_commands_is_not_empty() -> None:
    assert len(list(commands(typer.main.get_command(app)))) >= 80


def test_error_codes_are_documented_and_differ() -> None:
    errors = every_error()
    text = page("errors.md")
    assert [e.code for e in errors if f"`{e.code}`" not in text] == []
    codes = [e.code for e in errors]
    assert sorted(codes) == sorted(set(codes))
    assert [e.__name__ for e in errors if not inspect.getdoc(e)] == []


def test_rules_are_documented() -> None:
    text = page("rules.md")
    rules, _ = shipped_rules()
    assert [rule.rule_id for rule in rules.rules if rule.rule_id not in text] == []


def test_scenes_are_documented() -> None:
    everything = "".join(p.read_text(encoding="utf-8") for p in PAGES)
    assert [
        profile.scene_id for profile in shipped_profiles().values() if profile.scene_id not in everything
    ] == []


@pytest.mark.parametrize("document", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    targets = [a or b for a, b in LINK.findall(text)]
    local = [t for t in targets if "://" not in t and not t.startswith("mailto:")]
    assert [t for t in local if not (document.parent / t).exists()] == []


def test_every_page_is_linked_from_the_index() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    pages = [p.relative_to(DOCS).as_posix() for p in DOCS.rglob("*.md") if p.name != "README.md"]
    cards = [p for p in pages if p.startswith("model-cards/")]
    assert [p for p in pages if p not in index and p not in cards] == []
