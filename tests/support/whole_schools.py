"""The rest of a random school: all that a problem may hold beside rooms, offers, needs and pins.

Everything hangs on what the school has: a request asks for an offer that stands in its slot, and a
group's history is of a competency that its learner needs. Each kind is there, some of it often.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from services.scheduler.domain.model import (
    Absence,
    Choice,
    GroupHistory,
    KeepApart,
    KeepTogether,
    Layout,
    Learner,
    LearnerHistory,
    LockedSession,
    Mode,
    Need,
    Offer,
    OptOut,
    Problem,
    Request,
    RequestLevel,
    RequiredService,
    Room,
    Scope,
    Section,
    SessionKind,
    Slot,
)
from services.scheduler.domain.numbers import PRODUCT_TIERS, Tier, TierFit

SERVICES = ("speech", "reading support")
STUDIOS = ("studio-a", "studio-b", "studio-c")
LAW = "hb-1416"
TIERS = (
    replace(PRODUCT_TIERS[0], fits=(TierFit(tier_id="2", share_milli=900),)),
    replace(PRODUCT_TIERS[1], fits=(TierFit(tier_id="3", share_milli=700),)),
    Tier(tier_id="long", cap=4, minimum=2, from_level_milli=2500, below_level_milli=3000),
)


def with_the_rest(problem: Problem, rng: random.Random) -> Problem:
    """Return the school with all that a problem may hold; the same draws give the same."""
    problem = _with_places(problem, rng)
    problem = _with_learners(problem, rng)
    problem = replace(
        problem,
        policy=replace(problem.policy, tiers=TIERS, banned_words=("red group", "blue group")),
        services=tuple(_services(problem, rng)),
        choices=tuple(_choices(problem, rng)),
        requests=tuple(_requests(problem, rng)),
        opt_outs=tuple(_opt_outs(problem, rng)),
        locked=tuple(_locked(problem, rng)),
        keep_apart=tuple(_pairs(problem, rng, KeepApart)),
        keep_together=tuple(_pairs(problem, rng, KeepTogether)),
        histories=tuple(_histories(problem, rng)),
        group_histories=tuple(_group_histories(problem, rng)),
        sections=tuple(_sections(problem, rng)),
        cycle_start=problem.monday - timedelta(weeks=rng.randrange(3)),
    )
    return replace(problem, choices=tuple(_with_ways(problem, rng)))


def _with_places(problem: Problem, rng: random.Random) -> Problem:
    return replace(
        problem,
        slots=tuple(_slot(one, rng) for one in problem.slots),
        rooms=tuple(_room(one, problem, rng) for one in problem.rooms),
        offers=tuple(_offer(one, problem, rng) for one in problem.offers),
        adults=tuple(
            replace(
                one,
                load=rng.choice((0, 0, 4)),
                preparations=rng.choice((0, 3)),
                kinds=() if rng.random() < 0.9 else tuple(SessionKind)[:5],
                slot_ids=_some(rng, [slot.slot_id for slot in problem.slots], 0.2),
            )
            for one in problem.adults
        ),
        absences=(
            *problem.absences,
            Absence(
                adult_id=problem.adults[0].adult_id,
                date=problem.monday,
                slot_ids=tuple(slot.slot_id for slot in problem.slots[:2]),
            ),
        ),
    )


def _slot(slot: Slot, rng: random.Random) -> Slot:
    scope = Scope(grades=("8", "7", "6"), tags=()) if rng.random() < 0.3 else None
    return replace(slot, own_choice=rng.random() < 0.5, subject="math", scope=scope)


def _room(room: Room, problem: Problem, rng: random.Random) -> Room:
    if rng.random() < 0.7:
        return room
    return replace(
        room,
        layouts=(
            Layout(layout="rows", capacity=room.capacity),
            Layout(layout="circle", capacity=room.capacity // 2),
        ),
        closed_slot_ids=_some(rng, [slot.slot_id for slot in problem.slots], 0.3),
    )


def _offer(offer: Offer, problem: Problem, rng: random.Random) -> Offer:
    changes = {"dok": rng.randrange(5), "rich": rng.random() < 0.1, "mode": rng.choice(list(Mode))}
    if offer.kind is SessionKind.SERVICE:
        changes["service"] = rng.choice(SERVICES)
    if offer.kind.is_help:
        changes["tier_ids"] = _some(rng, [one.tier_id for one in TIERS], 0.4)
        changes["legal"] = LAW if rng.random() < 0.1 else ""
    if offer.kind.is_own_choice and rng.random() < 0.3:
        changes["scope"] = Scope(grades=("7", "6"), tags=(STUDIOS[1], STUDIOS[0]))
        changes["minimum"] = 3
    others = [one.room_id for one in problem.rooms if one.room_id != offer.room_id]
    changes["other_room_ids"] = tuple(rng.sample(others, rng.randrange(3)))
    if rng.random() < 0.1:
        adults = [one.adult_id for one in problem.adults if one.adult_id != offer.adult_id]
        changes["co_adult_ids"] = tuple(rng.sample(adults, min(2, len(adults))))
    return replace(offer, **changes)


def _with_learners(problem: Problem, rng: random.Random) -> Problem:
    return replace(
        problem,
        learners=tuple(_learner(one, problem, rng) for one in problem.learners),
        needs=tuple(_need(one, problem, rng) for one in problem.needs),
        competencies=tuple(
            replace(one, due_date=problem.monday - timedelta(days=rng.randrange(-90, 90)))
            for one in problem.competencies
        ),
    )


def _learner(learner: Learner, problem: Problem, rng: random.Random) -> Learner:
    return replace(
        learner,
        tags=(rng.choice(STUDIOS), "bus-2"),
        adult_ids=tuple(one.adult_id for one in rng.sample(problem.adults, 2)),
        consents=(LAW,) if rng.random() < 0.5 else (),
        far_behind=rng.choice((None, None, True, False)),
    )


def _need(need: Need, problem: Problem, rng: random.Random) -> Need:
    if rng.random() < 0.8:
        return need
    return replace(
        need,
        sessions=rng.randint(1, 2),
        weight_milli=rng.choice((None, 1500)),
        nominated=rng.random() < 0.3,
        confirmed=rng.random() < 0.2,
        adult_id=rng.choice((None, rng.choice(problem.adults).adult_id)),
    )


def _services(problem: Problem, rng: random.Random) -> list[RequiredService]:
    return [
        RequiredService(
            learner_id=learner.learner_id, service=service, minutes=rng.choice((30, 60, 90))
        )
        for learner in problem.learners
        for service in SERVICES
        if rng.random() < 0.04
    ]


def _choices(problem: Problem, rng: random.Random) -> list[Choice]:
    offers = [one.offer_id for one in problem.offers if one.kind.is_own_choice]
    found = []
    for learner in problem.learners:
        chosen = rng.sample(offers, min(rng.randrange(4), len(offers)))
        for rank, offer_id in enumerate(chosen, start=1):
            found.append(
                Choice(
                    learner_id=learner.learner_id,
                    rank=rank,
                    offer_id=offer_id,
                    slot_ids=_some(rng, [slot.slot_id for slot in problem.slots], 0.3),
                    confirmed=rng.random() < 0.5,
                )
            )
        if rng.random() < 0.1:
            wanted = rng.choice(problem.competencies).competency_id
            found.append(
                Choice(learner_id=learner.learner_id, rank=len(chosen) + 1, competency_id=wanted)
            )
    return found


def _with_ways(problem: Problem, rng: random.Random) -> Iterator[Choice]:
    """Yield the choices, with those of sessions with a target and of showing things again.

    Some are on a need of the learner, some on anything; they stand anywhere among the others.
    """
    ways = [one.offer_id for one in problem.offers if one.kind.has_target]
    slot_ids = [slot.slot_id for slot in problem.slots]
    for learner in problem.learners:
        mine = [one for one in problem.choices if one.learner_id == learner.learner_id]
        needs = [n.competency_id for n in problem.needs if n.learner_id == learner.learner_id]
        for _ in range(rng.choice((0, 0, 1, 2)) if ways else 0):
            target = rng.choice(needs or [one.competency_id for one in problem.competencies])
            offer_id = rng.choice((None, *rng.sample(ways, min(len(ways), 3))))
            way = Choice(
                learner_id=learner.learner_id,
                rank=1,
                offer_id=offer_id,
                competency_id=rng.choice((None, target)) if offer_id else target,
                slot_ids=_some(rng, slot_ids, 0.4),
                confirmed=rng.random() < 0.5,
            )
            if _thing(way) not in map(_thing, mine):
                mine.insert(rng.randrange(len(mine) + 1), way)
        yield from (replace(one, rank=rank) for rank, one in enumerate(mine, start=1))


def _thing(choice: Choice) -> tuple[object, ...]:
    return choice.offer_id, choice.competency_id, frozenset(choice.slot_ids)


def _requests(problem: Problem, rng: random.Random) -> list[Request]:
    found = []
    for number, learner in enumerate(rng.sample(problem.learners, len(problem.learners) // 6)):
        offer = rng.choice(problem.offers)
        slot_ids = [s.slot_id for s in problem.slots if offer.stands_in(s.slot_id)]
        found.append(
            Request(
                request_id=f"request-{number}",
                learner_id=learner.learner_id,
                slot_id=rng.choice(slot_ids),
                offer_id=offer.offer_id,
                level=rng.choice(list(RequestLevel)),
                create_time=problem.as_of - timedelta(minutes=rng.randrange(4000)),
                adult_id=offer.adult_id,
                weight_milli=rng.choice((0, 1200)),
                weeks_waiting=rng.randrange(3),
                cancelled=rng.random() < 0.1,
            )
        )
    return found


def _opt_outs(problem: Problem, rng: random.Random) -> list[OptOut]:
    one, two, three = rng.sample([learner.learner_id for learner in problem.learners], 3)
    return [
        OptOut(learner_id=one, offer_id=rng.choice(problem.offers).offer_id),
        OptOut(learner_id=two, kind=SessionKind.ONE_TO_ONE),
        OptOut(learner_id=three, subject="history"),
        OptOut(learner_id=three, subject="science"),
    ]


def _locked(problem: Problem, rng: random.Random) -> list[LockedSession]:
    standing = [one for one in problem.offers if one.stands_in(problem.slots[0].slot_id)]
    return [
        LockedSession(slot_id=problem.slots[0].slot_id, offer_id=one.offer_id)
        for one in rng.sample(standing, min(2, len(standing)))
    ]


def _pairs(problem: Problem, rng: random.Random, kind: type) -> list:
    found = []
    for number in range(max(2, len(problem.learners) // 40)):
        one, other = rng.sample([learner.learner_id for learner in problem.learners], 2)
        found.append(
            kind(
                rule_id=f"pair-{number}",
                learner_id=one,
                other_id=other,
                expire_date=rng.choice((None, problem.monday + timedelta(days=1))),
            )
        )
    return found


def _histories(problem: Problem, rng: random.Random) -> list[LearnerHistory]:
    return [
        LearnerHistory(
            learner_id=learner.learner_id,
            slot_count=24,
            own_choice_count=rng.randrange(12),
            dok_one_run=rng.randrange(4),
            weeks_without_need_seat=rng.choice((0, 0, 1, 4)),
        )
        for learner in problem.learners
        if rng.random() < 0.8
    ]


def _group_histories(problem: Problem, rng: random.Random) -> list[GroupHistory]:
    return [
        GroupHistory(
            learner_id=need.learner_id,
            competency_id=need.competency_id,
            adult_id=rng.choice(problem.adults).adult_id,
            last_week=rng.random() < 0.5,
            entry_date=problem.monday - timedelta(weeks=rng.randint(1, 3)),
            entry_level_milli=rng.choice((None, 1500, 2500)),
            evidence_since_entry=rng.randrange(4),
            cycles=rng.randrange(3),
        )
        for need in problem.needs
        if rng.random() < 0.1
    ]


def _sections(problem: Problem, rng: random.Random) -> list[Section]:
    learner_ids = [learner.learner_id for learner in problem.learners]
    return [
        Section(
            section_id=f"section-{adult.adult_id}",
            subject=adult.subjects[0],
            adult_id=adult.adult_id,
            learner_ids=tuple(rng.sample(learner_ids, min(20, len(learner_ids)))),
        )
        for adult in problem.adults
    ]


def _some(rng: random.Random, names: list[str], share: float) -> tuple[str, ...]:
    """Return no names (which means all), or with the given chance some in any order."""
    if rng.random() >= share:
        return ()
    return tuple(rng.sample(names, max(1, len(names) - 1)))
