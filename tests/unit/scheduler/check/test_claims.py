"""What a need may be seated for and what it weighs, by hand, from the specification."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.scheduler.domain.check.claims import (
    Stands,
    claims_of,
    is_far_behind,
    sections_to_reteach,
)
from services.scheduler.domain.model import GroupHistory, Section
from services.scheduler.domain.numbers import Policy, Weights
from tests.support.schools import AS_OF_DAY, a_competency, a_learner, a_need, a_problem

KEY = ("lea", "fractions")


def a_claim(policy=None, essential=False, history=None, **changes):
    """Return Lea's claim on fractions, None where there is none."""
    problem = a_problem(
        needs=(a_need(**changes),),
        competencies=(a_competency(essential=essential),),
        policy=policy or Policy(),
        group_histories=() if history is None else (history,),
    )
    return claims_of(problem).get(KEY)


@pytest.mark.parametrize(
    ("weight", "changes"),
    [
        (1200, {}),
        (2400, {"essential": True}),
        # The example of the documentation: level 1.8, essential, 6 days, one week waited.
        (2700, {"essential": True, "newest_day": AS_OF_DAY - timedelta(6), "weeks_waiting": 1}),
        (600, {"newest_day": AS_OF_DAY - timedelta(30)}),
        (2400, {"weeks_waiting": 4}),
        (2400, {"weeks_waiting": 9}),
        (1, {"level_milli": 2999, "newest_day": AS_OF_DAY - timedelta(30)}),
        # 17 days: freshness 1000 - 283.33 rounds to 717, and 5 x 717 / 1000 = 3.585 to 4.
        (4, {"level_milli": 2995, "newest_day": AS_OF_DAY - timedelta(17)}),
        (77, {"weight_milli": 77}),
        (500, {"level_milli": 3200, "nominated": True}),
        (500, {"level_milli": 2600, "confirmed": True}),
        (600, {"level_milli": 2400, "confirmed": True}),
        (2000, {"level_milli": None, "nominated": True}),
        (250, {"level_milli": 3200, "nominated": True, "newest_day": None}),
    ],
)
def test_help_weighs_gap_times_essential_times_freshness_times_waiting(weight, changes):
    """In thousandths of a point, halves rounded up, at least one; the caller's weight as it is."""
    claim = a_claim(**changes)
    assert (claim.stands, claim.weight_milli) == (Stands.HELP, weight)


@pytest.mark.parametrize(
    ("weight", "changes"),
    [
        (600, {"evidence_count": 1}),
        (1200, {"day_count": 1, "essential": True}),
        (600, {"newest_day": AS_OF_DAY - timedelta(31)}),
        (600, {"newest_day": AS_OF_DAY + timedelta(1)}),
        (1000, {"level_milli": None}),
        (1200, {"evidence_count": 1, "weeks_waiting": 7}),
        (1, {"evidence_count": 1, "level_milli": 2999}),
        (77, {"evidence_count": 1, "weight_milli": 77}),
    ],
)
def test_a_check_weighs_half_of_the_gap_whatever_its_age(weight, changes):
    """Where count, days, age or level fall short."""
    claim = a_claim(**changes)
    assert (claim.stands, claim.weight_milli) == (Stands.CHECK, weight)


@pytest.mark.parametrize(
    "changes", [{"level_milli": 3000}, {"at_least_eight_tenths_micro": 700_000}]
)
def test_who_has_no_gap_has_no_claim(changes):
    """Neither to help nor to a check."""
    assert a_claim(**changes) is None
    assert a_claim(evidence_count=1, **changes) is None


def test_every_number_is_the_schools():
    """1.2 x 3 x (1 - 0.2 x 6/10) x 1.1: freshness falls to 0.8 in ten days."""
    weights = Weights(essential_milli=3000, fresh_days=10, stale_milli=800, waiting_step_milli=100)
    claim = a_claim(
        Policy(weights=weights),
        essential=True,
        newest_day=AS_OF_DAY - timedelta(6),
        weeks_waiting=1,
    )
    assert claim.weight_milli == 3485


LEFT = GroupHistory(
    learner_id="lea",
    competency_id="fractions",
    exit_date=date(2026, 11, 2),
    entry_level_milli=1000,
    cycles=1,
)


@pytest.mark.parametrize(
    ("stands", "changes"),
    [
        (None, {"level_milli": 2700}),
        (Stands.HELP, {"level_milli": 2699}),
        (None, {"level_milli": 2700, "evidence_count": 1}),
        (Stands.HELP, {"level_milli": 2700, "nominated": True}),
        (Stands.HELP, {"level_milli": 2700, "confirmed": True}),
        (Stands.CHECK, {"level_milli": None}),
    ],
)
def test_who_has_left_a_group_comes_back_from_below_the_level_of_return(stands, changes):
    """S6: or by a teacher's word; without a level nothing is known of it."""
    claim = a_claim(history=LEFT, **changes)
    assert (claim.stands if claim else None) is stands


STUCK = replace(LEFT, exit_date=None, cycles=2, entry_level_milli=1800)


@pytest.mark.parametrize(
    ("stands", "history", "changes"),
    [
        (None, STUCK, {}),
        (Stands.HELP, STUCK, {"level_milli": 1801}),
        (Stands.HELP, replace(STUCK, cycles=1), {}),
        (Stands.HELP, replace(STUCK, entry_level_milli=None), {}),
        (Stands.CHECK, STUCK, {"level_milli": None}),
        (Stands.HELP, replace(STUCK, cycles=0), {"level_milli": 2800}),
        (Stands.HELP, STUCK, {"nominated": True}),
        (None, STUCK, {"confirmed": True}),
        (Stands.CHECK, STUCK, {"evidence_count": 1}),
        (None, STUCK, {"evidence_count": 1, "confirmed": True}),
    ],
)
def test_after_cycles_without_a_gain_there_is_no_more_help(stands, history, changes):
    """S6: but by a nomination; what is not known may still be asked."""
    claim = a_claim(history=history, **changes)
    assert (claim.stands if claim else None) is stands


def test_who_is_far_behind():
    """H6: half of the essential competencies due are below level 2, or the plan says so."""
    due = tuple(
        a_competency(f"c{n}", essential=n != 3, due_date=None if n == 4 else AS_OF_DAY)
        for n in range(5)
    )
    low = {"level_milli": 1999}

    def behind(*needs, learner=None, competencies=due):
        problem = a_problem(competencies=competencies)
        return is_far_behind(learner or a_learner(), needs, problem)

    two = (a_need(competency_id="c0", **low), a_need(competency_id="c1", **low))
    assert behind(*two)
    assert not behind(two[0])
    for other in (
        a_need(competency_id="c1", level_milli=2000),
        a_need(competency_id="c1", level_milli=None),
        a_need(competency_id="c3", **low),
        a_need(competency_id="c4", **low),
    ):
        assert not behind(two[0], other)
    assert not behind(*two, competencies=())
    assert not behind(*two, learner=a_learner(far_behind=False))
    assert behind(learner=a_learner(far_behind=True))


NAMES = ("a", "b", "c", "d", "e")


def a_class(lacking, *, subject="math", names=NAMES, **changes):
    """Return a school with one section, of which so many lack fractions."""
    return a_problem(
        learners=tuple(a_learner(name) for name in names),
        needs=tuple(a_need(name) for name in names[:lacking]),
        sections=(Section(section_id="6b", subject=subject, learner_ids=tuple(names)),),
        **changes,
    )


def test_what_most_of_a_class_lacks_weighs_half():
    """S1: three of five are 60 %; two are not; a class of another subject is not asked."""
    assert sections_to_reteach(a_class(3)) == {("6b", "fractions")}
    assert {c.weight_milli for c in claims_of(a_class(3)).values()} == {600}
    for school in (a_class(2), a_class(4, subject="art"), a_class(4, names=NAMES[:4])):
        assert sections_to_reteach(school) == set()
        assert {c.weight_milli for c in claims_of(school).values()} == {1200}
    assert sections_to_reteach(a_class(5, subject="")) == {("6b", "fractions")}


def test_where_evidence_is_never_stale_for_a_time_it_is_stale_at_once():
    """Freshness that falls in no days: 1 for today, the stale share from the next day on."""
    at_once = Policy(weights=Weights(fresh_days=0))
    assert a_claim(at_once).weight_milli == 1200
    assert a_claim(at_once, newest_day=AS_OF_DAY - timedelta(1)).weight_milli == 600


def test_only_who_is_on_the_roll_counts_of_a_class():
    """S1: of six, two have left; four are no class that is taught again."""
    school = a_class(5, names=(*NAMES, "f"))
    assert sections_to_reteach(school)
    left = tuple(replace(x, enrolled=x.learner_id not in "ef") for x in school.learners)
    assert sections_to_reteach(replace(school, learners=left)) == set()


def test_a_need_of_two_such_classes_weighs_half_once():
    """S1: once, however many sections a learner is in; at least a thousandth is left."""
    school = a_class(5)
    both = (*school.sections, replace(school.sections[0], section_id="6c"))
    twice = replace(school, sections=both)
    assert {c.weight_milli for c in claims_of(twice).values()} == {600}
    tiny = tuple(replace(need, weight_milli=0) for need in school.needs)
    assert {c.weight_milli for c in claims_of(replace(twice, needs=tiny)).values()} == {1}


def test_needs_of_what_is_not_known_are_no_claims():
    """Facts arrive in any order: a competency or a learner may be missing."""
    needs = (a_need("nobody"), a_need(competency_id="nothing"))
    assert claims_of(a_problem(needs=needs)) == {}
