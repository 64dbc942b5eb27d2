"""Writes an outcome down as a `Week`: sessions, seats with reasons, unmet needs, numbers, hash."""

import hashlib
from collections import Counter
from dataclasses import replace

from services.scheduler.domain import encode, titles
from services.scheduler.domain.claims import Claim
from services.scheduler.domain.explain import sentences
from services.scheduler.domain.explain.capacity import capacity_report
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.rules import Entitlement
from services.scheduler.domain.search.board import Opening
from services.scheduler.domain.search.outcome import Outcome, Place
from services.scheduler.domain.search.reasons import Reasons
from services.scheduler.domain.week import (
    ALTERNATIVES_SHOWN,
    EVIDENCE_SHOWN,
    Alternative,
    Price,
    Seat,
    SeatRule,
    Session,
    SlotCertificate,
    Summary,
    UnmetNeed,
    Week,
)

MICRO = 1_000_000
ID_LENGTH = 16


def week_of(outcome: Outcome, *, seed: int, budget: int) -> Week:
    """Return the week with its hash."""
    writer = _Writer(outcome)
    capacity, short = capacity_report(outcome, seed)
    breaches = [*outcome.settled.breaches, *short]
    sessions, seats, unmet = writer.sessions(), writer.seats(), writer.unmet()
    certificates = writer.certificates()
    week = Week(
        school_id=outcome.snapshot.problem.school_id,
        monday=outcome.snapshot.problem.monday,
        snapshot_hash=encode.hash_of_snapshot(outcome.snapshot.problem),
        seed=seed,
        budget=budget,
        sessions=sessions,
        seats=seats,
        unmet=unmet,
        capacity=tuple(capacity),
        breaches=tuple(sorted(breaches, key=lambda b: (b.rule, b.slot_id, b.message))),
        certificates=certificates,
        summary=_summary(outcome, sessions, seats, certificates),
    )
    return replace(week, week_hash=encode.week_hash(week))


class _Writer:
    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._snapshot = outcome.snapshot
        self._reasons = Reasons(outcome)
        self._codes = tuple(c.code for c in outcome.snapshot.problem.competencies if c.code)
        self._labels = {
            c.competency_id: sentences.label_for_learner(
                c, self._snapshot.problem.policy, self._codes
            )
            for c in outcome.snapshot.problem.competencies
        }
        self._session_of = {o: self._session(o) for o in outcome.groups}

    def sessions(self) -> tuple[Session, ...]:
        """Return the sessions by slot in time, adult and id."""
        order = {slot_id: i for i, slot_id in enumerate(self._snapshot.slots)}
        found = self._session_of.values()
        return tuple(sorted(found, key=lambda s: (order[s.slot_id], s.adult_id, s.session_id)))

    def seats(self) -> tuple[Seat, ...]:
        """Return the seats by learner and slot in time."""
        order = {slot_id: i for i, slot_id in enumerate(self._snapshot.slots)}
        keys = sorted(self._outcome.places, key=lambda key: (key[0], order[key[1]]))
        return tuple(self._seat(learner_id, slot_id) for learner_id, slot_id in keys)

    def unmet(self) -> tuple[UnmetNeed, ...]:
        """Return the needs that pass the evidence floor and are not met, greatest first."""
        found = []
        for claim in self._snapshot.claims:
            if claim.entitlement is Entitlement.HELP and not _is_met(self._outcome, claim):
                bound = self._reasons.in_week(claim)
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

    def certificates(self) -> tuple[SlotCertificate, ...]:
        """Return the proof of each slot, slots in time."""
        found = []
        for slot_id in self._snapshot.slots:
            filled = self._outcome.filled[slot_id]
            prices = [
                Price(name=f"session:{self._session_of[opening].session_id}", price_milli=price)
                for opening, price in filled.prices.items()
            ]
            prices += [
                Price(name=f"room:{room_id}", price_milli=price)
                for room_id, price in filled.room_prices.items()
            ]
            found.append(
                SlotCertificate(
                    slot_id=slot_id,
                    value_milli=filled.value_milli,
                    bound_milli=filled.bound_milli,
                    prices=tuple(sorted(prices, key=lambda p: p.name)),
                )
            )
        return tuple(found)

    def _session(self, opening: Opening) -> Session:
        snapshot, offer = self._snapshot, opening.offer
        slot, room = snapshot.slots[opening.slot_id], snapshot.room_of(opening.offer)
        return Session(
            session_id=_session_id(snapshot.problem.monday.isoformat(), opening),
            slot_id=slot.slot_id,
            date=slot.date,
            start=slot.start,
            end=slot.end,
            kind=offer.kind,
            adult_id=offer.adult_id,
            room_id=offer.room_id,
            room_display_name=room.display_name if room is not None else "",
            competency_id=opening.competency_id,
            title=self._title(opening),
            cap=opening.cap,
            offer_id=offer.offer_id,
        )

    def _title(self, opening: Opening) -> str:
        competency = self._snapshot.competencies.get(opening.competency_id or "")
        wishes = [opening.offer.title, competency.label if competency is not None else ""]
        banned = self._snapshot.problem.policy.banned_words
        return titles.safe_title(opening.offer.kind, wishes, banned, self._codes)

    def _seat(self, learner_id: str, slot_id: str) -> Seat:
        place = self._outcome.places[learner_id, slot_id]
        opening, claim = place.opening, place.claim
        staff, learner = self._sentences(learner_id, slot_id, place)
        return Seat(
            learner_id=learner_id,
            slot_id=slot_id,
            session_id=None if opening is None else self._session_of[opening].session_id,
            exemption=place.exemption,
            rule=_rule_of(place),
            competency_id=None if claim is None else claim.competency_id,
            weight_milli=0 if claim is None else claim.weight_milli,
            staff_sentence=staff,
            learner_sentence=learner,
            evidence=() if claim is None else claim.need.evidence[:EVIDENCE_SHOWN],
            alternatives=self._alternatives(learner_id, slot_id, place),
        )

    def _sentences(self, learner_id: str, slot_id: str, place: Place) -> tuple[str, str]:
        """Return the reason for staff and the reason for the learner."""
        if place.pin is not None:
            return sentences.pin_for_staff(place.pin), _pin_for_learner(place)
        if place.opening is None:
            meets = self._where_else(learner_id, slot_id)
            return f"In {meets}, which overlaps this slot.", sentences.EXEMPT_FOR_LEARNER
        if place.claim is not None:
            competency = self._snapshot.competencies[place.claim.competency_id]
            return (
                sentences.claim_for_staff(place.claim, competency, self._snapshot.problem),
                sentences.claim_for_learner(place.claim, self._labels[competency.competency_id]),
            )
        title = self._session_of[place.opening].title
        staff = self._without_claim(learner_id, slot_id)
        if place.opening.offer.kind is SessionKind.ENRICHMENT:
            return staff, sentences.enrichment_for_learner(title)
        return staff, sentences.COMMONS_FOR_LEARNER

    def _without_claim(self, learner_id: str, slot_id: str) -> str:
        """Return why a learner sits where no need is met; no numbers, so that equals read alike."""
        claims = self._snapshot.claims_of.get(learner_id, ())
        open_claims = [c for c in claims if not _is_met(self._outcome, c)]
        if not open_claims:
            return "No open need or check; time of own choice is for all."
        if self._outcome.any_left[learner_id] <= 0:
            return "Keeps a place of own choice this week."
        needs = [c for c in open_claims if c.entitlement is Entitlement.HELP]
        cause = self._reasons.in_slot((needs or open_claims)[0], slot_id).cause
        if needs:
            return f"The greatest open need has no seat here: {cause}."
        return f"Only checks are open, and the greatest has no seat here: {cause}."

    def _where_else(self, learner_id: str, slot_id: str) -> str:
        for other in self._snapshot.clashes[slot_id]:
            place = self._outcome.places.get((learner_id, other))
            if place is not None and place.opening is not None:
                session = self._session_of[place.opening]
                label = self._snapshot.slots[other].label or other
                return f"{session.title} ({label}) until {sentences.clock(session.end)}"
        raise AssertionError("an overlap without the other seat")

    def _alternatives(self, learner_id: str, slot_id: str, place: Place) -> tuple[Alternative, ...]:
        served = place.opening.competency_id if place.opening is not None else None
        found: list[Alternative] = []
        for claim in self._snapshot.claims_of.get(learner_id, ()):
            if claim.competency_id == served:
                continue
            if len(found) == ALTERNATIVES_SHOWN:
                break
            bound = self._reasons.in_slot(claim, slot_id)
            found.append(
                Alternative(
                    competency_id=claim.competency_id, rule=bound.rule, sentence=bound.sentence
                )
            )
        return tuple(found)


def _session_id(monday: str, opening: Opening) -> str:
    parts = (monday, opening.slot_id, opening.offer.offer_id, opening.competency_id or "")
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:ID_LENGTH]


def _rule_of(place: Place) -> SeatRule:
    if place.opening is None:
        return SeatRule.EXEMPT
    if place.pin is not None:
        return SeatRule.SERVICE_PIN if place.pin.service else SeatRule.PIN
    if place.claim is not None:
        is_help = place.claim.entitlement is Entitlement.HELP
        return SeatRule.NEED if is_help else SeatRule.CHECK
    is_enrichment = place.opening.offer.kind is SessionKind.ENRICHMENT
    return SeatRule.ENRICHMENT if is_enrichment else SeatRule.COMMONS


def _pin_for_learner(place: Place) -> str:
    assert place.pin is not None
    if place.opening is None:
        return sentences.EXEMPT_FOR_LEARNER
    return sentences.SERVICE_FOR_LEARNER if place.pin.service else sentences.PIN_FOR_LEARNER


def _is_met(outcome: Outcome, claim: Claim) -> bool:
    """Return whether a session of the week works on a claim with its learner."""
    slot_id = outcome.met_in.get((claim.learner_id, claim.competency_id))
    if slot_id is None:
        return False
    opening = outcome.places[claim.learner_id, slot_id].opening
    assert opening is not None
    return opening.offer.kind.is_help is (claim.entitlement is Entitlement.HELP)


def _summary(
    outcome: Outcome,
    sessions: tuple[Session, ...],
    seats: tuple[Seat, ...],
    certificates: tuple[SlotCertificate, ...],
) -> Summary:
    snapshot = outcome.snapshot
    number: Counter[tuple[Entitlement, bool]] = Counter()
    weight: Counter[bool] = Counter()
    for claim in snapshot.claims:
        met = _is_met(outcome, claim)
        number[claim.entitlement, met] += 1
        if claim.entitlement is Entitlement.HELP:
            weight[met] += claim.weight_milli
    value = sum(abs(c.bound_milli) for c in certificates)
    gap = sum(c.bound_milli - c.value_milli for c in certificates)
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
        assignment_gap_micro=-(-gap * MICRO // value) if value else 0,
        openings_tried=outcome.plan.tried,
    )
