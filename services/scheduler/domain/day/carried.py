"""What persons changed after publishing, as a new plan run of the same week must keep it (H7).

Published seats come back as pins by themselves; substitutes and exemptions stand in no setting of
the school, and come from the problem of the revision.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from services.scheduler.domain.day.edits import CHANGED
from services.scheduler.domain.day.substitutes import SUBSTITUTE
from services.scheduler.domain.model import Offer, OptOut, Pin, Problem


@dataclass(frozen=True, kw_only=True)
class Carried:
    """Offers of substitutes, and pins that persons set after publishing."""

    offers: tuple[Offer, ...] = ()
    pins: tuple[Pin, ...] = ()


def opt_outs_under(offers: Collection[Offer], opt_outs: Collection[OptOut]) -> tuple[OptOut, ...]:
    """Return the opt-outs of what a substitute stands for, as opt-outs of the substitute's offer.

    Who has opted out of an offer has done so whoever leads it.
    """
    return tuple(
        replace(out, offer_id=one.offer_id)
        for one in offers
        for out in opt_outs
        if one.stands_for and one.stands_for == out.offer_id
    )


def carried_from(
    problem: Problem, *, own: Collection[Pin], learner_ids: Collection[str]
) -> Carried:
    """Return what of a published problem a new one keeps; a pin of the school's own comes first."""
    settled = {(one.learner_id, one.slot_id) for one in own}
    offers = tuple(one for one in problem.offers if one.offer_id.startswith(SUBSTITUTE))
    known = {one.offer_id for one in offers}
    return Carried(
        offers=offers,
        pins=tuple(
            one
            for one in problem.pins
            if one.pin_id.startswith(CHANGED)
            and (one.exemption is not None or one.offer_id in known)
            and (one.learner_id, one.slot_id) not in settled
            and one.learner_id in learner_ids
        ),
    )
