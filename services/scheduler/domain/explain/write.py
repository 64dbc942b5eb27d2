"""Writes an answer down as a `Week`: sessions, seats with reasons, unmet needs, numbers, prices."""

from collections import Counter

from services.scheduler.domain.explain.kept import standing_as_given
from services.scheduler.domain.explain.parts import parts_of
from services.scheduler.domain.explain.proof import certificate_of
from services.scheduler.domain.explain.reasons import Reasons
from services.scheduler.domain.explain.seats import Seats
from services.scheduler.domain.explain.sessions import Sessions
from services.scheduler.domain.explain.standing import Standing
from services.scheduler.domain.polish import Polished
from services.scheduler.domain.question.answer import Answer
from services.scheduler.domain.question.question import Question
from services.scheduler.domain.rules import Entitlement
from services.scheduler.domain.week import (
    RequestOutcome,
    Seat,
    Session,
    Summary,
    UnmetNeed,
    Week,
)

MICRO = 1_000_000


def week_of(
    question: Question,
    answer: Answer,
    polished: Polished,
    *,
    seed: int,
    budget: int,
    steps: int,
    requests: tuple[RequestOutcome, ...],
) -> Week:
    """Return the week without value and bound of its proof, and without hashes (`solve.finished`).

    `budget`: the steps that were asked for; `steps`: those that were taken.
    """
    standing = standing_as_given(question, answer)
    sessions = Sessions(standing)
    reasons = Reasons(standing, polished.seat_prices)
    held, seats = sessions.in_order(), Seats(standing, sessions, reasons).in_order()
    parts = parts_of(question, answer)
    problem = question.frame.snapshot.problem
    breaches = {*question.frame.settled.breaches, *parts.breaches}
    return Week(
        school_id=problem.school_id,
        monday=problem.monday,
        snapshot_hash="",
        seed=seed,
        budget=budget,
        sessions=held,
        seats=seats,
        unmet=_unmet(standing, reasons),
        capacity=parts.capacity,
        breaches=tuple(sorted(breaches, key=lambda b: (b.rule, b.slot_id, b.message))),
        certificates=(),
        summary=_summary(standing, held, seats, steps),
        terms=parts.terms,
        assignment=certificate_of(standing, sessions, polished),
        services=parts.services,
        notices=parts.notices,
        requests=tuple(sorted(requests, key=lambda one: one.request_id)),
    )


def _unmet(standing: Standing, reasons: Reasons) -> tuple[UnmetNeed, ...]:
    """Return the needs that pass the evidence floor and are not met, greatest first."""
    found = []
    for claim in standing.snapshot.claims:
        if claim.entitlement is Entitlement.HELP and not standing.is_met(claim):
            bound = reasons.in_week(claim)
            found.append(
                UnmetNeed(
                    learner_id=claim.learner_id,
                    competency_id=claim.competency_id,
                    weight_milli=claim.weight_milli,
                    rule=bound.rule,
                    sentence=bound.sentence,
                )
            )
    key = lambda u: (-u.weight_milli, u.learner_id, u.competency_id)  # noqa: E731
    return tuple(sorted(found, key=key))


def _summary(
    standing: Standing, sessions: tuple[Session, ...], seats: tuple[Seat, ...], steps: int
) -> Summary:
    snapshot = standing.snapshot
    number: Counter[tuple[Entitlement, bool]] = Counter()
    weight: Counter[bool] = Counter()
    for claim in snapshot.claims:
        met = standing.is_met(claim)
        number[claim.entitlement, met] += 1
        if claim.entitlement is Entitlement.HELP:
            weight[met] += claim.weight_milli
    all_weight = weight[True] + weight[False]
    exemptions = sum(1 for seat in seats if seat.session_id is None)
    return Summary(
        learners=len({i for ids in snapshot.active.values() for i in ids}),
        slots=len(snapshot.slots),
        sessions=len(sessions),
        seats=len(seats) - exemptions,
        exemptions=exemptions,
        needs=number[Entitlement.HELP, True] + number[Entitlement.HELP, False],
        needs_met=number[Entitlement.HELP, True],
        checks_due=number[Entitlement.CHECK, True] + number[Entitlement.CHECK, False],
        checks_met=number[Entitlement.CHECK, True],
        need_weight_met_micro=weight[True] * MICRO // all_weight if all_weight else MICRO,
        assignment_gap_micro=0,
        openings_tried=steps,
    )
