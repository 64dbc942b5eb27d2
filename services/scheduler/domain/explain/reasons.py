"""Which rule bound a need: read off the finished week, never from the search's memory.

For one learner, competency and slot the first true statement of a fixed list is the reason. For
a need that the whole week does not meet, the reason of the slot that came nearest stands.
"""

from dataclasses import replace

from services.scheduler.domain.claims import Claim
from services.scheduler.domain.engine.tables import Ints
from services.scheduler.domain.explain import bounds
from services.scheduler.domain.explain.beside import Limit
from services.scheduler.domain.explain.bound import Bound
from services.scheduler.domain.explain.groups import NO_GAIN, Groups
from services.scheduler.domain.explain.openable import NOT_FOUND, Openable
from services.scheduler.domain.explain.rights import Rights
from services.scheduler.domain.explain.standing import Standing
from services.scheduler.domain.question.answer import Place

# From nearest to a seat to furthest; the first that holds in any slot explains an unmet need.
NEAREST = (
    "full",
    "own",
    "limit",
    "other",
    "even",
    "barred",
    "busy",
    "few",
    "absent",
    "pinned",
    "away",
)


class Reasons:
    """Answers for one answer and its seat prices [T, A]."""

    def __init__(self, standing: Standing, seat_prices: Ints) -> None:
        self._standing = standing
        self._snapshot = standing.snapshot
        rights = Rights(standing.snapshot)
        self._openable = Openable(standing, rights)
        self._groups = Groups(standing, rights, seat_prices)

    def in_slot(self, claim: Claim, slot_id: str) -> Bound:
        """Return why a slot does not meet a claim."""
        bound = self.as_given(claim, slot_id)
        place = self._standing.answer.places.get((claim.learner_id, slot_id))
        # That nothing better was found is true of what the search could still change.
        if place is not None and place.kept is not None and bound in (NO_GAIN, NOT_FOUND):
            return replace(bounds.KEPT_THERE, nearness=bound.nearness)
        return bound

    def as_given(self, claim: Claim, slot_id: str) -> Bound:
        """Return why a slot does not meet a claim, as if the search could change a kept seat."""
        place = self._standing.answer.places.get((claim.learner_id, slot_id))
        fixed = self._fixed(claim, slot_id, place)
        if fixed is not None:
            return fixed
        assert place is not None
        assert place.meeting is not None
        t = self._standing.times[place.meeting]
        n = self._standing.frame.learner_index[claim.learner_id]
        if self._standing.question.tables.no_need[t, n]:
            return bounds.CHOICE_FIRST
        held = self._groups.on(claim, slot_id)
        if held:
            full = self._groups.why_no_seat(claim, held, place)
            return full or self._limit(claim, t, n) or self._groups.beside(claim, held, place)
        return self._limit(claim, t, n) or self._openable.why_not(claim, slot_id)

    def in_week(self, claim: Claim) -> Bound:
        """Return why no slot meets a claim: the reason of the slot that came nearest."""
        found: dict[str, Bound] = {}
        for slot_id in self._snapshot.slots:
            if claim.learner_id in self._snapshot.active[slot_id]:
                bound = self.in_slot(claim, slot_id)
                found.setdefault(bound.nearness, bound)
        if not found:
            return bounds.NO_SLOT
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
            return bounds.NO_PLACE
        if place.meeting is None:
            return bounds.exempt(place.exemption or "")
        if place.pin is not None:
            return bounds.SERVICE_THERE if place.pin.service else bounds.PIN_THERE
        if place.item is not None and place.item.service is not None:
            return bounds.SERVICE_THERE
        slots = self._standing.slots_of(claim)
        if len(slots) >= claim.sessions and slot_id not in slots:
            names = [self._snapshot.slots[one].label or one for one in slots]
            return bounds.met_in(names, claim.sessions)
        return None

    def _limit(self, claim: Claim, t: int, n: int) -> Bound | None:
        """Return what of the learner's week keeps the need out, with the seat here given up."""
        item = self._standing.item_of(claim)
        limit = None if item is None else self._standing.beside.limit(t, n, item)
        policy = self._snapshot.problem.policy
        if limit is Limit.MACHINE:
            return bounds.KEPT_OVER_WEEKS if self._keeps_more(n) else bounds.OWN_CHOICE
        if limit is Limit.HELP:
            return bounds.most_help(policy.need_seats_per_week)
        if limit is Limit.PREREQUISITE:
            most = int(self._standing.question.tables.group_limit[n, 0])
            return bounds.most_on_prerequisites(most)
        return bounds.ALONE if limit is Limit.ALONE else None

    def _keeps_more(self, n: int) -> bool:
        """Return whether weeks of little choice keep one seat of own choice more (S4)."""
        frame = self._standing.frame
        learner_id = frame.learners[n].learner_id
        share = self._snapshot.problem.policy.own_choice_share_milli
        services = sum(frame.seats_of_services(learner_id).values())
        return int(frame.present[:, n].sum()) - services >= 3 and any(
            one.own_choice_count * 1000 < share * one.slot_count
            for one in self._snapshot.problem.histories
            if one.learner_id == learner_id
        )
