"""Page tokens: where a list goes on. To a client they are opaque."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.scheduler.domain.audit import AuditPlace
from services.scheduler.domain.errors import InvalidRequestError

MAXIMUM_CHARACTERS = 256
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class WeekPlace:
    """A place in a list of a week: the revision that the list began with, its hash, how far."""

    revision: int
    week_hash: str
    offset: int


def to_token(*parts: str) -> str:
    """Return a token of these parts, none of which may hold a line break."""
    return base64.urlsafe_b64encode("\n".join(parts).encode()).decode().rstrip("=")


def from_token(token: str, count: int) -> tuple[str, ...]:
    """Return the parts of a token; raises InvalidRequestError for what is none of this list."""
    try:
        if len(token) > MAXIMUM_CHARACTERS:
            raise ValueError("too long")
        padded = token + "=" * (-len(token) % 4)
        parts = tuple(base64.b64decode(padded, altchars=b"-_", validate=True).decode().split("\n"))
        if len(parts) != count:
            raise ValueError("another number of parts")
    except (ValueError, binascii.Error) as error:
        raise _refusal() from error
    return parts


def place_from(token: str) -> str:
    """Return the id after which a page begins; empty for an empty token."""
    return from_token(token, 1)[0] if token else ""


def place_to(after: str) -> str:
    """Return the token of the page after an id; empty for none."""
    return to_token(after) if after else ""


def number_from(token: str) -> int:
    """Return the number of a token; zero for an empty one."""
    if not token:
        return 0
    return _whole(from_token(token, 1)[0])


def number_to(number: int) -> str:
    """Return the token of a number; empty for zero."""
    return to_token(str(number)) if number else ""


def week_place_from(token: str) -> WeekPlace | None:
    """Return the place of a token; None for an empty one."""
    if not token:
        return None
    revision, week_hash, offset = from_token(token, 3)
    return WeekPlace(revision=_whole(revision), week_hash=week_hash, offset=_whole(offset))


def week_place_to(place: WeekPlace) -> str:
    """Return the token of a place."""
    return to_token(str(place.revision), place.week_hash, str(place.offset))


def audit_place_from(token: str) -> AuditPlace | None:
    """Return the entry of the audit after which a page begins; None for an empty token."""
    if not token:
        return None
    microseconds, number = from_token(token, 2)
    try:
        time = _EPOCH + _whole(microseconds) * _MICROSECOND
    except OverflowError as error:
        raise _refusal() from error
    return AuditPlace(time=time, number=_whole(number))


def audit_place_to(place: AuditPlace | None) -> str:
    """Return the token of the page after an entry of the audit; empty for None."""
    if place is None:
        return ""
    return to_token(str((place.time - _EPOCH) // _MICROSECOND), str(place.number))


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise _refusal()
    return int(text)


def _refusal() -> InvalidRequestError:
    return InvalidRequestError(
        field="page_token", message="is none of this list", hint="send next_page_token as it came"
    )
