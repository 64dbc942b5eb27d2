"""Who may sit where by no person's word: scope (H4), own choice (H6), company (H8), claims (H10).

What a seat means for the rest of the learner's week is for `limits`; how many may sit in a
session, for `sizes`.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import cached_property

from services.scheduler.domain.check.basics import (
    BY_NEED,
    HELP,
    OWN_CHOICE,
    admits,
    interval,
    overlap,
    stands_on,
)
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.model import Choice, Offer, RequiredService, SessionKind, Slot
from services.scheduler.domain.week import Seat, Session


class Rights:
    """Answers for one week; what is asked often is found once."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._kept: dict[tuple[str, str], bool] = {}

    def may_sit(self, learner_id: str, session: Session) -> bool:
        """Return whether a learner may have a seat that no person has settled."""
        if not self._has_right(learner_id, session):
            return False
        in_scope = self.is_in_scope(learner_id, session)
        return in_scope and not self.is_kept_off(learner_id, session)

    def is_in_scope(self, learner_id: str, session: Session) -> bool:
        """Return whether a session is for a learner at all (H4)."""
        slot = self._index.slots.get(session.slot_id)
        offer = self._index.offers.get(session.offer_id)
        if slot is None or offer is None or not self._index.expects(learner_id, slot):
            return False
        return suits(self._index, learner_id, offer, session.competency_id)

    def is_kept_off(self, learner_id: str, session: Session) -> bool:
        """Return whether somebody sits there by a person's word who is kept apart (H8)."""
        others = self._kept_from(learner_id, session.date)
        return bool(others) and not others.isdisjoint(self.settled_beside(session))

    def meets_apart(self, learner_id: str, session: Session) -> bool:
        """Return whether somebody sits there who is kept apart, by whosever word (H8)."""
        others = self._kept_from(learner_id, session.date)
        return bool(others) and any(seat.learner_id in others for seat in self._beside(session))

    def settled_beside(self, session: Session) -> frozenset[str]:
        """Return who sits by a person's word in a session, or beside it in one room."""
        seats = self._beside(session)
        return frozenset(seat.learner_id for seat in seats if self._index.is_fixed(seat))

    def _kept_from(self, learner_id: str, day: date) -> set[str]:
        apart = self._apart.get(learner_id, ())
        return {other for other, until in apart if stands_on(until, day)}

    def _beside(self, session: Session) -> Iterator[Seat]:
        """Yield the seats of a session and of those beside it in one room."""
        beside = {session.session_id}
        for one in self._index.week.sessions:
            same_room = one.room_id is not None and one.room_id == session.room_id
            if same_room and overlap(interval(one), interval(session)):
                beside.add(one.session_id)
        for session_id in sorted(beside):
            yield from self._index.seats_in.get(session_id, [])

    def keeps_choice(self, learner_id: str, slot: Slot) -> bool:
        """Return whether confirmed choices keep a machine's needs out of the slot (H6).

        Rich work that names the slot; and in a slot of own choice, but for who is far behind, the
        dearest choice that can be had there, if it is not itself of help or a check.
        """
        key = (learner_id, slot.slot_id)
        if key not in self._kept:
            own = slot.own_choice and learner_id not in self._index.far_behind
            mine = (c for c in self._index.choices_of.get(learner_id, ()) if c.confirmed)
            there = [c for c in mine if self._can_be_had(c, slot)]
            rich = any(self._is_rich_then(c, slot) for c in there)
            self._kept[key] = rich or (own and there != [] and not self._is_by_need(there[0]))
        return self._kept[key]

    def _is_by_need(self, choice: Choice) -> bool:
        offer = self._index.offers.get(choice.offer_id or "")
        return offer is not None and offer.kind in BY_NEED

    def _is_rich_then(self, choice: Choice, slot: Slot) -> bool:
        offer = self._index.offers.get(choice.offer_id or "")
        if offer is None or offer.kind in BY_NEED:
            return False
        return offer.rich and slot.slot_id in choice.slot_ids

    def _has_right(self, learner_id: str, session: Session) -> bool:
        if session.kind in OWN_CHOICE:
            return True
        if session.kind is SessionKind.SERVICE:
            return service_for(self._index, learner_id, session) is not None
        if session.kind is SessionKind.REASSESSMENT:
            return self._index.asks_again(learner_id, session)
        return self._has_claim(learner_id, session)

    def _has_claim(self, learner_id: str, session: Session) -> bool:
        claim = self._index.claims.get((learner_id, session.competency_id or ""))
        helps = session.kind in HELP
        if claim is None or claim.is_help is not helps:
            return False
        if helps and claim.need.adult_id not in (None, session.adult_id):
            return False
        slot = self._index.slots.get(session.slot_id)
        return slot is not None and not self.keeps_choice(learner_id, slot)

    def _can_be_had(self, choice: Choice, slot: Slot) -> bool:
        """Return whether some offer could be held in the slot and give the learner the choice."""
        if choice.slot_ids and slot.slot_id not in choice.slot_ids:
            return False
        return any(
            can_hold(self._index, offer, slot)
            and suits(self._index, choice.learner_id, offer, target)
            for offer in self._offers_for(choice)
            for target in self._targets(choice, offer)
        )

    def _targets(self, choice: Choice, offer: Offer) -> Iterator[str | None]:
        """Yield on what a session of an offer could meet a choice: of help, what is needed."""
        if offer.kind not in BY_NEED:
            yield choice.competency_id
            return
        for need in self._index.needs_of.get(choice.learner_id, ()):
            claim = self._index.claims.get((need.learner_id, need.competency_id))
            helps = offer.kind in HELP
            if claim is None or claim.is_help is not helps:
                continue
            wanted = choice.competency_id in (None, need.competency_id)
            right = not helps or need.adult_id in (None, offer.adult_id)
            if wanted and right and works_on(self._index, offer, need.competency_id):
                yield need.competency_id

    def _offers_for(self, choice: Choice) -> list[Offer]:
        if choice.offer_id is not None:
            offer = self._index.offers.get(choice.offer_id)
            return [] if offer is None else [offer]
        target = choice.competency_id or ""
        return [offer for offer in self._reassessing if works_on(self._index, offer, target)]

    @cached_property
    def _reassessing(self) -> list[Offer]:
        offers = self._index.problem.offers
        return [offer for offer in offers if offer.kind is SessionKind.REASSESSMENT]

    @cached_property
    def _apart(self) -> dict[str, list[tuple[str, date | None]]]:
        found: dict[str, list[tuple[str, date | None]]] = defaultdict(list)
        for rule in self._index.problem.keep_apart:
            found[rule.learner_id].append((rule.other_id, rule.expire_date))
            found[rule.other_id].append((rule.learner_id, rule.expire_date))
        return found


def suits(index: Index, learner_id: str, offer: Offer, competency_id: str | None) -> bool:
    """Return whether an offer is for a learner: its scope, and what the family opted out of."""
    learner = index.learners.get(learner_id)
    if learner is None or not admits(offer.scope, learner):
        return False
    return not opts_out(index, learner_id, offer, competency_id)


def opts_out(index: Index, learner_id: str, offer: Offer, competency_id: str | None) -> bool:
    """Return whether the family has opted out of an offer, its kind or the target's subject."""
    target = index.competencies.get(competency_id or "")
    return any(
        (out.offer_id is not None and out.offer_id == offer.offer_id)
        or out.kind is offer.kind
        or (target is not None and out.subject == target.subject != "")
        for out in index.opt_outs_of.get(learner_id, ())
    )


def service_for(index: Index, learner_id: str, session: Session) -> RequiredService | None:
    """Return the required service that a seat in a session delivers; None: it delivers none."""
    offer = index.offers.get(session.offer_id)
    if session.kind is not SessionKind.SERVICE or offer is None:
        return None
    mine = index.services_of.get(learner_id, ())
    wanted = (one for one in mine if one.service == offer.service)
    return next((r for r in wanted if r.adult_id in (None, session.adult_id)), None)


def works_on(index: Index, offer: Offer, competency_id: str) -> bool:
    """Return whether a session of an offer may have a target: offered, by a qualified lead (H9)."""
    target = index.competencies.get(competency_id)
    adult = index.adults.get(offer.adult_id)
    if target is None or adult is None or target.subject not in adult.subjects:
        return False
    if offer.subject not in ("", target.subject):
        return False
    return competency_id in offer.competencies if offer.competencies else bool(offer.subject)


def can_hold(index: Index, offer: Offer, slot: Slot) -> bool:
    """Return whether an offer can be held in a slot: its adults are there, and a room is open."""
    if offer.slot_ids and slot.slot_id not in offer.slot_ids:
        return False
    leads = (offer.adult_id, *offer.co_adult_ids)
    if not all(can_lead(index, adult_id, offer.kind, slot.slot_id) for adult_id in leads):
        return False
    rooms = [index.rooms[room_id] for room_id in offer.room_ids if room_id in index.rooms]
    return not offer.room_ids or any(slot.slot_id not in r.closed_slot_ids for r in rooms)


def can_lead(index: Index, adult_id: str, kind: SessionKind, slot_id: str) -> bool:
    """Return whether an adult is there in a slot, has no planning time, and is qualified."""
    adult = index.adults.get(adult_id)
    if adult is None or (adult_id, slot_id) in index.away:
        return False
    planning = bool(adult.slot_ids) and slot_id not in adult.slot_ids
    return not planning and (not adult.kinds or kind in adult.kinds)
