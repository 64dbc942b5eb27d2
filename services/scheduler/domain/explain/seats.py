"""The seats of a week, each with the rule that gave it, its reasons and its alternatives."""

from services.scheduler.domain.engine import tables as engine
from services.scheduler.domain.explain import sentences
from services.scheduler.domain.explain.reasons import Reasons
from services.scheduler.domain.explain.sessions import Sessions
from services.scheduler.domain.explain.standing import Standing
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.question.answer import Meeting, Place
from services.scheduler.domain.rules import Entitlement
from services.scheduler.domain.week import (
    ALTERNATIVES_SHOWN,
    EVIDENCE_SHOWN,
    Alternative,
    Seat,
    SeatRule,
)

Reason = tuple[str, str]
"""What staff read, and what the learner reads."""


class Seats:
    """Writes the seats of one answer."""

    def __init__(self, standing: Standing, sessions: Sessions, reasons: Reasons) -> None:
        self._standing = standing
        self._snapshot = standing.snapshot
        self._sessions = sessions.of
        self._reasons = reasons
        problem = standing.snapshot.problem
        codes = tuple(c.code for c in problem.competencies if c.code)
        self._labels = {
            c.competency_id: sentences.label_for_learner(c, problem.policy, codes)
            for c in problem.competencies
        }

    def in_order(self) -> tuple[Seat, ...]:
        """Return the seats by learner and slot in time."""
        order = {slot_id: i for i, slot_id in enumerate(self._snapshot.slots)}
        places = self._standing.answer.places
        keys = sorted(places, key=lambda key: (key[0], order[key[1]]))
        return tuple(self._seat(*key, places[key]) for key in keys)

    def _seat(self, learner_id: str, slot_id: str, place: Place) -> Seat:
        meeting, rule = place.meeting, self._rule(learner_id, place)
        claim = place.item.claim if place.item is not None else None
        staff, learner = self._why(learner_id, slot_id, place, rule)
        choice = self._standing.choice_met(learner_id, meeting) if meeting is not None else None
        by = place.kept or place.pin
        is_by_target = rule in (SeatRule.NEED, SeatRule.CHECK, SeatRule.REASSESSMENT)
        return Seat(
            learner_id=learner_id,
            slot_id=slot_id,
            session_id=None if meeting is None else self._sessions[meeting].session_id,
            exemption=place.exemption,
            rule=rule,
            competency_id=meeting.competency_id if meeting is not None and is_by_target else None,
            weight_milli=0 if claim is None else claim.weight_milli,
            staff_sentence=staff,
            learner_sentence=learner,
            evidence=() if claim is None else claim.need.evidence[:EVIDENCE_SHOWN],
            alternatives=self._alternatives(learner_id, slot_id, meeting),
            choice_rank=0 if choice is None else choice.rank,
            acceptance=None if by is None else by.acceptance,
        )

    def _rule(self, learner_id: str, place: Place) -> SeatRule:
        """Return the rule that gave a place."""
        meeting, item = place.meeting, place.item
        if meeting is None:
            return SeatRule.EXEMPT
        if place.pin is not None:
            return SeatRule.SERVICE_PIN if place.pin.service else SeatRule.PIN
        if item is not None and item.claim is not None:
            is_help = item.claim.entitlement is Entitlement.HELP
            return SeatRule.NEED if is_help else SeatRule.CHECK
        kinds = {
            SessionKind.REASSESSMENT: SeatRule.REASSESSMENT,
            SessionKind.SERVICE: SeatRule.SERVICE,
        }
        if meeting.offer.kind in kinds:
            return kinds[meeting.offer.kind]
        if self._standing.choice_met(learner_id, meeting) is not None:
            return SeatRule.CHOICE
        is_enrichment = meeting.offer.kind is SessionKind.ENRICHMENT
        return SeatRule.ENRICHMENT if is_enrichment else SeatRule.COMMONS

    def _why(self, learner_id: str, slot_id: str, place: Place, rule: SeatRule) -> Reason:
        """Return the reason for staff and the reason for the learner."""
        if place.pin is not None:
            return sentences.pin_for_staff(place.pin), _pin_for_learner(place)
        if place.meeting is None:
            meets = self._where_else(learner_id, slot_id)
            return f"In {meets}, which overlaps this slot.", sentences.EXEMPT_FOR_LEARNER
        if rule in (SeatRule.NEED, SeatRule.CHECK):
            return self._by_claim(learner_id, place)
        if rule is SeatRule.REASSESSMENT:
            return self._by_reassessment(learner_id, place.meeting)
        if rule is SeatRule.SERVICE:
            assert place.item is not None
            assert place.item.service is not None
            staff = sentences.service_for_staff(place.item.service)
            return staff, sentences.SERVICE_FOR_LEARNER
        return self._of_own_choice(learner_id, slot_id, place.meeting, rule)

    def _by_claim(self, learner_id: str, place: Place) -> Reason:
        assert place.meeting is not None
        assert place.item is not None
        claim = place.item.claim
        assert claim is not None
        competency = self._snapshot.competencies[claim.competency_id]
        label = self._labels[claim.competency_id]
        staff = sentences.claim_for_staff(claim, competency, self._snapshot.problem)
        choice = self._standing.choice_met(learner_id, place.meeting)
        if choice is None:
            return staff, sentences.claim_for_learner(claim, label)
        staff = f"{staff} {sentences.choice_for_staff(choice)}"
        return staff, sentences.claim_for_learner(claim, label, chosen=True)

    def _by_reassessment(self, learner_id: str, meeting: Meeting) -> Reason:
        choice = self._standing.choice_met(learner_id, meeting)
        assert choice is not None
        competency = self._snapshot.competencies[meeting.competency_id or ""]
        return (
            sentences.reassessment_for_staff(choice, competency),
            sentences.reassessment_for_learner(self._labels[competency.competency_id]),
        )

    def _of_own_choice(
        self, learner_id: str, slot_id: str, meeting: Meeting, rule: SeatRule
    ) -> Reason:
        title = self._sessions[meeting].title
        choice = self._standing.choice_met(learner_id, meeting)
        if choice is not None:
            return sentences.choice_for_staff(choice), sentences.choice_for_learner(title)
        staff = self._without_claim(learner_id, slot_id, meeting)
        if rule is SeatRule.ENRICHMENT:
            return staff, sentences.enrichment_for_learner(title)
        return staff, sentences.COMMONS_FOR_LEARNER

    def _without_claim(self, learner_id: str, slot_id: str, meeting: Meeting) -> str:
        """Return why a learner sits where no need is met; no numbers, so that equals read alike."""
        standing = self._standing
        claims = self._snapshot.claims_of.get(learner_id, ())
        open_claims = [claim for claim in claims if not standing.is_met(claim)]
        if not open_claims:
            return "No open need or check; time of own choice is for all."
        t, n = standing.times[meeting], standing.frame.learner_index[learner_id]
        if standing.question.tables.no_need[t, n]:
            return "Keeps this slot for a confirmed choice."
        if standing.beside.is_used_up(n, engine.MACHINE):
            return "Keeps a place of own choice this week."
        needs = [c for c in open_claims if c.entitlement is Entitlement.HELP]
        claim = (needs or open_claims)[0]
        head = (
            "The greatest open need has" if needs else "Only checks are open, and the greatest has"
        )
        said = f"{head} no seat here: {self._reasons.as_given(claim, slot_id).cause}."
        kept = standing.answer.places[learner_id, slot_id].kept
        # What the planner said when the search was free is said again, and nothing that it is not.
        if kept is None or said == f"{kept.reason}.":
            return said
        return f"{head} no seat here: {self._reasons.in_slot(claim, slot_id).cause}."

    def _where_else(self, learner_id: str, slot_id: str) -> str:
        for other in self._snapshot.clashes[slot_id]:
            place = self._standing.answer.places.get((learner_id, other))
            if place is not None and place.meeting is not None:
                session = self._sessions[place.meeting]
                label = self._snapshot.slots[other].label or other
                return f"{session.title} ({label}) until {sentences.clock(session.end)}"
        raise AssertionError("an overlap without the other seat")

    def _alternatives(
        self, learner_id: str, slot_id: str, meeting: Meeting | None
    ) -> tuple[Alternative, ...]:
        served = meeting.competency_id if meeting is not None else None
        claims = self._snapshot.claims_of.get(learner_id, ())
        others = [claim for claim in claims if claim.competency_id != served]
        found = []
        for claim in others[:ALTERNATIVES_SHOWN]:
            bound = self._reasons.in_slot(claim, slot_id)
            found.append(
                Alternative(
                    competency_id=claim.competency_id, rule=bound.rule, sentence=bound.sentence
                )
            )
        return tuple(found)


def _pin_for_learner(place: Place) -> str:
    assert place.pin is not None
    if place.meeting is None:
        return sentences.EXEMPT_FOR_LEARNER
    if place.pin.service:
        return sentences.SERVICE_FOR_LEARNER
    return place.pin.learner_reason or sentences.PIN_FOR_LEARNER
