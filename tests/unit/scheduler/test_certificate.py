"""The proof on a week can be checked from the snapshot and the week alone, in whole numbers."""

from collections import Counter

import pytest

from services.scheduler.domain import rules
from services.scheduler.domain.assignment import UNPLACED_COST_MILLI
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.rules import Entitlement
from services.scheduler.domain.week import SeatRule
from tests.support.schools import STUDIO_SCHOOL, Shape, a_school
from tests.support.weeks import planned

SERVED = {SeatRule.NEED: Entitlement.HELP, SeatRule.CHECK: Entitlement.CHECK}
FREE = (SeatRule.NEED, SeatRule.CHECK, SeatRule.ENRICHMENT, SeatRule.COMMONS)


class SlotFromWeek:
    """What a slot's assignment problem was, read off the finished week."""

    def __init__(self, problem, week, slot_id):
        self.problem, self.week, self.slot_id = problem, week, slot_id
        self.needs = {(n.learner_id, n.competency_id): n for n in problem.needs}
        self.competencies = {c.competency_id: c for c in problem.competencies}
        self.rooms = {room.room_id: room for room in problem.rooms}
        self.sessions = [s for s in week.sessions if s.slot_id == slot_id]
        mine = [s for s in week.seats if s.slot_id == slot_id]
        self.seats = [s for s in mine if s.rule in FREE]
        self.pinned = Counter(s.session_id for s in mine if s.rule not in FREE)
        self.others = [s for s in week.seats if s.slot_id != slot_id]
        by_id = {s.session_id: s for s in week.sessions}
        self.met = set()
        for seat in self.others:
            session = by_id.get(seat.session_id)
            if session is not None and session.kind.has_target:
                stands = Entitlement.HELP if session.kind.is_help else Entitlement.CHECK
                self.met.add((seat.learner_id, session.competency_id, stands))

    def worth(self, learner_id, session):
        """Return what a seat would be worth, None where it may not be."""
        elsewhere = [s for s in self.others if s.learner_id == learner_id]
        weights = self.problem.policy.weights
        if session.kind is SessionKind.ENRICHMENT:
            been = any(s.rule is SeatRule.ENRICHMENT for s in elsewhere)
            return weights.enrichment_milli if been else weights.first_enrichment_milli
        if session.kind is SessionKind.COMMONS:
            return weights.commons_milli
        need = self.needs.get((learner_id, session.competency_id))
        if need is None or not self.may_serve(need, session, elsewhere):
            return None
        competency = self.competencies[session.competency_id]
        if session.kind.is_help:
            return rules.help_weight_milli(need, competency, self.problem.as_of_day, weights)
        return rules.check_weight_milli(need, competency, weights)

    def may_serve(self, need, session, elsewhere):
        """Return whether a session may meet a need: the floor, once a week, seats left."""
        stands = Entitlement.HELP if session.kind.is_help else Entitlement.CHECK
        if rules.entitlement_of(need, self.problem.policy, self.problem.as_of_day) is not stands:
            return False
        met = (need.learner_id, need.competency_id, stands) in self.met
        return session.kind.has_target and not met and self.has_seats_left(elsewhere, stands)

    def has_seats_left(self, elsewhere, stands):
        """Return whether the week's limits leave the learner a seat by need here."""
        served = [s for s in elsewhere if s.rule in SERVED]
        open_slots = sum(1 for s in elsewhere if s.rule in FREE) + 1
        keeps = 1 if open_slots >= 2 else 0
        if len(served) >= open_slots - keeps:
            return False
        help_seats = sum(1 for s in served if s.rule is SeatRule.NEED)
        most = self.problem.policy.need_seats_per_week
        return stands is Entitlement.CHECK or help_seats < most

    def value(self):
        """Return what the seats of the slot are worth."""
        by_id = {s.session_id: s for s in self.sessions}
        return sum(self.worth(s.learner_id, by_id[s.session_id]) for s in self.seats)

    def bound(self, prices):
        """Return the value that no assignment exceeds, by weak duality from the prices."""
        total = 0
        at = {}
        for session in self.sessions:
            price = prices.get(f"session:{session.session_id}", 0)
            left = max(session.cap - self.pinned[session.session_id], 0)
            least = 0 if self.pinned[session.session_id] else self.problem.policy.session_minimum
            total += price * (left if price > 0 else least if session.kind.has_target else 0)
            room_price = prices.get(f"room:{session.room_id}", 0)
            at[session.session_id] = price + room_price
        for room_id, room in self.rooms.items():
            held = [s.session_id for s in self.sessions if s.room_id == room_id]
            left = max(room.capacity - sum(self.pinned[s] for s in held), 0)
            total += prices.get(f"room:{room_id}", 0) * left
        for seat in self.seats:
            reduced = [
                worth - at[session.session_id]
                for session in self.sessions
                if (worth := self.worth(seat.learner_id, session)) is not None
            ]
            total += max([-UNPLACED_COST_MILLI, *reduced])
        return total


@pytest.mark.parametrize(
    ("seed", "shape"),
    [
        (1, Shape(service_share=0.3)),
        (2, Shape(learners=70, adults=5)),
        (3, Shape(slots=4)),
        (4, STUDIO_SCHOOL),
    ],
)
def test_value_and_bound_follow_from_the_week_and_meet(seed, shape):
    """Rebuild every slot's problem from the week: the value is as said, no assignment beats it."""
    problem = a_school(seed, shape)
    week = planned(problem, seed=seed, budget=200)
    assert [b for b in week.breaches if b.rule == "H1"] == []
    for certificate in week.certificates:
        slot = SlotFromWeek(problem, week, certificate.slot_id)
        prices = {price.name: price.price_milli for price in certificate.prices}
        assert slot.value() == certificate.value_milli
        assert slot.bound(prices) == certificate.value_milli
        assert certificate.bound_milli == certificate.value_milli


def test_false_prices_prove_nothing():
    """With the prices of nothing the bound lies above the value: the proof needs the prices."""
    problem = a_school(2, Shape(learners=70, adults=5))
    week = planned(problem, budget=200)
    slots = [SlotFromWeek(problem, week, c.slot_id) for c in week.certificates]
    assert any(slot.bound({}) > slot.value() for slot in slots)
