"""Who reads an output, and what of a learner they may see in it (H11).

An output without an audience has no place in the registry. The table is what the tests hold every
output against, with a word of its own for each private thing.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final


class Audience(Enum):
    """Who may come to read it, which is more than who may ask for it."""

    HALL = "hall"
    """Everybody who passes: what hangs on doors and walls."""
    LEARNER = "learner"
    """One learner and their family: what is theirs alone."""
    CALENDAR = "calendar"
    """Whoever comes by the address: a calendar may be shared, and seen over a shoulder."""
    PROGRAM = "program"
    """Programs of the school, which keep what they get: everything by ids, nobody by name."""
    STAFF = "staff"
    """Adults of the school."""
    ANYBODY = "anybody"
    """No week at all: the sign-in, styles, lists of weeks."""


class Private(Enum):
    """What some may see and others not."""

    LEARNER_NAME = "learner_name"
    LEARNER_ID = "learner_id"
    OWN_REASON = "own_reason"
    """The sentence that a learner reads on a seat."""
    STAFF_REASON = "staff_reason"
    """The sentence for staff: level, counts, and what an adult gave as a reason."""
    LABEL = "label"
    """Level, code of a standard, kind of help, rule, the code of an exemption."""
    TIER = "tier"
    SERVICE = "service"
    """Which service somebody is owed."""
    PAIR = "pair"
    """That two are kept apart."""


MAY_SEE: Final[Mapping[Audience, frozenset[Private]]] = {
    Audience.HALL: frozenset({Private.LEARNER_NAME}),
    Audience.LEARNER: frozenset({Private.LEARNER_NAME, Private.OWN_REASON}),
    Audience.CALENDAR: frozenset(),
    Audience.PROGRAM: frozenset(
        {
            Private.LEARNER_ID,
            Private.OWN_REASON,
            Private.STAFF_REASON,
            Private.LABEL,
            Private.TIER,
            Private.SERVICE,
        }
    ),
    Audience.STAFF: frozenset(
        {
            Private.LEARNER_NAME,
            Private.LEARNER_ID,
            Private.STAFF_REASON,
            Private.LABEL,
            Private.SERVICE,
        }
    ),
    Audience.ANYBODY: frozenset(),
}
"""What each audience may see. Nobody sees a keep-apart rule in an output."""
