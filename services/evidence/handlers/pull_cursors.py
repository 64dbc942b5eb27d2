"""How far the pulls from sources have come. What a cursor says is the puller's business alone."""

from dataclasses import replace
from typing import Final

from services.evidence.domain.errors import InvalidRequestError
from services.evidence.domain.sources import PullCursor
from services.evidence.domain.texts import IDENTIFIER
from services.evidence.handlers.documents.surroundings import Surroundings
from services.evidence.handlers.intake import micros_of

MAX_NAME_LENGTH: Final = 128
MAX_CONTENT_BYTES: Final = 4_096


async def get_pull_cursor(
    district: str, source: str, name: str, *, surroundings: Surroundings
) -> PullCursor:
    """Return how far a pull has come; an empty content where there was none.

    Raises InvalidRequestError.
    """
    asked = PullCursor(source=source, name=name, content="")
    _check(asked)
    async with surroundings.store.change(district) as change:
        return await change.pull_cursors.find(source, name) or asked


async def put_pull_cursor(
    district: str, cursor: PullCursor, *, surroundings: Surroundings
) -> PullCursor:
    """Keep how far a pull has come. Raises InvalidRequestError."""
    _check(cursor)
    kept = replace(cursor, put_micros=micros_of(surroundings.intake.clock.now()))
    async with surroundings.store.change(district) as change:
        await change.pull_cursors.put(kept)
    return kept


def _check(cursor: PullCursor) -> None:
    if not IDENTIFIER.fullmatch(cursor.source):
        raise InvalidRequestError(field="source", message="is no name of a source.")
    if not 1 <= len(cursor.name) <= MAX_NAME_LENGTH or not cursor.name.isprintable():
        raise InvalidRequestError(
            field="name", message=f"must have 1 to {MAX_NAME_LENGTH} printable characters."
        )
    if len(cursor.content.encode()) > MAX_CONTENT_BYTES or "\0" in cursor.content:
        raise InvalidRequestError(
            field="content", message=f"must be text of at most {MAX_CONTENT_BYTES} bytes."
        )
