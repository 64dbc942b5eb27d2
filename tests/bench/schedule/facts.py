"""What a problem says of its week, read anew for the benchmark: claims, places, who may sit where.

The rules are those of docs/scheduling.md. Nothing here is shared with the planner or its check, so
that a mistake of theirs is not a mistake of the measures as well.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import cached_property

from services.scheduler.domain.model import (
    Adult,
    Choice,
    Competency,
    GroupHistory,
    Learner,
    Mode,
    Offer,
    Pin,
    Problem,
    Scope,
    SessionKind,
    Slot,
)
from services.scheduler.domain.numbers import Policy, Tier
from tests.bench.schedule.claims import Claim, claims_of, half_up, level_of
from tests.bench.schedule.seating import Held


class Facts:
    """A problem with everything that is asked of it often."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.policy: Policy = problem.policy
        self.slots: dict[str, Slot] = {
            slot.slot_id: slot
            for slot in sorted(
                problem.slots, key=lambda slot: (slot.date, slot.start, slot.slot_id)
            )
        }
        self.adults: dict[str, Adult] = {one.adult_id: one for one in problem.adults}
        self.rooms = {one.room_id: one for one in problem.rooms}
        self.offers: dict[str, Offer] = {one.offer_id: one for one in problem.offers}
        self.learners: dict[str, Learner] = {
            one.learner_id: one for one in sorted(problem.learners, key=lambda one: one.learner_id)
        }
        self.competencies: dict[str, Competency] = {
            one.competency_id: one for one in problem.competencies
        }
        self.pins: dict[tuple[str, str], Pin] = {
            (pin.learner_id, pin.slot_id): pin for pin in problem.pins if pin.offer_id is not None
        }
        self.exempt = {
            (pin.learner_id, pin.slot_id) for pin in problem.pins if pin.exemption is not None
        }
        self.claims = claims_of(self)

    # Learners

    @cached_property
    def claims_of(self) -> dict[str, list[Claim]]:
        """Return each learner's claims, heaviest first."""
        found: dict[str, list[Claim]] = defaultdict(list)
        for claim in sorted(self.claims.values(), key=lambda one: (-one.weight_milli, one.key)):
            found[claim.need.learner_id].append(claim)
        return found

    @cached_property
    def choices_of(self) -> dict[str, list[Choice]]:
        """Return each learner's choices by rank."""
        found: dict[str, list[Choice]] = defaultdict(list)
        for choice in sorted(self.problem.choices, key=lambda one: (one.learner_id, one.rank)):
            found[choice.learner_id].append(choice)
        return found

    @cached_property
    def expected(self) -> dict[str, list[str]]:
        """Return who needs a place in each slot, sorted: active, in scope and not exempt."""
        return {
            slot_id: [
                learner_id
                for learner_id, learner in self.learners.items()
                if learner.is_active_on(slot.date)
                and in_scope(learner, slot.scope)
                and (learner_id, slot_id) not in self.exempt
            ]
            for slot_id, slot in self.slots.items()
        }

    @cached_property
    def expected_sets(self) -> dict[str, set[str]]:
        """Return the same as sets."""
        return {slot_id: set(names) for slot_id, names in self.expected.items()}

    @cached_property
    def slots_of(self) -> dict[str, list[str]]:
        """Return the slots in which each learner needs a place, by time."""
        found: dict[str, list[str]] = {learner_id: [] for learner_id in self.learners}
        for slot_id, names in self.expected.items():
            for learner_id in names:
                found[learner_id].append(slot_id)
        return found

    def far_behind(self, learner: Learner) -> bool:
        """Whether the learner is far behind, as the guided plan or the competencies due say."""
        if learner.far_behind is not None:
            return learner.far_behind
        due = self._due
        if not due:
            return False
        below = sum((learner.learner_id, name) in self._far_below for name in due)
        return 1000 * below >= self.policy.far_behind_share_milli * len(due)

    @cached_property
    def _due(self) -> list[str]:
        return [
            one.competency_id
            for one in self.problem.competencies
            if one.essential and one.due_date is not None and one.due_date <= self.problem.as_of_day
        ]

    @cached_property
    def _far_below(self) -> set[tuple[str, str]]:
        return {
            (need.learner_id, need.competency_id)
            for need in self.problem.needs
            if level_of(need) < self.policy.far_behind_level_milli
        }

    # Limits of a learner's week

    def machine_limit(self, learner_id: str, open_slots: list[str]) -> int:
        """Return the most help and check seats of a week (S3, S4).

        `open_slots` are those in which the learner has a place and no service. Of two or more,
        some stay for own choice; of three or more one more, where own choice was rare of late.
        """
        count = self._apart_in_time(open_slots)
        keep = self.policy.own_choice_seats_per_week if count >= 2 else 0
        keep += count >= 3 and learner_id in self._rarely_chose
        return max(count - keep, 0)

    def _apart_in_time(self, slot_ids: list[str]) -> int:
        """Return how many slots there are, where those that meet count once."""
        kept: list[Slot] = []
        for slot in (self.slots[name] for name in slot_ids):
            if not any(slot.meets(other) for other in kept):
                kept.append(slot)
        return len(kept)

    @cached_property
    def _rarely_chose(self) -> set[str]:
        share = self.policy.own_choice_share_milli
        return {
            one.learner_id
            for one in self.problem.histories
            if one.own_choice_count * 1000 < share * one.slot_count
        }

    @cached_property
    def built_on(self) -> dict[tuple[str, str], list[str]]:
        """Return the help claims on which others of the learner build, and which those are (S1)."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for (learner_id, competency_id), claim in sorted(self.claims.items()):
            for below in self.competencies[competency_id].prerequisites if claim.help else ():
                other = self.claims.get((learner_id, below))
                if other is not None and other.help and below != competency_id:
                    found[learner_id, below].append(competency_id)
        return found

    def prerequisite_limit(self, learner_id: str) -> int:
        """Return the most seats of a week on what other needs build on."""
        slots = len(self.slots_of[learner_id])
        return self.policy.prerequisite_share_milli * slots // 1000

    @cached_property
    def first_need_milli(self) -> dict[str, int]:
        """Return what each learner's first help seat of the week brings."""
        weeks = {one.learner_id: one.weeks_without_need_seat for one in self.problem.histories}
        weights = self.policy.weights
        return {
            name: weights.first_need_milli * min(weeks.get(name, 0) + 1, weights.first_need_weeks)
            for name in self.learners
        }

    # Services

    @cached_property
    def service_sessions(self) -> dict[tuple[str, str], int]:
        """Return how many sessions of each required service a learner needs."""
        found: dict[tuple[str, str], int] = {}
        for one in self.problem.services:
            minutes = [self.slots[s].minutes for s in self.slots_of.get(one.learner_id, [])]
            shortest = min(minutes, default=0)
            found[one.learner_id, one.service] = -(-one.minutes // shortest) if shortest else 0
        return found

    @cached_property
    def service_adults(self) -> dict[tuple[str, str], str | None]:
        """Return the one adult who delivers a service, where it is one."""
        return {(one.learner_id, one.service): one.adult_id for one in self.problem.services}

    # What may be held

    @cached_property
    def away(self) -> set[tuple[str, str]]:
        """Return the adults and slots in which they are absent."""
        return {
            (one.adult_id, slot.slot_id)
            for one in self.problem.absences
            for slot in self.slots.values()
            if slot.date == one.date and (not one.slot_ids or slot.slot_id in one.slot_ids)
        }

    def adult_can(self, adult_id: str, kind: SessionKind, slot_id: str) -> bool:
        """Whether an adult is there and may lead a kind of session in a slot."""
        adult = self.adults.get(adult_id)
        return (
            adult is not None
            and (adult_id, slot_id) not in self.away
            and (not adult.slot_ids or slot_id in adult.slot_ids)
            and adult.may_lead(kind)
        )

    def leaders(self, offer: Offer) -> tuple[str, ...]:
        """Return who leads an offer's sessions."""
        return (offer.adult_id, *offer.co_adult_ids)

    def rooms_in(self, offer: Offer, slot_id: str) -> list[str]:
        """Return the rooms in which an offer may be held in a slot; "" where it needs none."""
        if offer.room_id is None:
            return [""]
        return [
            name
            for name in offer.room_ids
            if name in self.rooms and slot_id not in self.rooms[name].closed_slot_ids
        ]

    def targets(self, offer: Offer) -> list[str]:
        """Return the competencies on which an offer's sessions may work; "" where it has none."""
        if not offer.kind.has_target:
            return [""]
        adult = self.adults.get(offer.adult_id)
        if adult is None or not (offer.competencies or offer.subject):
            return []
        names = offer.competencies or tuple(self.competencies)
        return [name for name in names if self._may_target(offer, adult, name)]

    def _may_target(self, offer: Offer, adult: Adult, name: str) -> bool:
        one = self.competencies.get(name)
        return (
            one is not None and one.subject in adult.subjects and offer.subject in ("", one.subject)
        )

    def tiers(self, offer: Offer) -> list[str]:
        """Return the tiers of which an offer's sessions may be; "" where they have none."""
        if not (offer.kind.is_help and self.policy.tiers):
            return [""]
        every = [tier.tier_id for tier in self.policy.tiers]
        return [name for name in every if not offer.tier_ids or name in offer.tier_ids]

    def offerings(self, offer: Offer) -> list[tuple[str, str]]:
        """Return the pairs of competency and tier in which an offer's sessions may be held."""
        return [(name, tier) for name in self.targets(offer) for tier in self.tiers(offer)]

    def can_be_held(self, offer: Offer, slot_id: str) -> bool:
        """Whether an offer can be held in a slot by itself: its adults, its slots and a room."""
        return (
            offer.stands_in(slot_id)
            and all(self.adult_can(name, offer.kind, slot_id) for name in self.leaders(offer))
            and bool(self.rooms_in(offer, slot_id))
        )

    def openings(self) -> Iterator[Held]:
        """Yield every session that could be held, without its room, by slot and offer."""
        for slot_id in self.slots:
            for offer in self.problem.offers:
                if self.can_be_held(offer, slot_id):
                    for competency_id, tier_id in self.offerings(offer):
                        yield Held(slot_id, offer.offer_id, competency_id, tier_id)

    def tier_named(self, tier_id: str) -> Tier | None:
        """Return a tier of the policy."""
        return next((one for one in self.policy.tiers if one.tier_id == tier_id), None)

    def chosen_cap(self, held: Held) -> int | None:
        """Return the cap of policy and offer, which a pin with a reason may exceed."""
        offer, policy = self.offers[held.offer_id], self.policy
        tier = self.tier_named(held.tier_id)
        by_kind = {
            SessionKind.SMALL_GROUP: tier.cap if tier else policy.small_group_cap,
            SessionKind.ONE_TO_ONE: policy.one_to_one_cap,
            SessionKind.CHECK: policy.check_cap,
            SessionKind.REASSESSMENT: policy.check_cap,
            SessionKind.ENRICHMENT: policy.enrichment_cap,
        }.get(offer.kind)
        known = [limit for limit in (by_kind, offer.cap or None) if limit is not None]
        return min(known) if known else None

    def room_cap(self, held: Held, room_id: str) -> int | None:
        """Return how many a room holds in the layout of a session; None without a room."""
        if not room_id:
            return None
        return self.rooms[room_id].capacity_for(self.offers[held.offer_id].layout)

    def cap(self, held: Held, room_id: str) -> int:
        """Return the most learners of a session in a room, legal groups apart."""
        limits = (self.chosen_cap(held), self.room_cap(held, room_id))
        known = [limit for limit in limits if limit is not None]
        return min(known) if known else self.policy.enrichment_cap

    def minimum(self, held: Held) -> int:
        """Return the fewest learners for whom a session is held."""
        offer = self.offers[held.offer_id]
        if offer.kind in (SessionKind.ONE_TO_ONE, SessionKind.SERVICE, SessionKind.COMMONS):
            return 1
        tier = self.tier_named(held.tier_id)
        of_tier = tier.minimum if tier else 0
        return max(offer.minimum or of_tier or self.policy.session_minimum, 1)

    def preparation(self, held: Held) -> tuple[SessionKind, str] | None:
        """Return what the lead prepares for a session; None where it asks for nothing."""
        offer = self.offers[held.offer_id]
        if offer.kind in (SessionKind.COMMONS, SessionKind.SERVICE):
            return None
        return offer.kind, held.competency_id or held.offer_id

    # Who may sit where

    def opted_out(self, learner_id: str, held: Held) -> bool:
        """Whether a family has opted the learner out of a session."""
        outs = self._opt_outs.get(learner_id, ())
        offer = self.offers[held.offer_id]
        target = self.competencies.get(held.competency_id)
        return any(
            one.offer_id == offer.offer_id
            or one.kind is offer.kind
            or (target is not None and one.subject != "" and one.subject == target.subject)
            for one in outs
        )

    @cached_property
    def _opt_outs(self):
        found = defaultdict(list)
        for one in self.problem.opt_outs:
            found[one.learner_id].append(one)
        return found

    def may_sit(self, learner_id: str, held: Held) -> bool:
        """Whether a learner may sit in a session, weekly limits and the company apart."""
        offer = self.offers[held.offer_id]
        return (
            learner_id in self.expected_sets[held.slot_id]
            and in_scope(self.learners[learner_id], offer.scope)
            and not self.opted_out(learner_id, held)
            and self._has_cause(learner_id, held, offer)
        )

    def _has_cause(self, learner_id: str, held: Held, offer: Offer) -> bool:
        if offer.kind.is_own_choice:
            return True
        if offer.kind is SessionKind.SERVICE:
            key = learner_id, offer.service
            named = self.service_adults.get(key)
            return key in self.service_adults and named in (None, offer.adult_id)
        if offer.kind is SessionKind.REASSESSMENT:
            return self.reassessment_choice(learner_id, held) is not None
        claim = self.claim_of(learner_id, held)
        return (
            claim is not None
            and (not claim.help or claim.need.adult_id in (None, offer.adult_id))
            and (learner_id, held.slot_id) not in self.own_choice_first
        )

    def claim_of(self, learner_id: str, held: Held) -> Claim | None:
        """Return the claim that a seat in a help session or a check would meet."""
        kind = self.offers[held.offer_id].kind
        claim = self.claims.get((learner_id, held.competency_id))
        if claim is None or not (kind.is_help or kind is SessionKind.CHECK):
            return None
        return claim if claim.help == kind.is_help else None

    def reassessment_choice(self, learner_id: str, held: Held) -> Choice | None:
        """Return the choice of a re-assessment that a seat would meet."""
        return next(
            (
                one
                for one in self.choices_of.get(learner_id, [])
                if one.offer_id is None
                and one.competency_id == held.competency_id
                and (not one.slot_ids or held.slot_id in one.slot_ids)
            ),
            None,
        )

    def offer_choices(self, learner_id: str, held: Held) -> list[Choice]:
        """Return the choices of its offer that a seat would meet and that count, by rank.

        In enrichment and commons all of them, elsewhere the dearest.
        """
        kind = self.offers[held.offer_id].kind
        met = [
            one
            for one in self.choices_of.get(learner_id, [])
            if one.offer_id == held.offer_id
            and (not one.slot_ids or held.slot_id in one.slot_ids)
            and (not kind.has_target or one.competency_id in (None, held.competency_id))
        ]
        return met if kind.is_own_choice else met[:1]

    @cached_property
    def own_choice_first(self) -> set[tuple[str, str]]:
        """Return the learners and slots in which a confirmed choice comes before a need (H6)."""
        return {
            (learner_id, slot_id)
            for slot_id, slot in self.slots.items()
            for learner_id, choices in self.choices_of.items()
            if learner_id in self.learners
            and self._come_first([one for one in choices if one.confirmed], slot)
        }

    def _come_first(self, choices: list[Choice], slot: Slot) -> bool:
        """Whether confirmed choices come before needs: the dearest of own choice, or rich work."""
        there = [one for one in choices if self._stands(one, slot.slot_id)]
        if any(self._is_rich_then(one, slot) for one in there):
            return True
        if not there or not slot.own_choice:
            return False
        is_behind = self.far_behind(self.learners[there[0].learner_id])
        return not is_behind and not self._is_by_need(there[0])

    def _is_by_need(self, choice: Choice) -> bool:
        offer = self.offers.get(choice.offer_id or "")
        return offer is not None and (offer.kind.is_help or offer.kind is SessionKind.CHECK)

    def _is_needed(self, choice: Choice, offer: Offer) -> bool:
        found = (self.claims.get((choice.learner_id, one)) for one in self.targets(offer))
        return any(
            claim.help == offer.kind.is_help
            and choice.competency_id in (None, claim.need.competency_id)
            and (not claim.help or claim.need.adult_id in (None, offer.adult_id))
            for claim in found
            if claim is not None
        )

    def _is_rich_then(self, choice: Choice, slot: Slot) -> bool:
        offer = self.offers.get(choice.offer_id or "")
        if offer is None or self._is_by_need(choice):
            return False
        return offer.rich and slot.slot_id in choice.slot_ids

    def _stands(self, choice: Choice, slot_id: str) -> bool:
        if choice.slot_ids and slot_id not in choice.slot_ids:
            return False
        if choice.offer_id is not None:
            offer = self.offers.get(choice.offer_id)
            stands = offer is not None and offer.stands_in(slot_id)
            return stands and (not self._is_by_need(choice) or self._is_needed(choice, offer))
        return (choice.competency_id, slot_id) in self._reassessable

    @cached_property
    def _reassessable(self) -> set[tuple[str, str]]:
        return {
            (name, slot_id)
            for slot_id in self.slots
            for offer in self.problem.offers
            if offer.kind is SessionKind.REASSESSMENT and self.can_be_held(offer, slot_id)
            for name in self.targets(offer)
        }

    def candidates(self, held: Held) -> list[str]:
        """Return who may sit in a session, sorted."""
        admitted = self._admitted(self.offers[held.offer_id].scope)
        return [
            name
            for name in self._likely(held)
            if name in admitted and (name not in self._special or self.may_sit(name, held))
        ]

    @cached_property
    def _special(self) -> set[str]:
        """Return the learners of whom more must be asked: opt-outs, and the one adult for them."""
        named = {key[0] for key, adult_id in self.service_adults.items() if adult_id is not None}
        named |= {one.need.learner_id for one in self.claims.values() if one.need.adult_id}
        return named | set(self._opt_outs)

    def _likely(self, held: Held) -> list[str]:
        """Return who has a cause to sit in a kind of session on a target in a slot."""
        offer = self.offers[held.offer_id]
        if offer.kind.is_own_choice:
            return self.expected[held.slot_id]
        about = held.competency_id if offer.kind.has_target else offer.service
        key = held.slot_id, offer.kind, about
        if key not in self._likely_known:
            found = [n for n in self._concerned(offer.kind, about) if self._is_free(n, held)]
            self._likely_known[key] = found
        return self._likely_known[key]

    @cached_property
    def _likely_known(self) -> dict[tuple[str, SessionKind, str], list[str]]:
        return {}

    def _concerned(self, kind: SessionKind, about: str) -> list[str]:
        if kind is SessionKind.SERVICE:
            return self._receivers.get(about, [])
        if kind is SessionKind.REASSESSMENT:
            return self._askers.get(about, [])
        return self._claimants.get((about, kind.is_help), [])

    def _is_free(self, learner_id: str, held: Held) -> bool:
        """Whether a slot is the learner's, and theirs for a session of this kind."""
        kind, slot_id = self.offers[held.offer_id].kind, held.slot_id
        if learner_id not in self.expected_sets[slot_id]:
            return False
        if kind is SessionKind.REASSESSMENT:
            return self.reassessment_choice(learner_id, held) is not None
        machine = kind.is_help or kind is SessionKind.CHECK
        return not (machine and (learner_id, slot_id) in self.own_choice_first)

    def _admitted(self, scope: Scope | None) -> set[str]:
        """Return the learners whom a scope admits."""
        if scope not in self._by_scope:
            self._by_scope[scope] = {
                name for name, learner in self.learners.items() if in_scope(learner, scope)
            }
        return self._by_scope[scope]

    @cached_property
    def _by_scope(self) -> dict[Scope | None, set[str]]:
        return {}

    @cached_property
    def _receivers(self) -> dict[str, list[str]]:
        found = defaultdict(list)
        for learner_id, service in sorted(self.service_adults):
            found[service].append(learner_id)
        return found

    @cached_property
    def _askers(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for learner_id, choices in sorted(self.choices_of.items()):
            names = {one.competency_id for one in choices if one.offer_id is None}
            for name in sorted(name for name in names if name is not None):
                found[name].append(learner_id)
        return found

    @cached_property
    def _claimants(self) -> dict[tuple[str, bool], list[str]]:
        found = defaultdict(list)
        for (learner_id, competency_id), claim in sorted(self.claims.items()):
            found[competency_id, claim.help].append(learner_id)
        return found

    # What a seat is worth

    @cached_property
    def group_histories(self) -> dict[tuple[str, str], GroupHistory]:
        """Return what is known of a learner's groups on a competency."""
        return {(one.learner_id, one.competency_id): one for one in self.problem.group_histories}

    def fitted(self, claim: Claim, held: Held) -> int:
        """Return a help claim's weight in a session of a tier (S2)."""
        own, policy = claim.tier, self.policy
        if own is None or held.tier_id == own.tier_id:
            return claim.weight_milli
        fits = {fit.tier_id: fit.share_milli for fit in own.fits}
        share = fits.get(held.tier_id, policy.weights.other_tier_milli)
        return half_up(claim.weight_milli * share, 1000)

    def in_mode(self, milli: int, held: Held) -> int:
        """Return what is left of a weight among peers or at a screen."""
        weights = self.policy.weights
        share = {Mode.PEER: weights.peer_milli, Mode.SCREEN: weights.screen_milli}.get(
            self.offers[held.offer_id].mode
        )
        return milli if share is None else half_up(milli * share, 1000)

    def repeat_loss(self, claim: Claim) -> int:
        """Return what each seat beyond the first on one need is worth less."""
        return half_up(claim.weight_milli * (1000 - self.policy.weights.repeat_milli), 1000)

    def continuity(self, claim: Claim, held: Held) -> int:
        """Return what it is worth that a help seat goes on from the weeks before (S5)."""
        history = self.group_histories.get(claim.key)
        if history is None:
            return 0
        weights = self.policy.weights
        same = history.adult_id != "" and history.adult_id == self.offers[held.offer_id].adult_id
        return weights.same_adult_milli * same + weights.continued_milli * history.last_week

    def rank_milli(self, choice: Choice) -> int:
        """Return what a seat that meets a choice of an offer is worth (S3)."""
        weights = self.policy.weights
        offer = self.offers.get(choice.offer_id or "")
        of_help = offer is not None and not offer.kind.is_own_choice
        ranks = weights.choice_of_help_ranks_milli if of_help else weights.choice_ranks_milli
        return ranks[choice.rank - 1] if choice.rank <= len(ranks) else 0

    def knows_lead(self, learner_id: str, held: Held) -> bool:
        """Whether the session's lead teaches the learner (S8)."""
        return self.offers[held.offer_id].adult_id in self.learners[learner_id].adult_ids

    # Company

    @cached_property
    def apart(self) -> list[tuple[str, str, date | None]]:
        """Return the pairs that are kept apart, and the first day without the rule."""
        return [(r.learner_id, r.other_id, r.expire_date) for r in self.problem.keep_apart]

    def apart_in(self, slot_id: str) -> set[frozenset[str]]:
        """Return the pairs that are kept apart in a slot."""
        day = self.slots[slot_id].date
        return {frozenset((a, b)) for a, b, end in self.apart if end is None or day < end}

    def together_in(self, slot_id: str) -> list[tuple[str, str]]:
        """Return the pairs that are kept together in a slot."""
        day = self.slots[slot_id].date
        return [
            (rule.learner_id, rule.other_id)
            for rule in self.problem.keep_together
            if rule.expire_date is None or day < rule.expire_date
        ]


def in_scope(learner: Learner, scope: Scope | None) -> bool:
    """Whether a scope admits a learner."""
    if scope is None:
        return True
    by_grade = not scope.grades or learner.grade in scope.grades
    return by_grade and (not scope.tags or any(tag in scope.tags for tag in learner.tags))
