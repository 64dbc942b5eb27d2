"""A week for a school small enough to say by hand what it must be."""

import pytest

from services.scheduler.adapters.highs.exact import HighsExact
from services.scheduler.domain.check import check
from services.scheduler.domain.encode import canonical
from services.scheduler.domain.errors import PlanCancelledError
from services.scheduler.domain.model import Decision, SessionKind
from services.scheduler.domain.numbers import Policy
from services.scheduler.domain.solve import milestones, solve
from services.scheduler.domain.week import SeatRule, Stage
from tests.support.schools import (
    AS_OF_DAY,
    MONDAY,
    a_competency,
    a_learner,
    a_need,
    a_pin,
    a_problem,
    a_room,
    a_school,
    a_slot,
    an_absence,
    an_adult,
    an_offer,
)
from tests.support.weeks import planned, rules_broken, seat_of, session_of, who_is_in

SMALL_GROUP, CHECK = SessionKind.SMALL_GROUP, SessionKind.CHECK


def learners(*names):
    """Return learners by name."""
    return tuple(a_learner(name) for name in names)


def a_helping_school(*names, **changes):
    """Return a school with one math group (ada, r1), one commons (bob, r2), and needs for all."""
    fields = {
        "adults": (an_adult("ada"), an_adult("bob", ())),
        "rooms": (a_room("r1"), a_room("r2")),
        "offers": (
            an_offer("group", "ada", SMALL_GROUP),
            an_offer("open", "bob", SessionKind.COMMONS, room_id="r2"),
        ),
        "learners": learners(*names),
        "needs": tuple(a_need(name) for name in names),
    }
    return a_problem(**(fields | changes))


def test_a_learner_without_a_need_sits_in_the_place_for_everybody():
    """The plainest week: one adult, one commons, one seat, nothing broken."""
    week = planned(a_problem())
    seat = seat_of(week, "lea")
    assert (seat.rule, session_of(week, seat).adult_id) == (SeatRule.COMMONS, "ada")
    assert (week.breaches, week.unmet) == ((), ())


def test_learners_with_one_need_meet_in_one_group():
    """Three who need fractions sit with the adult who is qualified."""
    week = planned(a_helping_school("kim", "lea", "max"))
    session = session_of(week, seat_of(week, "kim"))
    assert (session.kind, session.adult_id, session.competency_id) == (
        SMALL_GROUP,
        "ada",
        "fractions",
    )
    assert who_is_in(week, session) == ["kim", "lea", "max"]
    assert {seat.rule for seat in week.seats} == {SeatRule.NEED}


def test_the_greatest_needs_have_the_seats_and_the_rest_are_told_why():
    """Seven want five seats: the two lightest needs are unmet under H3, heaviest first."""
    names = ["a", "b", "c", "d", "e", "f", "g"]
    needs = tuple(a_need(name, level_milli=1000 + 100 * i) for i, name in enumerate(names))
    week = planned(a_helping_school(*names, needs=needs))
    assert who_is_in(week, session_of(week, seat_of(week, "a"))) == ["a", "b", "c", "d", "e"]
    assert [(u.learner_id, u.rule, u.weight_milli) for u in week.unmet] == [
        ("f", "H3", 1500),
        ("g", "H3", 1400),
    ]
    assert week.unmet[0].sentence == (
        "5 seats taken; the least of them weighs 1.60, this need 1.50."
    )
    assert week.summary.need_weight_met_micro == 9_000_000 * 1_000_000 // 11_900_000


def test_a_learner_in_two_slots_that_overlap_is_a_clash_and_never_planned():
    """Slots 9:00-9:40 and 9:30-10:00: one seat, and an exemption that says where the learner is."""
    slots = (a_slot("mon-1", "09:00", "09:40"), a_slot("mon-2", "09:30", "10:00"))
    week = planned(a_problem(slots=slots))
    seated = [s for s in week.seats if s.session_id is not None]
    assert len(seated) == 1
    other = next(s for s in week.seats if s.session_id is None)
    assert (other.exemption, other.rule) == ("overlap", SeatRule.EXEMPT)
    assert "until 9:40" in other.staff_sentence
    assert week.breaches == ()


def test_slots_that_touch_do_not_overlap():
    """9:00-9:40 and 9:40-10:00 are two slots with a seat each."""
    slots = (a_slot("mon-1", "09:00", "09:40"), a_slot("mon-2", "09:40", "10:00"))
    week = planned(a_problem(slots=slots))
    assert [seat.session_id is not None for seat in week.seats] == [True, True]


def test_one_observation_gives_a_check_and_no_help():
    """One observation of 1 is insufficient: a check session, no help seat, though one is free."""
    single = {
        "decision": Decision.INSUFFICIENT,
        "level_milli": 1000,
        "evidence_count": 1,
        "day_count": 1,
    }
    offers = (
        an_offer("group", "ada", SMALL_GROUP),
        an_offer("check", "bob", CHECK, room_id="r2"),
        an_offer("open", "cyd", SessionKind.COMMONS, room_id="r3"),
    )
    problem = a_helping_school(
        "kim",
        "lea",
        adults=(an_adult("ada"), an_adult("bob"), an_adult("cyd", ())),
        rooms=(a_room("r1"), a_room("r2"), a_room("r3")),
        offers=offers,
        needs=(a_need("kim", **single), a_need("lea", **single)),
    )
    week = planned(problem)
    assert {seat.rule for seat in week.seats} == {SeatRule.CHECK}
    assert {session.kind for session in week.sessions} == {CHECK}
    assert (week.summary.checks_due, week.summary.checks_met, week.summary.needs) == (2, 2, 0)


def test_without_a_check_session_too_little_evidence_gives_a_choice_never_help():
    """The help group stays closed to them; they sit in commons, and no need is called unmet."""
    thin = {"evidence_count": 1, "day_count": 1}
    week = planned(a_helping_school("kim", "lea", needs=(a_need("kim", **thin),)))
    assert {seat.rule for seat in week.seats} == {SeatRule.COMMONS}
    assert week.unmet == ()


def test_the_sessions_of_an_absent_adult_do_not_exist():
    """Ada is away: no fractions session, and the needs say H2; nobody sits without an adult."""
    problem = a_helping_school("kim", "lea", absences=(an_absence("ada"),))
    week = planned(problem)
    assert {session.adult_id for session in week.sessions} == {"bob"}
    assert {unmet.rule for unmet in week.unmet} == {"H2"}
    assert week.capacity[0].adults_absent == 1
    assert check(problem, week) == []


def test_a_service_pin_of_an_absent_adult_is_a_breach_that_names_both():
    """The session is unstaffed: the run says so under H5; the learner is somewhere meanwhile."""
    offers = (
        an_offer("speech", "ada", SessionKind.SERVICE),
        an_offer("open", "bob", room_id="r2"),
    )
    problem = a_helping_school(
        "lea",
        offers=offers,
        needs=(),
        pins=(a_pin(offer_id="speech", service=True),),
        absences=(an_absence("ada"),),
    )
    week = planned(problem)
    assert rules_broken(week) == ["H5"]
    assert "ada is away" in week.breaches[0].message
    assert "unstaffed" in week.breaches[0].message
    assert seat_of(week, "lea").rule is SeatRule.COMMONS


def test_an_absence_for_one_slot_leaves_the_others():
    """Ada is away in the first slot alone: her group meets in the second."""
    slots = (a_slot("mon-1"), a_slot("mon-2", "10:00", "10:40"))
    away = an_absence("ada", slot_ids=("mon-1",))
    week = planned(a_helping_school("kim", "lea", slots=slots, absences=(away,)))
    assert {s.slot_id for s in week.sessions if s.adult_id == "ada"} == {"mon-2"}


def test_nobody_teaches_what_they_are_not_qualified_for():
    """Ada offers math without being qualified for it: no session, and the unmet needs say H2."""
    week = planned(
        a_helping_school("kim", "lea", adults=(an_adult("ada", ("art",)), an_adult("bob", ())))
    )
    assert {session.kind for session in week.sessions} == {SessionKind.COMMONS}
    assert {(u.rule, u.sentence) for u in week.unmet} == {
        ("H2", "No adult of the school who is qualified offers it.")
    }


def test_no_group_is_held_for_fewer_than_the_minimum():
    """One learner alone needs fractions: no small group, the need is unmet under S7."""
    problem = a_helping_school("kim", "lea", needs=(a_need("kim"),))
    week = planned(problem)
    assert {session.kind for session in week.sessions} == {SessionKind.COMMONS}
    assert [(u.rule, u.sentence) for u in week.unmet] == [
        (
            "S7",
            "Of the learners with this need 1 could come then, as other needs or own choice fill"
            " their places; a session takes at least 2.",
        )
    ]


def test_a_minimum_above_the_cap_leaves_nobody_without_a_place():
    """Two sit in art for two, though the school holds nothing for fewer than four."""
    offers = (an_offer("art", "ada", SessionKind.ENRICHMENT, cap=2),)
    week = planned(
        a_problem(learners=learners("kim", "lea"), offers=offers, policy=Policy(session_minimum=4))
    )
    assert (len(week.seats), week.breaches) == (2, ())


def test_one_to_one_is_held_for_one():
    """An offer of individual help serves the one learner."""
    offers = (
        an_offer("single", "ada", SessionKind.ONE_TO_ONE),
        an_offer("open", "bob", room_id="r2"),
    )
    week = planned(a_helping_school("kim", "lea", offers=offers, needs=(a_need("kim"),)))
    assert seat_of(week, "kim").rule is SeatRule.NEED
    assert seat_of(week, "lea").rule is SeatRule.COMMONS


def test_a_learner_with_needs_keeps_one_slot_of_own_choice():
    """Three slots, three needs, seats for all: two are served, the third says S3."""
    slots = tuple(a_slot(f"mon-{i}", f"{8 + i:02d}:00", f"{8 + i:02d}:40") for i in (1, 2, 3))
    topics = ("fractions", "ratios", "angles")
    problem = a_helping_school(
        "kim",
        "lea",
        slots=slots,
        competencies=tuple(a_competency(t, t.title()) for t in topics),
        needs=tuple(a_need(name, topic) for name in ("kim", "lea") for topic in topics),
        policy=Policy(preparations_per_day=3, need_seats_per_week=5),
    )
    week = planned(problem)
    for name in ("kim", "lea"):
        rules = [seat.rule for seat in week.seats if seat.learner_id == name]
        assert sorted(rule.value for rule in rules) == ["commons", "need", "need"]


def test_no_more_need_seats_than_the_policy_gives():
    """One need seat a week: the second need is unmet, though a session could be held."""
    slots = tuple(a_slot(f"mon-{i}", f"{8 + i:02d}:00", f"{8 + i:02d}:40") for i in (1, 2, 3))
    problem = a_helping_school(
        "kim",
        "lea",
        slots=slots,
        competencies=(a_competency("fractions"), a_competency("ratios", "Ratios")),
        needs=tuple(a_need(n, t) for n in ("kim", "lea") for t in ("fractions", "ratios")),
        policy=Policy(need_seats_per_week=1),
    )
    week = planned(problem)
    assert week.summary.needs_met == 2
    assert len(week.unmet) == 2


def test_an_adult_prepares_no_more_than_the_policy_allows():
    """Four topics, four slots, two preparations a day: two topics are taught."""
    slots = tuple(a_slot(f"mon-{i}", f"{8 + i:02d}:00", f"{8 + i:02d}:40") for i in range(4))
    topics = ("fractions", "ratios", "angles", "graphs")
    pairs = [(f"l{t}{i}", t) for t in topics for i in range(2)]
    problem = a_helping_school(
        *(name for name, _ in pairs),
        slots=slots,
        competencies=tuple(a_competency(t, t.title()) for t in topics),
        needs=tuple(a_need(name, topic) for name, topic in pairs),
    )
    week = planned(problem)
    assert len({s.competency_id for s in week.sessions if s.adult_id == "ada"} - {None}) == 2
    assert {u.rule for u in week.unmet} == {"S7"}


def test_help_is_not_opened_where_somebody_would_lose_their_place():
    """One adult, a group of five or commons of 30, ten learners: commons, and H1 is the reason."""
    names = [f"l{i}" for i in range(10)]
    offers = (an_offer("group", "ada", SMALL_GROUP), an_offer("open", "ada"))
    problem = a_helping_school(*names, adults=(an_adult("ada"),), offers=offers)
    week = planned(problem)
    assert {session.kind for session in week.sessions} == {SessionKind.COMMONS}
    assert {u.rule for u in week.unmet} == {"H1"}
    assert week.breaches == ()


def test_a_room_that_is_not_shared_hosts_one_session():
    """Two adults with one room, and somebody without a need: the place for all, and why."""
    problem = a_helping_school(
        "kim",
        "lea",
        "max",
        needs=(a_need("kim"), a_need("lea")),
        offers=(an_offer("group", "ada", SMALL_GROUP), an_offer("open", "bob")),
    )
    week = planned(problem)
    assert len(week.sessions) == 1
    assert {(u.rule, u.sentence) for u in week.unmet} == {
        ("H2", "The room of whoever could lead it is taken then.")
    }


def test_a_shared_room_holds_no_more_than_its_capacity_in_all():
    """Two commons of 30 in a shared room of 40 seat 40; the other learners are a breach."""
    names = [f"l{i:02d}" for i in range(45)]
    problem = a_problem(
        adults=(an_adult("ada"), an_adult("bob")),
        rooms=(a_room("hall", 40, shared=True),),
        offers=(
            an_offer("one", "ada", room_id="hall", cap=30),
            an_offer("two", "bob", room_id="hall", cap=30),
        ),
        learners=learners(*names),
    )
    week = planned(problem)
    assert week.summary.seats == 40
    assert rules_broken(week) == ["H1"]
    assert week.capacity[0].short_of == 5


def test_a_week_that_does_not_fit_is_a_list_and_says_what_would_mend_it():
    """36 learners, enrichment for 30 in a room of 40: 6 lack a place, a cap of 36 mends it."""
    names = [f"l{i:02d}" for i in range(36)]
    problem = a_problem(
        rooms=(a_room(capacity=40),),
        offers=(an_offer(kind=SessionKind.ENRICHMENT, title="Genius hour"),),
        learners=learners(*names),
    )
    week = planned(problem)
    assert [(b.rule, b.slot_id) for b in week.breaches] == [("H1", "mon-1")]
    message = week.breaches[0].message
    assert "6 of 36 learners have no place" in message
    assert "6 more places" in message
    assert "cap of 36 instead of 30" in message
    assert [(c.places, c.short_of) for c in week.capacity] == [(30, 6)]
    assert {breach.rule for breach in check(problem, week)} == {"H1"}


def test_a_school_without_adults_or_slots_is_still_a_week():
    """Nobody present: everybody is without a place, as a breach; no slot: nothing to seat."""
    week = planned(a_problem(adults=()))
    assert (rules_broken(week), week.capacity[0].short_of) == (["H1"], 1)
    empty = planned(a_problem(slots=()))
    assert (empty.seats, empty.sessions, empty.breaches) == ((), (), ())


def test_who_is_not_enrolled_on_the_day_has_no_place_and_owes_none():
    """Withdrawn before, enrolled after, not enrolled: none is seated; the last day counts."""
    after = MONDAY.replace(day=24)
    people = (
        a_learner("gone", withdraw_date=MONDAY),
        a_learner("soon", enrol_date=after),
        a_learner("never", enrolled=False),
        a_learner("last", enrolled=False, withdraw_date=after),
        a_learner("first", enrol_date=MONDAY),
    )
    week = planned(a_problem(learners=people))
    assert [seat.learner_id for seat in week.seats] == ["first", "last"]
    assert week.breaches == ()


def test_enrichment_comes_before_commons_and_is_never_earned():
    """A learner with a need that is not served and one without sit in enrichment alike."""
    problem = a_problem(
        adults=(an_adult("ada"), an_adult("bob")),
        rooms=(a_room("r1"), a_room("r2", 60)),
        offers=(
            an_offer("lab", "ada", SessionKind.ENRICHMENT, title="Robot lab"),
            an_offer("open", "bob", room_id="r2"),
        ),
        learners=learners("kim", "lea"),
        needs=(a_need("kim"),),
    )
    week = planned(problem)
    assert {seat.rule for seat in week.seats} == {SeatRule.ENRICHMENT}
    assert {session.title for session in week.sessions} == {"Robot lab"}


def test_sizes_of_like_sessions_differ_by_one_at_most():
    """31 learners over three enrichments: 10, 10 and 11."""
    adults = [an_adult(name) for name in ("ada", "bob", "cyd")]
    problem = a_problem(
        adults=tuple(adults),
        rooms=tuple(a_room(f"r-{a.adult_id}") for a in adults),
        offers=tuple(
            an_offer(a.adult_id, a.adult_id, SessionKind.ENRICHMENT, room_id=f"r-{a.adult_id}")
            for a in adults
        ),
        learners=learners(*(f"l{i:02d}" for i in range(31))),
    )
    week = planned(problem)
    sizes = sorted(len(who_is_in(week, session)) for session in week.sessions)
    assert sizes == [10, 10, 11]


def test_a_run_that_is_cancelled_stops_with_no_week():
    """The wish is asked for between trials and slots; the run ends soon after it is there."""
    asked = []

    def after_three() -> bool:
        asked.append(1)
        return len(asked) > 3

    with pytest.raises(PlanCancelledError):
        solve(a_school(1), HighsExact(), seed=1, budget=10_000, cancelled=after_three)
    assert len(asked) == 4


@pytest.mark.parametrize(("looks", "budget"), [(1, 0), (2, 20), (3, 40), (5, 80), (6, 80)])
def test_a_search_that_ends_early_gives_the_week_of_its_last_milestone(looks, budget):
    """To the byte, with that as the budget; it is proved like any other."""
    asked = []

    def after_some() -> bool:
        asked.append(1)
        return len(asked) >= looks

    week = solve(a_school(1), HighsExact(), seed=1, budget=1000, enough=after_some)
    assert canonical(week) == canonical(solve(a_school(1), HighsExact(), seed=1, budget=budget))
    assert week.budget == budget


def test_progress_never_goes_back_and_passes_through_every_stage():
    """The search, the seats, the bound; the share of the whole only grows."""
    told = []
    solve(a_school(1), HighsExact(), seed=1, budget=60, report=told.append)
    stages = [progress.stage for progress in told]
    assert sorted(set(stages), key=stages.index) == list(Stage)
    shares = [progress.share for progress in told]
    assert shares == sorted(shares)
    assert (shares[0], 0.9 < shares[-1] <= 1) == (0, True)


@pytest.mark.parametrize("budget", [0, 19, 20, 130, 1000])
def test_a_greater_budget_has_all_milestones_of_a_smaller_one(budget):
    """They begin with the first week, stay within the budget and share one series."""
    mine = milestones(budget)
    assert mine[0] == 0
    assert mine[-1] <= budget
    assert milestones(budget + 500)[: len(mine)] == mine


def test_waiting_learners_come_first_at_equal_gaps():
    """One seat, two like needs: who waited two weeks has it."""
    offers = (
        an_offer("single", "ada", SessionKind.ONE_TO_ONE),
        an_offer("open", "bob", room_id="r2"),
    )
    problem = a_helping_school(
        "kim", "lea", offers=offers, needs=(a_need("kim"), a_need("lea", weeks_waiting=2))
    )
    assert seat_of(planned(problem), "lea").rule is SeatRule.NEED


def test_evidence_after_the_as_of_day_gives_no_help_seat():
    """A need whose newest day lies after the as-of day rests on what must not be read."""
    late = AS_OF_DAY.replace(day=AS_OF_DAY.day + 1)
    week = planned(a_helping_school("kim", "lea", needs=(a_need("kim", newest_day=late),)))
    assert week.summary.needs == 0
