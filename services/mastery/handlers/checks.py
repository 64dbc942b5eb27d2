"""What requests of several kinds are checked for alike."""

from __future__ import annotations

from typing import Final

from services.mastery.domain.errors import InvalidRequestError

NOTE_CHARACTERS: Final = 500


def page_limit(page_size: int, *, default: int, maximum: int) -> int:
    """Return how many a page may have; zero asks for the default. Raises InvalidRequestError."""
    if not 0 <= page_size <= maximum:
        raise InvalidRequestError(
            field="page_size", message=f"is {page_size}; it runs from 0 to {maximum}."
        )
    return page_size or default


def check_note(note: str) -> None:
    """Raise InvalidRequestError for a note that is no line of text, or too long a one."""
    if len(note) > NOTE_CHARACTERS:
        raise InvalidRequestError(
            field="note", message=f"has {len(note)} characters; at most {NOTE_CHARACTERS} are kept."
        )
    if not note.isprintable():
        raise InvalidRequestError(
            field="note", message="holds a control character; send one line of text."
        )
