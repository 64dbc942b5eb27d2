"""A school as in the first experiment with the weekly problem: large groups, weights as given.

Help is intensive (3 to 6 learners) or targeted (8 to 15), enrichment has 10 to 30 learners who
signed up for it, commons 1 to 30, or 60 in gym and commons; adults prepare three different things
a week. A need weighs 100 x severity x (1 + 0.12 weeks) x confidence, 8 to 160 points, and a second
session of it half as much; the first need of a learner's week brings 30 points, and 30 more for
each week without one, five weeks at most. Choices are worth 30, 24, 18, 12 and 8 points, what goes
on from last week 6.
"""

import random
from collections.abc import Iterator
from itertools import combinations

from services.scheduler.domain.model import (
    Adult,
    Choice,
    Decision,
    GroupHistory,
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
from services.scheduler.domain.numbers import Policy, Tier, TierFit, Weights
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
    rooms_of,
    slots_of,
    weighted_sample,
)

LEARNERS_PER_ADULT = 16.5
FEWEST_ADULTS = 10
ITINERANT_SHARE = 0.12
FULL_SERVICE = 0.97
"""The share of the places of services that are needed."""

INTENSIVE = Tier(
    tier_id="intensive",
    cap=6,
    minimum=3,
    below_level_milli=1700,
    fits=(TierFit(tier_id="targeted", share_milli=550),),
)
TARGETED = Tier(
    tier_id="targeted",
    cap=15,
    minimum=8,
    from_level_milli=1700,
    below_level_milli=2400,
    fits=(TierFit(tier_id="intensive", share_milli=900),),
)
LIGHT = Tier(
    tier_id="light",
    cap=15,
    minimum=8,
    from_level_milli=2400,
    fits=(
        TierFit(tier_id="targeted", share_milli=1000),
        TierFit(tier_id="intensive", share_milli=800),
    ),
)
"""The tier of the smallest gaps, of which no session is held: they sit in targeted ones."""
HELD_TIERS = (INTENSIVE.tier_id, TARGETED.tier_id)

WEIGHTS = Weights(
    repeat_milli=500,
    first_need_milli=30_000,
    first_need_weeks=6,
    choice_ranks_milli=(30_000, 24_000, 18_000, 12_000, 8_000),
    first_enrichment_milli=0,
    enrichment_milli=0,
    commons_milli=0,
    same_adult_milli=0,
    continued_milli=6_000,
    known_adult_milli=0,
    together_milli=0,
    kept_milli=20_000,
    session_change_milli=100_000,
)

NEED_COUNTS = ((1, 0.15), (2, 0.24), (3, 0.25), (4, 0.20), (5, 0.10), (6, 0.06))
"""How many needs learners have, and the share who have so many: 3.04 on average."""
CHOICE_COUNTS = (2, 3, 4, 5)
OTHER_GRADE_SHARE = 0.1
"""Of the needs, those on a competency of another grade."""
CONTINUED_SHARE = 0.25
WEEKS_WITHOUT = (0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 5)
WEEKS_WAITING = (0, 0, 0, 0, 1, 1, 2, 3, 4, 5)
SEVERITIES, CONFIDENCES = (150, 1000), (600, 1000)
"""From and to, in thousandths."""
LEAST_WEIGHT_MILLI, MOST_WEIGHT_MILLI = 8_000, 160_000
APART_SHARE = 0.015
PINNED_SHARE = 0.01
MOST_PINNED_TOGETHER = 3

SERVICES = {"special education": (0.10, 0.20, 6, 1), "english learners": (0.08, 0.10, 10, 2)}
"""By service: the share of learners, of those who need two sessions, and greatest and least group.

Shares are of a week of five slots; a shorter week has as many fewer.
"""
SLOTS_OF_SHARES = 5


def prototype_school(shape: Shape) -> Problem:
    """Return the school of a shape."""
    return _Maker(shape).problem()


def policy_of(shape: Shape) -> Policy:
    """Return the rules of the experiment in the terms of a policy."""
    return Policy(
        tiers=(INTENSIVE, TARGETED, LIGHT),
        weights=WEIGHTS,
        preparations_per_day=100,
        need_seats_per_week=shape.slots,
        own_choice_seats_per_week=0,
        own_choice_share_milli=0,
        enrichment_seats_per_week=shape.enrichment_seats_per_week,
        session_minimum=1,
    )


def weight_milli(severity: int, confidence: int, weeks: int) -> int:
    """Return the weight of a need after weeks of waiting, all in thousandths but the weeks."""
    weight = severity * confidence * (100 + 12 * weeks) // 1000
    return min(max(weight, LEAST_WEIGHT_MILLI), MOST_WEIGHT_MILLI)


def drawn_weight(rng: random.Random) -> int:
    """Return the weight of some need."""
    severity, confidence = rng.randint(*SEVERITIES), rng.randint(*CONFIDENCES)
    return weight_milli(severity, confidence, rng.choice(WEEKS_WAITING))


class _Maker:
    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.rng = random.Random(shape.seed)
        self.slots = slots_of(shape)
        self.services = list(self._services())
        self._staff()
        self.popular = {
            (subject, grade): self._popularity()
            for subject in shape.subject_names
            for grade in shape.grade_names
        }
        self.learners: list[Learner] = []
        self.needs: list[Need] = []
        self.choices: list[Choice] = []
        for number in range(shape.learners):
            self._add_learner(number)

    def problem(self) -> Problem:
        pins, barred = self._pins()
        barred |= self._in_one_service()
        names = [one.learner_id for one in self.learners]
        pairs = round(APART_SHARE * self.shape.learners)
        return Problem(
            school_id="prototype",
            monday=MONDAY,
            as_of=AS_OF,
            as_of_day=AS_OF_DAY,
            policy=policy_of(self.shape),
            slots=self.slots,
            adults=tuple(self.adults),
            rooms=tuple(self.rooms),
            offers=tuple(self.offers),
            learners=tuple(self.learners),
            competencies=plain_competencies(self.shape),
            needs=tuple(self.needs),
            pins=tuple(pins),
            services=tuple(self.services),
            choices=tuple(self.choices),
            keep_apart=apart_pairs(names, pairs, self.rng, barred),
            histories=tuple(self._histories()),
            group_histories=tuple(self._group_histories()),
        )

    # Services first: they say how many adults deliver them.

    def _services(self) -> Iterator[RequiredService]:
        numbers = list(range(self.shape.learners))
        self.rng.shuffle(numbers)
        for service, (share, twice, _, _) in SERVICES.items():
            part = share * min(self.shape.slots, SLOTS_OF_SHARES) / SLOTS_OF_SHARES
            count = max(round(part * self.shape.learners), 1)
            mine, numbers = numbers[:count], numbers[count:]
            for number in sorted(mine):
                sessions = 1 + (self.shape.slots > 1 and self.rng.random() < twice)
                yield RequiredService(
                    learner_id=learner_id(number),
                    service=service,
                    minutes=sessions * SLOT_MINUTES,
                )

    def _in_one_service(self) -> set[frozenset[str]]:
        """Return the pairs who get the same service, whose few groups leave no room for rules."""
        return {
            frozenset((one.learner_id, other.learner_id))
            for one, other in combinations(self.services, 2)
            if one.service == other.service
        }

    def _service_posts(self, service: str) -> int:
        """Return how many adults deliver a service, so that nearly all of their places are used."""
        sessions = sum(s.minutes // SLOT_MINUTES for s in self.services if s.service == service)
        places = SERVICES[service][2] * self.shape.slots
        return max(-(-round(sessions / FULL_SERVICE) // places), 1)

    # Staff

    def _staff(self) -> None:
        shape = self.shape
        total = shape.adults or max(round(shape.learners / LEARNERS_PER_ADULT), FEWEST_ADULTS)
        delivering = {service: self._service_posts(service) for service in SERVICES}
        teachers = max(total - sum(delivering.values()), shape.subjects)
        self.posts = posts_of(shape, teachers, self.rng, round(teachers * ITINERANT_SHARE))
        self.rooms = rooms_of(self.posts, self.rng)
        self.adults: list[Adult] = []
        self.offers: list[Offer] = []
        for number, post in enumerate(self.posts):
            self._add_teacher(number, post)
        for service, count in delivering.items():
            for number in range(count):
                self._add_service_adult(service, number)

    def _add_teacher(self, number: int, post: Post) -> None:
        self.adults.append(Adult(adult_id=post.adult_id, subjects=(post.subject,), preparations=3))
        self._offer(
            post,
            SessionKind.SMALL_GROUP,
            subject=post.subject,
            competencies=self._taught(post),
            tier_ids=HELD_TIERS,
        )
        for which in range(self.rng.choice((1, 2))):
            name = f"{post.adult_id}-enrichment-{which + 1}"
            self._offer(
                post,
                SessionKind.ENRICHMENT,
                offer_id=name,
                title=f"Workshop {number}.{which + 1}",
                minimum=10,
                cap=30,
                scope=Scope(tags=(f"signed-up:{name}",)),
            )
        self._offer(post, SessionKind.COMMONS, cap=30)
        if number % max(len(self.posts) // self._wide_rooms, 1) == 0:
            self._add_wide_room(number, post)

    @property
    def _wide_rooms(self) -> int:
        """Return the number of gyms and commons with 60 places."""
        return max(self.shape.learners // 400, 2)

    def _add_wide_room(self, number: int, post: Post) -> None:
        room = Room(room_id=f"commons-{number:03d}", capacity=60)
        self.rooms.append(room)
        self.offers.append(
            Offer(
                offer_id=f"{post.adult_id}-wide",
                adult_id=post.adult_id,
                kind=SessionKind.COMMONS,
                room_id=room.room_id,
                cap=60,
            )
        )

    def _taught(self, post: Post) -> tuple[str, ...]:
        return tuple(
            competency_id(post.subject, grade, number)
            for grade in post.grades
            for number in range(self.shape.competencies_per_subject_grade)
        )

    def _offer(self, post: Post, kind: SessionKind, **fields) -> None:
        first, *others = post.room_ids
        fields = {"offer_id": f"{post.adult_id}-{kind.value}"} | fields
        self.offers.append(
            Offer(
                adult_id=post.adult_id,
                kind=kind,
                room_id=first,
                other_room_ids=tuple(others),
                **fields,
            )
        )

    def _add_service_adult(self, service: str, number: int) -> None:
        name = f"{service.split(maxsplit=1)[0]}-{number:02d}"
        room = Room(room_id=f"room-{name}", capacity=30)
        post = Post(name, "", (), (room.room_id,))
        self.rooms.append(room)
        self.adults.append(Adult(adult_id=name, preparations=3))
        _, _, cap, minimum = SERVICES[service]
        self._offer(post, SessionKind.SERVICE, service=service, cap=cap, minimum=minimum)
        self._offer(post, SessionKind.COMMONS, cap=30)

    # Learners

    def _popularity(self) -> list[float]:
        """Return how often needs fall on each competency of a subject and grade."""
        weights = [1 / (1 + 0.3 * k) for k in range(self.shape.competencies_per_subject_grade)]
        self.rng.shuffle(weights)
        return weights

    def _add_learner(self, number: int) -> None:
        name = learner_id(number)
        grade = self.shape.grade_names[number % self.shape.grades]
        picks = self._picks()
        tags = tuple(f"signed-up:{offer}" for offer in sorted(picks))
        self.learners.append(Learner(learner_id=name, grade=grade, tags=tags))
        self.choices += [
            Choice(learner_id=name, rank=rank + 1, offer_id=offer)
            for rank, offer in enumerate(picks)
        ]
        counts, shares = zip(*NEED_COUNTS, strict=True)
        self._add_needs(name, grade, self.rng.choices(counts, weights=shares)[0])

    def _picks(self) -> list[str]:
        names = [one.offer_id for one in self.offers if one.kind is SessionKind.ENRICHMENT]
        weights = [1 / (1 + 0.1 * (7 * k % len(names))) for k in range(len(names))]
        return weighted_sample(self.rng, names, weights, self.rng.choice(CHOICE_COUNTS))

    def _add_needs(self, name: str, grade: str, count: int) -> None:
        found: set[str] = set()
        room = self.shape.subjects * self.shape.competencies_per_subject_grade
        while len(found) < min(count, room):
            found.add(self._gap(grade))
        self.needs += [self._need(name, one) for one in sorted(found)]

    def _gap(self, grade: str) -> str:
        if self.rng.random() < OTHER_GRADE_SHARE:
            grade = self.rng.choice(self.shape.grade_names)
        subject = self.rng.choice(self.shape.subject_names)
        weights = self.popular[subject, grade]
        number = self.rng.choices(range(len(weights)), weights=weights)[0]
        return competency_id(subject, grade, number)

    def _need(self, name: str, target: str) -> Need:
        severity, confidence = self.rng.randint(*SEVERITIES), self.rng.randint(*CONFIDENCES)
        weeks = self.rng.choice(WEEKS_WAITING)
        return Need(
            learner_id=name,
            competency_id=target,
            decision=Decision.NOT_YET,
            level_milli=3000 - 2 * severity,
            at_least_eight_tenths_micro=100_000,
            evidence_count=4,
            day_count=3,
            newest_day=AS_OF_DAY,
            weeks_waiting=weeks,
            sessions=2,
            weight_milli=weight_milli(severity, confidence, weeks),
        )

    def _histories(self) -> Iterator[LearnerHistory]:
        for one in self.learners:
            yield LearnerHistory(
                learner_id=one.learner_id,
                weeks_without_need_seat=self.rng.choice(WEEKS_WITHOUT),
            )

    def _group_histories(self) -> Iterator[GroupHistory]:
        for need in self.needs:
            if self.rng.random() < CONTINUED_SHARE:
                yield GroupHistory(
                    learner_id=need.learner_id, competency_id=need.competency_id, last_week=True
                )

    # Seats that are agreed before the search

    def _pins(self) -> tuple[list[Pin], set[frozenset[str]]]:
        """Return pins of learners without services, at most one each, and the pairs they join."""
        served = {one.learner_id for one in self.services}
        free = {one.learner_id for one in self.learners} - served
        wanted = round(PINNED_SHARE * self.shape.learners * self.shape.slots)
        pins: list[Pin] = []
        barred: set[frozenset[str]] = set()
        posts = [post for post in self.posts if len(post.room_ids) == 1]
        self.rng.shuffle(posts)
        for post in posts:
            group = self._pinned_group(post, free)[: wanted - len(pins)]
            slot_id = self.rng.choice(self.slots).slot_id
            for name, offer, target in group:
                free.discard(name)
                pins.append(self._pin(len(pins), name, slot_id, offer, target))
            barred |= {frozenset((a[0], b[0])) for a in group for b in group if a[0] < b[0]}
        return pins, barred

    def _pinned_group(self, post: Post, free: set[str]) -> list[tuple[str, str, str | None]]:
        """Return up to three learners to be pinned to one session of a teacher."""
        count = self.rng.randint(1, MOST_PINNED_TOGETHER)
        if self.rng.random() < 0.5:
            target = self.rng.choice(self._taught(post))
            names = [n.learner_id for n in self.needs if n.competency_id == target]
            names = [name for name in names if name in free][:count]
            return [(name, f"{post.adult_id}-small_group", target) for name in names]
        offer = f"{post.adult_id}-enrichment-1"
        names = [c.learner_id for c in self.choices if c.offer_id == offer and c.learner_id in free]
        return [(name, offer, None) for name in names[:count]]

    def _pin(self, number: int, name: str, slot_id: str, offer: str, target: str | None) -> Pin:
        return Pin(
            pin_id=f"pin-{number:03d}",
            learner_id=name,
            slot_id=slot_id,
            offer_id=offer,
            competency_id=target,
            reason="agreed with the teacher",
        )
