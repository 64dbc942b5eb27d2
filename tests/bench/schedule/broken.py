"""How often a week breaks each rule that binds it, counted from its sessions and seats alone.

Services that fall short and learners without a place are measures of their own.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations

from services.scheduler.domain.model import SessionKind
from tests.bench.schedule.facts import Facts, in_scope
from tests.bench.schedule.seating import Held, Seating


def broken_rules(facts: Facts, seating: Seating) -> Counter[str]:
    """Return how often each rule is broken; the rules that are kept are not in it."""
    found: Counter[str] = Counter()
    groups = seating.of_sessions()
    for held, names in groups.items():
        found.update(_of_session(facts, held, names))
    for slot_id in facts.slots:
        found.update(_of_instant(facts, slot_id, groups))
    for learner_id, helds in seating.of_learners().items():
        found.update(broken_of_learner(facts, learner_id, helds))
    found.update(_of_staff(facts, groups))
    found.update(_of_agreements(facts, seating))
    found.update(
        "H1 a seat in another slot" for (_, s), h in seating.seats.items() if h and h.slot_id != s
    )
    return found


def broken_of_learner(facts: Facts, learner_id: str, helds: list[Held]) -> Iterator[str]:
    """Yield the rules of one learner's week that it breaks, the company apart."""
    yield from _of_seats(facts, learner_id, helds)
    yield from _of_week(facts, learner_id, helds)


def _of_session(facts: Facts, held: Held, names: list[str]) -> Iterator[str]:
    offer = facts.offers[held.offer_id]
    if not facts.can_be_held(offer, held.slot_id):
        yield "H2 cannot be held"
    if held.room_id not in facts.rooms_in(offer, held.slot_id):
        yield "H2 not its room"
    if held.competency_id not in facts.targets(offer):
        yield "H9 not qualified"
    if held.tier_id not in facts.tiers(offer):
        yield "H3 not its tier"
    if not _fits(facts, held, names):
        yield "H3 too many"
    if len(names) < facts.minimum(held) and not _is_agreed(facts, held):
        yield "S7 too few"


def _fits(facts: Facts, held: Held, names: list[str]) -> bool:
    """Whether the size is within the caps, of which pins may exceed those of policy and offer."""
    offer = facts.offers[held.offer_id]
    pinned = sum(_is_pinned(facts, name, held) for name in names)
    chosen = facts.chosen_cap(held)
    room = facts.room_cap(held, held.room_id)
    if chosen is None and room is None:
        chosen = facts.policy.enrichment_cap
    missing = any(offer.legal not in facts.learners[name].consents for name in names)
    return (
        (chosen is None or len(names) <= max(chosen, pinned))
        and (room is None or len(names) <= room)
        and (not offer.legal or not missing or len(names) <= facts.policy.legal_cap)
    )


def _is_pinned(facts: Facts, learner_id: str, held: Held) -> bool:
    pin = facts.pins.get((learner_id, held.slot_id))
    return (
        pin is not None
        and pin.offer_id == held.offer_id
        and pin.competency_id in (None, held.competency_id)
    )


def _is_agreed(facts: Facts, held: Held) -> bool:
    """Whether adults have agreed to hold a session, however few come."""
    return any(
        (one.slot_id, one.offer_id) == (held.slot_id, held.offer_id)
        and one.competency_id in (None, held.competency_id)
        and one.tier_id in ("", held.tier_id)
        for one in facts.problem.locked
    ) or any(
        pin.offer_id == held.offer_id and pin.competency_id in (None, held.competency_id)
        for (_, slot_id), pin in facts.pins.items()
        if slot_id == held.slot_id
    )


def _of_instant(facts: Facts, slot_id: str, groups: dict[Held, list[str]]) -> Iterator[str]:
    """Yield what is wrong between the sessions of a slot and those that meet it."""
    slot = facts.slots[slot_id]
    near = [held for held in groups if facts.slots[held.slot_id].meets(slot)]
    for one, other in combinations(near, 2):
        if slot_id != max(one.slot_id, other.slot_id):
            continue
        if set(_leaders(facts, one)) & set(_leaders(facts, other)):
            yield "H2 an adult twice"
        room = facts.rooms.get(one.room_id)
        if room is not None and one.room_id == other.room_id and not room.shared:
            yield "H2 a room twice"
    yield from _of_shared_rooms(facts, near, groups)
    yield from _of_apart(facts, slot_id, near, groups)


def _leaders(facts: Facts, held: Held) -> tuple[str, ...]:
    return facts.leaders(facts.offers[held.offer_id])


def _of_shared_rooms(
    facts: Facts, near: list[Held], groups: dict[Held, list[str]]
) -> Iterator[str]:
    seats: Counter[str] = Counter()
    for held in near:
        seats[held.room_id] += len(groups[held])
    for room_id, count in seats.items():
        room = facts.rooms.get(room_id)
        if room is not None and room.shared and count > room.capacity:
            yield "H3 a shared room too full"


def _of_apart(
    facts: Facts, slot_id: str, near: list[Held], groups: dict[Held, list[str]]
) -> Iterator[str]:
    where = {name: held for held in near for name in groups[held]}
    for pair in facts.apart_in(slot_id):
        one, other = (where.get(name) for name in sorted(pair))
        if one is None or other is None or slot_id not in (one.slot_id, other.slot_id):
            continue
        room = facts.rooms.get(one.room_id)
        shares = room is not None and room.shared and one.room_id == other.room_id
        if (one == other or shares) and not any(_is_service_pin(facts, n, slot_id) for n in pair):
            yield "H8 not apart"


def _is_service_pin(facts: Facts, learner_id: str, slot_id: str) -> bool:
    pin = facts.pins.get((learner_id, slot_id))
    return pin is not None and pin.service


def _of_seats(facts: Facts, learner_id: str, helds: list[Held]) -> Iterator[str]:
    for held in helds:
        offer, kind = facts.offers[held.offer_id], facts.offers[held.offer_id].kind
        if learner_id not in facts.expected_sets[held.slot_id]:
            yield "H4 no place there"
        elif not _is_pinned(facts, learner_id, held) and not facts.may_sit(learner_id, held):
            outside = not in_scope(facts.learners[learner_id], offer.scope)
            if outside or facts.opted_out(learner_id, held):
                yield "H4 out of scope"
            elif (learner_id, held.slot_id) in facts.own_choice_first and _is_machine(kind):
                yield "H6 over a confirmed choice"
            else:
                yield "H10 no cause"
    for one, other in combinations(helds, 2):
        if facts.slots[one.slot_id].meets(facts.slots[other.slot_id]):
            yield "H1 two places at once"


def _is_machine(kind: SessionKind) -> bool:
    return kind.is_help or kind is SessionKind.CHECK


def _of_week(facts: Facts, learner_id: str, helds: list[Held]) -> Iterator[str]:
    policy = facts.policy
    kinds = Counter(facts.offers[held.offer_id].kind for held in helds)
    helps = sum(count for kind, count in kinds.items() if kind.is_help)
    if helps > policy.need_seats_per_week:
        yield "S4 too many help seats"
    serving = {h.slot_id for h in helds if facts.offers[h.offer_id].kind is SessionKind.SERVICE}
    free = [slot_id for slot_id in facts.slots_of[learner_id] if slot_id not in serving]
    if helps + kinds[SessionKind.CHECK] > facts.machine_limit(learner_id, free):
        yield "S3 no own choice"
    most = policy.enrichment_seats_per_week
    if 0 < most < kinds[SessionKind.ENRICHMENT]:
        yield "S4 too many enrichments"
    yield from _of_claims(facts, learner_id, helds)
    yield from _of_prerequisites(facts, learner_id, helds)
    yield from _of_services(facts, learner_id, helds)


def _of_claims(facts: Facts, learner_id: str, helds: list[Held]) -> Iterator[str]:
    seats: Counter[str] = Counter()
    again: Counter[str] = Counter()
    for held in helds:
        if facts.claim_of(learner_id, held) is not None:
            seats[held.competency_id] += 1
        if facts.offers[held.offer_id].kind is SessionKind.REASSESSMENT:
            again[held.competency_id] += 1
    for competency_id, count in seats.items():
        if count > facts.claims[learner_id, competency_id].seats:
            yield "S1 a need too often"
    yield from ("S3 a re-assessment twice" for count in again.values() if count > 1)


def _of_prerequisites(facts: Facts, learner_id: str, helds: list[Held]) -> Iterator[str]:
    helped = [h for h in helds if (c := facts.claim_of(learner_id, h)) is not None and c.help]
    names = {held.competency_id for held in helped}
    below = [held for held in helped if (learner_id, held.competency_id) in facts.built_on]
    if len(below) > facts.prerequisite_limit(learner_id):
        yield "S1 too much of what others build on"
    rich = any(facts.offers[held.offer_id].rich for held in helds)
    for competency_id in {held.competency_id for held in below}:
        if not rich and not names & set(facts.built_on[learner_id, competency_id]):
            yield "S1 a prerequisite without its target"


def _of_services(facts: Facts, learner_id: str, helds: list[Held]) -> Iterator[str]:
    given = Counter(
        facts.offers[held.offer_id].service
        for held in helds
        if facts.offers[held.offer_id].kind is SessionKind.SERVICE
        and not _is_pinned(facts, learner_id, held)
    )
    for service, count in given.items():
        if count > facts.service_sessions.get((learner_id, service), 0):
            yield "H5 more than required"


def _of_staff(facts: Facts, groups: dict[Held, list[str]]) -> Iterator[str]:
    led: Counter[str] = Counter(name for held in groups for name in _leaders(facts, held))
    days: dict[tuple, set] = defaultdict(set)
    weeks: dict[str, set] = defaultdict(set)
    for held in groups:
        preparation = facts.preparation(held)
        if preparation is not None:
            adult_id = facts.offers[held.offer_id].adult_id
            days[adult_id, facts.slots[held.slot_id].date].add(preparation)
            weeks[adult_id].add(preparation)
    for adult in facts.problem.adults:
        if 0 < adult.load < led[adult.adult_id]:
            yield "S7 too many sessions"
        if 0 < adult.preparations < len(weeks[adult.adult_id]):
            yield "S7 too many preparations of a week"
    for found in days.values():
        if len(found) > facts.policy.preparations_per_day:
            yield "S7 too many preparations of a day"


def _of_agreements(facts: Facts, seating: Seating) -> Iterator[str]:
    for learner_id, slot_id in facts.pins:
        held = seating.seats.get((learner_id, slot_id))
        if held is None or not _is_pinned(facts, learner_id, held):
            yield "H7 a pin not kept"
    for one in facts.problem.locked:
        if not any(
            (held.slot_id, held.offer_id) == (one.slot_id, one.offer_id)
            and one.competency_id in (None, held.competency_id)
            and one.tier_id in ("", held.tier_id)
            for held in seating.sessions
        ):
            yield "H7 a declared session not held"
