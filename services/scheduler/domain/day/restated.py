"""What a week states of itself, added up anew after persons have changed seats.

Value, minutes of services, needs that are met, numbers, ranks of choices and hashes follow from
problem and seats alone; the proof of how near the best a week is holds no more, and is dropped.
"""

from collections import Counter
from dataclasses import replace

from services.scheduler.domain.check.basics import HELP, minutes_of
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.check.rights import service_for
from services.scheduler.domain.check.value import terms_in
from services.scheduler.domain.day.requests_after import with_requests_settled
from services.scheduler.domain.encode import hash_of_snapshot, week_hash
from services.scheduler.domain.model import Problem, SessionKind
from services.scheduler.domain.revision import Content
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.week import (
    Seat,
    SeatRule,
    ServiceMinutes,
    SlotCapacity,
    Summary,
    UnmetNeed,
    Week,
)

MICRO = 1_000_000
LOST = "The session that met it is not held: its adult is away, or the seat was moved."


def restated(before: Content, problem: Problem, week: Week) -> Content:
    """Return problem and week with all that the week states; raises ProblemError.

    `before`: the week as it was published, for what was said there and still stands.
    """
    problem = normalised(problem)
    week = _in_order(problem, week)
    index = Index(problem, week)
    week = replace(week, seats=tuple(_as_it_is(index, seat) for seat in week.seats))
    problem, week = with_requests_settled(problem, week)
    index = Index(problem, week)
    week = replace(
        week,
        snapshot_hash=hash_of_snapshot(problem),
        unmet=_unmet(index, before.week),
        capacity=tuple(_capacity(index, one, before) for one in week.capacity),
        services=_services(index, before.week),
        summary=_summary(index),
        terms=terms_in(index),
        breaches=(),
        certificates=(),
        assignment=None,
        bound_milli=0,
        week_hash="",
    )
    return Content(problem=problem, week=replace(week, week_hash=week_hash(week)))


def _in_order(problem: Problem, week: Week) -> Week:
    slots = sorted(problem.slots, key=lambda one: (one.date, one.start, one.end, one.slot_id))
    order = {slot.slot_id: place for place, slot in enumerate(slots)}
    return replace(
        week,
        sessions=tuple(
            sorted(week.sessions, key=lambda s: (order[s.slot_id], s.adult_id, s.session_id))
        ),
        seats=tuple(sorted(week.seats, key=lambda s: (s.learner_id, order[s.slot_id]))),
    )


def _as_it_is(index: Index, seat: Seat) -> Seat:
    """Return a seat with the rank of the choice that it meets, and the weight of its need.

    A need weighs less where a whole section has it, so who comes or goes may change the weight.
    """
    session = index.session_of(seat)
    choice = index.choice_met(seat.learner_id, session) if session is not None else None
    rank = choice.rank if choice is not None else 0
    weight = seat.weight_milli
    if seat.rule in (SeatRule.NEED, SeatRule.CHECK):
        claim = index.claims.get((seat.learner_id, seat.competency_id or ""))
        weight = claim.weight_milli if claim is not None else weight
    if (seat.choice_rank, seat.weight_milli) == (rank, weight):
        return seat
    return replace(seat, choice_rank=rank, weight_milli=weight)


def _met(index: Index) -> frozenset[tuple[str, str, bool]]:
    """Return what seats work on: learner, competency, and whether it is help."""
    found = set()
    for seat in index.week.seats:
        session = index.session_of(seat)
        if session is None or session.competency_id is None:
            continue
        if session.kind in HELP or session.kind is SessionKind.CHECK:
            found.add((seat.learner_id, session.competency_id, session.kind in HELP))
    return frozenset(found)


def _unmet(index: Index, before: Week) -> tuple[UnmetNeed, ...]:
    said = {(one.learner_id, one.competency_id): one for one in before.unmet}
    met = _met(index)
    here = _expected_in(index)
    found = []
    for (learner_id, competency_id), claim in index.claims.items():
        if not claim.is_help or learner_id not in here or (learner_id, competency_id, True) in met:
            continue
        lost = UnmetNeed(
            learner_id=learner_id,
            competency_id=competency_id,
            weight_milli=claim.weight_milli,
            rule=Rule.STAFF_AND_ROOMS,
            sentence=LOST,
        )
        found.append(said.get((learner_id, competency_id), lost))
    return tuple(sorted(found, key=lambda u: (-u.weight_milli, u.learner_id, u.competency_id)))


def _expected_in(index: Index) -> frozenset[str]:
    """Return the learners who are to have a place in some slot of the week."""
    slots = index.problem.slots
    return frozenset(i for i in index.learners if any(index.expects(i, slot) for slot in slots))


def _services(index: Index, before: Week) -> tuple[ServiceMinutes, ...]:
    said = {(one.learner_id, one.service): one for one in before.services}
    planned: Counter[tuple[str, str]] = Counter()
    for seat in index.week.seats:
        session = index.session_of(seat)
        service = service_for(index, seat.learner_id, session) if session is not None else None
        if session is not None and service is not None:
            planned[seat.learner_id, service.service] += minutes_of(session)
    found = []
    here = _expected_in(index)
    for one in index.problem.services:
        key = (one.learner_id, one.service)
        if one.learner_id not in here:
            continue
        short = planned[key] < one.minutes
        told = said.get(key)
        as_before = told is not None and told.planned_minutes == planned[key]
        sentence = told.sentence if told is not None and as_before else ""
        if short and not sentence:
            sentence = (
                f"{planned[key]} of {one.minutes} minutes of service {one.service} are left for"
                f" learner {one.learner_id} after a change: a session of it is not held."
                " The rest is carried to the make-up list."
            )
        found.append(
            ServiceMinutes(
                learner_id=one.learner_id,
                service=one.service,
                required_minutes=one.minutes,
                planned_minutes=planned[key],
                sentence=sentence if short else "",
            )
        )
    return tuple(sorted(found, key=lambda one: (one.learner_id, one.service)))


def _capacity(index: Index, one: SlotCapacity, before: Content) -> SlotCapacity:
    """Return what a slot holds now: who is expected, who is away, and who has no place."""
    slot = index.slots[one.slot_id]
    expected = [i for i in index.learners if index.expects(i, slot)]
    seated = {s.learner_id for s in index.week.seats if s.slot_id == one.slot_id}
    known = set(before.problem.absences)
    gone = {
        absence.adult_id
        for absence in index.problem.absences
        if absence not in known and (absence.adult_id, one.slot_id) in index.away
    }
    return replace(
        one,
        learners=one.learners + len(expected) - _expected(before.problem, one.slot_id),
        adults_available=max(one.adults_available - len(gone), 0),
        adults_absent=one.adults_absent + len(gone),
        short_of=sum(1 for i in expected if i not in seated),
    )


def _expected(problem: Problem, slot_id: str) -> int:
    slot = next(one for one in problem.slots if one.slot_id == slot_id)
    scope = slot.scope
    return sum(
        1
        for one in problem.learners
        if one.is_active_on(slot.date)
        and (scope is None or not scope.grades or one.grade in scope.grades)
        and (scope is None or not scope.tags or not set(scope.tags).isdisjoint(one.tags))
    )


def _summary(index: Index) -> Summary:
    week, met = index.week, _met(index)
    here = _expected_in(index)
    claims = [(key, claim) for key, claim in index.claims.items() if key[0] in here]
    needs = [(key, claim.weight_milli) for key, claim in claims if claim.is_help]
    checks = [key for key, claim in claims if not claim.is_help]
    needs_met = [weight for key, weight in needs if (*key, True) in met]
    weight = sum(each for _, each in needs)
    exemptions = sum(1 for seat in week.seats if seat.session_id is None)
    return replace(
        week.summary,
        learners=len(here),
        sessions=len(week.sessions),
        seats=len(week.seats) - exemptions,
        exemptions=exemptions,
        needs=len(needs),
        needs_met=len(needs_met),
        checks_due=len(checks),
        checks_met=sum(1 for key in checks if (*key, False) in met),
        need_weight_met_micro=sum(needs_met) * MICRO // weight if weight else MICRO,
        assignment_gap_micro=0,
        week_gap_micro=None,
    )
