"""Writes a snapshot down as the tables that the engine reads, with the way back to ids."""

from dataclasses import dataclass

import numpy as np

from services.scheduler.domain.engine import tables as engine
from services.scheduler.domain.engine.tables import BARRED, GROUPS, NOBODY, Tables
from services.scheduler.domain.model import Learner, Offer, Slot
from services.scheduler.domain.question.classes import Classes, Seating
from services.scheduler.domain.question.items import ItemMaker, Items
from services.scheduler.domain.question.options import ClassKey, Option, Options, options_of, slot_of
from services.scheduler.domain.question.times import Times, times_of
from services.scheduler.domain.search.pins import Settled
from services.scheduler.domain.snapshot_index import SnapshotIndex

SERVICE_SHARE, SHORT_SHARE, UNPLACED_SHARE = 20, 8, 40
"""What a missing service, a learner too few and a learner without a place cost, in dearest seats.

They are far above what any one change can gain, and small enough for the prices to reach them.
"""


@dataclass(frozen=True, kw_only=True)
class Question:
    """The tables, and what their indexes stand for."""

    snapshot: SnapshotIndex
    settled: Settled
    tables: Tables
    times: Times
    options: Options
    learners: tuple[Learner, ...]
    adult_ids: tuple[str, ...]
    items: tuple[Items, ...]
    service_seats: dict[tuple[str, str], int]
    """How many seats the search gives for each learner's required service."""


def question_of(snapshot: SnapshotIndex, settled: Settled) -> Question:
    """Return the question of a snapshot whose pins are settled."""
    return _Maker(snapshot, settled).question()


class _Maker:
    def __init__(self, snapshot: SnapshotIndex, settled: Settled) -> None:
        self.snapshot, self.settled = snapshot, settled
        self.policy = snapshot.problem.policy
        self.times = times_of(tuple(snapshot.slots.values()))
        self.options = options_of(snapshot, self.times)
        present = {i for ids in snapshot.active.values() for i in ids}
        self.learners = tuple(snapshot.learners[i] for i in sorted(present))
        self.learner_index = {one.learner_id: n for n, one in enumerate(self.learners)}
        self.adult_ids = tuple(sorted(snapshot.adults))
        self.adult_index = {adult_id: n for n, adult_id in enumerate(self.adult_ids)}
        self.present = self._present()
        self.service_seats = self._service_seats()
        maker = ItemMaker(snapshot)
        self.items = tuple(
            maker.items_of(one.learner_id, len(self.times.slots), self._seats_of(one))
            for one in self.learners
        )

    def question(self) -> Question:
        return Question(
            snapshot=self.snapshot,
            settled=self.settled,
            tables=self._tables(),
            times=self.times,
            options=self.options,
            learners=self.learners,
            adult_ids=self.adult_ids,
            items=self.items,
            service_seats=self.service_seats,
        )

    def _tables(self) -> Tables:
        classes, option_class = self._option_classes()
        places = self._places(classes)
        items = self._item_arrays()
        dearest = int(places["seat_value"].max(initial=1))
        dearest += int(items["item_first"].max(initial=0) + items["group_first"].max(initial=0))
        self._value_services(places["seat_value"], dearest * SERVICE_SHARE, classes)
        return Tables(
            present=self.present,
            option_class=option_class,
            must_open=self._must_open(),
            pinned=self._pinned(),
            no_need=self._no_need(),
            together_value=self.policy.weights.together_milli,
            pinned_seat=self._pinned_seat(),
            unplaced=dearest * UNPLACED_SHARE,
            short=dearest * SHORT_SHARE,
            **self._option_arrays(),
            **self._adult_arrays(),
            **self._room_arrays(),
            **places,
            **items,
            **self._pair_arrays(),
        )

    # Who needs a place.

    def _present(self) -> engine.Flags:
        present = np.zeros((len(self.times.slots), len(self.learners)), dtype=np.bool_)
        for t, slots in enumerate(self.times.slots):
            for slot in slots:
                present[t, [self.learner_index[i] for i in self.snapshot.active[slot.slot_id]]] = 1
        for learner_id, slot_id in (*self.settled.seats, *self.settled.exemptions):
            n = self.learner_index[learner_id]
            for other in (slot_id, *self.times.clashes[slot_id]):
                if other in self.times.of_slot and (learner_id, other) not in ():
                    present[self.times.of_slot[other], n] = False
        return present

    def _service_seats(self) -> dict[tuple[str, str], int]:
        """Return how many seats of each required service the pins leave to the search."""
        seats: dict[tuple[str, str], int] = {}
        for one in self.snapshot.problem.services:
            n = self.learner_index.get(one.learner_id)
            if n is None:
                continue
            open_slots = [s for t, ss in enumerate(self.times.slots) if self.present[t, n] for s in ss]
            shortest = min((s.minutes for s in open_slots), default=0)
            left = one.minutes - self._pinned_minutes(one.learner_id, one.service)
            seats[one.learner_id, one.service] = -(-max(left, 0) // shortest) if shortest else 0
        return seats

    def _pinned_minutes(self, learner_id: str, service: str) -> int:
        total = 0
        for (who, slot_id), pin in self.settled.seats.items():
            offer = self.snapshot.offers.get(pin.offer_id or "")
            if who == learner_id and offer is not None and offer.service == service:
                total += self.snapshot.slots[slot_id].minutes
        return total

    def _seats_of(self, learner: Learner) -> dict[str, int]:
        return {
            service: seats
            for (who, service), seats in self.service_seats.items()
            if who == learner.learner_id
        }

    # What can be held.

    def _option_classes(self) -> tuple[Classes, engine.Ints]:
        classes = Classes(self.snapshot)
        table = np.full((len(self.times.slots), len(self.options.options)), NOBODY, np.int32)
        forced = self._forced_offers()
        for t, slots in enumerate(self.times.slots):
            for number, option in enumerate(self.options.options):
                slot = slot_of(option, slots)
                if slot is not None and self._may_be_held(option, slot, forced):
                    table[t, number] = classes.number(option, slot.slot_id)
        return classes, table

    def _may_be_held(
        self, option: Option, slot: Slot, forced: dict[tuple[str, str], tuple[str, str | None]]
    ) -> bool:
        offer = option.offer
        away = self.snapshot.absent[slot.slot_id]
        if not offer.stands_in(slot.slot_id) or away & {offer.adult_id, *offer.co_adult_ids}:
            return False
        if option.room is not None:
            room_ids = self.options.rooms[option.room].room_ids
            if slot.slot_id in self.snapshot.rooms[room_ids[0]].closed_slot_ids:
                return False
        wanted = forced.get((slot.slot_id, offer.adult_id))
        if wanted is None:
            return all(
                (other, offer.adult_id) not in forced for other in self.times.clashes[slot.slot_id]
            )
        offer_id, competency_id = wanted
        return offer.offer_id == offer_id and competency_id in (None, option.competency_id)

    def _forced_offers(self) -> dict[tuple[str, str], tuple[str, str | None]]:
        """Return what pins and locks ask of an adult in a slot: an offer, perhaps a target."""
        forced: dict[tuple[str, str], tuple[str, str | None]] = {}
        for one in self.snapshot.problem.locked:
            offer = self.snapshot.offers.get(one.offer_id)
            if offer is not None:
                forced[one.slot_id, offer.adult_id] = (one.offer_id, one.competency_id)
        for (slot_id, offer_id), session in self.settled.forced.items():
            forced[slot_id, session.offer.adult_id] = (offer_id, session.competency_id)
        return forced

    def _must_open(self) -> engine.Flags:
        table = np.zeros((len(self.times.slots), len(self.adult_ids)), dtype=np.bool_)
        for slot_id, adult_id in self._forced_offers():
            if slot_id in self.times.of_slot:
                table[self.times.of_slot[slot_id], self.adult_index[adult_id]] = True
        return table

    def _pinned(self) -> engine.Ints:
        table = np.zeros((len(self.times.slots), len(self.adult_ids)), dtype=np.int32)
        for (slot_id, _), session in self.settled.forced.items():
            if slot_id in self.times.of_slot:
                a = self.adult_index[session.offer.adult_id]
                table[self.times.of_slot[slot_id], a] = len(session.learners)
        return table

    def _pinned_seat(self) -> engine.Ints:
        table = np.full((len(self.times.slots), len(self.learners)), NOBODY, dtype=np.int32)
        for (slot_id, _), session in self.settled.forced.items():
            for learner_id in session.learners:
                if slot_id in self.times.of_slot:
                    n = self.learner_index[learner_id]
                    a = self.adult_index[session.offer.adult_id]
                    table[self.times.of_slot[slot_id], n] = a
        return table

    def _option_arrays(self) -> dict[str, engine.Ints]:
        options = self.options.options
        widest = max((len(o.offer.co_adult_ids) for o in options), default=0)
        partners = np.full((len(options), max(widest, 1)), NOBODY, np.int32)
        preparations: dict[tuple[str, str, str], int] = {}
        wanted = np.full(len(options), NOBODY, np.int32)
        for n, option in enumerate(options):
            known = [self.adult_index[i] for i in option.offer.co_adult_ids if i in self.adult_index]
            partners[n, : len(known)] = known
            key = _preparation(option.offer, option.competency_id)
            if key is not None:
                wanted[n] = preparations.setdefault(key, len(preparations))
        adults = np.array([self.adult_index[o.offer.adult_id] for o in options], dtype=np.int32)
        return {
            "option_adult": adults,
            "option_cap": np.array([o.cap for o in options], dtype=np.int32),
            "option_minimum": np.array([o.minimum for o in options], dtype=np.int32),
            "option_room": np.array(
                [NOBODY if o.room is None else o.room for o in options], dtype=np.int32
            ),
            "option_preparation": wanted,
            "option_partners": partners,
            "adult_start": np.searchsorted(adults, np.arange(len(self.adult_ids) + 1)).astype(
                np.int32
            ),
        }

    def _adult_arrays(self) -> dict[str, object]:
        adults = [self.snapshot.adults[i] for i in self.adult_ids]
        everything = len(self.times.slots) + 1
        days = {d: n for n, d in enumerate(sorted({ss[0].date for ss in self.times.slots}))}
        return {
            "adult_load": np.array([a.load or everything for a in adults], dtype=np.int32),
            "adult_preparations": np.array(
                [a.preparations or everything for a in adults], dtype=np.int32
            ),
            "preparations_per_day": self.policy.preparations_per_day or everything,
            "day": np.array([days[ss[0].date] for ss in self.times.slots], dtype=np.int32),
        }

    def _room_arrays(self) -> dict[str, object]:
        rooms = self.options.rooms
        times = len(self.times.slots)
        capacity = np.tile(np.array([r.capacity for r in rooms], dtype=np.int32), (times, 1))
        count = np.tile(np.array([len(r.room_ids) for r in rooms], dtype=np.int32), (times, 1))
        index = {room_id: n for n, one in enumerate(rooms) for room_id in one.room_ids}
        for (slot_id, _), session in self.settled.forced.items():
            room_id = session.offer.room_id
            if room_id in index and slot_id in self.times.of_slot:
                t = self.times.of_slot[slot_id]
                capacity[t, index[room_id]] -= len(session.learners)
        return {
            "room_capacity": capacity,
            "room_count": count,
            "room_shared": np.array([r.shared for r in rooms], dtype=np.bool_),
        }

    # What seats are worth.

    def _places(self, classes: Classes) -> dict[str, engine.Ints]:
        seating = Seating(self.snapshot, self.learners, self.items)
        shape = (len(self.learners), len(classes.keys))
        value = np.full(shape, BARRED, dtype=np.int32)
        item = np.zeros(shape, dtype=np.int16)
        start, members = [0], []
        for number, key in enumerate(classes.keys):
            for place in seating.places(key):
                value[place.learner, number] = place.value
                item[place.learner, number] = place.item
                members.append(place.learner)
            start.append(len(members))
        rows, columns = np.nonzero(value > BARRED)
        return {
            "seat_value": value,
            "seat_item": item,
            "class_for_all": np.array(
                [self._is_for_all(key) for key in classes.keys], dtype=np.bool_
            )
            & ((value > BARRED).sum(axis=0) >= len(self.learners)),
            "class_start": np.array(start, dtype=np.int32),
            "class_learner": np.array(members, dtype=np.int32),
            "learner_start": np.searchsorted(rows, np.arange(shape[0] + 1)).astype(np.int32),
            "learner_class": columns.astype(np.int32),
        }

    def _is_for_all(self, key: ClassKey) -> bool:
        """Return whether a learner may sit in a class as often as they like."""
        limited = self.policy.enrichment_seats_per_week > 0
        return key.kind.value == "commons" or (key.kind.value == "enrichment" and not limited)

    def _value_services(self, seat_value: engine.Ints, value: int, classes: Classes) -> None:
        for number, key in enumerate(classes.keys):
            if key.kind.value == "service":
                seat_value[seat_value[:, number] > BARRED, number] = value

    def _item_arrays(self) -> dict[str, object]:
        width = max((len(one.items) for one in self.items), default=1)
        shape = (len(self.learners), width)
        arrays = {
            "item_first": np.zeros(shape, np.int32),
            "item_later": np.zeros(shape, np.int32),
            "item_limit": np.zeros(shape, np.int16),
            "item_group": np.full(shape, engine.FREE, np.int16),
            "item_adult": np.full(shape, NOBODY, np.int32),
            "item_adult_value": np.zeros(shape, np.int32),
            "item_only": np.full(shape, NOBODY, np.int32),
            "item_beside": np.zeros(shape, np.int64),
            "is_service": np.zeros(shape, np.bool_),
        }
        absent = len(self.adult_ids)
        for n, one in enumerate(self.items):
            for m, item in enumerate(one.items):
                arrays["item_first"][n, m] = item.first
                arrays["item_later"][n, m] = item.later
                arrays["item_limit"][n, m] = item.limit
                arrays["item_group"][n, m] = item.group
                arrays["item_adult"][n, m] = self.adult_index.get(item.adult_id, NOBODY)
                arrays["item_adult_value"][n, m] = item.adult_value
                only = self.adult_index.get(item.only, absent) if item.only else NOBODY
                arrays["item_only"][n, m] = only
                arrays["item_beside"][n, m] = item.beside
                arrays["is_service"][n, m] = item.service is not None
        used = self._used(shape)
        guarded = (arrays["item_beside"] != 0).any(axis=1)
        return {**arrays, "is_guarded": guarded, "item_used": used, **self._groups(), "known": self._known()}

    def _used(self, shape: tuple[int, int]) -> engine.Shorts:
        """Return the seats that pins have given, by learner and item."""
        used = np.zeros(shape, np.int16)
        for (slot_id, offer_id), session in self.settled.forced.items():
            offer = self.snapshot.offers[offer_id]
            for learner_id in session.learners:
                n = self.learner_index[learner_id]
                item = self.pinned_item(n, offer, session.competency_id, slot_id)
                if item is not None:
                    used[n, item] += 1
        return used

    def pinned_item(
        self, learner: int, offer: Offer, competency_id: str | None, slot_id: str
    ) -> int | None:
        """Return the item by which a pinned seat counts; None where it meets nothing."""
        items = self.items[learner]
        if offer.kind.is_help:
            return items.help.get(competency_id or "")
        if offer.kind.has_target:
            other = items.check if offer.kind.value == "check" else items.again
            return other.get(competency_id or "")
        if offer.kind.value == "service":
            return None
        chosen = items.chosen.get(offer.offer_id, [])
        for m in chosen:
            choice = items.items[m].choice
            if choice is not None and (not choice.slot_ids or slot_id in choice.slot_ids):
                return m
        return (2 if offer.kind.value == "commons" else 0) + offer.rich

    def _groups(self) -> dict[str, object]:
        limit = np.full((len(self.learners), GROUPS), len(self.times.slots), np.int16)
        first = np.zeros((len(self.learners), GROUPS), np.int32)
        policy, weights = self.policy, self.policy.weights
        history = {one.learner_id: one for one in self.snapshot.problem.histories}
        pins = self._pins_by_learner()
        first[:, engine.ENRICHMENT] = weights.first_enrichment_milli - weights.enrichment_milli
        if policy.enrichment_seats_per_week:
            limit[:, engine.ENRICHMENT] = policy.enrichment_seats_per_week
        for n, learner in enumerate(self.learners):
            told = history.get(learner.learner_id)
            weeks = told.weeks_without_need_seat if told else 0
            first[n, engine.HELP] = weights.first_need_milli * min(
                weeks + 1, weights.first_need_weeks
            )
            pinned = pins.get(learner.learner_id, [])
            open_times = int(self.present[:, n].sum()) - sum(self._seats_of(learner).values())
            places = int(self.present[:, n].sum()) + len(pinned)
            keeps = policy.own_choice_seats_per_week if open_times >= 2 else 0
            keeps -= sum(offer.kind.is_own_choice for offer in pinned)
            if told and told.own_choice_count * 1000 < policy.own_choice_share_milli * told.slot_count:
                keeps += 1 if open_times >= 3 else 0
            machine = sum(offer.kind.is_help or offer.kind.value == "check" for offer in pinned)
            limit[n, engine.MACHINE] = machine + max(open_times - max(keeps, 0), 0)
            limit[n, engine.HELP] = policy.need_seats_per_week
            limit[n, engine.PREREQUISITE] = policy.prerequisite_share_milli * places // 1000
        return {"group_limit": limit, "group_first": first}

    def _pins_by_learner(self) -> dict[str, list[Offer]]:
        found: dict[str, list[Offer]] = {}
        for (_, offer_id), session in self.settled.forced.items():
            for learner_id in session.learners:
                found.setdefault(learner_id, []).append(self.snapshot.offers[offer_id])
        return found

    def _known(self) -> engine.Ints:
        known = np.zeros((len(self.learners), len(self.adult_ids)), np.int32)
        for n, learner in enumerate(self.learners):
            mine = [self.adult_index[i] for i in learner.adult_ids if i in self.adult_index]
            known[n, mine] = self.policy.weights.known_adult_milli
        return known

    def _no_need(self) -> engine.Flags:
        """Return where a confirmed choice keeps a machine's needs out (H6)."""
        table = np.zeros((len(self.times.slots), len(self.learners)), dtype=np.bool_)
        for choice in self.snapshot.problem.choices:
            n = self.learner_index.get(choice.learner_id)
            if n is None or not choice.confirmed:
                continue
            if choice.learner_id in self.snapshot.far_behind:
                continue
            for t, slots in enumerate(self.times.slots):
                for slot in slots:
                    wished = not choice.slot_ids or slot.slot_id in choice.slot_ids
                    if slot.own_choice and wished and self._can_be_met(choice, slot):
                        table[t, n] = True
        return table

    def _can_be_met(self, choice: object, slot: Slot) -> bool:
        offer_id = getattr(choice, "offer_id", None)
        for offer in self.snapshot.offers_in(slot.slot_id):
            if offer_id is not None:
                if offer.offer_id == offer_id:
                    return True
            elif offer.kind.value == "reassessment":
                if getattr(choice, "competency_id", None) in self.snapshot.targets[offer.offer_id]:
                    return True
        return False

    def _pair_arrays(self) -> dict[str, engine.Ints]:
        problem = self.snapshot.problem
        first_day = min((s.date for ss in self.times.slots for s in ss), default=problem.monday)
        apart = [
            (one.learner_id, one.other_id)
            for one in problem.keep_apart
            if one.expire_date is None or one.expire_date > first_day
        ]
        together = [
            (one.learner_id, one.other_id)
            for one in problem.keep_together
            if one.expire_date is None or one.expire_date > first_day
        ]
        apart_start, apart_other = self._neighbours(apart)
        together_start, together_other = self._neighbours(together)
        return {
            "apart_start": apart_start,
            "apart_other": apart_other,
            "together_start": together_start,
            "together_other": together_other,
        }

    def _neighbours(self, pairs: list[tuple[str, str]]) -> tuple[engine.Ints, engine.Ints]:
        found: list[set[int]] = [set() for _ in self.learners]
        for one, other in pairs:
            if one in self.learner_index and other in self.learner_index:
                found[self.learner_index[one]].add(self.learner_index[other])
                found[self.learner_index[other]].add(self.learner_index[one])
        start = np.cumsum([0, *(len(each) for each in found)]).astype(np.int32)
        flat = [n for each in found for n in sorted(each)]
        return start, np.array(flat, dtype=np.int32)


def _preparation(offer: Offer, competency_id: str | None) -> tuple[str, str, str] | None:
    """Return what an adult prepares for a session; None for commons and services."""
    if offer.kind.value in ("commons", "service"):
        return None
    return (offer.adult_id, offer.kind.value, competency_id or offer.offer_id)
