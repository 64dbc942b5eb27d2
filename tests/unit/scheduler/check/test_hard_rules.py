"""A lawful week, broken in one way at a time: H1 to H4 and H7 to H12, by code, place and words."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.scheduler.domain.check import check
from services.scheduler.domain.model import (
    KeepApart,
    Layout,
    LockedSession,
    OptOut,
    Scope,
    SessionKind,
)
from services.scheduler.domain.numbers import PRODUCT_TIERS
from services.scheduler.domain.week import Notice, NoticeKind, SeatRule, Term
from tests.support.doubting import found
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
    a_need,
    a_pin,
    a_problem,
    a_room,
    a_slot,
    an_absence,
    an_adult,
    an_offer,
)

WEEK = lawful_week()


def with_offer(offer_id, problem=SCHOOL, **changes):
    """Return the school with one offer changed."""
    offers = [replace(o, **changes) if o.offer_id == offer_id else o for o in problem.offers]
    return replace(problem, offers=tuple(offers))


def with_adult(adult_id, **changes):
    """Return the school with one adult changed."""
    adults = [replace(a, **changes) if a.adult_id == adult_id else a for a in SCHOOL.adults]
    return replace(SCHOOL, adults=tuple(adults))


def with_room(room_id, **changes):
    """Return the school with one room changed."""
    rooms = [replace(r, **changes) if r.room_id == room_id else r for r in SCHOOL.rooms]
    return replace(SCHOOL, rooms=tuple(rooms))


def with_learner(learner_id, **changes):
    """Return the school with one learner changed."""
    learners = [replace(x, **changes) if x.learner_id == learner_id else x for x in SCHOOL.learners]
    return replace(SCHOOL, learners=tuple(learners))


def with_need(learner_id, **changes):
    """Return the school with one learner's need changed."""
    needs = [replace(n, **changes) if n.learner_id == learner_id else n for n in SCHOOL.needs]
    return replace(SCHOOL, needs=tuple(needs))


def with_slot(slot_id, **changes):
    """Return the school with one slot changed."""
    slots = [replace(s, **changes) if s.slot_id == slot_id else s for s in SCHOOL.slots]
    return replace(SCHOOL, slots=tuple(slots))


# H1, H4: one place for all that a slot is for, and for nobody else.


def test_who_has_no_place_is_named():
    """H1: Kim is left out of slot 3."""
    seats = [s for s in WEEK.seats if (s.learner_id, s.slot_id) != ("kim", "mon-3")]
    text = found(SCHOOL, rehashed(replace(WEEK, seats=tuple(seats))))
    assert text.startswith("H1 mon-3: 1 enrolled without a place: learner kim.")


def test_whom_a_slot_is_not_for_needs_no_place_in_it():
    """H1: slot 3 is for the blue lunch, and Kim is of another; then her place breaks H4."""
    tags = [replace(x, tags=("blue",) if x.learner_id != "kim" else ()) for x in SCHOOL.learners]
    blue = replace(with_slot("mon-3", scope=Scope(tags=("blue",))), learners=tuple(tags))
    seats = [s for s in WEEK.seats if (s.learner_id, s.slot_id) != ("kim", "mon-3")]
    assert check(blue, rehashed(replace(WEEK, seats=tuple(seats)))) == []
    text = found(blue, WEEK)
    assert text.startswith("H4 mon-3: Learner kim has a place in slot mon-3, which is not for them")


def test_two_places_that_meet_in_time_are_one_too_many():
    """H1: slot 2 begins before slot 1 ends, and Kim has a seat in both."""
    early = a_slot("mon-2", "09:30", "10:00")
    school = a_problem(slots=(a_slot("mon-1"), early), rooms=(a_room("gym"), a_room()))
    school = replace(school, adults=(an_adult("ada"), an_adult("bob")))
    offers = (an_offer("o1"), an_offer("o2", "bob", room_id="gym"))
    school = replace(school, offers=offers)
    one, two = held(school, "o1", "mon-1"), held(school, "o2", "mon-2")
    text = found(school, a_week(school, (one, two), (seated("lea", one), seated("lea", two))))
    assert text.startswith("H1 mon-1: Learner lea is in session o1-mon-1 and session o2-mon-2")
    lawful = a_week(school, (one,), (seated("lea", one), exempt("lea", "mon-2", "overlap")))
    assert check(school, lawful) == []


def test_an_exemption_asks_for_a_person():
    """H1: nobody has sent Kim away."""
    seats = [s for s in WEEK.seats if (s.learner_id, s.slot_id) != ("kim", "mon-3")]
    seats.append(exempt("kim", "mon-3", "elsewhere"))
    text = found(SCHOOL, rehashed(replace(WEEK, seats=tuple(seats))))
    assert text.startswith("H1 mon-3: Learner kim is exempt (elsewhere) though nobody said so.")


def test_an_offer_is_only_for_its_scope():
    """H4: music is for grade 5; Quin and Roy are of grade 6."""
    text = [b.message for b in check(with_offer("music", scope=GRADE_5), WEEK)]
    assert len(text) == 2
    assert text[0].startswith("Learner quin sits in session music-mon-4, which is not for them.")


@pytest.mark.parametrize(
    "opt_out",
    [
        OptOut(learner_id="kim", offer_id="group"),
        OptOut(learner_id="kim", kind=SessionKind.SMALL_GROUP),
        OptOut(learner_id="kim", subject="math"),
    ],
)
def test_what_a_family_has_opted_out_of_gets_no_seat(opt_out):
    """H4: by offer, by kind, by subject."""
    text = found(replace(SCHOOL, opt_outs=(opt_out,)), WEEK)
    assert text.startswith("H4 mon-1: Learner kim sits in session group-mon-1-fractions, which the")


def test_no_pin_excuses_what_a_family_has_opted_out_of():
    """H4: the pin of an adult does not bind the family."""
    pin = a_pin("p", "roy", "mon-4", offer_id="music")
    school = replace(SCHOOL, pins=(pin,), opt_outs=(OptOut(learner_id="roy", offer_id="music"),))
    text = found(school, changed(WEEK, "roy", "mon-4", rule=SeatRule.PIN))
    assert text.startswith("H4 mon-4: Learner roy sits in session music-mon-4")


def test_who_has_left_has_no_seat():
    """H4: Roy's last day was Sunday."""
    texts = {b.rule for b in check(with_learner("roy", withdraw_date=MONDAY), WEEK)}
    assert texts == {"H4"}


# H2: adults and rooms.


def test_a_co_lead_who_is_away_leaves_a_session_unstaffed():
    """H2: the co-lead is looked at like the lead."""
    school = with_offer("music", co_adult_ids=("dan",))
    text = found(replace(school, absences=(an_absence("dan", slot_ids=("mon-4",)),)), WEEK)
    assert text.startswith("H2 mon-4: Session music-mon-4 of adult cyd is unstaffed: adult dan,")


def test_a_co_lead_leads_nothing_else_then():
    """H2: Dan leads the check while he leads the group with Ada."""
    text = found(with_offer("group", co_adult_ids=("dan",)), WEEK)
    assert "Session group-mon-1-fractions of adult ada meets session look-mon-1-fractions" in text
    assert "adult dan" in text


def test_a_co_lead_is_an_adult_of_the_school():
    """H2: nobody is called Eve."""
    text = found(with_offer("group", co_adult_ids=("eve",)), WEEK)
    assert text.startswith("H2 mon-1: Session group-mon-1-fractions of adult ada lacks a co-lead.")


def test_planning_time_is_untouched():
    """H2: Dan has planning time in slot 1."""
    text = found(with_adult("dan", slot_ids=("mon-2", "mon-3")), WEEK)
    assert text.startswith("H2 mon-1: Session look-mon-1-fractions of adult dan falls in planning")


def test_a_session_may_be_held_in_any_of_its_rooms_and_in_no_other():
    """H2: music may go to the gym, and not to the lab."""
    assert check(SCHOOL, with_session(WEEK, "music-mon-4", room_id="gym")) == []
    text = found(SCHOOL, with_session(WEEK, "music-mon-4", room_id="r1"))
    assert text.startswith("H2 mon-4: Session music-mon-4 of adult cyd is not what offer music")


def test_a_closed_room_hosts_nothing():
    """H2: room 4 is closed in slot 4."""
    text = found(with_room("r4", closed_slot_ids=("mon-4",)), WEEK)
    assert text.startswith("H2 mon-4: Session music-mon-4 of adult cyd is in room r4, which is")


def test_a_room_is_given_once_unless_it_is_shared():
    """H2: art and music both in the gym are well, until it is no longer shared."""
    school = with_offer("art", other_room_ids=("gym",))
    both = with_session(
        with_session(WEEK, "music-mon-4", room_id="gym"), "art-mon-4", room_id="gym"
    )
    assert check(school, both) == []
    lonely = replace(school, rooms=with_room("gym", shared=False).rooms)
    text = found(lonely, both)
    assert text.startswith("H2 mon-4: Session music-mon-4 of adult cyd meets session art-mon-4 in")


def test_a_session_is_of_a_tier_where_the_school_has_tiers():
    """H2: without a tier, or of one that the offer is not for, it is not what was offered."""
    tiered = replace(SCHOOL, policy=replace(SCHOOL.policy, tiers=PRODUCT_TIERS))
    with_tier = with_session(WEEK, "group-mon-1-fractions", tier_id="3", cap=3)
    assert check(tiered, with_tier) == []
    assert found(tiered, WEEK).startswith("H2 mon-1: Session group-mon-1-fractions of adult ada is")
    only_two = with_offer("group", tiered, tier_ids=("2",))
    assert "is of tier 3, which its offer is not for" in found(only_two, with_tier)


def test_an_id_stands_for_one_session():
    """H2: a second session under the same id would hide who sits where."""
    twin = with_session(WEEK, "music-mon-4", session_id="art-mon-4")
    seats = [
        replace(s, session_id="art-mon-4") if s.session_id == "music-mon-4" else s
        for s in twin.seats
    ]
    rules = {b.rule for b in check(SCHOOL, rehashed(replace(twin, seats=tuple(seats))))}
    assert "H2" in rules


# H3: sizes.


@pytest.mark.parametrize(
    ("offer_changes", "policy_changes", "cap"),
    [
        ({"cap": 1}, {}, 1),
        ({}, {"enrichment_cap": 1}, 1),
    ],
)
def test_no_more_sit_in_a_session_than_policy_and_offer_allow(offer_changes, policy_changes, cap):
    """H3: two in music, where one may."""
    school = with_offer("music", **offer_changes)
    school = replace(school, policy=replace(school.policy, **policy_changes))
    week = with_session(WEEK, "music-mon-4", cap=cap)
    messages = [b.message for b in check(school, week) if "music" in b.message]
    assert messages == [
        "Session music-mon-4 of adult cyd holds 2 learners, the cap is 1."
        " Remove a pin, or offer a larger room, and plan the week anew."
    ]


def test_a_session_states_its_cap_rightly():
    """H3: whoever reads it must know how many seats there are."""
    text = found(SCHOOL, with_session(WEEK, "group-mon-1-fractions", cap=8))
    assert "states a cap of 8, and its rules make it 5" in text


def test_the_cap_of_a_tier_binds():
    """H3: tier 3 is for three; a fourth is one too many."""
    tiered = replace(SCHOOL, policy=replace(SCHOOL.policy, tiers=PRODUCT_TIERS))
    needs = (*SCHOOL.needs[:3], *(a_need(name) for name in ("ned", "ola", "pam", "roy")))
    week = with_session(WEEK, "group-mon-1-fractions", tier_id="3", cap=3)
    group = next(s for s in week.sessions if s.offer_id == "group")
    week = moved(week, "pam", group)
    for name in ("ned", "ola"):
        week = moved(week, name, held(SCHOOL, "art", "mon-1"))
    text = found(replace(tiered, needs=needs), week)
    assert "Session group-mon-1-fractions of adult ada holds 4 learners, the cap is 3." in text


def test_a_room_holds_what_its_layout_holds():
    """H3: room 4 is set up in rows for one."""
    rooms = with_room("r4", layouts=(Layout(layout="rows", capacity=1),)).rooms
    school = replace(with_offer("music", layout="rows"), rooms=rooms)
    text = found(school, with_session(WEEK, "music-mon-4", cap=1))
    assert "puts 2 learners into room r4 set up as rows, which holds 1" in text


def test_the_sessions_of_a_shared_room_share_its_capacity():
    """H3: art with six and music with two in a gym of seven."""
    school = with_offer("art", other_room_ids=("gym",))
    school = replace(school, rooms=(*SCHOOL.rooms[:-1], a_room("gym", 7, shared=True)))
    both = with_session(WEEK, "music-mon-4", room_id="gym", cap=7)
    both = with_session(both, "art-mon-4", room_id="gym", cap=7)
    opened = [s for s in both.seats if s.slot_id != "mon-3" or s.learner_id != "roy"]
    left = a_pin("p", "roy", "mon-3", exemption="away")
    seats = (*opened, exempt("roy", "mon-3", "away"))
    both = with_session(rehashed(replace(both, seats=seats)), "open-mon-3", cap=7)
    texts = [b.message for b in check(replace(school, pins=(left,)), both)]
    assert len(texts) == 2
    assert all("makes it 8 learners in room gym, which holds 7" in text for text in texts)


def pinned(names, **changes):
    """Return pins of learners to the group in slot 1."""
    return tuple(
        a_pin(f"p-{n}", n, "mon-1", offer_id="group", competency_id="fractions", **changes)
        for n in names
    )


def a_full_group(pins, cap=5, **offer_changes):
    """Return the school with pins, and the week with six learners in the group by them."""
    school = replace(with_offer("group", **offer_changes), pins=pins)
    week = WEEK
    group = with_session(WEEK, "group-mon-1-fractions", cap=cap).sessions[0]
    for name in LEARNERS[:6]:
        week = moved(week, name, group, rule=SeatRule.PIN, weight_milli=0)
    return school, with_session(week, group.session_id, cap=cap)


def test_a_person_may_go_beyond_a_cap_with_a_reason():
    """H3: six pins to a group of five are well with a reason, and one too many without."""
    assert check(*a_full_group(pinned(LEARNERS[:6]))) == []
    text = found(*a_full_group(pinned(LEARNERS[:6], reason="")))
    assert "holds 6 learners, the cap is 5" in text


def test_the_planner_adds_nobody_to_a_session_that_is_full_by_reasons():
    """H3: five are pinned, the sixth is not."""
    school, week = a_full_group(pinned(LEARNERS[1:6]))
    week = changed(week, "kim", "mon-1", rule=SeatRule.NEED, weight_milli=1200)
    assert "holds 6 learners, the cap is 5" in found(school, week)


def test_no_reason_goes_beyond_what_law_allows():
    """H3: a legal group of four, unless the consent of every one of the six is on file."""
    school, week = a_full_group(pinned(LEARNERS[:6]), legal="HB 1416", cap=4)
    text = found(school, week)
    assert "holds 6 learners under law HB 1416, which allows 4 while consent is missing" in text
    given = [replace(x, consents=("HB 1416",)) for x in school.learners]
    assert check(replace(school, learners=tuple(given)), week) == []
    but_one = [replace(given[0], consents=()), *given[1:]]
    text = found(replace(school, learners=tuple(but_one)), week)
    assert "while consent is missing for learner kim" in text


def test_no_reason_goes_beyond_the_room():
    """H3: the room holds four."""
    school, week = a_full_group(pinned(LEARNERS[:6]), cap=4)
    rooms = [replace(r, capacity=4) if r.room_id == "r1" else r for r in school.rooms]
    text = found(
        replace(school, rooms=tuple(rooms)), with_session(week, "again-mon-2-fractions", cap=4)
    )
    assert "puts 6 learners into room r1, which holds 4" in text


# H7: what persons have settled stays.


def test_a_pin_is_kept():
    """H7: Kim is pinned to art, and sits in the group."""
    text = found(replace(SCHOOL, pins=(a_pin("p", "kim", offer_id="art"),)), WEEK)
    assert text.startswith("H7 mon-1: Pin p of learner kim to offer art is not kept.")


def test_rich_work_that_a_person_holds_is_displaced_by_no_need():
    """H7: Max is pinned to rich work in slot 1, and a prerequisite may not take him away."""
    school = replace(with_offer("art", rich=True), pins=(a_pin("p", "max", offer_id="art"),))
    assert found(school, WEEK).startswith("H7 mon-1: Pin p of learner max to offer art")
    kept = moved(WEEK, "max", held(SCHOOL, "art"), rule=SeatRule.PIN)
    assert check(school, kept) == []


@pytest.mark.parametrize(
    "locked",
    [
        LockedSession(slot_id="mon-1", offer_id="group", competency_id="angles"),
        LockedSession(slot_id="mon-2", offer_id="group"),
        LockedSession(slot_id="mon-1", offer_id="group", tier_id="2"),
    ],
)
def test_a_session_that_adults_agreed_on_is_held(locked):
    """H7: on its target, in its slot, of its tier."""
    text = found(replace(SCHOOL, locked=(locked,)), WEEK)
    assert text.startswith(f"H7 {locked.slot_id}: The session of offer group")
    kept = LockedSession(slot_id="mon-1", offer_id="group", competency_id="fractions")
    assert check(replace(SCHOOL, locked=(kept,)), WEEK) == []


# H8: who is kept apart.


APART = KeepApart(rule_id="r-7", learner_id="kim", other_id="lea")


def test_a_pair_that_is_kept_apart_shares_no_session():
    """H8: Kim and Lea are in every session together; the message names neither."""
    slots = {b.slot_id: b for b in check(replace(SCHOOL, keep_apart=(APART,)), WEEK)}
    assert set(slots) == {"mon-1", "mon-2", "mon-3", "mon-4"}
    assert {b.rule for b in slots.values()} == {"H8"}
    assert slots["mon-1"].message == (
        "Session group-mon-1-fractions brings together a pair of rule r-7, who are kept apart."
        " Plan the week anew."
    )


def test_a_rule_of_a_pair_ends():
    """H8: the first day without the rule is Monday."""
    over = replace(APART, expire_date=MONDAY)
    assert check(replace(SCHOOL, keep_apart=(over,)), WEEK) == []
    standing = replace(APART, expire_date=MONDAY + timedelta(days=1))
    assert len(check(replace(SCHOOL, keep_apart=(standing,)), WEEK)) == 4


def test_a_pair_that_is_kept_apart_shares_no_room():
    """H8: Kim in art and Roy in music, both in the gym in slot 4."""
    school = with_offer("art", other_room_ids=("gym",))
    rule = KeepApart(rule_id="r-7", learner_id="kim", other_id="roy")
    school = replace(school, keep_apart=(rule,))
    both = with_session(WEEK, "music-mon-4", room_id="gym")
    both = with_session(both, "art-mon-4", room_id="gym")
    in_4 = [b.message for b in check(school, both) if b.slot_id == "mon-4"]
    assert in_4[0].startswith("Room gym, of session art-mon-4 and session music-mon-4, brings")


def test_two_sessions_without_a_room_are_in_no_common_one():
    """H8: Kim in a talk and Lea in another, both on a walk; or one of them at home."""
    school = with_offer("music", room_id=None, other_room_ids=())
    school = replace(school, keep_apart=(APART,), pins=(a_pin("p", "lea", "mon-2", exemption="x"),))
    week = moved(WEEK, "kim", held(school, "music", "mon-1"))
    week = moved(week, "lea", held(school, "talk", "mon-1"), rule=SeatRule.PIN, weight_milli=0)
    seats = [s for s in week.seats if (s.learner_id, s.slot_id) != ("lea", "mon-2")]
    week = rehashed(replace(week, seats=(*seats, exempt("lea", "mon-2", "x"))))
    apart = {b.slot_id for b in check(school, week) if b.rule == "H8"}
    assert apart == {"mon-3", "mon-4"}


def test_the_pins_of_services_win_over_a_pair_and_whoever_set_it_is_told():
    """H8: both have speech then; without a notice that is a breach all the same."""
    pins = tuple(a_pin(n, n, "mon-2", offer_id="speech", service=True) for n in ("pam", "roy"))
    rule = KeepApart(rule_id="r-7", learner_id="pam", other_id="roy", expire_date=None)
    school = replace(SCHOOL, pins=pins, keep_apart=(rule,))
    week = moved(WEEK, "roy", held(SCHOOL, "speech", "mon-2"), rule=SeatRule.SERVICE_PIN)
    in_2 = lambda week: [b.message for b in check(school, week) if b.slot_id == "mon-2"]  # noqa: E731
    assert in_2(week) == [
        "Session speech-mon-2 brings together a pair of rule r-7, who are kept apart."
        " A service asks for it, and nobody is told. Plan the week anew, so that whoever set the"
        " rule is told."
    ]
    notice = Notice(kind=NoticeKind.SERVICE_OVER_APART, message="Told.", learner_id="pam")
    told = rehashed(replace(week, notices=(notice,)))
    assert in_2(told) == []
    # One service's pin is enough where the other seat is a person's word too, not the planner's.
    school = replace(school, pins=(pins[0], replace(pins[1], service=False)))
    by_word = changed(told, "roy", "mon-2", rule=SeatRule.PIN)
    assert [b for b in check(school, by_word) if b.slot_id == "mon-2"] == []
    school = replace(school, pins=pins[:1])
    by_planner = [b.rule for b in check(school, by_word) if b.slot_id == "mon-2"]
    assert "H8" in by_planner


# H9: the right adult.


def test_an_adult_leads_only_the_kinds_that_they_are_qualified_for():
    """H9: Ada may lead checks alone."""
    messages = [b.message for b in check(with_adult("ada", kinds=(SessionKind.CHECK,)), WEEK)]
    assert len(messages) == 2
    assert any("is a small_group: its adult is not qualified for that" in m for m in messages)


def test_an_offer_that_names_neither_subject_nor_competency_has_no_target():
    """H9: what is offered must be said."""
    text = found(with_offer("group", subject=""), WEEK)
    assert "is on competency fractions, which is not offered" in text


def test_one_adult_leads_to_the_end_of_a_course():
    """H9: Kim's is Dan, and Ada's group helps her; a pin does not change that."""
    text = found(with_need("kim", adult_id="dan"), WEEK)
    assert text.startswith("H9 mon-1: Session group-mon-1-fractions of adult ada helps learner kim")
    assert "is adult dan" in text
    pin = a_pin("p", "kim", offer_id="group")
    school = replace(with_need("kim", adult_id="dan"), pins=(pin,))
    assert found(school, changed(WEEK, "kim", "mon-1", rule=SeatRule.PIN)).startswith("H9 mon-1")


# H10: the evidence floor.


@pytest.mark.parametrize(
    "changes",
    [
        {"evidence_count": 1},
        {"day_count": 1},
        {"newest_day": date(2026, 10, 19)},
        {"newest_day": date(2026, 11, 20)},
        {"newest_day": None},
        {"level_milli": None},
    ],
)
def test_help_asks_for_enough_evidence(changes):
    """H10: count, days, age and level; what is of after the as-of day is none."""
    text = found(with_need("kim", **changes), WEEK)
    assert text.startswith("H10 mon-1: The seat of learner kim rests on too little evidence for")


@pytest.mark.parametrize(
    "changes", [{"level_milli": 3000}, {"at_least_eight_tenths_micro": 700_000}]
)
def test_help_asks_for_a_gap(changes):
    """H10: level 3, or a probability of .7, is none."""
    text = found(with_need("kim", **changes), WEEK)
    assert text.startswith("H10 mon-1: The seat of learner kim has no gap in competency fractions")


@pytest.mark.parametrize("word", ["nominated", "confirmed"])
def test_a_teachers_word_stands_for_the_evidence(word):
    """H10: of one piece, and at level 3; the gap is then half a point."""
    school = with_need("kim", evidence_count=1, day_count=1, level_milli=3000, **{word: True})
    assert check(school, changed(WEEK, "kim", "mon-1", weight_milli=500)) == []


def test_a_check_is_for_who_lacks_evidence():
    """H10: Ned's evidence is enough for help."""
    text = found(with_need("ned", evidence_count=2, day_count=2), WEEK)
    assert text.startswith("H10 mon-1: The seat of learner ned checks competency fractions, of")


# H11, H12: words, reasons, value.


def test_a_title_that_labels_is_found():
    """H11: in a hall."""
    text = found(SCHOOL, with_session(WEEK, "music-mon-4", title="Tier 2 music"))
    assert text.startswith('H11 mon-4: The title "Tier 2 music" labels learners (tier).')


def test_a_learner_reads_no_level():
    """H11: in one's own reason."""
    text = found(SCHOOL, changed(WEEK, "kim", "mon-1", learner_sentence="You are at 1.8."))
    assert text.startswith("H11 mon-1: What learner kim reads labels them (1.8).")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"staff_sentence": " "}, "has no whole reason"),
        ({"weight_milli": 1300}, "states a weight of 1300, and its need weighs 1200"),
        ({"evidence": ("e-lea-fractions",)}, "states evidence that its need does not rest on"),
        ({"rule": SeatRule.ENRICHMENT}, "is by enrichment in a small_group"),
        ({"choice_rank": 1}, "states rank 1 of a choice, and its session is of rank 0"),
    ],
)
def test_a_seat_says_why_and_says_it_rightly(changes, words):
    """H12: sentences, weight, evidence, rule and rank."""
    text = found(SCHOOL, changed(WEEK, "kim", "mon-1", **changes))
    assert text.startswith(f"H12 mon-1: The seat of learner kim {words}")


@pytest.mark.parametrize("rank", [0, 1, 3])
def test_the_rank_of_a_choice_is_stated_rightly(rank):
    """H12: music is Roy's second."""
    text = found(SCHOOL, changed(WEEK, "roy", "mon-4", choice_rank=rank))
    assert f"states rank {rank} of a choice, and its session is of rank 2" in text


def test_who_is_in_no_session_met_no_choice():
    """H12: Roy is sent home, and his exemption says that it is his second choice."""
    school = replace(SCHOOL, pins=(a_pin("p", "roy", "mon-4", exemption="home"),))
    seats = [s for s in WEEK.seats if (s.learner_id, s.slot_id) != ("roy", "mon-4")]
    for rank, rules in ((2, ["H12"]), (0, [])):
        home = replace(exempt("roy", "mon-4", "home"), choice_rank=rank)
        week = rehashed(replace(WEEK, seats=(*seats, home)))
        assert [b.rule for b in check(school, week)] == rules


def test_a_seat_of_a_choice_that_nobody_made_is_found():
    """H12: Quin did not choose music; and Pam did not ask to be assessed again."""
    text = found(SCHOOL, changed(WEEK, "quin", "mon-4", rule=SeatRule.CHOICE))
    assert "The seat of learner quin says that it was chosen, and no choice asks for it" in text
    again = next(s for s in WEEK.sessions if s.offer_id == "again")
    text = found(SCHOOL, moved(WEEK, "max", again))
    assert text.startswith("H12 mon-2: The seat of learner max says that it was chosen")


def test_a_pin_that_nobody_set_is_found():
    """H12: nothing slips under the floor by calling itself pinned."""
    text = found(SCHOOL, changed(WEEK, "kim", "mon-1", rule=SeatRule.PIN))
    assert text.startswith("H12 mon-1: The seat of learner kim says that it is pinned")


def test_a_value_that_the_seats_do_not_bear_out_is_found():
    """H12: the terms are added up anew; without terms there is nothing to doubt."""
    terms = (Term(rule="S1", value_milli=9999),)
    messages = [b.message for b in check(SCHOOL, rehashed(replace(WEEK, terms=terms)))]
    assert "The week states 9999 for S1, and its seats are worth 4800. Plan the week anew." in (
        messages
    )


def test_a_week_changed_after_it_was_hashed_is_found():
    """H12: the hash is of the very week."""
    text = found(SCHOOL, replace(WEEK, seed=99))
    assert text == "H12 : The week's hash is not the hash of the week. Plan the week anew."
