"""H10: no help without enough evidence of a gap; H12: no seat whose rule its session belies."""

from collections.abc import Iterator

from services.scheduler.domain.check.basics import BY_NEED, HELP, OWN_CHOICE, PLAN_ANEW
from services.scheduler.domain.check.claims import Stands, floor_of
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.model import PinOrigin, RequestLevel, SessionKind
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import Breach, Seat, SeatRule, Session

# What each rule of a seat may lead to; the rules of pins may lead anywhere.
KINDS = {
    SeatRule.NEED: HELP,
    SeatRule.CHECK: (SessionKind.CHECK,),
    SeatRule.REASSESSMENT: (SessionKind.REASSESSMENT,),
    SeatRule.CHOICE: OWN_CHOICE,
    SeatRule.SERVICE: (SessionKind.SERVICE,),
    SeatRule.ENRICHMENT: (SessionKind.ENRICHMENT,),
    SeatRule.COMMONS: (SessionKind.COMMONS,),
}
BY_PIN = (SeatRule.PIN, SeatRule.SERVICE_PIN)


def breaches(index: Index) -> Iterator[Breach]:
    """Yield the seats that the evidence, or the kind of their session, does not bear out."""
    for seat in index.week.seats:
        session = index.session_of(seat)
        if session is None:
            continue
        if seat.rule is SeatRule.EXEMPT or session.kind not in KINDS.get(seat.rule, SessionKind):
            what = f"is by {seat.rule.value} in a {session.kind.value}"
            yield _breach(Rule.EXPLAINED, seat, what)
        yield from _false_acceptance(index, seat)
        if seat.rule in BY_PIN:
            yield from _false_pin(index, seat, session)
            continue
        if _is_unasked(index, seat, session):
            yield _breach(
                Rule.EXPLAINED, seat, "says that it was chosen, and no choice asks for it"
            )
        if session.kind.has_target:
            yield from _need(index, seat, session)


def _breach(rule: Rule, seat: Seat, what: str) -> Breach:
    message = f"The seat of learner {seat.learner_id} {what}. {PLAN_ANEW}"
    return Breach(rule=rule, slot_id=seat.slot_id, message=message)


def _false_acceptance(index: Index, seat: Seat) -> Iterator[Breach]:
    """Yield an acceptance that no pin tells of, or that is not told."""
    told = [pin.acceptance for pin in index.pins_for(seat) if pin.acceptance is not None]
    if seat.acceptance is None and told:
        yield _breach(Rule.EXPLAINED, seat, "was accepted, and does not say so")
    if seat.acceptance is not None and seat.acceptance not in told:
        yield _breach(Rule.EXPLAINED, seat, "says that it was accepted, and no pin does")


def _false_pin(index: Index, seat: Seat, session: Session) -> Iterator[Breach]:
    service = seat.rule is SeatRule.SERVICE_PIN
    key = (seat.learner_id, seat.slot_id)
    pins = [p for p in index.pins_of.get(key, ()) if p.service is service and p.offer_id]
    if pins and all(p.origin is PinOrigin.PLANNED for p in pins) and _speaks(index, seat, session):
        what = "says that a person gave it, and the planner did"
        yield _breach(Rule.EXPLAINED, seat, what)
    pinned = bool(pins)
    asked = index.granted.get(key, ())
    granted = any(not service or r.level is RequestLevel.SERVICE for r in asked)
    if not pinned and not granted:
        yield _breach(Rule.EXPLAINED, seat, "says that it is pinned, and no pin does")


def _speaks(index: Index, seat: Seat, session: Session) -> bool:
    """Return whether a seat says by itself why the planner gave it: it is for all, or for a need.

    In a slot that overlaps others the planner may know no time at which it would give it.
    """
    if len(index.meeting.get(session.slot_id, ())) > 1:
        return False
    if session.kind in OWN_CHOICE:
        return True
    claim = index.claims.get((seat.learner_id, session.competency_id or ""))
    if claim is None or session.kind not in BY_NEED:
        return False
    is_theirs = claim.need.adult_id in (None, session.adult_id)
    return is_theirs and (session.kind in HELP) is (claim.stands is Stands.HELP)


def _is_unasked(index: Index, seat: Seat, session: Session) -> bool:
    if seat.rule is SeatRule.CHOICE:
        return index.choice_met(seat.learner_id, session) is None
    reassesses = SeatRule.REASSESSMENT is seat.rule
    return reassesses and not index.asks_again(seat.learner_id, session)


def _need(index: Index, seat: Seat, session: Session) -> Iterator[Breach]:
    if seat.competency_id != session.competency_id:
        yield _breach(Rule.EXPLAINED, seat, "names another competency than its session")
    if session.kind is not SessionKind.REASSESSMENT:
        yield from _floor(index, seat)


def _floor(index: Index, seat: Seat) -> Iterator[Breach]:
    target = f"competency {seat.competency_id}"
    need = index.needs.get((seat.learner_id, seat.competency_id or ""))
    stands = floor_of(need, index.problem) if need is not None else None
    if need is None or stands is None:
        yield _breach(Rule.EVIDENCE_FLOOR, seat, f"has no gap in {target} behind it")
    elif seat.rule is SeatRule.NEED and stands is Stands.CHECK:
        what = f"rests on too little evidence for {target}"
        yield _breach(Rule.EVIDENCE_FLOOR, seat, what)
    elif seat.rule is SeatRule.CHECK and stands is Stands.HELP:
        what = f"checks {target}, of which there is evidence enough for help"
        yield _breach(Rule.EVIDENCE_FLOOR, seat, what)
    else:
        yield from _stated(index, seat)


def _stated(index: Index, seat: Seat) -> Iterator[Breach]:
    """Yield a weight, or evidence, that is not the need's."""
    claim = index.claims.get((seat.learner_id, seat.competency_id or ""))
    if claim is None:
        return
    if seat.weight_milli != claim.weight_milli:
        what = f"states a weight of {seat.weight_milli}, and its need weighs {claim.weight_milli}"
        yield _breach(Rule.EXPLAINED, seat, what)
    if not set(seat.evidence) <= set(claim.need.evidence):
        yield _breach(Rule.EXPLAINED, seat, "states evidence that its need does not rest on")
