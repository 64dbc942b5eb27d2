"""Counts the statements that asyncpg sends: what is read at once, whatever there is of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import asyncpg

SENDING = ("execute", "executemany", "fetch", "fetchrow", "fetchval")


@contextlib.contextmanager
def statements_sent() -> Iterator[list[str]]:
    """Give a list that gets the text of each statement sent while the block runs."""
    sent: list[str] = []
    standing = {name: getattr(asyncpg.Connection, name) for name in SENDING}

    def counting(method: Any) -> Any:
        async def call(self: Any, query: str, *arguments: Any, **named: Any) -> Any:
            sent.append(query)
            return await method(self, query, *arguments, **named)

        return call

    for name, method in standing.items():
        setattr(asyncpg.Connection, name, counting(method))
    try:
        yield sent
    finally:
        for name, method in standing.items():
            setattr(asyncpg.Connection, name, method)
