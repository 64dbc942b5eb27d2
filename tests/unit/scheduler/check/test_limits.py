"""The limits of soft rules and the guards, each passed in one way: S1, S3, S4, S6, S7.

None of them bars publishing: `departed` sees to it that no hard rule is broken.
"""

from dataclasses import replace
from datetime import date

import pytest

from services.scheduler.domain.check import check, departures
from services.scheduler.domain.model import (
    Choice,
    GroupHistory,
    LearnerHistory,
    LockedSession,
    Section,
    SessionKind,
)
from services.scheduler.domain.numbers import PRODUCT_TIERS
from services.scheduler.domain.week import Notice, NoticeKind, SeatRule
from tests.support.doubting import departed
from tests.support.handmade import (
    GRADE_5,
    LEARNERS,
    SCHOOL,
    a_week,
    changed,
    exempt,
    held,
    lawful_week,
    moved,
    rehashed,
    seated,
    with_session,
)
from tests.support.schools import (
    MONDAY,
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

WEEK = lawful_week()

# A school of one learner, two adults and four topics: all that a learner's limits need.
SLOTS = tuple(
    a_slot(f"mon-{n}", f"{8 + n}:00".zfill(5), f"{8 + n}:40".zfill(5)) for n in range(1, 5)
)
TOPICS = ("c1", "c2", "c3", "c4")
ONE = a_problem(
    slots=SLOTS,
    adults=(an_adult("ada"), an_adult("bob", ())),
    rooms=(a_room("r1"), a_room("r2")),
    offers=(
        an_offer("talk", "ada", SessionKind.ONE_TO_ONE),
        an_offer("look", "ada", SessionKind.CHECK, minimum=1),
        an_offer("again", "ada", SessionKind.REASSESSMENT, minimum=1),
        an_offer("art", "bob", SessionKind.ENRICHMENT, room_id="r2", minimum=1),
        an_offer("open", "bob", room_id="r2"),
        an_offer("math", "bob", SessionKind.ENRICHMENT, room_id="r2", minimum=1, rich=True),
    ),
    learners=(a_learner(),),
    competencies=tuple(a_competency(c, f"Topic {c}", code="") for c in TOPICS),
    needs=tuple(a_need(competency_id=c) for c in TOPICS),
)
ONE = replace(ONE, policy=replace(ONE.policy, preparations_per_day=9))


def planned(problem, *places):
    """Return Lea's week: by slot the offer, with its target where it has one."""
    sessions = []
    for slot, place in zip(problem.slots, places, strict=True):
        offer_id, _, target = place.partition(" ")
        sessions.append(held(problem, offer_id, slot.slot_id, competency_id=target or None))
    return a_week(problem, sessions, [seated("lea", session) for session in sessions])


def pinned(week, *slot_ids):
    """Return pins for what Lea has in some slots."""
    offers = {s.slot_id: s.offer_id for s in week.sessions}
    return tuple(a_pin(slot, "lea", slot, offer_id=offers[slot]) for slot in slot_ids)


def by_pin(week, *slot_ids):
    """Return the week in which Lea's seats in some slots are by pins."""
    for slot_id in slot_ids:
        week = changed(week, "lea", slot_id, rule=SeatRule.PIN)
    return week


def with_policy(problem=ONE, **changes):
    """Return a school with another policy."""
    return replace(problem, policy=replace(problem.policy, **changes))


# S1: each need as often as it may be.


def test_a_need_is_met_as_often_as_it_says():
    """S1: once, or as often as the need's sessions."""
    week = planned(ONE, "talk c1", "talk c1", "art", "art")
    text = departed(ONE, week)
    assert text.startswith("S1 : Learner lea has 2 seats of help on competency c1, at most 1")
    twice = replace(ONE, needs=(replace(ONE.needs[0], sessions=2), *ONE.needs[1:]))
    assert departures(twice, week) == []


def test_a_check_is_held_once():
    """S1: what is not known is asked once a week."""
    thin = replace(ONE, needs=(a_need(competency_id="c1", evidence_count=1),))
    week = planned(thin, "look c1", "look c1", "art", "art")
    assert "has 2 seats of check on competency c1, at most 1" in departed(thin, week)


def test_another_try_is_given_once():
    """S3: on one competency, however often its need may be met."""
    choice = Choice(learner_id="lea", rank=1, competency_id="c1")
    needs = (replace(ONE.needs[0], sessions=2), *ONE.needs[1:])
    school = replace(ONE, choices=(choice,), needs=needs)
    week = planned(school, "again c1", "again c1", "art", "art")
    for slot_id in ("mon-1", "mon-2"):
        week = changed(week, "lea", slot_id, choice_rank=1)
    text = departed(school, week)
    assert text.startswith("S3 : Learner lea has 2 seats of reassessment on competency c1, at most")


def test_what_persons_have_settled_passes_no_limit_by_itself():
    """S1: two pins on one need are well, a third seat by the planner is not."""
    week = planned(ONE, "talk c1", "talk c1", "art", "art")
    school = replace(ONE, pins=pinned(week, "mon-1", "mon-2"))
    assert departures(school, by_pin(week, "mon-1", "mon-2")) == []
    week = planned(ONE, "talk c1", "talk c1", "talk c1", "art")
    text = departed(school, by_pin(week, "mon-1", "mon-2"))
    assert "has 3 seats of help on competency c1, at most 1" in text


# S1, guard: what others build on never takes the place of grade-level or rich work.

LADDER = replace(
    ONE,
    competencies=(
        *ONE.competencies[:2],
        a_competency("c3", "Topic c3", code="", prerequisites=("c1", "c2")),
        ONE.competencies[3],
    ),
)


def test_work_on_a_prerequisite_stands_beside_its_target():
    """S1: c1 alone, or beside what it is not for, is not allowed; beside c3 it is."""
    for beside in ("art", "talk c4"):
        text = departed(LADDER, planned(LADDER, "talk c1", beside, "art", "art"))
        assert text.startswith(
            "S1 mon-1: Learner lea has a seat on competency c1, and none on what"
        )
    assert departures(LADDER, planned(LADDER, "talk c1", "talk c3", "art", "art")) == []


def test_another_try_on_the_target_is_no_help_beside_its_prerequisite():
    """S1: the target is worked at in a help session."""
    choice = Choice(learner_id="lea", rank=1, competency_id="c3")
    school = replace(LADDER, choices=(choice,))
    week = planned(school, "talk c1", "again c3", "art", "art")
    text = departed(school, changed(week, "lea", "mon-2", choice_rank=1))
    assert text.startswith("S1 mon-1: Learner lea has a seat on competency c1, and none on what")


def test_a_pin_may_be_on_a_prerequisite_alone():
    """S1: a person decided."""
    week = by_pin(planned(LADDER, "talk c1", "art", "art", "art"), "mon-1")
    assert departures(replace(LADDER, pins=pinned(week, "mon-1")), week) == []


def test_what_is_no_need_or_builds_on_itself_is_no_prerequisite():
    """S1: c4 builds on c5, of which there is no need, and by mistake on itself."""
    odd = a_competency("c4", "Topic c4", code="", prerequisites=("c4", "c5"))
    school = replace(ONE, competencies=(*ONE.competencies[:3], odd))
    assert departures(school, planned(school, "talk c4", "art", "art", "art")) == []


def test_work_on_a_prerequisite_may_stand_beside_rich_work():
    """S1: rich enrichment is grade-level work too."""
    assert departures(LADDER, planned(LADDER, "talk c1", "math", "art", "art")) == []


def test_only_help_is_groundwork():
    """S1: another try on c1 takes nobody away from c3, for whom they asked for it."""
    choice = Choice(learner_id="lea", rank=1, competency_id="c1")
    school = replace(LADDER, choices=(choice,))
    week = changed(planned(school, "again c1", "art", "art", "art"), "lea", "mon-1", choice_rank=1)
    assert check(school, week) == departures(school, week) == []


def test_what_nothing_open_builds_on_is_no_prerequisite():
    """S1: once c3 is no need any more, c1 is a need like others."""
    settled = replace(LADDER, needs=(LADDER.needs[0], LADDER.needs[3]))
    assert departures(settled, planned(settled, "talk c1", "art", "art", "art")) == []


def test_prerequisites_take_half_of_the_slots_at_most():
    """S1: two of four are well; two are too many where a quarter is the limit."""
    week = planned(LADDER, "talk c1", "talk c2", "talk c3", "art")
    assert departures(LADDER, week) == []
    quarter = with_policy(LADDER, prerequisite_share_milli=250)
    text = departed(quarter, week)
    assert "has 2 seats on what other needs build on, at most 1 of 4 slots" in text


# S3, S4: help, own choice, enrichment.


def test_help_takes_no_more_seats_than_the_policy_gives():
    """S4: three are two too many where one is the limit."""
    week = planned(ONE, "talk c1", "talk c2", "talk c3", "art")
    assert departures(ONE, week) == []
    one = with_policy(need_seats_per_week=1)
    text = departed(one, week)
    assert text.startswith("S4 : Learner lea has 3 help seats, at most 1 a week.")
    two = planned(one, "talk c1", "talk c2", "art", "art")
    slots = ("mon-1", "mon-2")
    assert departures(replace(one, pins=pinned(two, *slots)), by_pin(two, *slots)) == []


def test_one_of_two_open_slots_or_more_is_of_own_choice():
    """S3: four seats by need in four slots; a re-assessment counts as choice, and so does a pin."""
    four = with_policy(need_seats_per_week=4)
    week = planned(four, "talk c1", "talk c2", "talk c3", "talk c4")
    text = departed(four, week)
    assert text.startswith(
        "S3 : Learner lea has 4 seats by need in 4 open slots, and keeps too few"
    )
    art = planned(four, "talk c1", "talk c2", "talk c3", "art")
    assert departures(replace(four, pins=pinned(art, "mon-4")), by_pin(art, "mon-4")) == []


def test_a_pin_to_what_was_chosen_is_of_own_choice():
    """S3: how Lea is helped in slot 4 was her choice, so the other three may be by need."""
    four = with_policy(need_seats_per_week=4)
    choice = Choice(learner_id="lea", rank=1, offer_id="talk", slot_ids=("mon-4",))
    week = by_pin(planned(four, "talk c1", "talk c2", "talk c3", "talk c4"), "mon-4")
    school = replace(four, pins=pinned(week, "mon-4"))
    assert "has 3 seats by need in 3 open slots" in departed(school, week)
    chosen = changed(week, "lea", "mon-4", choice_rank=1)
    assert departures(replace(school, choices=(choice,)), chosen) == []


def test_of_one_open_slot_none_is_kept():
    """S3: three slots are pinned to help, and the one that is left may be by need."""
    four = with_policy(need_seats_per_week=4)
    week = planned(four, "talk c1", "talk c2", "talk c3", "talk c4")
    taken = ("mon-1", "mon-2", "mon-3")
    assert departures(replace(four, pins=pinned(week, *taken)), by_pin(week, *taken)) == []


def test_a_slot_in_which_the_learner_is_exempt_is_not_open():
    """S3: of two slots a person has excused Lea from one, so the other may be by need."""
    school = replace(ONE, slots=SLOTS[:2], pins=(a_pin("p", "lea", "mon-2", exemption="out"),))
    talk = held(school, "talk", "mon-1", competency_id="c1")
    seats = (seated("lea", talk), exempt("lea", "mon-2", "out"))
    assert departures(school, a_week(school, (talk,), seats)) == []
    overlapping = (SLOTS[0], a_slot("mon-2", "09:20", "10:00"), SLOTS[2])
    school = replace(ONE, slots=overlapping)
    other = held(school, "art", "mon-3")
    seats = (seated("lea", talk), exempt("lea", "mon-2", "overlap"), seated("lea", other))
    assert departures(school, a_week(school, (talk, other), seats)) == []


def test_slots_that_meet_count_once():
    """S3: two that overlap and one more are two open slots, of which one is kept."""
    slots = (SLOTS[0], a_slot("mon-2", "09:20", "10:00"), SLOTS[2])
    school = replace(ONE, slots=slots)
    both = [held(school, "talk", "mon-1", competency_id="c1")]
    both.append(held(school, "talk", "mon-3", competency_id="c2"))
    week = a_week(school, both, [seated("lea", session) for session in both])
    text = next(b.message for b in departures(school, week))
    assert "has 2 seats by need in 2 open slots" in text
    after = replace(ONE, slots=(SLOTS[0], a_slot("mon-2", "09:40", "10:20"), SLOTS[2]))
    assert departures(after, planned(after, "talk c1", "art", "talk c2")) == []


def test_who_had_little_choice_for_weeks_keeps_one_more():
    """S4: one of thirty slots was of own choice, less than 15 %."""
    history = LearnerHistory(learner_id="lea", slot_count=30, own_choice_count=4)
    school = replace(ONE, histories=(history,))
    week = planned(ONE, "talk c1", "talk c2", "talk c3", "art")
    text = departed(school, week)
    assert text.startswith("S4 : Learner lea has 3 seats by need in 4 open slots, after weeks of")
    for enough in (
        replace(history, own_choice_count=5),
        replace(history, slot_count=20, own_choice_count=3),
    ):
        assert departures(replace(ONE, histories=(enough,)), week) == []
    three = replace(school, slots=SLOTS[:3])
    text = departed(three, planned(three, "talk c1", "talk c2", "art"))
    assert text.startswith("S4 : Learner lea has 2 seats by need in 3 open slots, after weeks of")
    two = replace(school, slots=SLOTS[:2])
    assert departures(two, planned(two, "talk c1", "art")) == []


def test_enrichment_has_a_limit_where_the_policy_gives_one():
    """S4: four in art, where two are the limit."""
    week = planned(ONE, "art", "art", "art", "art")
    assert departures(ONE, week) == []
    assert departures(with_policy(enrichment_seats_per_week=4), week) == []
    text = departed(with_policy(enrichment_seats_per_week=2), week)
    assert text.startswith("S4 : Learner lea has 4 enrichment seats, at most 2 a week.")
    slots = ("mon-1", "mon-2", "mon-3")
    week = planned(ONE, "art", "art", "art", "open")
    school = replace(with_policy(enrichment_seats_per_week=2), pins=pinned(week, *slots))
    assert departures(school, by_pin(week, *slots)) == []


# S6: calm exits.

LEFT = GroupHistory(
    learner_id="lea", competency_id="c1", exit_date=date(2026, 11, 2), entry_level_milli=2000
)


def test_who_has_left_a_group_comes_back_from_far_below_only():
    """S6: at 2.8 not, at 2.6 again; and again where a teacher says so."""
    week = changed(planned(ONE, "talk c1", "art", "art", "art"), "lea", "mon-1", weight_milli=200)
    school = replace(
        ONE, needs=(a_need(competency_id="c1", level_milli=2800),), group_histories=(LEFT,)
    )
    text = departed(school, week)
    assert text.startswith("S6 mon-1: Learner lea is back at competency c1, though they left it")
    for changes in ({"level_milli": 2600}, {"confirmed": True}):
        need = replace(school.needs[0], **changes)
        assert departures(replace(school, needs=(need,)), week) == []
    again = replace(school, choices=(Choice(learner_id="lea", rank=1, competency_id="c1"),))
    tried = changed(planned(again, "again c1", "art", "art", "art"), "lea", "mon-1", choice_rank=1)
    assert departures(again, tried) == []
    back = replace(LEFT, entry_date=date(2026, 11, 9))
    assert departures(replace(school, group_histories=(back,)), week) == []


STUCK = GroupHistory(learner_id="lea", competency_id="c1", cycles=2, entry_level_milli=1800)
NO_GAIN = Notice(kind=NoticeKind.NO_GAIN, message="Told.", learner_id="lea", competency_id="c1")


def test_the_team_is_told_instead_of_a_third_cycle_without_a_gain():
    """S6: the level is what it was on entry; a nomination is a person's word against it."""
    school = replace(ONE, group_histories=(STUCK,))
    helped = rehashed(replace(planned(ONE, "talk c1", "art", "art", "art"), notices=(NO_GAIN,)))
    text = departed(school, helped)
    assert text.startswith("S6 mon-1: Learner lea is helped on competency c1 again, after so many")
    silent = planned(ONE, "art", "art", "art", "art")
    assert "learner lea gains nothing on competency c1, and nobody is told" in departed(
        school, silent
    )
    told = rehashed(replace(silent, notices=(NO_GAIN,)))
    assert departures(school, told) == []
    assert "is said to gain nothing on competency c1, and does" in departed(ONE, told)
    for silence in (
        {"needs": (a_need(competency_id="c1", level_milli=1800, evidence_count=1),)},
        {"needs": (a_need(competency_id="c1", at_least_eight_tenths_micro=900_000),)},
        {"group_histories": (replace(STUCK, exit_date=MONDAY, entry_level_milli=2900),)},
        {"learners": (a_learner(enrolled=False),)},
        {"competencies": ONE.competencies[1:]},
    ):
        quiet = replace(school, **silence)
        if "group_histories" in silence:
            quiet = replace(quiet, needs=(a_need(competency_id="c1", level_milli=2800),))
        gains = [b for b in departures(quiet, silent) if "gains nothing" in b.message]
        assert gains == []
    thin = replace(school, needs=(a_need(competency_id="c1", evidence_count=1),))
    assert departures(thin, planned(thin, "look c1", "art", "art", "art")) == []
    nominated = replace(ONE.needs[0], nominated=True)
    helped = planned(ONE, "talk c1", "art", "art", "art")
    assert departures(replace(school, needs=(nominated, *ONE.needs[1:])), helped) == []


# S1: a class that lacks one thing as a whole.


def test_a_class_that_lacks_one_thing_is_named():
    """S1: three of five lack fractions, and the team is told once, of this class alone."""
    members = ("kim", "lea", "max", "pam", "roy")
    section = Section(section_id="6b", subject="math", learner_ids=members)
    school = replace(SCHOOL, sections=(section,))
    week = WEEK
    for name in ("kim", "lea", "max"):
        week = changed(week, name, "mon-1", weight_milli=600)
    text = departed(school, week)
    assert text.startswith("S1 : In section 6b, competency fractions is to be taught again, and")
    notice = Notice(
        kind=NoticeKind.RETEACH, message="Told.", section_id="6b", competency_id="fractions"
    )
    told = rehashed(replace(week, notices=(notice,)))
    assert departures(school, told) == []
    four = replace(school, sections=(replace(section, learner_ids=members[:4]),))
    full = rehashed(replace(WEEK, notices=(notice,)))
    assert "is named to be taught again, and too few lack it" in departed(four, full)


# S7: sizes, load, preparations.


def test_no_session_is_held_for_fewer_than_its_minimum():
    """S7: Quin alone tries again, or is locked in, or pinned."""
    week = moved(WEEK, "ola", held(SCHOOL, "art", "mon-2"))
    text = departed(SCHOOL, week)
    assert text.startswith("S7 mon-2: Session again-mon-2-fractions of adult ada is held for 1, at")
    locked = LockedSession(slot_id="mon-2", offer_id="again")
    assert departures(replace(SCHOOL, locked=(locked,)), week) == []
    pin = a_pin("p", "quin", "mon-2", offer_id="again")
    pinned = changed(week, "quin", "mon-2", rule=SeatRule.PIN)
    assert departures(replace(SCHOOL, pins=(pin,)), pinned) == []


def test_an_offer_and_a_tier_have_minimums_of_their_own():
    """S7: the group of three is asked for four."""
    offers = [replace(o, minimum=4) if o.offer_id == "group" else o for o in SCHOOL.offers]
    text = departed(replace(SCHOOL, offers=tuple(offers)), WEEK)
    assert "Session group-mon-1-fractions of adult ada is held for 3, at least 4" in text
    tiers = (replace(PRODUCT_TIERS[0], cap=5, minimum=4), PRODUCT_TIERS[1])
    tiered = with_policy(SCHOOL, tiers=tiers)
    group = "group-mon-1-fractions"
    text = departed(tiered, with_session(WEEK, group, tier_id="3"))
    assert "is held for 3, at least 4" in text
    assert departures(tiered, with_session(WEEK, group, tier_id="2")) == []


def test_enrichment_is_held_for_fewer_where_its_learners_would_have_no_other_place():
    """S7: Roy alone in music, while art has a place for him, and once art is full."""
    week = moved(WEEK, "quin", held(SCHOOL, "art", "mon-4"))
    text = departed(SCHOOL, week)
    assert text.startswith("S7 mon-4: Session music-mon-4 of adult cyd is held for 1, at least 2.")
    offers = [replace(o, cap=7) if o.offer_id == "art" else o for o in SCHOOL.offers]
    full = replace(SCHOOL, offers=tuple(offers))
    for session in [s for s in week.sessions if s.offer_id == "art"]:
        week = with_session(week, session.session_id, cap=7)
    assert departures(full, week) == []
    offers = [replace(o, scope=GRADE_5) if o.offer_id == "art" else o for o in SCHOOL.offers]
    of_5 = replace(SCHOOL, offers=tuple(offers))
    assert [b for b in departures(of_5, week) if b.rule == "S7"] == []


def test_a_full_shared_room_has_no_other_place():
    """S7: Roy alone in music, and the open in a gym for seven, which the others fill."""
    week = WEEK
    opened = held(SCHOOL, "open", "mon-4")
    for name in LEARNERS[:7]:
        week = moved(week, name, opened)
    for session in [s for s in week.sessions if s.offer_id == "open"]:
        week = with_session(week, session.session_id, cap=8)
    for capacity, count in ((7, 0), (8, 1)):
        gym = (*SCHOOL.rooms[:-1], a_room("gym", capacity, shared=True))
        found = departures(replace(SCHOOL, rooms=gym), week)
        assert len([b for b in found if "music" in b.message]) == count


def test_an_adult_leads_no_more_than_their_load():
    """S7: Bob leads four; what is locked is a person's word."""
    adults = [replace(a, load=3) if a.adult_id == "bob" else a for a in SCHOOL.adults]
    school = replace(SCHOOL, adults=tuple(adults))
    assert departed(school, WEEK).startswith("S7 : Adult bob leads 4 sessions, at most 3 a week.")
    locked = tuple(
        LockedSession(slot_id=s.slot_id, offer_id=s.offer_id)
        for s in WEEK.sessions
        if s.adult_id == "bob"
    )
    assert departures(replace(school, locked=locked), WEEK) == []


def test_a_co_lead_has_a_load_too():
    """S7: Dan leads the check, and music with Cyd."""
    offers = [
        replace(o, co_adult_ids=("dan",)) if o.offer_id == "music" else o for o in SCHOOL.offers
    ]
    adults = [replace(a, load=1) if a.adult_id == "dan" else a for a in SCHOOL.adults]
    school = replace(SCHOOL, offers=tuple(offers), adults=tuple(adults))
    assert "Adult dan leads 2 sessions, at most 1 a week" in departed(school, WEEK)


@pytest.mark.parametrize(
    ("policy", "adult", "words"),
    [
        ({"preparations_per_day": 1}, {}, "prepares 2 different things for 2026-11-23, at most 1"),
        ({}, {"preparations": 1}, "prepares 2 different things for the week, at most 1"),
    ],
)
def test_an_adult_prepares_no_more_than_they_can(policy, adult, words):
    """S7: Ada has the group and the second try, both on fractions, which are two things."""
    adults = [replace(a, **adult) if a.adult_id == "ada" else a for a in SCHOOL.adults]
    school = replace(with_policy(SCHOOL, **policy), adults=tuple(adults))
    assert f"Adult ada {words}" in departed(school, WEEK)
    locked = tuple(
        LockedSession(slot_id=slot, offer_id=offer)
        for slot, offer in (("mon-1", "group"), ("mon-2", "again"))
    )
    assert departures(replace(school, locked=locked), WEEK) == []


def test_what_is_held_twice_is_prepared_once():
    """S7: two talks on one competency, and not two on two."""
    one = with_policy(preparations_per_day=1)
    needs = (replace(ONE.needs[0], sessions=2), *ONE.needs[1:])
    same = planned(one, "talk c1", "talk c1", "open", "open")
    assert departures(replace(one, needs=needs), same) == []
    text = departed(one, planned(one, "talk c1", "talk c2", "open", "open"))
    assert "Adult ada prepares 2 different things" in text
    text = departed(one, planned(one, "art", "math", "open", "open"))
    assert "Adult bob prepares 2 different things" in text


def test_commons_and_services_need_no_preparation():
    """S7: Bob leads art and the open, and prepares one thing."""
    assert departures(with_policy(SCHOOL, preparations_per_day=2), WEEK) == []
    adults = [replace(a, preparations=1) if a.adult_id == "bob" else a for a in SCHOOL.adults]
    assert departures(replace(SCHOOL, adults=tuple(adults)), WEEK) == []


def test_limits_bar_no_publishing():
    """A week beyond every limit of this page is still without a breach."""
    week = planned(ONE, "talk c1", "talk c1", "talk c1", "talk c1")
    assert check(ONE, week) == []
    assert len(departures(ONE, week)) == 3
