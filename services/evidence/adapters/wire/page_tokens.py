"""Page tokens of lists that are sorted by id: opaque to clients, and good for one list alone.

They are no secret and no proof of anything: what a token leads to is read under the district of
the credential as everything is.
"""

import base64
import binascii
import hashlib

from services.common.ids import is_id
from services.evidence.domain.errors import InvalidRequestError
from services.evidence.domain.texts import UNSTORABLE

LIST_BYTES = 8
"""Of the hash of list and filter: enough to tell a token of another list by accident."""


def page_token(listed: str, only: str, next_after: str) -> str:
    """Return the token of the page after an id; empty where there is no next page."""
    if not next_after:
        return ""
    return base64.urlsafe_b64encode(_list_hash(listed, only) + next_after.encode()).decode()


def page_after(listed: str, only: str, token: str, *, any_text: bool = False) -> str:
    """Return the id that a page comes after; empty for the first.

    any_text: what is listed has ids of sources, which may be any text that a store can hold.

    Raises InvalidRequestError for what is no token of this list with this filter.
    """
    if not token:
        return ""
    try:
        content = base64.b64decode(token.encode(), altchars=b"-_", validate=True)
        after = content[LIST_BYTES:].decode()
    except (binascii.Error, UnicodeError):
        content, after = b"", ""
    known = not UNSTORABLE.search(after) if any_text else is_id(after)
    if content[:LIST_BYTES] != _list_hash(listed, only) or not known:
        raise InvalidRequestError(
            field="page_token", message="is no token of this list; begin again without one."
        )
    return after


def _list_hash(listed: str, only: str) -> bytes:
    """Return what tells lists and filters apart."""
    return hashlib.sha256(f"{listed}\x1f{only}".encode()).digest()[:LIST_BYTES]
