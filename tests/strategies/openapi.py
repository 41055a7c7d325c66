"""Requests as an OpenAPI document describes them, with the ids of what exists.

An operation is drawn, its path filled in and a body made of one of the document's examples or of its schema.
What answers bring back (ids, receipts, tokens) is learnt by the name of its member and put where that name is
asked for, so most requests are about something that is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

__all__ = ["JSON", "Known", "Operation", "operations", "requests"]

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=10,
)
_MOST_KNOWN = 40
_DEEPEST = 4
_TEXT = st.text(st.characters(codec="utf-8"), max_size=30)


@dataclass
class Known:
    """Values that are good somewhere, by the name of the member that takes them, without ``_id``.

    A ``key_id`` keeps its name: a ``key`` is another thing.
    """

    values: dict[str, list[Any]] = field(default_factory=dict)
    _learnt: int = 0

    def learn(self, answer: object) -> None:
        """Remember what an answer brought back under names that requests take; of many the latest."""
        if isinstance(answer, Mapping):
            for name, value in answer.items():
                plain = _plain(name)
                if plain in self.values and isinstance(value, str | dict) and value:
                    self._keep(self.values[plain], value)
                self.learn(value)
        elif isinstance(answer, Sequence) and not isinstance(answer, str):
            for each in answer:
                self.learn(each)

    def _keep(self, kept: list[Any], value: object) -> None:
        if value in kept:
            return
        self._learnt += 1
        if len(kept) < _MOST_KNOWN:
            kept.append(value)
        else:
            kept[self._learnt % _MOST_KNOWN] = value

    def of(self, name: str) -> st.SearchStrategy[Any] | None:
        """Return what is known under a name; ``None`` if nothing is asked for by it or nothing came yet."""
        kept = self.values.get(_plain(name))
        if not kept:
            return None
        return st.integers(0, 10_000).map(lambda place: kept[place % len(kept)])


def _plain(name: str) -> str:
    return name if name == "key_id" else name.removesuffix("_id")


@dataclass(frozen=True)
class Operation:
    """One of the document's: what it takes, and the examples that it gives."""

    method: str
    path: str
    parameters: tuple[Mapping[str, Any], ...]
    media: str
    schema: Mapping[str, Any]
    examples: tuple[Any, ...]


def operations(document: Mapping[str, Any]) -> tuple[Operation, ...]:
    """Return every operation of a document."""
    found = []
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            content = told.get("requestBody", {}).get("content", {})
            media = next(iter(content), "")
            body = content.get(media, {})
            examples = [each["value"] for each in body.get("examples", {}).values() if "value" in each]
            parameters = tuple(told.get("parameters", ()))
            found.append(
                Operation(method.upper(), path, parameters, media, body.get("schema", {}), tuple(examples))
            )
    return tuple(found)


def requests(
    document: Mapping[str, Any], known: Known, *, files: st.SearchStrategy[bytes]
) -> st.SearchStrategy[tuple[str, str, dict[str, Any]]]:
    """Return method, path and the client's other arguments of requests that the document describes.

    Args:
        document: the OpenAPI document.
        known: what exists.
        files: what is uploaded.
    """
    return _Requests(document, known, files).strategy()


class _Requests:
    def __init__(self, document: Mapping[str, Any], known: Known, files: st.SearchStrategy[bytes]) -> None:
        self._schemas = document["components"]["schemas"]
        self._known = known
        self._files = files
        self._operations = operations(document)

    def strategy(self) -> st.SearchStrategy[tuple[str, str, dict[str, Any]]]:
        @st.composite
        def request(draw: st.DrawFn) -> tuple[str, str, dict[str, Any]]:
            asked: Operation = draw(st.sampled_from(self._operations))
            path, query = asked.path, {}
            for parameter in asked.parameters:
                name = parameter["name"]
                if parameter["in"] == "path":
                    path = path.replace(f"{{{name}}}", quote(str(draw(self._value(name, {}))), safe=""))
                elif draw(st.integers(0, 3)) == 0:
                    query[name] = str(draw(self._value(name, parameter["schema"])))
            arguments: dict[str, Any] = {"params": query} if query else {}
            return asked.method, path, arguments | self._body(draw, asked)

        return request()

    def _body(self, draw: st.DrawFn, asked: Operation) -> dict[str, Any]:
        if not asked.media:
            return {}
        body = draw(self._shaped(asked.schema, 0))
        if asked.examples and draw(st.integers(0, 3)) > 0:
            example = draw(st.sampled_from(asked.examples))
            changed = draw(st.lists(st.sampled_from(sorted({*example, *body})), max_size=2))
            body = {**example, **{name: body[name] for name in changed if name in body}}
        if asked.media == "application/json":
            return {"json": body}
        properties = asked.schema["properties"]
        uploads = {name for name, told in properties.items() if told.get("format") == "binary"}
        return {
            "data": {name: str(value) for name, value in body.items() if name not in uploads},
            "files": {name: ("a", draw(self._files)) for name in uploads},
        }

    def _value(self, name: str, schema: Mapping[str, Any], depth: int = 0) -> st.SearchStrategy[Any]:
        """Return what a member may hold: nine times in ten something of its kind, and known if it can be."""
        known = self._known.of(name)
        good = self._shaped(schema, depth + 1) if schema else _TEXT
        return st.integers(0, 19).flatmap(
            lambda chance: (
                JSON if chance == 0 and schema else good if known is None or chance in (1, 2) else known
            )
        )

    def _shaped(self, schema: Mapping[str, Any], depth: int) -> st.SearchStrategy[Any]:
        if "$ref" in schema:
            schema = self._schemas[schema["$ref"].rsplit("/", 1)[1]]
        if "const" in schema:
            return st.just(schema["const"])
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        if depth > _DEEPEST or not {"type", "anyOf"} & schema.keys():
            return JSON
        if "anyOf" in schema:
            return st.one_of([self._shaped(each, depth) for each in schema["anyOf"]])
        return self._typed(schema, depth)

    def _typed(self, schema: Mapping[str, Any], depth: int) -> st.SearchStrategy[Any]:
        kind = schema["type"]
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            items = schema.get("items", {})
            named = self._value(str(schema.get("title", "")).lower().removesuffix("s"), items, depth)
            return st.lists(named, min_size=min(schema.get("minItems", 0), 2), max_size=3)
        if kind == "string":
            return _string(schema)
        if kind == "integer":
            return st.integers(schema.get("minimum", -5), schema.get("maximum", 400))
        plain: Mapping[str, st.SearchStrategy[Any]] = {
            "boolean": st.booleans(),
            "number": st.floats(-1e6, 1e6),
            "null": st.none(),
        }
        return plain[kind]

    def _object(self, schema: Mapping[str, Any], depth: int) -> st.SearchStrategy[Any]:
        properties: Mapping[str, Any] = schema.get("properties", {})
        if not properties:
            return st.dictionaries(st.text(max_size=12), JSON, max_size=3)
        members = {name: self._value(name, told, depth) for name, told in properties.items()}
        required = {name for name in schema.get("required", ()) if name in members}
        return st.fixed_dictionaries(
            {name: members[name] for name in sorted(required)},
            optional={name: members[name] for name in members if name not in required},
        )


def _string(schema: Mapping[str, Any]) -> st.SearchStrategy[str]:
    shapes: Mapping[str, st.SearchStrategy[str]] = {
        "date-time": st.sampled_from(["2026-11-22T11:00:00Z", "2026-12-01T00:00:00+08:00"])
        | st.datetimes().map(lambda when: when.isoformat() + "Z"),
        "date": st.sampled_from(["2026-11-23", "2027-01-31"]) | st.dates().map(str),
        "binary": st.just(""),
    }
    return shapes.get(schema.get("format", ""), st.sampled_from(["Front desk", "said at the desk"]) | _TEXT)
