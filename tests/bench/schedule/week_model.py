"""The weekly problem as a linear program in whole numbers, nothing of it aggregated.

A column for every session that could be held and for every learner in it. Slots that meet each
other, and offers that may go to a shared room or another one, are not modelled.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from services.scheduler.domain.model import Choice, SessionKind
from tests.bench.schedule.facts import Facts
from tests.bench.schedule.linear import Linear
from tests.bench.schedule.seating import Held, Seating


class NotModelledError(ValueError):
    """Raised where a problem holds what the linear program does not speak of."""


class WeekModel:
    """The linear program of a problem, and the week that a solution of it means.

    With a penalty (thousandths of a point), learners may stay without a place and services short
    at that price each; without, they may not.
    """

    def __init__(self, facts: Facts, penalty_milli: int = 0) -> None:
        self.facts = facts
        self.penalty = penalty_milli
        self.linear = Linear()
        self.held: dict[Held, int] = {}
        self.seats: dict[tuple[str, Held], int] = {}
        self.rooms: dict[tuple[str, str, str], int] = {}
        """By slot, offer and room, where an offer has a choice of rooms."""
        self.fixed_room: dict[tuple[str, str], str] = {}
        self.of_session: dict[Held, list[tuple[str, int]]] = {}
        self.of_learner: dict[str, list[tuple[Held, int]]] = defaultdict(list)
        self._agreed = _agreed(facts)
        self._refuse()
        self._add_sessions()
        self._add_rooms()
        self._add_staff()
        self._add_agreements()
        self._add_company()
        for learner_id in facts.learners:
            _Learner(self, learner_id).add()

    def seating(self, values: Sequence[float]) -> Seating:
        """Return the week that a solution means."""
        rooms = dict(self.fixed_room)
        for (slot_id, offer_id, room_id), column in self.rooms.items():
            if values[column] > 0.5:
                rooms[slot_id, offer_id] = room_id
        named = {
            held: replace(held, room_id=rooms.get((held.slot_id, held.offer_id), ""))
            for held, column in self.held.items()
            if values[column] > 0.5
        }
        seats = {
            (learner_id, held.slot_id): named[held]
            for (learner_id, held), column in self.seats.items()
            if values[column] > 0.5
        }
        return Seating(tuple(sorted(named.values())), seats)

    def _refuse(self) -> None:
        slots = list(self.facts.slots.values())
        if any(one.meets(other) for one, other in combinations(slots, 2)):
            raise NotModelledError("slots meet each other")
        for offer in self.facts.problem.offers:
            shared = [self.facts.rooms[name].shared for name in offer.room_ids]
            if len(shared) > 1 and any(shared):
                raise NotModelledError("an offer may go to a shared room or another one")

    # Sessions and seats

    def _add_sessions(self) -> None:
        for held in self.facts.openings():
            names = [
                name
                for name in self.facts.candidates(held)
                if (name, held.slot_id) not in self.facts.pins
            ]
            pinned = self._pinned_to(held)
            agreed = bool(pinned) or self._is_locked(held)
            if agreed or len(names) >= self.facts.minimum(held):
                self._add_session(held, sorted({*names, *pinned}), agreed)

    def _pinned_to(self, held: Held) -> list[str]:
        return [
            name
            for name, target in self._agreed.get((held.slot_id, held.offer_id), ())
            if target in (None, held.competency_id)
        ]

    def _is_locked(self, held: Held) -> bool:
        return any(_holds(one, held) for one in self.facts.problem.locked)

    def _add_session(self, held: Held, names: list[str], agreed: bool) -> None:
        linear, facts = self.linear, self.facts
        column = self.held[held] = linear.column()
        found = self.of_session[held] = []
        for name in names:
            seat = linear.column(seat_milli(facts, name, held))
            self.seats[name, held] = seat
            self.of_learner[name].append((held, seat))
            found.append((name, seat))
            linear.row(None, 0, (1, [seat]), (-1, [column]))
        seats = [seat for _, seat in found]
        most = self._most(held, len(self._pinned_to(held)))
        if most < len(seats):
            linear.row(None, 0, (1, seats), (-most, [column]))
        if not agreed:
            linear.row(0, None, (1, seats), (-facts.minimum(held), [column]))
        self._add_legal(held, most)

    def _most(self, held: Held, pinned: int) -> int:
        """Return the greatest size in the roomiest room; which room it is binds elsewhere."""
        facts = self.facts
        rooms = facts.rooms_in(facts.offers[held.offer_id], held.slot_id)
        room = max((facts.room_cap(held, name) or 0 for name in rooms), default=0)
        chosen = facts.chosen_cap(held)
        if chosen is not None:
            chosen = max(chosen, pinned)
        known = [limit for limit in (chosen, room or None) if limit is not None]
        return min(known) if known else facts.policy.enrichment_cap

    def _add_legal(self, held: Held, most: int) -> None:
        facts, law = self.facts, self.facts.offers[held.offer_id].legal
        less = facts.policy.legal_cap
        found = self.of_session[held]
        missing = [s for name, s in found if law not in facts.learners[name].consents]
        if not law or not missing or most <= less:
            return
        lacking = self.linear.column()
        for seat in missing:
            self.linear.row(None, 0, (1, [seat]), (-1, [lacking]))
        seats = [seat for _, seat in found]
        self.linear.row(None, most, (1, seats), (most - less, [lacking]))

    # Rooms and staff

    def _add_rooms(self) -> None:
        by_offer: dict[tuple[str, str], list[Held]] = defaultdict(list)
        for held in self.held:
            by_offer[held.slot_id, held.offer_id].append(held)
        users: dict[tuple[str, str], list[int]] = defaultdict(list)
        seats: dict[tuple[str, str], list[int]] = defaultdict(list)
        for (slot_id, offer_id), helds in by_offer.items():
            rooms = self.facts.rooms_in(self.facts.offers[offer_id], slot_id)
            if len(rooms) > 1:
                self._choose_room(slot_id, offer_id, helds, rooms, users)
                continue
            self.fixed_room[slot_id, offer_id] = rooms[0]
            users[slot_id, rooms[0]] += [self.held[held] for held in helds]
            seats[slot_id, rooms[0]] += [s for h in helds for _, s in self.of_session[h]]
        for (slot_id, room_id), columns in users.items():
            room = self.facts.rooms.get(room_id)
            if room is not None and room.shared:
                self.linear.row(None, room.capacity, (1, seats[slot_id, room_id]))
            elif room is not None:
                self.linear.row(None, 1, (1, columns))

    def _choose_room(
        self,
        slot_id: str,
        offer_id: str,
        helds: list[Held],
        rooms: list[str],
        users: dict[tuple[str, str], list[int]],
    ) -> None:
        linear = self.linear
        columns = [linear.column() for _ in rooms]
        linear.row(0, 0, (1, columns), (-1, [self.held[held] for held in helds]))
        seats = [seat for held in helds for _, seat in self.of_session[held]]
        caps = [
            (-(self.facts.room_cap(helds[0], name) or 0), [column])
            for name, column in zip(rooms, columns, strict=True)
        ]
        linear.row(None, 0, (1, seats), *caps)
        for name, column in zip(rooms, columns, strict=True):
            self.rooms[slot_id, offer_id, name] = column
            users[slot_id, name].append(column)

    def _add_staff(self) -> None:
        led: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        prepared: dict[str, dict[tuple, list[int]]] = defaultdict(lambda: defaultdict(list))
        for held, column in self.held.items():
            offer = self.facts.offers[held.offer_id]
            for name in self.facts.leaders(offer):
                led[name][held.slot_id].append(column)
            preparation = self.facts.preparation(held)
            if preparation is not None:
                prepared[offer.adult_id][held.slot_id, preparation].append(column)
        for name, by_slot in led.items():
            for columns in by_slot.values():
                self.linear.row(None, 1, (1, columns))
            load = self.facts.adults[name].load
            if load:
                self.linear.row(None, load, (1, [c for part in by_slot.values() for c in part]))
        for name, found in prepared.items():
            self._add_preparations(name, found)

    def _add_preparations(self, name: str, found: dict[tuple, list[int]]) -> None:
        """Bound what an adult prepares for each day and for the week."""
        most = self.facts.adults[name].preparations
        if most:
            self._bound_different(most, found, lambda slot_id: "")
        days: dict[str, int] = defaultdict(int)
        for slot in self.facts.slots.values():
            days[slot.date.isoformat()] += 1
        daily = self.facts.policy.preparations_per_day
        if any(count > daily for count in days.values()):
            slots = self.facts.slots
            self._bound_different(daily, found, lambda slot_id: slots[slot_id].date.isoformat())

    def _bound_different(self, most: int, found: dict[tuple, list[int]], span) -> None:
        """Let an adult hold at most so many different things in each span of slots."""
        used: dict[tuple, int] = {}
        spans: dict[str, list[int]] = defaultdict(list)
        for (slot_id, preparation), columns in found.items():
            key = span(slot_id), preparation
            if key not in used:
                used[key] = self.linear.column()
                spans[span(slot_id)].append(used[key])
            self.linear.row(None, 0, (1, columns), (-1, [used[key]]))
        for columns in spans.values():
            if len(columns) > most:
                self.linear.row(None, most, (1, columns))

    # What adults have agreed, and company

    def _add_agreements(self) -> None:
        for one in self.facts.problem.locked:
            columns = [column for held, column in self.held.items() if _holds(one, held)]
            self.linear.row(1, 1, (1, columns))

    def _add_company(self) -> None:
        together = self.facts.policy.weights.together_milli
        for slot_id in self.facts.slots:
            here = [held for held in self.held if held.slot_id == slot_id]
            for one, other in sorted(map(sorted, self.facts.apart_in(slot_id))):
                if not self._service_pinned(slot_id, one, other):
                    self._keep_apart(one, other, here)
            for one, other in self.facts.together_in(slot_id) if together else ():
                self._reward_together(one, other, here, together)

    def _service_pinned(self, slot_id: str, *names: str) -> bool:
        pins = [self.facts.pins.get((name, slot_id)) for name in names]
        return any(pin is not None and pin.service for pin in pins)

    def _keep_apart(self, one: str, other: str, here: list[Held]) -> None:
        shared: dict[str, list[int]] = defaultdict(list)
        for held in here:
            seats = [self.seats[n, held] for n in (one, other) if (n, held) in self.seats]
            room_id = self.fixed_room.get((held.slot_id, held.offer_id), "")
            if room_id and self.facts.rooms[room_id].shared:
                shared[room_id] += seats
            elif len(seats) == 2:
                self.linear.row(None, 0, (1, seats), (-1, [self.held[held]]))
        for seats in shared.values():
            self.linear.row(None, 1, (1, seats))

    def _reward_together(self, one: str, other: str, here: list[Held], milli: int) -> None:
        for held in here:
            pair = [self.seats.get((name, held)) for name in (one, other)]
            if None not in pair:
                both = self.linear.column(milli)
                for seat in pair:
                    self.linear.row(None, 0, (1, [both]), (-1, [seat]))


class _Learner:
    """The rows and columns of one learner's week."""

    def __init__(self, model: WeekModel, learner_id: str) -> None:
        self.model, self.facts, self.linear = model, model.facts, model.linear
        self.learner_id = learner_id
        self.mine = model.of_learner.get(learner_id, [])
        self.kind = {held: self.facts.offers[held.offer_id].kind for held, _ in self.mine}
        self.helps: dict[str, list[tuple[Held, int]]] = defaultdict(list)
        """The help seats that meet a claim, by competency."""
        for held, seat in self.mine:
            claim = self.facts.claim_of(learner_id, held)
            if claim is not None and claim.help:
                self.helps[held.competency_id].append((held, seat))

    def add(self) -> None:
        self._one_place()
        self._services()
        self._limits()
        self._claims()
        self._prerequisites()
        self._choices()
        self._enrichments()

    def _where(self, wanted) -> list[int]:
        return [seat for held, seat in self.mine if wanted(held)]

    def _one_place(self) -> None:
        for slot_id in self.facts.slots_of[self.learner_id]:
            seats = self._where(lambda held, slot_id=slot_id: held.slot_id == slot_id)
            if self.model.penalty and (self.learner_id, slot_id) not in self.facts.pins:
                seats.append(self.linear.column(-self.model.penalty))
            self.linear.row(1, 1, (1, seats))

    def _services(self) -> None:
        offers = self.facts.offers
        for (name, service), count in self.facts.service_sessions.items():
            if name != self.learner_id or not count:
                continue
            seats = self._where(lambda h, service=service: offers[h.offer_id].service == service)
            short = [self.linear.column(-self.model.penalty, count)] if self.model.penalty else []
            self.linear.row(count, count, (1, seats), (1, short))

    def _limits(self) -> None:
        policy, kind = self.facts.policy, self.kind
        helps = self._where(lambda held: kind[held].is_help)
        checks = self._where(lambda held: kind[held] is SessionKind.CHECK)
        enriched = self._where(lambda held: kind[held] is SessionKind.ENRICHMENT)
        slots = self.facts.slots_of[self.learner_id]
        if policy.need_seats_per_week < len(slots):
            self.linear.row(None, policy.need_seats_per_week, (1, helps))
        served = sum(n for (i, _), n in self.facts.service_sessions.items() if i == self.learner_id)
        limit = self.facts.machine_limit(self.learner_id, slots[: max(len(slots) - served, 0)])
        if limit < len(slots) - served:
            self.linear.row(None, limit, (1, helps + checks))
        if 0 < policy.enrichment_seats_per_week < len(slots):
            self.linear.row(None, policy.enrichment_seats_per_week, (1, enriched))

    def _claims(self) -> None:
        facts, linear = self.facts, self.linear
        for competency_id, found in self.helps.items():
            claim, seats = facts.claims[self.learner_id, competency_id], [s for _, s in found]
            linear.row(None, claim.seats, (1, seats))
            if claim.seats > 1:
                again = linear.column(-facts.repeat_loss(claim), len(facts.slots))
                linear.row(None, 1, (1, seats), (-1, [again]))
        for kind in (SessionKind.CHECK, SessionKind.REASSESSMENT):
            for target in sorted({h.competency_id for h in self.kind if self.kind[h] is kind}):
                seats = self._where(
                    lambda h, k=kind, t=target: self.kind[h] is k and h.competency_id == t
                )
                linear.row(None, 1, (1, seats))
        bonus = facts.first_need_milli[self.learner_id]
        if bonus and self.helps:
            every = [seat for found in self.helps.values() for _, seat in found]
            linear.row(None, 0, (1, [linear.column(bonus)]), (-1, every))

    def _prerequisites(self) -> None:
        facts = self.facts
        below = [name for name in self.helps if (self.learner_id, name) in facts.built_on]
        seats = [seat for name in below for _, seat in self.helps[name]]
        if not seats:
            return
        self.linear.row(None, facts.prerequisite_limit(self.learner_id), (1, seats))
        rich = self._where(lambda held: facts.offers[held.offer_id].rich)
        for name in below:
            above = [
                seat
                for other in facts.built_on[self.learner_id, name]
                for _, seat in self.helps.get(other, [])
            ]
            for _, seat in self.helps[name]:
                self.linear.row(None, 0, (1, [seat]), (-1, sorted({*above, *rich} - {seat})))

    def _choices(self) -> None:
        """Pay choices of enrichment and commons once a week."""
        found: dict[Choice, list[int]] = defaultdict(list)
        for held, seat in self.mine:
            if self.kind[held].is_own_choice:
                for choice in self.facts.offer_choices(self.learner_id, held):
                    found[choice].append(seat)
        for choice, seats in found.items():
            milli = self.facts.rank_milli(choice)
            if milli:
                self.linear.row(None, 0, (1, [self.linear.column(milli)]), (-1, seats))

    def _enrichments(self) -> None:
        weights = self.facts.policy.weights
        more = weights.first_enrichment_milli - weights.enrichment_milli
        seats = self._where(lambda held: self.kind[held] is SessionKind.ENRICHMENT)
        if not more or not seats:
            return
        first = self.linear.column(more)
        self.linear.row(None, 0, (1, [first]), (-1, seats))
        for seat in seats if more < 0 else ():
            self.linear.row(0, None, (1, [first]), (-1, [seat]))


def seat_milli(facts: Facts, learner_id: str, held: Held) -> int:
    """Return what a seat is worth by itself, whatever else the learner's week holds."""
    weights = facts.policy.weights
    kind = facts.offers[held.offer_id].kind
    total = weights.known_adult_milli * facts.knows_lead(learner_id, held)
    claim = facts.claim_of(learner_id, held)
    if claim is not None and claim.help:
        total += facts.in_mode(facts.fitted(claim, held), held) + facts.continuity(claim, held)
    elif claim is not None:
        total += claim.weight_milli
    if kind is SessionKind.REASSESSMENT and facts.reassessment_choice(learner_id, held):
        total += weights.reassessment_milli
    if not kind.is_own_choice:
        total += sum(facts.rank_milli(one) for one in facts.offer_choices(learner_id, held))
    total += weights.enrichment_milli * (kind is SessionKind.ENRICHMENT)
    return total + weights.commons_milli * (kind is SessionKind.COMMONS)


def _agreed(facts: Facts) -> dict[tuple[str, str], list[tuple[str, str | None]]]:
    """Return who is pinned to each slot and offer, and to which competency."""
    found: dict[tuple[str, str], list[tuple[str, str | None]]] = defaultdict(list)
    for (learner_id, slot_id), pin in sorted(facts.pins.items(), key=lambda item: item[0]):
        found[slot_id, pin.offer_id or ""].append((learner_id, pin.competency_id))
    return found


def _holds(one, held: Held) -> bool:
    """Whether a session is one that adults have declared."""
    return (
        (one.slot_id, one.offer_id) == (held.slot_id, held.offer_id)
        and one.competency_id in (None, held.competency_id)
        and one.tier_id in ("", held.tier_id)
    )
