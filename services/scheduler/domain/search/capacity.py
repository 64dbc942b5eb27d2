"""Whether each slot fits, which limit breaks where it does not, and the smallest change."""

from dataclasses import dataclass

from services.scheduler.domain import rules
from services.scheduler.domain.explain.sentences import counted
from services.scheduler.domain.model import Offer, SessionKind
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.rules import Entitlement
from services.scheduler.domain.search.outcome import Outcome
from services.scheduler.domain.search.widest import total_places, widest
from services.scheduler.domain.snapshot_index import SnapshotIndex
from services.scheduler.domain.week import Breach, SlotCapacity

NAMES_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class _Claimants:
    """The learners with a claim on each target, by entitlement and competency."""

    of: dict[tuple[str, Entitlement], frozenset[str]]


def capacity_report(outcome: Outcome, seed: int) -> tuple[list[SlotCapacity], list[Breach]]:
    """Return a line for each slot, and a breach for each slot in which somebody has no place."""
    claimants = _claimants(outcome.snapshot)
    report, breaches = [], []
    for slot_id in outcome.snapshot.slots:
        line = _line(outcome, slot_id, claimants, seed)
        report.append(line)
        if outcome.unplaced[slot_id]:
            breaches.append(_breach(outcome, line))
    return report, breaches


def _line(outcome: Outcome, slot_id: str, claimants: _Claimants, seed: int) -> SlotCapacity:
    snapshot = outcome.snapshot
    exempt = sum(
        1
        for learner_id in snapshot.active[slot_id]
        if (place := outcome.places.get((learner_id, slot_id))) and place.exemption
    )
    learners = len(snapshot.active[slot_id]) - exempt
    away = snapshot.absent[slot_id] & snapshot.adults.keys()
    places = _places(outcome, slot_id, claimants, seed)
    return SlotCapacity(
        slot_id=slot_id,
        learners=learners,
        adults_available=len(snapshot.adults) - len(away),
        adults_absent=len(away),
        places=places,
        short_of=len(outcome.unplaced[slot_id]),
    )


def _places(outcome: Outcome, slot_id: str, claimants: _Claimants, seed: int) -> int:
    """Return the most places of a slot: pinned sessions as they are, other adults at their widest.

    Adults who lead in a slot that overlaps this one give none here.
    """
    snapshot, board = outcome.snapshot, outcome.plan.board
    forced = [o for o in board.openings(slot_id) if o.pinned]
    leading = {o.offer.adult_id for o in forced}
    held: list[tuple[Offer, int]] = []
    for opening in forced:
        seats = opening.free_seats if opening.offer.kind.is_own_choice else 0
        held.append((opening.offer, len(opening.pinned) + seats))
    free = [
        (offer, _usable(snapshot, offer, claimants))
        for offer in snapshot.offers_in(slot_id)
        if offer.adult_id not in leading and board.adult_is_free(slot_id, offer.adult_id)
    ]
    rooms = {o.offer.room_id or "" for o in forced if not _is_shared(snapshot, o.offer)}
    places_of = {offer.offer_id: places for offer, places in free}
    chosen = widest(snapshot, free, frozenset(rooms), seed)
    held += [(offer, places_of[offer.offer_id]) for offer in chosen]
    return total_places(snapshot, held)


def _is_shared(snapshot: SnapshotIndex, offer: Offer) -> bool:
    room = snapshot.room_of(offer)
    return room is not None and room.shared


def _usable(snapshot: SnapshotIndex, offer: Offer, claimants: _Claimants) -> int:
    """Return the seats that an offer could fill: with a target, at most those who have the need."""
    if offer.kind is SessionKind.SERVICE:
        return 0
    cap = snapshot.cap_of(offer)
    if not offer.kind.has_target:
        return cap
    stands = Entitlement.met_by(offer.kind)
    targets = snapshot.targets[offer.offer_id]
    return min(cap, max((len(claimants.of.get((c, stands), ())) for c in targets), default=0))


def _claimants(snapshot: SnapshotIndex) -> _Claimants:
    found: dict[tuple[str, Entitlement], set[str]] = {}
    for claim in snapshot.claims:
        found.setdefault((claim.competency_id, claim.entitlement), set()).add(claim.learner_id)
    return _Claimants(of={target: frozenset(ids) for target, ids in found.items()})


def _breach(outcome: Outcome, line: SlotCapacity) -> Breach:
    missing = len(outcome.unplaced[line.slot_id])
    head = (
        f"{missing} of {counted(line.learners, 'learner has', 'learners have')} no place:"
        f" {counted(line.places, 'place', 'places')} at most from"
        f" {counted(line.adults_available, 'adult', 'adults')} present,"
        f" {line.adults_absent} away."
    )
    more = counted(missing, "more place", "more places")
    mend = f"The smallest change that mends it: {more} for everybody in this slot"
    raised = _cap_that_mends(outcome, line.slot_id, missing)
    policy_cap = outcome.snapshot.problem.policy.enrichment_cap
    if raised is not None:
        mend += f", as by an enrichment cap of {raised} instead of {policy_cap}"
    names = ", ".join(f"learner {i}" for i in outcome.unplaced[line.slot_id][:NAMES_SHOWN])
    rest = " and others" if missing > NAMES_SHOWN else ""
    return Breach(
        rule=Rule.ONE_PLACE,
        slot_id=line.slot_id,
        message=f"{head} {mend}. Without a place: {names}{rest}.",
    )


def _cap_that_mends(outcome: Outcome, slot_id: str, missing: int) -> int | None:
    """Return the least enrichment cap of the policy that would give the missing places."""
    snapshot = outcome.snapshot
    policy = snapshot.problem.policy
    enrichment = [
        o.offer
        for o in outcome.plan.board.openings(slot_id)
        if o.offer.kind is SessionKind.ENRICHMENT and not _is_shared(snapshot, o.offer)
    ]
    rooms = [snapshot.room_of(offer) for offer in enrichment]
    widest_room = max((room.capacity for room in rooms if room is not None), default=0)
    for cap in range(policy.enrichment_cap + 1, widest_room + 1):
        more = sum(
            min(limit for limit in (cap, offer.cap, room.capacity if room else cap) if limit)
            - rules.session_cap(policy, offer, room)
            for offer, room in zip(enrichment, rooms, strict=True)
        )
        if more >= missing:
            return cap
    return None
