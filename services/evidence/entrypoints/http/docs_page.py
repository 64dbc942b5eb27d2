"""The description of the interface, for programs as JSON and for people as one plain page.

Both come from `evidence_openapi`. The page runs no script and loads nothing but its own style.
"""

import json
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from services.evidence.entrypoints.http.evidence_openapi import (
    ABOUT,
    ACCEPTED_EXAMPLE,
    ALIGNMENT,
    BY_ITEM_EXAMPLE,
    EVIDENCE_PATH,
    LEARNER_REFERENCE,
    ONE_EXAMPLE,
    OPENAPI,
    OPENAPI_PATH,
    OUTCOMES,
    POST,
    RECORD,
    RESPONSES,
)

DOCS_PATH: Final = "/v1/docs"
STYLE_PATH: Final = "/v1/docs.css"
DOCS_PATHS: Final = (OPENAPI_PATH, DOCS_PATH, STYLE_PATH)

KEPT: Final = {"Cache-Control": "public, max-age=3600"}
"""Nothing in these pages is anybody's: whoever likes may keep them for an hour."""

Schema = Mapping[str, Any]


def docs_routes() -> list[BaseRoute]:
    """Return the routes of the description, its page and its style."""
    page = _page()

    async def openapi(_request: Request) -> Response:
        return JSONResponse(OPENAPI, headers=KEPT)

    async def show(_request: Request) -> Response:
        return HTMLResponse(page, headers=KEPT)

    async def style(_request: Request) -> Response:
        return Response(_STYLE, media_type="text/css", headers=KEPT)

    return [Route(OPENAPI_PATH, openapi), Route(DOCS_PATH, show), Route(STYLE_PATH, style)]


def _page() -> str:
    """Return the page; it is the same for everybody and made once."""
    sections = (
        _section("A first record", _first_record()),
        _section("The record", _paragraph(RECORD["description"]) + _fields(RECORD)),
        _section("Whom: learner_reference", _fields(LEARNER_REFERENCE)),
        _section("What of: alignments", _fields(ALIGNMENT)),
        _section("How well: score", _scores()),
        _section("The answers", _outcomes() + _statuses()),
    )
    return _PAGE.format(
        title=escape(OPENAPI["info"]["title"]),
        about=escape(ABOUT),
        summary=escape(POST["description"]),
        path=EVIDENCE_PATH,
        openapi=OPENAPI_PATH,
        style=STYLE_PATH,
        sections="".join(sections),
    )


def _section(title: str, content: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{content}</section>"


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _first_record() -> str:
    command = (
        f"curl -X POST https://HOST{EVIDENCE_PATH} -H 'Authorization: Bearer TOKEN' \\\n"
        "  -H 'Content-Type: application/json' --data @record.json"
    )
    return (
        _code(command)
        + _paragraph("record.json:")
        + _code(json.dumps(ONE_EXAMPLE, indent=2))
        + _paragraph("The answer, with status 201:")
        + _code(json.dumps(ACCEPTED_EXAMPLE, indent=2))
        + _paragraph("A record may leave it to the alignment of its item what it speaks of:")
        + _code(json.dumps(BY_ITEM_EXAMPLE, indent=2))
    )


def _code(text: str) -> str:
    return f"<pre><code>{escape(text)}</code></pre>"


def _fields(schema: Schema) -> str:
    required = set(schema["required"])
    rows = (
        (
            f"<code>{escape(name)}</code>{' (must be there)' if name in required else ''}",
            escape(_form(field)),
            escape(field.get("description", "")),
        )
        for name, field in schema["properties"].items()
    )
    return _table(("field", "form", "meaning"), rows)


def _form(field: Schema) -> str:
    """Return in words what a field may hold."""
    if "enum" in field:
        return ", ".join(field["enum"])
    if "oneOf" in field:
        return "one of two objects, see below"
    words = {"string": "text", "integer": "whole number", "boolean": "true or false"}
    form = str(words.get(field["type"], field["type"]))
    if field.get("format") == "date-time":
        return "time of RFC 3339"
    if "maxLength" in field:
        form += f" of at most {field['maxLength']:,} characters"
    if "maximum" in field:
        form += f", {field['minimum']:,} to {field['maximum']:,}"
    return form


def _scores() -> str:
    score = RECORD["properties"]["score"]
    shown = ({"points": {"earned": 7.5, "possible": 10}}, {"level": 3.5})
    return _paragraph(score["description"]) + "".join(
        _paragraph(one["description"]) + _code(json.dumps({"score": example}))
        for one, example in zip(score["oneOf"], shown, strict=True)
    )


def _outcomes() -> str:
    rows = ((f"<code>{word}</code>", escape(said)) for word, said in OUTCOMES.items())
    return _table(("outcome", "meaning"), rows)


def _statuses() -> str:
    rows = ((status, escape(one["description"])) for status, one in RESPONSES.items())
    return _table(("status", "meaning"), rows)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table; the cells are HTML already."""
    heading = "".join(f'<th scope="col">{escape(one)}</th>' for one in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    table = f"<table><thead><tr>{heading}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="wide">{table}</div>'


_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="{style}">
</head>
<body>
<main>
<h1>{title}</h1>
<p>{about}</p>
<p><code>POST {path}</code> – {summary} For programs: <a href="{openapi}">OpenAPI 3.1</a>.</p>
{sections}
</main>
</body>
</html>
"""

_STYLE: Final = """\
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
pre { padding: .8rem; overflow-x: auto; border: 1px solid #8886; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border: 1px solid #8886; }
"""
