"""Why a request can never be kept, and what to do about it: what it names, scope, adult, target.

What only stands in its way this week (a higher request, a full group) is no fault: see `taken`.
"""

from collections.abc import Iterator
from dataclasses import replace

from services.scheduler.domain import rules
from services.scheduler.domain.model import Competency, Learner, Offer, OptOut, Request, Scope, Slot
from services.scheduler.domain.requests.index import Index
from services.scheduler.domain.requests.order import subject_of


def fault_of(request: Request, index: Index) -> str | None:
    """Return the first fault as a part of a sentence, with its mend; None where there is none."""
    return next(_faults(request, index), None)


def _faults(request: Request, index: Index) -> Iterator[str]:
    learner = index.learners.get(request.learner_id)
    slot = index.slots.get(request.slot_id)
    offer = index.offers.get(request.offer_id)
    if learner is None:
        yield f"learner {request.learner_id} is not in the school, so name one who is"
    elif slot is None:
        yield f"slot {request.slot_id} is not in the week, so name one of its slots"
    elif offer is None:
        yield (
            f"offer {request.offer_id} is not known, or its adult or room is not, so name another"
            " offer or complete it"
        )
    else:
        yield from _slot_faults(learner, slot, offer)
        yield from _staff_faults(slot, offer, index)
        yield from _scope_faults(request, learner, offer, index)
        if request.competency_id is not None and offer.kind.has_target:
            yield from _target_faults(request, offer, index)
        elif offer.kind.has_target:
            yield from _no_target(request, offer, index)


def _slot_faults(learner: Learner, slot: Slot, offer: Offer) -> Iterator[str]:
    who, where = f"learner {learner.learner_id}", f"slot {slot.slot_id}"
    if not offer.stands_in(slot.slot_id):
        yield f"offer {offer.offer_id} does not stand in {where}, so name a slot in which it does"
    if not learner.is_active_on(slot.date):
        yield f"{who} is not enrolled on the day of {where}, so cancel it or mend the enrolment"
    if not _admits(slot.scope, learner):
        yield f"{where} is not for {who}, so name a slot that is"


def _staff_faults(slot: Slot, offer: Offer, index: Index) -> Iterator[str]:
    what, where = f"offer {offer.offer_id}", f"slot {slot.slot_id}"
    for adult in index.adults_of(offer):
        who = f"adult {adult.adult_id}"
        if not index.is_there(adult, slot):
            yield f"{who}, who leads {what}, is not there in {where}, so name another offer or slot"
        if not adult.may_lead(offer.kind):
            yield f"{who} may not lead what {what} is, so name the offer of an adult who may"
    if offer.room_id is not None and not index.rooms_in(slot, offer):
        yield f"no room of {what} is open in {where}, so name another offer or slot"


def _scope_faults(request: Request, learner: Learner, offer: Offer, index: Index) -> Iterator[str]:
    who = f"learner {learner.learner_id}"
    if not _admits(offer.scope, learner):
        yield f"offer {offer.offer_id} is not for {who}, so name an offer that is"
    subject = subject_of(offer, request.competency_id if offer.kind.has_target else None, index)
    mine = index.opt_outs.get(learner.learner_id, ())
    if any(_bars(one, offer, subject) for one in mine):
        yield f"the family of {who} has opted out of it, so name another offer or ask the family"


def _target_faults(request: Request, offer: Offer, index: Index) -> Iterator[str]:
    what = f"competency {request.competency_id}"
    adult = index.adults[offer.adult_id]
    competency = index.competencies.get(request.competency_id or "")
    if competency is None:
        yield f"{what} is not known, so name another or none"
    elif not rules.may_work_on(adult, offer, competency):
        yield (
            f"offer {offer.offer_id} of adult {adult.adult_id} cannot work on {what}, so name"
            " another offer or competency"
        )
    elif offer.kind.is_help:
        yield from _other_adult(request, offer, competency, index)


def _no_target(request: Request, offer: Offer, index: Index) -> Iterator[str]:
    """Yield that nothing an offer could work on is for the learner, where no target is named."""
    named = (replace(request, competency_id=one) for one in index.competencies)
    mine = index.opt_outs.get(request.learner_id, ())
    if not any(
        next(_target_faults(one, offer, index), None) is None
        and not any(_bars(out, offer, subject_of(offer, one.competency_id, index)) for out in mine)
        for one in named
    ):
        yield (
            f"adult {offer.adult_id} may work on no competency of offer {offer.offer_id} with"
            f" learner {request.learner_id}, so name another offer"
        )


def _other_adult(
    request: Request, offer: Offer, competency: Competency, index: Index
) -> Iterator[str]:
    alone = index.only_adults.get((request.learner_id, competency.competency_id))
    if alone not in (None, offer.adult_id):
        yield (
            f"adult {alone} alone may work on competency {competency.competency_id} with learner"
            f" {request.learner_id}, so name an offer of theirs"
        )


def _admits(scope: Scope | None, learner: Learner) -> bool:
    if scope is None:
        return True
    graded = not scope.grades or learner.grade in scope.grades
    return graded and (not scope.tags or not set(scope.tags).isdisjoint(learner.tags))


def _bars(opt_out: OptOut, offer: Offer, subject: str) -> bool:
    named = opt_out.offer_id == offer.offer_id or opt_out.kind is offer.kind
    return named or (opt_out.subject != "" and opt_out.subject == subject)
