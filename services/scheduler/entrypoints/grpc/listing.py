"""Pages of a list that is short enough to be made whole: by key, so that nothing is shown twice."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from services.scheduler.adapters.wire.page_tokens import from_token, to_token
from services.scheduler.domain.resources import MAX_WEEK_PAGE, page_limit

Item = TypeVar("Item")


def page_by(
    items: Iterable[Item], key: Callable[[Item], tuple[str, ...]], *, page_size: int, token: str
) -> tuple[list[Item], str]:
    """Return the page after a token, in the order of the key, and the token of the next page.

    The key has as many parts for every item, and no two items share one. Raises
    InvalidRequestError.
    """
    limit = page_limit(page_size, MAX_WEEK_PAGE)
    ordered = sorted(items, key=key)
    if token and ordered:
        after = from_token(token, len(key(ordered[0])))
        ordered = [one for one in ordered if key(one) > after]
    page = ordered[:limit]
    return page, to_token(*key(page[-1])) if len(ordered) > limit else ""
