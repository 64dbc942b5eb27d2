"""What a school lacks before a week: what stops it, what weakens it, what is good to know.

It reads what the school has set and who is in it, and plans nothing. Messages are for everybody who
works in the school: a learner stands there by id, and a keep rule or a required service by its own
id, never with whom it is about.
"""

from collections.abc import Callable, Iterable

from services.scheduler.domain.readiness import looks
from services.scheduler.domain.readiness.slots import of_slots
from services.scheduler.domain.readiness.state import Finding, SchoolState, Severity

__all__ = ["Finding", "SchoolState", "Severity", "readiness"]

_LOOKS: tuple[Callable[[SchoolState], Iterable[Finding]], ...] = (
    looks.of_the_week,
    looks.of_people,
    looks.of_places,
    looks.of_offers,
    of_slots,
    looks.of_subjects,
    looks.of_services,
    looks.of_keep_rules,
    looks.of_essentials,
)


def readiness(state: SchoolState) -> tuple[Finding, ...]:
    """Return what the school lacks, the gravest first, each kind in a fixed order."""
    found = [finding for look in _LOOKS for finding in look(state)]
    return tuple(sorted(found, key=lambda one: one.severity))
