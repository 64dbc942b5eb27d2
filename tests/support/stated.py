"""What a week's breaches and the findings of the check are about, so that the two can be compared.

Each says it in words of its own; what they speak of is the same.
"""

import re
from collections.abc import Iterable

from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Breach

PIN = re.compile(r"(?:Service pin|Pin) (\S+)")
REQUEST = re.compile(r"Request (\S+) for")
AGREED = re.compile(r"The session of offer ([^ ,]+).*?, agreed in slot ([^ ,.]+)")


def subjects_of(breaches: Iterable[Breach]) -> set[tuple[str, ...]]:
    """Return what breaches are about: a pin, a request's too, an agreed session, a full slot."""
    return {_subject(one) for one in breaches}


def _subject(breach: Breach) -> tuple[str, ...]:
    if pin := PIN.match(breach.message):
        return ("pin", pin[1])
    if request := REQUEST.match(breach.message):
        return ("pin", f"request.{request[1]}")
    if agreed := AGREED.match(breach.message):
        return ("agreed", *agreed.groups())
    if breach.rule is Rule.ONE_PLACE and "place" in breach.message:
        return ("places", breach.slot_id)
    return ("else", breach.rule, breach.message)
