"""The planted schools: the hidden week keeps every rule and has the value of the bound."""

import random

import pytest

from tests.bench.schedule.broken import broken_of_learner
from tests.bench.schedule.facts import Facts
from tests.bench.schedule.measures import measure
from tests.bench.schedule.planted import SERVICE, UNIT, best_alone_milli, planted_school
from tests.bench.schedule.seating import Seating
from tests.bench.schedule.value import value_of


@pytest.fixture(scope="module")
def planted():
    """Return the least planted school."""
    return planted_school(UNIT, 1)


def test_the_hidden_week_is_the_best(planted):
    """It keeps every rule, seats everybody, delivers every service and reaches the bound."""
    found = measure(Facts(planted.problem), planted.hidden)
    assert found.value_milli == planted.optimum_milli
    assert not found.broken
    assert (found.unplaced, found.service_minutes_short) == (0, 0)


def test_there_is_no_slack(planted):
    """Every session of the hidden week is exactly full."""
    facts = Facts(planted.problem)
    for held, names in planted.hidden.of_sessions().items():
        assert len(names) == facts.cap(held, held.room_id)


def test_no_learner_does_better_in_any_week(planted):
    """However learners are seated, their services delivered, none exceeds their best alone."""
    facts, rng = Facts(planted.problem), random.Random(3)
    openings = list(facts.openings())
    serving = {offer.offer_id for offer in facts.problem.offers if offer.service}
    tried = 0
    for name in rng.sample(sorted(facts.learners), 40):
        mine = [held for held in openings if facts.may_sit(name, held)]
        by_slot = [[held for held in mine if held.slot_id == slot] for slot in facts.slots]
        best = best_alone_milli(facts, name)
        for _ in range(100):
            helds = [rng.choice(some) for some in by_slot]
            delivered = sum(held.offer_id in serving for held in helds)
            if delivered != facts.service_sessions.get((name, SERVICE), 0):
                continue
            seating = Seating(tuple(sorted(set(helds))), {(name, h.slot_id): h for h in helds})
            if not set(broken_of_learner(facts, name, helds)):
                tried += 1
                assert value_of(facts, seating) <= best
    assert tried > 100


def test_there_are_lesser_needs_and_choices(planted):
    """Each learner has needs and choices that the hidden week does not meet."""
    facts = Facts(planted.problem)
    assert all(len(facts.claims_of[name]) > 2 for name in facts.learners)
    assert all(len(facts.choices_of[name]) == 4 for name in facts.learners)
