"""Why a pin or an agreed session cannot be kept by itself: what it names, scope, adults, target.

What stands in its way beside others is in `settle`. A fault says what, where, why and what to do.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from services.scheduler.domain.model import LockedSession, Offer, Pin
from services.scheduler.domain.pins.forced import Forced
from services.scheduler.domain.pins.index import Index
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.snapshot_index import is_in

ANEW = "and plan the week anew."
MOVE = f"Move or remove the pin, {ANEW}"
OTHER_ADULT = f"Offer it with an adult who can, or remove what asks for it, {ANEW}"
OTHER_ROOM = f"Offer another room, or move one of the two, {ANEW}"
OTHER_TARGET = f"Name another competency or none, {ANEW}"
FEWER = f"Remove a pin, or offer a larger room, {ANEW}"


@dataclass(frozen=True)
class Fault:
    """The rule that binds, a sentence that goes on after who asks, and what to do."""

    rule: Rule
    what: str
    mend: str = MOVE


def offer_faults(index: Index, wish: Pin | LockedSession) -> Iterator[Fault]:
    """Yield what is wrong with the offer that is asked for, in its slot."""
    snapshot = index.snapshot
    offer = snapshot.offers.get(wish.offer_id or "")
    where = f"slot {wish.slot_id}"
    if offer is None or not offer.stands_in(wish.slot_id):
        what = f"names an offer that does not stand in {where}: offer {wish.offer_id}"
        yield Fault(Rule.FREEZE, what)
        return
    for adult_id in (offer.adult_id, *offer.co_adult_ids):
        yield from _adult_faults(index, offer, adult_id, wish.slot_id)
    if offer.room_id is not None and not index.rooms_in(wish.slot_id, offer):
        what = f"finds no room of offer {offer.offer_id} open in {where}"
        yield Fault(Rule.STAFF_AND_ROOMS, what, f"Open a room or offer another, {ANEW}")
    if offer.kind.has_target and not snapshot.targets[offer.offer_id]:
        what = f"names offer {offer.offer_id}, and adult {offer.adult_id} may lead none of it"
        yield Fault(Rule.RIGHT_ADULT, what, OTHER_ADULT)
    if not index.tier_ids(offer):
        what = f"names offer {offer.offer_id}, which is for no tier of the school"
        yield Fault(Rule.STAFF_AND_ROOMS, what, f"Give the offer a tier of the policy, {ANEW}")


def _adult_faults(index: Index, offer: Offer, adult_id: str, slot_id: str) -> Iterator[Fault]:
    snapshot = index.snapshot
    adult = snapshot.adults.get(adult_id)
    where = f"slot {slot_id}"
    if adult is None:
        what = f"lacks a co-lead: adult {adult_id} of offer {offer.offer_id} is not known"
        yield Fault(Rule.STAFF_AND_ROOMS, what, OTHER_ADULT)
        return
    if adult.slot_ids and slot_id not in adult.slot_ids:
        what = f"falls in planning time: adult {adult_id} leads nothing in {where}"
        yield Fault(Rule.STAFF_AND_ROOMS, what, OTHER_ADULT)
    elif adult_id in snapshot.absent[slot_id]:
        what = f"has no adult: adult {adult_id} is away in {where}, the session is unstaffed"
        yield Fault(Rule.STAFF_AND_ROOMS, what, OTHER_ADULT)
    if not adult.may_lead(offer.kind):
        what = f"asks for offer {offer.offer_id}, which adult {adult_id} is not qualified to lead"
        yield Fault(Rule.RIGHT_ADULT, what, OTHER_ADULT)


def scope_faults(index: Index, pin: Pin, offer: Offer) -> Iterator[Fault]:
    """Yield why an offer is not for a learner (H4); no pin excuses that."""
    learner = index.snapshot.learners[pin.learner_id]
    if not is_in(offer.scope, learner):
        yield Fault(Rule.SCOPE, f"asks for offer {offer.offer_id}, which is not for the learner")
    mine = index.opt_outs.get(pin.learner_id, ())
    if any(one.offer_id == offer.offer_id or one.kind is offer.kind for one in mine):
        yield _opted_out(offer)


def target_faults(
    index: Index, before: Forced, wanted: str | None, learner_id: str = ""
) -> Iterator[Fault]:
    """Yield why a session cannot have a target, or a learner work on what is left for it."""
    offer = before.offer
    if wanted is not None:
        target = f"competency {wanted}"
        if wanted not in index.snapshot.targets[offer.offer_id]:
            what = f"asks for {target}, on which adult {offer.adult_id} may not lead the session"
            yield Fault(Rule.RIGHT_ADULT, what, OTHER_TARGET)
        elif before.competency_id not in (None, wanted):
            what = f"asks for {target}, and the session is on competency {before.competency_id}"
            yield Fault(Rule.FREEZE, what, OTHER_TARGET)
        elif wanted not in before.target_ids:
            what = f"asks for {target}, which is not for everybody who is pinned in the session"
            yield Fault(Rule.SCOPE, what, OTHER_TARGET)
    left = [one for one in before.target_ids if wanted in (None, one)]
    barred = [_target_fault(index, offer, one, learner_id) for one in left]
    if barred and all(barred):
        yield from (fault for fault in barred[:1] if fault is not None)


def targets_left(
    index: Index, before: Forced, wanted: str | None, learner_id: str = ""
) -> tuple[str | None, ...]:
    """Return the targets that are left where a wish is kept."""
    return tuple(
        one
        for one in before.target_ids
        if wanted in (None, one) and _target_fault(index, before.offer, one, learner_id) is None
    )


def first_targets(index: Index, offer: Offer) -> tuple[str | None, ...]:
    """Return what a session of an offer may work on; (None,) where that is nothing."""
    return index.snapshot.targets[offer.offer_id] or (None,)


def _target_fault(index: Index, offer: Offer, target: str | None, learner_id: str) -> Fault | None:
    """Return why a learner may not work on a target in an offer; None where nothing bars it."""
    if not offer.kind.has_target:
        return None
    competency = index.snapshot.competencies.get(target or "")
    subject = competency.subject if competency is not None else offer.subject
    outs = index.opt_outs.get(learner_id, ())
    if subject and any(one.subject == subject for one in outs):
        return _opted_out(offer)
    alone = index.only_adults.get((learner_id, target or ""))
    if offer.kind.is_help and alone not in (None, offer.adult_id):
        what = f"asks for offer {offer.offer_id}: adult {alone} alone may work with the learner"
        mend = f"Move the learner to a group of that adult, {ANEW}"
        return Fault(Rule.RIGHT_ADULT, f"{what} on competency {target}", mend)
    return None


def _opted_out(offer: Offer) -> Fault:
    what = f"asks for offer {offer.offer_id}, which the family has opted out of"
    return Fault(Rule.SCOPE, what, f"Ask the family, or remove the pin, {ANEW}")
