"""What teachers would hold, each choosing alone: something popular among those whom they know.

Of the sessions 55 % are groups of the widest tier, 5 % of the others, 28 % enrichment and 12 %
commons; now and then a check, a re-assessment or one-to-one help, of whoever offers them. What
adults have agreed and services come first.
"""

import random
from collections import Counter, defaultdict

from services.scheduler.domain.model import Offer, SessionKind
from tests.bench.schedule.facts import Facts
from tests.bench.schedule.seating import Held

WIDE, OTHER_TIER, ENRICHMENT, COMMONS, SELDOM = 0.55, 0.05, 0.28, 0.12, 0.04
SHARES = {
    SessionKind.ENRICHMENT: ENRICHMENT,
    SessionKind.COMMONS: COMMONS,
    SessionKind.CHECK: SELDOM,
    SessionKind.REASSESSMENT: SELDOM,
    SessionKind.ONE_TO_ONE: SELDOM,
}
KNOWN = (0.5, 1.5)
"""How far a teacher's idea of demand is off: a factor from and to."""


def teacher_openings(facts: Facts, seed: int) -> list[Held]:
    """Return the sessions that teachers choose to hold, by slot and adult."""
    return _Staffroom(facts, seed).openings()


class _Staffroom:
    def __init__(self, facts: Facts, seed: int) -> None:
        self.facts, self.rng = facts, random.Random(seed)
        self.held: list[Held] = []
        self.busy: set[tuple[str, str]] = set()
        """Adults and slots, rooms and slots."""
        self.prepared: dict[str, set] = defaultdict(set)
        self.led: Counter[str] = Counter()
        self.served: Counter[tuple[str, str]] = Counter()
        """The places that each adult has on a competency or in an offer."""
        self.offers: dict[str, list[Offer]] = defaultdict(list)
        for offer in facts.problem.offers:
            self.offers[offer.adult_id].append(offer)
        self._enriches = {
            adult_id: any(offer.kind is SessionKind.ENRICHMENT for offer in self.offers[adult_id])
            for adult_id in facts.adults
        }
        self.demand = self._demand()

    def openings(self) -> list[Held]:
        self._agreed()
        self._services()
        for slot_id in self.facts.slots:
            for adult_id in self.facts.adults:
                if (adult_id, slot_id) not in self.busy:
                    self._choose(adult_id, slot_id)
        return sorted(self.held)

    def _demand(self) -> dict[str, Counter[str]]:
        """Return how many ask for what: in each tier as far as it suits them."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        tiers = [tier.tier_id for tier in self.facts.policy.tiers] or [""]
        for (_, competency_id), claim in self.facts.claims.items():
            for tier in tiers if claim.help else ():
                worth = self.facts.fitted(claim, Held("", "", competency_id, tier))
                found[tier][competency_id] += worth / claim.weight_milli
            found["check"][competency_id] += not claim.help
        for choices in self.facts.choices_of.values():
            for choice in choices:
                found["choice"][choice.offer_id or choice.competency_id or ""] += 1
        return found

    # What comes first

    def _agreed(self) -> None:
        pins = sorted(self.facts.pins.items(), key=lambda item: item[0])
        wanted = [(s, pin.offer_id or "", pin.competency_id, "") for (_, s), pin in pins]
        wanted += [
            (one.slot_id, one.offer_id, one.competency_id, one.tier_id)
            for one in self.facts.problem.locked
        ]
        for slot_id, offer_id, competency_id, tier_id in wanted:
            offer = self.facts.offers[offer_id]
            options = [
                Held(slot_id, offer_id, name, tier)
                for name, tier in self.facts.offerings(offer)
                if competency_id in (None, name) and tier_id in ("", tier)
            ]
            if (offer.adult_id, slot_id) not in self.busy and options:
                self._open(options[-1])

    def _services(self) -> None:
        """Let adults deliver services from the first slot on, until there are places for all."""
        needed: Counter[str] = Counter()
        for (_, service), count in self.facts.service_sessions.items():
            needed[service] += count
        for slot_id in self.facts.slots:
            for offer in self.facts.problem.offers:
                held = Held(slot_id, offer.offer_id)
                if offer.kind is not SessionKind.SERVICE or needed[offer.service] <= 0:
                    continue
                if self.facts.can_be_held(offer, slot_id) and self._open(held):
                    needed[offer.service] -= self.facts.cap(held, self.held[-1].room_id)

    # What each chooses

    def _choose(self, adult_id: str, slot_id: str) -> None:
        """Let an adult hold something of a drawn kind, or commons where that cannot be."""
        load = self.facts.adults[adult_id].load
        if load and self.led[adult_id] >= load:
            return
        options = [
            held
            for offer in self.offers[adult_id]
            if offer.kind is not SessionKind.SERVICE and self.facts.can_be_held(offer, slot_id)
            for held in self._sessions(offer, slot_id)
        ]
        parts = sorted({self._part(held) for held in options})
        while parts:
            part = self.rng.choices(parts, weights=[share for share, _ in parts])[0]
            parts.remove(part)
            mine = [held for held in options if self._part(held) == part]
            mine.sort(key=self._liking, reverse=True)
            if any(self._open(held) for held in mine):
                return

    def _sessions(self, offer: Offer, slot_id: str) -> list[Held]:
        return [
            held
            for name, tier in self.facts.offerings(offer)
            if self._can_prepare(held := Held(slot_id, offer.offer_id, name, tier))
        ]

    def _part(self, held: Held) -> tuple[float, str]:
        """Return the share of sessions to which one belongs, and its name."""
        kind = self.facts.offers[held.offer_id].kind
        if kind is not SessionKind.SMALL_GROUP:
            return SHARES[kind], kind.value
        tiers = self.facts.policy.tiers
        widest = max(tiers, key=lambda tier: tier.cap).tier_id if tiers else ""
        return (WIDE, "wide") if held.tier_id == widest else (OTHER_TIER, held.tier_id)

    def _liking(self, held: Held) -> float:
        """Return how many a teacher takes to be left for a session, whom they have not served."""
        offer = self.facts.offers[held.offer_id]
        if offer.kind is SessionKind.CHECK:
            asked = self.demand["check"][held.competency_id]
        elif offer.kind.is_help:
            asked = self.demand[held.tier_id][held.competency_id]
        else:
            asked = self.demand["choice"][held.competency_id or held.offer_id]
        guess = asked * self.rng.uniform(*KNOWN)
        return guess - self.served[offer.adult_id, held.competency_id or held.offer_id]

    def _can_prepare(self, held: Held) -> bool:
        """Whether the lead has prepared it, or may prepare one thing more.

        Of two or more things, one is for enrichment.
        """
        offer = self.facts.offers[held.offer_id]
        preparation = self.facts.preparation(held)
        if preparation is None:
            return True
        limits = (
            (f"{offer.adult_id} week", self.facts.adults[offer.adult_id].preparations or 10**6),
            (self._day(offer, held), self.facts.policy.preparations_per_day),
        )
        other = offer.kind is not SessionKind.ENRICHMENT and self._enriches[offer.adult_id]
        return all(
            preparation in self.prepared[span]
            or (
                len(self.prepared[span]) < most
                and not (other and most > 1 and self._others(span) >= most - 1)
            )
            for span, most in limits
        )

    def _others(self, span: str) -> int:
        return sum(kind is not SessionKind.ENRICHMENT for kind, _ in self.prepared[span])

    def _day(self, offer: Offer, held: Held) -> str:
        return f"{offer.adult_id} {self.facts.slots[held.slot_id].date}"

    def _open(self, held: Held) -> bool:
        """Hold a session in the first free room, if its adults are free and there is one."""
        offer = self.facts.offers[held.offer_id]
        meeting = [s for s, slot in self.facts.slots.items() if slot.meets(self._slot(held))]
        if any((name, s) in self.busy for name in self.facts.leaders(offer) for s in meeting):
            return False
        for room_id in self.facts.rooms_in(offer, held.slot_id):
            room = self.facts.rooms.get(room_id)
            alone = room is not None and not room.shared
            if not (alone and any((room_id, s) in self.busy for s in meeting)):
                self._take(held, offer, room_id)
                return True
        return False

    def _slot(self, held: Held):
        return self.facts.slots[held.slot_id]

    def _take(self, held: Held, offer: Offer, room_id: str) -> None:
        self.held.append(
            Held(held.slot_id, held.offer_id, held.competency_id, held.tier_id, room_id)
        )
        self.busy |= {(name, held.slot_id) for name in (*self.facts.leaders(offer), room_id)}
        self.led.update(self.facts.leaders(offer))
        cap = self.facts.cap(held, room_id)
        self.served[offer.adult_id, held.competency_id or held.offer_id] += cap
        preparation = self.facts.preparation(held)
        if preparation is not None:
            self.prepared[f"{offer.adult_id} week"].add(preparation)
            self.prepared[self._day(offer, held)].add(preparation)
