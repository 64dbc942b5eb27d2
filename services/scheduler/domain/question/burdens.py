"""What forced sessions ask of adults beyond their limits: persons may ask for more (S7).

The search counts preparations against a limit. On a day on which persons ask an adult for more, the
sessions that they ask for are not counted, and nothing else that needs preparing is held.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from services.scheduler.domain.model import Offer, SessionKind
from services.scheduler.domain.pins import Forced, Settled
from services.scheduler.domain.snapshot_index import SnapshotIndex

Preparation = tuple[str, str, str]
"""An adult, a kind, and a target or an offer."""


@dataclass(frozen=True, kw_only=True)
class Burdens:
    """What is asked of adults by a person's word."""

    sessions: dict[str, int]
    """How many sessions each adult leads."""
    full_days: frozenset[tuple[str, date]]
    """When an adult prepares more than a day's limit already."""
    uncounted: dict[str, int]
    """The different preparations of an adult's full days."""
    counted: dict[str, int]
    """The different preparations of their other days, at most."""


def burdens_of(snapshot: SnapshotIndex, settled: Settled) -> Burdens:
    """Return what forced sessions ask of adults."""
    sessions: dict[str, int] = defaultdict(int)
    by_day: dict[tuple[str, date], set[Preparation]] = defaultdict(set)
    for one in settled.forced.values():
        for adult_id in one.leads:
            sessions[adult_id] += 1
        wanted = _at_most(one)
        if wanted is not None:
            day = snapshot.slots[one.slot_id].date
            by_day[one.offer.adult_id, day].add(wanted)
    limit = snapshot.problem.policy.preparations_per_day
    full = frozenset(key for key, found in by_day.items() if 0 < limit < len(found))
    uncounted: dict[str, set[Preparation]] = defaultdict(set)
    counted: dict[str, set[Preparation]] = defaultdict(set)
    for key, found in by_day.items():
        (uncounted if key in full else counted)[key[0]] |= found
    return Burdens(
        sessions=dict(sessions),
        full_days=full,
        uncounted={adult_id: len(found) for adult_id, found in uncounted.items()},
        counted={adult_id: len(found) for adult_id, found in counted.items()},
    )


def preparation_of(offer: Offer, competency_id: str | None) -> Preparation | None:
    """Return what an adult prepares for a session; None for commons and services."""
    if offer.kind in (SessionKind.COMMONS, SessionKind.SERVICE):
        return None
    return offer.adult_id, offer.kind.value, competency_id or offer.offer_id


def _at_most(one: Forced) -> Preparation | None:
    """Return what a session asks for; while its target is open, something of its own."""
    wanted = preparation_of(one.offer, one.competency_id)
    if wanted is None or one.competency_id is not None or not one.offer.kind.has_target:
        return wanted
    return (*wanted[:2], f"{one.offer.offer_id} {one.slot_id}")
