"""What the search came to, by ids: who is where and why, ready to be explained and written down."""

from dataclasses import dataclass

from services.scheduler.domain.claims import Claim
from services.scheduler.domain.model import Pin
from services.scheduler.domain.pins import Settled
from services.scheduler.domain.search.board import Opening
from services.scheduler.domain.search.plan import Plan
from services.scheduler.domain.search.seating import Filled, Seating
from services.scheduler.domain.snapshot_index import SnapshotIndex

OVERLAP = "overlap"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a learner is in a slot: an opening or an exemption, by a pin, a claim or neither."""

    opening: Opening | None = None
    claim: Claim | None = None
    pin: Pin | None = None
    exemption: str | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The week as found. `places` by (learner, slot); `left` are seats still allowed a week."""

    snapshot: SnapshotIndex
    settled: Settled
    plan: Plan
    filled: dict[str, Filled]
    groups: dict[Opening, tuple[str, ...]]
    places: dict[tuple[str, str], Place]
    unplaced: dict[str, tuple[str, ...]]
    met_in: dict[tuple[str, str], str]
    help_left: dict[str, int]
    any_left: dict[str, int]


def outcome_of(plan: Plan, seating: Seating) -> Outcome:
    """Return the outcome of filled slots."""
    snapshot, demand = plan.snapshot, plan.demand
    places: dict[tuple[str, str], Place] = {}
    groups: dict[Opening, tuple[str, ...]] = {}
    for filled in seating.filled.values():
        for opening, learners in filled.groups.items():
            names = [demand.learner_ids[i] for i in learners]
            groups[opening] = tuple(sorted([*names, *opening.pinned]))
            for i, learner_id in zip(learners, names, strict=True):
                number = filled.claim_of.get(i)
                claim = None if number is None else demand.claims[number]
                places[learner_id, filled.slot_id] = Place(opening=opening, claim=claim)
    _add_pins(plan, groups, places)
    _add_overlaps(snapshot, places)
    return Outcome(
        snapshot=snapshot,
        settled=plan.settled,
        plan=plan,
        filled=dict(seating.filled),
        groups=groups,
        places=places,
        unplaced={
            slot_id: tuple(i for i in active if (i, slot_id) not in places)
            for slot_id, active in snapshot.active.items()
        },
        met_in=_met_in(places),
        help_left=dict(zip(demand.learner_ids, demand.help_left.tolist(), strict=True)),
        any_left=dict(zip(demand.learner_ids, demand.any_left.tolist(), strict=True)),
    )


def _add_pins(
    plan: Plan,
    groups: dict[Opening, tuple[str, ...]],
    places: dict[tuple[str, str], Place],
) -> None:
    for opening in groups:
        for learner_id in opening.pinned:
            key = (learner_id, opening.slot_id)
            places[key] = Place(opening=opening, pin=plan.settled.seats[key])
    for key, pin in plan.settled.exemptions.items():
        places[key] = Place(exemption=pin.exemption, pin=pin)


def _add_overlaps(snapshot: SnapshotIndex, places: dict[tuple[str, str], Place]) -> None:
    """Exempt whoever sits in a slot from those that overlap it: nobody is in two places (H1)."""
    seated = [key for key, place in places.items() if place.opening is not None]
    for learner_id, slot_id in seated:
        for other in snapshot.clashes[slot_id]:
            if learner_id in snapshot.active[other] and (learner_id, other) not in places:
                places[learner_id, other] = Place(exemption=OVERLAP)


def _met_in(places: dict[tuple[str, str], Place]) -> dict[tuple[str, str], str]:
    """Return the slot in which each (learner, competency) is worked on."""
    found: dict[tuple[str, str], str] = {}
    for (learner_id, slot_id), place in places.items():
        if place.opening is not None and place.opening.competency_id is not None:
            found[learner_id, place.opening.competency_id] = slot_id
    return found
