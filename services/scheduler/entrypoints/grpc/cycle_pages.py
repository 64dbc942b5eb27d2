"""Pages of lists that are made anew for each call: they go on only while they are of the same."""

from collections.abc import Sequence
from typing import TypeVar

from services.scheduler.adapters.wire.page_tokens import from_token, number_from, to_token
from services.scheduler.domain.errors import WeekChangedError
from services.scheduler.domain.resources import MAX_WEEK_PAGE, page_limit

Item = TypeVar("Item")
STAMP_CHARACTERS = 32
"""Of each hash: enough to tell two weeks apart, and a token stays short."""


def page_of(
    items: Sequence[Item], *, page_size: int, page_token: str, hashes: Sequence[str]
) -> tuple[Sequence[Item], str]:
    """Return a page and the token of the next one; raises WeekChangedError.

    `hashes`: of the weeks that the list is made from.
    """
    stamp = ".".join(one[:STAMP_CHARACTERS] for one in hashes)
    begins = 0
    if page_token:
        number, standing = from_token(page_token, 2)
        if standing != stamp:
            raise WeekChangedError
        begins = number_from(to_token(number))
    end = begins + page_limit(page_size, MAX_WEEK_PAGE)
    return items[begins:end], to_token(str(end), stamp) if end < len(items) else ""
