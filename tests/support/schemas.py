"""The JSON Schemas of a problem file and of a week, made from the classes, their words and bounds.

To write them anew into docs/schemas, and the tables of docs/problem.md with them:

    python -m tests.support.schemas

What a schema cannot say, as that an exemption's pin has no offer, the reader of the file says
(`services/scheduler/domain/contradictions.py`).
"""

from __future__ import annotations

import ast
import inspect
import json
import re
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime, time
from enum import Enum
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import click

from services.scheduler.adapters.documents import to_json
from services.scheduler.adapters.problem_file import SCHEMA_NAME
from services.scheduler.domain.bounds import bounds_of
from services.scheduler.domain.faults import must_be_said
from services.scheduler.domain.model import Problem
from services.scheduler.domain.week import Week
from tests.support.schema_tables import with_tables

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs/schemas"
PAGE = ROOT / "docs/problem.md"
DIALECT = "https://json-schema.org/draft/2020-12/schema"

TIMES = {
    date: {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    time: {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?$"},
    datetime: {
        "type": "string",
        "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$",
    },
}
"""A slot's time of the day has no zone and need not have seconds: no format of the dialect."""

SIGNED = frozenset({"seed", "value_milli", "bound_milli", "price_milli"})
"""The numbers of a week that may be less than 0."""


def problem_schema() -> dict[str, Any]:
    """Return the schema of a problem file: what is unknown in it is refused."""
    schema = _Maker(closed=True).document(Problem)
    schema["properties"][SCHEMA_NAME] = {
        "type": "string",
        "description": "Where editors find this schema; nothing else reads it.",
    }
    return schema


def week_schema() -> dict[str, Any]:
    """Return the schema of a week: a newer release may say more in it."""
    return _Maker(closed=False).document(Week)


SCHEMAS = {"problem.schema.json": problem_schema, "week.schema.json": week_schema}


def text_of(name: str) -> str:
    """Return a schema as it is written to its file."""
    return json.dumps(SCHEMAS[name](), indent=2, ensure_ascii=False) + "\n"


class _Maker:
    """Makes the schema of a class, and of every class below it."""

    def __init__(self, *, closed: bool) -> None:
        self._closed = closed
        self._parts: dict[str, Any] = {}

    def document(self, kind: type) -> dict[str, Any]:
        """Return the schema of a whole document."""
        schema = {"$schema": DIALECT, "title": kind.__name__, **self._object(kind)}
        return schema | {"$defs": dict(sorted(self._parts.items()))}

    def _object(self, kind: Any) -> dict[str, Any]:
        hints, words = get_type_hints(kind), words_of(kind)
        schema: dict[str, Any] = {"description": _in_words(kind.__doc__), "type": "object"}
        schema["properties"] = {
            one.name: self._property(one, hints[one.name], kind, words.get(one.name, ""))
            for one in fields(kind)
        }
        schema["required"] = [one.name for one in fields(kind) if default_of(one) is MISSING]
        return schema | ({"additionalProperties": False} if self._closed else {})

    def _property(self, field: Field, hint: Any, owner: type, words: str) -> dict[str, Any]:
        schema = self._value(hint, field, owner)
        default = default_of(field)
        if words:
            schema["description"] = words
        if default is not MISSING:
            schema["default"] = {} if is_dataclass(default) else json.loads(to_json(default))
        return schema

    def _value(self, hint: Any, field: Field, owner: type) -> dict[str, Any]:
        kinds = [one for one in get_args(hint) if one is not NoneType]
        if get_origin(hint) is tuple:
            return {"type": "array", "items": self._value(kinds[0], field, owner)}
        if NoneType in get_args(hint):
            return _or_null(self._value(kinds[0], field, owner))
        if hint in TIMES:
            return dict(TIMES[hint])
        if hint is int:
            return {"type": "integer", **self._range(field.name, owner)}
        if hint in (str, bool):
            return self._plain(hint, field)
        return {"$ref": f"#/$defs/{self._part(hint)}"}

    def _plain(self, hint: type, field: Field) -> dict[str, Any]:
        if hint is bool:
            return {"type": "boolean"}
        said = self._closed and must_be_said(field)
        return {"type": "string"} | ({"minLength": 1} if said else {})

    def _range(self, name: str, owner: type) -> dict[str, int]:
        if self._closed:
            bounds = bounds_of(owner, name)
            return {"minimum": bounds.least, "maximum": bounds.most}
        return {} if name in SIGNED else {"minimum": 0}

    def _part(self, kind: Any) -> str:
        """Return the name of a class or enum, which stands among the definitions from then on."""
        if kind.__name__ not in self._parts:
            self._parts[kind.__name__] = {}
            made = _choice_of(kind) if issubclass(kind, Enum) else self._object(kind)
            self._parts[kind.__name__] = made
        return kind.__name__


def _choice_of(kind: type[Enum]) -> dict[str, Any]:
    """Return the schema of an enum; numbers have their names beside them."""
    words = _in_words(kind.__doc__)
    if not issubclass(kind, int) and all(one.name.lower() == one.value for one in kind):
        return {"description": words, "enum": [one.value for one in kind]}
    named = [{"const": one.value, "title": one.name.lower().replace("_", " ")} for one in kind]
    return {"description": words, "oneOf": named}


def _in_words(docstring: str) -> str:
    """Return a docstring as a schema says it: a line for each paragraph, and JSON's null."""
    paragraphs = inspect.cleandoc(docstring).split("\n\n")
    lines = "\n".join(" ".join(one.split()) for one in paragraphs)
    return re.sub(r"\bNone\b", "null", lines)


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    if "type" in schema:
        return schema | {"type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def default_of(field: Field) -> Any:
    """Return the default of a field, or MISSING."""
    return field.default if field.default_factory is MISSING else field.default_factory()


def words_of(kind: type) -> dict[str, str]:
    """Return what the source says of each field of a class: the text below it."""
    classes = _classes_of(inspect.getsourcefile(kind))
    body = classes[kind.__name__].body
    return {
        line.target.id: _in_words(after.value.value)
        for line, after in pairwise(body)
        if isinstance(line, ast.AnnAssign)
        and isinstance(after, ast.Expr)
        and isinstance(after.value, ast.Constant)
    }


@cache
def _classes_of(source: str) -> dict[str, ast.ClassDef]:
    tree = ast.parse(Path(source).read_text("utf-8"))
    return {one.name: one for one in tree.body if isinstance(one, ast.ClassDef)}


def contents() -> dict[Path, str]:
    """Return what each file that is made from the classes should hold."""
    files = {FOLDER / name: text_of(name) for name in SCHEMAS}
    return files | {PAGE: with_tables(PAGE.read_text("utf-8"), problem_schema())}


@click.command()
def write() -> None:
    """Write docs/schemas anew, and the tables of docs/problem.md with them."""
    FOLDER.mkdir(exist_ok=True)
    for path, text in contents().items():
        path.write_text(text, encoding="utf-8")
        click.echo(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    write()
