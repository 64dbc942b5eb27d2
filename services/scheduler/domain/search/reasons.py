"""Which rule bound a need: read off the finished week, never from the search's memory.

For one learner, competency and slot the first true statement of a fixed list is the reason. For
a need that the whole week does not meet, the reason of the slot that came nearest stands.
"""

from services.scheduler.domain.claims import Claim
from services.scheduler.domain.explain.bound import Bound
from services.scheduler.domain.explain.sentences import counted, points
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.rules import Entitlement
from services.scheduler.domain.search.board import Opening
from services.scheduler.domain.search.openable import Openable
from services.scheduler.domain.search.outcome import Outcome, Place

# From nearest to a seat to furthest; the first that holds in any slot explains an unmet need.
NEAREST = ("full", "own", "limit", "other", "even", "barred", "busy", "absent", "pinned", "away")


SERVICE_THERE = Bound(nearness="pinned", rule=Rule.SERVICE_FIRST, cause="a service fills the slot")
PIN_THERE = Bound(
    nearness="pinned", rule=Rule.FREEZE, cause="a seat that an adult set fills the slot"
)
OWN_CHOICE = Bound(
    nearness="own", rule=Rule.VOICE, cause="the learner keeps a place of own choice this week"
)
NO_GAIN = Bound(
    nearness="even",
    rule=Rule.GREATEST_NEED,
    cause="a seat there would be worth no more in the whole of the slot",
)


class Reasons:
    """Answers for one outcome."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._openable = Openable(outcome)
        self._sessions: dict[tuple[str, str, Entitlement], list[Opening]] = {}
        for opening in outcome.groups:
            if opening.competency_id is not None:
                stands = Entitlement.met_by(opening.offer.kind)
                key = (opening.slot_id, opening.competency_id, stands)
                self._sessions.setdefault(key, []).append(opening)

    def in_slot(self, claim: Claim, slot_id: str) -> Bound:
        """Return why a slot does not meet a claim."""
        place = self._outcome.places.get((claim.learner_id, slot_id))
        fixed = self._fixed(claim, slot_id, place)
        if fixed is not None:
            return fixed
        assert place is not None
        assert place.opening is not None
        key = (slot_id, claim.competency_id, claim.entitlement)
        sessions = self._sessions.get(key)
        if not sessions:
            return self._openable.why_not(claim, slot_id)
        return self._beside(claim, sessions, place)

    def in_week(self, claim: Claim) -> Bound:
        """Return why no slot meets a claim: the reason of the slot that came nearest."""
        found: dict[str, Bound] = {}
        for slot_id in self._outcome.snapshot.slots:
            if claim.learner_id in self._outcome.snapshot.active[slot_id]:
                bound = self.in_slot(claim, slot_id)
                found.setdefault(bound.nearness, bound)
        if set(found) <= {"pinned", "away"} and "pinned" in found:
            cause = "services and pins fill every slot of the learner"
            return Bound(nearness="pinned", rule=found["pinned"].rule, cause=cause)
        nowhere = self._openable.nowhere(claim)
        if nowhere is not None and "full" not in found:
            return nowhere
        return next(found[nearness] for nearness in NEAREST if nearness in found)

    def _fixed(self, claim: Claim, slot_id: str, place: Place | None) -> Bound | None:
        """Return the reason where the learner's place was settled before any need was looked at."""
        if place is None:
            cause = "the learner has no place in this slot"
            return Bound(nearness="away", rule=Rule.ONE_PLACE, cause=cause)
        if place.opening is None:
            return Bound(
                nearness="away",
                rule=Rule.ONE_PLACE,
                cause="the learner is exempt then",
                detail=f"The learner is exempt then ({place.exemption}).",
            )
        if place.pin is not None:
            return SERVICE_THERE if place.pin.service else PIN_THERE
        met = self._outcome.met_in.get((claim.learner_id, claim.competency_id))
        if met is not None and met != slot_id:
            where = self._outcome.snapshot.slots[met].label or met
            return Bound(
                nearness="away",
                rule=Rule.GREATEST_NEED,
                cause="it is worked on in another slot of the week",
                detail=f"Met in {where}; a need is met at most once a week.",
            )
        return None

    def _beside(self, claim: Claim, sessions: list[Opening], place: Place) -> Bound:
        """Return the reason where a session for the claim is held in the slot."""
        groups = self._outcome.groups
        if all(len(groups[o]) >= o.cap for o in sessions):
            return self._full(claim, sessions)
        full_room = self._full_room(sessions)
        if full_room is not None:
            return Bound(
                nearness="full",
                rule=Rule.SIZE,
                cause="the room of the session on it is full",
                detail=f"{full_room} is full.",
            )
        if place.claim is not None:
            return self._beside_another(claim, place.claim)
        if self._outcome.any_left[claim.learner_id] <= 0:
            return OWN_CHOICE
        help_left = self._outcome.help_left[claim.learner_id]
        if claim.entitlement is Entitlement.HELP and help_left <= 0:
            most = self._outcome.snapshot.problem.policy.need_seats_per_week
            return _most_help(most)
        return NO_GAIN

    def _beside_another(self, claim: Claim, other: Claim) -> Bound:
        label = self._outcome.snapshot.competencies[other.competency_id].label
        mine, theirs = points(claim.weight_milli), points(other.weight_milli)
        if other.weight_milli >= claim.weight_milli:
            return Bound(
                nearness="other",
                rule=Rule.GREATEST_NEED,
                cause="another need of the learner weighs as much or more here",
                detail=f"{label} weighs as much or more here: {theirs} against {mine}.",
            )
        return Bound(
            nearness="even",
            rule=Rule.LOAD,
            cause="without the learner another session would miss its minimum",
            detail=f"Without the learner, the session on {label} would miss its minimum.",
        )

    def _full(self, claim: Claim, sessions: list[Opening]) -> Bound:
        seats = sum(opening.cap for opening in sessions)
        places = self._outcome.places
        weights = [
            found.weight_milli
            for opening in sessions
            for learner_id in self._outcome.groups[opening]
            if (found := places[learner_id, opening.slot_id].claim) is not None
        ]
        held = f"{counted(seats, 'seat', 'seats')} taken"
        detail = f"{held}, by pins."
        if weights:
            least, mine = points(min(weights)), points(claim.weight_milli)
            detail = f"{held}; the least of them weighs {least}, this need {mine}."
        cause = "every seat in a session on it is taken"
        return Bound(nearness="full", rule=Rule.SIZE, cause=cause, detail=detail)

    def _full_room(self, sessions: list[Opening]) -> str | None:
        """Return the shared room that keeps every session from taking one more; None if not so."""
        snapshot, groups = self._outcome.snapshot, self._outcome.groups
        names = []
        for opening in sessions:
            room = snapshot.room_of(opening.offer)
            if len(groups[opening]) >= opening.cap:
                continue
            if room is None or not room.shared:
                return None
            held = self._outcome.plan.board.in_room(opening.slot_id, room.room_id)
            if sum(len(groups.get(other, ())) for other in held) < room.capacity:
                return None
            names.append(room.display_name or f"The room {room.room_id}")
        return names[0] if names else None


def _most_help(most: int) -> Bound:
    seats = counted(most, "need seat", "need seats")
    return Bound(
        nearness="limit",
        rule=Rule.ENRICHMENT_FOR_ALL,
        cause="the learner has the most need seats of a week",
        detail=f"The learner has {seats}, the most of a week; the rest is for enrichment.",
    )
