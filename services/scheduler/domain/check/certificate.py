"""Doubts the proof of a week's seats: the bound, added up anew from its prices alone.

For any prices at all, no seating of the week's sessions is worth more than: the seats beyond the
pinned ones, at their prices; and the best week of every learner, who pays the price of each seat.
This is so because every seating is one week of each learner, and pays for no seat that there is
not (weak duality). So nothing is taken from who found the prices.

A seating here keeps the sessions as they are, with the caps that they state, the seats by a
person's word, a place for everybody where the week has one, and the minimum of every session that
no person holds, or what it holds now where that is less. The week that a learner has counts among
those that they could have, whatever limits it passes. Relaxed, which can only raise the bound:
the capacity of shared rooms, pairs that are kept apart in two sessions of one room, consents of
who else sits in a legal group, and that two who do well together are counted as together wherever
both could sit. What is relaxed of a learner's week stands in `best_week`.
"""

from collections import Counter

from services.scheduler.domain.check.basics import stands_on
from services.scheduler.domain.check.best_week import best_milli
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.check.limits import LearnerWeek
from services.scheduler.domain.check.rights import Rights
from services.scheduler.domain.check.seat_options import SeatOptions
from services.scheduler.domain.check.sizes import caps_of, consents, minimum_of
from services.scheduler.domain.check.value import terms_in, total_of
from services.scheduler.domain.model import KeepApart, KeepTogether, Problem
from services.scheduler.domain.week import Session, Week


def proves(problem: Problem, week: Week) -> bool:
    """Return whether the week's proof holds: value and bound as stated, and none above it."""
    proof = week.assignment
    if proof is None or proof.value_milli > proof.bound_milli:
        return False
    value_milli = total_of(terms_in(Index(problem, week)))
    return (value_milli, bound_of(problem, week)) == (proof.value_milli, proof.bound_milli)


def bound_of(problem: Problem, week: Week) -> int:
    """Return the bound that follows from the prices of the week's proof; without any, from none."""
    return _Bound(Index(problem, week)).milli()


class _Bound:
    def __init__(self, index: Index) -> None:
        self._index = index
        self._rights = Rights(index)
        proof = index.week.assignment
        prices = proof.prices if proof is not None else ()
        self._prices = {price.session_id: price.price_milli for price in prices}
        self._pairs = _pair_prices(index)
        self._weeks = {i: LearnerWeek(index, i) for i in index.learners}

    def milli(self) -> int:
        """Return the bound."""
        sessions = sum(self._of_session(session) for session in self._index.week.sessions)
        pairs = sum(
            milli * max(1 - len({rule.learner_id, rule.other_id} & self._settled(session_id)), 0)
            for (rule, session_id), milli in self._pairs.items()
        )
        together = sum(self._of_company(pair) for pair in self._index.problem.keep_together)
        return sessions + pairs + together + self._of_learners()

    def _of_session(self, session: Session) -> int:
        """Return what its price makes of the seats that are left, or of those it must fill."""
        price = self._prices.get(session.session_id, 0)
        if price > 0:
            settled = self._settled(session.session_id)
            return price * max(self._cap(session, settled) - len(settled), 0)
        if self._index.is_forced(session):
            return 0
        size = len(self._index.seats_in.get(session.session_id, ()))
        return price * min(minimum_of(self._index, session), size)

    def _cap(self, session: Session, settled: set[str]) -> int:
        """Return how many may sit in a session, counting on every consent that could help."""
        offer = self._index.offers.get(session.offer_id)
        if offer is None:
            return session.cap
        caps = caps_of(self._index, offer, self._index.room_of(session), session.tier_id)
        if caps.legal is None:
            return min(caps.least, session.cap)
        most = sum(1 for i in self._index.learners if consents(self._index, i, offer))
        if not all(consents(self._index, i, offer) for i in settled):
            most = 0
        return min(caps.least, session.cap, max(caps.legal, most))

    def _settled(self, session_id: str) -> set[str]:
        seats = self._index.seats_in.get(session_id, ())
        return {seat.learner_id for seat in seats if self._index.is_fixed(seat)}

    def _of_learners(self) -> int:
        paid: Counter[tuple[str, str]] = Counter()
        for (rule, session_id), milli in self._pairs.items():
            paid[rule.learner_id, session_id] += milli
            paid[rule.other_id, session_id] += milli
        options = SeatOptions(self._index, self._prices, paid)
        may_miss = _slots_short_of_places(self._index)
        return sum(
            best_milli(self._index, week, options, may_miss) for week in self._weeks.values()
        )

    def _of_company(self, pair: KeepTogether) -> int:
        """Return what a pair adds at most: in every slot that has a session for both."""
        if not {pair.learner_id, pair.other_id} <= self._weeks.keys():
            return 0
        slots = {
            session.slot_id
            for session in self._index.week.sessions
            if stands_on(pair.expire_date, session.date)
            and self._could_sit(pair.learner_id, session)
            and self._could_sit(pair.other_id, session)
        }
        return self._index.problem.policy.weights.together_milli * len(slots)

    def _could_sit(self, learner_id: str, session: Session) -> bool:
        week = self._weeks[learner_id]
        if session in week.fixed:
            return True
        is_open = any(slot.slot_id == session.slot_id for slot in week.open_slots())
        return is_open and self._rights.may_sit(learner_id, session)


def _pair_prices(index: Index) -> dict[tuple[KeepApart, str], int]:
    """Return the prices of pairs that are kept apart; a price below nothing proves nothing."""
    proof = index.week.assignment
    rules = {rule.rule_id: rule for rule in index.problem.keep_apart}
    found = {}
    for price in proof.pair_prices if proof is not None else ():
        rule, session = rules.get(price.rule_id), index.sessions.get(price.session_id)
        if rule is None or session is None or not stands_on(rule.expire_date, session.date):
            continue
        found[rule, session.session_id] = max(price.price_milli, 0)
    return found


def _slots_short_of_places(index: Index) -> frozenset[str]:
    """Return the slots in which somebody has no place, so that anybody might be the one."""
    seated = {(seat.learner_id, seat.slot_id) for seat in index.week.seats}
    return frozenset(
        slot.slot_id
        for slot in index.problem.slots
        for learner_id in index.learners
        if (learner_id, slot.slot_id) not in seated and index.expects(learner_id, slot)
    )
