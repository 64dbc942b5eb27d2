"""Which rule bound a need: read off the finished week, never from the search's memory.

For one learner, competency and slot the first true statement of a fixed list is the reason. For
a need that the whole week does not meet, the reason of the slot that came nearest stands.
"""

from services.scheduler.domain.explain.openable import Openable
from services.scheduler.domain.explain.sentences import counted, points
from services.scheduler.domain.rules import Entitlement
from services.scheduler.domain.search.board import Opening
from services.scheduler.domain.search.outcome import Outcome, Place
from services.scheduler.domain.snapshot_index import Claim

Reason = tuple[str, str]

# From nearest to a seat to furthest; the first that holds in any slot explains an unmet need.
NEAREST = ("full", "own", "limit", "other", "even", "barred", "busy", "absent", "pinned", "away")


class Reasons:
    """Answers for one outcome."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._openable = Openable(outcome)
        self._sessions: dict[tuple[str, str, Entitlement], list[Opening]] = {}
        for opening in outcome.groups:
            if opening.competency_id is not None:
                stands = Entitlement.HELP if opening.offer.kind.is_help else Entitlement.CHECK
                key = (opening.slot_id, opening.competency_id, stands)
                self._sessions.setdefault(key, []).append(opening)

    def in_slot(self, claim: Claim, slot_id: str) -> Reason:
        """Return (rule, sentence): why a slot does not meet a claim."""
        _, rule, sentence = self._bound(claim, slot_id)
        return rule, sentence

    def in_week(self, claim: Claim) -> Reason:
        """Return (rule, sentence): why no slot meets a claim, from the slot that came nearest."""
        found: dict[str, Reason] = {}
        for slot_id in self._outcome.snapshot.slots:
            if claim.learner_id in self._outcome.snapshot.active[slot_id]:
                kind, rule, sentence = self._bound(claim, slot_id)
                found.setdefault(kind, (rule, sentence))
        if set(found) <= {"pinned", "away"} and "pinned" in found:
            rule, _ = found["pinned"]
            return rule, "Services and pins fill every slot of the learner."
        nowhere = self._openable.nowhere(claim)
        if nowhere is not None and "full" not in found:
            return nowhere
        return next(found[kind] for kind in NEAREST if kind in found)

    def _bound(self, claim: Claim, slot_id: str) -> tuple[str, str, str]:
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

    def _fixed(
        self, claim: Claim, slot_id: str, place: Place | None
    ) -> tuple[str, str, str] | None:
        """Return the reason where the learner's place was settled before any need was looked at."""
        if place is None:
            return "away", "H1", "The learner has no place in this slot."
        if place.opening is None:
            return "away", "H1", f"The learner is exempt then ({place.exemption})."
        if place.pin is not None:
            if place.pin.service:
                return "pinned", "H5", "A service fills the slot."
            return "pinned", "H7", "A seat that an adult set fills the slot."
        met = self._outcome.met_in.get((claim.learner_id, claim.competency_id))
        if met is not None and met != slot_id:
            return "away", "S1", f"Met in {met}; a need is met at most once a week."
        return None

    def _beside(self, claim: Claim, sessions: list[Opening], place: Place) -> tuple[str, str, str]:
        """Return the reason where a session for the claim is held in the slot."""
        groups = self._outcome.groups
        if all(len(groups[o]) >= o.cap for o in sessions):
            return "full", "H3", self._full(claim, sessions)
        full_room = self._full_room(sessions)
        if full_room is not None:
            return "full", "H3", f"The room {full_room} is full."
        if place.claim is not None:
            return self._beside_another(claim, place.claim)
        if self._outcome.any_left[claim.learner_id] <= 0:
            return "own", "S3", "The learner keeps a place of own choice this week."
        if claim.entitlement is Entitlement.HELP and self._outcome.help_left[claim.learner_id] <= 0:
            most = self._outcome.snapshot.problem.policy.need_seats_per_week
            seats = counted(most, "need seat", "need seats")
            return "limit", "S4", f"The learner has {seats}, the most of a week."
        return "even", "S1", "A seat there would be worth no more in the whole of the slot."

    def _beside_another(self, claim: Claim, other: Claim) -> tuple[str, str, str]:
        label = self._outcome.snapshot.competencies[other.competency_id].label
        mine, theirs = points(claim.weight_milli), points(other.weight_milli)
        if other.weight_milli >= claim.weight_milli:
            return "other", "S1", f"{label} weighs as much or more here: {theirs} against {mine}."
        return "even", "S7", f"Without the learner, the session on {label} would miss its minimum."

    def _full(self, claim: Claim, sessions: list[Opening]) -> str:
        seats = sum(opening.cap for opening in sessions)
        places = self._outcome.places
        weights = [
            found.weight_milli
            for opening in sessions
            for learner_id in self._outcome.groups[opening]
            if (found := places[learner_id, opening.slot_id].claim) is not None
        ]
        held = f"{counted(seats, 'seat', 'seats')} taken"
        if not weights:
            return f"{held}, by pins."
        least = points(min(weights))
        return f"{held}; the least of them weighs {least}, this need {points(claim.weight_milli)}."

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
            names.append(room.room_id)
        return names[0] if names else None
