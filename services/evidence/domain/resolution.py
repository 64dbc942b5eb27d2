"""Looking evidence up anew: when whom or what its source means has changed meanwhile.

Learners are merged, a merge is undone, an item is aligned otherwise, a competency is replaced. Then
each observation that may be touched is resolved from what was sent, with what is known now. And a
source is to be read otherwise: then its objects are.
"""

from dataclasses import dataclass
from enum import IntEnum


class Scope(IntEnum):
    """Which evidence. The numbers are those of the table."""

    LEARNER = 1
    ITEM = 2
    DISTRICT = 3
    SOURCE = 4
    """Not evidence that was sent, but what is derived from the objects of a source."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolution:
    """A request to look evidence up anew.

    source: of an item, or the source itself. subject: the learner or the item; else empty.
    after_id: evidence ids, or objects, up to this one have been looked at; empty at the beginning.
    second: it has been gone through
    before, and this is for what was under way then.
    """

    resolution_id: int
    scope: Scope
    source: str
    subject: str
    after_id: bytes
    second: bool = False
