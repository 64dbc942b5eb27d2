"""The tables of fields in docs/problem.md, made from the schema of a problem.

They stand between `<!-- fields of Slot -->` and `<!-- end -->`. `python -m tests.support.schemas`
writes them anew with the schemas.
"""

from __future__ import annotations

import json
import re
from typing import Any

from services.scheduler.domain.bounds import NUMBER_LIMIT, VERSION_LIMIT

HEAD = "| field | form | default | meaning |\n|---|---|---|---|\n"
MARKED = re.compile(r"(<!-- fields of (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
UNLIMITED = (NUMBER_LIMIT, VERSION_LIMIT)


def with_tables(page: str, schema: dict[str, Any]) -> str:
    """Return the page with its tables as the schema has them."""
    kinds = schema["$defs"] | {schema["title"]: schema}
    return MARKED.sub(lambda found: found[1] + _table(kinds[found[2]], kinds) + found[3], page)


def _table(kind: dict[str, Any], kinds: dict[str, Any]) -> str:
    rows = [
        f"| `{name}` | {_form(one, kinds)} | {_default(one)} | {one['description']} |\n"
        for name, one in kind["properties"].items()
        if not name.startswith("$")
    ]
    return f"\n{HEAD}{''.join(rows)}\n"


def _default(one: dict[str, Any]) -> str:
    if "default" not in one:
        return "–"
    return "all defaults" if one["default"] == {} else f"`{json.dumps(one['default'])}`"


def _form(one: dict[str, Any], kinds: dict[str, Any]) -> str:
    """Return in words what a field may hold."""
    if "anyOf" in one:
        return _form(one["anyOf"][0], kinds)
    if "$ref" in one:
        return _named(one["$ref"].rpartition("/")[2], kinds)
    kind = one["type"] if isinstance(one["type"], str) else one["type"][0]
    if kind == "array":
        return f"list: {_form(one['items'], kinds)}"
    if kind == "integer":
        return _range(one["minimum"], one["maximum"])
    return "true or false" if kind == "boolean" else _text(one)


def _named(name: str, kinds: dict[str, Any]) -> str:
    kind = kinds[name]
    if "enum" in kind:
        return ", ".join(f"`{value}`" for value in kind["enum"])
    if "oneOf" in kind:
        return ", ".join(f"`{one['const']}` {one['title']}" for one in kind["oneOf"])
    return f"{name}"


def _range(least: int, most: int) -> str:
    return f"{least} or more" if most in UNLIMITED else f"{least} to {most}"


def _text(one: dict[str, Any]) -> str:
    if one.get("format") == "date":
        return "date"
    if "pattern" in one:
        return "time with zone" if "T" in one["pattern"] else "time of day"
    return "text"
