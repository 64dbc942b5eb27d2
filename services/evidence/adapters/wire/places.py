"""Places in lists and streams as opaque texts: page tokens and cursors.

A client gives back what it was given; anything else is refused with InvalidRequestError.
"""

import base64
import binascii

from services.evidence.domain.errors import InvalidRequestError
from services.evidence.domain.ledger import EvidencePlace, LedgerPlace

MAX_TOKEN_LENGTH = 128
MAX_NUMBER = 2**63 - 1


def cursor_to(place: LedgerPlace) -> str:
    """Return the cursor of a place in the ledger."""
    return _encode("ledger", place.xact, place.position)


def cursor_from(cursor: str) -> LedgerPlace:
    """Return the place of a cursor; of an empty one, the beginning."""
    if not cursor:
        return LedgerPlace(xact=0, position=0)
    xact, position = _decode("ledger", "cursor", cursor, 2)
    return LedgerPlace(xact=xact, position=position)


def evidence_token_to(place: EvidencePlace | None) -> str:
    """Return the page token of a place in a learner's list; empty for none."""
    return "" if place is None else _encode("evidence", place.occur_time_micros, place.position)


def evidence_token_from(token: str) -> EvidencePlace | None:
    """Return the place of a page token of a learner's list; None for an empty one."""
    if not token:
        return None
    occur_time_micros, position = _decode("evidence", "page_token", token, 2)
    return EvidencePlace(occur_time_micros=occur_time_micros, position=position)


def quarantine_token_to(before: int | None) -> str:
    """Return the page token of a place in the quarantine; empty for none."""
    return "" if before is None else _encode("quarantine", before)


def quarantine_token_from(token: str) -> int | None:
    """Return the place of a page token of the quarantine; None for an empty one."""
    return None if not token else _decode("quarantine", "page_token", token, 1)[0]


def _encode(kind: str, *numbers: int) -> str:
    text = ".".join((kind, *(str(number) for number in numbers)))
    return base64.urlsafe_b64encode(text.encode()).decode()


def _decode(kind: str, field: str, token: str, count: int) -> list[int]:
    refused = InvalidRequestError(field=field, message="is none that this service gave.")
    if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
        raise refused
    try:
        found, *parts = base64.urlsafe_b64decode(token).decode("ascii").split(".")
        numbers = [int(part) for part in parts]
    except (binascii.Error, ValueError):
        raise refused from None
    if found != kind or len(numbers) != count or not all(0 <= one <= MAX_NUMBER for one in numbers):
        raise refused
    return numbers
