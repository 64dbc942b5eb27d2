"""H10: no help without enough evidence of a gap, and no seat whose rule its session belies."""

from collections.abc import Iterator

from services.scheduler.domain.check.index import PLAN_ANEW, Index
from services.scheduler.domain.model import Need, SessionKind
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Breach, Seat, SeatRule

HELP = (SessionKind.SMALL_GROUP, SessionKind.ONE_TO_ONE)
# What each rule of a seat may lead to; the rules of pins may lead anywhere.
KINDS = {
    SeatRule.NEED: HELP,
    SeatRule.CHECK: (SessionKind.CHECK,),
    SeatRule.ENRICHMENT: (SessionKind.ENRICHMENT,),
    SeatRule.COMMONS: (SessionKind.COMMONS,),
}


def breaches(index: Index) -> Iterator[Breach]:
    """Yield the seats that the evidence, or the kind of their session, does not bear out."""
    for seat in index.week.seats:
        session = index.session_of(seat)
        if session is None:
            continue
        if seat.rule is SeatRule.EXEMPT or session.kind not in KINDS.get(seat.rule, SessionKind):
            yield _breach(
                Rule.EXPLAINED, seat, f"is by {seat.rule.value} in a {session.kind.value}"
            )
        if seat.rule in (SeatRule.PIN, SeatRule.SERVICE_PIN):
            yield from _false_pin(index, seat)
        elif session.kind.has_target:
            if seat.competency_id != session.competency_id:
                yield _breach(Rule.EXPLAINED, seat, "names another competency than its session")
            yield from _floor(index, seat)


def _breach(rule: Rule, seat: Seat, what: str) -> Breach:
    message = f"The seat of learner {seat.learner_id} {what}. {PLAN_ANEW}"
    return Breach(rule=rule, slot_id=seat.slot_id, message=message)


def _false_pin(index: Index, seat: Seat) -> Iterator[Breach]:
    service = seat.rule is SeatRule.SERVICE_PIN
    mine = (seat.learner_id, seat.slot_id)
    pins = [p for p in index.problem.pins if (p.learner_id, p.slot_id) == mine]
    if not any(pin.service is service and pin.offer_id is not None for pin in pins):
        yield _breach(Rule.EXPLAINED, seat, "says that it is pinned, and no pin does")


def _floor(index: Index, seat: Seat) -> Iterator[Breach]:
    need = index.needs.get((seat.learner_id, seat.competency_id or ""))
    if need is None or not _is_gap(index, need):
        yield _breach(
            Rule.EVIDENCE_FLOOR, seat, f"has no gap in competency {seat.competency_id} behind it"
        )
    elif seat.rule is SeatRule.NEED and not _is_enough(index, need):
        what = f"rests on too little evidence for competency {seat.competency_id}"
        yield _breach(Rule.EVIDENCE_FLOOR, seat, what)


def _is_gap(index: Index, need: Need) -> bool:
    policy = index.problem.policy
    low = need.level_milli is None or need.level_milli < policy.floor_level_milli
    return low and need.at_least_eight_tenths_micro < policy.floor_at_least_eight_tenths_micro


def _is_enough(index: Index, need: Need) -> bool:
    policy = index.problem.policy
    if need.newest_day is None or need.level_milli is None:
        return False
    age = (index.problem.as_of_day - need.newest_day).days
    counts = need.evidence_count >= policy.floor_evidence_count
    days = need.day_count >= policy.floor_day_count
    return counts and days and 0 <= age <= policy.floor_newest_days
