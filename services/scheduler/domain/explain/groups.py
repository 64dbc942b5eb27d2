"""Why a need has no seat in the sessions on it that a slot holds: full, kept apart, worth less."""

from collections import defaultdict

from services.scheduler.domain import rules
from services.scheduler.domain.claims import Claim
from services.scheduler.domain.engine.tables import BARRED, Ints
from services.scheduler.domain.explain.bound import Bound
from services.scheduler.domain.explain.rights import Rights
from services.scheduler.domain.explain.sentences import counted, points
from services.scheduler.domain.explain.standing import Standing, entitlement_of
from services.scheduler.domain.model import KeepApart
from services.scheduler.domain.question.answer import Meeting, Place
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.rules import Entitlement

NO_GAIN = Bound(
    nearness="even",
    rule=Rule.GREATEST_NEED,
    cause="a seat there would be worth no more in the whole of the week",
)
CHOICE_THERE = Bound(
    nearness="other",
    rule=Rule.VOICE,
    cause="what the learner chose is worth as much or more here",
)
BY_RULE = Bound(nearness="full", rule=Rule.KEEP_APART, cause="the learner is placed by rule")
BY_LAW = Bound(
    nearness="full",
    rule=Rule.SIZE,
    cause="the law limits the group while a consent is missing",
)


class Groups:
    """Answers for one answer and its seat prices [T, A]."""

    def __init__(self, standing: Standing, rights: Rights, seat_prices: Ints) -> None:
        self._standing = standing
        self._rights = rights
        self._snapshot = standing.snapshot
        self._prices = seat_prices
        self._least: dict[Meeting, int | None] = {}
        self._on: dict[tuple[str, str, Entitlement], list[Meeting]] = defaultdict(list)
        for meeting in standing.answer.meetings:
            stands = entitlement_of(meeting)
            if stands is not None and meeting.competency_id is not None:
                self._on[meeting.slot_id, meeting.competency_id, stands].append(meeting)
        self._apart: dict[str, list[tuple[str, KeepApart]]] = defaultdict(list)
        for rule in self._snapshot.problem.keep_apart:
            self._apart[rule.learner_id].append((rule.other_id, rule))
            self._apart[rule.other_id].append((rule.learner_id, rule))

    def on(self, claim: Claim, slot_id: str) -> list[Meeting]:
        """Return the sessions of a slot that meet such a claim."""
        return self._on[slot_id, claim.competency_id, claim.entitlement]

    def why_no_seat(self, claim: Claim, held: list[Meeting], place: Place) -> Bound | None:
        """Return why none of the sessions has a seat for the learner; None where one has."""
        t, n = self._standing.times[held[0]], self._number(claim)
        mine = [m for m in held if self._standing.beside.may_sit(t, n, self._node(m))]
        if not mine:
            return self._without_right(claim, held)
        free = [m for m in mine if not self._meets_apart(claim.learner_id, m)]
        if not free:
            return BY_RULE
        if all(self._is_full(m) for m in free):
            return self._full(claim, free, place)
        lawful = [m for m in free if not self._is_full(m) and not self._is_over_law(claim, m)]
        return self._full_room(lawful) if lawful else BY_LAW

    def beside(self, claim: Claim, held: list[Meeting], place: Place) -> Bound:
        """Return why the learner sits elsewhere though a session on the need has a seat."""
        assert place.meeting is not None
        t, n = self._standing.times[place.meeting], self._number(claim)
        other = place.item.claim if place.item is not None else None
        if other is not None and other.weight_milli >= claim.weight_milli:
            return self._other_need(claim, other)
        worth = self._standing.beside.worth(t)[n]
        best = max(int(worth[self._node(m)]) for m in held)
        if BARRED < best <= int(worth[self._node(place.meeting)]):
            if other is not None:
                return self._other_need(claim, other)
            if self._standing.choice_met(claim.learner_id, place.meeting) is not None:
                return CHOICE_THERE
        return self._minimum(place.meeting) or NO_GAIN

    def _number(self, claim: Claim) -> int:
        return self._standing.frame.learner_index[claim.learner_id]

    def _node(self, meeting: Meeting) -> int:
        return self._standing.nodes[meeting]

    def _without_right(self, claim: Claim, held: list[Meeting]) -> Bound:
        bars = [self._rights.bar(claim, meeting.offer) for meeting in held]
        told = next((bar for bar in bars if bar is not None), None)
        if told is not None:
            return told
        return BY_LAW if any(meeting.offer.legal for meeting in held) else NO_GAIN

    def _meets_apart(self, learner_id: str, meeting: Meeting) -> bool:
        """Return whether somebody who is kept apart sits in the session, or in its room then."""
        day = self._snapshot.slots[meeting.slot_id].date
        return any(
            other in self._standing.groups[one]
            for other, rule in self._apart.get(learner_id, ())
            if rule.expire_date is None or day < rule.expire_date
            for one in self._standing.in_room_with(meeting)
        )

    def _is_full(self, meeting: Meeting) -> bool:
        return len(self._standing.groups[meeting]) >= meeting.cap

    def _is_over_law(self, claim: Claim, meeting: Meeting) -> bool:
        """Return whether the learner would make a legal group larger than consents allow (H3)."""
        offer, group = meeting.offer, self._standing.groups[meeting]
        if not offer.legal or len(group) < self._snapshot.problem.policy.legal_cap:
            return False
        learners = (self._snapshot.learners[i] for i in (*group, claim.learner_id))
        return not rules.all_consent(offer, learners)

    def _full(self, claim: Claim, held: list[Meeting], place: Place) -> Bound:
        taken = f"{counted(sum(m.cap for m in held), 'seat', 'seats')} taken"
        weights = [weight for weight in map(self._least_weight, held) if weight is not None]
        least, mine = min(weights, default=0), claim.weight_milli
        prices = self._prices_of(claim, held, place)
        detail = f"{taken}."
        if not weights:
            detail = f"{taken}, by pins."
        elif least >= mine:
            detail = f"{taken}; the least of them weighs {points(least)}, this need {points(mine)}."
        elif prices is not None:
            cost, gain = points(prices[0]), points(prices[1])
            detail = f"{taken}; one would cost others {cost} points and bring the learner {gain}."
        cause = "every seat in a session on it is taken"
        return Bound(nearness="full", rule=Rule.SIZE, cause=cause, detail=detail)

    def _least_weight(self, meeting: Meeting) -> int | None:
        """Return the least weight of the needs that a session's seats meet; None: pins alone."""
        if meeting not in self._least:
            places, group = self._standing.answer.places, self._standing.groups[meeting]
            items = [places[learner_id, meeting.slot_id].item for learner_id in group]
            weights = [one.claim.weight_milli for one in items if one is not None and one.claim]
            self._least[meeting] = min(weights, default=None)
        return self._least[meeting]

    def _prices_of(self, claim: Claim, held: list[Meeting], place: Place) -> tuple[int, int] | None:
        """Return what the dearest seat would cost others and bring the learner, where it is less.

        The price of the learner's own seat, which they would leave to others, is taken off.
        """
        assert place.meeting is not None
        t, n = self._standing.times[place.meeting], self._number(claim)
        worth, own = self._standing.beside.worth(t)[n], self._node(place.meeting)
        found = []
        for node in (self._node(m) for m in held):
            if worth[node] > BARRED:
                cost = int(self._prices[t, node]) - int(self._prices[t, own])
                found.append((cost, int(worth[node]) - int(worth[own])))
        best = max(found, key=lambda pair: pair[1] - pair[0], default=(0, 0))
        return best if best[0] > best[1] > 0 else None

    def _full_room(self, held: list[Meeting]) -> Bound | None:
        """Return the reason where shared rooms keep every session from taking one more."""
        names = []
        for meeting in held:
            room = self._snapshot.rooms.get(meeting.room_id or "")
            if room is None or not room.shared:
                return None
            inside = self._standing.in_room_with(meeting)
            if sum(len(self._standing.groups[m]) for m in inside) < room.capacity:
                return None
            names.append(room.display_name or f"The room {room.room_id}")
        return Bound(
            nearness="full",
            rule=Rule.SIZE,
            cause="the room of the session on it is full",
            detail=f"{names[0]} is full.",
        )

    def _other_need(self, claim: Claim, other: Claim) -> Bound:
        label = self._snapshot.competencies[other.competency_id].label
        mine, theirs = points(claim.weight_milli), points(other.weight_milli)
        against = f": {theirs} against {mine}" if other.weight_milli >= claim.weight_milli else ""
        return Bound(
            nearness="other",
            rule=Rule.GREATEST_NEED,
            cause="another need of the learner weighs as much or more here",
            detail=f"{label} weighs as much or more here{against}.",
        )

    def _minimum(self, meeting: Meeting) -> Bound | None:
        """Return the reason where the learner's own session would be short without them."""
        policy = self._snapshot.problem.policy
        fewest = rules.session_minimum(policy, meeting.offer, meeting.tier)
        forced = meeting.pinned or self._standing.is_locked(meeting)
        if forced or len(self._standing.groups[meeting]) > fewest:
            return None
        cause = "without the learner another session would miss its minimum"
        target = self._snapshot.competencies.get(meeting.competency_id or "")
        detail = ""
        if target is not None:
            detail = f"Without the learner, the session on {target.label} would miss its minimum."
        return Bound(nearness="even", rule=Rule.LOAD, cause=cause, detail=detail)
