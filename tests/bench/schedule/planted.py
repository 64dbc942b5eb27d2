"""Schools whose best week is known, because it was there before the school.

A hidden week is drawn first: every session exactly full, every adult in one in every slot. Then
each learner gets the needs and choices that make this the best week that they could have if they
were alone, and lesser ones that lead elsewhere. So no week that delivers every service is worth
more than every learner's best week alone, and the hidden one is worth as much.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from services.scheduler.domain.model import (
    Adult,
    Choice,
    Decision,
    GroupHistory,
    KeepApart,
    Learner,
    LearnerHistory,
    Need,
    Offer,
    Pin,
    Problem,
    RequiredService,
    Room,
    Scope,
    SessionKind,
)
from services.scheduler.domain.numbers import Policy
from tests.bench.schedule.facts import Facts
from tests.bench.schedule.frame import (
    AS_OF,
    AS_OF_DAY,
    MONDAY,
    SLOT_MINUTES,
    Post,
    Shape,
    apart_pairs,
    competency_id,
    learner_id,
    plain_competencies,
    posts_of,
    slots_of,
)
from tests.bench.schedule.prototype import (
    APART_SHARE,
    HELD_TIERS,
    LIGHT,
    PINNED_SHARE,
    TARGETED,
    WEEKS_WITHOUT,
    drawn_weight,
    policy_of,
)
from tests.bench.schedule.seating import Held, Seating

UNIT = 300
"""Learners come by so many, and to each unit belong so many sessions of a slot:"""
ENRICHMENTS, OF_TARGETED, OF_INTENSIVE, SERVICES = 4, 10, 4, 1
IN_ENRICHMENT, IN_TARGETED, IN_INTENSIVE, IN_SERVICE = 30, 15, 6, 6
TEACHERS = ENRICHMENTS + OF_TARGETED + OF_INTENSIVE
SLOTS = 5
OWN_CHOICES = 2
"""Each learner's enrichments of the hidden week, and so many stay for own choice."""
MOST_HELP = SLOTS - OWN_CHOICES
SERVICE = "special education"
PREPARED = 2
"""The competencies that an adult works on in the hidden week, beside one enrichment."""
EQUAL_SHARE = 0.2
"""Of the lesser needs, those that weigh as much as the least of the hidden week."""
CONTINUED_SHARE = 0.25


@dataclass(frozen=True)
class Planted:
    """A school, the value of its best week and a week that has it."""

    problem: Problem
    optimum_milli: int
    hidden: Seating


def planted_school(learners: int, seed: int) -> Planted:
    """Return a school of 300 learners or a multiple, with five slots."""
    if learners % UNIT:
        raise ValueError(f"learners come by {UNIT}")
    return _Planter(learners, seed).planted()


def best_alone_milli(facts: Facts, name: str) -> int:
    """Return the most that a learner's week could be worth if every session were theirs alone.

    For schools like these: tiers that suit every need, and value from help and choices only.
    """
    services = sum(n for (i, _), n in facts.service_sessions.items() if i == name)
    slots = len(facts.slots_of[name]) - services
    helps = sorted(_help_values(facts, name), reverse=True)
    choices = sorted((facts.rank_milli(c) for c in facts.choices_of[name]), reverse=True)
    most = min(
        facts.policy.need_seats_per_week,
        facts.machine_limit(name, facts.slots_of[name][:slots]),
    )
    enrichments = facts.policy.enrichment_seats_per_week
    return max(
        sum(helps[:count])
        + sum(choices[: min(slots - count, enrichments)])
        + (facts.first_need_milli[name] if count else 0)
        for count in range(min(most, len(helps)) + 1)
    )


def _help_values(facts: Facts, name: str) -> Iterator[int]:
    """Yield what each seat on a need is worth in a session of its own tier."""
    for claim in facts.claims_of[name]:
        history = facts.group_histories.get(claim.key)
        going_on = facts.policy.weights.continued_milli * bool(history and history.last_week)
        yield claim.weight_milli + going_on
        for _ in range(claim.seats - 1):
            yield claim.weight_milli + going_on - facts.repeat_loss(claim)


class _Planter:
    def __init__(self, learners: int, seed: int) -> None:
        self.rng = random.Random(seed)
        self.units = learners // UNIT
        self.shape = Shape(learners, SLOTS, 10, seed)
        self.slots = slots_of(self.shape)
        self.names = [learner_id(number) for number in range(learners)]
        self.posts = posts_of(self.shape, TEACHERS * self.units, self.rng, itinerant=0)
        self.prepared = {
            post.adult_id: self.rng.sample(self._taught(post), PREPARED) for post in self.posts
        }
        self.service_adults = [f"special-{number:02d}" for number in range(self.units)]
        self.seats: dict[tuple[str, str], Held] = {}
        self._plant()
        self.needs: list[Need] = []
        self.choices: list[Choice] = []
        self.tags: dict[str, tuple[str, ...]] = {}
        self.histories: list[GroupHistory] = []
        for name in self.names:
            self._add_needs(name)
            self._add_choices(name)

    def planted(self) -> Planted:
        problem = Problem(
            school_id="planted",
            monday=MONDAY,
            as_of=AS_OF,
            as_of_day=AS_OF_DAY,
            policy=self._policy(),
            slots=self.slots,
            adults=tuple(self._adults()),
            rooms=tuple(self._rooms()),
            offers=tuple(self._offers()),
            learners=tuple(self._learners()),
            competencies=plain_competencies(self.shape),
            needs=tuple(self.needs),
            pins=tuple(self._pins()),
            services=tuple(self._services()),
            choices=tuple(self.choices),
            keep_apart=self._apart(),
            histories=tuple(self._weeks_without()),
            group_histories=tuple(self.histories),
        )
        facts = Facts(problem)
        optimum = sum(best_alone_milli(facts, name) for name in self.names)
        hidden = Seating(tuple(sorted(set(self.seats.values()))), dict(self.seats))
        return Planted(problem, optimum, hidden)

    def _policy(self) -> Policy:
        return replace(
            policy_of(self.shape),
            need_seats_per_week=MOST_HELP,
            own_choice_seats_per_week=OWN_CHOICES,
            enrichment_seats_per_week=OWN_CHOICES,
        )

    # The hidden week

    def _plant(self) -> None:
        enriched = self._enriched_slots()
        served = self._served_slots(enriched)
        for slot in self.slots:
            enrichment, targeted, intensive = self._sessions(slot.slot_id)
            of_choice = [name for name in self.names if slot.slot_id in enriched[name]]
            in_service = [name for name in self.names if served.get(name) == slot.slot_id]
            placed = {*of_choice, *in_service}
            helped = [name for name in self.names if name not in placed]
            self._deal(of_choice, enrichment * IN_ENRICHMENT, lambda held: held.offer_id)
            self._deal(
                helped,
                targeted * IN_TARGETED + intensive * IN_INTENSIVE,
                lambda held: held.competency_id,
            )
            delivered = [
                Held(slot.slot_id, f"{adult_id}-service", room_id=f"room-{adult_id}")
                for adult_id in self.service_adults
            ]
            self._deal(in_service, delivered * IN_SERVICE, lambda held: held.slot_id)

    def _enriched_slots(self) -> dict[str, tuple[str, ...]]:
        """Return two slots for each learner, every pair of slots as often as every other."""
        names = [slot.slot_id for slot in self.slots]
        pairs = [(a, b) for a in names for b in names if a < b]
        learners = list(self.names)
        self.rng.shuffle(learners)
        return {name: pairs[place % len(pairs)] for place, name in enumerate(learners)}

    def _served_slots(self, enriched: dict[str, tuple[str, ...]]) -> dict[str, str]:
        """Return the slot of the service for those who get one: so many in every slot."""
        found: dict[str, str] = {}
        for slot in self.slots:
            free = [
                name
                for name in self.names
                if slot.slot_id not in enriched[name] and name not in found
            ]
            count = SERVICES * IN_SERVICE * self.units
            found |= dict.fromkeys(self.rng.sample(free, count), slot.slot_id)
        return found

    def _sessions(self, slot_id: str) -> tuple[list[Held], list[Held], list[Held]]:
        """Return what the teachers hold in a slot: enrichment, targeted and intensive sessions."""
        posts = list(self.posts)
        self.rng.shuffle(posts)
        first, second = ENRICHMENTS * self.units, (ENRICHMENTS + OF_TARGETED) * self.units
        return (
            [self._enrichment(slot_id, post) for post in posts[:first]],
            [self._help(slot_id, post, HELD_TIERS[1]) for post in posts[first:second]],
            [self._help(slot_id, post, HELD_TIERS[0]) for post in posts[second:]],
        )

    def _enrichment(self, slot_id: str, post: Post) -> Held:
        return Held(slot_id, f"{post.adult_id}-enrichment-1", room_id=post.room_ids[0])

    def _help(self, slot_id: str, post: Post, tier_id: str) -> Held:
        target = self.rng.choice(self.prepared[post.adult_id])
        return Held(slot_id, f"{post.adult_id}-help", target, tier_id, post.room_ids[0])

    def _deal(self, names: list[str], seats: list[Held], what: Callable[[Held], str]) -> None:
        """Seat learners at random, nobody twice in the week in the same thing."""
        had = {
            name: {
                what(held) for slot in self.slots if (held := self.seats.get((name, slot.slot_id)))
            }
            for name in names
        }
        seats = list(seats)
        self.rng.shuffle(seats)
        for place, name in enumerate(names):
            while what(seats[place]) in had[name]:
                other = self.rng.randrange(len(names))
                if what(seats[place]) not in had[names[other]]:
                    seats[place], seats[other] = seats[other], seats[place]
        self.seats |= {(n, h.slot_id): h for n, h in zip(names, seats, strict=True)}

    # The needs and choices that make it the best

    def _add_needs(self, name: str) -> None:
        hidden = [held for held in self._week(name) if held.competency_id]
        count = len(hidden) + self.rng.randint(1, 3)
        weights = sorted((drawn_weight(self.rng) for _ in range(count)), reverse=True)
        least = min(
            self._add_need(name, held.competency_id, weight, held.tier_id)
            for held, weight in zip(hidden, weights, strict=False)
        )
        taken = {held.competency_id for held in hidden}
        for weight in weights[len(hidden) :]:
            target = self._other_competency(taken)
            taken.add(target)
            self._add_need(name, target, weight, self.rng.choice(HELD_TIERS), least)
        self._allow_second_seats(name, least)

    def _add_need(
        self, name: str, target: str, weight: int, tier_id: str, most: int | None = None
    ) -> int:
        """Add a need whose first seat is worth at most so much, and return what it is worth."""
        going_on = self.rng.random() < CONTINUED_SHARE
        bonus = self._policy().weights.continued_milli * going_on
        if most is not None:
            equal = self.rng.random() < EQUAL_SHARE
            weight = most - bonus if equal else min(weight, most - bonus)
        if going_on:
            self.histories.append(
                GroupHistory(learner_id=name, competency_id=target, last_week=True)
            )
        self.needs.append(
            Need(
                learner_id=name,
                competency_id=target,
                decision=Decision.NOT_YET,
                level_milli=self._level(tier_id),
                evidence_count=4,
                day_count=3,
                newest_day=AS_OF_DAY,
                weight_milli=weight,
            )
        )
        return weight + bonus

    def _level(self, tier_id: str) -> int:
        """Return a level whose needs lose nothing in a tier."""
        if tier_id == TARGETED.tier_id:
            return self.rng.randrange(TARGETED.from_level_milli, LIGHT.from_level_milli + 500)
        return self.rng.randrange(1000, TARGETED.from_level_milli)

    def _allow_second_seats(self, name: str, least: int) -> None:
        """Allow a second session of the needs whose second is worth no more than the hidden."""
        weights = self._policy().weights
        for place in range(len(self.needs) - 1, -1, -1):
            need = self.needs[place]
            if need.learner_id != name:
                break
            second = (need.weight_milli or 0) * weights.repeat_milli // 1000
            if second + weights.continued_milli <= least:
                self.needs[place] = replace(need, sessions=2)

    def _other_competency(self, taken: set[str]) -> str:
        """Return a competency that some adult works on, most often one of the hidden week."""
        while True:
            post = self.rng.choice(self.posts)
            names = self.prepared[post.adult_id] * 3 + self._taught(post)
            target = self.rng.choice(names)
            if target not in taken:
                return target

    def _add_choices(self, name: str) -> None:
        hidden = [h.offer_id for h in self._week(name) if h.offer_id.endswith("-enrichment-1")]
        self.rng.shuffle(hidden)
        picks = dict.fromkeys(hidden)
        while len(picks) < OWN_CHOICES + 2:
            post, which = self.rng.choice(self.posts), self.rng.choice((1, 1, 2))
            picks.setdefault(f"{post.adult_id}-enrichment-{which}")
        self.tags[name] = tuple(f"signed-up:{offer}" for offer in sorted(picks))
        for rank, offer in enumerate(picks):
            self.choices.append(Choice(learner_id=name, rank=rank + 1, offer_id=offer))

    def _week(self, name: str) -> list[Held]:
        return [self.seats[name, slot.slot_id] for slot in self.slots]

    # The school around it

    def _taught(self, post: Post) -> list[str]:
        return [
            competency_id(post.subject, grade, number)
            for grade in post.grades
            for number in range(self.shape.competencies_per_subject_grade)
        ]

    def _adults(self) -> Iterator[Adult]:
        for post in self.posts:
            yield Adult(adult_id=post.adult_id, subjects=(post.subject,), preparations=3)
        for adult_id in self.service_adults:
            yield Adult(adult_id=adult_id, preparations=3)

    def _rooms(self) -> Iterator[Room]:
        for post in self.posts:
            yield Room(room_id=post.room_ids[0], capacity=IN_ENRICHMENT)
        for adult_id in self.service_adults:
            yield Room(room_id=f"room-{adult_id}", capacity=IN_ENRICHMENT)

    def _offers(self) -> Iterator[Offer]:
        for post in self.posts:
            yield from self._offers_of(post)
        for adult_id in self.service_adults:
            fields = {"adult_id": adult_id, "room_id": f"room-{adult_id}"}
            yield Offer(
                offer_id=f"{adult_id}-service",
                kind=SessionKind.SERVICE,
                service=SERVICE,
                cap=IN_SERVICE,
                **fields,
            )
            yield Offer(offer_id=f"{adult_id}-commons", kind=SessionKind.COMMONS, **fields)

    def _offers_of(self, post: Post) -> Iterator[Offer]:
        fields = {"adult_id": post.adult_id, "room_id": post.room_ids[0]}
        yield Offer(
            offer_id=f"{post.adult_id}-help",
            kind=SessionKind.SMALL_GROUP,
            subject=post.subject,
            competencies=tuple(self._taught(post)),
            tier_ids=HELD_TIERS,
            **fields,
        )
        yield Offer(offer_id=f"{post.adult_id}-commons", kind=SessionKind.COMMONS, **fields)
        for which in (1, 2):
            name = f"{post.adult_id}-enrichment-{which}"
            yield Offer(
                offer_id=name,
                kind=SessionKind.ENRICHMENT,
                minimum=10,
                scope=Scope(tags=(f"signed-up:{name}",)),
                **fields,
            )

    def _learners(self) -> Iterator[Learner]:
        for number, name in enumerate(self.names):
            grade = self.shape.grade_names[number % self.shape.grades]
            yield Learner(learner_id=name, grade=grade, tags=self.tags[name])

    def _services(self) -> Iterator[RequiredService]:
        for (name, _), held in sorted(self.seats.items(), key=lambda item: item[0]):
            if held.offer_id.endswith("-service"):
                yield RequiredService(learner_id=name, service=SERVICE, minutes=SLOT_MINUTES)

    def _pins(self) -> Iterator[Pin]:
        count = round(PINNED_SHARE * len(self.names) * SLOTS)
        for number, name in enumerate(self.rng.sample(self.names, count)):
            held = self.seats[name, self.rng.choice(self.slots).slot_id]
            yield Pin(
                pin_id=f"pin-{number:03d}",
                learner_id=name,
                slot_id=held.slot_id,
                offer_id=held.offer_id,
                competency_id=held.competency_id or None,
                service=held.offer_id.endswith("-service"),
                reason="agreed with the teacher",
            )

    def _apart(self) -> tuple[KeepApart, ...]:
        """Return pairs who never meet in the hidden week."""
        groups = Seating((), self.seats).of_sessions().values()
        met = {frozenset((a, b)) for group in groups for a in group for b in group if a < b}
        return apart_pairs(self.names, round(APART_SHARE * len(self.names)), self.rng, met)

    def _weeks_without(self) -> Iterator[LearnerHistory]:
        for name in self.names:
            weeks = self.rng.choice(WEEKS_WITHOUT)
            yield LearnerHistory(learner_id=name, weeks_without_need_seat=weeks)
