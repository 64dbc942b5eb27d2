"""Page tokens: where a list goes on. To a client they are opaque."""

import base64
import binascii
from collections.abc import Callable
from typing import Final

from services.mastery.domain.errors import InvalidRequestError

TOKEN_CHARACTERS: Final = 200


def page_token_to(listed: str, place: str) -> str:
    """Return the token of a place in a list; listed: what stands in the list, as in "mastery"."""
    return base64.urlsafe_b64encode(f"{listed}.{place}".encode()).decode()


def place_from(token: str, listed: str, is_place: Callable[[str], bool]) -> str:
    """Return the place of a token of this list; raises InvalidRequestError for any other text."""
    refused = InvalidRequestError(field="page_token", message="is none that this service gave.")
    if len(token) > TOKEN_CHARACTERS or not token.isascii():
        raise refused
    try:
        text = base64.urlsafe_b64decode(token).decode("ascii")
    except (binascii.Error, ValueError):
        raise refused from None
    found, _, place = text.partition(".")
    if found != listed or not is_place(place):
        raise refused
    return place
