"""Statements over arrays, whose texts and whole numbers are sent as array literals.

asyncpg looks at each element of an array to see whether it is a list itself, by two abstract base
classes; for a chunk of a thousand rows with twenty columns that, and encoding one by one, took a
third of the worker's CPU. A literal is one string for PostgreSQL to read: a quarter of the cost,
for texts a sixth. Arrays of other types (uuid, bytea) go as asyncpg sends them, since for these
reading costs PostgreSQL what writing saves.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import asyncpg

from services.common.postgres.pool import Connection

_ARRAY: Final = re.compile(r"\$(\d+)::(text|bigint|integer|smallint)\[\]")
_ESCAPED: Final = str.maketrans({"\\": "\\\\", '"': '\\"'})


def text_literal(texts: Sequence[str | None]) -> str:
    """Return the array literal of texts; None becomes NULL."""
    known = [text for text in texts if text is not None]
    if len(known) != len(texts):
        return "{" + ",".join(map(_element, texts)) + "}"
    joined = "".join(known)
    if "\\" in joined or '"' in joined:
        known = [text.translate(_ESCAPED) for text in known]
    # Always in quotes: the text NULL must stay a text.
    return '{"' + '","'.join(known) + '"}' if known else "{}"


def _element(text: str | None) -> str:
    return "NULL" if text is None else f'"{text.translate(_ESCAPED)}"'


def integer_literal(numbers: Sequence[int | None]) -> str:
    """Return the array literal of Python's whole numbers; None becomes NULL."""
    return "{" + str(list(numbers))[1:-1].replace("None", "NULL") + "}"


class ArrayStatement:
    """A statement with parameters written as `$1::text[]`, `$2::bigint[]` and so on.

    Its arguments stay lists; those of text and whole numbers are turned into literals.
    """

    def __init__(self, sql: str) -> None:
        self.sql = _ARRAY.sub(r"$\1::text::\2[]", sql)
        self._types = {int(number) - 1: name for number, name in _ARRAY.findall(sql)}

    async def execute(self, connection: Connection, *arguments: Any) -> None:  # noqa: ANN401
        """Run it."""
        await connection.execute(self.sql, *self._sent(arguments))

    async def fetch(
        self,
        connection: Connection,
        *arguments: Any,  # noqa: ANN401
    ) -> list[asyncpg.Record]:
        """Run it and return its rows."""
        return await connection.fetch(self.sql, *self._sent(arguments))

    def _sent(self, arguments: Sequence[Any]) -> list[Any]:
        """Return the arguments as they are sent."""
        sent = list(arguments)
        for place, name in self._types.items():
            literal = text_literal if name == "text" else integer_literal
            sent[place] = literal(sent[place])
        return sent
