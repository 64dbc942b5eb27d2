"""An external test counts about as one piece of work, and moves a decision by one step at most."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.mastery.domain.estimate import read_terms
from services.mastery.domain.explain import EffectSource, breakdown
from services.mastery.domain.mastery import read_mastery
from services.mastery.domain.model import DEFAULT_POLICY, Decision, Policy
from services.mastery.domain.needs import read_needs
from services.mastery.domain.standing import LearnerReader, within_a_step
from tests.support.mastery_facts import (
    DAY_US,
    START_DAY,
    START_US,
    a_revision,
    facts_of,
    rubric_days,
)

COMPETENCIES = ("competency-1", "competency-2", "competency-3", "competency-4")
TERM_DAYS = 90
TEST_ITEMS = 40
AS_OF_US = START_US + (TERM_DAYS + 10) * DAY_US


def class_work(seed, *, pieces, ability):
    """Return a term of mixed class work on four competencies by one learner."""
    rng = random.Random(seed)
    work = []
    for _ in range(pieces):
        day = rng.randrange(TERM_DAYS)
        rubric = rng.random() < 0.5
        steps = sum(rng.random() < ability for _ in range(3))
        work.append(
            a_revision(
                evidence_id=rng.randbytes(16),
                occur_time_us=START_US + day * DAY_US + rng.randrange(3_600_000_000),
                local_day=START_DAY + day,
                alignments={rng.choice(COMPETENCIES[: rng.choice((1, 4))]): 1000},
                score=10_000 * steps if rubric else 30_000 * (rng.random() < ability),
                scale="rubric" if rubric else "points",
                kind=rng.choice(("quiz", "performance_task", "homework")),
                purpose=rng.choice(("formative", "summative", "practice")),
                dok=rng.choice((None, 2, 3)),
                timed=rng.choice((None, False, True)),
            )
        )
    return work


def an_external_test(name, *, right, day, competencies=COMPETENCIES[:1], items_said=None, seed=0):
    """Return forty items of one sitting, each right with a chance, evenly over competencies."""
    rng = random.Random(seed)
    return [
        a_revision(
            evidence_id=rng.randbytes(16),
            occur_time_us=START_US + day * DAY_US + place * 60_000_000,
            local_day=START_DAY + day,
            alignments={competencies[place % len(competencies)]: 1000},
            score=30_000 * (rng.random() < right),
            kind="test",
            purpose="external_summative",
            dok=None,
            item=f"{name}-{place}",
            assessment=f"state/{name}",
            items_on_competency=items_said,
        )
        for place in range(TEST_ITEMS)
    ]


def standing(revisions, competency=COMPETENCIES[0], policy=DEFAULT_POLICY):
    """Return where the learner of these revisions stands, well after all of them."""
    learner, facts = facts_of(revisions, competency)
    return LearnerReader(learner, as_of_us=AS_OF_US, policy=policy).read(facts)


def fresh_mean(revisions):
    """Return the mean of the estimate as if no time had gone by."""
    learner, facts = facts_of(revisions, COMPETENCIES[0])
    reader = LearnerReader(learner, as_of_us=AS_OF_US, policy=DEFAULT_POLICY)
    return reader.read(facts, forgetting=False).estimate.m


def is_a_step(before, after):
    """Return whether a decision moved by one step at most; from insufficient to the lower two."""
    if Decision.INSUFFICIENT in (before, after):
        return after <= Decision.APPROACHING
    return abs(after - before) <= 1


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_forty_item_test_after_a_term_moves_no_decision_by_more_than_a_step(data):
    """Whatever the term was, however the test went and whatever it said of itself."""
    draw = data.draw
    work = class_work(
        draw(st.integers(0, 10_000)),
        pieces=draw(st.integers(0, 120)),
        ability=draw(st.sampled_from((0.0, 0.1, 0.5, 0.9, 1.0))),
    )
    for number in range(draw(st.integers(0, 3))):
        work += an_external_test(
            f"interim-{number}",
            right=draw(st.sampled_from((0.0, 0.5, 1.0))),
            day=20 * (number + 1),
            competencies=COMPETENCIES[: draw(st.sampled_from((1, 4)))],
            items_said=draw(st.sampled_from((None, 10, 40))),
            seed=number,
        )
    test = an_external_test(
        "spring",
        right=draw(st.sampled_from((0.0, 0.3, 0.7, 1.0))),
        day=TERM_DAYS + draw(st.integers(1, 5)),
        competencies=COMPETENCIES[: draw(st.sampled_from((1, 2, 4)))],
        items_said=draw(st.sampled_from((None, 1, 10, 20, 40))),
        seed=99,
    )
    policy = draw(st.sampled_from((DEFAULT_POLICY, Policy(learner_wide=False))))
    for competency in COMPETENCIES:
        before = standing(work, competency, policy).decision
        after = standing(work + test, competency, policy).decision
        assert is_a_step(before, after), (competency, before, after)


@pytest.mark.parametrize("items_said", [None, 40])
def test_a_failed_test_after_a_faultless_term_would_move_two_steps_by_itself(items_said):
    """What holds it is the step: level and estimate alone would fall from exemplary at once."""
    work = rubric_days(*[4] * 40, dok=3)
    test = an_external_test("spring", right=0.0, day=TERM_DAYS, items_said=items_said)
    assert standing(work).decision == Decision.EXEMPLARY
    after = standing(work + test)
    assert after.unheld <= Decision.APPROACHING
    assert after.decision == Decision.PROFICIENT


@pytest.mark.parametrize("right", [0.0, 1.0])
def test_a_test_alone_is_insufficient(right):
    """Forty items of one sitting are one piece of work: a decision asks for three."""
    test = an_external_test("spring", right=right, day=TERM_DAYS, items_said=40)
    learner, facts = facts_of(test, COMPETENCIES[0])
    mastery = read_mastery(learner, facts, as_of_us=AS_OF_US, policy=DEFAULT_POLICY)
    assert mastery.decision == Decision.INSUFFICIENT
    assert (mastery.summary.evidence_count, mastery.summary.work_count) == (TEST_ITEMS, 1)
    assert mastery.explanation == (
        "Too little evidence to say: 1 external test, 1 item, 1 day; a decision asks for 3 pieces "
        "on 2 items."
    )


def test_a_test_leaves_the_class_work_in_the_window():
    """Forty items take one place among the newest 32, not all of them."""
    work = rubric_days(*[3] * 40)
    test = an_external_test("spring", right=0.5, day=TERM_DAYS, items_said=40)
    learner, facts = facts_of(work + test, COMPETENCIES[0])
    terms = read_terms(learner, facts, as_of_us=AS_OF_US, policy=DEFAULT_POLICY)
    effects = breakdown(terms, facts, DEFAULT_POLICY)
    sources = [effect.source for effect in effects]
    assert sources.count(EffectSource.TEST) == 1
    assert sources.count(EffectSource.PIECE) == 31
    newest = next(effect for effect in effects if effect.source == EffectSource.TEST)
    assert newest.work == facts.tests[0]


@pytest.mark.parametrize("right", [0.0, 1.0])
def test_a_test_weighs_about_as_one_rich_task(right):
    """The whole test moves the mean no further than one performance task of the same outcome."""
    work = rubric_days(*[2, 3] * 10)
    test = an_external_test("spring", right=right, day=TERM_DAYS, items_said=40)
    task = a_revision(
        score=30_000 if right else 0,
        scale="rubric",
        kind="performance_task",
        purpose="summative",
        occur_time_us=test[-1]["occur_time_us"],
        local_day=START_DAY + TERM_DAYS,
    )
    before = fresh_mean(work)
    by_test, by_task = fresh_mean(work + test) - before, fresh_mean([*work, task]) - before
    assert by_test * by_task > 0
    assert abs(by_test) < abs(by_task) < 4 * abs(by_test)


def test_what_a_test_says_of_its_items_makes_little_difference():
    """Without its number of items, a test still weighs one: it is pooled and scaled down."""
    work = rubric_days(*[2, 3] * 10)
    said, unsaid = (
        standing(
            work + an_external_test("spring", right=0.25, day=TERM_DAYS, items_said=items)
        ).estimate
        for items in (40, None)
    )
    assert said.m == pytest.approx(unsaid.m, abs=1e-5)


def test_a_held_decision_says_so():
    """A teacher who sees level 2.05 beside proficient is told why."""
    work = rubric_days(*[4] * 40, dok=3)
    test = an_external_test("spring", right=0.0, day=TERM_DAYS, items_said=40)
    learner, facts = facts_of(work + test, COMPETENCIES[0])
    mastery = read_mastery(learner, facts, as_of_us=AS_OF_US, policy=DEFAULT_POLICY)
    unheld = standing(work + test).unheld.name.lower().replace("_", " ")
    assert mastery.explanation.endswith(
        f"An external test alone moves this by one step at most: proficient, not {unheld}."
    )


def test_more_evidence_moves_it_on():
    """The step holds for the test alone: weak work after it brings the decision down further."""
    work = rubric_days(*[4] * 40, dok=3)
    test = an_external_test("spring", right=0.0, day=60, items_said=40)
    later = rubric_days(*[1] * 6)
    for place, piece in enumerate(later):
        piece["occur_time_us"] = START_US + (70 + place) * DAY_US
        piece["local_day"] = START_DAY + 70 + place
    assert standing(work + test).decision == Decision.PROFICIENT
    assert standing(work + test + later).decision <= Decision.APPROACHING


def test_needs_are_held_alike():
    """What is streamed as a need has the decision that the mastery has."""
    work = class_work(3, pieces=60, ability=0.6)
    test = an_external_test("spring", right=0.0, day=TERM_DAYS, competencies=COMPETENCIES)
    for competency in COMPETENCIES:
        learner, facts = facts_of(work + test, competency)
        mastery = read_mastery(learner, facts, as_of_us=AS_OF_US, policy=DEFAULT_POLICY)
        needs = read_needs(learner, [facts], as_of_us=AS_OF_US, policy=DEFAULT_POLICY)
        assert [need.decision for need in needs] == (
            [mastery.decision] if mastery.decision < Decision.PROFICIENT else []
        )


@pytest.mark.parametrize(
    ("stands", "found", "expected"),
    [
        (Decision.EXEMPLARY, Decision.NOT_YET, Decision.PROFICIENT),
        (Decision.NOT_YET, Decision.EXEMPLARY, Decision.APPROACHING),
        (Decision.APPROACHING, Decision.PROFICIENT, Decision.PROFICIENT),
        (Decision.INSUFFICIENT, Decision.EXEMPLARY, Decision.APPROACHING),
        (Decision.INSUFFICIENT, Decision.NOT_YET, Decision.NOT_YET),
        (Decision.PROFICIENT, Decision.INSUFFICIENT, Decision.INSUFFICIENT),
    ],
)
def test_steps(stands, found, expected):
    """A step up or down; from insufficient to the lower two; insufficient is never held."""
    assert within_a_step(stands, found) == expected


def test_tests_alone_are_never_called_easy_pieces():
    """Three tests and no other work: the keys may disagree, and no piece at DOK 1 is blamed."""
    tests = [
        piece
        for number in range(3)
        for piece in an_external_test(
            f"interim-{number}", right=0.75, day=20 * (number + 1), items_said=40, seed=number
        )
    ]
    learner, facts = facts_of(tests, COMPETENCIES[0])
    mastery = read_mastery(learner, facts, as_of_us=AS_OF_US, policy=DEFAULT_POLICY)
    assert mastery.current_level_milli >= DEFAULT_POLICY.proficient_level_milli
    assert "but the estimate has" in mastery.explanation
    assert "DOK 1" not in mastery.explanation
