"""Doubts the proof of a week's seats: the bound, added up anew from its prices alone.

For any prices at all, no seating of the week's sessions is worth more than: the seats beyond the
pinned ones, at their prices; and the best week of every learner, who pays the price of each seat.
This is so because every seating is one week of each learner, and pays for no seat that there is
not (weak duality). So nothing is taken from who found the prices.

A seating here keeps the sessions as they are, with the caps that they state, the capacity of shared
rooms, the seats by a person's word, a place for everybody where the week has one, each learner's
seats of required services, and the minimum of every session that no person holds, or what it holds
now where that is less. The week that a learner has counts among
those that they could have, whatever limits it passes. Relaxed, which can only raise the bound:
pairs that are kept apart in two sessions of one room, slots that overlap and share a room, consents
of who else sits in a legal group, and that two who do well together have their parts of what it
adds wherever they sit. What is relaxed of a learner's week stands in `best_week`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable

from services.scheduler.domain.check.basics import stands_on
from services.scheduler.domain.check.best_week import best_milli
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.check.limits import LearnerWeek
from services.scheduler.domain.check.rights import Rights
from services.scheduler.domain.check.seat_options import SeatOptions
from services.scheduler.domain.check.sizes import caps_of, consents, minimum_of
from services.scheduler.domain.check.value import terms_in
from services.scheduler.domain.model import KeepApart, KeepTogether, Problem, Room
from services.scheduler.domain.week import Session, Week, value_of


def proves(problem: Problem, week: Week) -> bool:
    """Return whether the week's proof holds: value and bound as stated, and none above it."""
    proof = week.assignment
    if proof is None or proof.value_milli > proof.bound_milli:
        return False
    value_milli = value_of(terms_in(Index(problem, week)))
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
        shares = proof.company_shares if proof is not None else ()
        self._shares = {(one.rule_id, one.session_id): one.share_milli for one in shares}
        self._weeks = {i: LearnerWeek(index, i) for i in index.learners}

    def milli(self) -> int:
        """Return the bound."""
        sessions = sum(self._of_sessions(sessions) for sessions in self._by_room())
        pairs = sum(
            milli * max(1 - len({rule.learner_id, rule.other_id} & self._settled(session_id)), 0)
            for (rule, session_id), milli in self._pairs.items()
        )
        return sessions + pairs + self._settled_company() + self._of_learners()

    def _by_room(self) -> Iterable[list[Session]]:
        """Return the sessions of a slot that share a room side by side, every other one alone."""
        found: dict[tuple[str, str], list[Session]] = defaultdict(list)
        for session in self._index.week.sessions:
            room = self._index.room_of(session)
            shared = room is not None and room.shared
            name = room.room_id if room is not None and shared else session.session_id
            found[session.slot_id, name].append(session)
        return found.values()

    def _of_sessions(self, sessions: list[Session]) -> int:
        """Return what their prices make of the seats that are left in their room, dearest first.

        Where a price is below nothing: of the seats that the session must fill.
        """
        room = self._index.room_of(sessions[0])
        left = self._room_left(room, sessions) if room is not None and room.shared else None
        total = 0
        for session in sorted(sessions, key=self._price, reverse=True):
            price = self._price(session)
            if price <= 0:
                total += price * self._least(session)
                continue
            settled = self._settled(session.session_id)
            seats = max(self._cap(session, settled) - len(settled), 0)
            if left is not None:
                seats = min(seats, left)
                left -= seats
            total += price * seats
        return total

    def _room_left(self, room: Room, sessions: list[Session]) -> int:
        """Return the places of a shared room beside those of persons' word."""
        held = sum(len(self._settled(session.session_id)) for session in sessions)
        return max(room.capacity - held, 0)

    def _price(self, session: Session) -> int:
        return self._prices.get(session.session_id, 0)

    def _least(self, session: Session) -> int:
        """Return how many must sit in a session beside those of persons' word."""
        if self._index.is_forced(session):
            return 0
        size = len(self._index.seats_in.get(session.session_id, ()))
        return min(minimum_of(self._index, session), size)

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
        paid.subtract(self._company())
        options = SeatOptions(self._index, self._prices, paid)
        may_miss = _slots_short_of_places(self._index)
        return sum(
            best_milli(self._index, week, options, may_miss) for week in self._weeks.values()
        )

    def _settled_company(self) -> int:
        """Return what pairs add who sit together by a person's word."""
        met = sum(
            stands_on(pair.expire_date, session.date)
            and {pair.learner_id, pair.other_id} <= self._settled(session.session_id)
            for pair in self._index.problem.keep_together
            for session in self._index.week.sessions
        )
        return self._index.problem.policy.weights.together_milli * met

    def _company(self) -> Counter[tuple[str, str]]:
        """Return what each learner has of the company of others, by learner and session.

        Somebody who sits there by a person's word leaves the whole to the other. The first of a
        pair is the one whose id comes first, however its rule names them.
        """
        found: Counter[tuple[str, str]] = Counter()
        whole = self._index.problem.policy.weights.together_milli
        for pair in self._index.problem.keep_together:
            if not {pair.learner_id, pair.other_id} <= self._weeks.keys():
                continue
            for session in self._index.week.sessions:
                both = self._could_sit(pair.learner_id, session) and self._could_sit(
                    pair.other_id, session
                )
                if both and stands_on(pair.expire_date, session.date):
                    parts = self._parts(pair, session, whole)
                    for learner_id, part in zip(_pair(pair), parts, strict=True):
                        found[learner_id, session.session_id] += part
        return found

    def _parts(self, pair: KeepTogether, session: Session, whole: int) -> tuple[int, int]:
        settled = self._settled(session.session_id)
        first, other = _pair(pair)
        if first in settled:
            return 0, whole
        if other in settled:
            return whole, 0
        part = self._shares.get((pair.rule_id, session.session_id), whole // 2)
        part = min(max(part, 0), whole)
        return part, whole - part

    def _could_sit(self, learner_id: str, session: Session) -> bool:
        week = self._weeks[learner_id]
        if session in week.fixed or session in week.free:
            return True
        is_open = any(slot.slot_id == session.slot_id for slot in week.open_slots())
        return is_open and self._rights.may_sit(learner_id, session)


def _pair(rule: KeepTogether) -> tuple[str, str]:
    return min(rule.learner_id, rule.other_id), max(rule.learner_id, rule.other_id)


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
