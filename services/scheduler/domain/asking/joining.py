"""What was asked for on its way into a plan run: choices, requests, needs, agreed sessions."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from services.scheduler.domain.asking.bookings import Booking, BookingKind, BookingState
from services.scheduler.domain.asking.needs import SeenNeed, with_seen
from services.scheduler.domain.asking.rankings import MAX_CHOICES, RankedChoice, Standing
from services.scheduler.domain.asking.requests import AdultRequest
from services.scheduler.domain.asking.short_list import may_reassess
from services.scheduler.domain.history.past import PastWeek
from services.scheduler.domain.model import (
    Choice,
    Decision,
    LockedSession,
    Need,
    Offer,
    Problem,
    SessionKind,
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What people ask for in one week of a school."""

    standings: tuple[Standing, ...] = ()
    requests: tuple[AdultRequest, ...] = ()
    seen: tuple[SeenNeed, ...] = ()
    bookings: tuple[Booking, ...] = ()


def with_asked(problem: Problem, asked: Asked, earlier: Sequence[PastWeek]) -> Problem:
    """Return the problem with what people ask for; `earlier`: the weeks of school before it."""
    needs = with_seen(problem.needs, asked.seen, problem.monday, earlier)
    agreed = [one for one in asked.bookings if one.state is BookingState.AGREED]
    coached = [one for one in agreed if one.kind is BookingKind.COACHING]
    needs = _with_coaching(needs, coached)
    problem = replace(problem, needs=needs)
    return replace(
        problem,
        choices=(*problem.choices, *choices_of(problem, asked)),
        requests=(*problem.requests, *(one.asked() for one in asked.requests)),
        locked=(*problem.locked, *_agreed_sessions(problem, agreed)),
    )


def choices_of(problem: Problem, asked: Asked) -> Iterator[Choice]:
    """Yield each learner's choices by rank, and after them the re-assessments that were booked.

    What is not there any more, or was shown meanwhile, is left out; the ranks of the others stay.
    """
    offers = {one.offer_id: one for one in problem.offers}
    needs = {(one.learner_id, one.competency_id): one for one in problem.needs}
    learners = {one.learner_id for one in problem.learners}
    taken: dict[str, set[tuple[str | None, str | None, tuple[str, ...]]]] = defaultdict(set)
    for one in sorted(asked.standings, key=lambda each: each.learner_id):
        if one.ranking is None or one.learner_id not in learners:
            continue
        for rank, ranked in enumerate(one.ranking.choices, start=1):
            choice = _choice(one, rank, ranked, offers, needs, problem)
            if choice is not None and _key(choice) not in taken[one.learner_id]:
                taken[one.learner_id].add(_key(choice))
                yield choice
    yield from _booked(problem, asked.bookings, taken)


def _choice(  # noqa: PLR0917
    standing: Standing,
    rank: int,
    ranked: RankedChoice,
    offers: Mapping[str, Offer],
    needs: Mapping[tuple[str, str], Need],
    problem: Problem,
) -> Choice | None:
    offer = offers.get(ranked.offer_id)
    if ranked.offer_id and offer is None:
        return None
    again = offer is None or offer.kind is SessionKind.REASSESSMENT
    need = needs.get((standing.learner_id, ranked.competency_id))
    if again and (need is None or not may_reassess(need, problem)):
        return None
    slots = ranked.slot_ids or (offer.slot_ids if offer is not None and again else ())
    return Choice(
        learner_id=standing.learner_id,
        rank=rank,
        offer_id=None if again else ranked.offer_id,
        competency_id=ranked.competency_id or None,
        slot_ids=slots,
        confirmed=standing.is_confirmed,
    )


def _booked(
    problem: Problem,
    bookings: Sequence[Booking],
    taken: Mapping[str, set[tuple[str | None, str | None, tuple[str, ...]]]],
) -> Iterator[Choice]:
    learners = {one.learner_id for one in problem.learners}
    ranks: dict[str, int] = defaultdict(lambda: MAX_CHOICES)
    seen: set[tuple[str, str]] = set()
    for one in sorted(bookings, key=lambda each: (each.create_time, each.id)):
        key = (one.learner_id, one.competency_id)
        wanted = one.kind is BookingKind.REASSESSMENT and one.is_open
        if not wanted or one.learner_id not in learners or key in seen:
            continue
        seen.add(key)
        slots = (one.slot_id,) if one.slot_id else ()
        if (None, one.competency_id, slots) in taken.get(one.learner_id, set()):
            continue
        ranks[one.learner_id] += 1
        yield Choice(
            learner_id=one.learner_id,
            rank=ranks[one.learner_id],
            competency_id=one.competency_id,
            slot_ids=slots,
            confirmed=one.state is BookingState.AGREED,
        )


def _key(choice: Choice) -> tuple[str | None, str | None, tuple[str, ...]]:
    return (choice.offer_id, choice.competency_id, tuple(sorted(set(choice.slot_ids))))


def _with_coaching(needs: Sequence[Need], agreed: Sequence[Booking]) -> tuple[Need, ...]:
    """Return the needs, with those confirmed for which a coaching group was agreed (H10)."""
    found = {(one.learner_id, one.competency_id): one for one in needs}
    for one in agreed:
        key = (one.learner_id, one.competency_id)
        known = found.get(key) or Need(
            learner_id=one.learner_id,
            competency_id=one.competency_id,
            decision=Decision.INSUFFICIENT,
            level_milli=None,
        )
        found[key] = replace(known, confirmed=True)
    return tuple(found.values())


def _agreed_sessions(problem: Problem, agreed: Sequence[Booking]) -> Iterator[LockedSession]:
    """Yield each stated session that a booking was agreed for, once; the earliest fixes it."""
    offers = {one.offer_id: one for one in problem.offers}
    slots = {one.slot_id for one in problem.slots}
    taken = {(one.slot_id, one.offer_id) for one in problem.locked}
    for one in sorted(agreed, key=lambda each: (each.create_time, each.id)):
        key = (one.slot_id, one.offer_id)
        if (
            not one.is_stated
            or key in taken
            or one.slot_id not in slots
            or one.offer_id not in offers
        ):
            continue
        taken.add(key)
        yield LockedSession(
            slot_id=one.slot_id, offer_id=one.offer_id, competency_id=one.competency_id
        )
