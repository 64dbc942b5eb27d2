"""What persons had agreed on with an adult who is away: it cannot be kept without them (H7)."""

from collections.abc import Collection
from dataclasses import replace

from services.scheduler.domain.model import Problem


def without_agreements(problem: Problem, away: Collection[tuple[str, str]]) -> Problem:
    """Return a problem without the sessions and pins that need an adult who is away then.

    `away`: adults and slots. A service's minutes stay required: what is not given is made up.
    """
    leads = {one.offer_id: (one.adult_id, *one.co_adult_ids) for one in problem.offers}

    def is_lost(slot_id: str, offer_id: str | None) -> bool:
        adults = leads.get(offer_id or "", ())
        return any((adult_id, slot_id) in away for adult_id in adults)

    return replace(
        problem,
        pins=tuple(one for one in problem.pins if not is_lost(one.slot_id, one.offer_id)),
        locked=tuple(one for one in problem.locked if not is_lost(one.slot_id, one.offer_id)),
    )
