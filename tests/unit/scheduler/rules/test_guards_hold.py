"""Each guard against points: breaking it would be worth more, and the week keeps it.

Every school is planned a second time without the data of the guard, and then the week takes the
gain: so the temptation is there, and it is the guard that holds.
"""

from dataclasses import replace

import pytest

from services.scheduler.domain.check import check, departures
from services.scheduler.domain.model import (
    Choice,
    LearnerHistory,
    LockedSession,
    Mode,
    SessionKind,
)
from services.scheduler.domain.numbers import Policy, Weights
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.week import NoticeKind, SeatRule, value_of
from tests.support.schools import (
    a_competency,
    a_learner,
    a_need,
    a_pin,
    a_problem,
    a_room,
    a_slot,
    an_adult,
    an_offer,
)
from tests.support.weeks import session_of, the_best_of

GROUP, ENRICHMENT = SessionKind.SMALL_GROUP, SessionKind.ENRICHMENT
AGAIN = SessionKind.REASSESSMENT
STARTS = ("09:00", "10:00", "11:00", "12:00")
POLICY = Policy(session_minimum=1, small_group_cap=3)
ART = an_offer("art", "bob", ENRICHMENT, room_id="r2")


def slots(count, **changes):
    """Return slots of 40 minutes, one an hour."""
    made = (a_slot(f"mon-{n + 1}", at, f"{at[:2]}:40") for n, at in enumerate(STARTS[:count]))
    return tuple(replace(slot, **changes) for slot in made)


def a_school(count, *topics, **changes):
    """Return lea with a need on each topic, ada with groups on them, bob with art for all."""
    fields = {
        "slots": slots(count),
        "adults": (an_adult("ada"), an_adult("bob", ())),
        "rooms": (a_room("r1"), a_room("r2")),
        "offers": (an_offer("group", "ada", GROUP), ART),
        "learners": (a_learner("lea"),),
        "competencies": tuple(a_competency(name, name.title()) for name in topics),
        "needs": tuple(a_need("lea", name) for name in topics),
        "policy": replace(POLICY, preparations_per_day=9),
    }
    return a_problem(**(fields | changes))


def kept(guarded, free):
    """Return the week under a guard, lawful in all; without the guard it is worth more."""
    week, other = the_best_of(guarded), the_best_of(free)
    for problem, one in ((guarded, week), (free, other)):
        assert (one.breaches, check(problem, one), departures(problem, one)) == ((), [], [])
    assert value_of(other.terms) > value_of(week.terms)
    return week


def targets(week):
    """Return what lea's help seats are on, in order of time."""
    return [seat.competency_id for seat in week.seats if seat.rule is SeatRule.NEED]


def kinds(week):
    """Return the kinds of lea's sessions, in order of time."""
    return [session_of(week, seat).kind for seat in week.seats]


@pytest.mark.parametrize("far_behind", [False, True])
def test_a_need_takes_nobody_out_of_rich_work_that_they_chose(far_behind):
    """Lea has chosen rich work in the slot; the group then would be worth more than it."""
    chosen = Choice(learner_id="lea", rank=1, offer_id="art", slot_ids=("mon-1",), confirmed=True)
    free = a_school(1, "angles", offers=(an_offer("group", "ada", GROUP), ART), choices=(chosen,))
    learner = replace(free.learners[0], far_behind=far_behind)
    free = replace(free, learners=(learner,))
    guarded = replace(free, offers=(free.offers[0], replace(ART, rich=True)))
    assert targets(the_best_of(free)) == ["angles"]
    assert kinds(the_best_of(guarded)) == [ENRICHMENT]


@pytest.mark.parametrize("is_locked", [False, True])
def test_a_need_takes_nobody_out_of_a_seat_that_an_adult_has_set(is_locked):
    """Lea works on a project in rich work; the group at the same time would be worth 1.2."""
    rich = replace(ART, rich=True)
    free = a_school(1, "angles", offers=(an_offer("group", "ada", GROUP), rich))
    locked = (LockedSession(slot_id="mon-1", offer_id="art"),) if is_locked else ()
    guarded = replace(free, locked=locked, pins=(a_pin(learner_id="lea", offer_id="art"),))
    assert kinds(kept(guarded, free)) == [ENRICHMENT]


def on_ground(**changes):
    """Return a school in which angles, which ada works on, are what lea's need in circles is on."""
    group = an_offer("group", "ada", GROUP, competencies=("angles",))
    fields = {"offers": (group, ART), "needs": (a_need("lea", "angles"), a_need("lea", "circles"))}
    problem = a_school(3, "angles", "circles", **(fields | changes))
    return problem, replace(
        problem,
        competencies=(a_competency("angles"), a_competency("circles", prerequisites=("angles",))),
    )


def test_help_on_a_prerequisite_is_not_given_alone():
    """A seat on angles would be worth 1.2, but no group on circles stands beside it."""
    free, guarded = on_ground()
    assert targets(kept(guarded, free)) == []


@pytest.mark.parametrize("beside", ["group", "rich"])
def test_help_on_a_prerequisite_is_served_beside_its_target_or_rich_work(beside):
    """With either it is given: the guard asks for no less help, but for what it is for."""
    _, guarded = on_ground()
    group = an_offer("other", "ada", GROUP, competencies=("circles",))
    more = {
        "group": (*guarded.offers, group),
        "rich": (guarded.offers[0], replace(ART, rich=True)),
    }
    week = the_best_of(replace(guarded, offers=more[beside]))
    assert "angles" in targets(week)
    assert departures(replace(guarded, offers=more[beside]), week) == []


def test_what_others_build_on_takes_half_of_the_slots_at_most():
    """Three sessions on angles would be worth 2.4; of four slots two are theirs."""
    needs = (a_need("lea", "angles", sessions=3), a_need("lea", "circles", level_milli=2900))
    names = ("angles", "circles")
    competencies = (a_competency("angles"), a_competency("circles", prerequisites=("angles",)))
    policy = replace(POLICY, need_seats_per_week=4, own_choice_seats_per_week=0)
    guarded = a_school(4, *names, competencies=competencies, needs=needs, policy=policy)
    free = replace(guarded, policy=replace(policy, prerequisite_share_milli=1000))
    assert targets(kept(guarded, free)).count("angles") == 2
    assert targets(the_best_of(free)).count("angles") == 3


def test_a_slot_of_own_choice_is_for_everybody_with_needs_too():
    """A group in every slot would be worth 1.2 more than the art that lea has in one."""
    guarded = a_school(3, "angles", "circles", "ratios")
    free = replace(guarded, policy=replace(guarded.policy, own_choice_seats_per_week=0))
    assert kinds(kept(guarded, free)).count(ENRICHMENT) == 1


def test_whoever_had_too_little_own_choice_over_weeks_has_a_slot_more_of_it():
    """Enrichment is for all: of 24 slots lea had 2 to choose, and a group would be worth 1.2."""
    free = a_school(3, "angles", "circles", "ratios")
    told = LearnerHistory(learner_id="lea", slot_count=24, own_choice_count=2)
    guarded = replace(free, histories=(told,))
    assert kinds(kept(guarded, free)).count(ENRICHMENT) == 2
    enough = replace(free, histories=(replace(told, own_choice_count=4),))
    assert kinds(the_best_of(enough)).count(ENRICHMENT) == 1


def test_no_more_help_than_the_weeks_limit():
    """A third group would be worth 1.2; two a week are the school's limit."""
    free = a_school(4, "angles", "circles", "ratios")
    guarded = replace(free, policy=replace(free.policy, need_seats_per_week=2))
    assert len(targets(kept(guarded, free))) == 2


def at_a_screen(**changes):
    """Return a school with a taught group, and one at a screen whose adult teaches lea."""
    return a_school(
        1,
        "angles",
        adults=(an_adult("ada"), an_adult("bob", ()), an_adult("cyd")),
        rooms=(a_room("r1"), a_room("r2"), a_room("r3")),
        offers=(
            an_offer("group", "ada", GROUP),
            ART,
            an_offer("screen", "cyd", GROUP, room_id="r3", mode=Mode.SCREEN),
        ),
        learners=(a_learner("lea", adult_ids=("cyd",)),),
        **changes,
    )


def test_a_taught_group_comes_before_a_screen():
    """With an adult whom lea knows the screen would be worth .03 more, were it worth the same."""
    guarded = at_a_screen()
    policy = replace(guarded.policy, weights=Weights(screen_milli=1000))
    free = replace(guarded, policy=policy)
    assert session_of(kept(guarded, free), the_best_of(guarded).seats[0]).offer_id == "group"
    assert the_best_of(free).sessions[0].offer_id == "screen"


def test_a_screen_is_better_than_no_help_at_its_stated_cost():
    """Alone it is worth three quarters of the need, which the terms of the week tell."""
    problem = at_a_screen()
    week = the_best_of(replace(problem, offers=problem.offers[1:]))
    worth = {term.rule: term.value_milli for term in week.terms}
    assert worth[Rule.GREATEST_NEED] == 1200 * 750 // 1000


def test_three_sessions_at_depth_one_in_a_row_warn_however_much_they_are_worth():
    """Lea chose the shallow art, so all three are held; deeper art says nothing, and is worth 0."""
    shallow = replace(ART, dok=1)
    chosen = Choice(learner_id="lea", rank=1, offer_id="art")
    free = a_school(3, offers=(replace(ART, dok=2),), choices=())
    guarded = replace(free, offers=(shallow,), choices=(chosen,))
    week, other = the_best_of(guarded), the_best_of(free)
    assert value_of(week.terms) > value_of(other.terms)
    assert [notice.kind for notice in week.notices] == [NoticeKind.DOK_ONE_RUN]
    assert other.notices == ()


def choosing(**changes):
    """Return lea, who has chosen art, confirmed, in the one slot, which is of own choice."""
    chosen = Choice(learner_id="lea", rank=5, offer_id="art", confirmed=True)
    fields = {"slots": slots(1, own_choice=True), "choices": (chosen,)}
    return a_school(1, "angles", **(fields | changes))


FREELY = {
    "not confirmed": {
        "choices": (Choice(learner_id="lea", rank=5, offer_id="art", confirmed=False),)
    },
    "no slot of own choice": {"slots": slots(1)},
    "far behind": {"learners": (a_learner("lea", far_behind=True),)},
}


@pytest.mark.parametrize("why", FREELY)
def test_a_confirmed_choice_outranks_a_need_in_a_slot_of_own_choice(why):
    """The art that lea chose last is worth .1, the group 1.2; each of three things sets it free."""
    guarded, free = choosing(), choosing(**FREELY[why])
    assert [seat.rule for seat in kept(guarded, free).seats] == [SeatRule.CHOICE]
    assert targets(the_best_of(free)) == ["angles"]


def test_a_confirmed_reassessment_outranks_a_need_in_a_slot_of_own_choice():
    """To try ratios again is worth .8, the group 1.2."""
    chosen = Choice(learner_id="lea", rank=1, competency_id="ratios", confirmed=True)
    again = an_offer("again", "bob", AGAIN, room_id="r2", competencies=("ratios",))
    guarded = choosing(
        adults=(an_adult("ada"), an_adult("bob")),
        offers=(an_offer("group", "ada", GROUP, competencies=("angles",)), again),
        competencies=(a_competency("angles"), a_competency("ratios")),
        choices=(chosen,),
    )
    free = replace(guarded, choices=(replace(chosen, confirmed=False),))
    assert kinds(kept(guarded, free)) == [AGAIN]
